#include "sim/programs/log_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sim::programs {

namespace {

/// A program that collects more often than this floods its journal; journald would drop the rest as well.
constexpr double kLinesPerSecond = 20;

/// Milliseconds as the runtime's trace prints them: whole from 10 ms, else two digits and at most three places.
std::string traceTime(double milliseconds)
{
    auto digits = static_cast<std::int64_t>(milliseconds * 1e3);
    if (digits >= 10'000)
        return std::to_string(digits / 1000);
    int places = 3;
    for (; digits >= 100; digits /= 10)
        --places;
    return digits == 0 ? "0" : fmt::format("{:.{}f}", static_cast<double>(digits) / std::pow(10, places), places);
}

/// runtime.gcTrace's line, Go 1.22.
std::string goLine(const Running& running, double number, double seconds)
{
    // Both phases with the world stopped take some tens of microseconds, on all processors.
    constexpr double kSweepTermination = 0.035, kMarkTermination = 0.025;
    const double live = running.liveBytes() / kBytesPerMiB;
    const double goal = std::max(running.collector.committedBytes / 1.04 / kBytesPerMiB, 4.0);
    const double cpu = running.rates.cycles > 0 ? running.rates.collectorCpu / running.rates.cycles * 1e3 : 0;
    const auto workers = static_cast<double>(running.settings.collectorThreads);
    const auto processors = static_cast<double>(running.settings.processors);
    const double age = std::max(1.0, toSeconds(running.settled - running.started));
    const double share = std::floor(100 * running.collector.cpuSeconds / age / processors);
    return fmt::format("gc {:.0f} @{:.3f}s {:.0f}%: {}+{}+{} ms clock, {}+{}/{}/0+{} ms cpu, {:.0f}->{:.0f}->{:.0f} MB, {:.0f} MB goal, 0 MB stacks, 0 MB globals, {} P", number,
                       seconds, share, traceTime(kSweepTermination), traceTime(cpu / workers), traceTime(kMarkTermination), traceTime(kSweepTermination * processors),
                       traceTime(cpu * 0.2), traceTime(cpu * 0.8), traceTime(kMarkTermination * processors), goal * 0.97, goal, live, goal, running.settings.processors);
}

/// One line of -Xlog:gc.
std::string javaLine(double seconds, double number, const std::string& text)
{
    return fmt::format("[{:.3f}s][info][gc] GC({:.0f}) {}", seconds, number, text);
}

std::string sizesText(double before, double after, double committed, double pauseSeconds)
{
    return fmt::format("{:.0f}M->{:.0f}M({:.0f}M) {:.3f}ms", before / kBytesPerMiB, after / kBytesPerMiB, committed / kBytesPerMiB, pauseSeconds * 1e3);
}

double perOne(double perSecond, double timesPerSecond)
{
    return timesPerSecond > 0 ? perSecond / timesPerSecond : 0;
}

std::string youngLine(const Running& running, double number, double seconds)
{
    const double live = running.liveBytes(), eden = perOne(running.rates.allocated, running.rates.cycles);
    return javaLine(seconds, number - 1,
                    "Pause Young (Normal) (G1 Evacuation Pause) "
                        + sizesText(live + eden, live, running.collector.committedBytes, perOne(running.rates.pauseSeconds, running.rates.cycles)));
}

/// Full collections and marking cycles since the lines before; they count with the young ones.
void addOldLines(const Running& running, std::vector<std::string>& lines)
{
    const double live = running.liveBytes(), committed = running.collector.committedBytes;
    const double now = toSeconds(running.settled - running.started);
    const double number = std::floor(running.collector.cycles);
    if (const double marks = std::floor(running.collector.concurrent / 2); marks > running.marksTold) {
        const double pause = perOne(running.rates.concurrentSeconds, running.rates.concurrent);
        const double cycle = live * 1.5e-9; // marking at the rate of the collector's model, one thread
        lines.push_back(javaLine(now, number + marks, "Concurrent Mark Cycle"));
        lines.push_back(javaLine(now, number + marks, "Pause Remark " + sizesText(live, live, committed, pause)));
        lines.push_back(javaLine(now, number + marks, "Pause Cleanup " + sizesText(live, live, committed, pause / 10)));
        lines.push_back(javaLine(now, number + marks, fmt::format("Concurrent Mark Cycle {:.3f}ms", cycle * 1e3)));
    }
    const double full = std::floor(running.collector.fullCycles);
    for (double one = std::max(running.fullTold + 1, full - kLinesPerSecond + 1); one <= full; ++one)
        lines.push_back(javaLine(now, number + std::floor(running.collector.concurrent / 2) + one,
                                 "Pause Full (G1 Compaction Pause) " + sizesText(committed, live, committed, perOne(running.rates.fullSeconds, running.rates.fullCycles))));
}

/// A thread that takes the path: the next one each time it is told.
std::string threadOn(const Running& running, const CodePath& path)
{
    for (const Waiting& group : running.code->waiting) {
        if (std::find(group.works.begin(), group.works.end(), path.name) == group.works.end() || group.thread.empty())
            continue;
        std::string name = group.thread;
        if (const std::size_t at = name.find("{n}"); at != std::string::npos)
            name.replace(at, 3, std::to_string(1 + running.complaints % std::max<std::int64_t>(1, static_cast<std::int64_t>(group.count))));
        return name;
    }
    return "main";
}

} // namespace

std::vector<std::string> collectorLines(const Running& running)
{
    std::vector<std::string> lines;
    const double last = std::floor(running.collector.cycles);
    const double first = std::max(running.cyclesTold + 1, last - kLinesPerSecond + 1);
    for (double number = first; number <= last; ++number) {
        const double back = running.rates.cycles > 0 ? (running.collector.cycles - number) / running.rates.cycles : 0;
        const double seconds = toSeconds(running.settled - running.started) - back;
        lines.push_back(running.code->language == Language::Java ? youngLine(running, number, seconds) : goLine(running, number, seconds));
    }
    if (running.code->language == Language::Java)
        addOldLines(running, lines);
    return lines;
}

std::vector<std::string> heapFullLines(const Running& running, bool first)
{
    std::vector<std::string> lines;
    if (first && running.settings.dumpsWhenFull) {
        lines.push_back("java.lang.OutOfMemoryError: Java heap space");
        lines.push_back(fmt::format("Dumping heap to {}/java_pid{}.hprof ...", running.code->folder(), running.pid));
        lines.push_back(fmt::format("Heap dump file created [{:.0f} bytes in {:.3f} secs]", running.liveBytes(), running.liveBytes() / 4e8));
    }
    if (running.settings.exitsWhenFull) {
        lines.push_back("Terminating due to java.lang.OutOfMemoryError: Java heap space");
        return lines;
    }
    // Whoever asks next gets the error: the path that allocates most.
    const CodePath* most = nullptr;
    double bytes = -1;
    for (std::size_t i = 0; i < running.code->paths.size(); ++i)
        for (std::size_t k = 0; k < running.code->paths[i].allocations.size(); ++k)
            if (const double rate = running.rates.sites[running.siteOf(i) + k].bytes; rate > bytes) {
                bytes = rate;
                most = &running.code->paths[i];
            }
    lines.push_back(fmt::format("Exception in thread \"{}\" java.lang.OutOfMemoryError: Java heap space", most == nullptr ? "main" : threadOn(running, *most)));
    if (most != nullptr)
        for (auto frame = most->stack.rbegin(); frame != most->stack.rend(); ++frame)
            lines.push_back(frame->file == "Native Method" ? fmt::format("\tat {}(Native Method)", frame->function)
                                                           : fmt::format("\tat {}({}:{})", frame->function, frame->file, frame->line));
    return lines;
}

std::string descriptorsLine(const Running& running)
{
    std::string path = running.code->folder();
    for (std::size_t i = 0; i < running.opened.size(); ++i)
        if (running.opened[i] > 0 && !running.code->paths[i].opens.empty())
            path = running.code->paths[i].opens.front().path;
    if (const std::size_t at = path.find("{n}"); at != std::string::npos)
        path.replace(at, 3, fmt::format("{:04}", running.descriptorsPlaced + 1));
    switch (running.code->language) {
    case Language::Python: return fmt::format("OSError: [Errno 24] Too many open files: '{}'", path);
    case Language::Java: return fmt::format("java.io.FileNotFoundException: {} (Too many open files)", path);
    case Language::Go: return fmt::format("open {}: too many open files", path);
    case Language::Native: break;
    }
    return fmt::format("cannot open {}: Too many open files", path);
}

} // namespace sim::programs
