#include "sim/kube/api/server_version.h"

#include <nlohmann/json.hpp>

#include <array>
#include <string_view>

namespace sim::kube {

namespace {

struct ServerBuild {
    std::string_view gitVersion;
    const char* commit;
    const char* treeState;
    const char* date;
    const char* go;
};

constexpr std::array<ServerBuild, 2> kServerBuilds{{
    {"v1.33.1", "8adc0f041b8e7ad1d30e29cc59c6ae7a15e19828", "clean", "2025-05-15T08:27:33Z", "go1.24.2"},
    {"v1.33.13", "78a395343031f8800b7139df070665e03b42f934", "", "1970-01-01T00:00:00Z", "go1.24.4"},
}};

} // namespace

nlohmann::json serverVersion(const std::string& gitVersion)
{
    std::string minor = gitVersion.substr(gitVersion.find('.') + 1);
    minor = minor.substr(0, minor.find('.'));
    const ServerBuild* build = &kServerBuilds.front();
    for (const ServerBuild& known : kServerBuilds)
        if (known.gitVersion == gitVersion)
            build = &known;
    return {{"major", "1"}, {"minor", minor}, {"emulationMajor", "1"}, {"emulationMinor", minor}, {"minCompatibilityMajor", "1"},
            {"minCompatibilityMinor", std::to_string(std::stoi(minor) - 1)}, {"gitVersion", gitVersion}, {"gitCommit", build->commit},
            {"gitTreeState", build->treeState}, {"buildDate", build->date}, {"goVersion", build->go}, {"compiler", "gc"}, {"platform", "linux/amd64"}};
}

} // namespace sim::kube
