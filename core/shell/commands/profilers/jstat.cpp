// jstat of JDK 17: -gc, -gcutil, -gccause of a G1 heap.
#include "core/shell/commands/profilers/jvm.h"
#include "core/shell/commands/profilers/profilers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core::shell::profilers {

namespace {


std::string headOf(const std::string& option)
{
    if (option == "-gc")
        return "    S0C         S1C         S0U         S1U          EC           EU           OC           OU          MC         MU       CCSC      CCSU     YGC     YGCT     FGC    FGCT     CGC    CGCT       GCT   \n";
    std::string head = "  S0     S1     E      O      M     CCS    YGC     YGCT     FGC    FGCT     CGC    CGCT       GCT   ";
    if (option == "-gccause")
        head += " LGCC                 GCC                 ";
    return head + "\n";
}

std::string rowOf(const sim::programs::Running& running, const std::string& option)
{
    const HeapFigures heap = heapFiguresOf(running);
    const sim::programs::Collector& gc = running.collector;
    const double total = gc.pauseSeconds + gc.fullSeconds + gc.concurrentSeconds;
    const std::string counts = fmt::format("{:>6.0f} {:>8.3f} {:>5.0f} {:>8.3f} {:>5.0f} {:>8.3f} {:>9.3f}", std::floor(gc.cycles), gc.pauseSeconds, std::floor(gc.fullCycles),
                                           gc.fullSeconds, std::floor(gc.concurrent), gc.concurrentSeconds, total);
    if (option == "-gc")
        return fmt::format("{:>11.1f} {:>11.1f} {:>11.1f} {:>11.1f} {:>12.1f} {:>12.1f} {:>12.1f} {:>12.1f} {:>10.1f} {:>10.1f} {:>8.1f} {:>8.1f} {}\n", 0.0,
                           heap.survivorCapacity / 1024, 0.0, heap.survivorUsed / 1024, heap.edenCapacity / 1024, heap.edenUsed / 1024, heap.oldCapacity / 1024,
                           heap.oldUsed / 1024, heap.metaCapacity / 1024, heap.metaUsed / 1024, heap.classCapacity / 1024, heap.classUsed / 1024, counts);
    const auto percent = [](double used, double capacity) { return capacity > 0 ? std::min(100.0, 100 * used / capacity) : 0; };
    std::string row = fmt::format("{:>6} {:>6.2f} {:>6.2f} {:>6.2f} {:>6.2f} {:>6.2f} {}", "-", percent(heap.survivorUsed, heap.survivorCapacity),
                                  percent(heap.edenUsed, heap.edenCapacity), percent(heap.oldUsed, heap.oldCapacity), percent(heap.metaUsed, heap.metaCapacity),
                                  percent(heap.classUsed, heap.classCapacity), counts);
    if (option == "-gccause")
        row += fmt::format(" {:<20} {:<20}", gc.lastCause, running.rates.fullSeconds > 0.5 ? "G1 Compaction Pause" : "No GC");
    return row + "\n";
}

int jstat(Invocation& inv)
{
    const auto& words = inv.arguments;
    static const std::vector<std::string> kKnown{"-gc", "-gcutil", "-gccause"};
    if (words.size() < 2 || std::find(kKnown.begin(), kKnown.end(), words[0]) == kKnown.end()) {
        inv.err().write("Usage: jstat --help|-options\n       jstat -<option> [-t] [-h<lines>] <vmid> [<interval> [<count>]]\n");
        return 1;
    }
    auto target = jvmOf(inv, words[1]);
    if (!target)
        return 1;
    // "1000", "1000ms" or "1s".
    std::int64_t interval = 0;
    if (words.size() > 2) {
        std::string text = words[2];
        const bool seconds = !text.empty() && text.back() == 's' && (text.size() < 2 || text[text.size() - 2] != 'm');
        while (!text.empty() && (text.back() == 's' || text.back() == 'm'))
            text.pop_back();
        interval = node::parseNumber(text).value_or(0) * (seconds ? 1000 : 1);
    }
    const std::int64_t count = words.size() > 3 ? node::parseNumber(words[3]).value_or(1) : interval > 0 ? 1'000'000 : 1;
    inv.print(headOf(words[0]));
    for (std::int64_t shown = 0; shown < count; ++shown) {
        if (shown > 0) {
            inv.sleep(std::chrono::milliseconds(interval));
            target = targetOf(inv, target->running->pid);
            if (!target->running) // it has ended meanwhile
                return 0;
        }
        inv.print(rowOf(*target->running, words[0]));
    }
    return 0;
}

} // namespace

HeapFigures heapFiguresOf(const sim::programs::Running& running)
{
    HeapFigures heap;
    // G1 wants about 2048 regions, each a power of two of at least 1 MiB.
    const double most = static_cast<double>(running.settings.heapMaxBytes);
    heap.regionBytes = sim::programs::kBytesPerMiB;
    while (heap.regionBytes < 32 * sim::programs::kBytesPerMiB && most / 2048 > heap.regionBytes)
        heap.regionBytes *= 2;
    const auto regions = [&](double bytes) { return std::ceil(bytes / heap.regionBytes) * heap.regionBytes; };
    const double eden = running.rates.cycles > 0 ? running.rates.allocated / running.rates.cycles : 0;
    heap.edenCapacity = regions(eden);
    heap.edenUsed = std::min(running.collector.allocatedSince, heap.edenCapacity);
    heap.survivorCapacity = regions(eden * 0.02);
    heap.survivorUsed = eden * 0.02;
    heap.oldUsed = std::max(0.0, running.liveBytes() - heap.survivorUsed);
    heap.oldCapacity = std::max(regions(heap.oldUsed), regions(running.collector.committedBytes) - heap.edenCapacity - heap.survivorCapacity);
    // Classes of a Spring application: some 60 MiB, settled soon after the start.
    heap.metaCapacity = 61.4 * sim::programs::kBytesPerMiB;
    heap.metaUsed = 60.9 * sim::programs::kBytesPerMiB;
    heap.classCapacity = 8.1 * sim::programs::kBytesPerMiB;
    heap.classUsed = 7.8 * sim::programs::kBytesPerMiB;
    return heap;
}

void addJstat(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "jstat";
    spec.summary = "monitor JVM statistics";
    spec.usage = "jstat -<option> <vmid> [<interval> [<count>]]";
    spec.parseOptions = false;
    spec.run = jstat;
    table.add(std::move(spec));
}

} // namespace core::shell::profilers
