#pragma once

#include "sim/kube/controllers/controller.h"

#include <deque>

namespace sim::kube {

/// The creations of one sync: batches of 1, 2, 4, ..., each asked for when the one before is done
/// (controller_utils.go and daemon_controller.go, SlowStartInitialBatchSize).
class SlowStart {
public:
    /// Asks for the next batch, of `left` creations at most. Requires: done(). Returns its size.
    std::int64_t launch(ControllerContext& context, std::int64_t left);
    /// Everything at once: how pods are deleted. Requires: done().
    void launchAll(ControllerContext& context, std::int64_t count) { ask(context, count); }
    /// How many of those asked for are done by now and have not been taken before.
    std::int64_t take(Instant now);
    bool done() const { return m_under.empty(); }
    /// Requires: not done().
    Instant next() const { return m_under.front(); }

    bool operator==(const SlowStart&) const = default;
    void addTo(Fingerprint& f) const { sim::addTo(f, m_batch); sim::addTo(f, m_under); }

private:
    void ask(ControllerContext& context, std::int64_t count);

    std::int64_t m_batch = 1;
    std::deque<Instant> m_under; ///< under way: when each is done
};

} // namespace sim::kube
