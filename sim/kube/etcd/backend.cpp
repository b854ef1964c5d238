#include "sim/kube/etcd/backend.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace sim::kube {

namespace {

// Key, revision and B+tree overhead of one stored value.
constexpr std::int64_t kEntryBytes = 180;
// Histories are kept in pieces of so many revisions: a compaction may drop a few too many.
constexpr std::uint64_t kPieceRevisions = 50;

std::int64_t sizeOf(const StringMap& values)
{
    std::int64_t bytes = 0;
    for (const auto& [key, value] : values)
        bytes += static_cast<std::int64_t>(key.size() + value.size());
    return bytes;
}

/// Protobuf sizes of typical objects, measured on the lab's own JSON at 60 %; those whose size varies are measured.
std::int64_t bytesOf(KindId kind, const void* object)
{
    if (kind == kindIdOf<ConfigMap>)
        return kEntryBytes + 200 + sizeOf(static_cast<const ConfigMap*>(object)->data);
    if (kind == kindIdOf<Secret>)
        return kEntryBytes + 200 + sizeOf(static_cast<const Secret*>(object)->data) * 3 / 4;
    if (kind == kindIdOf<CustomObject>)
        return kEntryBytes + static_cast<std::int64_t>(static_cast<const CustomObject*>(object)->content.text.size());
    if (kind == kindIdOf<KubeEvent>)
        return kEntryBytes + 550 + static_cast<std::int64_t>(static_cast<const KubeEvent*>(object)->message.size());
    if (kind == kindIdOf<Lease>)
        return kEntryBytes + 240;
    if (kind == kindIdOf<Node>)
        return kEntryBytes + 6'500;
    if (kind == kindIdOf<Pod>)
        return kEntryBytes + 3'200;
    return kEntryBytes + 1'500;
}

} // namespace

void EtcdBackend::observe(const Store& store)
{
    if (store.resourceVersion() == m_seen)
        return;
    const auto changes = store.changesAfter(m_seen);
    if (changes) {
        std::int64_t past = 0;
        for (const WatchEvent* change : *changes) {
            const std::int64_t now = bytesOf(change->kind, change->object.get());
            const std::int64_t before = change->previous ? bytesOf(change->kind, change->previous.get()) : 0;
            if (change->type == WatchEvent::Type::Deleted) {
                m_liveBytes -= now;
                past += now + kEntryBytes; // the last value and its tombstone
            } else {
                m_liveBytes += now - before;
                past += before;
            }
        }
        m_seen = store.resourceVersion();
        addHistory(past);
        return;
    }
    m_seen = store.resourceVersion();
    m_liveBytes = 0;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, AllKinds>>([&](auto kind) {
        using T = typename decltype(kind)::type;
        for (const auto& [key, object] : store.all<T>())
            m_liveBytes += bytesOf(kindIdOf<T>, object.get());
    });
}

std::int64_t EtcdBackend::inUseBytes() const
{
    std::int64_t bytes = liveBytes();
    for (const History& piece : m_history)
        bytes += piece.bytes;
    return bytes;
}

void EtcdBackend::compact(std::uint64_t revision)
{
    FL_ASSERT(m_compacted < revision && revision <= m_seen);
    m_compacted = revision;
    while (!m_history.empty() && m_history.front().upTo <= revision)
        m_history.pop_front();
}

void EtcdBackend::addHistory(std::int64_t bytes)
{
    if (m_history.empty() || m_seen - m_history.back().from >= kPieceRevisions)
        m_history.push_back({m_seen, m_seen, 0});
    m_history.back().upTo = m_seen;
    m_history.back().bytes += bytes;
}

void EtcdBackend::addTo(Fingerprint& f) const
{
    sim::addTo(f, m_liveBytes);
    sim::addTo(f, m_history);
    f.add(m_seen);
    f.add(m_compacted);
}

} // namespace sim::kube
