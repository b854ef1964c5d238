#include "core/shell/text/input_files.h"

#include "core/shell/text_input.h"

#include <charconv>

namespace core::shell {

void noteFile(Invocation& invocation, const std::string& path)
{
    invocation.noteRead("file/" + invocation.system().hostName(invocation.place())
                        + invocation.absolutePath(path));
}

namespace {

/// What a tool says of a file that it cannot have; they do not agree on the words.
std::string complaint(const std::string& tool, const std::string& path, Errno error)
{
    const std::string why(describe(error));
    const bool directory = error == Errno::IsDirectory;
    if (tool == "head" || tool == "tail")
        return directory ? "error reading '" + path + "': " + why : "cannot open '" + path + "' for reading: " + why;
    if (tool == "tac")
        return directory ? path + ": read error: " + why : "failed to open '" + path + "' for reading: " + why;
    if (tool == "sort")
        return (directory ? "read failed: " : "cannot read: ") + path + ": " + why;
    if (tool == "sed")
        return directory ? "couldn't edit " + path + ": not a regular file" : "can't read " + path + ": " + why;
    if (tool == "uniq" && directory)
        return "error reading '" + path + "'";
    return path + ": " + why;
}

} // namespace

std::optional<std::string> readFileOrComplain(Invocation& invocation, const std::string& path)
{
    if (path == "/dev/null")
        return std::string();
    ReadFile file = invocation.system().readFile(invocation.place(), invocation.absolutePath(path));
    if (file.error != Errno::None) {
        invocation.fail(1, complaint(invocation.name, path, file.error));
        return {};
    }
    noteFile(invocation, path);
    return std::move(file.text);
}

bool forEachInput(Invocation& invocation, const std::vector<std::string>& paths,
                  const std::function<void(Input&, const std::string& name)>& visit)
{
    if (paths.empty()) {
        visit(invocation.in(), "-");
        return true;
    }
    bool ok = true;
    for (const std::string& path : paths) {
        if (path == "-" || path == "/dev/stdin") {
            visit(invocation.in(), path);
            continue;
        }
        std::optional<std::string> text = readFileOrComplain(invocation, path);
        if (!text) {
            ok = false;
            continue;
        }
        TextInput input(std::move(*text));
        visit(input, path);
    }
    return ok;
}

std::vector<std::string> readAllLines(Invocation& invocation, const std::vector<std::string>& paths, bool& ok)
{
    std::vector<std::string> lines;
    constexpr std::size_t kMaxLines = 2'000'000;
    ok = forEachInput(invocation, paths, [&](Input& input, const std::string&) {
        while (lines.size() < kMaxLines) {
            std::optional<std::string> line = input.readLine();
            if (!line)
                break;
            lines.push_back(std::move(*line));
        }
    });
    return lines;
}

std::optional<long long> numberOption(Invocation& invocation, const std::string& text,
                                      const std::string& what)
{
    long long value = 0;
    const char* first = text.data() + (!text.empty() && text[0] == '+' ? 1 : 0);
    const auto [end, error] = std::from_chars(first, text.data() + text.size(), value);
    std::string unit(end, text.data() + text.size());
    if (error != std::errc() || unit.size() > 1
        || (!unit.empty() && std::string_view("kKmM").find(unit[0]) == std::string_view::npos)) {
        invocation.fail(1, "invalid " + what + ": '" + text + "'");
        return {};
    }
    if (!unit.empty())
        value *= unit == "k" || unit == "K" ? 1024 : 1024 * 1024;
    return value;
}

} // namespace core::shell
