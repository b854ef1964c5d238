#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"
#include "sim/engine/base64.h"

namespace core::shell {

namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// False at the first byte that does not belong; what was decoded before it stays in `out`.
bool decode(std::string_view text, bool ignoreGarbage, std::string& out)
{
    std::uint32_t group = 0;
    int count = 0;
    bool padded = false;
    for (const char c : text) {
        if (c == '\n')
            continue;
        if (c == '=') {
            padded = true;
            continue;
        }
        const std::size_t value = kAlphabet.find(c);
        if (value == std::string_view::npos || padded) {
            if (ignoreGarbage)
                continue;
            return false;
        }
        group = (group << 6) | static_cast<std::uint32_t>(value);
        if (++count == 4) {
            for (int k = 16; k >= 0; k -= 8)
                out += static_cast<char>((group >> k) & 0xff);
            group = 0;
            count = 0;
        }
    }
    if (count == 2)
        out += static_cast<char>((group >> 4) & 0xff);
    if (count == 3) {
        out += static_cast<char>((group >> 10) & 0xff);
        out += static_cast<char>((group >> 2) & 0xff);
    }
    return count == 0 || (padded && count != 1);
}

int base64(Invocation& invocation)
{
    const auto wrap = numberOption(invocation, invocation.options.value("wrap", "76"), "wrap size");
    if (!wrap)
        return 1;
    std::string text;
    if (!forEachInput(invocation, invocation.operands,
                      [&](Input& input, const std::string&) { text += input.readAll(); }))
        return 1;
    if (invocation.options.has("decode")) {
        std::string out;
        const bool good = decode(text, invocation.options.has("ignore-garbage"), out);
        invocation.print(out);
        return good ? 0 : invocation.fail(1, "invalid input");
    }
    const std::string encoded = sim::encodeBase64(text);
    if (*wrap <= 0) {
        invocation.print(encoded);
        return 0;
    }
    std::string out;
    for (std::size_t i = 0; i < encoded.size(); i += static_cast<std::size_t>(*wrap))
        out += encoded.substr(i, static_cast<std::size_t>(*wrap)) + "\n";
    invocation.print(out);
    return 0;
}

} // namespace

void addBase64(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "base64";
    spec.summary = "base64 encode/decode data and print to standard output";
    spec.usage = "base64 [OPTION]... [FILE]";
    spec.options = {{'d', "decode", "", "decode data"},
                    {'i', "ignore-garbage", "", "when decoding, ignore non-alphabet characters"},
                    {'w', "wrap", "COLS", "wrap encoded lines after COLS character (default 76)"}};
    spec.run = base64;
    table.add(std::move(spec));
}

} // namespace core::shell
