#include "core/shell/numbers.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>
#include <algorithm>

namespace core::shell {

namespace {

struct Key {
    std::size_t field = 0; ///< 1-based; 0: the whole line
    std::size_t character = 1;
    std::size_t endField = 0;     ///< 0: to the end of the line
    std::size_t endCharacter = 0; ///< 0: to the end of the field
    std::string flags;
};

class Sorter {
public:
    explicit Sorter(Invocation& invocation) : m_invocation(invocation), m_options(invocation.options) { }

    int run()
    {
        m_separator = m_options.value("field-separator");
        if (m_separator == "\\0")
            m_separator = std::string(1, '\0');
        if (m_separator.size() > 1 && m_separator != "\\t")
            return m_invocation.fail(2, "multi-character tab '" + m_separator + "'");
        if (m_separator == "\\t")
            return m_invocation.fail(2, "multi-character tab '\\t'");
        for (const auto& [name, flag] : {std::pair{"numeric-sort", 'n'},
                                         {"human-numeric-sort", 'h'},
                                         {"reverse", 'r'},
                                         {"ignore-case", 'f'},
                                         {"version-sort", 'V'},
                                         {"ignore-leading-blanks", 'b'},
                                         {"general-numeric-sort", 'g'},
                                         {"month-sort", 'M'}})
            if (m_options.has(name))
                m_global += flag;
        for (const std::string& text : m_options.values("key")) {
            const auto key = parseKey(text);
            if (!key && text[0] == '0')
                return m_invocation.fail(2, "field number is zero: invalid field specification '" + text + "'");
            if (!key)
                return m_invocation.fail(
                    2, "invalid number at field start: invalid count at start of '" + text + "'");
            m_keys.push_back(*key);
        }
        bool ok = true;
        std::vector<std::string> lines = readAllLines(m_invocation, m_invocation.operands, ok);
        if (!ok)
            return 2;
        if (m_options.has("check") || m_options.has("C")) {
            const std::string name = m_invocation.operands.empty() ? "-" : m_invocation.operands[0];
            for (std::size_t i = 1; i < lines.size(); ++i)
                if (fullOrder(lines[i - 1], lines[i]) > (m_options.has("unique") ? -1 : 0))
                    return m_options.has("C") ? 1
                                              : m_invocation.fail(1, name + ":" + std::to_string(i + 1)
                                                                         + ": disorder: " + lines[i]);
            return 0;
        }
        std::stable_sort(lines.begin(), lines.end(),
                         [&](const auto& a, const auto& b) { return fullOrder(a, b) < 0; });
        if (m_options.has("unique"))
            lines.erase(std::unique(lines.begin(), lines.end(),
                                    [&](const auto& a, const auto& b) { return compare(a, b) == 0; }),
                        lines.end());
        std::string text;
        for (const std::string& line : lines)
            text += line + "\n";
        if (m_options.has("output")) {
            const std::string path = m_options.value("output");
            const Errno error = m_invocation.system().writeFile(m_invocation.place(),
                                                                m_invocation.absolutePath(path), text, false);
            return error == Errno::None
                ? 0
                : m_invocation.fail(2, "open failed: " + path + ": " + std::string(describe(error)));
        }
        m_invocation.print(text);
        return 0;
    }

private:
    /// By the keys and, where those are equal, by the whole lines.
    int fullOrder(const std::string& a, const std::string& b) const
    {
        const int keyed = compare(a, b);
        if (keyed != 0 || m_options.has("stable") || m_options.has("unique"))
            return keyed;
        const int whole = a.compare(b);
        return m_global.find('r') != std::string::npos ? -whole : whole;
    }

    static std::optional<Key> parseKey(const std::string& text)
    {
        Key key;
        std::size_t i = 0;
        const auto number = [&](std::size_t& value) {
            const std::size_t start = i;
            value = 0;
            for (; i < text.size() && text[i] >= '0' && text[i] <= '9'; ++i)
                value = std::min<std::size_t>(value * 10 + static_cast<std::size_t>(text[i] - '0'),
                                              1'000'000);
            return i > start;
        };
        const auto flags = [&] {
            while (i < text.size() && std::string_view("nhrfVbgMd").find(text[i]) != std::string_view::npos)
                key.flags += text[i++];
        };
        if (!number(key.field) || key.field == 0)
            return {};
        if (i < text.size() && text[i] == '.') {
            ++i;
            number(key.character);
        }
        flags();
        if (i < text.size() && text[i] == ',') {
            ++i;
            if (!number(key.endField))
                return {};
            if (i < text.size() && text[i] == '.') {
                ++i;
                number(key.endCharacter);
            }
            flags();
        }
        return i == text.size() ? std::optional(key) : std::nullopt;
    }

    /// Where a field begins and ends. Without a separator a field starts with the blanks before it.
    std::pair<std::size_t, std::size_t> field(const std::string& line, std::size_t index) const
    {
        std::size_t start = 0;
        for (std::size_t n = 1;; ++n) {
            std::size_t end = start;
            if (m_separator.empty()) {
                while (end < line.size() && (line[end] == ' ' || line[end] == '\t'))
                    ++end;
                while (end < line.size() && line[end] != ' ' && line[end] != '\t')
                    ++end;
            } else {
                end = std::min(line.find(m_separator[0], start), line.size());
            }
            if (n == index)
                return {start, end};
            if (end >= line.size())
                return {line.size(), line.size()};
            start = m_separator.empty() ? end : end + 1;
        }
    }

