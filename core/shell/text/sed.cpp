#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"
#include "core/shell/text/sed_script.h"
#include "core/shell/text_input.h"
#include "sim/engine/letters.h"

#include <algorithm>
#include <functional>
#include <set>
#include <utility>

namespace core::shell {

namespace {

/// What a replacement becomes: & and \1, \n, and \U \L \u \l \E.
std::string replacementText(const std::string& replacement, const std::string& subject,
                            const RegularExpression::Match& match)
{
    std::string out;
    char mode = 0;
    char once = 0;
    const auto add = [&](std::string_view text) {
        for (char c : text) {
            const char change = once ? once : mode;
            once = 0;
            if (change == 'U' || change == 'u')
                c = sim::raised(c);
            else if (change == 'L' || change == 'l')
                c = sim::lowered(c);
            out += c;
        }
    };
    for (std::size_t i = 0; i < replacement.size(); ++i) {
        const char c = replacement[i];
        if (c == '&') {
            add(match.group(subject, 0));
        } else if (c == '\\' && i + 1 < replacement.size()) {
            const char e = replacement[++i];
            if (e >= '0' && e <= '9')
                add(match.group(subject, static_cast<std::size_t>(e - '0')));
            else if (e == 'U' || e == 'L')
                mode = e;
            else if (e == 'u' || e == 'l')
                once = e;
            else if (e == 'E')
                mode = 0;
            else
                add(std::string(1, e == 'n' ? '\n' : e == 't' ? '\t' : e));
        } else {
            add(std::string(1, c));
        }
    }
    return out;
}

/// What `l` shows: escapes for what cannot be seen, lines of at most seventy characters.
std::string unambiguous(const std::string& text)
{
    constexpr std::size_t kWidth = 69;
    std::string out;
    std::size_t column = 0;
    for (const char c : text) {
        static constexpr std::string_view kFrom = "\\\a\b\f\n\r\t\v";
        static constexpr std::string_view kTo = "\\abfnrtv";
        std::string piece(1, c);
        const auto byte = static_cast<unsigned char>(c);
        if (const std::size_t k = kFrom.find(c); k != std::string_view::npos)
            piece = std::string("\\") + kTo[k];
        else if (byte < 0x20 || byte >= 0x7f)
            piece = std::string("\\") + static_cast<char>('0' + (byte >> 6)) + static_cast<char>('0' + (byte >> 3 & 7))
                + static_cast<char>('0' + (byte & 7));
        if (column + piece.size() > kWidth) {
            out += "\\\n";
            column = 0;
        }
        out += piece;
        column += piece.size();
    }
    return out + "$\n";
}

class SedMachine {
public:
    SedMachine(Invocation& invocation, std::vector<SedCommand> commands, bool quiet)
        : m_invocation(invocation), m_commands(std::move(commands)), m_quiet(quiet)
    { }

    /// Runs over one input; `write` gets the output.
    void run(Input& input, bool lastInput, const std::function<void(const std::string&)>& write)
    {
        m_write = write;
        m_input = &input;
        m_lastInput = lastInput;
        m_looksAhead = std::any_of(m_commands.begin(), m_commands.end(), [](const SedCommand& c) {
            return c.first.kind == Address::Kind::Last || c.second.kind == Address::Kind::Last
                || c.name == 'n' || c.name == 'N';
        });
        if (m_looksAhead)
            fill();
        while (!m_quit && nextLine()) {
            cycle();
            finishCycle();
        }
    }
    char recordEnd = '\n'; ///< NUL with -z
    int status() const { return m_status; }
    bool quit() const { return m_quit; }

private:
    /// One line ahead, when the script has to know whether a line is the last. Any other script gets each
    /// line as it comes, so that `tail -f | sed` streams.
    void fill()
    {
        m_ahead = m_input->readLine();
        m_aheadNewline = m_input->endedWithNewline();
    }
    bool nextLine()
    {
        if (!m_looksAhead)
            fill();
        if (!m_ahead)
            return false;
        m_space = std::move(*m_ahead);
        m_newline = m_aheadNewline;
        ++m_number;
        m_last = false;
        if (m_looksAhead) {
            fill();
            m_last = !m_ahead && m_lastInput;
        }
        return true;
    }

