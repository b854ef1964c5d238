// jstat of JDK 17: -gc, -gcutil, -gccause of a G1 heap.
#include "core/shell/commands/profilers/jvm.h"
#include "core/shell/commands/profilers/profilers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace core::shell::profilers {

namespace {


/// A column of figures as jstat of JDK 17 prints it. The headings above are padded in a way of their own.
struct JstatColumn {
    int width;
    int places;
    double (*value)(const sim::programs::Running&, const HeapFigures&);
};
using GcRunning = const sim::programs::Running&;
using GcHeap = const HeapFigures&;

double shareOf(double used, double capacity)
{
    return capacity > 0 ? std::min(100.0, 100 * used / capacity) : 0;
}

/// Eden is counted in regions taken, not in bytes.
double edenTaken(GcHeap heap)
{
    return std::min(heap.edenCapacity, std::ceil(heap.edenUsed / heap.regionBytes) * heap.regionBytes);
}

double zeroIn(GcRunning, GcHeap) { return 0; }
double heapMost(GcRunning r, GcHeap) { return static_cast<double>(r.settings.heapMaxBytes) / 1024; }
double youngCycles(GcRunning r, GcHeap) { return std::floor(r.collector.cycles); }
double fullCycles(GcRunning r, GcHeap) { return std::floor(r.collector.fullCycles); }
double markPauses(GcRunning r, GcHeap) { return std::floor(r.collector.concurrent); }

const JstatColumn kS1C{11, 1, [](GcRunning, GcHeap h) { return h.survivorCapacity / 1024; }};
const JstatColumn kEC{12, 1, [](GcRunning, GcHeap h) { return h.edenCapacity / 1024; }};
const JstatColumn kEU{12, 1, [](GcRunning, GcHeap h) { return edenTaken(h) / 1024; }};
const JstatColumn kOC{12, 1, [](GcRunning, GcHeap h) { return h.oldCapacity / 1024; }};
const JstatColumn kOU{12, 1, [](GcRunning, GcHeap h) { return h.oldUsed / 1024; }};
const JstatColumn kMC{10, 1, [](GcRunning, GcHeap h) { return h.metaCapacity / 1024; }};
const JstatColumn kMU{10, 1, [](GcRunning, GcHeap h) { return h.metaUsed / 1024; }};
const JstatColumn kCCSC{9, 1, [](GcRunning, GcHeap h) { return h.classCapacity / 1024; }};
const JstatColumn kCCSU{9, 1, [](GcRunning, GcHeap h) { return h.classUsed / 1024; }};
const JstatColumn kYGC{6, 0, youngCycles};
const JstatColumn kYGCT{9, 3, [](GcRunning r, GcHeap) { return r.collector.pauseSeconds; }};
const JstatColumn kFGC{5, 0, fullCycles};
const JstatColumn kFGCT{9, 3, [](GcRunning r, GcHeap) { return r.collector.fullSeconds; }};
const JstatColumn kCGC{5, 0, markPauses};
const JstatColumn kCGCT{9, 3, [](GcRunning r, GcHeap) { return r.collector.concurrentSeconds; }};
const JstatColumn kGCT{9, 3, [](GcRunning r, GcHeap) { return r.collector.pauseSeconds + r.collector.fullSeconds + r.collector.concurrentSeconds; }};
const JstatColumn kZero11{11, 1, zeroIn};

struct JstatOption {
    std::string head;
    std::vector<JstatColumn> columns;
};

const std::map<std::string, JstatOption>& optionsOfJstat()
{
    static const JstatColumn kShare{6, 2, zeroIn};
    const auto share = [](double (*value)(GcRunning, GcHeap)) { return JstatColumn{6, 2, value}; };
    static const std::vector<JstatColumn> kShares{kShare, share([](GcRunning, GcHeap h) { return shareOf(h.survivorUsed, h.survivorCapacity); }),
                                             share([](GcRunning, GcHeap h) { return shareOf(edenTaken(h), h.edenCapacity); }), share([](GcRunning, GcHeap h) { return shareOf(h.oldUsed, h.oldCapacity); }),
                                             share([](GcRunning, GcHeap h) { return shareOf(h.metaUsed, h.metaCapacity); }), share([](GcRunning, GcHeap h) { return shareOf(h.classUsed, h.classCapacity); }),
                                             kYGC, kYGCT, kFGC, kFGCT, kCGC, kCGCT, kGCT};
    static const std::string kShareHead = "  S0     S1     E      O      M     CCS    YGC     YGCT     FGC    FGCT     CGC    CGCT       GCT   ";
    static const std::map<std::string, JstatOption> kOptions{
        {"-gc",
         {"    S0C         S1C         S0U         S1U          EC           EU           OC           OU          MC         MU       CCSC      CCSU     YGC     YGCT     FGC    FGCT     CGC    CGCT       GCT   ",
          {kZero11, kS1C, kZero11, {11, 1, [](GcRunning, GcHeap h) { return h.survivorUsed / 1024; }}, kEC, kEU, kOC, kOU, kMC, kMU, kCCSC, kCCSU, kYGC, kYGCT, kFGC, kFGCT, kCGC, kCGCT, kGCT}}},
        {"-gcutil", {kShareHead, kShares}},
        {"-gccause", {kShareHead + " LGCC                 GCC                 ", kShares}},
        {"-gccapacity",
         {"   NGCMN        NGCMX         NGC          S0C     S1C              EC         OGCMN        OGCMX         OGC           OC         MCMN       MCMX        MC       CCSMN     CCSMX     CCSC     YGC    FGC   CGC ",
          {{12, 1, zeroIn}, {12, 1, heapMost}, {12, 1, [](GcRunning, GcHeap h) { return (h.edenCapacity + h.survivorCapacity) / 1024; }}, kZero11, kS1C, kEC, {12, 1, zeroIn},
           {12, 1, heapMost}, kOC, kOC, {10, 1, zeroIn}, {10, 1, [](GcRunning, GcHeap) { return 1114112.0; }}, kMC, {9, 1, zeroIn}, {9, 1, [](GcRunning, GcHeap) { return 1048576.0; }},
           kCCSC, kYGC, kFGC, kCGC}}},
        {"-gcnew",
         {"    S0C         S1C         S0U         S1U     TT MTT     DSS          EC           EU       YGC     YGCT   ",
          {kZero11, kS1C, kZero11, {11, 1, [](GcRunning, GcHeap h) { return h.survivorUsed / 1024; }}, {2, 0, [](GcRunning, GcHeap) { return 15.0; }}, {3, 0, [](GcRunning, GcHeap) { return 15.0; }},
           {11, 1, [](GcRunning, GcHeap h) { return h.survivorCapacity / 2048; }}, kEC, kEU, kYGC, kYGCT}}}, // TargetSurvivorRatio is 50
        {"-gcold",
         {"    MC         MU       CCSC      CCSU         OC           OU       YGC    FGC    FGCT     CGC    CGCT       GCT   ",
          {kMC, kMU, kCCSC, kCCSU, kOC, kOU, kYGC, kFGC, kFGCT, kCGC, kCGCT, kGCT}}}};
    return kOptions;
}

std::string rowOf(const sim::programs::Running& running, const std::string& option)
{
    const HeapFigures heap = heapFiguresOf(running);
    std::string row;
    for (const JstatColumn& column : optionsOfJstat().at(option).columns)
        row += fmt::format("{}{:>{}.{}f}", row.empty() ? "" : " ", column.value(running, heap), column.width, column.places);
    if (option == "-gccause")
        row += fmt::format(" {:<20} {:<20}", running.collector.lastCause, running.rates.fullSeconds > 0.5 ? "G1 Compaction Pause" : "No GC");
    return row + "\n";
}

constexpr const char* kJstatUsage = "Usage: jstat --help|-options\n       jstat -<option> [-t] [-h<lines>] <vmid> [<interval> [<count>]]\n";

int jstatFails(Invocation& inv, const std::string& why)
{
    inv.err().write(why + "\n" + kJstatUsage);
    return 1;
}

/// "1000", "1000ms" or "1s" in milliseconds.
std::optional<std::int64_t> intervalOf(std::string text)
{
    const bool seconds = !text.empty() && text.back() == 's' && (text.size() < 2 || text[text.size() - 2] != 'm');
    if (seconds)
        text.pop_back();
    else if (text.size() > 2 && text.compare(text.size() - 2, 2, "ms") == 0)
        text.resize(text.size() - 2);
    const auto number = parseNumber(text);
    return number ? std::optional(*number * (seconds ? 1000 : 1)) : std::nullopt;
}

/// A JVM whose counters the user may map: /tmp/hsperfdata_USER is its owner's.
std::optional<Target> countersOf(Invocation& inv, const std::string& vmid)
{
    const auto pid = pidOf(vmid);
    if (!pid) {
        jstatFails(inv, fmt::format("Malformed VM Identifier: {}", vmid));
        return std::nullopt;
    }
    Target target = targetOf(inv, *pid);
    const bool jvm = target.process != nullptr && target.running && target.running->code->language == sim::programs::Language::Java && !target.running->rates.paths.empty();
    if (!jvm)
        inv.err().write(fmt::format("sun.jvmstat.monitor.MonitorException: {} not found\n\tat jdk.jcmd/sun.tools.jstat.Jstat.main(Jstat.java:70)\n", *pid));
    else if (!mayAttach(inv, *target.process))
        inv.err().write(fmt::format("sun.jvmstat.monitor.MonitorException: Could not attach to {}\n\tat jdk.jcmd/sun.tools.jstat.Jstat.main(Jstat.java:70)\n"
                                    "Caused by: java.io.IOException: Operation not permitted\n", *pid));
    else
        return target;
    return std::nullopt;
}

int jstat(Invocation& inv)
{
    if (inv.arguments.empty()) {
        inv.print(kJstatUsage);
        return 0;
    }
    if (inv.arguments[0] == "-options") {
        for (const auto& [name, option] : optionsOfJstat())
            inv.print(name + "\n");
        return 0;
    }
    std::vector<std::string> words;
    bool stamps = false;
    std::int64_t headEvery = 0;
    for (const std::string& word : inv.arguments) {
        if (word == "-t")
            stamps = true;
        else if (const auto lines = word.rfind("-h", 0) == 0 ? parseNumber(word.substr(2)) : std::nullopt)
            headEvery = *lines;
        else
            words.push_back(word);
    }
    const std::string option = words.empty() ? "" : words[0];
    if (optionsOfJstat().count(option) == 0)
        return jstatFails(inv, fmt::format("Unknown option: {}", option));
    if (words.size() < 2)
        return jstatFails(inv, "invalid argument count");
    const auto interval = words.size() > 2 ? intervalOf(words[2]) : std::optional<std::int64_t>(0);
    if (!interval)
        return jstatFails(inv, fmt::format("Could not convert interval: {}", words[2]));
    auto target = countersOf(inv, words[1]);
    if (!target)
        return 1;
    const std::int64_t count = words.size() > 3 ? parseNumber(words[3]).value_or(1) : *interval > 0 ? 1'000'000 : 1;
    for (std::int64_t shown = 0; shown < count; ++shown) {
        if (shown > 0) {
            inv.sleep(std::chrono::milliseconds(*interval));
            target = targetOf(inv, target->running->pid);
            if (!target->running) // it has ended meanwhile
                return 0;
        }
        if (shown == 0 || (headEvery > 0 && shown % headEvery == 0))
            inv.print((stamps ? "Timestamp       " : "") + optionsOfJstat().at(option).head + "\n");
        inv.print((stamps ? fmt::format("{:>15.1f} ", sim::toSeconds(inv.now() - target->running->started)) : "") + rowOf(*target->running, option));
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
    table.addRaw("jstat", "monitor JVM statistics", "jstat -<option> <vmid> [<interval> [<count>]]", jstat);
}

} // namespace core::shell::profilers
