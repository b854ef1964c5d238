#pragma once

#include "sim/engine/time.h"

#include <algorithm>
#include <chrono>

namespace core::session {

/// Turns wall-clock time into virtual time that is due: the one place where the two meet.
class Pacer {
public:
    static constexpr double kSlowest = 1;
    static constexpr double kFastest = 120;

    bool paused() const { return m_paused; }
    double speed() const { return m_speed; }
    void setPaused(bool paused)
    {
        m_last = Clock::now();
        m_paused = paused;
    }
    void setSpeed(double speed) { m_speed = std::clamp(speed, kSlowest, kFastest); }

    /// Virtual time since the last call. After a stall (a suspended laptop) at most a quarter of a second of
    /// wall-clock time counts.
    sim::Duration due()
    {
        const Clock::time_point now = Clock::now();
        const auto passed = std::min<Clock::duration>(now - m_last, std::chrono::milliseconds(250));
        m_last = now;
        if (m_paused)
            return sim::Duration::zero();
        return sim::fromSeconds(std::chrono::duration<double>(passed).count() * m_speed);
    }

private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point m_last = Clock::now();
    bool m_paused = true;
    double m_speed = 1;
};

} // namespace core::session
