#include "tests/app/cli/faultctl.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace app::cli {

namespace fs = std::filesystem;

namespace {

void redirect(int descriptor, const std::string& path, int flags)
{
    const int opened = ::open(path.c_str(), flags | O_CREAT, 0666);
    if (opened < 0 || ::dup2(opened, descriptor) < 0)
        _exit(127);
}

} // namespace

nlohmann::json Outcome::json() const
{
    return nlohmann::json::parse(out, nullptr, false);
}

Faultctl::Faultctl()
{
    std::string pattern = (fs::temp_directory_path() / "faultctl-XXXXXX").string();
    m_home = ::mkdtemp(pattern.data());
    fs::permissions(m_home, fs::perms::all);
}

Faultctl::~Faultctl()
{
    std::error_code ignored;
    fs::remove_all(m_home, ignored);
}

std::string Faultctl::path(const std::string& name) const
{
    return m_home + "/" + name;
}

void Faultctl::become(std::vector<std::string> arguments, const std::string& dataHome) const
{
    ::setenv("HOME", m_home.c_str(), 1);
    ::setenv("XDG_DATA_HOME", dataHome.empty() ? path("data").c_str() : dataHome.c_str(), 1);
    arguments.insert(arguments.begin(), "faultctl");
    std::vector<char*> words;
    for (std::string& argument : arguments)
        words.push_back(argument.data());
    words.push_back(nullptr);
    ::execv(FAULTCTL, words.data());
    _exit(127);
}

Outcome Faultctl::run(std::vector<std::string> arguments, const Surroundings& surroundings) const
{
    write(path("stdin"), surroundings.input);
    const std::string out = surroundings.output.empty() ? path("stdout") : surroundings.output;
    const pid_t child = ::fork();
    if (child == 0) {
        redirect(STDIN_FILENO, path("stdin"), O_RDONLY);
        redirect(STDOUT_FILENO, out, O_WRONLY | O_TRUNC);
        redirect(STDERR_FILENO, path("stderr"), O_WRONLY | O_TRUNC);
        constexpr uid_t kNobody = 65534;
        if (surroundings.ordinaryUser && ::geteuid() == 0 && (::setgid(kNobody) != 0 || ::setuid(kNobody) != 0))
            _exit(127);
        become(std::move(arguments), surroundings.dataHome);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    Outcome outcome;
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    outcome.out = surroundings.output.empty() ? contentOf(out) : "";
    outcome.err = contentOf(path("stderr"));
    return outcome;
}

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

std::string contentOf(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

void write(const std::string& path, const std::string& text)
{
    fs::create_directories(fs::path(path).parent_path());
    std::ofstream(path, std::ios::binary) << text;
}

} // namespace app::cli
