#include "sim/faults/container_exits.h"

#include "sim/faults/docker_door.h"
#include "sim/faults/requests.h"

// Every cause begins with the same release: web 1.1 is removed, a later one is run. What is seen first is shared on purpose:
// a variable is missing (app-error, bad-entrypoint), OOMKilled (memory-limit, bad-entrypoint), exit 1 (app-error, port-conflict,
// bad-entrypoint), no process at all (port-conflict).
namespace sim::faults {

namespace {

constexpr std::int64_t kExitsMebi = 1 << 20;
constexpr const char* kListen = "--listen=:8080";
constexpr const char* kCache = "--cache=64MiB";

const Variants& exitVariants()
{
    static const Variants kVariants{
        {"app-error", {"missing-setting", "settings-folder"}},
        {"bad-entrypoint", {"unknown-flag", "env-cleared", "greedy-cache"}},
        {"port-conflict", {"other-container", "host-process", "host-network"}},
        {"memory-limit", {"low-limit", "grown"}},
        {"no-fault", {"warming"}},
    };
    return kVariants;
}

/// How the release was run.
container::docker::CreateContainer releaseOf(const Choice& choice)
{
    container::docker::CreateContainer web = webContainer(choice.is("grown") ? "1.2.1" : choice.is("warming") ? "1.3" : "1.2");
    container::docker::Settings& settings = web.settings;
    if (choice.is("missing-setting"))
        settings.environment.pop_back();
    else if (choice.is("settings-folder"))
        settings.mounts.front().source = "/srv/shop/web.yml"; // the file ends in .yaml: docker makes a folder of this name
    else if (choice.is("unknown-flag"))
        settings.command = {"/app/web", "--listn=:8080", kCache};
    else if (choice.is("env-cleared"))
        settings.command = {"env", "-i", "/app/web", kListen, kCache};
    else if (choice.is("greedy-cache"))
        settings.command = {"/app/web", kListen, "--cache=64GiB"};
    else if (choice.is("low-limit"))
        settings.limits.memoryBytes = 128 * kExitsMebi;
    else if (choice.is("host-network")) {
        settings.network = "host";
        settings.ports.clear();
        settings.environment.front() = "API_URL=http://docker-1.lab:9000";
        settings.command = {"/app/web", "--listen=:80", kCache};
        settings.health = container::HealthCheck{{"CMD-SHELL", "curl -fsS http://localhost/healthz || exit 1"}, 10s, 3s, {}, 3};
    } else if (choice.is("warming"))
        settings.health = container::HealthCheck{{"CMD-SHELL", "curl -fsS http://localhost:8080/healthz || exit 1"}, 10s, 3s, 360s, 3};
    return web;
}

/// Somebody else's page, which took the port while web was gone.
container::docker::CreateContainer statusPage()
{
    container::docker::CreateContainer page;
    page.name = "status-page";
    page.settings.image = "nginx:1.27";
    page.settings.ports.push_back({.hostPort = 80, .containerPort = 80});
    page.settings.restart.name = "unless-stopped";
    return page;
}

bool meetsNginx(const Choice& choice)
{
    return choice.is("host-process") || choice.is("host-network");
}

} // namespace

Result<nlohmann::json> injectContainerExits(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, exitVariants(), parameters);
    if (!choice)
        return choice.error();
    const auto host = findDockerHost(context);
    if (!host)
        return host.error();
    DockerDoor door(context, *host);
    door.remove("web");
    if (choice->is("other-container"))
        door.run(statusPage());
    const container::docker::CreateContainer web = releaseOf(*choice);
    if (meetsNginx(*choice)) // which needs a moment until it has the port: see proceedContainerExits
        door.startNginx();
    else
        door.run(web, "deploy-web.sh");
    return nlohmann::json{{"cause", choice->cause}, {"variant", choice->variant}, {"machine", kDockerMachine}, {"container", "web"},
                          {"image", web.settings.image}};
}

void proceedContainerExits(Context& context, const nlohmann::json& parameters)
{
    const Choice choice{parameters.value("cause", std::string{}), parameters.value("variant", std::string{})};
    const auto host = findDockerHost(context);
    if (!meetsNginx(choice) || !host)
        return;
    DockerDoor door(context, *host);
    if (door.find("web") == nullptr)
        door.run(releaseOf(choice), "deploy-web.sh");
}

} // namespace sim::faults
