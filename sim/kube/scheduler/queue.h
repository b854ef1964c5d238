#pragma once

#include "sim/kube/scheduler/framework.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

namespace sim::kube {

/// The scheduling queue (pkg/scheduler/backend/queue): active pods by priority and time (PrioritySort), pods
/// that back off, pods that no node takes until something changes, and gated pods.
class SchedulingQueue {
public:
    enum class Place : std::uint8_t { Active, Backoff, Errors, Unschedulable, Gated, InFlight };
    struct Entry {
        std::string uid;
        std::uint64_t serial = 0; ///< in order of arrival
        std::int64_t priority = 0;
        Instant queued{};         ///< arrival, or the end of the last attempt
        Instant backoffEnd{};
        std::int64_t attempts = 0;
        std::set<std::string> rejectedBy; ///< plugins of the last attempt
        Place place = Place::InFlight;
        void addTo(Fingerprint& f) const;
    };

    void clear() { *this = SchedulingQueue(); }
    /// A pod that nobody has placed yet, or a new version of it. `gate` is PreEnqueue's objection.
    void add(PodId id, const Pod& pod, bool gated, Instant now);
    void remove(PodId id);
    const Entry* find(PodId id) const;

    /// The next pod to try: an active one, else (SchedulerPopFromBackoffQ, on since 1.33) the one whose
    /// back-off ends first. Counts the attempt.
    std::optional<PodId> pop();
    std::size_t activeCount() const { return m_active.size(); }
    bool hasWork() const { return !m_active.empty() || !m_backoff.empty(); }
    /// An attempt found no node.
    void reject(PodId id, std::set<std::string> plugins, Instant now);
    /// An attempt failed by an error (a conflict): backs off and is tried again.
    void fail(PodId id, Instant now);
    /// While a pod's victims are being deleted no event brings it back (DefaultPreemption's PreEnqueue).
    void setBlocked(PodId id, bool blocked);
    /// Pods that a plugin's hint lets hope after `event` leave the unschedulable ones.
    void move(const WatchEvent& event, std::uint32_t bits, const Plugins& plugins, const SchedulerCache& cache, Instant now);
    /// A pod whose own change may help it.
    void moveOne(PodId id, Instant now);
    /// Pods that waited for five minutes, and errors whose back-off is over.
    void flush(Instant now);
    std::optional<Instant> nextFlush() const;

    void addTo(Fingerprint& f) const;

private:
    using ByPriority = std::tuple<std::int64_t, Instant, std::uint64_t, PodId>; ///< -priority, queued, serial
    using ByBackoff = std::tuple<Instant, std::int64_t, Instant, std::uint64_t, PodId>;

    void activate(PodId id, Entry& entry);
    void leave(PodId id, Entry& entry);
    void activateOrBackOff(PodId id, Entry& entry, Instant now);
    static ByPriority byPriority(PodId id, const Entry& e) { return {-e.priority, e.queued, e.serial, id}; }
    static ByBackoff byBackoff(PodId id, const Entry& e) { return {e.backoffEnd, -e.priority, e.queued, e.serial, id}; }

    boost::unordered_flat_map<PodId, Entry> m_entries;
    std::set<ByPriority> m_active;
    std::set<ByBackoff> m_backoff;
    std::set<ByBackoff> m_errors;                         ///< never tried early
    std::set<std::pair<Instant, PodId>> m_unschedulable;  ///< by the last attempt
    std::map<std::string, std::set<PodId>> m_rejectedBy;  ///< unschedulable ones by plugin
    std::set<PodId> m_blocked;
    std::uint64_t m_nextSerial = 1;
};

} // namespace sim::kube
