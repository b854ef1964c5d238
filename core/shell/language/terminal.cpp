#include "core/shell/language/terminal.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace core::shell {

std::string withoutControlSequences(std::string_view text)
{
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\r' || c == '\a')
            continue;
        if (c != '\x1b') {
            result += c;
            continue;
        }
        if (++i >= text.size())
            break;
        if (text[i] == '[') {
            for (++i; i < text.size() && !(text[i] >= '@' && text[i] <= '~');)
                ++i;
        } else if (text[i] == ']') {
            for (++i; i < text.size() && text[i] != '\a' && text[i] != '\x1b';)
                ++i;
        }
    }
    return result;
}

Job& Terminal::startJob(std::string commandLine)
{
    const int id = m_nextJob++;
    Job& job = m_jobs[id];
    job.id = id;
    job.commandLine = std::move(commandLine);
    return job;
}

Job& Terminal::currentJob()
{
    FL_ASSERT(m_fibers.current());
    return m_jobs.at(m_fibers.current()->job());
}

void Terminal::flush(int id)
{
    const auto it = m_jobs.find(id);
    if (it == m_jobs.end())
        return;
    Job& job = it->second;
    for (const Job::Segment& segment : job.pending) {
        Shown shown;
        shown.at = m_now();
        shown.commandLine = job.commandLine;
        shown.text = withoutControlSequences(segment.text);
        if (segment.scope)
            shown.reads.assign(segment.scope->reads.begin(), segment.scope->reads.end());
        shown.status = job.status;
        shown.knownCommand = job.knownCommand;
        job.reported = true;
        m_shown.push_back(std::move(shown));
    }
    job.pending.clear();
}

void Terminal::endScope(int id, ReadScope& scope)
{
    const auto it = m_jobs.find(id);
    if (it == m_jobs.end())
        return;
    std::vector<Job::Segment>& pending = it->second.pending;
    const auto mine = [&](const Job::Segment& s) {
        return s.scope == &scope;
    };
    if (std::none_of(pending.begin(), pending.end(), mine))
        return;
    if (!scope.reads.empty()) {
        flush(id);
        return;
    }
    std::vector<Job::Segment> merged;
    for (Job::Segment& segment : pending) {
        if (mine(segment))
            segment.scope = nullptr;
        if (!merged.empty() && !merged.back().scope && !segment.scope)
            merged.back().text += segment.text;
        else
            merged.push_back(std::move(segment));
    }
    pending = std::move(merged);
}

void Terminal::endJob(int id)
{
    const auto it = m_jobs.find(id);
    if (it == m_jobs.end())
        return;
    flush(id);
    Job& job = it->second;
    // A line that printed nothing was still run; one that printed has its status in its last piece.
    if (!job.reported) {
        Shown shown;
        shown.at = m_now();
        shown.commandLine = job.commandLine;
        shown.status = job.status;
        shown.knownCommand = job.knownCommand;
        m_shown.push_back(std::move(shown));
    }
    m_jobs.erase(it);
}

void Terminal::noteRead(const std::string& source)
{
    FL_ASSERT(m_fibers.current());
    for (ReadScope* scope = m_fibers.current()->scope; scope; scope = scope->parent)
        scope->reads.insert(source);
}

void Terminal::write(std::string_view text)
{
    echo(text);
    recordShown(text);
}

void Terminal::writeError(std::string_view text)
{
    m_errors += text;
    recordShown(text);
}

void Terminal::recordShown(std::string_view text)
{
    Fiber* fiber = m_fibers.current();
    if (!fiber)
        return;
    const auto it = m_jobs.find(fiber->job());
    if (it == m_jobs.end())
        return;
    Job& job = it->second;
    constexpr std::size_t kMaxPending = 1 << 20;
    if (!job.pending.empty() && job.pending.back().text.size() > kMaxPending)
        flush(job.id);
    if (job.pending.empty() || job.pending.back().scope != fiber->scope)
        job.pending.push_back({{}, fiber->scope});
    job.pending.back().text += text;
}

void Terminal::echo(std::string_view text)
{
    for (const char c : text) {
        if (c == '\n')
            m_output += '\r';
        m_output += c;
    }
    if (!text.empty())
        m_atLineStart = text.back() == '\n';
}

std::optional<std::string> Terminal::readKey(std::optional<sim::Duration> timeout)
{
    if (!interactive)
        return {};
    const std::optional<sim::Instant> until = timeout ? std::optional(m_now() + *timeout)
                                                      : std::optional<sim::Instant>();
    struct Reading {
        Fiber*& reader;
        ~Reading() { reader = nullptr; }
    } reading{m_reader};
    m_reader = m_fibers.current();
    while (m_keys.empty()) {
        if (until && m_now() >= *until)
            return {};
        m_fibers.block(until);
    }
    std::string key = std::move(m_keys.front());
    m_keys.pop_front();
    return key;
}

std::optional<std::string> Terminal::readTypedLine()
{
    for (;;) {
        const std::optional<std::string> key = readKey({});
        if (!key)
            return {};
        if (*key == "\r" || *key == "\n") {
            echo("\n");
            return std::exchange(m_typed, {});
        }
        if (*key == "\x04") {
            if (m_typed.empty())
                return {};
        } else if (*key == "\x7f" || *key == "\b") {
            if (!m_typed.empty()) {
                while (m_typed.size() > 1 && (static_cast<unsigned char>(m_typed.back()) & 0xc0) == 0x80)
                    m_typed.pop_back();
                m_typed.pop_back();
                echo("\b \b");
            }
        } else if (*key == "\x15") {
            for (; !m_typed.empty(); m_typed.pop_back())
                if ((static_cast<unsigned char>(m_typed.back()) & 0xc0) != 0x80)
                    echo("\b \b");
        } else if (static_cast<unsigned char>((*key)[0]) >= 0x20) {
            m_typed += *key;
            echo(*key);
        }
    }
}

void Terminal::sendKey(const std::string& bytes)
{
    if (bytes.empty())
        return;
    m_keys.push_back(bytes);
    if (m_reader)
        m_fibers.wake(m_reader);
}

namespace {

class ScreenStream final : public Stream {
public:
    explicit ScreenStream(Terminal& terminal) : m_terminal(terminal) { }
    void write(std::string_view text) override { m_terminal.write(text); }
    bool isTerminal() const override { return m_terminal.interactive; }
    int columns() const override { return m_terminal.columns; }
    int rows() const override { return m_terminal.rows; }

private:
    Terminal& m_terminal;
};

class ErrorStream final : public Stream {
public:
    explicit ErrorStream(Terminal& terminal) : m_terminal(terminal) { }
    void write(std::string_view text) override { m_terminal.writeError(text); }
    bool isTerminal() const override { return false; }

private:
    Terminal& m_terminal;
};

class KeyboardStream final : public Input {
public:
    explicit KeyboardStream(Terminal& terminal) : m_terminal(terminal) { }
    std::optional<std::string> readLine() override { return m_terminal.readTypedLine(); }
    std::string readAll() override
    {
        std::string text;
        while (std::optional<std::string> line = readLine())
            text += *line + "\n";
        return text;
    }
    bool isTerminal() const override { return true; }

private:
    Terminal& m_terminal;
};

} // namespace

std::shared_ptr<Stream> Terminal::screenStream()
{
    return std::make_shared<ScreenStream>(*this);
}

std::shared_ptr<Stream> Terminal::errorStream()
{
    return std::make_shared<ErrorStream>(*this);
}

std::shared_ptr<Input> Terminal::keyboardStream()
{
    return std::make_shared<KeyboardStream>(*this);
}

} // namespace core::shell
