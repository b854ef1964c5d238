#include "core/shell/paths.h"
#include "core/shell/pattern.h"
#include "core/shell/regular_expression.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"
#include "core/shell/text_input.h"

#include <fmt/format.h>
#include <deque>
#include <utility>

namespace core::shell {

namespace {

using Syntax = RegularExpression::Syntax;

class Grep {
public:
    explicit Grep(Invocation& invocation) : m_invocation(invocation), m_options(invocation.options) { }

    int run()
    {
        if (!compile())
            return 2;
        const auto context = [&](const char* name) -> std::optional<std::size_t> {
            const std::string text = m_options.value(name, m_options.value("context", "0"));
            if (text.empty() || text.size() > 9
                || text.find_first_not_of("0123456789") != std::string::npos) {
                m_invocation.err().write("grep: " + text + ": invalid context length argument\n");
                return {};
            }
            return std::stoul(text);
        };
        const auto before = context("before-context");
        const auto after = context("after-context");
        if (!before || !after)
            return 2;
        m_context = m_options.has("before-context") || m_options.has("after-context")
            || m_options.has("context");
        m_before = *before;
        m_after = *after;
        const std::string most = m_options.value("max-count");
        if (!most.empty()) {
            if (most.size() > 9 || most.find_first_not_of("0123456789") != std::string::npos) {
                m_invocation.err().write("grep: invalid max count\n");
                return 2;
            }
            m_most = std::stoul(most);
        }
        std::vector<std::string> paths = m_paths;
        const bool recursive = m_options.has("recursive") || m_options.has("dereference-recursive");
        if (paths.empty() && recursive)
            paths.emplace_back(".");
        m_named = (paths.size() > 1 || recursive || m_options.has("with-filename"))
            && !m_options.has("no-filename");
        m_colour = m_invocation.out().isTerminal() && m_options.value("color", "auto") != "never";
        if (paths.empty())
            search(m_invocation.in(), "(standard input)");
        for (const std::string& path : paths) {
            if (path == "-")
                search(m_invocation.in(), "(standard input)");
            else
                searchPath(path, recursive, 0);
            if (m_matched && m_options.has("quiet"))
                break;
        }
        return m_failed && !(m_matched && m_options.has("quiet")) ? 2 : m_matched ? 0 : 1;
    }

private:
    bool compile()
    {
        std::vector<std::string> patterns;
        m_paths = m_invocation.operands;
        if (m_options.has("regexp") || m_options.has("file")) {
            for (const std::string& text : m_options.values("regexp"))
                addPatterns(text, patterns);
            for (const std::string& path : m_options.values("file")) {
                const auto text = readFileOrComplain(m_invocation, path);
                if (!text)
                    return false;
                addPatterns(!text->empty() && text->back() == '\n' ? text->substr(0, text->size() - 1)
                                                                   : *text,
                            patterns);
            }
        } else if (!m_paths.empty()) {
            addPatterns(m_paths.front(), patterns);
            m_paths.erase(m_paths.begin());
        } else {
            m_invocation.err().write(
                "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n");
            return false;
        }
        Syntax syntax = m_invocation.name == "egrep" ? Syntax::Extended
            : m_invocation.name == "fgrep"           ? Syntax::Fixed
                                                     : Syntax::Basic;
        if (m_options.has("extended-regexp"))
            syntax = Syntax::Extended;
        if (m_options.has("fixed-strings"))
            syntax = Syntax::Fixed;
        if (m_options.has("perl-regexp"))
            syntax = Syntax::Perl;
        RegularExpression::Options options;
        options.ignoreCase = m_options.has("ignore-case");
        options.wholeWord = m_options.has("word-regexp");
        options.wholeLine = m_options.has("line-regexp");
        for (const std::string& pattern : patterns) {
            std::string error;
            auto regex = RegularExpression::compile(pattern, syntax, options, error);
            if (!regex) {
                m_invocation.err().write("grep: " + error + "\n");
                return false;
            }
            m_patterns.push_back(std::move(*regex));
        }
        return true;
    }

    static void addPatterns(const std::string& text, std::vector<std::string>& patterns)
    {
        for (std::size_t i = 0;;) {
            const std::size_t newline = text.find('\n', i);
            patterns.push_back(text.substr(i, newline - i));
            if (newline == std::string::npos)
                return;
            i = newline + 1;
        }
    }