    std::string keyText(const std::string& line, const Key& key, const std::string& flags) const
    {
        if (key.field == 0)
            return line;
        auto [start, fieldEnd] = field(line, key.field);
        if (flags.find('b') != std::string::npos)
            while (start < fieldEnd && (line[start] == ' ' || line[start] == '\t'))
                ++start;
        start = std::min(start + std::max<std::size_t>(key.character, 1) - 1, line.size());
        std::size_t end = line.size();
        if (key.endField > 0) {
            const auto [endStart, endOfField] = field(line, key.endField);
            end = key.endCharacter > 0 ? std::min(endStart + key.endCharacter, line.size()) : endOfField;
        }
        return end > start ? line.substr(start, end - start) : std::string();
    }

    static double number(const std::string& text, bool human, bool general)
    {
        std::size_t start = 0;
        while (start < text.size() && (text[start] == ' ' || text[start] == '\t'))
            ++start;
        std::size_t end = start + (start < text.size() && text[start] == '-' ? 1 : 0);
        while (end < text.size() && ((text[end] >= '0' && text[end] <= '9') || text[end] == '.'))
            ++end;
        std::size_t used = 0;
        if (general)
            return parseDouble(text, used);
        double value = parseDouble(std::string_view(text).substr(start, end - start), used);
        if (human && end < text.size()) {
            const std::size_t unit = std::string_view("KMGTPE").find(text[end] == 'k' ? 'K' : text[end]);
            for (std::size_t i = 0; unit != std::string_view::npos && i <= unit; ++i)
                value *= 1024;
        }
        return value;
    }

    static int compareVersions(std::string_view a, std::string_view b)
    {
        std::size_t i = 0, j = 0;
        const auto digit = [](char c) {
            return c >= '0' && c <= '9';
        };
        while (i < a.size() && j < b.size()) {
            if (digit(a[i]) && digit(b[j])) {
                while (i + 1 < a.size() && a[i] == '0' && digit(a[i + 1]))
                    ++i;
                while (j + 1 < b.size() && b[j] == '0' && digit(b[j + 1]))
                    ++j;
                std::size_t iEnd = i, jEnd = j;
                while (iEnd < a.size() && digit(a[iEnd]))
                    ++iEnd;
                while (jEnd < b.size() && digit(b[jEnd]))
                    ++jEnd;
                if (iEnd - i != jEnd - j)
                    return iEnd - i < jEnd - j ? -1 : 1;
                if (const int c = a.substr(i, iEnd - i).compare(b.substr(j, jEnd - j)); c != 0)
                    return c;
                i = iEnd;
                j = jEnd;
            } else {
                if (a[i] != b[j])
                    return a[i] < b[j] ? -1 : 1;
                ++i;
                ++j;
            }
        }
        return i < a.size() ? 1 : j < b.size() ? -1 : 0;
    }

    static int month(const std::string& text)
    {
        static constexpr std::string_view kMonths = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
        std::string name;
        for (const char c : text)
            if (c != ' ' && name.size() < 3)
                name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        const std::size_t at = name.size() == 3 ? kMonths.find(name) : std::string_view::npos;
        return at == std::string_view::npos || at % 3 != 0 ? 0 : static_cast<int>(at / 3) + 1;
    }

    int compareKey(const std::string& a, const std::string& b, const Key& key) const
    {
        const std::string& flags = key.flags.empty() ? m_global : key.flags;
        const auto has = [&](char c) {
            return flags.find(c) != std::string::npos;
        };
        std::string x = keyText(a, key, flags);
        std::string y = keyText(b, key, flags);
        int result = 0;
        if (has('n') || has('h') || has('g')) {
            const double p = number(x, has('h'), has('g'));
            const double q = number(y, has('h'), has('g'));
            result = p < q ? -1 : p > q ? 1 : 0;
        } else if (has('V')) {
            result = compareVersions(x, y);
        } else if (has('M')) {
            result = month(x) - month(y);
        } else {
            if (has('f'))
                for (std::string* s : {&x, &y})
                    for (char& c : *s)
                        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
            result = x.compare(y);
        }
        return has('r') ? -result : result;
    }

    int compare(const std::string& a, const std::string& b) const
    {
        if (m_keys.empty())
            return compareKey(a, b, Key{});
        for (const Key& key : m_keys)
            if (const int c = compareKey(a, b, key); c != 0)
                return c;
        return 0;
    }