    bool matches(const Address& address)
    {
        switch (address.kind) {
        case Address::Kind::None: return true;
        case Address::Kind::Line: return m_number == address.line;
        case Address::Kind::Step:
            return address.step == 0
                ? m_number == address.line
                : m_number >= address.line && (m_number - address.line) % address.step == 0;
        case Address::Kind::Last: return m_last;
        case Address::Kind::Pattern: return address.pattern->matches(m_space);
        case Address::Kind::Relative: return false;
        }
        return false;
    }

    bool selected(SedCommand& command)
    {
        if (command.second.kind == Address::Kind::None)
            return matches(command.first) != command.negated;
        bool in = false;
        if (command.active) {
            in = true;
            if (command.rangeEnd > 0 ? m_number >= command.rangeEnd : matches(command.second))
                command.active = false;
            if (command.rangeEnd > 0 && m_number > command.rangeEnd)
                in = false;
        } else if (matches(command.first)
                   || (command.first.kind == Address::Kind::Line && command.first.line == 0
                       && m_number == 1)) {
            in = true;
            command.rangeEnd = 0;
            if (command.second.kind == Address::Kind::Line)
                command.rangeEnd = command.second.line;
            else if (command.second.kind == Address::Kind::Relative)
                command.rangeEnd = m_number + command.second.line;
            const bool numbered = command.second.kind == Address::Kind::Line
                || command.second.kind == Address::Kind::Relative;
            // 0,/pattern/ may end on the very first line.
            const bool fromZero = command.first.kind == Address::Kind::Line && command.first.line == 0;
            command.active = numbered ? command.rangeEnd > m_number
                : fromZero            ? !matches(command.second)
                                      : !(command.second.kind == Address::Kind::Last && m_last);
        }
        return in != command.negated;
    }

    void print(const std::string& text) { m_write(m_newline ? text + recordEnd : text); }

    void cycle()
    {
        m_deleted = false;
        bool replaced = false;
        constexpr std::size_t kMaxSteps = 1'000'000;
        std::size_t steps = 0;
        for (std::size_t i = 0; i < m_commands.size() && !m_quit; ++i) {
            if (++steps > kMaxSteps) {
                m_invocation.sleep(std::chrono::milliseconds(10));
                steps = 0;
            }
            SedCommand& command = m_commands[i];
            if (!selected(command)) {
                if (command.name == '{')
                    i = command.jump;
                continue;
            }
            switch (command.name) {
            case 's': replaced |= substitute(command); break;
            case 'y':
                for (char& c : m_space)
                    if (const std::size_t k = command.from.find(c); k != std::string::npos)
                        c = command.to[k];
                break;
            case 'd': m_deleted = true; return;
            case 'D': {
                const std::size_t newline = m_space.find('\n');
                m_deleted = true;
                if (newline == std::string::npos)
                    return;
                m_space.erase(0, newline + 1);
                m_deleted = false;
                i = static_cast<std::size_t>(-1);
                break;
            }
            case 'p': m_write(m_space + recordEnd); break;
            case 'P': m_write(m_space.substr(0, m_space.find('\n')) + "\n"); break;
            case '=': m_write(std::to_string(m_number) + "\n"); break;
            case 'l': m_write(unambiguous(m_space)); break;
            case 'w': writeTo(command.file); break;
            case 'r':
                m_append += m_invocation.system()
                                .readFile(m_invocation.place(), m_invocation.absolutePath(command.file))
                                .text;
                break;
            case 'a': m_append += command.text; break;
            case 'i': m_write(command.text); break;
            case 'c':
                if (command.second.kind == Address::Kind::None || !command.active || command.negated)
                    m_write(command.text);
                m_deleted = true;
                return;
            case 'n':
                if (!m_ahead) {
                    if (m_quiet)
                        m_deleted = true;
                    m_quit = m_lastInput;
                    return;
                }
                if (!m_quiet)
                    print(m_space);
                flushAppend();
                nextLine();
                break;
            case 'N': {
                if (!m_ahead) {
                    m_quit = m_lastInput;
                    return;
                }
                const std::string before = m_space;
                nextLine();
                m_space = before + "\n" + m_space;
                constexpr std::size_t kMaxSpace = 8 * 1024 * 1024;
                if (m_space.size() > kMaxSpace)
                    m_quit = true;
                break;
            }
            case 'g': m_space = m_hold; break;
            case 'G': m_space += "\n" + m_hold; break;
            case 'h': m_hold = m_space; break;
            case 'H': m_hold += "\n" + m_space; break;
            case 'x': std::swap(m_space, m_hold); break;
            case 'b': i = command.jump - (command.jump < m_commands.size() ? 0 : 1); break;
            case 't':
                if (replaced) {
                    replaced = false;
                    i = command.jump - (command.jump < m_commands.size() ? 0 : 1);
                }
                break;
            case 'T':
                if (!replaced)
                    i = command.jump - (command.jump < m_commands.size() ? 0 : 1);
                replaced = false;
                break;
            case 'q':
                m_quit = true;
                m_status = static_cast<int>(command.occurrence);
                return;
            case 'Q':
                m_quit = m_deleted = true;
                m_status = static_cast<int>(command.occurrence);
                return;
            default: break;
            }
        }
    }

