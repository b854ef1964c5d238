#include "sim/faults/etcd_slow.h"

#include "sim/faults/checkout_release.h"
#include "sim/faults/requests.h"
#include "sim/host/disk.h"
#include "sim/host/standard_machine.h"
#include "sim/kube/etcd/etcd_group.h"

#include <fmt/format.h>

#include <algorithm>

// Every cause begins with the same release, which is sound. What then fails, and with which words, is etcd's to say;
// see sim/kube/etcd and README.md for which variants share their symptoms.
namespace sim::faults {

namespace {

constexpr const char* kEtcdManifest = "/etc/kubernetes/manifests/etcd.yaml";
constexpr const char* kApiServerManifest = "/etc/kubernetes/manifests/kube-apiserver.yaml";
constexpr std::int64_t kQuotaOvershoot = 4'000'000;
constexpr const char* kSmallQuota = "67108864"; // 64 MiB, from a template for tests
constexpr const char* kIoLimit = "259:0 rbps=max wbps=65536 riops=max wiops=max\n"; // meant as 64 MiB/s, in KiB
constexpr std::int64_t kPeerPortNumber = 2380;
constexpr const char* kMayBeMissing = "34%"; // two of six replicas: four do not carry the load

/// A program that writes and flushes as fast as the disk takes it, on the machines where etcd lives.
struct DiskUser {
    const char* unit;
    const char* text;
    double bytesPerSecond = 0;
    Duration runs{}; ///< of one that ends by itself
};

// Twice what one disk takes: flushes wait about twelve seconds, which is longer than etcd gives a request.
constexpr DiskUser kArchiver{"audit-archiver.service",
                             "[Unit]\nDescription=Archive of the audit log\nAfter=network-online.target\n\n[Service]\n"
                             "ExecStart=/usr/local/bin/audit-archiver --recompress --verify --fsync --forever /var/log/kubernetes/audit\n"
                             "Restart=always\nRestartSec=5\n\n[Install]\nWantedBy=multi-user.target\n",
                             3.0e9, {}};
// By a tenth: flushes wait one to three seconds, until it is done.
constexpr DiskUser kBackup{"etcd-backup.service",
                           "[Unit]\nDescription=Daily backup of etcd\nAfter=network-online.target\n\n[Service]\nType=oneshot\n"
                           "ExecStart=/usr/local/sbin/etcd-backup --snapshot --compress --fsync /var/backups/etcd\n",
                           1.55e9, 270s};

const Variants& etcdSlowVariants()
{
    static const Variants kVariants{
        {"slow-disk", {"busy-disk", "io-limit"}},
        {"space-quota", {"fragmented", "no-compaction", "small-quota"}},
        {"lost-quorum", {"manifests-moved", "peer-firewall", "powered-off"}},
        {"no-fault", {"backup"}},
    };
    return kVariants;
}

/// The two machines it happens to.
std::vector<std::string> chooseHosts(Context& context, const nlohmann::json& parameters)
{
    if (const auto asked = parameters.find("hosts"); asked != parameters.end() && asked->is_array())
        return asked->get<std::vector<std::string>>();
    std::vector<std::string> names;
    for (const HostId host : context.cluster.settings().controlPlane)
        names.push_back(context.parts.hosts.at(host).name);
    while (names.size() > 2)
        names.erase(names.begin() + static_cast<std::ptrdiff_t>(context.parts.engine.random("faults/etcd").below(names.size())));
    return names;
}

void runDiskUser(Context& context, HostId host, const DiskUser& user)
{
    kube::Context& parts = context.parts;
    host::Machine& machine = parts.hosts.at(host);
    host::StandardUnit unit;
    unit.name = user.unit;
    unit.text = user.text;
    unit.memoryBytes = 48LL << 20;
    unit.cpuCores = 0.4;
    unit.startTime = user.runs > Duration{} ? user.runs : unit.startTime;
    host::installUnit(machine, unit, parts.engine.now());
    machine.units.at(unit.name).syncedBytesPerSecond = user.bytesPerSecond;
    parts.hosts.startUnit(parts.engine, parts.network, host, unit.name);
}

/// An option more in a static pod's manifest; the kubelet starts the pod anew.
void addOption(Context& context, HostId host, const std::string& path, const std::string& program, const std::string& option)
{
    const auto file = context.parts.hosts.at(host).files.find(path);
    if (file == context.parts.hosts.at(host).files.end())
        return;
    std::string text = file->second->content;
    const std::string line = "    - " + program + "\n";
    if (const std::size_t at = text.find(line); at != std::string::npos)
        text.insert(at + line.size(), "    - " + option + "\n");
    context.parts.hosts.writeFile(context.parts.engine, host, path, text, false, 0600);
}

void moveManifest(Context& context, HostId host)
{
    kube::Context& parts = context.parts;
    const auto file = parts.hosts.at(host).files.find(kEtcdManifest);
    if (file == parts.hosts.at(host).files.end())
        return;
    const std::string text = file->second->content;
    parts.hosts.makeDirectory(parts.engine, host, "/root/maintenance", true);
    parts.hosts.writeFile(parts.engine, host, "/root/maintenance/etcd.yaml", text, false, 0600);
    parts.hosts.remove(parts.engine, host, kEtcdManifest);
}

void dropPeers(Context& context, HostId host)
{
    net::FirewallRule rule;
    rule.protocol = net::Protocol::Tcp;
    rule.destinationPort = kPeerPortNumber;
    rule.target = "DROP";
    rule.comment = "hardening-2026-02";
    context.parts.network.stack(context.parts.hosts.at(host).stack).filter["INPUT"].rules.push_back(std::move(rule));
    context.parts.network.changed(context.parts.engine);
}

void limitWrites(Context& context, HostId host)
{
    context.parts.hosts.writeFile(context.parts.engine, host, host::kPodsIoLimit, kIoLimit, false);
}

/// What is missing to the quota, and a little more.
std::int64_t toTheQuota(std::int64_t bytes) { return kube::EtcdGroup::kDefaultQuota - bytes + kQuotaOvershoot; }

} // namespace

Result<nlohmann::json> prepareEtcdSlow(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, etcdSlowVariants(), parameters);
    if (!choice)
        return choice.error();
    if (!choice->is("no-compaction"))
        return nlohmann::json();
    for (const HostId host : context.cluster.settings().controlPlane)
        addOption(context, host, kApiServerManifest, "kube-apiserver", "--etcd-compaction-interval=0s");
    nlohmann::json chosen = parameters;
    chosen.erase("stage");
    chosen["variant"] = choice->variant;
    return chosen;
}

