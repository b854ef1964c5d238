#include "core/shell/cell_width.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

#include <fmt/format.h>
#include <algorithm>

namespace core::shell {

namespace {

int tac(Invocation& invocation)
{
    const std::string separator = invocation.options.value("separator", "\n");
    if (separator.empty())
        return invocation.fail(1, "separator cannot be empty");
    const bool ok = forEachInput(invocation, invocation.operands, [&](Input& input, const std::string&) {
        const std::string text = input.readAll();
        std::vector<std::string> records;
        for (std::size_t i = 0; i < text.size();) {
            const std::size_t end = text.find(separator, i);
            records.push_back(text.substr(i, end == std::string::npos ? end : end + separator.size() - i));
            i += records.back().size();
        }
        std::string reversed;
        for (auto it = records.rbegin(); it != records.rend(); ++it)
            reversed += *it;
        invocation.print(reversed);
    });
    return ok ? 0 : 1;
}

int rev(Invocation& invocation)
{
    const bool ok = forEachInput(invocation, invocation.operands, [&](Input& input, const std::string&) {
        while (const std::optional<std::string> line = input.readLine()) {
            std::string reversed;
            for (std::size_t end = line->size(); end > 0;) {
                std::size_t start = end - 1;
                while (start > 0 && (static_cast<unsigned char>((*line)[start]) & 0xc0) == 0x80)
                    --start;
                reversed.append(*line, start, end - start);
                end = start;
            }
            invocation.print(reversed + (input.endedWithNewline() ? "\n" : ""));
        }
    });
    return ok ? 0 : 1;
}

int fold(Invocation& invocation)
{
    const std::string text = invocation.options.value("width", "80");
    const auto width = numberOption(invocation, text, "number of columns");
    if (!width)
        return 1;
    if (*width < 1)
        return invocation.fail(1, "invalid number of columns: '" + text + "': Numerical result out of range");
    const auto limit = static_cast<std::size_t>(*width);
    const bool bytes = invocation.options.has("bytes");
    const bool ok = forEachInput(invocation, invocation.operands, [&](Input& input, const std::string&) {
        while (const std::optional<std::string> line = input.readLine()) {
            std::string piece;
            std::size_t column = 0;
            const auto after = [&](std::size_t from, char c) {
                return !bytes && c == '\t' ? from + 8 - from % 8 : !bytes && c == '\b' ? from - (from > 0) : from + 1;
            };
            for (const char c : *line) {
                if (after(column, c) > limit && !piece.empty()) {
                    const std::size_t blank = invocation.options.has("spaces") ? piece.find_last_of(" \t")
                                                                              : std::string::npos;
                    const std::string rest = blank == std::string::npos ? "" : piece.substr(blank + 1);
                    piece.resize(piece.size() - rest.size());
                    invocation.print(piece + "\n");
                    piece = rest;
                    column = 0;
                    for (const char moved : rest)
                        column = after(column, moved);
                }
                piece += c;
                column = after(column, c);
            }
            invocation.print(piece + (input.endedWithNewline() ? "\n" : ""));
        }
    });
    return ok ? 0 : 1;
}

/// Tab stops: each so many columns, or at the columns of a list.
struct TabStops {
    std::vector<std::size_t> at{8};

