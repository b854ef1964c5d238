#include "core/shell/pattern.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

#include <array>

namespace core::shell {

namespace {

/// The characters of a set: ranges, classes and escapes written out.
std::string expandSet(const std::string& text)
{
    std::string result;
    const auto one = [&](std::size_t& i) {
        if (text[i] == '\\' && i + 1 < text.size()) {
            static constexpr std::string_view kFrom = "ntrabfv\\";
            static constexpr std::string_view kTo = "\n\t\r\a\b\f\v\\";
            const char c = text[i + 1];
            if (c >= '0' && c <= '7') {
                int value = 0;
                std::size_t digits = 0;
                for (++i; digits < 3 && i < text.size() && text[i] >= '0' && text[i] <= '7'; ++digits)
                    value = value * 8 + (text[i++] - '0');
                return static_cast<char>(value);
            }
            i += 2;
            const std::size_t k = kFrom.find(c);
            return k == std::string_view::npos ? c : kTo[k];
        }
        return text[i++];
    };
    for (std::size_t i = 0; i < text.size();) {
        if (text.compare(i, 2, "[:") == 0) {
            const std::size_t close = text.find(":]", i + 2);
            if (close != std::string::npos) {
                const std::string name = text.substr(i + 2, close - i - 2);
                for (int c = 0; c < 256; ++c)
                    if (inCharacterClass(name, static_cast<unsigned char>(c)))
                        result += static_cast<char>(c);
                i = close + 2;
                continue;
            }
        }
        const char first = one(i);
        if (i + 1 < text.size() && text[i] == '-') {
            ++i;
            const char last = one(i);
            for (int c = static_cast<unsigned char>(first); c <= static_cast<unsigned char>(last); ++c)
                result += static_cast<char>(c);
            continue;
        }
        result += first;
    }
    return result;
}

/// "z-a", which no set may hold; empty when there is none.
std::string reversedRange(const std::string& set)
{
    for (std::size_t i = 1; i + 1 < set.size(); ++i)
        if (set[i] == '-' && set[i - 1] != '\\' && set[i + 1] != '\\'
            && static_cast<unsigned char>(set[i - 1]) > static_cast<unsigned char>(set[i + 1])
            && (i < 2 || set[i - 2] != '-'))
            return set.substr(i - 1, 3);
    return {};
}

int tr(Invocation& invocation)
{
    const bool remove = invocation.options.has("delete");
    const bool squeeze = invocation.options.has("squeeze-repeats");
    const std::size_t needed = remove != squeeze ? 1 : 2;
    const std::string hint = "Try 'tr --help' for more information.\n";
    if (invocation.operands.empty()) {
        invocation.err().write("tr: missing operand\n" + hint);
        return 1;
    }
    if (invocation.operands.size() < needed) {
        invocation.err().write("tr: missing operand after '" + invocation.operands[0]
                               + "'\n"
                                 "Two strings must be given when "
                               + (remove ? "both deleting and squeezing repeats" : "translating") + ".\n"
                               + hint);
        return 1;
    }
    if (invocation.operands.size() > 2 || (remove && !squeeze && invocation.operands.size() > 1)) {
        const bool deleting = remove && !squeeze;
        invocation.err().write("tr: extra operand '" + invocation.operands[deleting ? 1 : 2] + "'\n"
                               + (deleting ? "Only one string may be given when deleting without squeezing repeats.\n"
                                           : "")
                               + hint);
        return 1;
    }
    for (const std::string& set : invocation.operands)
        if (const std::string range = reversedRange(set); !range.empty())
            return invocation.fail(1, "range-endpoints of '" + range + "' are in reverse collating sequence order");
    std::string from = expandSet(invocation.operands[0]);
    std::string to = invocation.operands.size() > 1 ? expandSet(invocation.operands[1]) : std::string();
    if (invocation.options.has("complement") || invocation.options.has("C")) {
        std::string rest;
        for (int c = 0; c < 256; ++c)
            if (from.find(static_cast<char>(c)) == std::string::npos)
                rest += static_cast<char>(c);
        from = rest;
    }
    if (invocation.options.has("truncate-set1"))
        from.resize(std::min(from.size(), to.size()));
    const bool translate = !remove && invocation.operands.size() > 1;
    if (translate && to.empty())
        return invocation.fail(1, "when not truncating set1, string2 must be non-empty");
    std::array<int, 256> map{};
    std::array<bool, 256> removed{};
    std::array<bool, 256> squeezed{};
    const auto index = [](char c) {
        return static_cast<std::size_t>(static_cast<unsigned char>(c));
    };
    for (std::size_t c = 0; c < map.size(); ++c)
        map[c] = static_cast<int>(c);
    for (std::size_t i = 0; translate && i < from.size(); ++i)
        map[index(from[i])] = static_cast<unsigned char>(to[std::min(i, to.size() - 1)]);
    for (const char c : remove ? from : std::string())
        removed[index(c)] = true;
    for (const char c : squeeze ? (to.empty() ? from : to) : std::string())
        squeezed[index(c)] = true;
    int last = -1;
    while (std::optional<std::string> line = invocation.in().readLine()) {
        if (invocation.in().endedWithNewline())
            *line += '\n';
        std::string out;
        for (const char c : *line) {
            if (removed[index(c)])
                continue;
            const char mapped = static_cast<char>(map[index(c)]);
            if (squeezed[index(mapped)] && last == static_cast<int>(index(mapped)))
                continue;
            last = static_cast<int>(index(mapped));
            out += mapped;
        }
        invocation.print(out);
    }
    return 0;
}

} // namespace

void addTr(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "tr";
    spec.summary = "translate or delete characters";
    spec.usage = "tr [OPTION]... STRING1 [STRING2]";
    spec.options = {{'c', "complement", "", "use the complement of STRING1"},
                    {'d', "delete", "", "delete characters in STRING1, do not translate"},
                    {'C', "", "", "same as -c"},
                    {'s', "squeeze-repeats", "", "replace each sequence of a repeated character"},
                    {'t', "truncate-set1", "", "first truncate STRING1 to length of STRING2"}};
    spec.run = tr;
    table.add(std::move(spec));
}

} // namespace core::shell
