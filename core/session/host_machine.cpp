#include "core/session/host_detail.h"

#include "core/shell/commands/linux/cpu_split.h"
#include "core/shell/commands/linux/disk_load.h"
#include "core/shell/commands/linux/mount_room.h"
#include "core/shell/commands/linux/processes.h"
#include "core/shell/numbers.h"
#include "core/shell/text/dates.h"
#include "sim/host/memory_figures.h"
#include "sim/world/sockets.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

namespace core::session {

namespace {

namespace node = core::shell::node;
using sim::host::Machine;

constexpr std::size_t kKernelLines = 60;
/// Of what is told to grading: a screenful, as top shows it.
constexpr std::size_t kToldProcesses = 40;
constexpr std::size_t kToldSockets = 60;

std::string containerName(const sim::World& world, const sim::host::Process& process)
{
    const sim::container::Container* container = process.container ? world.runtimes().find(*process.container)
                                                                   : nullptr;
    if (container == nullptr)
        return {};
    return container->podName.empty() ? container->name : container->podName + "/" + container->name;
}

void addProcesses(MachineDetail& detail, const sim::World& world, const Machine& machine)
{
    std::vector<node::ProcessRow> rows;
    for (const auto& [pid, process] : machine.processes) {
        node::ProcessRow row = node::processRow(machine, process, world.now());
        ProcessDetail one;
        one.pid = pid;
        one.parent = row.parent;
        one.user = row.user;
        one.state = row.state;
        one.cpuPercent = row.cpuNow;
        one.residentBytes = row.residentBytes;
        one.threads = row.threads;
        one.name = row.name;
        one.command = row.arguments;
        one.unit = process.unit;
        one.container = containerName(world, process);
        one.kernelThread = process.kernelThread;
        detail.processes.push_back(std::move(one));
        rows.push_back(std::move(row));
    }
    Reading& read = detail.processesRead;
    read.what = "processes";
    read.reads = {"host/" + machine.name};
    std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
        return std::tie(a.cpuNow, a.residentBytes) > std::tie(b.cpuNow, b.residentBytes);
    });
    read.text = "USER         PID %CPU %MEM    VSZ   RSS TTY      STAT START   TIME COMMAND\n";
    std::map<std::string, int> shape;
    for (const node::ProcessRow& row : rows) {
        // A zombie, or one that waits for the disk, is told wherever it stands; kernel threads only when they do
        // something.
        const bool odd = row.state == 'Z' || row.state == 'D' || row.state == 'T';
        const std::size_t told = static_cast<std::size_t>(std::count(read.text.begin(), read.text.end(), '\n'));
        if (!odd && (told > kToldProcesses || (row.kernelThread && row.cpuNow < 1)))
            continue;
        read.text += fmt::format(
            "{:<8} {:>7} {:4.1f} {:4.1f} {:6} {:5} ?        {:<4} {:>5} {:>6} {}\n", node::shortUser(row.user), row.pid,
            row.cpuNow, row.memory, row.virtualBytes / 1024, row.residentBytes / 1024, node::stateText(row),
            node::startText(row.started, world.now()), node::cpuTimeShort(row.seconds), row.arguments);
        // Doubling of what it uses is worth telling, trembling is not.
        ++shape[fmt::format("{}{}{}/{}", row.name, odd ? row.state : ' ', row.cpuNow > 1 ? std::ilogb(row.cpuNow) : 0,
                            std::ilogb(static_cast<double>(row.residentBytes + 1)))];
    }
    for (const auto& [name, count] : shape)
        read.shape += fmt::format("{}×{} ", name, std::ilogb(static_cast<double>(count)));
}

PressureDetail pressureOf(const sim::host::PressureAverage& average)
{
    return {100 * average.some10, 100 * average.some60, 100 * average.full10, 100 * average.full60};
}

