#include "sim/kube/scheduler/queue.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace sim::kube {

namespace {

// pkg/scheduler/backend/queue/scheduling_queue.go, backoff_queue.go
constexpr Duration kFirstBackoff = 1s;
constexpr Duration kLongestBackoff = 10s;
constexpr Duration kBackoffWindow = 1s;
constexpr Duration kLongestUnschedulable = 5min;
constexpr Duration kFlushPeriod = 30s;

/// By whole-second windows, so that pods of one window leave in order of priority.
Instant endOfBackoff(const SchedulingQueue::Entry& entry)
{
    Duration backoff = entry.attempts == 0 ? Duration{} : kFirstBackoff;
    for (std::int64_t i = 1; i < entry.attempts && backoff < kLongestBackoff; ++i)
        backoff *= 2;
    return std::chrono::floor<std::chrono::seconds>(entry.queued + std::min(backoff, kLongestBackoff));
}

Instant flushOf(Instant since)
{
    const Duration end = (since + kLongestUnschedulable).time_since_epoch();
    return Instant{(end + kFlushPeriod - Duration{1}) / kFlushPeriod * kFlushPeriod};
}

} // namespace

void SchedulingQueue::Entry::addTo(Fingerprint& f) const
{
    f.add(uid);
    sim::addTo(f, serial);
    sim::addTo(f, priority);
    sim::addTo(f, queued);
    sim::addTo(f, backoffEnd);
    sim::addTo(f, attempts);
    sim::addTo(f, rejectedBy);
    sim::addTo(f, place);
}

void SchedulingQueue::activate(PodId id, Entry& entry)
{
    entry.place = Place::Active;
    m_active.insert(byPriority(id, entry));
}

void SchedulingQueue::leave(PodId id, Entry& entry)
{
    switch (entry.place) {
    case Place::Active: m_active.erase(byPriority(id, entry)); break;
    case Place::Backoff: m_backoff.erase(byBackoff(id, entry)); break;
    case Place::Errors: m_errors.erase(byBackoff(id, entry)); break;
    case Place::Unschedulable:
        m_unschedulable.erase({entry.queued, id});
        for (const std::string& plugin : entry.rejectedBy)
            m_rejectedBy[plugin].erase(id);
        break;
    case Place::Gated:
    case Place::InFlight: break;
    }
    entry.place = Place::InFlight;
}

void SchedulingQueue::activateOrBackOff(PodId id, Entry& entry, Instant now)
{
    leave(id, entry);
    entry.backoffEnd = endOfBackoff(entry);
    if (entry.backoffEnd > now) {
        entry.place = Place::Backoff;
        m_backoff.insert(byBackoff(id, entry));
    } else {
        activate(id, entry);
    }
}

void SchedulingQueue::add(PodId id, const Pod& pod, bool gated, Instant now)
{
    const auto [it, inserted] = m_entries.try_emplace(id);
    Entry& entry = it->second;
    if (!inserted && entry.uid == pod.metadata.uid) {
        if (entry.place == Place::Gated && !gated)
            activate(id, entry);
        return;
    }
    if (!inserted)
        leave(id, entry);
    entry = Entry();
    entry.uid = pod.metadata.uid;
    entry.serial = m_nextSerial++;
    entry.priority = pod.spec.priority.value_or(0);
    entry.queued = now;
    if (gated)
        entry.place = Place::Gated;
    else
        activate(id, entry);
}

void SchedulingQueue::remove(PodId id)
{
    const auto it = m_entries.find(id);
    if (it == m_entries.end())
        return;
    leave(id, it->second);
    m_blocked.erase(id);
    m_entries.erase(it);
}

const SchedulingQueue::Entry* SchedulingQueue::find(PodId id) const
{
    const auto it = m_entries.find(id);
    return it == m_entries.end() ? nullptr : &it->second;
}

