#include "core/shell/commands/linux/crictl.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

using sim::container::Container;

std::string tabTable(const std::vector<std::vector<std::string>>& rows)
{
    constexpr std::size_t kMinimum = 20, kPadding = 3;
    std::vector<std::size_t> widths;
    for (const auto& row : rows)
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (widths.size() <= i)
                widths.push_back(kMinimum);
            widths[i] = std::max(widths[i], row[i].size() + kPadding);
        }
    std::string text;
    for (const auto& row : rows) {
        for (std::size_t i = 0; i < row.size(); ++i)
            text += i + 1 < row.size() ? fmt::format("{:<{}}", row[i], widths[i]) : row[i];
        text += "\n";
    }
    return text;
}

std::string roughAgo(sim::Duration age)
{
    const std::int64_t s = age.count() / 1'000'000'000;
    const std::int64_t minutes = s / 60, hours = (s + 1800) / 3600;
    if (s < 1)
        return "Less than a second ago";
    if (s == 1)
        return "1 second ago";
    if (s < 60)
        return fmt::format("{} seconds ago", s);
    if (minutes == 1)
        return "About a minute ago";
    if (minutes < 60)
        return fmt::format("{} minutes ago", minutes);
    if (hours == 1)
        return "About an hour ago";
    if (hours < 48)
        return fmt::format("{} hours ago", hours);
    if (hours < 24 * 14)
        return fmt::format("{} days ago", hours / 24);
    if (hours < 24 * 60)
        return fmt::format("{} weeks ago", hours / 24 / 7);
    if (hours < 24 * 730)
        return fmt::format("{} months ago", hours / 24 / 30);
    return fmt::format("{} years ago", hours / 24 / 365);
}

std::string roughSize(std::int64_t bytes)
{
    static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1000 && unit + 1 < std::size(kUnits)) {
        value /= 1000;
        ++unit;
    }
    return fmt::format("{:.3g}{}", value, kUnits[unit]);
}

std::string shortId(const std::string& id)
{
    const std::size_t colon = id.find(':');
    return id.substr(colon == std::string::npos ? 0 : colon + 1, 13);
}

const Container* findById(Invocation& inv, const std::string& prefix, bool sandbox)
{
    const Container* found = nullptr;
    for (const auto& [id, container] : inv.door().world().runtimes().containers()) {
        if (container.host != inv.place().host || container.sandbox != sandbox
            || container.hexId.rfind(prefix, 0) != 0)
            continue;
        if (found != nullptr)
            return nullptr;
        found = &container;
    }
    return found;
}

std::optional<std::pair<std::string, std::shared_ptr<const sim::container::Image>>> findImage(
    Invocation& inv, const std::string& name)
{
    const auto parsed = sim::container::Reference::parse(name);
    for (const auto& [reference, image] : inv.door().world().runtimes().images(inv.place().host))
        if ((parsed && parsed->text() == reference) || image->digest == name || image->configDigest == name
            || (name.size() >= 4 && shortId(image->configDigest).rfind(name, 0) == 0))
            return std::pair(reference, image);
    return std::nullopt;
}

