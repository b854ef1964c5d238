#pragma once

#include "sim/kube/scheduler/framework.h"

#include <map>
#include <optional>
#include <set>

namespace sim::kube {

/// The scheduling queue (pkg/scheduler/backend/queue): active pods by priority and time, pods that back off,
/// and pods that no node takes until something changes.
class SchedulingQueue {
public:
    struct Entry {
        std::string uid;
        std::int64_t priority = 0;
        Instant queued{};                 ///< when it (re-)entered a queue
        std::int64_t attempts = 0;
        std::set<std::string> rejectedBy; ///< plugins of the last attempt
        bool operator==(const Entry&) const = default;
        void addTo(Fingerprint& f) const;
    };

    void clear() { *this = SchedulingQueue(); }
    /// A pod that nobody has placed yet.
    void add(const Pod& pod, Instant now);
    void remove(const ObjectKey& key);
    bool knows(const ObjectKey& key) const { return m_entries.count(key) != 0; }

    /// The next pod to try: an active one, else (SchedulerPopFromBackoffQ, on since 1.33) the one whose
    /// back-off ends first. Counts the attempt.
    std::optional<ObjectKey> pop(Instant now);
    bool hasWork() const { return !m_active.empty() || !m_backoff.empty(); }
    /// An attempt found no node.
    void reject(const ObjectKey& key, std::set<std::string> plugins, Instant now);
    /// An attempt failed by an error (a conflict): backs off and is tried again.
    void fail(const ObjectKey& key, Instant now);
    /// Pods that a plugin's hint lets hope after `event` leave the unschedulable ones.
    template <class Find>
    void moveFor(const WatchEvent& event, Find find, Instant now);
    /// Pods that waited for five minutes, and errors whose back-off is over.
    void flush(Instant now);
    std::optional<Instant> nextFlush() const;

    bool operator==(const SchedulingQueue&) const = default;
    void addTo(Fingerprint& f) const;

private:
    struct Order { ///< higher priority first, then the longer wait
        std::int64_t negativePriority = 0;
        Instant queued{};
        ObjectKey key;
        auto operator<=>(const Order&) const = default;
        void addTo(Fingerprint& f) const { sim::addTo(f, negativePriority); sim::addTo(f, queued); key.addTo(f); }
    };
    void activate(const ObjectKey& key, Entry& entry);
    Instant backoffEnd(const Entry& entry) const;

    std::map<ObjectKey, Entry> m_entries;
    std::set<Order> m_active;
    std::set<std::pair<Instant, ObjectKey>> m_backoff;       ///< by the end of the back-off
    std::set<std::pair<Instant, ObjectKey>> m_errors;        ///< back off after an error, never early
    std::map<ObjectKey, Instant> m_unschedulable;            ///< since
};

template <class Find>
void SchedulingQueue::moveFor(const WatchEvent& event, Find find, Instant now)
{
    std::vector<ObjectKey> moved;
    for (const auto& [key, since] : m_unschedulable) {
        const Entry& entry = m_entries.at(key);
        const PodInfoPtr pod = find(key);
        if (!pod)
            continue;
        for (const Plugin& plugin : defaultPlugins())
            if (entry.rejectedBy.count(plugin.name) != 0 && plugin.mayHelp && plugin.mayHelp(event, *pod)) {
                moved.push_back(key);
                break;
            }
    }
    for (const ObjectKey& key : moved) {
        m_unschedulable.erase(key);
        Entry& entry = m_entries.at(key);
        const Instant end = backoffEnd(entry);
        if (end > now)
            m_backoff.insert({end, key});
        else
            activate(key, entry);
    }
}

} // namespace sim::kube
