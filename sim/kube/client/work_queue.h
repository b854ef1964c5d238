#pragma once

#include "sim/kube/api/store.h"

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace sim::kube {

/// client-go's work queue: keys in the order they came, each at most once, with delayed and rate-limited
/// additions.
class WorkQueue {
public:
    void add(const ObjectKey& key)
    {
        ++m_asked;
        if (m_members.insert(key).second)
            m_order.push_back(key);
    }
    /// The earlier of two delays wins, as in client-go's delaying queue.
    void addAt(const ObjectKey& key, Instant at);
    /// `delay` counts from the next settle(): for those who see a change without knowing the time.
    void addAfter(const ObjectKey& key, Duration delay)
    {
        ++m_asked;
        m_unsettled.emplace_back(key, delay);
    }
    void settle(Instant now)
    {
        if (!m_unsettled.empty())
            settleAll(now);
    }
    /// 5 ms doubling to 1000 s per failure of a key (workqueue.DefaultTypedControllerRateLimiter).
    void addRateLimited(const ObjectKey& key, Instant now);
    /// The key was handled without an error.
    void forget(const ObjectKey& key) { m_failures.erase(key); }

    /// Moves the delayed keys that are due into the queue.
    void promote(Instant now);
    bool empty() const { return m_order.empty(); }
    std::size_t size() const { return m_order.size(); }
    std::optional<Instant> nextDelayed() const { return m_delayed.empty() ? std::nullopt : std::optional(m_delayed.begin()->first); }
    /// Requires: not empty().
    ObjectKey pop();
    void clear();

    // To be looked at: what waits, what comes later, and how often each key has failed since it last went well.
    const std::deque<ObjectKey>& waiting() const { return m_order; }
    const std::set<std::pair<Instant, ObjectKey>>& delayed() const { return m_delayed; }
    const std::map<ObjectKey, std::int64_t>& failures() const { return m_failures; }
    /// Additions so far, those of keys that were there already included.
    std::uint64_t asked() const { return m_asked; }

    bool operator==(const WorkQueue&) const = default;
    void addTo(Fingerprint& f) const;

private:
    void settleAll(Instant now);

    std::deque<ObjectKey> m_order;
    boost::unordered_flat_set<ObjectKey, ObjectKey::Hash> m_members;
    std::set<std::pair<Instant, ObjectKey>> m_delayed;
    boost::unordered_flat_map<ObjectKey, Instant, ObjectKey::Hash> m_delayedAt;
    std::map<ObjectKey, std::int64_t> m_failures;
    std::vector<std::pair<ObjectKey, Duration>> m_unsettled; ///< empty between events
    std::uint64_t m_asked = 0;
};

} // namespace sim::kube