Result<nlohmann::json> injectEtcdSlow(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, etcdSlowVariants(), parameters);
    if (!choice)
        return choice.error();
    if (context.cluster.etcd().members().size() != 3)
        return Error{"this topology has no etcd of three members; use the topology mini", choice->cause};
    auto registry = checkoutRegistry(context);
    if (!registry)
        return registry.error();
    const std::vector<std::string> hosts = chooseHosts(context, parameters);
    if (auto pushed = pushCheckout(context, **registry, kNewTag); !pushed)
        return pushed.error();
    releaseCheckout(context, checkoutImage(kNewTag), {{"strategy", {{"rollingUpdate", {{"maxUnavailable", kMayBeMissing}}}}}});
    std::string other;
    nlohmann::json addresses = nlohmann::json::array();
    for (const kube::EtcdMember& member : context.cluster.etcd().members()) {
        if (std::find(hosts.begin(), hosts.end(), member.name) == hosts.end())
            other = member.name;
        else
            addresses.push_back(member.address.text());
    }
    return nlohmann::json{{"cause", choice->cause}, {"variant", choice->variant}, {"hosts", hosts}, {"etcd_host", hosts}, {"first_host", hosts.front()},
                          {"second_host", hosts.back()},
                          {"etcd_address", addresses}, {"other_host", other}, {"image", checkoutImage(kNewTag)},
                          {"good_image", checkoutImage(kNewTag)}, {"old_image", checkoutImage(kOldTag)}};
}

void proceedEtcdSlow(Context& context, const nlohmann::json& parameters)
{
    const std::string variant = parameters.at("variant");
    kube::EtcdGroup& etcd = context.cluster.etcd();
    if (variant == "fragmented") {
        etcd.addFreePages(toTheQuota(etcd.members().front().fileBytes));
        return;
    }
    if (variant == "no-compaction") {
        etcd.addHistory(toTheQuota(etcd.backend().inUseBytes()));
        return;
    }
    if (variant == "small-quota" || variant == "io-limit") {
        for (const HostId host : context.cluster.settings().controlPlane)
            if (variant == "io-limit")
                limitWrites(context, host);
            else
                addOption(context, host, kEtcdManifest, "etcd", "--quota-backend-bytes=" + std::string(kSmallQuota));
        return;
    }
    for (const nlohmann::json& name : parameters.at("hosts")) {
        const host::Machine* machine = context.parts.hosts.find(name.get<std::string>());
        if (machine == nullptr)
            continue;
        if (variant == "busy-disk")
            runDiskUser(context, machine->id, kArchiver);
        else if (variant == "backup")
            runDiskUser(context, machine->id, kBackup);
        else if (variant == "manifests-moved")
            moveManifest(context, machine->id);
        else if (variant == "peer-firewall")
            dropPeers(context, machine->id);
        else if (variant == "powered-off")
            context.parts.hosts.powerOff(context.parts.engine, context.parts.network, machine->id);
    }
}

} // namespace sim::faults