void addFigures(MachineDetail& detail, const sim::World& world, const Machine& machine)
{
    const node::CpuSplit split = node::cpuSplit(machine);
    const node::TaskCounts tasks = node::taskCounts(machine);
    const sim::host::LoadAverage load = machine.loadAverage(world.now());
    detail.cpu = {machine.cpus, split.user, split.nice,   split.system,   split.wait,   split.idle,
                  load.one,     load.five,  load.fifteen, tasks.runnable, tasks.blocked};
    const sim::host::Pressure pressure = sim::host::pressureAt(machine, world.now());
    detail.cpuPressure = pressureOf(pressure.cpu);
    detail.memoryPressure = pressureOf(pressure.memory);
    detail.ioPressure = pressureOf(pressure.io);
    const sim::host::MemoryFigures m = sim::host::memoryFigures(machine);
    MemoryDetail& memory = detail.memory;
    memory.total = m.total;
    memory.cache = m.buffers + m.cached;
    memory.slab = m.slab;
    memory.free = m.free;
    memory.used = std::max<std::int64_t>(0, m.total - m.free - memory.cache - memory.slab);
    memory.available = m.available;
    memory.swapTotal = m.swapTotal;
    memory.swapUsed = m.swapTotal - m.swapFree;
    memory.outOfMemoryKills = machine.totals.outOfMemoryKills;

    Reading& read = detail.figuresRead;
    read.what = "machine";
    read.reads = {"host/" + machine.name};
    for (const char* kind : {"cpu", "memory", "io"})
        read.reads.push_back(fmt::format("file/{}/proc/pressure/{}", machine.name, kind));
    read.text = fmt::format("top - load average: {:.2f}, {:.2f}, {:.2f}\n%Cpu(s): {:4.1f} us, {:4.1f} sy, {:4.1f} ni, "
                            "{:4.1f} id, {:4.1f} wa\n",
                            load.one, load.five, load.fifteen, split.user, split.system, split.nice, split.idle,
                            split.wait);
    read.text += fmt::format("               total        used        free      shared  buff/cache   available\nMem:   "
                             "  {:>11} {:>11} {:>11} {:>11} {:>11} {:>11}\n"
                             "Swap:    {:>11} {:>11} {:>11}\nSlab:    {:>11} kB\n",
                             m.total >> 10, (m.total - m.available) >> 10, m.free >> 10, m.shared >> 10,
                             (memory.cache + m.slabReclaimable) >> 10, m.available >> 10, m.swapTotal >> 10,
                             memory.swapUsed >> 10, m.swapFree >> 10, m.slab >> 10);
    read.text += "cpu\n" + sim::host::pressureText(pressure.cpu) + "memory\n" + sim::host::pressureText(pressure.memory)
        + "io\n" + sim::host::pressureText(pressure.io);
    const auto tenth = [](double share) {
        return static_cast<int>(std::clamp(share, 0.0, 1.0) * 10);
    };
    read.shape = fmt::format(
        "{}{}{} {} {} {}{}{} {}", tenth(split.user / 100), tenth(split.system / 100), tenth(split.wait / 100),
        tenth(static_cast<double>(m.available) / static_cast<double>(std::max<std::int64_t>(1, m.total))),
        tenth(static_cast<double>(memory.swapUsed) / static_cast<double>(std::max<std::int64_t>(1, m.swapTotal))),
        tenth(pressure.cpu.some10), tenth(pressure.memory.full10), tenth(pressure.io.full10), memory.outOfMemoryKills);
}

std::string percentOf(std::int64_t used, std::int64_t free)
{
    const std::int64_t all = used + free;
    return all <= 0 ? "-" : fmt::format("{}%", (used * 100 + all - 1) / all); // rounded up, as df does
}

