#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

#include <fmt/format.h>
#include <algorithm>

namespace core::shell {

namespace {

int compareBytes(Invocation& invocation)
{
    constexpr int kTrouble = 2;
    const std::vector<std::string>& operands = invocation.operands;
    if (operands.empty() || operands.size() > 4) {
        invocation.err().write(operands.empty() ? "cmp: missing operand after 'cmp'\n"
                                                : "cmp: extra operand '" + operands[4] + "'\n");
        invocation.err().write("cmp: Try 'cmp --help' for more information.\n");
        return kTrouble;
    }
    const std::string names[2] = {operands[0], operands.size() > 1 ? operands[1] : "-"};
    std::string texts[2];
    for (std::size_t i = 0; i < 2; ++i) {
        if (names[i] == "-") {
            texts[i] = invocation.in().readAll();
            continue;
        }
        auto text = readFileOrComplain(invocation, names[i]);
        if (!text)
            return kTrouble;
        texts[i] = std::move(*text);
        const std::string skipped = operands.size() > i + 2 ? operands[i + 2] : invocation.options.value("ignore-initial", "0");
        const auto skip = numberOption(invocation, skipped, "--ignore-initial value");
        if (!skip || *skip < 0)
            return kTrouble;
        texts[i].erase(0, static_cast<std::size_t>(*skip));
    }
    if (invocation.options.has("bytes")) {
        const auto limit = numberOption(invocation, invocation.options.value("bytes"), "--bytes value");
        if (!limit || *limit < 0)
            return kTrouble;
        for (std::string& text : texts)
            text.resize(std::min(text.size(), static_cast<std::size_t>(*limit)));
    }
    const std::size_t common = std::min(texts[0].size(), texts[1].size());
    const bool quiet = invocation.options.has("quiet") || invocation.options.has("silent");
    const bool verbose = invocation.options.has("verbose");
    // Offsets are as wide as the largest one may be.
    const std::size_t width = std::to_string(std::max(texts[0].size(), texts[1].size())).size();
    bool differs = false;
    std::size_t lines = 1;
    for (std::size_t i = 0; i < common; ++i) {
        const auto a = static_cast<unsigned char>(texts[0][i]);
        const auto b = static_cast<unsigned char>(texts[1][i]);
        if (a != b) {
            differs = true;
            if (quiet)
                return 1;
            if (!verbose) {
                std::string text = fmt::format("{} {} differ: byte {}, line {}", names[0], names[1], i + 1, lines);
                if (invocation.options.has("print-bytes"))
                    text += fmt::format(" is {:3o} {} {:3o} {}", a, static_cast<char>(a), b, static_cast<char>(b));
                invocation.print(text + "\n");
                return 1;
            }
            invocation.print(fmt::format("{:{}} {:3o} {:3o}\n", i + 1, width, a, b));
        }
        lines += a == '\n' ? 1 : 0;
    }
    if (texts[0].size() == texts[1].size())
        return differs ? 1 : 0;
    if (quiet)
        return 1;
    const std::size_t shorter = texts[0].size() < texts[1].size() ? 0 : 1;
    std::string text = "EOF on " + names[shorter];
    if (common == 0)
        text += " which is empty";
    else if (verbose)
        text += fmt::format(" after byte {}", common);
    else
        text += texts[shorter].back() == '\n' ? fmt::format(" after byte {}, line {}", common, lines - 1)
                                              : fmt::format(" after byte {}, in line {}", common, lines);
    return invocation.fail(1, text);
}

} // namespace

void addCmp(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "cmp";
    spec.summary = "compare two files byte by byte";
    spec.usage = "cmp [OPTION]... FILE1 [FILE2 [SKIP1 [SKIP2]]]";
    spec.usageStatus = 2;
    spec.options = {{'b', "print-bytes", "", "print differing bytes"},
                    {'i', "ignore-initial", "SKIP", "skip first SKIP bytes of both inputs"},
                    {'l', "verbose", "", "output byte numbers and differing byte values"},
                    {'n', "bytes", "LIMIT", "compare at most LIMIT bytes"},
                    {'s', "quiet", "", "suppress all normal output"},
                    {0, "silent", "", "the same"}};
    spec.run = compareBytes;
    table.add(std::move(spec));
}

} // namespace core::shell
