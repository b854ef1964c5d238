#include "core/shell/regular_expression.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/full_screen.h"
#include "core/shell/text/input_files.h"

#include <fmt/format.h>
#include <algorithm>

namespace core::shell {

namespace {

class Pager {
public:
    Pager(Invocation& invocation, std::string title, const std::string& text)
        : m_invocation(invocation), m_title(std::move(title)),
          m_chop(invocation.options.has("chop-long-lines"))
    {
        for (std::size_t i = 0; i < text.size();) {
            const std::size_t end = std::min(text.find('\n', i), text.size());
            addLine(text.substr(i, end - i));
            i = end + 1;
        }
    }

    bool fits() const { return static_cast<int>(m_rows.size()) < m_invocation.out().rows(); }

    void run()
    {
        const FullScreen screen(m_invocation.out());
        for (;;) {
            draw();
            const std::optional<std::string> key = m_invocation.readKey(std::nullopt);
            if (!key || !handle(*key))
                return;
        }
    }

private:
    /// One screen row per piece that fits, unless lines are chopped.
    void addLine(std::string line)
    {
        if (m_invocation.options.has("LINE-NUMBERS"))
            line = fmt::format("{:7} ", ++m_lineCount) + line;
        const int width = std::max(m_invocation.out().columns(), 10);
        if (m_chop) {
            m_rows.push_back(std::move(line));
            return;
        }
        do {
            std::string piece = line;
            if (cellWidth(line) > width) {
                std::size_t i = 0;
                for (int used = 0; i < line.size();) {
                    std::size_t length = 1;
                    used += cellWidth(decodeUtf8(line, i, length));
                    if (used > width)
                        break;
                    i += length;
                }
                piece = line.substr(0, i);
            }
            line.erase(0, piece.size());
            m_rows.push_back(std::move(piece));
        } while (!line.empty());
    }

    int pageRows() const { return std::max(m_invocation.out().rows() - 1, 1); }
    std::size_t lastTop() const
    {
        return m_rows.size() - std::min(m_rows.size(), static_cast<std::size_t>(pageRows()));
    }

    void draw()
    {
        std::string text = "\x1b[H";
        for (int r = 0; r < pageRows(); ++r) {
            const std::size_t index = m_top + static_cast<std::size_t>(r);
            text += "\x1b[K";
            text += index < m_rows.size() ? highlighted(fitCells(m_rows[index], m_invocation.out().columns()))
                                          : "~";
            text += "\n";
        }
        std::string status = !m_message.empty() ? "\x1b[7m" + m_message + "\x1b[m"
            : m_top >= lastTop()                ? "\x1b[7m(END)\x1b[m"
            : m_first && !m_title.empty()       ? "\x1b[7m" + m_title + "\x1b[m"
                                                : ":";
        m_first = false;
        m_message.clear();
        m_invocation.print(text + "\x1b[K" + status);
    }

    std::string highlighted(const std::string& row) const
    {
        if (!m_pattern)
            return row;
        const auto match = m_pattern->search(row);
        if (!match || match->end() == match->start())
            return row;
        return row.substr(0, match->start()) + "\x1b[7m"
            + row.substr(match->start(), match->end() - match->start()) + "\x1b[27m"
            + row.substr(match->end());
    }

    void move(long rows)
    {
        const long top = static_cast<long>(m_top) + rows;
        m_top = static_cast<std::size_t>(std::clamp(top, 0L, static_cast<long>(lastTop())));
    }

