#include "sim/kube/controllers/slow_start.h"

#include "sim/engine/assert.h"

#include <algorithm>

namespace sim::kube {

namespace {
// What an API server of two cores takes for one more request of several at once (golden cases 02, 25, 44).
constexpr Duration kEachOfSeveral = 3ms;
} // namespace

std::int64_t SlowStart::launch(ControllerContext& context, std::int64_t left)
{
    const std::int64_t size = std::min(m_batch, left);
    m_batch *= 2;
    ask(context, size);
    return size;
}

void SlowStart::ask(ControllerContext& context, std::int64_t count)
{
    FL_ASSERT(m_under.empty());
    Instant free = context.now();
    for (std::int64_t i = 0; i < count; ++i) {
        m_under.push_back(std::max(context.request(), free));
        free = m_under.back() + kEachOfSeveral;
    }
}

std::int64_t SlowStart::take(Instant now)
{
    std::int64_t taken = 0;
    for (; !m_under.empty() && m_under.front() <= now; ++taken)
        m_under.pop_front();
    return taken;
}

} // namespace sim::kube