std::optional<PodId> SchedulingQueue::pop()
{
    PodId id = kNoPod;
    if (!m_active.empty())
        id = std::get<PodId>(*m_active.begin());
    else if (!m_backoff.empty())
        id = std::get<PodId>(*m_backoff.begin());
    else
        return std::nullopt;
    Entry& entry = m_entries.at(id);
    leave(id, entry);
    entry.attempts += 1;
    entry.rejectedBy.clear();
    return id;
}

void SchedulingQueue::reject(PodId id, std::set<std::string> plugins, Instant now)
{
    const auto it = m_entries.find(id);
    if (it == m_entries.end())
        return;
    Entry& entry = it->second;
    FL_ASSERT(entry.place == Place::InFlight);
    entry.rejectedBy = std::move(plugins);
    entry.queued = now;
    entry.place = Place::Unschedulable;
    m_unschedulable.insert({now, id});
    for (const std::string& plugin : entry.rejectedBy)
        m_rejectedBy[plugin].insert(id);
}

void SchedulingQueue::fail(PodId id, Instant now)
{
    const auto it = m_entries.find(id);
    if (it == m_entries.end())
        return;
    Entry& entry = it->second;
    FL_ASSERT(entry.place == Place::InFlight);
    entry.queued = now;
    entry.backoffEnd = endOfBackoff(entry) + kBackoffWindow; // found over at the next flush, a second apart
    entry.place = Place::Errors;
    m_errors.insert(byBackoff(id, entry));
}

void SchedulingQueue::setBlocked(PodId id, bool blocked)
{
    if (blocked)
        m_blocked.insert(id);
    else
        m_blocked.erase(id);
}

void SchedulingQueue::move(const WatchEvent& event, std::uint32_t bits, const Plugins& plugins, const SchedulerCache& cache, Instant now)
{
    if (m_unschedulable.empty())
        return;
    std::vector<PodId> moved;
    for (const Plugin& plugin : plugins) {
        if ((plugin.events & bits) == 0)
            continue;
        const auto rejected = m_rejectedBy.find(plugin.name);
        if (rejected == m_rejectedBy.end())
            continue;
        moved.clear();
        for (const PodId id : rejected->second)
            if (m_blocked.count(id) == 0 && (!plugin.hint || plugin.hint(event, bits, cache.podAt(id))))
                moved.push_back(id);
        for (const PodId id : moved)
            activateOrBackOff(id, m_entries.at(id), now);
    }
}

void SchedulingQueue::moveOne(PodId id, Instant now)
{
    const auto it = m_entries.find(id);
    if (it != m_entries.end() && it->second.place == Place::Unschedulable && m_blocked.count(id) == 0)
        activateOrBackOff(id, it->second, now);
}

void SchedulingQueue::flush(Instant now)
{
    while (!m_unschedulable.empty() && flushOf(m_unschedulable.begin()->first) <= now) {
        const PodId id = m_unschedulable.begin()->second;
        activateOrBackOff(id, m_entries.at(id), now);
    }
    while (!m_errors.empty() && std::get<0>(*m_errors.begin()) <= now) {
        const PodId id = std::get<PodId>(*m_errors.begin());
        Entry& entry = m_entries.at(id);
        leave(id, entry);
        activate(id, entry);
    }
}

std::optional<Instant> SchedulingQueue::nextFlush() const
{
    std::optional<Instant> next;
    if (!m_errors.empty())
        next = std::get<0>(*m_errors.begin());
    if (!m_unschedulable.empty()) {
        const Instant flush = flushOf(m_unschedulable.begin()->first);
        next = next ? std::min(*next, flush) : flush;
    }
    return next;
}

void SchedulingQueue::addTo(Fingerprint& f) const
{
    std::vector<const Entry*> entries;
    for (const auto& [id, entry] : m_entries)
        entries.push_back(&entry);
    std::sort(entries.begin(), entries.end(), [](const Entry* a, const Entry* b) { return a->serial < b->serial; });
    f.add(entries.size());
    for (const Entry* entry : entries)
        entry->addTo(f);
    f.add(m_blocked.size());
    f.add(m_nextSerial);
}

} // namespace sim::kube
