#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"
#include "core/shell/text_input.h"
#include "sim/engine/split.h"

namespace core::shell {

namespace {

/// Words of standard input: blanks separate, quotes and backslashes protect. Returns the quote left open, or 0.
char splitWords(const std::string& text, std::vector<std::string>& words)
{
    std::string word;
    bool inWord = false;
    char quote = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quote) {
            if (c == quote)
                quote = 0;
            else if (c == '\n')
                return quote;
            else
                word += c;
        } else if (c == '\'' || c == '"') {
            quote = c;
            inWord = true;
        } else if (c == '\\' && i + 1 < text.size()) {
            word += text[++i];
            inWord = true;
        } else if (c == ' ' || c == '\t' || c == '\n') {
            if (inWord)
                words.push_back(std::move(word));
            word.clear();
            inWord = false;
        } else {
            word += c;
            inWord = true;
        }
    }
    if (inWord)
        words.push_back(std::move(word));
    return quote;
}

/// Error output that keeps to itself what a shell says of a missing command: xargs has words of its own.
class CommandErrors final : public Output {
public:
    explicit CommandErrors(Output& target) : m_target(target) { }
    void write(std::string_view text) override
    {
        if (text.find(": command not found\n") != std::string_view::npos)
            notFound = true;
        else
            m_target.write(text);
    }
    bool isTerminal() const override { return m_target.isTerminal(); }

    bool notFound = false;

private:
    Output& m_target;
};

int xargs(Invocation& invocation)
{
    std::size_t perRun = static_cast<std::size_t>(-1);
    std::string replace;
    std::optional<char> separator;
    bool trace = false;
    bool noRunIfEmpty = false;
    std::size_t i = 0;
    const std::vector<std::string>& words = invocation.arguments;
    for (; i < words.size() && words[i].size() > 1 && words[i][0] == '-'; ++i) {
        const std::string& word = words[i];
        const auto value = [&]() {
            return word.size() > 2 ? word.substr(2) : i + 1 < words.size() ? words[++i] : std::string();
        };
        if (word[1] == 'n' || word[1] == 'L') {
            const std::string text = value();
            const auto number = numberOption(invocation, text, "number for -n option");
            if (!number || *number < 1)
                return 1;
            perRun = static_cast<std::size_t>(*number);
        } else if (word[1] == 'I') {
            replace = value();
        } else if (word[1] == 'P') {
            value();
        } else if (word[1] == 'd') {
            const std::string text = value();
            separator = text == "\\n" ? '\n' : text == "\\t" ? '\t' : text.empty() ? '\n' : text[0];
        } else if (word == "-0" || word == "--null") {
            separator = '\0';
        } else if (word == "-t") {
            trace = true;
        } else if (word == "-r" || word == "--no-run-if-empty") {
            noRunIfEmpty = true;
        } else {
            invocation.err().write("xargs: invalid option -- '" + word.substr(1, 1)
                                   + "'\nTry 'xargs --help' for more information.\n");
            return 1;
        }
    }
    std::vector<std::string> command(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
    if (command.empty())
        command.emplace_back("echo");
    const std::string text = invocation.in().readAll();
    std::vector<std::string> items;
    if (separator) {
        items = sim::linesOf(text, *separator);
    } else if (!replace.empty()) {
        for (std::string& line : sim::linesOf(text, '\n')) {
            const std::size_t start = line.find_first_not_of(" \t");
            if (start != std::string::npos)
                items.push_back(line.substr(start));
        }
    } else if (const char quote = splitWords(text, items); quote != 0) {
        return invocation.fail(1, std::string("unmatched ") + (quote == '"' ? "double" : "single")
                                      + " quote; by default quotes are special to xargs unless you use the -0 option");
    }
    int status = 0;
    const auto run = [&](const std::vector<std::string>& line) {
        if (trace) {
            std::string shown;
            for (const std::string& word : line)
                shown += (shown.empty() ? "" : " ") + word;
            invocation.err().write(shown + "\n");
        }
        TextInput nothing{std::string()};
        CommandErrors errors(invocation.err());
        const int result = invocation.run(line, &nothing, nullptr, &errors);
        if (errors.notFound)
            invocation.fail(result, line[0] + ": No such file or directory");
        if (result == 127)
            status = 127;
        else if (result != 0 && status != 127)
            status = 123;
        return result != 255 && result != 127;
    };
    if (!replace.empty()) {
        for (const std::string& item : items) {
            std::vector<std::string> line = command;
            for (std::string& word : line)
                for (std::size_t at = word.find(replace); at != std::string::npos;
                     at = word.find(replace, at + item.size()))
                    word.replace(at, replace.size(), item);
            if (!run(line))
                break;
        }
        return status;
    }
    if (items.empty() && !noRunIfEmpty)
        run(command);
    for (std::size_t from = 0; from < items.size();) {
        const std::size_t count = std::min(perRun, items.size() - from);
        std::vector<std::string> line = command;
        line.insert(line.end(), items.begin() + static_cast<std::ptrdiff_t>(from),
                    items.begin() + static_cast<std::ptrdiff_t>(from + count));
        from += count;
        if (!run(line))
            break;
    }
    return status;
}

} // namespace

void addXargs(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "xargs";
    spec.summary = "build and execute command lines from standard input";
    spec.usage = "xargs [OPTION]... COMMAND [INITIAL-ARGS]...";
    spec.parseOptions = false;
    spec.options = {{'0', "null", "", "items are separated by a null, not whitespace"},
                    {'d', "delimiter", "CHARACTER", "items in input stream are separated by CHARACTER"},
                    {'I', "", "R", "replace R in INITIAL-ARGS with names read from standard input"},
                    {'n', "max-args", "MAX-ARGS", "use at most MAX-ARGS arguments per command line"},
                    {'P', "max-procs", "MAX-PROCS", "run at most MAX-PROCS processes at a time"},
                    {'r', "no-run-if-empty", "", "if there are no arguments, then do not run COMMAND"},
                    {'t', "verbose", "", "print commands before executing them"}};
    spec.run = xargs;
    table.add(std::move(spec));
}

} // namespace core::shell
