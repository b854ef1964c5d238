#include "sim/faults/oom_killer.h"

#include "sim/faults/requests.h"
#include "sim/faults/service.h"

#include <fmt/format.h>

// The victim is the orders service each time, for it is the largest that may be killed; what took the memory is another
// process, a file that lies in memory, pages set aside, or a limit that somebody set.
namespace sim::faults {

namespace {

constexpr const char* kServer = "app-1";
constexpr const char* kVictim = "orders.service";
constexpr const char* kVictimDropIn = "/etc/systemd/system/orders.service.d/50-limits.conf";
constexpr std::int64_t kRoomLeft = 700LL << 20; // less than the victim needs to start

const Variants& oomVariants()
{
    static const Variants kVariants{
        {"host-exhausted", {"files-in-memory", "huge-pages"}},
        {"cgroup-limit", {"unit-limit", "slice-limit"}},
        {"score-adjust", {"protected-agent", "marked-victim"}},
        {"no-fault", {"one-off-import"}},
    };
    return kVariants;
}

class Shortage {
public:
    Shortage(Context& context, HostId host) : m_context(context), m_host(host) { }

    host::Machine& machine() { return parts().hosts.at(m_host); }

    /// Bytes that have to be taken so that `left` remain beside what runs now.
    std::int64_t toTake(std::int64_t left) { return machine().memoryLeftBytes() - left; }

    void text(const std::string& path, const std::string& content) { putText(m_context, m_host, path, content); }

    /// An export that somebody let lie in /dev/shm, whose size was raised for it.
    void filesInMemory()
    {
        host::Machine& at = machine();
        for (host::Mount& mount : at.mounts)
            if (mount.path == "/dev/shm") {
                mount.sizeBytes = at.memoryBytes;
                mount.options = "size=100%";
            }
        parts().hosts.makeDirectory(parts().engine, m_host, "/dev/shm/export", true);
        std::int64_t bytes = toTake(-victimBytes() + kRoomLeft);
        for (int part = 1; bytes > 0; ++part) {
            constexpr std::int64_t kPart = 1LL << 30;
            parts().hosts.writeFile(parts().engine, m_host, fmt::format("/dev/shm/export/orders-2025.csv.{:03}", part), "", false, 0640, std::min(bytes, kPart));
            bytes -= kPart;
        }
    }

    /// Pages set aside for a database that never came; they are taken whether somebody uses them or not.
    void hugePages()
    {
        const std::int64_t pages = toTake(-victimBytes() + kRoomLeft) / host::Machine::kHugePageBytes;
        text("/etc/sysctl.d/60-hugepages.conf", fmt::format("# shared_buffers of the trial database\nvm.nr_hugepages = {}\n", pages));
        parts().hosts.setSysctl(parts().engine, parts().network, m_host, "vm.nr_hugepages", std::to_string(pages));
        machine().bootSysctls["vm.nr_hugepages"] = std::to_string(pages);
    }

    void dropIn(const std::string& lines)
    {
        text(kVictimDropIn, "# limits review 2026-02\n[Service]\n" + lines);
        parts().hosts.daemonReload(parts().engine, m_host);
    }

    /// By hand, past systemd: no unit file tells of it.
    void limitSlice(std::int64_t bytes)
    {
        text("/usr/local/sbin/limit-services.sh",
             fmt::format("#!/bin/sh\n# limits review 2026-02: room for the desktop team's containers\necho {} > /sys/fs/cgroup/system.slice/memory.max\n", bytes));
        addPast(machine(), parts().engine.now() - 3min, "", "limit-services", 0, {fmt::format("memory.max of system.slice set to {}", bytes)});
        parts().hosts.limitCgroup(parts().engine, parts().network, m_host, "/system.slice", "memory.max", std::to_string(bytes));
    }

