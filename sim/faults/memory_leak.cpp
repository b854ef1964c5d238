#include "sim/faults/memory_leak.h"

#include "sim/faults/requests.h"
#include "sim/faults/service.h"

#include <fmt/format.h>

// The same alert for four reasons: MemFree of app-3 is low. Two programs run there, a native one and a JVM whose heap may take
// more than half of the machine; which of them grows, or whether it is the kernel, or nothing at all, tells only a look.
namespace sim::faults {

namespace {

constexpr const char* kHost = "app-3";
constexpr const char* kPictures = "imgproxy";
constexpr const char* kJava = "orders";
constexpr const char* kHeapOptions = "JAVA_OPTS=\"-Xms256m -Xmx6g -XX:+ExitOnOutOfMemoryError\"\n";
constexpr double kLeakedBytes = 5.2e9;  // by the time that somebody looks
constexpr double kHeapBytes = 4.7e9;    // live, of the 6 GiB that the heap may take
constexpr std::int64_t kSlabBytes = 4'900LL << 20;

const Variants& leakVariants()
{
    static const Variants kVariants{
        {"process-leak", {"lost-headers", "colour-profiles"}},
        {"jvm-heap", {"session-cache", "price-history"}},
        {"kernel-slab", {"inotify-marks", "driver-leak"}},
        {"page-cache", {"night-copy", "file-index"}},
    };
    return kVariants;
}

/// A program's release with which it leaks, and how fast.
struct LeakyRelease {
    const char* program;
    const char* version;
    const char* before;
};
constexpr LeakyRelease kLostHeaders{kPictures, "0.9.3", "0.9.2"};
constexpr LeakyRelease kColourProfiles{kPictures, "0.9.4", "0.9.2"};
constexpr LeakyRelease kSessionCache{kJava, "2.5.0", "2.4.0"};
constexpr LeakyRelease kPriceHistory{kJava, "2.6.0", "2.4.0"};

class Leak {
public:
    Leak(Context& context, HostId host) : m_context(context), m_host(host) { }

    host::Machine& machine() { return m_context.parts.hosts.at(m_host); }
    Instant now() const { return m_context.parts.engine.now(); }

    /// The program runs since `age` in the version that its link names now.
    void age(const std::string& program, Duration age)
    {
        kube::Context& parts = m_context.parts;
        m_context.programs.age(parts.engine, parts.network, parts.hosts, m_host, program + ".service", age);
    }

    void setHeap() { putText(m_context, m_host, "/etc/default/orders", kHeapOptions); }

    /// A release of some hours ago: the link was moved and the unit restarted.
    void release(const LeakyRelease& what, double bytes)
    {
        const std::string folder = std::string("/opt/") + what.program;
        const std::string unit = std::string(what.program) + ".service";
        kube::Context& parts = m_context.parts;
        parts.hosts.remove(parts.engine, m_host, folder + "/current");
        parts.hosts.symlink(parts.engine, m_host, folder + "/releases/" + what.version, folder + "/current");
        // How long it must have run: at the rate of its leak, which a short run shows.
        age(what.program, 1s);
        const Duration since = fromSeconds(bytes / std::max(1.0, retainedPerSecond(what.program)));
        age(what.program, since);
        const host::Unit& of = machine().units.at(unit);
        const std::string title = fmt::format("{} - {}", unit, of.description);
        const Instant deployed = now() - since - 150ms; // the stop before the start
        addPast(machine(), deployed, "deploy.service", "deploy", 0, {fmt::format("{}: {} -> {}", what.program, what.before, what.version)});
        addPast(machine(), deployed, unit, "systemd", 1,
                {"Stopping " + title + "...", unit + ": Deactivated successfully.", "Stopped " + title + "."});
    }

    double retainedPerSecond(const std::string& program)
    {
        const programs::Running* running = m_context.programs.find(m_host, machine().units.at(program + ".service").mainPid);
        double bytes = 0;
        if (running != nullptr)
            for (const programs::SiteCounters& site : running->rates.sites)
                bytes += site.retainedBytes;
        return bytes;
    }

    void slab(const std::string& name, host::SlabCache cache)
    {
        machine().slabs[name] = std::move(cache);
        m_context.parts.hosts.watchGrowth(m_context.parts.engine, m_host);
    }

