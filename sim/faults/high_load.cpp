#include "sim/faults/high_load.h"

#include "sim/faults/requests.h"
#include "sim/faults/service.h"

// A load average says how many tasks want something, and not what: a processor for their own work, the kernel's work on
// their behalf, a disk, or only a turn among far too many. Each cause makes the same figure out of another of these.
namespace sim::faults {

namespace {

constexpr const char* kLoaded = "app-1";
constexpr const char* kNightly = "search-reindex.service";

const Variants& loadVariants()
{
    static const Variants kVariants{
        {"user-cpu", {"parallel-compress", "hidden-miner"}},
        {"system-cpu", {"tiny-writes", "stat-storm"}},
        {"iowait", {"archive-scan", "flushed-copy"}},
        {"runaway-threads", {"thread-per-message", "worker-per-file"}},
        {"no-fault", {"nightly-reindex"}},
    };
    return kVariants;
}

/// The service that makes the load, and the setting that lets it.
struct Load {
    Service service;
    std::string program;  ///< comm of the tasks that do it
    std::string path;     ///< its settings file
    std::string text;
};

Load compress()
{
    Load load;
    load.program = "xz";
    load.path = "/etc/log-archive.conf";
    load.text = "# Archives of the access logs\nsource=/var/log/orders\nlevel=9\nparallel=16\n";
    load.service = {.unit = "log-archive.service", .description = "Compresses old access logs", .command = "/opt/log-archive/bin/log-archive -c /etc/log-archive.conf",
                    .workload = {.file = load.path, .contains = "parallel=16", .cpuCores = 0.05, .systemShare = 0.03, .processes = 16, .childCores = 1, .childCommand = "xz -9 --threads=1 /var/log/orders/access-2025.log",
                                 .switchesPerSecond = 8, .systemCalls = {{"read", 40}, {"write", 12}}}};
    return load;
}

Load miner()
{
    Load load;
    load.program = "netdns";
    load.service = {.unit = "netdns-helper.service", .description = "Network name helper", .command = "/var/tmp/.cache/netdns -o 203.0.113.77:3333 -t 14", .user = "nobody",
                    .more = "", .memoryBytes = 280LL << 20,
                    .workload = {.cpuCores = 14, .systemShare = 0.01, .threads = 14, .threadName = "netdns", .switchesPerSecond = 60, .systemCalls = {{"sendto", 1}, {"recvfrom", 1}}}};
    return load;
}

Load tinyWrites()
{
    Load load;
    load.program = "trace-writer";
    load.path = "/etc/trace-writer.conf";
    load.text = "# Traces of the shop's requests\noutput=/var/log/trace/trace.log\nbuffer_bytes=1\n";
    load.service = {.unit = "trace-writer.service", .description = "Writes request traces", .command = "/opt/trace/bin/trace-writer -c /etc/trace-writer.conf",
                    .workload = {.file = load.path, .contains = "buffer_bytes=1\n", .cpuCores = 13, .systemShare = 0.87, .threads = 13, .threadName = "trace-{n}", .switchesPerSecond = 500,
                                 .systemCalls = {{"write", 610'000}, {"futex", 1200}}}};
    return load;
}

Load statStorm()
{
    Load load;
    load.program = "conf-watcher";
    load.path = "/etc/conf-watcher.conf";
    load.text = "# Reloads settings when their files change\npaths=/etc,/opt,/srv\ninterval_ms=0\n";
    load.service = {.unit = "conf-watcher.service", .description = "Watches settings for changes", .command = "/opt/conf-watcher/bin/conf-watcher -c /etc/conf-watcher.conf",
                    .workload = {.file = load.path, .contains = "interval_ms=0", .cpuCores = 13, .systemShare = 0.82, .threads = 13, .threadName = "scan-{n}", .switchesPerSecond = 300,
                                 .systemCalls = {{"newfstatat", 1'000'000}, {"openat", 90'000}, {"getdents64", 90'000}, {"close", 90'000}}}};
    return load;
}

/// Readers and writers above what the disk can take, which is 3.2 GB/s and 1.4 GB/s (host::Machine::diskDemand).
Load archiveScan()
{
    Load load;
    load.program = "clamscan";
    load.path = "/etc/default/virus-scan";
    load.text = "# Weekly scan of everything\nSCAN_JOBS=24\n";
    load.service = {.unit = "virus-scan.service", .description = "Scans all files for viruses", .command = "/opt/virus-scan/bin/scan-all", .memoryBytes = 60LL << 20,
                    .workload = {.file = load.path, .contains = "SCAN_JOBS=24", .cpuCores = 0.04, .systemShare = 0.4, .readBytesPerSecond = 3.4e8, .processes = 23,
                                 .childCores = 0.03, .childCommand = "clamscan --recursive --infected /srv", .switchesPerSecond = 260, .systemCalls = {{"read", 2600}, {"openat", 30}}}};
    return load;
}

Load flushedCopy()
{
    Load load;
    load.program = "store-copy";
    load.path = "/etc/store-copy.conf";
    load.text = "# A second copy of what customers upload\nworkers=20\nfsync=each\n";
    load.service = {.unit = "store-copy.service", .description = "Copies uploads to the second disk area", .command = "/opt/store-copy/bin/store-copy -c /etc/store-copy.conf",
                    .workload = {.file = load.path, .contains = "fsync=each", .cpuCores = 0.05, .systemShare = 0.5, .syncedBytesPerSecond = 1.3e8, .processes = 19, .childCores = 0.03,
                                 .switchesPerSecond = 220, .systemCalls = {{"write", 900}, {"fsync", 140}}}};
    return load;
}

/// Many tasks that each want little: the turns cost as much as the work.
Load threadPerMessage()
{
    Load load;
    load.program = "notifier";
    load.path = "/etc/notifier.conf";
    load.text = "# Mails and messages to customers\nqueue=orders\npool=unbounded\n";
    load.service = {.unit = "notifier.service", .description = "Sends messages to customers", .command = "/opt/notifier/bin/notifier -c /etc/notifier.conf", .memoryBytes = 900LL << 20,
                    .workload = {.file = load.path, .contains = "pool=unbounded", .cpuCores = 26, .systemShare = 0.46, .threads = 850, .threadName = "send-{n}",
                                 .switchesPerSecond = 140'000, .systemCalls = {{"futex", 120'000}, {"epoll_wait", 9000}, {"sendto", 2400}}}};
    return load;
}

Load workerPerFile()
{
    Load load;
    load.program = "stock-import";
    load.path = "/etc/stock-import.conf";
    load.text = "# Stock lists of the suppliers\ninbox=/srv/stock\nworkers=per-file\n";
    load.service = {.unit = "stock-import.service", .description = "Imports stock lists", .command = "/opt/stock-import/bin/stock-import -c /etc/stock-import.conf",
                    .memoryBytes = 9LL << 20,
                    .workload = {.file = load.path, .contains = "workers=per-file", .cpuCores = 0.1, .systemShare = 0.44, .processes = 340, .childCores = 0.075, .switchesPerSecond = 380,
                                 .systemCalls = {{"read", 60}, {"poll", 40}, {"nanosleep", 100}}}};
    return load;
}

Load reindex()
{
    Load load;
    load.program = "indexer";
    load.service = {.unit = kNightly, .description = "Rebuilds the search index (nightly, nice 19)", .command = "/opt/search/bin/reindex --workers 14", .more = "Nice=19\n",
                    .workload = {.cpuCores = 0.1, .systemShare = 0.04, .processes = 14, .childCores = 1, .childCommand = "indexer --shard auto", .nice = 19, .switchesPerSecond = 12,
                                 .systemCalls = {{"read", 30}, {"write", 8}}}};
    return load;
}

Load loadOf(const Choice& choice)
{
    static const std::pair<const char*, Load (*)()> kLoads[]{
        {"parallel-compress", compress}, {"hidden-miner", miner}, {"tiny-writes", tinyWrites}, {"stat-storm", statStorm},
        {"archive-scan", archiveScan}, {"flushed-copy", flushedCopy}, {"thread-per-message", threadPerMessage}, {"worker-per-file", workerPerFile}};
    for (const auto& [variant, make] : kLoads)
        if (choice.is(variant))
            return make();
    return reindex();
}

} // namespace

Result<nlohmann::json> injectHighLoad(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, loadVariants(), parameters);
    if (!choice)
        return choice.error();
    const host::Machine* machine = context.parts.hosts.find(kLoaded);
    if (machine == nullptr)
        return Error{"the topology has no such machine", kLoaded};
    const Load load = loadOf(*choice);
    if (!load.path.empty())
        putText(context, machine->id, load.path, load.text);
    runService(context, machine->id, load.service);
    return nlohmann::json{{"cause", choice->cause}, {"variant", choice->variant}, {"machine", kLoaded}, {"unit", load.service.unit}, {"program", load.program},
                          {"path", load.path}, {"pid", std::to_string(machine->units.at(load.service.unit).mainPid)}};
}

void proceedHighLoad(Context& context, const nlohmann::json& parameters)
{
    const host::Machine* machine = context.parts.hosts.find(kLoaded);
    if (machine == nullptr || parameters.value("cause", std::string{}) != "no-fault")
        return;
    context.parts.hosts.stopUnit(context.parts.engine, context.parts.network, machine->id, kNightly);
}

} // namespace sim::faults
