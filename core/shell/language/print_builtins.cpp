#include "core/shell/language/builtins.h"
#include "core/shell/numbers.h"
#include "core/shell/printf.h"

namespace core::shell {

namespace {

int echo(Evaluator&, Invocation& invocation)
{
    bool newline = true;
    bool escapes = false;
    std::size_t i = 0;
    for (; i < invocation.arguments.size(); ++i) {
        const std::string& word = invocation.arguments[i];
        if (word.size() < 2 || word[0] != '-' || word.find_first_not_of("neE", 1) != std::string::npos)
            break;
        for (const char c : word.substr(1)) {
            if (c == 'n')
                newline = false;
            else
                escapes = c == 'e';
        }
    }
    std::string text;
    for (const std::size_t first = i; i < invocation.arguments.size(); ++i)
        text += (i > first ? " " : "") + invocation.arguments[i];
    if (escapes) {
        // \c ends the output, newline included; a marker behind it shows whether it was met.
        std::string errors;
        std::string printed = formatPrintf("%b\x01", {text}, errors);
        if (!printed.empty() && printed.back() == '\x01')
            printed.pop_back();
        else
            newline = false;
        text = std::move(printed);
    }
    if (newline)
        text += '\n';
    invocation.print(text);
    return 0;
}

int printfCommand(Evaluator& evaluator, Invocation& invocation)
{
    std::vector<std::string> words = invocation.arguments;
    std::string variable;
    if (words.size() >= 2 && words[0] == "-v") {
        variable = words[1];
        words.erase(words.begin(), words.begin() + 2);
    }
    if (!words.empty() && words[0] == "--")
        words.erase(words.begin());
    if (words.empty()) {
        invocation.err().write("printf: usage: printf [-v var] format [arguments]\n");
        return 2;
    }
    std::string errors;
    const std::string text = formatPrintf(words[0], {words.begin() + 1, words.end()}, errors);
    if (variable.empty())
        invocation.print(text);
    else
        evaluator.assign(variable, text);
    for (std::size_t i = 0; i < errors.size();) {
        const std::size_t end = errors.find('\n', i);
        evaluator.error(evaluator.streams(), "printf: " + errors.substr(i, end - i));
        i = end + 1;
    }
    return errors.empty() ? 0 : 1;
}

int test(Evaluator& evaluator, Invocation& invocation)
{
    std::vector<std::string> words = invocation.arguments;
    if (invocation.name == "[") {
        if (words.empty() || words.back() != "]") {
            evaluator.error(evaluator.streams(), "[: missing `]'");
            return 2;
        }
        words.pop_back();
    }
    std::string failure;
    const int status = evaluateTest(evaluator, words, failure);
    if (!failure.empty())
        evaluator.error(evaluator.streams(), invocation.name + ": " + failure);
    return status;
}

int sleepCommand(Evaluator&, Invocation& invocation)
{
    if (invocation.arguments.empty()) {
        invocation.err().write("sleep: missing operand\nTry 'sleep --help' for more information.\n");
        return 1;
    }
    double seconds = 0;
    for (const std::string& word : invocation.arguments) {
        const std::optional<double> value = parseSeconds(word);
        if (!value) {
            invocation.err().write("sleep: invalid time interval '" + word
                                   + "'\nTry 'sleep --help' for more information.\n");
            return 1;
        }
        seconds += *value;
    }
    constexpr double kLongest = 100.0 * 365 * 86400;
    invocation.sleep(sim::fromSeconds(std::min(seconds, kLongest)));
    return 0;
}

} // namespace

std::optional<double> parseSeconds(const std::string& text)
{
    std::size_t used = 0;
    const double value = parseDouble(text, used);
    if (used == 0 || !(value >= 0) || used + 1 < text.size())
        return {};
    if (used == text.size())
        return value;
    switch (text[used]) {
    case 's': return value;
    case 'm': return value * 60;
    case 'h': return value * 3600;
    case 'd': return value * 86400;
    default: return {};
    }
}

void addPrintBuiltins(std::map<std::string_view, Builtin>& table)
{
    table["echo"] = {"write arguments to the standard output", echo, "echo [-neE] [STRING]..."};
    table["printf"] = {"format and print data", printfCommand, "printf [-v NAME] FORMAT [ARGUMENT]..."};
    table["test"] = {"check file types and compare values", test, "test EXPRESSION"};
    table["["] = {"check file types and compare values", test, "[ EXPRESSION ]"};
    table["true"] = {"do nothing, successfully", [](Evaluator&, Invocation&) {
                         return 0;
                     }};
    table[":"] = {"do nothing, successfully", [](Evaluator&, Invocation&) {
                      return 0;
                  }};
    table["false"] = {"do nothing, unsuccessfully", [](Evaluator&, Invocation&) {
                          return 1;
                      }};
    table["sleep"] = {"delay for a specified amount of time", sleepCommand, "sleep NUMBER[smhd]..."};
    table["pwd"] = {"print name of current/working directory", [](Evaluator&, Invocation& i) {
                        i.print(i.workingDirectory() + "\n");
                        return 0;
                    }};
}

} // namespace core::shell