    void run(const Service& service) { runService(m_context, m_host, service); }
    void restartVictim() { parts().hosts.restartUnit(parts().engine, parts().network, m_host, kVictim); }
    void markVictim(std::int64_t adjust)
    {
        parts().hosts.edit(parts().engine, m_host, machine().units.at(kVictim).mainPid, [&](host::Process& process) { process.oomScoreAdjust = adjust; });
    }
    void settle() { parts().hosts.settleMemory(parts().engine, parts().network, m_host); }
    std::int64_t victimBytes() { return machine().units.at(kVictim).memoryBytes; }

private:
    kube::Context& parts() { return m_context.parts; }
    Context& m_context;
    HostId m_host;
};

/// A service that has taken nearly all memory and goes on.
Service eater(const char* unit, const char* description, const char* command, const std::string& more, std::int64_t bytes, double growth)
{
    return {.unit = unit, .description = description, .command = command, .more = more, .memoryBytes = bytes,
            .workload = {.cpuCores = 0.2, .systemShare = 0.15, .growthBytesPerSecond = growth, .switchesPerSecond = 150, .systemCalls = {{"read", 300}, {"madvise", 4}}}};
}

} // namespace

Result<nlohmann::json> injectOomKiller(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, oomVariants(), parameters);
    if (!choice)
        return choice.error();
    const host::Machine* machine = context.parts.hosts.find(kServer);
    if (machine == nullptr || machine->units.count(kVictim) == 0)
        return Error{"the topology has no such service", fmt::format("{} on {}", kVictim, kServer)};
    Shortage shortage(context, machine->id);
    nlohmann::json chosen{{"cause", choice->cause}, {"variant", choice->variant}, {"machine", kServer}, {"unit", kVictim}};
    const std::int64_t beside = shortage.toTake(-shortage.victimBytes() + kRoomLeft); // so much that the victim does not fit any more
    constexpr double kGrowth = 2.5e5; // bytes a second
    if (choice->is("files-in-memory")) {
        shortage.filesInMemory();
        chosen["path"] = "/dev/shm/export";
    } else if (choice->is("huge-pages")) {
        shortage.hugePages();
        chosen["path"] = "/etc/sysctl.d/60-hugepages.conf";
    } else if (choice->is("unit-limit")) {
        shortage.dropIn("MemoryMax=1G\n");
        shortage.restartVictim();
        chosen["path"] = kVictimDropIn;
    } else if (choice->is("slice-limit")) {
        constexpr std::int64_t kShipper = 1'000LL << 20, kOthers = 250LL << 20; // less than the victim, and what the rest holds
        shortage.run(eater("log-shipper.service", "Ships logs to the warehouse", "/opt/log-shipper/bin/log-shipper --buffer memory", "", kShipper, 4e4));
        shortage.limitSlice(kShipper + kOthers + shortage.victimBytes() / 2);
        chosen["eater"] = "log-shipper.service";
        chosen["path"] = "/usr/local/sbin/limit-services.sh";
    } else if (choice->is("protected-agent")) {
        shortage.run(eater("metrics-agent.service", "Collects metrics of the host", "/opt/metrics/bin/metrics-agent", "OOMScoreAdjust=-900\n", beside, kGrowth));
        chosen["eater"] = "metrics-agent.service";
    } else if (choice->is("marked-victim")) {
        shortage.dropIn("OOMScoreAdjust=900\n");
        shortage.markVictim(900); // its last start read the drop-in already
        shortage.run(eater("report-builder.service", "Builds the reports of the sales team", "/opt/reports/bin/report-builder --year 2025", "", beside, kGrowth));
        chosen["eater"] = "report-builder.service";
        chosen["path"] = kVictimDropIn;
    } else { // larger than what is left, in one go: the kernel ends the one that asked
        const Service import = eater("catalogue-import.service", "One-off import of last year's catalogue", "/opt/import/bin/import-all --once", "Restart=no\n", beside, kGrowth);
        shortage.run(import);
        chosen["eater"] = "catalogue-import.service";
    }
    shortage.settle();
    return chosen;
}

void proceedOomKiller(Context& context, const nlohmann::json& parameters)
{
    const host::Machine* machine = context.parts.hosts.find(kServer);
    const std::string eater = parameters.value("eater", std::string{});
    if (machine == nullptr || machine->units.count(eater) == 0)
        return;
    constexpr std::int64_t kFresh = 220LL << 20;
    context.parts.hosts.at(machine->id).units.at(eater).memoryBytes = kFresh;
}

} // namespace sim::faults
