#include "sim/kube/scheduler/queue.h"

#include "sim/kube/client/objects.h"

#include <algorithm>

namespace sim::kube {

namespace {

// pkg/scheduler/backend/queue/scheduling_queue.go, backoff_queue.go
constexpr Duration kFirstBackoff = 1s;
constexpr Duration kLongestBackoff = 10s;
constexpr Duration kBackoffWindow = 1s;
constexpr Duration kLongestUnschedulable = 5min;

} // namespace

void SchedulingQueue::Entry::addTo(Fingerprint& f) const
{
    f.add(uid);
    sim::addTo(f, priority);
    sim::addTo(f, queued);
    sim::addTo(f, attempts);
    sim::addTo(f, rejectedBy);
}

void SchedulingQueue::activate(const ObjectKey& key, Entry& entry)
{
    m_active.insert({-entry.priority, entry.queued, key});
}

void SchedulingQueue::add(const Pod& pod, Instant now)
{
    const ObjectKey key = keyOf(pod.metadata);
    const auto it = m_entries.find(key);
    if (it != m_entries.end() && it->second.uid == pod.metadata.uid)
        return;
    remove(key);
    Entry entry;
    entry.uid = pod.metadata.uid;
    entry.priority = pod.spec.priority.value_or(0);
    entry.queued = now;
    activate(key, m_entries[key] = std::move(entry));
}

void SchedulingQueue::remove(const ObjectKey& key)
{
    const auto it = m_entries.find(key);
    if (it == m_entries.end())
        return;
    m_active.erase({-it->second.priority, it->second.queued, key});
    std::erase_if(m_backoff, [&](const auto& e) { return e.second == key; });
    std::erase_if(m_errors, [&](const auto& e) { return e.second == key; });
    m_unschedulable.erase(key);
    m_entries.erase(it);
}

std::optional<ObjectKey> SchedulingQueue::pop(Instant now)
{
    ObjectKey key;
    if (!m_active.empty()) {
        key = m_active.begin()->key;
        m_active.erase(m_active.begin());
    } else if (!m_backoff.empty()) {
        key = m_backoff.begin()->second;
        m_backoff.erase(m_backoff.begin());
    } else {
        return std::nullopt;
    }
    Entry& entry = m_entries.at(key);
    entry.attempts += 1;
    entry.queued = now;
    return key;
}

Instant SchedulingQueue::backoffEnd(const Entry& entry) const
{
    Duration backoff = kFirstBackoff;
    for (std::int64_t i = 1; i < entry.attempts && backoff < kLongestBackoff; ++i)
        backoff *= 2;
    const Instant end = entry.queued + std::min(backoff, kLongestBackoff);
    return end - end.time_since_epoch() % kBackoffWindow;
}

void SchedulingQueue::reject(const ObjectKey& key, std::set<std::string> plugins, Instant now)
{
    const auto it = m_entries.find(key);
    if (it == m_entries.end())
        return;
    it->second.rejectedBy = std::move(plugins);
    it->second.queued = now;
    m_unschedulable[key] = now;
}

void SchedulingQueue::fail(const ObjectKey& key, Instant now)
{
    const auto it = m_entries.find(key);
    if (it == m_entries.end())
        return;
    it->second.queued = now;
    m_errors.insert({backoffEnd(it->second) + kBackoffWindow, key});
}

void SchedulingQueue::flush(Instant now)
{
    for (auto it = m_unschedulable.begin(); it != m_unschedulable.end();) {
        if (it->second + kLongestUnschedulable > now) {
            ++it;
            continue;
        }
        activate(it->first, m_entries.at(it->first));
        it = m_unschedulable.erase(it);
    }
    while (!m_errors.empty() && m_errors.begin()->first <= now) {
        const ObjectKey key = m_errors.begin()->second;
        m_errors.erase(m_errors.begin());
        activate(key, m_entries.at(key));
    }
}

std::optional<Instant> SchedulingQueue::nextFlush() const
{
    std::optional<Instant> next;
    if (!m_errors.empty())
        next = m_errors.begin()->first;
    for (const auto& [key, since] : m_unschedulable)
        if (!next || since + kLongestUnschedulable < *next)
            next = since + kLongestUnschedulable;
    return next;
}

void SchedulingQueue::addTo(Fingerprint& f) const
{
    sim::addTo(f, m_entries);
    sim::addTo(f, m_active);
    sim::addTo(f, m_backoff);
    sim::addTo(f, m_errors);
    sim::addTo(f, m_unschedulable);
}

} // namespace sim::kube
