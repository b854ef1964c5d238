#include "core/shell/language/streams.h"

#include <algorithm>

namespace core::shell {

void Pipe::wakeAll()
{
    for (Fiber* fiber : m_waiting)
        m_fibers.wake(fiber);
    m_waiting.clear();
}

void Pipe::wait()
{
    struct Waiting {
        Pipe& pipe;
        Fiber* fiber;
        ~Waiting() { std::erase(pipe.m_waiting, fiber); }
    } waiting{*this, m_fibers.current()};
    m_waiting.push_back(waiting.fiber);
    m_fibers.block();
}

class PipeOutput final : public Stream {
public:
    explicit PipeOutput(std::shared_ptr<Pipe> pipe) : m_pipe(std::move(pipe)) { }
    ~PipeOutput() override
    {
        m_pipe->m_writerGone = true;
        m_pipe->wakeAll();
    }
    void write(std::string_view text) override
    {
        constexpr int kBrokenPipe = 141; // 128 + SIGPIPE
        while (!text.empty()) {
            if (m_pipe->m_readerGone)
                throw Interrupted{kBrokenPipe};
            const std::size_t used = m_pipe->m_buffer.size() - m_pipe->m_start;
            if (used >= Pipe::kCapacity) {
                m_pipe->wait();
                // Costs virtual time, so that `yes | cat >/dev/null` yields and can be interrupted.
                m_pipe->m_fibers.sleepFor(std::chrono::milliseconds(1));
                continue;
            }
            const std::size_t n = std::min(text.size(), Pipe::kCapacity - used);
            m_pipe->m_buffer.append(text.substr(0, n));
            text.remove_prefix(n);
            m_pipe->wakeAll();
        }
    }
    bool isTerminal() const override { return false; }

private:
    std::shared_ptr<Pipe> m_pipe;
};

class PipeInput final : public Input {
public:
    explicit PipeInput(std::shared_ptr<Pipe> pipe) : m_pipe(std::move(pipe)) { }
    ~PipeInput() override
    {
        m_pipe->m_readerGone = true;
        m_pipe->wakeAll();
    }
    std::optional<std::string> readLine() override
    {
        std::string line;
        for (;;) {
            Pipe& pipe = *m_pipe;
            if (pipe.m_start == pipe.m_buffer.size()) {
                if (pipe.m_writerGone) {
                    m_endedWithNewline = false;
                    return line.empty() ? std::nullopt : std::optional(std::move(line));
                }
                pipe.wait();
                continue;
            }
            const std::size_t newline = pipe.m_buffer.find('\n', pipe.m_start);
            const std::size_t end = newline == std::string::npos ? pipe.m_buffer.size() : newline;
            line.append(pipe.m_buffer, pipe.m_start, end - pipe.m_start);
            consume(newline == std::string::npos ? end : end + 1);
            if (newline != std::string::npos) {
                m_endedWithNewline = true;
                return line;
            }
        }
    }
    std::string readAll() override
    {
        std::string text;
        for (;;) {
            text.append(m_pipe->m_buffer, m_pipe->m_start);
            consume(m_pipe->m_buffer.size());
            if (m_pipe->m_writerGone)
                return text;
            // An endless writer (yes | sort) must not eat the machine: the reader gets what fits.
            if (text.size() >= CaptureOutput::kLimit)
                return text;
            m_pipe->wait();
        }
    }
    bool isTerminal() const override { return false; }
    bool endedWithNewline() const override { return m_endedWithNewline; }

private:
    void consume(std::size_t upTo)
    {
        Pipe& pipe = *m_pipe;
        pipe.m_start = upTo;
        if (pipe.m_start == pipe.m_buffer.size()) {
            pipe.m_buffer.clear();
            pipe.m_start = 0;
        } else if (pipe.m_start > Pipe::kCapacity / 2) {
            pipe.m_buffer.erase(0, pipe.m_start);
            pipe.m_start = 0;
        }
        pipe.wakeAll();
    }
    std::shared_ptr<Pipe> m_pipe;
    bool m_endedWithNewline = true;
};

std::pair<std::shared_ptr<Stream>, std::shared_ptr<Input>> Pipe::make(Fibers& fibers)
{
    auto pipe = std::make_shared<Pipe>(fibers);
    return {std::make_shared<PipeOutput>(pipe), std::make_shared<PipeInput>(pipe)};
}

void FileOutput::write(std::string_view text)
{
    constexpr std::size_t kPiece = 64 * 1024;
    m_pending.append(text);
    if (m_pending.size() >= kPiece)
        flush();
}

void FileOutput::flush()
{
    if (m_pending.empty())
        return;
    m_system.writeFile(m_place, m_path, m_pending, true);
    m_pending.clear();
}

} // namespace core::shell
