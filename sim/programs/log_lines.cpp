#include "sim/programs/log_lines.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace sim::programs {

namespace {

/// A program that collects more often than this floods its journal; journald would drop the rest as well.
constexpr double kLinesPerSecond = 20;

/// runtime.gcTrace's line, Go 1.22.
std::string goLine(const Running& running, double number, double seconds)
{
    const double live = running.liveBytes() / kBytesPerMiB;
    const double goal = std::max(running.collector.committedBytes / 1.04 / kBytesPerMiB, 4.0);
    const double cpu = running.rates.cycles > 0 ? running.rates.collectorCpu / running.rates.cycles * 1e3 : 0;
    const auto workers = static_cast<double>(running.settings.collectorThreads);
    const double age = std::max(1.0, toSeconds(running.settled - running.started));
    const double share = 100 * running.collector.cpuSeconds / age / static_cast<double>(running.settings.processors);
    return fmt::format("gc {:.0f} @{:.3f}s {:.0f}%: {:.3f}+{:.2g}+{:.3f} ms clock, {:.2g}+{:.2g}/{:.2g}/0+{:.2g} ms cpu, {:.0f}->{:.0f}->{:.0f} MB, "
                       "{:.0f} MB goal, 0 MB stacks, 0 MB globals, {} P",
                       number, seconds, share, 0.035, cpu / workers, 0.025, 0.035 * workers, cpu * 0.2, cpu * 0.8, 0.025 * workers, goal * 0.97,
                       goal, live, goal, running.settings.processors);
}

std::string javaLine(const Running& running, double number, double seconds)
{
    const double live = running.liveBytes() / kBytesPerMiB;
    const double eden = running.rates.cycles > 0 ? running.rates.allocated / running.rates.cycles / kBytesPerMiB : 0;
    const double pause = running.rates.cycles > 0 ? running.rates.pauseSeconds / running.rates.cycles * 1e3 : 0;
    return fmt::format("[{:.3f}s][info][gc] GC({:.0f}) Pause Young (Normal) (G1 Evacuation Pause) {:.0f}M->{:.0f}M({:.0f}M) {:.3f}ms", seconds,
                       number - 1, live + eden, live, running.collector.committedBytes / kBytesPerMiB, pause);
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
        lines.push_back(running.code->language == Language::Java ? javaLine(running, number, seconds) : goLine(running, number, seconds));
    }
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
    lines.push_back("Exception in thread \"http-nio-8080-exec-4\" java.lang.OutOfMemoryError: Java heap space");
    if (most != nullptr)
        for (auto frame = most->stack.rbegin(); frame != most->stack.rend(); ++frame)
            lines.push_back(fmt::format("\tat {}({}:{})", frame->function, frame->file, frame->line));
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