    /// The file is emptied when the first line goes to it.
    void writeTo(const std::string& path)
    {
        if (path == "/dev/stdout") {
            m_write(m_space + "\n");
            return;
        }
        const bool fresh = m_written.insert(path).second;
        m_invocation.system().writeFile(m_invocation.place(), m_invocation.absolutePath(path), m_space + "\n", !fresh);
    }

    void flushAppend()
    {
        if (!m_append.empty())
            m_write(std::exchange(m_append, {}));
    }

    void finishCycle()
    {
        if (!m_deleted && !m_quiet)
            print(m_space);
        flushAppend();
    }

    bool substitute(const SedCommand& command)
    {
        std::string out;
        std::size_t from = 0;
        std::size_t copied = 0;
        std::size_t count = 0;
        bool changed = false;
        while (from <= m_space.size()) {
            const auto match = command.pattern->search(m_space, from);
            if (!match)
                break;
            const bool empty = match->end() == match->start();
            // An empty match right behind the previous one does not count.
            if (!(empty && count > 0 && match->start() == copied)) {
                ++count;
                if (count >= command.occurrence) {
                    out += m_space.substr(copied, match->start() - copied);
                    out += replacementText(command.replacement, m_space, *match);
                    copied = match->end();
                    changed = true;
                    if (!command.global)
                        break;
                }
            }
            from = empty ? match->end() + 1 : match->end();
        }
        if (!changed)
            return false;
        out += m_space.substr(std::min(copied, m_space.size()));
        m_space = std::move(out);
        if (command.print)
            m_write(m_space + recordEnd);
        if (!command.file.empty())
            writeTo(command.file);
        return true;
    }