void addDisks(MachineDetail& detail, const Machine& machine)
{
    const node::DiskLoad load = node::diskLoad(machine);
    DiskDetail& disk = detail.disk;
    disk.name = node::kDisk;
    disk.utilisation = load.utilisation;
    disk.queue = load.queue();
    disk.readsPerSecond = load.reads;
    disk.writesPerSecond = load.writes;
    disk.readBytesPerSecond = load.readKilobytes * 1024;
    disk.writeBytesPerSecond = load.kilobytes * 1024;
    disk.readMilliseconds = load.readMilliseconds;
    disk.writeMilliseconds = load.writeMilliseconds();
    disk.flushMilliseconds = load.flushMilliseconds;
    Reading& read = detail.disksRead;
    read.what = "disks";
    read.reads = {"host/" + machine.name};
    std::string blocks = "Filesystem      Size  Used Avail Use% Mounted on\n",
                inodes = "Filesystem      Inodes  IUsed   IFree IUse% Mounted on\n";
    for (const sim::host::Mount& mount : machine.mounts) {
        FilesystemDetail one;
        one.device = mount.device;
        one.type = mount.type;
        one.path = mount.path;
        one.bytes = mount.sizeBytes;
        one.usedBytes = std::min(machine.usedBytes(mount), std::max<std::int64_t>(0, mount.sizeBytes));
        one.freeBytes = node::roomFor(mount, machine.usedBytes(mount));
        one.inodes = mount.inodes;
        one.usedInodes = std::min(machine.usedInodes(mount), std::max<std::int64_t>(0, mount.inodes));
        one.readOnly = mount.readOnly;
        one.physical = mount.device.rfind("/dev/", 0) == 0;
        const auto human = [](std::int64_t bytes) {
            return shell::humanSize(static_cast<double>(bytes));
        };
        blocks += fmt::format("{:<14} {:>5} {:>5} {:>5} {:>4} {}{}\n", one.device, human(one.bytes),
                              human(one.usedBytes), human(one.freeBytes), percentOf(one.usedBytes, one.freeBytes),
                              one.path, one.readOnly ? " (ro)" : "");
        inodes += fmt::format("{:<14} {:>7} {:>6} {:>7} {:>5} {}\n", one.device, one.inodes, one.usedInodes,
                              one.inodes - one.usedInodes, percentOf(one.usedInodes, one.inodes - one.usedInodes),
                              one.path);
        const auto twentieth = [](std::int64_t part, std::int64_t all) {
            return all <= 0 ? 0 : part * 20 / all;
        };
        read.shape += fmt::format("{}{}:{}:{} ", one.path, one.readOnly ? "ro" : "",
                                  twentieth(one.usedBytes, one.usedBytes + one.freeBytes),
                                  twentieth(one.usedInodes, one.inodes));
        detail.filesystems.push_back(std::move(one));
    }
    read.shape += fmt::format("{} {}", static_cast<int>(load.utilisation * 10),
                              std::ilogb(load.flushMilliseconds + 0.1));
    read.text = blocks + inodes
        + fmt::format("Device            r/s     rkB/s r_await     w/s     wkB/s w_await f_await  aqu-sz  "
                      "%util\n{:<14}{:7.2f} {:9.2f} {:7.2f} {:7.2f} {:9.2f} {:7.2f} {:7.2f} {:7.2f} {:6.2f}\n",
                      disk.name, load.reads, load.readKilobytes, load.readMilliseconds, load.writes, load.kilobytes,
                      load.writeMilliseconds(), load.flushMilliseconds, load.queue(), load.utilisation * 100);
}

