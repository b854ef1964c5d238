#include "sim/programs/pprof_pages.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace sim::programs {

namespace {

/// More goroutines than this are not printed one by one: the runtime's own dump ends at 64 MiB.
constexpr std::int64_t kMostDumped = 2000;
/// Seconds that /profile looks when it is not told: pprof.go.
constexpr double kDefaultSeconds = 30;

std::string queryValue(const std::string& query, const std::string& key)
{
    for (std::size_t begin = 0; begin < query.size();) {
        const std::size_t end = std::min(query.find('&', begin), query.size());
        const std::string pair = query.substr(begin, end - begin);
        if (pair.compare(0, key.size() + 1, key + "=") == 0)
            return pair.substr(key.size() + 1);
        begin = end + 1;
    }
    return {};
}

std::string goPath(const std::string& file)
{
    // Frames of the standard library name their file below the toolchain's source.
    for (const char* part : {"runtime/", "net/", "sync/", "encoding/", "internal/", "bufio/", "io/", "crypto/", "sort/", "strings/", "regexp/", "time/"})
        if (file.rfind(part, 0) == 0)
            return "/usr/local/go/src/" + file;
    return "/src/" + file;
}

/// The return address of a call, where the frame's own line has the call's.
std::string addresses(const Stack& stack)
{
    std::string text;
    for (auto frame = stack.rbegin(); frame != stack.rend(); ++frame)
        text += fmt::format(" {:#x}", addressOf(*frame) + 1);
    return text;
}

/// The frames below a record's line, the runtime's own at the leaf left out, with columns as text/tabwriter sets them
/// (cells of eight, filled with tabs).
std::string framesText(const Stack& stack)
{
    constexpr std::size_t kCell = 8;
    auto leaf = stack.rbegin();
    while (leaf != stack.rend() && leaf->function.rfind("runtime.", 0) == 0)
        ++leaf;
    std::vector<std::string> places;
    std::size_t widest = 0;
    for (auto frame = leaf; frame != stack.rend(); ++frame) {
        places.push_back(fmt::format("{}+{:#x}", frame->function, addressOf(*frame) % 0x3f0));
        widest = std::max(widest, places.back().size());
    }
    const std::size_t column = (widest + 1 + kCell - 1) / kCell * kCell;
    std::string text;
    std::size_t number = 0;
    for (auto frame = leaf; frame != stack.rend(); ++frame) {
        const std::string& place = places[number++];
        text += fmt::format("#\t{:#x}\t{}{}{}:{}\n", addressOf(*frame), place, std::string((column - place.size() + kCell - 1) / kCell, '\t'), goPath(frame->file), frame->line);
    }
    return text + "\n";
}

std::string waitText(const Task& task)
{
    const auto minutes = static_cast<std::int64_t>(task.waitedSeconds / 60);
    return minutes < 1 || task.state == "running" ? task.state : fmt::format("{}, {} minutes", task.state, minutes);
}

std::string goroutinesByStack(const Running& running)
{
    const std::vector<Task> tasks = goroutinesOf(running);
    std::int64_t total = 0;
    for (const Task& task : tasks)
        total += task.count;
    std::string text = fmt::format("goroutine profile: total {}\n", total);
    for (const Task& task : tasks)
        text += fmt::format("{} @{}\n", task.count, addresses(parkedStack(task))) + framesText(parkedStack(task));
    return text;
}

bool isMain(const Task& task)
{
    return !task.stack.empty() && (task.stack.front().function == "runtime.main" || task.stack.front().function == "main.main");
}

/// Arguments are words of memory, of which the model knows none: a method shows its receiver, always the same for one
/// goroutine and function.
std::string argumentsText(const Frame& frame, std::int64_t goroutine)
{
    if (frame.function.find("(*") == std::string::npos)
        return "()";
    return fmt::format("({:#x})", 0xc000000000ULL + (addressOf(frame) * 64 + static_cast<std::uint64_t>(goroutine) * 0x1a0) % 0x1000000);
}

std::string goroutineText(const Task& task, std::int64_t number)
{
    std::string text = fmt::format("goroutine {} [{}]:\n", number, waitText(task));
    const Stack stack = parkedStack(task);
    auto frame = stack.rbegin();
    while (frame != stack.rend() && frame->function.rfind("runtime.", 0) == 0)
        ++frame;
    for (; frame != stack.rend(); ++frame)
        if (frame->function != "runtime.main") // below main.main nothing is printed
            text += fmt::format("{}{}\n\t{}:{} +{:#x}\n", frame->function, argumentsText(*frame, number), goPath(frame->file), frame->line, addressOf(*frame) % 0x3f0);
    if (!task.createdBy.empty()) {
        const Frame creator = frameOf(task.createdBy);
        text += fmt::format("created by {} in goroutine 1\n\t{}:{} +{:#x}\n", creator.function, goPath(creator.file), creator.line, addressOf(creator) % 0x3f0);
    }
    return text + "\n";
}

std::string goroutinesOneByOne(const Running& running)
{
    // Number 1 runs main; 2 to 17 are the runtime's own, which no dump shows.
    constexpr std::int64_t kFirstOthers = 18;
    std::vector<Task> tasks = goroutinesOf(running);
    std::stable_partition(tasks.begin(), tasks.end(), isMain);
    std::string text;
    std::int64_t shown = 0, next = kFirstOthers;
    for (const Task& task : tasks)
        for (std::int64_t n = 0; n < task.count && shown < kMostDumped; ++n, ++shown)
            text += goroutineText(task, isMain(task) && n == 0 && shown == 0 ? 1 : next++);
    return text;
}

std::string heapText(const Running& running)
{
    Profile profile = heapProfile(running, false);
    std::stable_sort(profile.samples.begin(), profile.samples.end(), [](const Sample& a, const Sample& b) { return a.values[3] > b.values[3]; });
    std::int64_t sums[4] = {};
    for (const Sample& sample : profile.samples)
        for (std::size_t i = 0; i < 4; ++i)
            sums[i] += sample.values[i];
    std::string text = fmt::format("heap profile: {}: {} [{}: {}] @ heap/1048576\n", sums[2], sums[3], sums[0], sums[1]);
    for (const Sample& sample : profile.samples)
        text += fmt::format("{}: {} [{}: {}] @{}\n", sample.values[2], sample.values[3], sample.values[0], sample.values[1], addresses(sample.stack))
            + framesText(sample.stack);
    double allocated = running.code->baseHeapBytes, objects = running.code->baseHeapObjects;
    for (const SiteCounters& site : running.sites) {
        allocated += site.bytes;
        objects += site.objects;
    }
    const double live = running.liveBytes();
    const double inUse = live + running.collector.allocatedSince + running.collector.garbageBytes;
    const double system = std::max(running.collector.committedBytes, inUse);
    text += fmt::format("\n# runtime.MemStats\n# Alloc = {:.0f}\n# TotalAlloc = {:.0f}\n# Sys = {:.0f}\n# Lookups = 0\n# Mallocs = {:.0f}\n# Frees = {:.0f}\n",
                        inUse, allocated, running.residentBytes(), objects, std::max(0.0, objects - running.liveObjects()));
    text += fmt::format("# HeapAlloc = {:.0f}\n# HeapSys = {:.0f}\n# HeapIdle = {:.0f}\n# HeapInuse = {:.0f}\n# HeapReleased = 0\n# HeapObjects = {:.0f}\n", inUse,
                        system, system - inUse, inUse, running.liveObjects());
    double stacks = 0;
    for (const Task& task : goroutinesOf(running))
        stacks += 8192.0 * static_cast<double>(task.count); // a goroutine that serves has grown once or twice
    // A span of 8 KiB costs 136 bytes of mspan; 1200 bytes of mcache a processor; marking needs a bit for each word.
    const double spans = system / 8192 * 136, caches = 1200.0 * static_cast<double>(running.settings.processors);
    text += fmt::format("# Stack = {0:.0f} / {0:.0f}\n# MSpan = {1:.0f} / {1:.0f}\n# MCache = {2:.0f} / 15600\n# BuckHashSys = 1468850\n# GCSys = {3:.0f}\n# OtherSys = 815718\n",
                        stacks, spans, caches, system / 16);
    const double goal = running.collector.committedBytes / 1.04;
    text += fmt::format("# NextGC = {:.0f}\n# LastGC = {}\n# NumGC = {:.0f}\n# NumForcedGC = 0\n# GCCPUFraction = {:.6f}\n# DebugGC = false\n# MaxRSS = {:.0f}\n", goal,
                        running.settled.time_since_epoch().count(), running.collector.cycles,
                        running.collector.cpuSeconds / std::max(1.0, toSeconds(running.settled - running.started)) / static_cast<double>(running.settings.processors),
                        running.residentBytes());
    return text;
}

std::string countedText(Profile profile, const char* title)
{
    std::stable_sort(profile.samples.begin(), profile.samples.end(), [](const Sample& a, const Sample& b) { return a.values[1] > b.values[1]; });
    std::string text = title;
    for (const Sample& sample : profile.samples) {
        // Cycles, as the runtime counts delays: 2.1 GHz.
        text += fmt::format("{:.0f} {} @{}\n", static_cast<double>(sample.values[1]) * 2.1, sample.values[0], addresses(sample.stack)) + framesText(sample.stack);
    }
    return text;
}

/// What the index says about each profile.
constexpr std::pair<const char*, const char*> kDescriptions[] = {
    {"allocs", "A sampling of all past memory allocations"},
    {"block", "Stack traces that led to blocking on synchronization primitives"},
    {"cmdline", "The command line invocation of the current program"},
    {"goroutine", "Stack traces of all current goroutines. Use debug=2 as a query parameter to export in the same format as an unrecovered panic."},
    {"heap", "A sampling of memory allocations of live objects. You can specify the gc GET parameter to run GC before taking the heap sample."},
    {"mutex", "Stack traces of holders of contended mutexes"},
    {"profile", "CPU profile. You can specify the duration in the seconds GET parameter. After you get the profile file, use the go tool pprof command to investigate the profile."},
    {"threadcreate", "Stack traces that led to the creation of new OS threads"},
    {"trace", "A trace of execution of the current program. You can specify the duration in the seconds GET parameter. After you get the trace file, use the go tool trace command to investigate the trace."}};

std::string indexPage(const Running& running)
{
    std::int64_t goroutines = 0;
    for (const Task& task : goroutinesOf(running))
        goroutines += task.count;
    const std::size_t contended = contentionProfile(running, false).samples.size();
    const std::size_t heap = heapProfile(running, false).samples.size();
    std::string text = "<html>\n<head>\n<title>/debug/pprof/</title>\n<style>\n.profile-name{\n\tdisplay:inline-block;\n\twidth:6rem;\n}\n</style>\n</head>\n<body>\n"
                       "/debug/pprof/\n<br>\n<p>Set debug=1 as a query parameter to export in legacy text format</p>\n<br>\nTypes of profiles available:\n<table>\n"
                       "<thead><td>Count</td><td>Profile</td></thead>\n";
    const auto row = [&](auto count, const char* name) {
        text += fmt::format("<tr><td>{}</td><td><a href='{}?debug=1'>{}</a></td></tr>\n", count, name, name);
    };
    row(heap, "allocs");
    row(contended, "block");
    row(0, "cmdline");
    row(goroutines, "goroutine");
    row(heap, "heap");
    row(contended, "mutex");
    row(0, "profile");
    row(threadProfile(running).samples.front().values[0], "threadcreate");
    row(0, "trace");
    text += "</table>\n<a href=\"goroutine?debug=2\">full goroutine stack dump</a>\n<br>\n<p>\nProfile Descriptions:\n<ul>\n";
    for (const auto& [name, description] : kDescriptions)
        text += fmt::format("<li><div class=profile-name>{}: </div> {}</li>\n", name, description);
    return text + "</ul>\n</p>\n</body>\n</html>";
}

} // namespace

