// Health checks: the test runs inside the container, so what it meets is the container's own network, process and files.
#include "sim/container/docker/daemon.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace sim::container::docker {

namespace {

constexpr std::size_t kProbesKept = 5;
// exec, connect, answer
constexpr Duration kProbeTakes = 45ms;

struct Url {
    std::int64_t port = 80;
    std::string path = "/";
};

/// The first "http://localhost[:PORT][/PATH]" of a test.
std::optional<Url> urlIn(const std::string& test)
{
    const auto scheme = test.find("http://");
    if (scheme == std::string::npos)
        return std::nullopt;
    const std::string rest = test.substr(scheme + 7, test.find_first_of(" \"'", scheme + 7) - scheme - 7);
    Url url;
    const auto slash = rest.find('/');
    const std::string host = rest.substr(0, slash);
    if (slash != std::string::npos)
        url.path = rest.substr(slash);
    if (const auto colon = host.find(':'); colon != std::string::npos)
        url.port = std::atoll(host.c_str() + colon + 1);
    return url;
}

Probe answered(std::int64_t code, std::string output)
{
    Probe probe;
    probe.exitCode = code;
    probe.output = std::move(output);
    return probe;
}

} // namespace

void Daemon::watchHealth(Container& container)
{
    const auto& check = container.settings.health;
    if (!check || check->test.empty() || check->test.front() == "NONE") {
        container.health = {};
        return;
    }
    container.health = {.status = "starting"};
    later(DockerEvent::Probe, check->interval, container.task.value, container.generation);
}

void Daemon::probe(Container& container)
{
    if (!container.runs() || !container.settings.health)
        return;
    const HealthCheck& check = *container.settings.health;
    const container::Container* task = context.runtimes.find(container.task);
    std::string test;
    for (std::size_t i = 1; i < check.test.size(); ++i)
        test += (i > 1 ? " " : "") + check.test[i];
    const bool or1 = test.find("|| exit 1") != std::string::npos;
    const auto process = machine().processes.find(task->pid);
    const bool frozen = process == machine().processes.end() || process->second.state == 'T';
    const bool wget = test.find("wget") != std::string::npos;

    Probe probe;
    if (frozen) {
        probe = answered(-1, fmt::format("Health check exceeded timeout ({}s)", check.timeout / Duration(1s)));
    } else if (const auto url = urlIn(test)) {
        const net::Stack& stack = context.network().stack(task->stack);
        const bool heard = stack.listener(net::Protocol::Tcp, net::Ipv4{0x7f000001}, url->port) != nullptr && task->serving(context.now());
        const std::string path = url->path.substr(0, url->path.find('?'));
        const int status = !task->program.readyPath.empty() && path == task->program.readyPath ? task->healthStatus
            : path == "/"                                                                     ? 200
                                                                                              : 404;
        constexpr int kBad = 400;
        if (!heard)
            probe = answered(or1 ? 1 : wget ? 4 : 7,
                             wget ? fmt::format("wget: can't connect to remote host (127.0.0.1): Connection refused\n")
                                  : fmt::format("curl: (7) Failed to connect to localhost port {} after 0 ms: Couldn't connect to server\n", url->port));
        else if (status >= kBad)
            probe = answered(or1 ? 1 : wget ? 8 : 22, wget ? fmt::format("wget: server returned error: HTTP/1.1 {}\n", status)
                                                           : fmt::format("curl: (22) The requested URL returned error: {}\n", status));
    } else if (test == "false" || test.rfind("exit ", 0) == 0) {
        probe = answered(test == "false" ? 1 : std::atoll(test.c_str() + 5), "");
    } else if (test.rfind("test -f ", 0) == 0 || test.rfind("cat ", 0) == 0) {
        const std::string path = test.substr(test.rfind(' ') + 1);
        const auto kept = context.hosts().read(docker.host, fmt::format("{}/overlay2/{}/diff{}", kRoot, container.upper, path), context.now());
        probe = answered(kept ? 0 : 1, kept || test.front() == 't' ? "" : fmt::format("cat: {}: No such file or directory\n", path));
    } else if (test != "true" && task->program.port > 0 && !task->serving(context.now())) {
        probe = answered(1, fmt::format("localhost:{} - no response\n", task->program.port)); // pg_isready and its like
    }
    probe.start = context.now();
    probe.end = context.now() + (frozen ? check.timeout : kProbeTakes);

    Health& health = container.health;
    health.probes.push_back(probe);
    if (health.probes.size() > kProbesKept)
        health.probes.pop_front();
    const std::string before = health.status;
    if (probe.exitCode == 0) {
        health.status = "healthy";
        health.failingStreak = 0;
    } else if (!(health.status == "starting" && context.now() - container.started < check.startPeriod)) {
        ++health.failingStreak;
        if (health.failingStreak >= check.retries)
            health.status = "unhealthy";
    }
    if (health.status != before)
        happen(container, "health_status: " + health.status);
    later(DockerEvent::Probe, check.interval + (probe.end - probe.start), container.task.value, container.generation);
}

} // namespace sim::container::docker