    std::optional<RegularExpression::Match> find(std::string_view line, std::size_t from) const
    {
        std::optional<RegularExpression::Match> best;
        for (const RegularExpression& pattern : m_patterns) {
            auto match = pattern.search(line, from);
            if (match
                && (!best || match->start() < best->start()
                    || (match->start() == best->start() && match->end() > best->end())))
                best = std::move(match);
        }
        return best;
    }

    void searchPath(const std::string& path, bool recursive, int depth)
    {
        constexpr int kMaxDepth = 64;
        const std::string absolute = m_invocation.absolutePath(path);
        const auto stat = m_invocation.system().stat(m_invocation.place(), absolute);
        if (stat && stat->type == FileStat::Type::Directory) {
            if (!recursive) {
                if (!m_options.has("no-messages"))
                    m_invocation.err().write("grep: " + path + ": Is a directory\n");
                m_failed = true;
                return;
            }
            const auto entries = m_invocation.system().list(m_invocation.place(), absolute);
            for (std::size_t i = 0; entries && i < entries->size() && depth < kMaxDepth; ++i)
                if ((*entries)[i].name != "." && (*entries)[i].name != "..")
                    searchPath(path + (path.back() == '/' ? "" : "/") + (*entries)[i].name, true, depth + 1);
            return;
        }
        if (recursive && m_options.has("include")
            && !matchPattern(m_options.value("include"), fileNameOf(path)))
            return;
        const ReadFile file = m_invocation.system().readFile(m_invocation.place(), absolute);
        if (file.error != Errno::None) {
            if (!m_options.has("no-messages"))
                m_invocation.err().write("grep: " + path + ": " + std::string(describe(file.error)) + "\n");
            m_failed = true;
            return;
        }
        noteFile(m_invocation, path);
        TextInput input(file.text);
        search(input, path);
    }

    std::string coloured(const char* code, const std::string& text) const
    {
        return m_colour ? std::string("\x1b[") + code + "m\x1b[K" + text + "\x1b[m\x1b[K" : text;
    }

    std::string prefix(const std::string& name, std::size_t number, char separator) const
    {
        std::string text;
        const std::string mark = coloured("36", std::string(1, separator));
        if (m_named)
            text += coloured("35", name) + (m_options.has("null") ? std::string(1, '\0') : mark);
        if (m_options.has("line-number"))
            text += coloured("32", std::to_string(number)) + mark;
        if (m_options.has("byte-offset"))
            text += coloured("32", std::to_string(m_offset)) + mark;
        return text;
    }

    std::string highlighted(const std::string& line) const
    {
        if (!m_colour || m_options.has("invert-match"))
            return line;
        std::string text;
        std::size_t from = 0;
        while (const auto match = find(line, from)) {
            if (match->end() == match->start())
                break;
            text += line.substr(from, match->start() - from);
            text += coloured("01;31", line.substr(match->start(), match->end() - match->start()));
            from = match->end();
        }
        return text + line.substr(std::min(from, line.size()));
    }

    void printMatches(const std::string& name, std::size_t number, const std::string& line)
    {
        for (std::size_t from = 0; from <= line.size();) {
            const auto match = find(line, from);
            if (!match)
                return;
            if (match->end() > match->start()) {
                const std::size_t lineOffset = std::exchange(m_offset, m_offset + match->start());
                m_invocation.print(
                    prefix(name, number, ':')
                    + coloured("01;31", line.substr(match->start(), match->end() - match->start())) + "\n");
                m_offset = lineOffset;
            }
            from = match->end() > match->start() ? match->end() : match->end() + 1;
        }
    }

