#pragma once

#include "sim/engine/fingerprint.h"

#include <cstdint>
#include <string_view>
#include <vector>

namespace sim::training {

/// Seconds between checkpoints that lose least (Young 1974): sqrt(2 * mean time between failures * time to save).
double youngInterval(double failureSeconds, double saveSeconds);
/// From one save's start to the next, including it, with the restart's time counted (NVIDIA, arXiv 2410.18124).
double availabilityInterval(double failureSeconds, double restartSeconds, double saveSeconds);
/// Share of the time that is productive, to first order: half an interval, the detection and the restart are lost a failure.
double expectedGoodput(double failureSeconds, double intervalSeconds, double saveSeconds, double detectSeconds,
                       double restartSeconds);

/// One cause of Llama 3's unexpected interruptions: 54 days of 16,384 H100s (arXiv 2407.21783, table 5, by count).
struct InterruptionCause {
    std::string_view name;
    std::int64_t count = 0;
    bool gpu = false; ///< in the GPU or its memory
};
const std::vector<InterruptionCause>& interruptionCauses();
inline constexpr double kObservedGpuHours = 54.0 * 24 * 16384;
/// Of any cause.
double interruptionsPerGpuHour();
/// Mean seconds between interruptions of a job.
double meanSecondsBetweenInterruptions(std::int64_t gpus);

/// What a job's time went to. Wall time is their sum, always.
enum class TimeKind : std::uint8_t { Productive, Lost, Detection, Restart, Checkpoint, Waiting };

struct GoodputSegment {
    TimeKind kind = TimeKind::Productive;
    double seconds = 0;
    bool operator==(const GoodputSegment&) const = default;
};
BOOST_DESCRIBE_STRUCT(GoodputSegment, (), (kind, seconds))

/// A job's time by kind. Steps count as productive until a failure proves that they must be done again.
struct Goodput {
    double productive = 0;
    double lost = 0;
    double detection = 0;
    double restart = 0;
    double checkpoint = 0;
    double waiting = 0; ///< in a queue, for a machine
    double unsaved = 0; ///< of `productive`: since the last checkpoint that can be restored
    bool operator==(const Goodput&) const = default;

    /// Requires: seconds >= 0. Not for TimeKind::Lost, which fail() finds.
    void spend(TimeKind kind, double seconds);
    void saved() { unsaved = 0; }
    void fail(); ///< what was not saved is lost
    double wall() const { return productive + lost + detection + restart + checkpoint + waiting; }
    double fraction() const { return wall() > 0 ? productive / wall() : 1; }
};
BOOST_DESCRIBE_STRUCT(Goodput, (), (productive, lost, detection, restart, checkpoint, waiting, unsaved))

Goodput goodputOf(const std::vector<GoodputSegment>& history);

} // namespace sim::training
