#include "sim/kube/client/work_queue.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace sim::kube {

namespace {
constexpr Duration kFirstFailureDelay = 5ms;
constexpr Duration kLongestFailureDelay = 1000s;
} // namespace

void WorkQueue::addAt(const ObjectKey& key, Instant at)
{
    ++m_asked;
    const auto [it, inserted] = m_delayedAt.try_emplace(key, at);
    if (!inserted) {
        if (it->second <= at)
            return;
        m_delayed.erase({it->second, key});
        it->second = at;
    }
    m_delayed.insert({at, key});
}

void WorkQueue::settleAll(Instant now)
{
    for (const auto& [key, delay] : m_unsettled)
        addAt(key, now + delay);
    m_unsettled.clear();
}

void WorkQueue::addRateLimited(const ObjectKey& key, Instant now)
{
    const std::int64_t failures = m_failures[key]++;
    // 2^18 * 5 ms is beyond the cap already.
    const Duration delay = kFirstFailureDelay * (std::int64_t{1} << std::min<std::int64_t>(failures, 18));
    addAt(key, now + std::min(delay, kLongestFailureDelay));
}

void WorkQueue::promote(Instant now)
{
    while (!m_delayed.empty() && m_delayed.begin()->first <= now) {
        const ObjectKey key = m_delayed.begin()->second;
        m_delayed.erase(m_delayed.begin());
        m_delayedAt.erase(key);
        add(key);
    }
}

ObjectKey WorkQueue::pop()
{
    FL_ASSERT(!m_order.empty());
    ObjectKey key = std::move(m_order.front());
    m_order.pop_front();
    m_members.erase(key);
    return key;
}

void WorkQueue::clear()
{
    *this = WorkQueue();
}

void WorkQueue::addTo(Fingerprint& f) const
{
    sim::addTo(f, m_order);
    sim::addTo(f, m_delayed);
    sim::addTo(f, m_failures);
}

} // namespace sim::kube
