#include "sim/faults/node_not_ready.h"

#include "sim/faults/checkout_release.h"
#include "sim/faults/requests.h"
#include "sim/host/certificate.h"
#include "sim/host/signals.h"
#include "sim/host/standard_machine.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

// The pods of one worker stop counting. By what is broken underneath, the node says nothing any more (Ready is
// Unknown), says that it is not ready, or says that it is short of something; each of these has several causes.
namespace sim::faults {

namespace {

constexpr const char* kKubelet = "kubelet.service";
constexpr const char* kContainerd = "containerd.service";
constexpr const char* kKubeletConfig = "/var/lib/kubelet/config.yaml";
constexpr const char* kContainerdConfig = "/etc/containerd/config.toml";
constexpr const char* kAgent = "edge-agent.service";
constexpr const char* kAgentLog = "/var/log/edge-agent/debug.log";
constexpr const char* kDumps = "/var/lib/systemd/coredump";

const Variants& nodeVariants()
{
    static const Variants kVariants{
        {"kubelet-stopped", {"stopped", "bad-config", "removed-flag", "frozen"}},
        {"kubelet-cert-expired", {"rotation-off", "exits"}},
        {"disk-pressure", {"debug-log", "core-dumps"}},
        {"memory-pressure", {"leaking-agent", "huge-pages"}},
        {"runtime-down", {"stopped-runtime", "bad-runtime-config", "frozen-runtime"}},
        {"no-fault", {"reboot"}},
    };
    return kVariants;
}

/// A worker that runs the service and not its database, by the seed: then a part of the users is hit, not all.
HostId chooseWorker(Context& context, const nlohmann::json& parameters)
{
    std::set<std::string> serving;
    std::set<std::string> database;
    for (const auto& [key, pod] : context.cluster.store().all<kube::Pod>()) {
        const auto app = pod->metadata.labels.find("app");
        if (key.namespace_ != kShop || app == pod->metadata.labels.end() || pod->spec.nodeName.empty())
            continue;
        if (app->second == "checkout")
            serving.insert(pod->spec.nodeName);
        if (app->second == "postgres")
            database.insert(pod->spec.nodeName);
    }
    std::vector<std::string> names;
    std::set_difference(serving.begin(), serving.end(), database.begin(), database.end(), std::back_inserter(names));
    if (names.empty())
        names.assign(serving.begin(), serving.end());
    if (const std::string asked = parameters.value("node", std::string{}); !asked.empty())
        names = {asked};
    if (names.empty())
        return {};
    const host::Machine* machine = context.parts.hosts.find(names[context.parts.engine.random("faults/node").below(names.size())]);
    return machine == nullptr ? HostId{} : machine->id;
}

std::string textOfFile(const host::Machine& machine, const std::string& path)
{
    const auto file = machine.files.find(path);
    return file == machine.files.end() ? std::string{} : file->second->content;
}

void write(Context& context, HostId node, const std::string& path, const std::string& text)
{
    context.parts.hosts.writeFile(context.parts.engine, node, path, text, false);
}

void restart(Context& context, HostId node, const char* unit)
{
    context.parts.hosts.restartUnit(context.parts.engine, context.parts.network, node, unit);
}

void freeze(Context& context, HostId node, const char* unit)
{
    const auto& units = context.parts.hosts.at(node).units;
    if (const auto found = units.find(unit); found != units.end())
        context.parts.hosts.signal(context.parts.engine, context.parts.network, node, found->second.mainPid, host::kSigStop);
}

void replaceIn(std::string& text, std::string_view from, std::string_view to)
{
    if (const auto at = text.find(from); at != std::string::npos)
        text.replace(at, from.size(), to);
}

void stopKubelet(Context& context, HostId node, const std::string& variant)
{
    kube::Context& parts = context.parts;
    if (variant == "stopped") { // stopped for a maintenance that nobody finished
        parts.hosts.stopUnit(parts.engine, parts.network, node, kKubelet);
        parts.hosts.enableUnit(parts.engine, node, kKubelet, false);
        return;
    }
    if (variant == "frozen") { // somebody attached a debugger, and left
        freeze(context, node, kKubelet);
        return;
    }
    if (variant == "bad-config") { // an edit by hand lost a colon
        std::string config = textOfFile(parts.hosts.at(node), kKubeletConfig);
        replaceIn(config, "maxPods: 110", "maxPods 250");
        write(context, node, kKubeletConfig, config);
    } else { // a flag of old days, from a copied file
        write(context, node, "/etc/default/kubelet", "KUBELET_EXTRA_ARGS=\"--container-runtime=remote\"\n");
    }
    restart(context, node, kKubelet);
}

void expireCertificate(Context& context, HostId node)
{
    kube::Context& parts = context.parts;
    const std::string name = parts.hosts.at(node).name;
    const Instant until = std::chrono::floor<std::chrono::seconds>(parts.engine.now()) - 1s;
    const host::Certificate old{"system:nodes", "system:node:" + name, until - host::kClientCertificateLife, until,
                                parts.engine.random("faults/certificate").next() | 1};
    const std::string path = host::kubeletClientFile(old.notBefore);
    auto file = std::make_shared<host::File>();
    file->mode = 0600;
    file->content = host::clientPem(old);
    file->modified = old.notBefore;
    host::Machine& machine = parts.hosts.at(node);
    for (auto i = machine.files.lower_bound("/var/lib/kubelet/pki/kubelet-client-2"); i != machine.files.end() && i->first.rfind("/var/lib/kubelet/pki/kubelet-client-2", 0) == 0;)
        i = machine.files.erase(i);
    machine.files[path] = std::move(file);
    auto link = std::make_shared<host::File>();
    link->type = host::File::Type::Symlink;
    link->mode = 0777;
    link->content = path;
    link->modified = old.notBefore;
    machine.files["/var/lib/kubelet/pki/kubelet-client-current.pem"] = std::move(link);
}

/// A template turned the rotation off a while ago; nobody noticed, for it takes a year to matter.
void turnRotationOff(Context& context, HostId node)
{
    std::string config = textOfFile(context.parts.hosts.at(node), kKubeletConfig);
    replaceIn(config, "rotateCertificates: true", "rotateCertificates: false");
    write(context, node, kKubeletConfig, config);
    restart(context, node, kKubelet);
}

void fillDisk(Context& context, HostId node, const std::string& variant)
{
    kube::Context& parts = context.parts;
    const host::Machine& machine = parts.hosts.at(node);
    const host::Mount& disk = machine.mountOf("/var/lib/kubelet");
    constexpr double kLeftFree = 0.04;
    const std::int64_t wanted = disk.sizeBytes - machine.usedBytes(disk) - static_cast<std::int64_t>(static_cast<double>(disk.sizeBytes) * kLeftFree);
    if (variant == "debug-log") {
        parts.hosts.makeDirectory(parts.engine, node, "/var/log/edge-agent", true);
        parts.hosts.writeFile(parts.engine, node, kAgentLog, "", false, 0640, wanted);
        return;
    }
    parts.hosts.makeDirectory(parts.engine, node, kDumps, true);
    constexpr std::int64_t kDumpCount = 9;
    for (std::int64_t i = 0; i < kDumpCount; ++i)
        parts.hosts.writeFile(parts.engine, node,
                              fmt::format("{}/core.tile-renderer.1001.{:032x}.{}.{}000000.zst", kDumps, 0x5eed0000 + i, 41'200 + i * 37,
                                          unixSeconds(parts.engine.now()) - (kDumpCount - i) * 95),
                              "", false, 0640, wanted / kDumpCount);
}

void takeMemory(Context& context, HostId node, const std::string& variant)
{
    kube::Context& parts = context.parts;
    constexpr std::int64_t kLeft = 36 * host::kMiB; // below what the kernel keeps for itself
    host::Machine& machine = parts.hosts.at(node);
    if (variant == "huge-pages") { // the setting of another kind of machine
        constexpr std::int64_t kPage = host::Machine::kHugePageBytes;
        const std::int64_t pages = (machine.memoryLeftBytes() - kLeft + kPage - 1) / kPage;
        write(context, node, "/etc/sysctl.d/90-packet-io.conf", fmt::format("# packet I/O hosts\nvm.nr_hugepages = {}\n", pages));
        parts.hosts.setSysctl(parts.engine, parts.network, node, "vm.nr_hugepages", std::to_string(pages));
        parts.hosts.settleMemory(parts.engine, parts.network, node);
        return;
    }
    host::Unit& unit = machine.units.at(kAgent);
    ++unit.generation; // if it was started a moment ago, it need not come up any more
    parts.hosts.setLoad(parts.engine, node, unit.mainPid, unit.cpuCores,
                        machine.memoryLeftBytes() + machine.processes.at(unit.mainPid).residentBytes - kLeft);
    parts.hosts.settleMemory(parts.engine, parts.network, node);
}

/// A daemon that buffers what it cannot send; the kernel is told to leave it alone.
void installAgent(Context& context, HostId node)
{
    kube::Context& parts = context.parts;
    constexpr std::int64_t kAgentBytes = 140 * host::kMiB;
    host::StandardUnit agent;
    agent.name = kAgent;
    agent.text = "[Unit]\nDescription=Edge telemetry agent\nAfter=network-online.target\n\n[Service]\nExecStart=/usr/bin/edge-agent "
                 "--config=/etc/edge-agent.yaml\nRestart=always\nRestartSec=2\nOOMScoreAdjust=-900\n\n[Install]\nWantedBy=multi-user.target\n";
    agent.memoryBytes = kAgentBytes;
    agent.cpuCores = 0.2;
    host::installUnit(parts.hosts.at(node), agent, parts.engine.now());
    write(context, node, "/etc/edge-agent.yaml", "endpoint: https://telemetry.lab\nbuffer:\n  max_bytes: 0   # unlimited\n");
    parts.hosts.startUnit(parts.engine, parts.network, node, kAgent);
}

void stopRuntime(Context& context, HostId node, const std::string& variant)
{
    kube::Context& parts = context.parts;
    if (variant == "stopped-runtime") {
        parts.hosts.stopUnit(parts.engine, parts.network, node, kContainerd);
    } else if (variant == "frozen-runtime") {
        freeze(context, node, kContainerd);
    } else { // a mirror was added by hand
        std::string config = textOfFile(parts.hosts.at(node), kContainerdConfig);
        replaceIn(config, "max_concurrent_downloads = 3", "max_concurrent_downloads =");
        write(context, node, kContainerdConfig, config);
        restart(context, node, kContainerd);
    }
}

} // namespace

Result<nlohmann::json> prepareNodeNotReady(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, nodeVariants(), parameters);
    if (!choice)
        return choice.error();
    const HostId node = chooseWorker(context, parameters);
    if (!node.valid())
        return nlohmann::json(); // told at the injection
    if (choice->is("rotation-off"))
        turnRotationOff(context, node);
    else if (choice->is("leaking-agent"))
        installAgent(context, node);
    return nlohmann::json{{"cause", choice->cause}, {"variant", choice->variant}, {"node", context.parts.hosts.at(node).name}};
}

