#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace test {

/// What a program left behind.
struct Ran {
    std::string output;
    std::string errors;
    int status = 0;
};

/// A scratch directory of this machine in which real programs run, for tests that compare ours with them. Its
/// /home/ops and /tmp stand for those of the simulated machine: outputs name them so.
class RealMachine {
public:
    RealMachine();
    ~RealMachine();
    RealMachine(const RealMachine&) = delete;
    RealMachine& operator=(const RealMachine&) = delete;

    /// Empties the home directory and /tmp.
    void clear();
    /// A file at a path such as /home/ops/x, last changed at the given second.
    void addFile(const std::string& path, const std::string& text, long modified = 0);
    /// Runs `shell /tmp/case.sh` on a script in the home directory, with a small fixed environment, empty input, at
    /// most ten seconds.
    Ran run(const std::string& shell, const std::string& script);

    static bool has(const std::string& program);

private:
    std::filesystem::path m_root;
};

/// The commands of a data file: "$ " begins one, "> " continues it, "#" begins a comment.
std::vector<std::string> readCommands(const std::filesystem::path& path);
/// The files of a data file: "@ /path" begins one, "|" its lines.
std::vector<std::pair<std::string, std::string>> readFiles(const std::filesystem::path& path);

} // namespace test
