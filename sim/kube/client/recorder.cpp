#include "sim/kube/client/recorder.h"

#include "sim/kube/client/event_types.h"

#include <fmt/core.h>

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <vector>

namespace sim::kube {

namespace {

// staging/src/k8s.io/client-go/tools/record/events_cache.go
constexpr std::size_t kSimilarToCombine = 10;
constexpr Duration kSimilarWindow = 600s;
constexpr double kSpamBurst = 25;
constexpr double kSpamRefillPerSecond = 1.0 / 300;
// staging/src/k8s.io/client-go/tools/events/event_broadcaster.go
constexpr Duration kSeriesRefresh = 30min;
// cmd/kube-apiserver: --event-ttl
constexpr Duration kTimeToLive = 1h;
// Expired events are removed in batches, as etcd's lease revocation does.
constexpr Duration kExpiryBatch = 10s;
// events of one instant of virtual time still need names of their own
constexpr std::int64_t kNameStepNanos = 1009;
// Events about cluster-scoped objects go to this namespace.
constexpr const char* kDefaultNamespace = "default";
constexpr const char* kCombinedPrefix = "(combined from similar events): ";

/// Requires: at least one part.
std::string joined(std::initializer_list<std::string_view> parts)
{
    std::size_t size = 0;
    for (const std::string_view part : parts)
        size += part.size() + 1;
    std::string text;
    text.reserve(size);
    for (const std::string_view part : parts)
        text.append(part) += '/';
    text.pop_back();
    return text;
}

/// One source and one object.
std::string spamKeyOf(const Reporter& reporter, const ObjectReference& object)
{
    return joined({reporter.component, reporter.host, object.kind, object.namespace_, object.name, object.uid});
}

/// The order of a hash shows nowhere.
template <class Table>
void addInOrder(Fingerprint& f, const Table& table)
{
    std::vector<const typename Table::value_type*> entries;
    entries.reserve(table.size());
    for (const auto& entry : table)
        entries.push_back(&entry);
    std::sort(entries.begin(), entries.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
    f.add(entries.size());
    for (const auto* entry : entries)
        sim::addTo(f, *entry);
}

} // namespace

bool Recorder::admit(const std::string& spamKey, Instant now)
{
    const auto [it, inserted] = m_buckets.try_emplace(spamKey, Bucket{kSpamBurst, now});
    Bucket& bucket = it->second;
    bucket.tokens = tokensIn(bucket, now);
    bucket.updated = now;
    if (bucket.tokens < 1)
        return false;
    bucket.tokens -= 1;
    return true;
}

double Recorder::tokensIn(const Bucket& bucket, Instant now)
{
    return std::min(kSpamBurst, bucket.tokens + toSeconds(now - bucket.updated) * kSpamRefillPerSecond);
}

bool Recorder::admits(const Reporter& reporter, const ObjectReference& object, Instant now) const
{
    if (reporter.newApi)
        return true;
    const auto bucket = m_buckets.find(spamKeyOf(reporter, object));
    return bucket == m_buckets.end() || tokensIn(bucket->second, now) >= 1;
}

void Recorder::record(Context& context, Store& store, const Reporter& reporter, const ObjectReference& object,
                      const std::string& type, const std::string& reason, const std::string& message, std::optional<Instant> made)
{
    const Instant now = context.engine.now();
    const std::string spamKey = spamKeyOf(reporter, object);
    // The new API's series are about one version of the object (tools/events/event_broadcaster.go).
    const std::string groupKey = reporter.newApi ? joined({spamKey, object.fieldPath, type, reason, object.resourceVersion})
                                                 : joined({spamKey, object.fieldPath, type, reason});

    // The new API's recorder has its own broadcaster without aggregation or spam filter.
    bool combined = false;
    if (!reporter.newApi) {
        Similar& similar = m_similar[groupKey];
        if (now - similar.last > kSimilarWindow)
            similar.messages.clear();
        similar.last = now;
        similar.messages.insert(message);
        combined = similar.messages.size() >= kSimilarToCombine;
        if (combined) // any of them goes, as Go's map gives one
            similar.messages.erase(std::prev(similar.messages.end()));
        if (!admit(spamKey, now))
            return;
    }
    const std::string cacheKey = combined ? groupKey : joined({groupKey, message});
    const std::string text = combined ? kCombinedPrefix + message : message;
    // A combined event is a new one, of the moment in which it was combined.
    const Instant happened = combined ? now : made.value_or(now);

    Known& known = m_known[cacheKey];
    m_written.push_back({now, cacheKey});
    known.count += 1;
    known.last = now;
    if (known.count > 1) {
        if (const auto stored = store.get<KubeEvent>(known.key)) {
            KubeEvent update = *stored;
            if (reporter.newApi) {
                // Told at the second time, then at each refresh.
                if (update.series && now - update.series->lastObservedTime->at < kSeriesRefresh)
                    return;
                update.series = EventSeries{known.count, MicroTime{now}};
            } else {
                update.count = known.count;
                update.message = text;
                update.lastTimestamp = Time{happened};
            }
            store.update(std::move(update), now);
            scheduleExpiry(context);
            return;
        }
    }
    if (known.count == 1)
        known.first = happened;

    const std::string namespace_ = object.namespace_.empty() ? kDefaultNamespace : object.namespace_;
    if (const auto space = store.get<Namespace>({"", namespace_}); space && space->metadata.deletionTimestamp)
        return; // NamespaceLifecycle admission refuses it
    m_lastNanos = std::max(happened.time_since_epoch().count(), m_lastNanos + kNameStepNanos);
    KubeEvent event;
    event.metadata.namespace_ = namespace_;
    event.metadata.name = fmt::format("{}.{:016x}", object.name, static_cast<std::uint64_t>(m_lastNanos));
    event.involvedObject = object;
    event.reason = reason;
    event.message = text;
    event.type = type;
    if (reporter.newApi) {
        event.eventTime = MicroTime{now};
        event.reportingInstance = reporter.instance;
        event.action = reporter.action;
    } else {
        event.count = known.count;
        event.firstTimestamp = Time{known.first};
        event.lastTimestamp = Time{happened};
        event.source.component = reporter.component;
        event.source.host = reporter.host;
        event.reportingInstance = combined ? std::string() : reporter.host;
    }
    // A combined event is built anew by the correlator, without the reporting fields.
    event.reportingComponent = combined ? std::string() : reporter.component;
    known.key = {event.metadata.namespace_, event.metadata.name};
    store.create(std::move(event), now, context.engine.random("kube/events"));
    scheduleExpiry(context);
}

void Recorder::scheduleExpiry(Context& context)
{
    if (m_expiryScheduled || m_written.empty())
        return;
    m_expiryScheduled = true;
    const Instant due = std::max(m_written.front().at + kTimeToLive, context.engine.now());
    context.engine.at(due + kExpiryBatch, kubeEvent(EventType::EventExpiry));
}

void Recorder::expire(Context& context, Store& store)
{
    m_expiryScheduled = false;
    const Instant now = context.engine.now();
    while (!m_written.empty() && m_written.front().at + kTimeToLive <= now) {
        const std::string cacheKey = std::move(m_written.front().cacheKey);
        m_written.pop_front();
        const auto known = m_known.find(cacheKey);
        if (known == m_known.end() || known->second.last + kTimeToLive > now)
            continue; // gone already, or written again since
        store.remove<KubeEvent>(known->second.key, now);
        m_known.erase(known);
    }
    erase_if(m_similar, [&](const auto& entry) { return now - entry.second.last > kSimilarWindow; });
    erase_if(m_buckets, [&](const auto& entry) {
        return entry.second.tokens + toSeconds(now - entry.second.updated) * kSpamRefillPerSecond >= kSpamBurst;
    });
    scheduleExpiry(context);
}

void Recorder::addTo(Fingerprint& f) const
{
    addInOrder(f, m_similar);
    addInOrder(f, m_known);
    addInOrder(f, m_buckets);
    sim::addTo(f, m_written);
    sim::addTo(f, m_lastNanos);
    sim::addTo(f, m_expiryScheduled);
}

} // namespace sim::kube
