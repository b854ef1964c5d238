#include "tests/core/shell/real_machine.h"

#include "core/shell/quoting.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace test {

namespace {

std::string textOf(const std::filesystem::path& path)
{
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

/// The lines of a data file. An arrow stands for a tab, which no file of the tree may hold.
std::vector<std::string> dataLines(const std::filesystem::path& path)
{
    static const std::string kArrow = "\u2192";
    std::vector<std::string> lines;
    std::ifstream in(path);
    for (std::string line; std::getline(in, line); lines.push_back(line))
        for (std::size_t at = 0; (at = line.find(kArrow, at)) != std::string::npos; ++at)
            line.replace(at, kArrow.size(), "\t");
    return lines;
}

} // namespace

RealMachine::RealMachine()
{
    std::string name = (std::filesystem::temp_directory_path() / "faultline-shell-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr)
        throw std::filesystem::filesystem_error("mkdtemp", name, std::make_error_code(std::errc::io_error));
    m_root = name;
    clear();
}

RealMachine::~RealMachine()
{
    std::error_code ignored;
    std::filesystem::remove_all(m_root, ignored);
}

void RealMachine::clear()
{
    std::filesystem::remove_all(m_root / "home");
    std::filesystem::remove_all(m_root / "tmp");
    std::filesystem::create_directories(m_root / "home/ops");
    std::filesystem::create_directories(m_root / "tmp");
}

void RealMachine::addFile(const std::string& path, const std::string& text, long modified)
{
    const std::filesystem::path target = m_root.string() + path;
    std::filesystem::create_directories(target.parent_path());
    std::ofstream(target, std::ios::binary) << text;
    if (modified != 0) {
        const timespec both[2] = {{modified, 0}, {modified, 0}};
        ::utimensat(AT_FDCWD, target.c_str(), both, 0);
    }
}

Ran RealMachine::run(const std::string& shell, const std::string& script)
{
    std::ofstream(m_root / "tmp/case.sh", std::ios::binary) << script;
    const std::string root = m_root.string();
    const std::string line = "cd " + core::shell::shellQuoted(root + "/home/ops") + " && umask 022 && env -i HOME="
        + core::shell::shellQuoted(root + "/home/ops") + " PATH=/usr/bin:/bin LC_ALL=C.UTF-8 TZ=UTC USER=root TERM=dumb TMPDIR="
        + core::shell::shellQuoted(root + "/tmp") + " timeout 10 " + shell + " " + core::shell::shellQuoted(root + "/tmp/case.sh")
        + " </dev/null >../../out 2>../../err";
    const int status = std::system(line.c_str());
    Ran ran;
    ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    ran.output = textOf(m_root / "out");
    ran.errors = textOf(m_root / "err");
    for (std::string* text : {&ran.output, &ran.errors})
        for (std::size_t at = 0; (at = text->find(root, at)) != std::string::npos;)
            text->erase(at, root.size());
    return ran;
}

bool RealMachine::has(const std::string& program)
{
    return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

std::vector<std::string> readCommands(const std::filesystem::path& path)
{
    std::vector<std::string> commands;
    for (const std::string& line : dataLines(path)) {
        if (line.compare(0, 2, "$ ") == 0)
            commands.push_back(line.substr(2) + "\n");
        else if (!commands.empty() && line.compare(0, 1, ">") == 0)
            commands.back() += line.substr(std::min<std::size_t>(2, line.size())) + "\n";
    }
    return commands;
}

std::vector<std::pair<std::string, std::string>> readFiles(const std::filesystem::path& path)
{
    std::vector<std::pair<std::string, std::string>> files;
    for (const std::string& line : dataLines(path)) {
        if (line.compare(0, 2, "@ ") == 0)
            files.emplace_back(line.substr(2), std::string());
        else if (!files.empty() && line.compare(0, 1, "|") == 0)
            files.back().second += line.substr(1) + "\n";
    }
    return files;
}

} // namespace test