    /// Of the first stop behind a column; 0 when a list has none.
    std::size_t next(std::size_t column) const
    {
        if (at.size() == 1)
            return column + at[0] - column % at[0];
        const auto it = std::upper_bound(at.begin(), at.end(), column);
        return it == at.end() ? 0 : *it;
    }
};

std::optional<TabStops> tabStops(Invocation& invocation)
{
    TabStops stops;
    if (!invocation.options.has("tabs"))
        return stops;
    stops.at.clear();
    const std::string list = invocation.options.value("tabs");
    for (std::size_t i = 0; i <= list.size();) {
        const std::size_t end = std::min(list.find_first_of(", ", i), list.size());
        const std::string item = list.substr(i, end - i);
        i = end + 1;
        constexpr std::size_t kMaxDigits = 6;
        if (item.empty() || item.size() > kMaxDigits || item.find_first_not_of("0123456789") != std::string::npos) {
            invocation.fail(1, "tab size contains invalid character(s): '" + item + "'");
            return {};
        }
        stops.at.push_back(std::stoul(item));
        if (stops.at.back() == 0) {
            invocation.fail(1, "tab size cannot be 0");
            return {};
        }
        if (stops.at.size() > 1 && stops.at[stops.at.size() - 2] >= stops.at.back()) {
            invocation.fail(1, "tab sizes must be ascending");
            return {};
        }
    }
    return stops;
}

int expand(Invocation& invocation)
{
    const auto stops = tabStops(invocation);
    if (!stops)
        return 1;
    const bool ok = forEachInput(invocation, invocation.operands, [&](Input& input, const std::string&) {
        while (const std::optional<std::string> line = input.readLine()) {
            std::string text;
            std::size_t column = 0;
            bool leading = true;
            for (const char c : *line) {
                leading = leading && (c == ' ' || c == '\t');
                if (c == '\t' && (leading || !invocation.options.has("initial"))) {
                    const std::size_t next = std::max(stops->next(column), column + 1);
                    text.append(next - column, ' ');
                    column = next;
                } else {
                    text += c;
                    column += (static_cast<unsigned char>(c) & 0xc0) == 0x80 ? 0 : 1;
                }
            }
            invocation.print(text + (input.endedWithNewline() ? "\n" : ""));
        }
    });
    return ok ? 0 : 1;
}

int unexpand(Invocation& invocation)
{
    const auto stops = tabStops(invocation);
    if (!stops)
        return 1;
    const bool everywhere = invocation.options.has("all") || invocation.options.has("tabs");
    const bool onlyFirst = invocation.options.has("first-only") || !everywhere;
    const bool ok = forEachInput(invocation, invocation.operands, [&](Input& input, const std::string&) {
        while (const std::optional<std::string> line = input.readLine()) {
            std::string text;
            std::string blanks; ///< since the last stop, in case they reach the next one
            std::size_t column = 0;
            bool converting = true;
            for (const char c : *line) {
                if (!converting || (c != ' ' && c != '\t')) {
                    text += blanks + c;
                    blanks.clear();
                    ++column;
                    converting = converting && !onlyFirst;
                    continue;
                }
                const std::size_t next = stops->next(column);
                column = c == '\t' ? next : column + 1;
                if (column == next && next != 0) {
                    // A single blank in front of a stop stays one.
                    text += c == '\t' || !blanks.empty() ? "\t" : " ";
                    blanks.clear();
                } else {
                    blanks += ' ';
                }
            }
            invocation.print(text + blanks + (input.endedWithNewline() ? "\n" : ""));
        }
    });
    return ok ? 0 : 1;
}

class Numberer {
public:
    explicit Numberer(Invocation& invocation) : m_invocation(invocation), m_options(invocation.options) { }

    int run()
    {
        m_style[0] = m_options.value("header-numbering", "n");
        m_style[1] = m_options.value("body-numbering", "t");
        m_style[2] = m_options.value("footer-numbering", "n");
        m_separator = m_options.has("number-separator") ? m_options.value("number-separator") : "\t";
        m_format = m_options.value("number-format", "rn");
        const auto width = numberOption(m_invocation, m_options.value("number-width", "6"), "line number field width");
        const auto first = numberOption(m_invocation, m_options.value("starting-line-number", "1"), "starting line number");
        const auto step = numberOption(m_invocation, m_options.value("line-increment", "1"), "line number increment");
        const auto joined = numberOption(m_invocation, m_options.value("join-blank-lines", "1"), "line number of blank lines");
        if (!width || !first || !step || !joined)
            return 1;
        m_width = static_cast<std::size_t>(std::clamp<long long>(*width, 1, 100));
        m_first = m_number = *first;
        m_step = *step;
        m_joined = *joined;
        for (std::size_t part = 0; part < 3; ++part) {
            const char* names[] = {"header", "body", "footer"};
            const std::string& style = m_style[part];
            if (style.empty() || std::string_view("atnp").find(style[0]) == std::string_view::npos) {
                m_invocation.err().write(fmt::format("nl: invalid {} numbering style: '{}'\nTry 'nl --help' for more "
                                                     "information.\n",
                                                     names[part], style));
                return 1;
            }
        }
        const bool ok = forEachInput(m_invocation, m_invocation.operands, [&](Input& input, const std::string&) {
            while (const std::optional<std::string> line = input.readLine())
                print(*line);
        });
        return ok ? 0 : 1;
    }

private:
    void print(const std::string& line)
    {
        // A line of one to three "\:" begins a footer, a body or a header.
        if (line == "\\:" || line == "\\:\\:" || line == "\\:\\:\\:") {
            m_part = 3 - line.size() / 2;
            if (m_part == 0 && !m_options.has("no-renumber"))
                m_number = m_first;
            m_invocation.print("\n");
            return;
        }
        const std::string& style = m_style[m_part];
        m_blank = line.empty() ? m_blank + 1 : 0;
        const bool counts = style[0] == 'a' ? !line.empty() || m_blank % m_joined == 0 : style[0] == 't' && !line.empty();
        if (!counts) {
            m_invocation.print(std::string(m_width + m_separator.size(), ' ') + line + "\n");
            return;
        }
        const std::string number = m_format == "ln" ? fmt::format("{:<{}}", m_number, m_width)
            : m_format == "rz"                      ? fmt::format("{:0{}}", m_number, m_width)
                                                    : fmt::format("{:{}}", m_number, m_width);
        m_invocation.print(number + m_separator + line + "\n");
        m_number += m_step;
    }

