#include "core/shell/numbers.h"
#include "core/shell/paths.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

#include <fmt/format.h>
#include <cmath>

namespace core::shell {

namespace {

int missingOperand(Invocation& invocation)
{
    invocation.err().write(invocation.name + ": missing operand\nTry '" + invocation.name
                           + " --help' for more information.\n");
    return 1;
}

std::string withoutTrailingSlashes(std::string path)
{
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    return path;
}

int basename(Invocation& invocation)
{
    if (invocation.operands.empty())
        return missingOperand(invocation);
    const bool many = invocation.options.has("multiple") || invocation.options.has("suffix");
    if (!many && invocation.operands.size() > 2) {
        invocation.err().write("basename: extra operand '" + invocation.operands[2]
                               + "'\nTry 'basename --help' for more information.\n");
        return 1;
    }
    const std::string suffix = many      ? invocation.options.value("suffix")
        : invocation.operands.size() > 1 ? invocation.operands[1]
                                         : std::string();
    for (std::size_t i = 0; i < (many ? invocation.operands.size() : 1); ++i) {
        const std::string path = withoutTrailingSlashes(invocation.operands[i]);
        std::string name = path == "/" ? path : std::string(fileNameOf(path));
        if (name.size() > suffix.size()
            && name.compare(name.size() - suffix.size(), suffix.size(), suffix) == 0)
            name.resize(name.size() - suffix.size());
        invocation.print(name + "\n");
    }
    return 0;
}

int dirname(Invocation& invocation)
{
    if (invocation.operands.empty())
        return missingOperand(invocation);
    for (const std::string& operand : invocation.operands) {
        const std::string path = withoutTrailingSlashes(operand);
        const std::size_t slash = path.rfind('/');
        invocation.print((slash == std::string::npos ? "."
                              : slash == 0           ? "/"
                                                     : withoutTrailingSlashes(path.substr(0, slash)))
                         + "\n");
    }
    return 0;
}

int seq(Invocation& invocation)
{
    // Negative numbers are operands, so the words are read here.
    std::string separator = "\n";
    std::string format;
    bool equalWidth = false;
    std::vector<std::string> numbers;
    for (std::size_t i = 0; i < invocation.arguments.size(); ++i) {
        const std::string& word = invocation.arguments[i];
        if (word == "-s" && i + 1 < invocation.arguments.size())
            separator = invocation.arguments[++i];
        else if (word.compare(0, 2, "-s") == 0 && word.size() > 2)
            separator = word.substr(2);
        else if (word.compare(0, 12, "--separator=") == 0)
            separator = word.substr(12);
        else if (word.compare(0, 9, "--format=") == 0)
            format = word.substr(9);
        else if (word == "-f" && i + 1 < invocation.arguments.size())
            format = invocation.arguments[++i];
        else if (word == "-w" || word == "--equal-width")
            equalWidth = true;
        else
            numbers.push_back(word);
    }
    if (numbers.empty())
        return missingOperand(invocation);
    if (numbers.size() > 3) {
        invocation.err().write("seq: extra operand '" + numbers[3]
                               + "'\nTry 'seq --help' for more information.\n");
        return 1;
    }
    std::vector<double> values;
    int precision = 0;
    std::size_t width = 0;
    for (const std::string& text : numbers) {
        std::size_t used = 0;
        values.push_back(parseDouble(text, used));
        if (used != text.size() || used == 0) {
            invocation.err().write("seq: invalid floating point argument: '" + text
                                   + "'\nTry 'seq --help' for more information.\n");
            return 1;
        }
        const std::size_t dot = text.find('.');
        if (dot != std::string::npos)
            precision = std::max(precision,
                                 static_cast<int>(std::min<std::size_t>(text.size() - dot - 1, 30)));
    }
    const double first = values.size() > 1 ? values[0] : 1;
    const double step = values.size() > 2 ? values[1] : 1;
    const double last = values.back();
    if (step == 0) {
        invocation.err().write("seq: invalid Zero increment value: '" + numbers[1]
                               + "'\nTry 'seq --help' for more information.\n");
        return 1;
    }
    if (equalWidth)
        width = std::max(formatDouble(first, 'f', "", 0, precision).size(),
                         formatDouble(last, 'f', "", 0, precision).size());
    constexpr std::size_t kPiece = 32 * 1024;
    std::string text;
    const double slack = std::fabs(step) * 1e-10;
    bool any = false;
    for (std::int64_t i = 0;; ++i) {
        const double value = first + static_cast<double>(i) * step;
        if (step > 0 ? value > last + slack : value < last - slack)
            break;
        std::string number;
        if (!format.empty()) {
            const std::size_t percent = format.find('%');
            std::size_t k = percent + 1;
            std::string flags;
            while (k < format.size() && std::string_view("-+ #0").find(format[k]) != std::string_view::npos)
                flags += format[k++];
            int w = 0;
            for (; k < format.size() && format[k] >= '0' && format[k] <= '9'; ++k)
                w = std::min(w * 10 + format[k] - '0', 1000);
            int p = -1;
            if (k < format.size() && format[k] == '.')
                for (p = 0, ++k; k < format.size() && format[k] >= '0' && format[k] <= '9'; ++k)
                    p = std::min(p * 10 + format[k] - '0', 100);
            if (percent == std::string::npos || k >= format.size()
                || std::string_view("efgEFG").find(format[k]) == std::string_view::npos)
                return invocation.fail(1, "format '" + format + "' "
                                              + (percent == std::string::npos ? "has no % directive"
                                                     : k >= format.size()     ? "ends in %"
                                                                              : std::string("has unknown %")
                                                         + format[k] + " directive"));
            number = format.substr(0, percent) + formatDouble(value, format[k], flags, w, p)
                + format.substr(k + 1);
        } else {
            number = formatDouble(value == 0 ? 0 : value, 'f', "0", static_cast<int>(width), precision);
        }
        if (any)
            text += separator;
        any = true;
        text += number;
        if (text.size() >= kPiece) {
            invocation.print(text);
            text.clear();
            // Long sequences take time, so that they can be interrupted.
            invocation.sleep(std::chrono::milliseconds(1));
        }
    }
    invocation.print(text + (any ? "\n" : ""));
    return 0;
}

int yes(Invocation& invocation)
{
    std::string line;
    for (const std::string& word : invocation.arguments)
        line += (line.empty() ? "" : " ") + word;
    line = (line.empty() ? "y" : line) + "\n";
    constexpr std::size_t kPiece = 8 * 1024;
    std::string text;
    while (text.size() < kPiece)
        text += line;
    for (;;) {
        invocation.print(text);
        invocation.sleep(std::chrono::milliseconds(2));
    }
}

int tee(Invocation& invocation)
{
    const bool append = invocation.options.has("append");
    int status = 0;
    std::vector<std::string> paths;
    for (const std::string& operand : invocation.operands) {
        const std::string path = invocation.absolutePath(operand);
        const Errno error = operand == "/dev/null"
            ? Errno::None
            : invocation.system().writeFile(invocation.place(), path, {}, append);
        if (error != Errno::None)
            status = invocation.fail(1, operand + ": " + std::string(describe(error)));
        else if (operand != "/dev/null")
            paths.push_back(path);
    }
    std::string pending;
    const auto flush = [&] {
        for (const std::string& path : paths)
            if (!pending.empty())
                invocation.system().writeFile(invocation.place(), path, pending, true);
        pending.clear();
    };
    // What came before Ctrl-C is in the file as well.
    struct AtEnd {
        const decltype(flush)& run;
        ~AtEnd() { run(); }
    } atEnd{flush};
    constexpr std::size_t kPiece = 4 * 1024;
    while (std::optional<std::string> line = invocation.in().readLine()) {
        *line += invocation.in().endedWithNewline() ? "\n" : "";
        pending += *line;
        if (pending.size() > kPiece)
            flush();
        invocation.print(*line);
    }
    return status;
}

CommandSpec raw(const char* name, const char* summary, const char* usage, int (*run)(Invocation&))
{
    CommandSpec spec;
    spec.name = name;
    spec.summary = summary;
    spec.usage = usage;
    spec.parseOptions = false;
    spec.run = run;
    return spec;
}

} // namespace

void addSmallTools(CommandTable& table)
{
    CommandSpec base = raw("basename", "strip directory and suffix from filenames", "basename NAME [SUFFIX]",
                           basename);
    base.parseOptions = true;
    base.options = {{'a', "multiple", "", "support multiple arguments and treat each as a NAME"},
                    {'s', "suffix", "SUFFIX", "remove a trailing SUFFIX; implies -a"}};
    table.add(std::move(base));
    CommandSpec directory = raw("dirname", "strip last component from file name", "dirname NAME...", dirname);
    directory.parseOptions = true;
    table.add(std::move(directory));
    CommandSpec sequence = raw("seq", "print a sequence of numbers", "seq [OPTION]... [FIRST [INCREMENT]] LAST", seq);
    sequence.options = {{'f', "format", "FORMAT", "use printf style floating-point FORMAT"},
                        {'s', "separator", "STRING", "use STRING to separate numbers (default: \\n)"},
                        {'w', "equal-width", "", "equalize width by padding with leading zeroes"}};
    table.add(std::move(sequence));
    table.add(raw("yes", "output a string repeatedly until killed", "yes [STRING]...", yes));
    CommandSpec teeSpec = raw("tee", "read from standard input and write to standard output and files",
                              "tee [OPTION]... [FILE]...", tee);
    teeSpec.parseOptions = true;
    teeSpec.options = {{'a', "append", "", "append to the given FILEs, do not overwrite"}};
    table.add(std::move(teeSpec));
    table.add(raw("clear", "clear the terminal screen", "clear", [](Invocation& invocation) {
        invocation.print("\x1b[H\x1b[2J\x1b[3J");
        return 0;
    }));
    table.add(raw("reset", "reset the terminal", "reset", [](Invocation& invocation) {
        invocation.print("\x1b"
                         "c");
        return 0;
    }));
}

} // namespace core::shell
