#include "core/shell/cell_width.h"
#include "core/shell/numbers.h"
#include "core/shell/text/commands.h"
#include "core/shell/text/dates.h"
#include "core/shell/text/full_screen.h"

#include <fmt/format.h>

namespace core::shell {

namespace {

class TextOutput final : public Output {
public:
    void write(std::string_view piece) override { text += piece; }
    bool isTerminal() const override { return false; }
    std::string text;
};

struct WatchOptions {
    double interval = 2;
    bool title = true;
    bool untilChange = false;
    bool untilError = false;
    bool execute = false;
    std::vector<std::string> words;
};

/// Options end at the first word of the command.
std::optional<WatchOptions> parse(Invocation& invocation)
{
    WatchOptions result;
    const auto complain = [&](const std::string& text) {
        invocation.err().write("watch: " + text + "\n\nUsage:\n watch [options] command\n");
    };
    std::size_t i = 0;
    const std::vector<std::string>& words = invocation.arguments;
    for (; i < words.size() && words[i].size() > 1 && words[i][0] == '-'; ++i) {
        const std::string& word = words[i];
        std::string value;
        if (word.compare(0, 2, "-n") == 0 || word.compare(0, 10, "--interval") == 0) {
            const std::size_t equals = word.find('=');
            if (equals != std::string::npos)
                value = word.substr(equals + 1);
            else if (word.size() > 2 && word[1] == 'n')
                value = word.substr(2);
            else if (i + 1 < words.size())
                value = words[++i];
            std::size_t used = 0;
            result.interval = parseDouble(value, used);
            if (used == 0 || used != value.size()) {
                complain("failed to parse argument: '" + value + "'");
                return {};
            }
            continue;
        }
        if (word == "--no-title" || word == "--differences" || word == "--color" || word == "--chgexit"
            || word == "--errexit" || word == "--exec") {
            result.title &= word != "--no-title";
            result.untilChange |= word == "--chgexit";
            result.untilError |= word == "--errexit";
            result.execute |= word == "--exec";
            continue;
        }
        for (const char letter : word.substr(1)) {
            switch (letter) {
            case 't': result.title = false; break;
            case 'g': result.untilChange = true; break;
            case 'e': result.untilError = true; break;
            case 'x': result.execute = true; break;
            case 'd':
            case 'c':
            case 'b': break;
            default: complain(std::string("invalid option -- '") + letter + "'"); return {};
            }
        }
    }
    result.words.assign(words.begin() + static_cast<std::ptrdiff_t>(i), words.end());
    result.interval = std::clamp(result.interval, 0.1, 4294967.0);
    if (result.words.empty()) {
        invocation.err().write("\nUsage:\n watch [options] command\n");
        return {};
    }
    return result;
}

std::string header(Invocation& invocation, const WatchOptions& options, const std::string& line)
{
    const int columns = invocation.out().columns();
    const std::string right = invocation.system().hostName(invocation.place()) + ": "
        + formatDate(invocation.now(), "%a %b %e %H:%M:%S %Y");
    std::string left = fmt::format("Every {:.1f}s: {}", options.interval, line);
    const int room = columns - static_cast<int>(right.size()) - 1;
    if (cellWidth(left) > room)
        left = fitCells(left, std::max(room - 3, 0)) + "...";
    const int blanks = columns - cellWidth(left) - static_cast<int>(right.size());
    return left + std::string(static_cast<std::size_t>(std::max(blanks, 1)), ' ') + right;
}

int watch(Invocation& invocation)
{
    const std::optional<WatchOptions> options = parse(invocation);
    if (!options)
        return 1;
    std::string line;
    for (const std::string& word : options->words)
        line += (line.empty() ? "" : " ") + word;
    const bool screen = invocation.out().isTerminal();
    std::optional<FullScreen> fullScreen;
    if (screen)
        fullScreen.emplace(invocation.out());
    std::string before;
    for (bool first = true;; first = false) {
        TextOutput output;
        const int status = options->execute ? invocation.run(options->words, nullptr, &output, &output)
                                            : invocation.run({"sh", "-c", line}, nullptr, &output, &output);
        if (screen) {
            std::string frame = "\x1b[H";
            int row = 0;
            if (options->title) {
                frame += header(invocation, *options, line) + "\x1b[K\n\x1b[K\n";
                row = 2;
            }
            const int rows = invocation.out().rows();
            for (std::size_t i = 0; i < output.text.size() && row < rows; ++row) {
                const std::size_t end = std::min(output.text.find('\n', i), output.text.size());
                frame += fitCells(output.text.substr(i, end - i), invocation.out().columns()) + "\x1b[K";
                i = end + 1;
                if (i < output.text.size() && row + 1 < rows)
                    frame += "\n";
            }
            invocation.print(frame + "\x1b[J");
        } else {
            invocation.print(output.text);
        }
        if (options->untilError && status != 0)
            return 8;
        if (options->untilChange && !first && output.text != before)
            return 0;
        before = std::move(output.text);
        if (!screen) {
            invocation.sleep(sim::fromSeconds(options->interval));
            continue;
        }
        const sim::Instant next = invocation.now() + sim::fromSeconds(options->interval);
        while (invocation.now() < next) {
            const std::optional<std::string> key = invocation.readKey(next - invocation.now());
            if (key && *key == "q")
                return 0;
            if (key && *key == " ")
                break;
        }
    }
}

} // namespace

void addWatch(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "watch";
    spec.summary = "execute a program periodically, showing output fullscreen";
    spec.usage = "watch [options] command";
    spec.parseOptions = false;
    spec.options = {{'d', "differences", "", "highlight changes between updates"},
                    {'e', "errexit", "", "exit if command has a non-zero exit"},
                    {'g', "chgexit", "", "exit when output from command changes"},
                    {'n', "interval", "secs", "seconds to wait between updates"},
                    {'t', "no-title", "", "turn off header"}};
    spec.run = watch;
    table.add(std::move(spec));
}

} // namespace core::shell