std::optional<ProfilePage> profilePage(const Running& running, const std::string& pathAndQuery)
{
    const std::size_t mark = pathAndQuery.find('?');
    const std::string path = pathAndQuery.substr(0, mark);
    const std::string query = mark == std::string::npos ? "" : pathAndQuery.substr(mark + 1);
    const std::string prefix = "/debug/pprof/";
    if (path.compare(0, prefix.size(), prefix) != 0)
        return std::nullopt;
    const std::string name = path.substr(prefix.size());
    const int debug = std::atoi(queryValue(query, "debug").c_str());
    ProfilePage page;
    const auto packed = [&](const Profile& profile) {
        page.type = "application/octet-stream";
        page.body = rawText(profile);
    };
    if (name.empty()) {
        page.type = "text/html; charset=utf-8";
        page.body = indexPage(running);
    } else if (name == "profile") {
        const std::string asked = queryValue(query, "seconds");
        const double seconds = asked.empty() ? kDefaultSeconds : std::clamp(std::atof(asked.c_str()), 1.0, 600.0);
        // Nobody can answer before the time is over: what will be used until then follows from the present rates.
        page.took = fromSeconds(seconds);
        packed(cpuProfile(running, running.at(running.settled + page.took)));
    } else if (name == "heap" || name == "allocs") {
        if (debug > 0)
            page.body = heapText(running);
        else
            packed(heapProfile(running, name == "allocs"));
    } else if (name == "goroutine") {
        if (debug > 1)
            page.body = goroutinesOneByOne(running);
        else if (debug == 1)
            page.body = goroutinesByStack(running);
        else
            packed(goroutineProfile(running));
    } else if (name == "mutex" || name == "block") {
        const Profile profile = contentionProfile(running, name == "block");
        if (debug > 0)
            page.body = countedText(profile, name == "mutex" ? "--- mutex:\ncycles/second=2100000000\nsampling period=1\n" : "--- contention:\ncycles/second=2100000000\n");
        else
            packed(profile);
    } else if (name == "threadcreate") {
        if (debug > 0)
            page.body = fmt::format("threadcreate profile: total {0}\n{0} @\n#\t0x0\n\n", threadProfile(running).samples.front().values[0]);
        else
            packed(threadProfile(running));
    } else if (name == "cmdline") {
        page.body = running.code->command;
    } else {
        page.status = 404;
        page.body = fmt::format("Unknown profile\n");
    }
    return page;
}

} // namespace sim::programs