    Invocation& m_invocation;
    const Options& m_options;
    std::string m_style[3];
    std::string m_separator;
    std::string m_format;
    std::size_t m_width = 6;
    std::size_t m_part = 1; ///< header, body, footer
    long long m_first = 1, m_number = 1, m_step = 1, m_joined = 1, m_blank = 0;
};

} // namespace

void addLineTools(CommandTable& table)
{
    CommandSpec spec;
    const auto add = [&](const char* name, const char* summary, std::vector<OptionSpec> options, int (*run)(Invocation&)) {
        spec.name = name;
        spec.summary = summary;
        spec.usage = std::string(name) + " [OPTION]... [FILE]...";
        spec.options = std::move(options);
        spec.run = run;
        table.add(spec);
    };
    add("tac", "concatenate and print files in reverse",
        {{'s', "separator", "STRING", "use STRING as the separator instead of newline"}}, tac);
    add("rev", "reverse lines characterwise", {}, rev);
    add("fold", "wrap each input line to fit in specified width",
        {{'b', "bytes", "", "count bytes rather than columns"},
         {'s', "spaces", "", "break at spaces"},
         {'w', "width", "WIDTH", "use WIDTH columns instead of 80"}},
        fold);
    add("expand", "convert tabs to spaces",
        {{'i', "initial", "", "do not convert tabs after non blanks"},
         {'t', "tabs", "N", "have tabs N characters apart, not 8, or at the columns of a list"}},
        expand);
    add("unexpand", "convert spaces to tabs",
        {{'a', "all", "", "convert all blanks, instead of just initial blanks"},
         {0, "first-only", "", "convert only leading sequences of blanks (overrides -a)"},
         {'t', "tabs", "N", "have tabs N characters apart instead of 8 (enables -a)"}},
        unexpand);
    add("nl", "number lines of files",
        {{'b', "body-numbering", "STYLE", "use STYLE for numbering body lines: a, t or n"},
         {'f', "footer-numbering", "STYLE", "use STYLE for numbering footer lines"},
         {'h', "header-numbering", "STYLE", "use STYLE for numbering header lines"},
         {'i', "line-increment", "NUMBER", "line number increment at each line"},
         {'l', "join-blank-lines", "NUMBER", "group of NUMBER empty lines counted as one"},
         {'n', "number-format", "FORMAT", "insert line numbers according to FORMAT: ln, rn or rz"},
         {'p', "no-renumber", "", "do not reset line numbers for each section"},
         {'s', "number-separator", "STRING", "add STRING after (possible) line number"},
         {'v', "starting-line-number", "NUMBER", "first line number for each section"},
         {'w', "number-width", "NUMBER", "use NUMBER columns for line numbers"}},
        [](Invocation& invocation) { return Numberer(invocation).run(); });
}

} // namespace core::shell