std::string stampNano(sim::Instant at)
{
    if (at == sim::Instant{})
        return "1970-01-01T00:00:00Z";
    return formatDate(at, "%Y-%m-%dT%H:%M:%S")
        + fmt::format(".{:09}Z", at.time_since_epoch().count() % 1'000'000'000);
}

namespace {

const char* stateName(const Container& c)
{
    return c.state == Container::State::Running ? "CONTAINER_RUNNING"
        : c.state == Container::State::Exited   ? "CONTAINER_EXITED"
                                                : "CONTAINER_CREATED";
}

Json podLabels(const Container& c)
{
    return {{"io.kubernetes.container.name", c.name},
            {"io.kubernetes.pod.name", c.podName},
            {"io.kubernetes.pod.namespace", c.podNamespace},
            {"io.kubernetes.pod.uid", c.podUid}};
}

} // namespace

Json containerStatus(Invocation&, const Container& c)
{
    Json status;
    status["id"] = c.hexId;
    status["metadata"] = {{"attempt", c.attempt}, {"name", c.name}};
    status["state"] = stateName(c);
    status["createdAt"] = stampNano(c.created);
    status["startedAt"] = stampNano(c.started);
    status["finishedAt"] = stampNano(c.finished);
    status["exitCode"] = c.exitCode;
    status["reason"] = c.state != Container::State::Exited ? ""
        : c.outOfMemory                                    ? "OOMKilled"
        : c.exitCode == 0                                  ? "Completed"
                                                           : "Error";
    status["image"] = {{"image", c.image}};
    status["imageRef"] = c.imageDigest;
    status["labels"] = podLabels(c);
    status["logPath"] = fmt::format("/var/log/pods/{}_{}_{}/{}/{}.log", c.podNamespace, c.podName, c.podUid,
                                    c.name, c.attempt);
    status["mounts"] = Json::array();
    Json environment = Json::array();
    for (const auto& [key, value] : c.environment)
        environment.push_back({{"name", key}, {"value", value}});
    Json info;
    info["pid"] = c.pid;
    info["sandboxID"] = c.sandboxId.valid() ? fmt::format("{}", c.sandboxId.value) : "";
    info["runtimeType"] = "io.containerd.runc.v2";
    info["config"] = {{"metadata", {{"name", c.name}}},
                      {"command", c.program.command},
                      {"envs", environment},
                      {"linux", {{"resources", {{"memory_limit_in_bytes", c.memoryLimitBytes}}}}}};
    return {{"status", status}, {"info", info}};
}

Json sandboxStatus(Invocation& inv, const Container& c)
{
    Json status;
    status["id"] = c.hexId;
    status["metadata"] = {
        {"attempt", c.attempt}, {"name", c.podName}, {"namespace", c.podNamespace}, {"uid", c.podUid}};
    status["state"] = c.state == Container::State::Running ? "SANDBOX_READY" : "SANDBOX_NOTREADY";
    status["createdAt"] = stampNano(c.created);
    std::string ip;
    const auto& network = inv.door().world().network();
    if (network.hasStack(c.stack))
        ip = network.stack(c.stack).primaryAddress().value_or(sim::net::Ipv4{}).text();
    status["network"] = {{"additionalIps", Json::array()}, {"ip", ip}};
    status["labels"] = podLabels(c);
    return {{"status", status}, {"info", {{"pid", c.pid}, {"runtimeType", "io.containerd.runc.v2"}}}};
}

Json imageStatus(const std::string& reference, const sim::container::Image& image)
{
    Json status;
    status["id"] = image.configDigest;
    status["repoTags"] = Json::array({reference});
    status["repoDigests"] = Json::array({reference.substr(0, reference.rfind(':')) + "@" + image.digest});
    status["size"] = std::to_string(image.bytes());
    status["username"] = image.program.user;
    return {{"status", status}};
}

Json runtimeInfo(Invocation& inv)
{
    Json runtime{{"type", "RuntimeReady"}, {"status", true}, {"reason", ""}, {"message", ""}};
    Json network{{"type", "NetworkReady"}, {"status", true}, {"reason", ""}, {"message", ""}};
    const auto folder = inv.system().list(inv.place(), "/etc/cni/net.d");
    if (!folder || folder->empty())
        network = {{"type", "NetworkReady"},
                   {"status", false},
                   {"reason", "NetworkPluginNotReady"},
                   {"message", "Network plugin returns error: cni plugin not initialized"}};
    return {{"status", {{"conditions", Json::array({runtime, network})}}},
            {"config",
             {{"containerdRootDir", "/var/lib/containerd"},
              {"containerdEndpoint", "/run/containerd/containerd.sock"}}},
            {"golang", "go1.22.7"},
            {"lastCNILoadStatus",
             network["status"] == true
                 ? "OK"
                 : "cni config load failed: no network config found in /etc/cni/net.d"}};
}

} // namespace core::shell::node