Result<nlohmann::json> injectNodeNotReady(Context& context, const nlohmann::json& parameters)
{
    kube::Context& parts = context.parts;
    const auto choice = choose(context, nodeVariants(), parameters);
    if (!choice)
        return choice.error();
    const auto& [cause, variant] = *choice;
    const HostId node = chooseWorker(context, parameters);
    if (!node.valid() || parts.hosts.at(node).units.count(kKubelet) == 0)
        return Error{"no node runs shop/checkout, or the node asked for does not exist; use the topology mini",
                     parameters.value("node", std::string{})};
    if (variant == "leaking-agent" && parts.hosts.at(node).units.count(kAgent) == 0)
        installAgent(context, node); // injected by hand, without the preparation

    if (cause == "kubelet-stopped")
        stopKubelet(context, node, variant);
    else if (cause == "kubelet-cert-expired")
        expireCertificate(context, node);
    else if (cause == "disk-pressure")
        fillDisk(context, node, variant);
    else if (cause == "memory-pressure")
        takeMemory(context, node, variant);
    else if (cause == "runtime-down")
        stopRuntime(context, node, variant);
    else
        parts.hosts.reboot(parts.engine, parts.network, node); // a planned kernel update

    nlohmann::json chosen{{"cause", cause}, {"variant", variant}, {"node", parts.hosts.at(node).name}, {"namespace", kShop}};
    if (const auto certificate = host::clientCertificateOf(parts.hosts.at(node), "/etc/kubernetes/kubelet.conf"))
        chosen["certificate_until"] = host::opensslTime(certificate->notAfter);
    return chosen;
}

} // namespace sim::faults