    void search(Input& input, const std::string& name)
    {
        const bool quiet = m_options.has("quiet");
        const bool listing = m_options.has("files-with-matches") || m_options.has("files-without-match");
        const bool counting = m_options.has("count");
        const bool inverted = m_options.has("invert-match");
        std::deque<std::pair<std::size_t, std::string>> pending;
        std::size_t count = 0;
        std::size_t number = 0;
        std::size_t trailing = 0;
        std::size_t lastPrinted = 0;
        std::size_t next = 0;
        while (count < m_most || trailing > 0) {
            std::optional<std::string> line = input.readLine();
            if (!line)
                break;
            ++number;
            m_offset = next;
            next += line->size() + 1;
            const bool hit = count < m_most && find(*line, 0).has_value() != inverted;
            if (hit) {
                ++count;
                m_matched = true;
                if (quiet || listing)
                    break;
                if (counting)
                    continue;
                if (m_options.has("only-matching")) {
                    if (!inverted)
                        printMatches(name, number, *line);
                    continue;
                }
                const std::size_t firstShown = number - pending.size();
                if (m_context && m_separatorDue && firstShown > lastPrinted + 1)
                    m_invocation.print(coloured("36", "--") + "\n");
                for (const auto& [n, text] : pending)
                    m_invocation.print(prefix(name, n, '-') + text + "\n");
                pending.clear();
                m_invocation.print(prefix(name, number, ':') + highlighted(*line) + "\n");
                m_separatorDue = true;
                lastPrinted = number;
                trailing = m_after;
            } else if (trailing > 0 && !counting) {
                --trailing;
                lastPrinted = number;
                m_invocation.print(prefix(name, number, '-') + *line + "\n");
            } else if (m_before > 0) {
                pending.emplace_back(number, std::move(*line));
                if (pending.size() > m_before)
                    pending.pop_front();
            }
        }
        if (quiet)
            return;
        if (m_options.has("files-with-matches") ? count > 0
                                                : m_options.has("files-without-match") && count == 0)
            m_invocation.print(coloured("35", name) + (m_options.has("null") ? '\0' : '\n'));
        else if (counting && !listing)
            m_invocation.print((m_named ? coloured("35", name) + coloured("36", ":") : "")
                               + std::to_string(count) + "\n");
    }

    Invocation& m_invocation;
    const Options& m_options;
    std::vector<RegularExpression> m_patterns;
    std::vector<std::string> m_paths;
    std::size_t m_before = 0;
    std::size_t m_after = 0;
    std::size_t m_most = static_cast<std::size_t>(-1);
    bool m_context = false; ///< asked for, if only for no lines
    bool m_named = false;
    bool m_colour = false;
    bool m_matched = false;
    bool m_failed = false;
    std::size_t m_offset = 0;    ///< of the line, for -b
    bool m_separatorDue = false; ///< something was printed, so a gap needs "--"
};

} // namespace

void addGrep(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "grep";
    spec.summary = "print lines that match patterns";
    spec.usage = "grep [OPTION]... PATTERNS [FILE]...";
    spec.usageStatus = 2;
    spec.options = {{'E', "extended-regexp", "", "PATTERNS are extended regular expressions"},
                    {'F', "fixed-strings", "", "PATTERNS are strings"},
                    {'G', "basic-regexp", "", "PATTERNS are basic regular expressions"},
                    {'P', "perl-regexp", "", "PATTERNS are Perl regular expressions"},
                    {'e', "regexp", "PATTERNS", "use PATTERNS for matching"},
                    {'f', "file", "FILE", "take PATTERNS from FILE"},
                    {'i', "ignore-case", "", "ignore case distinctions in patterns and data"},
                    {'w', "word-regexp", "", "match only whole words"},
                    {'x', "line-regexp", "", "match only whole lines"},
                    {'s', "no-messages", "", "suppress error messages"},
                    {'v', "invert-match", "", "select non-matching lines"},
                    {'m', "max-count", "NUM", "stop after NUM selected lines"},
                    {'b', "byte-offset", "", "print the byte offset with output lines"},
                    {'Z', "null", "", "print 0 byte after FILE name"},
                    {'n', "line-number", "", "print line number with output lines"},
                    {0, "line-buffered", "", "flush output on every line"},
                    {'H', "with-filename", "", "print file name with output lines"},
                    {'h', "no-filename", "", "suppress the file name prefix on output"},
                    {'o', "only-matching", "", "show only nonempty parts of lines that match"},
                    {'q', "quiet", "", "suppress all normal output"},
                    {'r', "recursive", "", "search directories recursively"},
                    {'R', "dereference-recursive", "", "likewise, but follow all symlinks"},
                    {0, "include", "GLOB", "search only files that match GLOB"},
                    {'L', "files-without-match", "", "print only names of FILEs with no selected lines"},
                    {'l', "files-with-matches", "", "print only names of FILEs with selected lines"},
                    {'c', "count", "", "print only a count of selected lines per FILE"},
                    {'B', "before-context", "NUM", "print NUM lines of leading context"},
                    {'A', "after-context", "NUM", "print NUM lines of trailing context"},
                    {'C', "context", "NUM", "print NUM lines of output context"},
                    {0, "color", "WHEN", "use markers to highlight the matching strings", true}};
    spec.run = [](Invocation& invocation) {
        return Grep(invocation).run();
    };
    table.add(spec);
    spec.name = "egrep";
    table.add(spec);
    spec.name = "fgrep";
    table.add(std::move(spec));
}

} // namespace core::shell