    Invocation& m_invocation;
    std::vector<SedCommand> m_commands;
    bool m_quiet;
    std::function<void(const std::string&)> m_write;
    Input* m_input = nullptr;
    bool m_lastInput = true;
    bool m_looksAhead = false;
    std::optional<std::string> m_ahead;
    bool m_aheadNewline = true;
    std::string m_space, m_hold, m_append;
    std::set<std::string> m_written; ///< files that w opened
    bool m_newline = true;
    bool m_last = false;
    bool m_deleted = false;
    bool m_quit = false;
    std::size_t m_number = 0;
    int m_status = 0;
};

/// -z: records end with NUL, so newlines are characters like others.
class NulInput final : public Input {
public:
    explicit NulInput(std::string text) : m_text(std::move(text)) { }
    std::optional<std::string> readLine() override
    {
        if (m_position >= m_text.size())
            return {};
        const std::size_t end = m_text.find('\0', m_position);
        m_ended = end != std::string::npos;
        std::string record = m_text.substr(m_position, end - m_position);
        m_position += record.size() + 1;
        return record;
    }
    std::string readAll() override { return m_text; }
    bool isTerminal() const override { return false; }
    bool endedWithNewline() const override { return m_ended; }

private:
    std::string m_text;
    std::size_t m_position = 0;
    bool m_ended = true;
};

int sed(Invocation& invocation)
{
    std::vector<std::string> operands = invocation.operands;
    std::string script;
    for (const std::string& text : invocation.options.values("expression"))
        script += (script.empty() ? "" : "\n") + text;
    for (const std::string& path : invocation.options.values("file")) {
        const auto text = readFileOrComplain(invocation, path);
        if (!text)
            return 1;
        script += (script.empty() ? "" : "\n") + *text;
    }
    if (script.empty() && !invocation.options.has("expression") && !invocation.options.has("file")) {
        if (operands.empty()) {
            invocation.err().write(
                "Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...\n");
            return 1;
        }
        script = operands.front();
        operands.erase(operands.begin());
    }
    const bool extended = invocation.options.has("regexp-extended") || invocation.options.has("r");
    std::vector<SedCommand> commands;
    try {
        commands = parseSed(script, extended);
    } catch (const SedError& error) {
        return invocation.fail(1, error.text);
    }
    const bool quiet = invocation.options.has("quiet");
    if (invocation.options.has("in-place")) {
        int status = 0;
        for (const std::string& path : operands) {
            const auto text = readFileOrComplain(invocation, path);
            if (!text) {
                status = 2;
                continue;
            }
            const std::string suffix = invocation.options.value("in-place");
            const std::string absolute = invocation.absolutePath(path);
            if (!suffix.empty())
                invocation.system().writeFile(invocation.place(), absolute + suffix, *text, false);
            TextInput input(*text);
            std::string out;
            SedMachine machine(invocation, commands, quiet);
            machine.run(input, true, [&](const std::string& piece) { out += piece; });
            const Errno error = invocation.system().writeFile(invocation.place(), absolute, out, false);
            if (error != Errno::None)
                status = invocation.fail(4,
                                         "couldn't open file " + path + ": " + std::string(describe(error)));
        }
        return status;
    }
    SedMachine machine(invocation, std::move(commands), quiet);
    const bool nullData = invocation.options.has("null-data");
    if (nullData)
        machine.recordEnd = '\0';
    const auto write = [&](const std::string& text) {
        invocation.print(text);
    };
    if (operands.size() <= 1 || nullData || invocation.options.has("separate")) {
        const bool ok = forEachInput(invocation, operands, [&](Input& input, const std::string&) {
            if (!nullData) {
                machine.run(input, true, write);
                return;
            }
            NulInput records(input.readAll());
            machine.run(records, true, write);
        });
        return ok ? machine.status() : 2;
    }
    // Several files are one stream.
    std::string all;
    const bool ok = forEachInput(invocation, operands,
                                 [&](Input& input, const std::string&) { all += input.readAll(); });
    TextInput input(std::move(all));
    machine.run(input, true, write);
    return ok ? machine.status() : 2;
}

} // namespace

void addSed(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "sed";
    spec.summary = "stream editor for filtering and transforming text";
    spec.usage = "sed [OPTION]... {script-only-if-no-other-script} [input-file]...";
    spec.options = {
        {'n', "quiet", "", "suppress automatic printing of pattern space"},
        {'e', "expression", "script", "add the script to the commands to be executed"},
        {'f', "file", "script-file", "add the contents of script-file to the commands"},
        {'E', "regexp-extended", "", "use extended regular expressions in the script"},
        {'r', "", "", "same as -E"},
        {'i', "in-place", "SUFFIX", "edit files in place (makes backup if SUFFIX supplied)", true},
        {'s', "separate", "", "consider files as separate rather than as a single, continuous long stream"},
        {'u', "unbuffered", "", "load minimal amounts of data from the input files"},
        {'z', "null-data", "", "separate lines by NUL characters"}};
    spec.run = sed;
    table.add(std::move(spec));
}

} // namespace core::shell
