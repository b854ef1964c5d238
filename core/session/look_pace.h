#pragma once

#include "sim/engine/time.h"

#include <chrono>

namespace core::session {

/// When something that a page shows is built anew: figures that change sixty times a second cannot be read.
class LookPace {
public:
    /// Time has gone back behind what was built last.
    bool rewound(sim::Instant now) const { return now < m_at; }
    /// Of each frame. True: it is to be built, and counts as built. `goesOn`: what was built last is there and is what is asked for;
    /// `still`: time stands still, so that nothing may be left for the next frame.
    bool due(sim::Instant now, bool goesOn, bool still)
    {
        ++m_waited;
        if (goesOn && !still && !rewound(now) && (now - m_at < kEvery || m_waited < kFramesBetween))
            return false;
        m_at = now;
        m_waited = 0;
        return true;
    }

private:
    // Four times a second of the lab's time, and ten times a second when that runs faster: frames come 60 times a second.
    static constexpr sim::Duration kEvery = std::chrono::milliseconds(250);
    static constexpr int kFramesBetween = 6;

    sim::Instant m_at{};
    int m_waited = 0; ///< frames since it was built
};

} // namespace core::session
