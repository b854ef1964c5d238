#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

#include <algorithm>

namespace core::shell {

namespace {

struct Range {
    std::size_t first = 1;
    std::size_t last = static_cast<std::size_t>(-1);
};

/// Nothing when the list is wrong; the reason then is in `error`.
std::optional<std::vector<Range>> parseRanges(const std::string& text, bool fields, std::string& error)
{
    std::vector<Range> ranges;
    for (std::size_t i = 0; i <= text.size();) {
        const std::size_t comma = std::min(text.find(',', i), text.size());
        const std::string piece = text.substr(i, comma - i);
        i = comma + 1;
        const std::size_t dash = piece.find('-');
        const std::string low = piece.substr(0, dash);
        const std::string high = dash == std::string::npos ? low : piece.substr(dash + 1);
        constexpr std::size_t kMaxDigits = 9;
        if (low.size() > kMaxDigits || high.size() > kMaxDigits || (low.empty() && high.empty())
            || (low + high).find_first_not_of("0123456789") != std::string::npos) {
            error = low.empty() && high.empty() && dash != std::string::npos ? "invalid range with no endpoint: -"
                : fields ? "invalid field value '" + text + "'"
                         : "invalid byte/character position '" + text + "'";
            return {};
        }
        Range range;
        if (!low.empty())
            range.first = std::stoul(low);
        if (!high.empty())
            range.last = std::stoul(high);
        if (range.first == 0 || range.last < range.first) {
            error = range.first != 0 ? "invalid decreasing range"
                : fields             ? "fields are numbered from 1"
                                     : "byte/character positions are numbered from 1";
            return {};
        }
        ranges.push_back(range);
    }
    return ranges;
}

int cut(Invocation& invocation)
{
    const Options& options = invocation.options;
    const char* list = options.has("fields") ? "fields" : options.has("bytes") ? "bytes" : "characters";
    if (!options.has(list)) {
        invocation.err().write("cut: you must specify a list of bytes, characters, or fields\nTry 'cut "
                               "--help' for more information.\n");
        return 1;
    }
    const bool fields = options.has("fields");
    std::string error;
    const auto ranges = parseRanges(options.value(list), fields, error);
    if (!ranges) {
        invocation.err().write("cut: " + error + "\nTry 'cut --help' for more information.\n");
        return 1;
    }
    const std::string delimiter = options.value("delimiter", "\t");
    if (delimiter.size() != 1) {
        invocation.err().write(
            "cut: the delimiter must be a single character\nTry 'cut --help' for more information.\n");
        return 1;
    }
    const std::string joiner = options.has("output-delimiter") ? options.value("output-delimiter")
        : fields                                               ? delimiter
                                                               : "";
    const auto chosen = [&](std::size_t index) {
        const bool in = std::any_of(ranges->begin(), ranges->end(),
                                    [&](const Range& r) { return index >= r.first && index <= r.last; });
        return in != options.has("complement");
    };
    const bool ok = forEachInput(invocation, invocation.operands, [&](Input& input, const std::string&) {
        while (const std::optional<std::string> line = input.readLine()) {
            std::string text;
            if (!fields) {
                std::size_t index = 0;
                for (const char c : *line) {
                    ++index; // -c counts bytes, too: GNU's cut knows no wider characters
                    if (chosen(index))
                        text += c;
                }
            } else if (line->find(delimiter[0]) == std::string::npos) {
                if (options.has("only-delimited"))
                    continue;
                text = *line;
            } else {
                bool first = true;
                std::size_t start = 0;
                for (std::size_t index = 1; start <= line->size(); ++index) {
                    const std::size_t end = std::min(line->find(delimiter[0], start), line->size());
                    if (chosen(index)) {
                        text += (first ? "" : joiner) + line->substr(start, end - start);
                        first = false;
                    }
                    start = end + 1;
                }
            }
            invocation.print(text + "\n");
        }
    });
    return ok ? 0 : 1;
}

} // namespace

void addCut(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "cut";
    spec.summary = "remove sections from each line of files";
    spec.usage = "cut OPTION... [FILE]...";
    spec.options = {{'b', "bytes", "LIST", "select only these bytes"},
                    {'c', "characters", "LIST", "select only these characters"},
                    {'d', "delimiter", "DELIM", "use DELIM instead of TAB for field delimiter"},
                    {'f', "fields", "LIST", "select only these fields"},
                    {0, "complement", "", "complement the set of selected bytes, characters or fields"},
                    {'s', "only-delimited", "", "do not print lines not containing delimiters"},
                    {0, "output-delimiter", "STRING", "use STRING as the output delimiter"}};
    spec.run = cut;
    table.add(std::move(spec));
}

} // namespace core::shell