    void run(const Service& service) { runService(m_context, m_host, service); }

private:
    Context& m_context;
    HostId m_host;
};

/// fsnotify's mark with the inode that it pins: inotify_inode_mark is 88 bytes and the inode stays in memory with it; the
/// sum is what such a machine loses for each watch.
void inotifyMarks(Leak& leak, nlohmann::json& chosen)
{
    leak.run({.unit = "file-audit.service", .description = "Records who changes files", .command = "/opt/file-audit/bin/file-audit --recursive /srv /home /opt /var",
              .workload = {.cpuCores = 0.12, .systemShare = 0.7, .switchesPerSecond = 900, .systemCalls = {{"inotify_add_watch", 4200}, {"getdents64", 300}, {"read", 400}}}});
    constexpr std::int64_t kMarkBytes = 88;
    leak.slab("inotify_inode_mark", {.objectBytes = kMarkBytes, .objects = kSlabBytes / kMarkBytes, .growthObjectsPerSecond = 4200, .unit = "file-audit.service", .held = true});
    chosen["unit"] = "file-audit.service";
    chosen["cache"] = "inotify_inode_mark";
}

/// A capture driver of a third party forgets its buffers: the memory is nobody's, and only a boot gives it back.
void driverLeak(Leak& leak, nlohmann::json& chosen)
{
    leak.run({.unit = "flow-capture.service", .description = "Captures flows for the network team (pfcap driver)", .command = "/opt/pfcap/bin/flow-capture --device eth0",
              .workload = {.cpuCores = 0.1, .systemShare = 0.8, .switchesPerSecond = 1500, .systemCalls = {{"ioctl", 900}, {"poll", 900}}}});
    constexpr std::int64_t kBufferBytes = 2048;
    leak.slab("kmalloc-2k", {.objectBytes = kBufferBytes, .objects = kSlabBytes / kBufferBytes, .growthObjectsPerSecond = 240, .unit = "flow-capture.service"});
    addPast(leak.machine(), leak.now() - 5h, "", "kernel", 0,
            {"pfcap: loading out-of-tree module taints kernel.", "pfcap: module verification failed: signature and/or required key missing - tainting kernel",
             "pfcap: 2048-byte buffers on eth0"});
    chosen["unit"] = "flow-capture.service";
    chosen["cache"] = "kmalloc-2k";
}

/// What was read from files stays in memory until somebody needs the room.
void readFiles(Leak& leak, nlohmann::json& chosen, bool index)
{
    constexpr std::int64_t kDentryBytes = 192, kInodeBytes = 1168;
    constexpr std::int64_t kFiles = 1'900'000;
    host::Machine& machine = leak.machine();
    if (index) { // a walk over all files fills the caches of names and inodes, which the kernel gives back like pages
        leak.slab("dentry", {.objectBytes = kDentryBytes, .objects = kFiles, .reclaimable = true});
        leak.slab("ext4_inode_cache", {.objectBytes = kInodeBytes, .objects = kFiles, .reclaimable = true});
        machine.cacheBytes = 4'200LL << 20;
        addPast(machine, leak.now() - 70min, "plocate-updatedb.service", "systemd", 1,
                {"Starting plocate-updatedb.service - Update the plocate database...", "plocate-updatedb.service: Deactivated successfully.",
                 "Finished plocate-updatedb.service - Update the plocate database."});
    } else {
        machine.cacheBytes = 7LL << 30;
        addPast(machine, leak.now() - 40min, "picture-copy.service", "systemd", 1,
                {"Starting picture-copy.service - Copies the shop's pictures to the archive...", "picture-copy.service: Deactivated successfully.",
                 "Finished picture-copy.service - Copies the shop's pictures to the archive."});
    }
    chosen["unit"] = index ? "plocate-updatedb.service" : "picture-copy.service";
}

} // namespace

Result<nlohmann::json> injectMemoryLeak(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, leakVariants(), parameters);
    if (!choice)
        return choice.error();
    const host::Machine* machine = context.parts.hosts.find(kHost);
    if (machine == nullptr || machine->units.count("imgproxy.service") == 0 || machine->units.count("orders.service") == 0)
        return Error{"the topology has no machine with imgproxy and orders", kHost};
    Leak leak(context, machine->id);
    constexpr Duration kSinceLastDeploy = 24h * 9;
    leak.setHeap();
    leak.age(kJava, kSinceLastDeploy);
    nlohmann::json chosen{{"cause", choice->cause}, {"variant", choice->variant}, {"machine", kHost}};
    const auto released = [&](const LeakyRelease& what, double bytes) {
        leak.release(what, bytes);
        chosen["program"] = what.program;
        chosen["release"] = what.version;
        chosen["previous"] = what.before;
    };
    if (choice->is("lost-headers"))
        released(kLostHeaders, kLeakedBytes);
    else if (choice->is("colour-profiles"))
        released(kColourProfiles, kLeakedBytes);
    else if (choice->is("session-cache"))
        released(kSessionCache, kHeapBytes);
    else if (choice->is("price-history"))
        released(kPriceHistory, kHeapBytes);
    else if (choice->is("inotify-marks"))
        inotifyMarks(leak, chosen);
    else if (choice->is("driver-leak"))
        driverLeak(leak, chosen);
    else
        readFiles(leak, chosen, choice->is("file-index"));
    chosen["java_pid"] = std::to_string(machine->units.at("orders.service").mainPid);
    chosen["pictures_pid"] = std::to_string(machine->units.at("imgproxy.service").mainPid);
    return chosen;
}

} // namespace sim::faults
