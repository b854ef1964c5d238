#include "sim/training/model/goodput.h"

#include "sim/engine/assert.h"

#include <algorithm>
#include <cmath>

namespace sim::training {

double youngInterval(double failureSeconds, double saveSeconds)
{
    return std::sqrt(2 * failureSeconds * saveSeconds);
}

double availabilityInterval(double failureSeconds, double restartSeconds, double saveSeconds)
{
    return saveSeconds + std::sqrt(2 * (failureSeconds + restartSeconds) * saveSeconds + saveSeconds * saveSeconds);
}

double expectedGoodput(double failureSeconds, double intervalSeconds, double saveSeconds, double detectSeconds,
                       double restartSeconds)
{
    const double lost = intervalSeconds / 2 + detectSeconds + restartSeconds;
    return 1 / (1 + saveSeconds / intervalSeconds) / (1 + lost / failureSeconds);
}

const std::vector<InterruptionCause>& interruptionCauses()
{
    static const std::vector<InterruptionCause> kCauses = {
        {"faulty GPU", 148, true},
        {"GPU HBM3 memory", 72, true},
        {"software bug", 54, false},
        {"network switch/cable", 35, false},
        {"host maintenance", 32, false},
        {"GPU SRAM memory", 19, true},
        {"GPU system processor", 17, true},
        {"NIC", 7, false},
        {"NCCL watchdog timeouts", 7, false},
        {"silent data corruption", 6, true},
        {"GPU thermal interface and sensor", 6, true},
        {"SSD", 3, false},
        {"power supply", 3, false},
        {"server chassis", 2, false},
        {"IO expansion board", 2, false},
        {"dependency", 2, false},
        {"CPU", 2, false},
        {"system memory", 2, false},
    };
    return kCauses;
}

double interruptionsPerGpuHour()
{
    std::int64_t all = 0;
    for (const InterruptionCause& cause : interruptionCauses())
        all += cause.count;
    return static_cast<double>(all) / kObservedGpuHours;
}

double meanSecondsBetweenInterruptions(std::int64_t gpus)
{
    FL_ASSERT(gpus > 0);
    return 3600 / (interruptionsPerGpuHour() * static_cast<double>(gpus));
}

void Goodput::spend(TimeKind kind, double seconds)
{
    FL_ASSERT(seconds >= 0 && kind != TimeKind::Lost);
    switch (kind) {
    case TimeKind::Productive:
        productive += seconds;
        unsaved += seconds;
        break;
    case TimeKind::Detection: detection += seconds; break;
    case TimeKind::Restart: restart += seconds; break;
    case TimeKind::Checkpoint: checkpoint += seconds; break;
    case TimeKind::Waiting: waiting += seconds; break;
    case TimeKind::Lost: break;
    }
}

void Goodput::fail()
{
    productive -= unsaved;
    lost += unsaved;
    unsaved = 0;
}

Goodput goodputOf(const std::vector<GoodputSegment>& history)
{
    Goodput sum;
    for (const GoodputSegment& segment : history) {
        if (segment.kind == TimeKind::Lost)
            sum.lost += segment.seconds;
        else
            sum.spend(segment.kind, segment.seconds);
    }
    sum.unsaved = 0;
    return sum;
}

} // namespace sim::training
