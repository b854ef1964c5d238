#pragma once

#include <nlohmann/json.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

namespace tests {

/// What a command line printed, both streams together.
struct Outcome {
    std::string text;
    int status = 0;
    bool has(const std::string& part) const { return text.find(part) != std::string::npos; }
};

inline Outcome runShell(const std::string& line)
{
    Outcome outcome;
    FILE* pipe = ::popen(("{ " + line + " ; } 2>&1").c_str(), "r");
    if (pipe == nullptr)
        return {"popen failed", 127};
    char buffer[4096];
    while (const std::size_t count = std::fread(buffer, 1, sizeof buffer, pipe))
        outcome.text.append(buffer, count);
    const int status = ::pclose(pipe);
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
    return outcome;
}

/// `faultctl serve` on a free loopback port, in a folder of its own, until destroyed.
class ServedLab {
public:
    explicit ServedLab(const std::string& options = "--speed 10")
    {
        char name[] = "/tmp/faultline-clients-XXXXXX";
        m_folder = ::mkdtemp(name);
        const std::string said = m_folder + "/said";
        m_pid = ::fork();
        if (m_pid == 0) {
            const std::string line = std::string("exec '") + FAULTLINE_FAULTCTL + "' --json serve --kubeconfig '" + m_folder + "/kubeconfig' " + options + " > '" + said + "'";
            ::execl("/bin/sh", "sh", "-c", line.c_str(), static_cast<char*>(nullptr));
            ::_exit(127);
        }
        for (int i = 0; i < 600 && url.empty(); ++i) {
            ::usleep(100'000);
            const auto line = nlohmann::json::parse(runShell("cat '" + said + "'").text, nullptr, false);
            if (line.is_object()) {
                url = line.value("url", "");
                models = line.value("models", "");
            }
        }
    }
    ~ServedLab()
    {
        ::kill(m_pid, SIGTERM);
        ::waitpid(m_pid, nullptr, 0);
        std::error_code ignored;
        std::filesystem::remove_all(m_folder, ignored);
    }
    ServedLab(const ServedLab&) = delete;
    ServedLab& operator=(const ServedLab&) = delete;

    const std::string& folder() const { return m_folder; }
    /// Variables that make a client talk to this lab and keep its caches out of the user's home.
    std::string environment() const { return "KUBECONFIG='" + m_folder + "/kubeconfig' HOME='" + m_folder + "' "; }
    std::string url;    ///< empty: it did not come up
    std::string models; ///< base URL for OpenAI clients; empty: no model is served

private:
    std::string m_folder;
    pid_t m_pid = -1;
};

} // namespace tests
