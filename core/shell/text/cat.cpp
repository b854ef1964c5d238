#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

#include <fmt/format.h>

namespace core::shell {

namespace {

/// A byte as -v shows it: ^X for control characters, M-X for those with the high bit.
std::string visible(char c)
{
    auto byte = static_cast<unsigned char>(c);
    std::string text;
    if (byte >= 0x80) {
        text = "M-";
        byte &= 0x7f;
    }
    if (byte < 0x20)
        return text + "^" + static_cast<char>(byte + '@');
    return byte == 0x7f ? text + "^?" : text + static_cast<char>(byte);
}

int cat(Invocation& invocation)
{
    const bool squeeze = invocation.options.has("squeeze-blank");
    const bool all = invocation.options.has("show-all");
    const bool ends = all || invocation.options.has("show-ends") || invocation.options.has("e");
    const bool tabs = all || invocation.options.has("show-tabs") || invocation.options.has("t");
    const bool controls = all || invocation.options.has("show-nonprinting") || invocation.options.has("e")
        || invocation.options.has("t");
    const bool nonBlank = invocation.options.has("number-nonblank");
    const bool number = invocation.options.has("number") || nonBlank;
    bool wasBlank = false;
    long count = 0;
    const bool ok = forEachInput(invocation, invocation.operands, [&](Input& input, const std::string&) {
        if (!squeeze && !ends && !tabs && !controls && !number && &input != &invocation.in()) {
            invocation.print(input.readAll());
            return;
        }
        while (const std::optional<std::string> line = input.readLine()) {
            if (squeeze && line->empty() && wasBlank)
                continue;
            wasBlank = line->empty();
            std::string text;
            if (number && !(nonBlank && line->empty()))
                text = fmt::format("{:6}\t", ++count);
            for (const char c : *line) {
                if (tabs && c == '\t')
                    text += "^I";
                else if (controls && c != '\t')
                    text += visible(c);
                else
                    text += c;
            }
            if (input.endedWithNewline())
                text += ends ? "$\n" : "\n";
            invocation.print(text);
        }
    });
    return ok ? 0 : 1;
}

} // namespace

void addCat(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "cat";
    spec.summary = "concatenate files and print on the standard output";
    spec.usage = "cat [OPTION]... [FILE]...";
    spec.options = {{'A', "show-all", "", "equivalent to -vET"},
                    {'b', "number-nonblank", "", "number nonempty output lines, overrides -n"},
                    {'e', "", "", "equivalent to -vE"},
                    {'E', "show-ends", "", "display $ at end of each line"},
                    {'n', "number", "", "number all output lines"},
                    {'s', "squeeze-blank", "", "suppress repeated empty output lines"},
                    {'t', "", "", "equivalent to -vT"},
                    {'T', "show-tabs", "", "display TAB characters as ^I"},
                    {'u', "", "", "(ignored)"},
                    {'v', "show-nonprinting", "", "use ^ and M- notation, except for LFD and TAB"}};
    spec.run = cat;
    table.add(std::move(spec));
}

} // namespace core::shell