void addSockets(MachineDetail& detail, const sim::World& world, const Machine& machine)
{
    const sim::net::Stack& stack = world.network().stack(machine.stack);
    Reading& read = detail.socketsRead;
    read.what = "sockets";
    read.reads = {"host/" + machine.name};
    read.text = "State      Recv-Q Send-Q Local Address:Port  Peer Address:Port Process\n";
    std::size_t told = 0;
    const auto tell = [&](const std::string& state, std::int64_t received, std::int64_t sent, const std::string& local,
                          const std::string& peer, const std::string& program, std::int64_t pid) {
        if (told++ < kToldSockets)
            read.text += fmt::format(
                "{:<10} {:<6} {:<6} {} {}{}\n", state, received, sent, local, peer,
                program.empty() || pid <= 0 ? "" : fmt::format(" users:((\"{}\",pid={}))", program, pid));
    };
    for (const sim::net::Listener& listener : stack.listeners) {
        if (listener.protocol != sim::net::Protocol::Tcp)
            continue;
        SocketDetail one;
        one.state = "LISTEN";
        one.program = listener.program;
        one.local = fmt::format("{}:{}", listener.address.value_or(sim::net::Ipv4{}).text(), listener.port);
        one.receiveQueue = listener.waiting;
        one.sendQueue = std::min(listener.backlog, stack.somaxconn);
        tell(one.state, one.receiveQueue, one.sendQueue, one.local, "0.0.0.0:*", one.program, listener.pid);
        detail.sockets.push_back(std::move(one));
    }
    std::map<std::tuple<std::string, std::string, std::string>, SocketDetail> alike;
    for (const sim::Socket& socket : sim::socketsOf(world, machine.stack)) {
        const std::string state = sim::net::stateName(socket.state);
        // Of the two ports the server's tells what the connection is for.
        const std::string peer = socket.client ? fmt::format("{}:{}", socket.peer.text(), socket.peerPort)
                                               : socket.peer.text();
        const std::string local = socket.client ? socket.local.text()
                                                : fmt::format("{}:{}", socket.local.text(), socket.localPort);
        tell(state, socket.receiveQueue, socket.sendQueue, fmt::format("{}:{}", socket.local.text(), socket.localPort),
             fmt::format("{}:{}", socket.peer.text(), socket.peerPort), socket.program, socket.pid);
        SocketDetail& sum = alike[{state, peer, local}];
        const bool first = sum.state.empty();
        sum.state = state;
        sum.program = socket.program;
        sum.peer = peer;
        sum.local = local;
        sum.count = first ? 1 : sum.count + 1;
        sum.receiveQueue += socket.receiveQueue;
        sum.sendQueue += socket.sendQueue;
        sum.retransmits = std::max(sum.retransmits, socket.retransmits);
    }
    for (auto& [key, one] : alike) {
        read.shape += fmt::format("{}{}{}{} ", one.state, one.peer, std::ilogb(static_cast<double>(one.count)),
                                  one.retransmits > 0 ? "r" : "");
        detail.sockets.push_back(std::move(one));
    }
    for (const SocketDetail& one : detail.sockets)
        if (one.state == "LISTEN")
            read.shape += fmt::format("{}{} ", one.local, one.receiveQueue > 0 ? "q" : "");
}

void addKernelLog(MachineDetail& detail, const Machine& machine)
{
    for (auto entry = machine.journal.rbegin();
         entry != machine.journal.rend() && detail.kernelLog.size() < kKernelLines && entry->at >= machine.booted;
         ++entry)
        if (entry->identifier == "kernel")
            detail.kernelLog.push_back({entry->at, entry->priority, entry->message});
    std::reverse(detail.kernelLog.begin(), detail.kernelLog.end());
    Reading& read = detail.kernelRead;
    read.what = "kernel log";
    read.reads = {"journal/" + machine.name};
    for (const KernelLine& line : detail.kernelLog)
        read.text += fmt::format("[{}] {}\n", shell::formatDate(line.at, "%a %b %e %H:%M:%S %Y"), line.text);
    if (!detail.kernelLog.empty())
        read.shape = std::to_string(detail.kernelLog.back().at.time_since_epoch().count());
}

} // namespace

MachineDetail machineOf(const sim::World& world, const Machine& machine)
{
    MachineDetail detail;
    detail.role = machine.role;
    detail.system = machine.osImage;
    detail.kernel = machine.kernel;
    detail.cpuModel = machine.cpuModel;
    detail.booted = machine.booted;
    if (const auto address = world.network().stack(machine.stack).primaryAddress())
        detail.address = address->text();
    addFigures(detail, world, machine);
    addProcesses(detail, world, machine);
    addDisks(detail, machine);
    addSockets(detail, world, machine);
    addKernelLog(detail, machine);
    return detail;
}

} // namespace core::session
