// Garbage collectors: what they cost follows from how fast the program allocates, how much stays, and how far the heap
// may grow before the next cycle.
#include "sim/programs/running.h"

#include <algorithm>
#include <cmath>

namespace sim::programs {

namespace {


/// Marking: about 1 GB of live heap a second and core ("A Guide to the Go Garbage Collector" works with the same order).
constexpr double kMarkSecondsPerByte = 1.0e-9;
constexpr double kGoCycleSeconds = 0.25e-3; ///< sweep termination, stack scans: whatever the heap's size
constexpr double kGoPauseSeconds = 60e-6;   ///< both stop-the-world phases of a small program
constexpr double kGoMinimumHeap = 4 * kBytesPerMiB; ///< runtime: heapminimum at GOGC=100
constexpr double kGoLimiterShare = 0.5;     ///< with a memory limit the collector gets at most half (GC CPU limiter)

/// G1: a young pause costs its fixed part and the copying of survivors.
constexpr double kYoungFixedSeconds = 2.5e-3;
constexpr double kSurvivors = 0.02;               ///< of eden
constexpr double kCopySecondsPerByte = 1.5e-9;    ///< one thread
constexpr double kFullSecondsPerByte = 2.5e-9;    ///< one thread: mark, compact
constexpr double kFullFixedSeconds = 25e-3;
constexpr double kMarkingStarts = 0.45;           ///< InitiatingHeapOccupancyPercent
constexpr double kYoungAtMost = 0.60;             ///< G1MaxNewSizePercent
constexpr double kYoungAtLeast = 0.05;            ///< G1NewSizePercent
constexpr double kFullAbove = 0.88;               ///< live share from which evacuation fails again and again
constexpr double kYoungWanted = 6;                ///< seconds between young pauses that G1 lets the heap grow for
constexpr double kStoppedAtMost = 0.98;           ///< GCTimeLimit
constexpr double kHeapFull = 0.985;

/// CPython: generation 2 is collected when its survivors have grown by a quarter; a visit of an object costs about 20 ns.
constexpr double kPythonVisitSeconds = 20e-9;

void planGo(Running& running)
{
    Rates& rates = running.rates;
    const double live = running.liveBytes();
    const double percent = running.settings.gcPercent;
    double goal = percent < 0 ? 0 : std::max(kGoMinimumHeap * percent / 100, live + live * percent / 100);
    const bool limited = running.settings.memoryLimitBytes > 0;
    if (limited) {
        const double others = running.residentBytes() - std::max(running.collector.committedBytes, live);
        const double room = std::max(static_cast<double>(running.settings.memoryLimitBytes) - others, live * 1.02 + kBytesPerMiB);
        goal = goal > 0 ? std::min(goal, room) : room;
    }
    if (goal <= 0) { // GOGC=off without a limit
        running.collector.committedBytes = live + running.collector.garbageBytes;
        return;
    }
    const double room = std::max(goal - live, 256 * 1024.0);
    const double each = kGoCycleSeconds + live * kMarkSecondsPerByte;
    rates.cycles = rates.allocated / room;
    const double most = kGoLimiterShare * static_cast<double>(running.settings.processors);
    if (limited && rates.cycles * each > most)
        rates.cycles = most / each;
    rates.collectorCpu = rates.cycles * each;
    rates.pauseSeconds = rates.cycles * kGoPauseSeconds;
    running.collector.committedBytes = std::max(running.collector.committedBytes * 0.995, limited ? goal : goal * 1.04); // the scavenger gives back slowly
}

/// Time lost to pauses is time in which nothing else runs.
void slowDown(Running& running, double share)
{
    Rates& rates = running.rates;
    for (PathCounters& path : rates.paths)
        for (double* one : {&path.calls, &path.ownSeconds, &path.allocatorSeconds, &path.lockSeconds, &path.waits, &path.delaySeconds})
            *one *= share;
    for (SiteCounters& site : rates.sites)
        for (double* one : {&site.bytes, &site.objects, &site.retainedBytes, &site.retainedObjects})
            *one *= share;
    for (double& one : rates.opened)
        one *= share;
    rates.allocated *= share;
}

void planG1(Running& running)
{
    Rates& rates = running.rates;
    Collector& collector = running.collector;
    const double most = static_cast<double>(running.settings.heapMaxBytes);
    const double live = std::min(running.liveBytes(), most);
    const double threads = static_cast<double>(std::max<std::int64_t>(1, running.settings.collectorThreads));
    const double wanted = std::clamp(rates.allocated * kYoungWanted, kYoungAtLeast * most, kYoungAtMost * most);
    const double eden = std::max(std::min(wanted, 0.95 * most - live), 0.01 * most);
    rates.cycles = rates.allocated / eden;
    const double copied = eden * kSurvivors;
    const double pause = kYoungFixedSeconds + copied * kCopySecondsPerByte / threads;
    rates.pauseSeconds = rates.cycles * pause;
    rates.collectorCpu = rates.cycles * (kYoungFixedSeconds * 0.5 * threads + copied * kCopySecondsPerByte);
    if (live > kMarkingStarts * most) {
        // A marking cycle after every few young ones, as long as the old regions stay above the threshold.
        const double marks = rates.cycles / 6;
        rates.concurrent = 2 * marks;
        rates.concurrentSeconds = rates.concurrent * 4e-3;
        rates.collectorCpu += marks * live * kMarkSecondsPerByte * 1.5;
    }
    if (live > kFullAbove * most) {
        const double room = std::max(most - live, 0.002 * most);
        const double full = kFullFixedSeconds + live * kFullSecondsPerByte / threads;
        // The closer to the limit, the less a full collection wins, and the sooner the next one comes.
        const double perSecond = rates.allocated / room;
        const double stopped = perSecond * full / (1 + perSecond * full);
        const double share = std::min(stopped, kStoppedAtMost);
        rates.fullCycles = share / full;
        rates.fullSeconds = share;
        slowDown(running, 1 - share);
        rates.collectorCpu = rates.collectorCpu * (1 - share) + share * threads;
    }
    const double need = std::min(most, std::max(static_cast<double>(running.settings.heapInitialBytes), (live + eden) * 1.05));
    // Regions are committed as eden grows and given back only by full or marking cycles: never here.
    collector.committedBytes = std::max(collector.committedBytes, need);
}

void planPython(Running& running)
{
    Rates& rates = running.rates;
    double objects = 0;
    for (const SiteCounters& site : rates.sites)
        objects += site.objects;
    const double live = running.liveObjects();
    rates.cycles = live > 0 ? std::min(objects * 0.001 / std::max(1.0, live / 4), 1.0) : 0;
    rates.collectorCpu = rates.cycles * live * kPythonVisitSeconds;
    running.collector.committedBytes = std::max(running.collector.committedBytes * 0.97, running.liveBytes() * 1.06); // partly used arenas
}

} // namespace

void planCollector(Running& running)
{
    switch (running.code->language) {
    case Language::Go: planGo(running); break;
    case Language::Java: planG1(running); break;
    case Language::Python: planPython(running); break;
    case Language::Native: running.collector.committedBytes = std::max(running.collector.committedBytes * 0.99, running.liveBytes() * 1.03); break;
    }
}

Ending endingOf(const Running& running)
{
    if (running.code->language != Language::Java)
        return Ending::None;
    return running.liveBytes() >= kHeapFull * static_cast<double>(running.settings.heapMaxBytes) ? Ending::HeapFull : Ending::None;
}

} // namespace sim::programs
