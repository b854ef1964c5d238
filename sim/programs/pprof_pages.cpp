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

std::string addresses(const Stack& stack)
{
    std::string text;
    for (auto frame = stack.rbegin(); frame != stack.rend(); ++frame)
        text += fmt::format(" {:#x}", addressOf(*frame));
    return text;
}

std::string framesText(const Stack& stack)
{
    std::string text;
    for (auto frame = stack.rbegin(); frame != stack.rend(); ++frame)
        text += fmt::format("#\t{:#x}\t{}+{:#x}\t{}:{}\n", addressOf(*frame), frame->function, addressOf(*frame) % 0x3f0, goPath(frame->file), frame->line);
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
        text += fmt::format("{} @{}\n", task.count, addresses(task.stack)) + framesText(task.stack);
    return text;
}

std::string goroutinesOneByOne(const Running& running)
{
    std::string text;
    std::int64_t number = 0;
    for (const Task& task : goroutinesOf(running))
        for (std::int64_t n = 0; n < task.count && number < kMostDumped; ++n) {
            ++number;
            text += fmt::format("goroutine {} [{}]:\n", number, waitText(task));
            for (auto frame = task.stack.rbegin(); frame != task.stack.rend(); ++frame)
                text += fmt::format("{}(...)\n\t{}:{} +{:#x}\n", frame->function, goPath(frame->file), frame->line, addressOf(*frame) % 0x3f0);
            if (!task.createdBy.empty()) {
                const Frame creator = frameOf(task.createdBy);
                text += fmt::format("created by {} in goroutine 1\n\t{}:{} +{:#x}\n", creator.function, goPath(creator.file), creator.line,
                                    addressOf(creator) % 0x3f0);
            }
            text += "\n";
        }
    return text;
}

std::string heapText(const Running& running)
{
    const Profile profile = heapProfile(running, false);
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
    const double goal = running.collector.committedBytes / 1.04;
    text += fmt::format("# NextGC = {:.0f}\n# LastGC = {}\n# NumGC = {:.0f}\n# NumForcedGC = 0\n# GCCPUFraction = {:.6f}\n# DebugGC = false\n# MaxRSS = {:.0f}\n", goal,
                        running.settled.time_since_epoch().count(), running.collector.cycles,
                        running.collector.cpuSeconds / std::max(1.0, toSeconds(running.settled - running.started)) / static_cast<double>(running.settings.processors),
                        running.residentBytes());
    return text;
}

std::string countedText(const Profile& profile, const char* title)
{
    std::string text = title;
    for (const Sample& sample : profile.samples) {
        // Cycles, as the runtime counts delays: 2.1 GHz.
        text += fmt::format("{:.0f} {} @{}\n", static_cast<double>(sample.values[1]) * 2.1, sample.values[0], addresses(sample.stack)) + framesText(sample.stack);
    }
    return text;
}

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
    return text + "</table>\n<a href=\"goroutine?debug=2\">full goroutine stack dump</a>\n</body>\n</html>\n";
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
            page.body = fmt::format("threadcreate profile: total {}\n", threadProfile(running).samples.front().values[0]);
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
