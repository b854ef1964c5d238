#include "core/shell/printf.h"
#include "core/shell/text/awk_interpreter.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

namespace core::shell {

namespace awk {

namespace {

int run(Invocation& invocation)
{
    std::vector<std::pair<std::string, std::string>> assignments;
    std::string separator;
    bool hasSeparator = false;
    std::string source;
    bool hasSource = false;
    std::size_t i = 0;
    const std::vector<std::string>& words = invocation.arguments;
    for (; i < words.size() && words[i].size() > 1 && words[i][0] == '-'; ++i) {
        const std::string& word = words[i];
        if (word == "--") {
            ++i;
            break;
        }
        const char option = word[1];
        if (option != 'F' && option != 'v' && option != 'f') {
            invocation.err().write("awk: not an option: " + word + "\n");
            return 2;
        }
        if (word.size() == 2 && i + 1 >= words.size()) {
            invocation.err().write(std::string("awk: option requires an argument -- ") + option + "\n");
            return 2;
        }
        const std::string value = word.size() > 2 ? word.substr(2) : words[++i];
        if (option == 'F') {
            separator = value == "t" || value == "\\t" ? "\t" : value;
            hasSeparator = true;
        } else if (option == 'v') {
            const std::size_t equals = value.find('=');
            if (equals == std::string::npos || equals == 0) {
                invocation.err().write("awk: improper assignment: -v " + value + "\n");
                return 2;
            }
            assignments.emplace_back(value.substr(0, equals), value.substr(equals + 1));
        } else {
            const auto text = readFileOrComplain(invocation, value);
            if (!text)
                return 2;
            source += *text + "\n";
            hasSource = true;
        }
    }
    if (!hasSource) {
        if (i >= words.size()) {
            invocation.err().write("usage: awk [-F fs][-v var=value][prog | -f progfile][file ...]\n");
            return 2;
        }
        source = words[i++];
    }
    try {
        Program program = parse(source);
        Interpreter interpreter(invocation, program);
        if (hasSeparator)
            interpreter.set("FS", Value::of(separator));
        for (const auto& [name, text] : assignments) {
            std::string errors;
            interpreter.set(name,
                            Value::input(text.find('\\') == std::string::npos
                                             ? text
                                             : formatPrintf("%b", {text}, errors)));
        }
        return interpreter.run({words.begin() + static_cast<std::ptrdiff_t>(i), words.end()});
    } catch (const SyntaxError& error) {
        invocation.err().write("awk: " + error.text + "\n");
    } catch (const RunError& error) {
        invocation.err().write("awk: " + error.text + "\n");
    } catch (const NextRecord&) {
        invocation.err().write("awk: next is illegal inside BEGIN or END\n");
    } catch (const BreakLoop&) {
        invocation.err().write("awk: break or continue outside a loop\n");
    } catch (const ContinueLoop&) {
        invocation.err().write("awk: break or continue outside a loop\n");
    } catch (const ReturnValue&) {
        invocation.err().write("awk: return outside function body\n");
    }
    return 2;
}

} // namespace

} // namespace awk

void addAwk(CommandTable& table)
{
    CommandSpec spec;
    spec.summary = "pattern scanning and processing language";
    spec.usage = "awk [-F fs][-v var=value][prog | -f progfile][file ...]";
    spec.parseOptions = false;
    spec.run = awk::run;
    for (const char* name : {"awk", "gawk", "mawk"}) {
        spec.name = name;
        table.add(spec);
    }
}

} // namespace core::shell
