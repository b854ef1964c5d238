#include "core/session/kube_detail.h"

#include "sim/kube/api/kind_operations.h"
#include "sim/kube/etcd/components.h"
#include "sim/kube/etcd/etcd_group.h"
#include "sim/programs/program.h"
#include "sim/world/world.h"

#include <algorithm>

namespace core::session {

namespace {

constexpr std::uint64_t kEntriesShown = 40;
constexpr std::size_t kEtcdLogLines = 60;

/// The key below which the API server keeps an object (kubernetes pkg/registry: the prefixes of old are kept).
std::string etcdKey(sim::kube::KindId kind, const sim::kube::ObjectKey& key)
{
    const sim::kube::KindInfo& info = sim::kube::kindInfo(kind);
    std::string prefix(info.plural);
    if (kind == sim::kube::kindIdOf<sim::kube::Node>)
        prefix = "minions";
    else if (kind == sim::kube::kindIdOf<sim::kube::Service>)
        prefix = "services/specs";
    else if (kind == sim::kube::kindIdOf<sim::kube::Endpoints>)
        prefix = "services/endpoints";
    else if (kind == sim::kube::kindIdOf<sim::kube::Ingress>)
        prefix = "ingress";
    return "/registry/" + prefix + "/" + (key.namespace_.empty() ? "" : key.namespace_ + "/") + key.name;
}

void addEntries(EtcdDetail& detail, const sim::kube::Store& store)
{
    const std::uint64_t latest = store.resourceVersion();
    const auto changes = store.changesAfter(latest - std::min(latest, kEntriesShown));
    if (!changes)
        return;
    for (auto it = changes->rbegin(); it != changes->rend(); ++it) {
        const sim::kube::WatchEvent& event = **it;
        detail.entries.push_back({event.resourceVersion, event.type == sim::kube::WatchEvent::Type::Deleted ? "DELETE" : "PUT",
                                  etcdKey(event.kind, event.key)});
    }
}

} // namespace

EtcdDetail etcdOf(const sim::World& world, const KubeInterest& interest)
{
    const sim::kube::EtcdGroup& group = world.cluster().etcd();
    EtcdDetail detail;
    detail.term = group.term();
    detail.index = group.index();
    detail.revision = group.backend().revision();
    detail.compacted = group.backend().compacted();
    detail.liveBytes = group.backend().liveBytes();
    detail.inUseBytes = group.backend().inUseBytes();
    detail.commitLatency = group.commitLatency(world.now());
    if (const auto failure = group.writeFailure(world.now()))
        detail.refusal = failure->text;
    const sim::kube::EtcdMember* shown = nullptr;
    for (const sim::kube::EtcdMember& member : group.members()) {
        EtcdMemberDetail row;
        row.name = member.name;
        row.id = sim::kube::memberText(member.id);
        row.address = member.address.text();
        row.serving = member.serving;
        row.leader = group.leader() == member.host;
        row.majority = member.majority;
        for (const sim::HostId peer : member.peers)
            if (const auto* other = group.member(peer); other != nullptr && other != &member)
                row.peers.push_back(other->name);
        row.sync = member.sync;
        row.applied = member.applied;
        row.fileBytes = member.fileBytes;
        row.quotaBytes = sim::kube::EtcdGroup::kDefaultQuota;
        const auto& containers = world.runtimes().containers();
        if (const auto process = containers.find(member.container); process != containers.end())
            if (const auto flag = sim::programs::flagOf(process->second.program.command, "--quota-backend-bytes"))
                row.quotaBytes = std::max<std::int64_t>(1, std::strtoll(flag->c_str(), nullptr, 10));
        row.noSpace = member.noSpace;
        if (row.leader)
            detail.leader = row.name;
        if (row.name == interest.etcdMember || (interest.etcdMember.empty() && (row.leader || shown == nullptr)))
            shown = &member;
        detail.members.push_back(std::move(row));
    }
    if (shown != nullptr) {
        detail.logOf = shown->name;
        const auto process = world.runtimes().containers().find(shown->container);
        if (process != world.runtimes().containers().end()) {
            const auto& log = process->second.log;
            for (std::size_t i = log.size() - std::min(log.size(), kEtcdLogLines); i < log.size(); ++i)
                detail.log.push_back(log[i].second);
        }
    }
    addEntries(detail, world.cluster().store());
    return detail;
}

} // namespace core::session