    /// False: leave.
    bool handle(const std::string& key)
    {
        if (key == "q" || key == "Q" || key == "\x1bOP")
            return false;
        if (key == "j" || key == "\r" || key == "\n" || key == "e" || key == "\x1b[B" || key == "\x1bOB")
            move(1);
        else if (key == "k" || key == "y" || key == "\x1b[A" || key == "\x1bOA")
            move(-1);
        else if (key == " " || key == "f" || key == "\x06" || key == "\x1b[6~")
            move(pageRows());
        else if (key == "b" || key == "\x02" || key == "\x1b[5~")
            move(-pageRows());
        else if (key == "d" || key == "\x04")
            move(pageRows() / 2);
        else if (key == "u" || key == "\x15")
            move(-pageRows() / 2);
        else if (key == "g" || key == "<" || key == "\x1b[H")
            m_top = 0;
        else if (key == "G" || key == ">" || key == "\x1b[F")
            m_top = lastTop();
        else if (key == "/" || key == "?")
            search(key[0]);
        else if (key == "n")
            findNext(m_forward);
        else if (key == "N")
            findNext(!m_forward);
        return true;
    }

    void search(char direction)
    {
        std::string text;
        for (;;) {
            m_invocation.print(
                fmt::format("\x1b[{};1H\x1b[K{}{}", m_invocation.out().rows(), direction, text));
            const std::optional<std::string> key = m_invocation.readKey(std::nullopt);
            if (!key || *key == "\x1b")
                return;
            if (*key == "\r" || *key == "\n")
                break;
            if (*key == "\x7f" || *key == "\b") {
                if (text.empty())
                    return;
                text.pop_back();
            } else if (static_cast<unsigned char>((*key)[0]) >= 0x20) {
                text += *key;
            }
        }
        m_forward = direction == '/';
        if (!text.empty()) {
            std::string error;
            RegularExpression::Options options;
            options.ignoreCase = m_invocation.options.has("ignore-case");
            m_pattern = RegularExpression::compile(text, RegularExpression::Syntax::Extended, options, error);
            if (!m_pattern) {
                m_message = error;
                return;
            }
        }
        findNext(m_forward);
    }

    void findNext(bool forward)
    {
        if (!m_pattern) {
            m_message = "No previous search pattern";
            return;
        }
        for (std::size_t i = m_top; forward ? ++i < m_rows.size() : i-- > 0;) {
            if (m_pattern->matches(m_rows[i])) {
                m_top = std::min(i, lastTop());
                if (forward && i > lastTop())
                    m_top = lastTop();
                return;
            }
        }
        m_message = "Pattern not found  (press RETURN)";
    }

    Invocation& m_invocation;
    std::string m_title;
    bool m_chop;
    std::vector<std::string> m_rows;
    std::size_t m_top = 0;
    std::size_t m_lineCount = 0;
    std::string m_message;
    bool m_first = true;
    bool m_forward = true;
    std::optional<RegularExpression> m_pattern;
};

int less(Invocation& invocation)
{
    if (invocation.operands.empty() && invocation.in().isTerminal()) {
        invocation.print("Missing filename (\"" + invocation.name + " --help\" for help)\n");
        return 1;
    }
    std::string text;
    const bool ok = forEachInput(invocation, invocation.operands,
                                 [&](Input& input, const std::string&) { text += input.readAll(); });
    if (!invocation.out().isTerminal()) {
        invocation.print(text);
        return ok ? 0 : 1;
    }
    Pager pager(invocation, invocation.operands.empty() ? "" : invocation.operands[0], text);
    if (pager.fits()) {
        invocation.print(text + (text.empty() || text.back() == '\n' ? "" : "\n"));
        return ok ? 0 : 1;
    }
    pager.run();
    return ok ? 0 : 1;
}

} // namespace

void addLess(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "less";
    spec.summary = "display the contents of a file one screen at a time";
    spec.usage = "less [OPTION]... [FILE]...";
    spec.options = {{'i', "ignore-case", "", "ignore case in searches"},
                    {'F', "quit-if-one-screen", "", "quit if the text fits on one screen"},
                    {'N', "LINE-NUMBERS", "", "number the lines"},
                    {'R', "RAW-CONTROL-CHARS", "", "output colours as they are"},
                    {'S', "chop-long-lines", "", "chop long lines instead of wrapping them"},
                    {'X', "no-init", "", "do not clear the screen"}};
    spec.run = less;
    table.add(spec);
    spec.name = "more";
    spec.summary = "display the contents of a file in a terminal";
    table.add(std::move(spec));
}

} // namespace core::shell
