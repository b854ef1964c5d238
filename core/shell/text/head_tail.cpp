#include "core/shell/text/commands.h"
#include "core/shell/text/input_files.h"

#include <deque>

namespace core::shell {

namespace {

void printHeader(Invocation& invocation, const std::string& name, bool& first)
{
    invocation.print((first ? "==> " : "\n==> ") + (name == "-" ? "standard input" : name) + " <==\n");
    first = false;
}

bool wantsHeaders(const Invocation& invocation, const Options& options)
{
    return options.has("verbose") || (invocation.operands.size() > 1 && !options.has("quiet"));
}

int head(Invocation& invocation)
{
    const bool bytes = invocation.options.has("bytes");
    const std::string text = invocation.options.value(bytes ? "bytes" : "lines", "10");
    const auto count = numberOption(invocation, text, bytes ? "number of bytes" : "number of lines");
    if (!count)
        return 1;
    const bool allBut = text[0] == '-';
    const auto limit = static_cast<std::size_t>(*count < 0 ? -*count : *count);
    const bool headers = wantsHeaders(invocation, invocation.options);
    bool first = true;
    const bool ok = forEachInput(invocation, invocation.operands, [&](Input& input, const std::string& name) {
        if (headers)
            printHeader(invocation, name, first);
        if (bytes) {
            const std::string all = input.readAll();
            invocation.print(
                std::string_view(all).substr(0, allBut ? all.size() - std::min(limit, all.size()) : limit));
            return;
        }
        std::deque<std::string> kept;
        for (std::size_t n = 0; allBut || n < limit; ++n) {
            std::optional<std::string> line = input.readLine();
            if (!line)
                break;
            *line += input.endedWithNewline() ? "\n" : "";
            if (!allBut) {
                invocation.print(*line);
                continue;
            }
            kept.push_back(std::move(*line));
            if (kept.size() > limit) {
                invocation.print(kept.front());
                kept.pop_front();
            }
        }
    });
    return ok ? 0 : 1;
}

/// Where the last `count` lines begin.
std::size_t lastLines(const std::string& text, std::size_t count)
{
    if (count == 0)
        return text.size();
    std::size_t position = text.size();
    if (position > 0 && text[position - 1] == '\n')
        --position;
    while (position > 0) {
        const std::size_t newline = text.rfind('\n', position - 1);
        if (newline == std::string::npos)
            return 0;
        if (--count == 0)
            return newline + 1;
        position = newline;
    }
    return 0;
}

/// Polls the file, as tail does where inotify is not to be had.
void follow(Invocation& invocation, const std::string& path, std::size_t position, bool byName)
{
    constexpr auto kInterval = std::chrono::milliseconds(200);
    const std::string absolute = invocation.absolutePath(path);
    bool gone = false;
    for (;;) {
        invocation.sleep(kInterval);
        const ReadFile file = invocation.system().readFile(invocation.place(), absolute);
        if (file.error != Errno::None) {
            if (!gone && byName)
                invocation.fail(
                    1, "'" + path + "' has become inaccessible: " + std::string(describe(file.error)));
            gone = true;
            continue;
        }
        if (gone && byName) {
            invocation.fail(1, "'" + path + "' has appeared;  following new file");
            position = 0;
        }
        gone = false;
        if (file.text.size() < position) {
            invocation.fail(1, path + ": file truncated");
            position = 0;
        }
        if (file.text.size() > position) {
            invocation.print(std::string_view(file.text).substr(position));
            position = file.text.size();
        }
    }
}

int tail(Invocation& invocation)
{
    const bool bytes = invocation.options.has("bytes");
    const std::string text = invocation.options.value(bytes ? "bytes" : "lines", "10");
    const auto number = numberOption(invocation, text, bytes ? "number of bytes" : "number of lines");
    if (!number)
        return 1;
    const bool fromStart = text[0] == '+';
    const auto count = static_cast<std::size_t>(*number < 0 ? -*number : *number);
    const bool headers = wantsHeaders(invocation, invocation.options);
    const bool byName = invocation.options.has("F") || invocation.options.value("follow") == "name";
    const bool following = byName || invocation.options.has("follow") || invocation.options.has("f");
    bool first = true;
    std::size_t end = 0;
    const bool ok = forEachInput(invocation, invocation.operands, [&](Input& input, const std::string& name) {
        if (headers)
            printHeader(invocation, name, first);
        if (fromStart && !bytes) {
            for (std::size_t n = 1;; ++n) {
                const std::optional<std::string> line = input.readLine();
                if (!line)
                    break;
                end += line->size() + 1;
                if (n >= count)
                    invocation.print(*line + (input.endedWithNewline() ? "\n" : ""));
            }
            return;
        }
        const std::string all = input.readAll();
        end = all.size();
        std::size_t start = 0;
        if (fromStart)
            start = std::min(all.size(), count > 0 ? count - 1 : 0);
        else if (bytes)
            start = all.size() - std::min(all.size(), count);
        else
            start = lastLines(all, count);
        invocation.print(std::string_view(all).substr(start));
    });
    if (following && !invocation.operands.empty() && (ok || byName))
        follow(invocation, invocation.operands.back(), end, byName);
    return ok ? 0 : 1;
}

} // namespace

void addHeadTail(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "head";
    spec.summary = "output the first part of files";
    spec.usage = "head [OPTION]... [FILE]...";
    spec.options = {{'c', "bytes", "[-]NUM", "print the first NUM bytes of each file"},
                    {'n', "lines", "[-]NUM", "print the first NUM lines instead of the first 10"},
                    {'q', "quiet", "", "never print headers giving file names"},
                    {'v', "verbose", "", "always print headers giving file names"}};
    spec.run = head;
    spec.historicalCounts = true;
    table.add(spec);

    spec.name = "tail";
    spec.summary = "output the last part of files";
    spec.usage = "tail [OPTION]... [FILE]...";
    spec.options = {{'c', "bytes", "[+]NUM", "output the last NUM bytes"},
                    {'f', "", "", "output appended data as the file grows"},
                    {0, "follow", "HOW", "the same; HOW is name or descriptor", true},
                    {'F', "", "", "same as --follow=name --retry"},
                    {'n', "lines", "[+]NUM", "output the last NUM lines, instead of the last 10"},
                    {'q', "quiet", "", "never output headers giving file names"},
                    {'v', "verbose", "", "always output headers giving file names"}};
    spec.run = tail;
    table.add(std::move(spec));
}

} // namespace core::shell
