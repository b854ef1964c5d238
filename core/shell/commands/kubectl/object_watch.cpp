#include "core/shell/commands/kubectl/object_watch.h"

#include "sim/world/world.h"

namespace core::shell::kubectl {

ObjectWatch::ObjectWatch(Call& call, const Manifest& target)
    : m_call(call),
      m_read(call.client.request(sim::kube::Verb::Get, *target.kind, target.nameSpace, target.name)),
      m_kind(target.kind->info->id),
      m_keyName(target.kind->keyPrefix + target.name),
      m_version(call.inv.door().world().cluster().store().resourceVersion())
{
    const sim::kube::Response now = call.inv.door().world().apiRead(m_read);
    if (succeeded(now))
        m_changes.push_back({false, now.body});
}

void ObjectWatch::collect()
{
    const sim::World& world = m_call.inv.door().world();
    const auto& store = world.cluster().store();
    if (store.resourceVersion() == m_version)
        return;
    const sim::kube::Response now = world.apiRead(m_read);
    if (now.code == 0)
        return;
    const auto changes = store.changesAfter(m_version);
    m_version = store.resourceVersion();
    if (!changes) { // too long ago: as after a 410 Gone, the informer lists again
        m_changes.push_back({!succeeded(now), succeeded(now) ? now.body : Json::object()});
        return;
    }
    for (const sim::kube::WatchEvent* change : *changes) {
        if (change->kind == m_kind && change->key.name == m_keyName && change->key.namespace_ == m_read.namespace_) {
            m_changes.push_back({change->type == sim::kube::WatchEvent::Type::Deleted,
                                 sim::kube::toJson(change->kind, change->object.get())});
        }
    }
}

std::optional<ObjectWatch::Change> ObjectWatch::next(const std::optional<sim::Instant>& end)
{
    while (m_changes.empty()) {
        if (end && m_call.inv.now() >= *end)
            return std::nullopt;
        m_call.inv.sleep(end ? std::min(kPollInterval, *end - m_call.inv.now()) : kPollInterval);
        collect();
    }
    Change change = std::move(m_changes.front());
    m_changes.pop_front();
    return change;
}

} // namespace core::shell::kubectl
