// tidy ROOT: checks every file of the source tree and prints what breaks a rule as PATH:LINE: MESSAGE. Status
// 1 when something does, 2 when the tree cannot be read.

#include "tests/tidy/rules.h"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

/// Tracked files and new ones that git does not ignore; empty where this is no git checkout.
std::vector<std::string> filesByGit(const fs::path& root)
{
    std::vector<std::string> files;
    std::error_code failed;
    if (!fs::exists(root / ".git", failed))
        return files;
    std::string quoted = "'";
    for (const char c : root.string())
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    // safe.directory: a checkout of another user (a container's volume) is read all the same.
    const std::string command = "git -c safe.directory='*' -C " + quoted
        + "' ls-files -z --cached --others --exclude-standard 2>/dev/null";
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(::popen(command.c_str(), "r"), ::pclose);
    std::string name;
    for (int c = pipe ? std::fgetc(pipe.get()) : EOF; c != EOF; c = std::fgetc(pipe.get())) {
        if (c != '\0') {
            name += static_cast<char>(c);
            continue;
        }
        files.push_back(std::move(name));
        name.clear();
    }
    return files;
}

/// All files but hidden ones and what was built.
std::vector<std::string> filesByWalking(const fs::path& root)
{
    std::vector<std::string> files;
    for (auto at = fs::recursive_directory_iterator(root); at != fs::recursive_directory_iterator(); ++at) {
        const std::string name = at->path().filename().string();
        if (at->is_directory() && (name.starts_with('.') || (at.depth() == 0 && name == "build")))
            at.disable_recursion_pending();
        else if (at->is_regular_file())
            files.push_back(at->path().lexically_relative(root).string());
    }
    return files;
}

} // namespace

int main(int argc, char** argv)
{
    if (argc != 2 || !fs::is_directory(argv[1])) {
        std::fprintf(stderr, "usage: tidy ROOT\n");
        return 2;
    }
    const fs::path root = argv[1];
    std::vector<std::string> files = filesByGit(root);
    if (files.empty())
        files = filesByWalking(root);
    std::sort(files.begin(), files.end());

    std::size_t checked = 0;
    std::size_t found = 0;
    for (const std::string& path : files) {
        std::error_code gone;
        if (!fs::is_regular_file(root / path, gone))
            continue; // deleted, and git has not been told yet
        std::ifstream file(root / path, std::ios::binary);
        const std::string text{std::istreambuf_iterator<char>(file), {}};
        ++checked;
        for (const tidy::Finding& finding : tidy::check(path, text)) {
            std::printf("%s:%d: %s\n", finding.path.c_str(), finding.line, finding.message.c_str());
            ++found;
        }
    }
    std::printf("%zu files checked, %zu findings\n", checked, found);
    if (checked == 0)
        return 2;
    return found == 0 ? 0 : 1;
}