    Invocation& m_invocation;
    const Options& m_options;
    std::string m_separator;
    std::string m_global;
    std::vector<Key> m_keys;
};

int uniq(Invocation& invocation)
{
    const bool counted = invocation.options.has("count");
    const bool repeated = invocation.options.has("repeated");
    const bool allRepeated = invocation.options.has("all-repeated") || invocation.options.has("D");
    const bool unique = invocation.options.has("unique");
    const bool ignoreCase = invocation.options.has("ignore-case");
    const auto skip = numberOption(invocation, invocation.options.value("skip-fields", "0"),
                                   "number of fields to skip");
    const auto characters = numberOption(invocation, invocation.options.value("skip-chars", "0"),
                                         "number of bytes to skip");
    constexpr const char* kAny = "999999999";
    const auto width = numberOption(invocation, invocation.options.value("check-chars", kAny),
                                    "number of bytes to compare");
    if (!skip || !characters || !width)
        return 1;
    std::string output;
    const auto keyOf = [&](const std::string& line) {
        std::size_t i = 0;
        for (long long n = 0; n < *skip; ++n) {
            while (i < line.size() && (line[i] == ' ' || line[i] == '\t'))
                ++i;
            while (i < line.size() && line[i] != ' ' && line[i] != '\t')
                ++i;
        }
        std::string key = line.substr(i);
        key.erase(0, std::min(static_cast<std::size_t>(*characters), key.size()));
        key.resize(std::min(static_cast<std::size_t>(*width), key.size()));
        return ignoreCase ? sim::lowered(key) : key;
    };
    std::string current;
    std::string currentKey;
    long count = 0;
    const bool toFile = invocation.operands.size() > 1 && invocation.operands[1] != "-";
    const auto show = [&](const std::string& line) {
        if (toFile)
            output += line + "\n";
        else
            invocation.print(line + "\n");
    };
    const auto flush = [&] {
        if (count == 0 || allRepeated || (repeated && count == 1) || (unique && count > 1))
            return;
        show((counted ? fmt::format("{:7} ", count) : std::string()) + current);
    };
    std::vector<std::string> input = invocation.operands;
    input.resize(std::min<std::size_t>(input.size(), 1));
    const bool ok = forEachInput(invocation, input, [&](Input& source, const std::string&) {
        while (std::optional<std::string> line = source.readLine()) {
            std::string key = keyOf(*line);
            if (count > 0 && key == currentKey) {
                if (allRepeated && ++count == 2)
                    show(current);
                if (allRepeated)
                    show(*line);
                else
                    ++count;
                continue;
            }
            flush();
            current = std::move(*line);
            currentKey = std::move(key);
            count = 1;
        }
    });
    flush();
    if (toFile) {
        const std::string& path = invocation.operands[1];
        const Errno error = invocation.system().writeFile(invocation.place(), invocation.absolutePath(path), output, false);
        if (error != Errno::None)
            return invocation.fail(1, path + ": " + std::string(describe(error)));
    }
    return ok ? 0 : 1;
}

} // namespace

void addSort(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "sort";
    spec.summary = "sort lines of text files";
    spec.usage = "sort [OPTION]... [FILE]...";
    spec.usageStatus = 2;
    spec.options = {{'b', "ignore-leading-blanks", "", "ignore leading blanks"},
                    {'f', "ignore-case", "", "fold lower case to upper case characters"},
                    {'g', "general-numeric-sort", "", "compare according to general numerical value"},
                    {'h', "human-numeric-sort", "", "compare human readable numbers (e.g., 2K 1G)"},
                    {'M', "month-sort", "", "compare (unknown) < 'JAN' < ... < 'DEC'"},
                    {'n', "numeric-sort", "", "compare according to string numerical value"},
                    {'r', "reverse", "", "reverse the result of comparisons"},
                    {'V', "version-sort", "", "natural sort of (version) numbers within text"},
                    {'c', "check", "", "check for sorted input; do not sort"},
                    {'C', "", "", "like -c, but do not report first bad line"},
                    {'k', "key", "KEYDEF", "sort via a key; KEYDEF gives location and type"},
                    {'m', "merge", "", "merge already sorted files"},
                    {'o', "output", "FILE", "write result to FILE instead of standard output"},
                    {'s', "stable", "", "stabilize sort by disabling last-resort comparison"},
                    {'t', "field-separator", "SEP", "use SEP instead of non-blank to blank transition"},
                    {'u', "unique", "", "output only the first of an equal run"}};
    spec.run = [](Invocation& invocation) {
        return Sorter(invocation).run();
    };
    table.add(std::move(spec));

    CommandSpec unique;
    unique.name = "uniq";
    unique.summary = "report or omit repeated lines";
    unique.usage = "uniq [OPTION]... [INPUT [OUTPUT]]";
    unique.options = {{'c', "count", "", "prefix lines by the number of occurrences"},
                      {'d', "repeated", "", "only print duplicate lines, one for each group"},
                      {'D', "", "", "print all duplicate lines"},
                      {0, "all-repeated", "", "the same"},
                      {'f', "skip-fields", "N", "avoid comparing the first N fields"},
                      {'i', "ignore-case", "", "ignore differences in case when comparing"},
                      {'s', "skip-chars", "N", "avoid comparing the first N characters"},
                      {'u', "unique", "", "only print unique lines"},
                      {'w', "check-chars", "N", "compare no more than N characters in lines"}};
    unique.run = uniq;
    table.add(std::move(unique));
}

} // namespace core::shell
