#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

#include <algorithm>

namespace core::shell {

namespace {

struct Counts {
    std::size_t lines = 0, words = 0, characters = 0, bytes = 0, longest = 0;
};

Counts count(const std::string& text)
{
    Counts counts;
    counts.bytes = text.size();
    bool inWord = false;
    std::size_t width = 0;
    for (const char c : text) {
        const bool blank = c == ' ' || (c >= '\t' && c <= '\r');
        counts.words += !blank && !inWord ? 1 : 0;
        inWord = !blank;
        if (c == '\n') {
            ++counts.lines;
            width = 0;
        } else if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) {
            counts.longest = std::max(counts.longest, ++width);
        }
        counts.characters += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    }
    return counts;
}

int wc(Invocation& invocation)
{
    const Options& options = invocation.options;
    const bool any = options.has("lines") || options.has("words") || options.has("bytes")
        || options.has("chars") || options.has("max-line-length");
    std::vector<std::pair<std::string, Counts>> rows;
    Counts total;
    bool ok = true;
    bool unsized = false; // a directory's size says nothing of what is counted
    const auto add = [&](Input& input, const std::string& name) {
        const Counts c = count(input.readAll());
        total.lines += c.lines;
        total.words += c.words;
        total.characters += c.characters;
        total.bytes += c.bytes;
        total.longest = std::max(total.longest, c.longest);
        rows.emplace_back(invocation.operands.empty() ? "" : name, c);
    };
    if (invocation.operands.empty())
        forEachInput(invocation, {}, add);
    for (const std::string& operand : invocation.operands) {
        if (forEachInput(invocation, {operand}, add))
            continue;
        ok = false;
        const auto stat = invocation.system().stat(invocation.place(), invocation.absolutePath(operand));
        if (stat && stat->type == FileStat::Type::Directory) {
            rows.emplace_back(operand, Counts{});
            unsized = true;
        }
    }
    if (invocation.operands.size() > 1)
        rows.emplace_back("total", total);
    const auto columns = [&](const Counts& c) {
        std::vector<std::size_t> values;
        if (options.has("lines") || !any)
            values.push_back(c.lines);
        if (options.has("words") || !any)
            values.push_back(c.words);
        if (options.has("chars"))
            values.push_back(c.characters);
        if (options.has("bytes") || !any)
            values.push_back(c.bytes);
        if (options.has("max-line-length"))
            values.push_back(c.longest);
        return values;
    };
    // One number of one input stands alone; numbers of standard input take seven columns; files' numbers
    // are as wide as the total size.
    const bool standardInput = std::any_of(rows.begin(), rows.end(),
                                           [](const auto& r) { return r.first.empty() || r.first == "-"; });
    std::size_t width = std::to_string(total.bytes).size();
    if (standardInput || unsized)
        width = std::max<std::size_t>(width, 7);
    if (invocation.operands.size() <= 1 && rows.size() == 1 && columns(rows[0].second).size() == 1)
        width = 1;
    for (const auto& [name, counts] : rows) {
        std::string line;
        for (const std::size_t value : columns(counts)) {
            const std::string digits = std::to_string(value);
            line += (line.empty() ? "" : " ")
                + std::string(width > digits.size() ? width - digits.size() : 0, ' ') + digits;
        }
        invocation.print(line + (name.empty() ? "" : " " + name) + "\n");
    }
    return ok ? 0 : 1;
}

} // namespace

void addWc(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "wc";
    spec.summary = "print newline, word, and byte counts for each file";
    spec.usage = "wc [OPTION]... [FILE]...";
    spec.options = {{'c', "bytes", "", "print the byte counts"},
                    {'m', "chars", "", "print the character counts"},
                    {'l', "lines", "", "print the newline counts"},
                    {'L', "max-line-length", "", "print the maximum display width"},
                    {'w', "words", "", "print the word counts"}};
    spec.run = wc;
    table.add(std::move(spec));
}

} // namespace core::shell
