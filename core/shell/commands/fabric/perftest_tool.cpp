// ib_write_bw, ib_read_bw, ib_send_bw and their _lat of perftest 6.
#include "core/shell/commands/fabric/fabric_tools.h"
#include "core/shell/commands/fabric/perftest.h"
#include "core/shell/commands/fabric/tool.h"
#include "core/shell/commands/linux/connection.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::fabric {

namespace {

constexpr std::int64_t kPort = 18515;
/// From connect(2) to the first message: protection domain, memory regions and queue pairs at both ends. Ours; the server
/// looks for a client oftener than that.
constexpr sim::Duration kSetUp = std::chrono::milliseconds(400);
constexpr sim::Duration kServerLooks = std::chrono::milliseconds(100);

struct Kind {
    const char* name;
    const char* does;
    PerftestVerb verb;
    bool latency;
};
constexpr Kind kKinds[] = {
    {"ib_write_bw", "RDMA write bandwidth", PerftestVerb::Write, false}, {"ib_write_lat", "RDMA write latency", PerftestVerb::Write, true},
    {"ib_read_bw", "RDMA read bandwidth", PerftestVerb::Read, false},    {"ib_read_lat", "RDMA read latency", PerftestVerb::Read, true},
    {"ib_send_bw", "send bandwidth", PerftestVerb::Send, false},         {"ib_send_lat", "send latency", PerftestVerb::Send, true},
};

std::vector<OptionSpec> perftestOptions(bool latency)
{
    std::vector<OptionSpec> options{{'d', "ib-dev", "dev", "Use IB device <dev> (default first device found)"},
                                    {'i', "ib-port", "port", "Use port <port> of IB device (default 1)"},
                                    {'p', "port", "port", "Listen on/connect to port <port> (default 18515)"},
                                    {'s', "size", "size", "Size of message to exchange"},
                                    {'n', "iters", "iters", "Number of exchanges"},
                                    {'a', "all", "", "Run sizes from 2 till 2^23"},
                                    {'D', "duration", "seconds", "Run test for a customized period of seconds"},
                                    {'F', "CPU-freq", "", "Do not show a warning even if cpufreq_ondemand module is loaded"},
                                    {'x', "gid-index", "index", "Test uses GID with GID index"},
                                    {'S', "sl", "sl", "Service Level (default 0)"},
                                    {0, "tclass", "tclass", "Set the Traffic Class in GRH"},
                                    {0, "use_cuda", "device id", "Use CUDA specific device for GPUDirect RDMA testing"}};
    if (!latency) {
        options.push_back({'q', "qp", "num", "Num of qp's (default 1)"});
        options.push_back({0, "report_gbits", "", "Report Max/Average BW of test in Gbit/sec (instead of MB/sec)"});
    }
    return options;
}

/// An option's number, held to a range; `otherwise` when it is not given or none.
std::int64_t numberOf(const Options& options, std::string_view name, std::int64_t otherwise, std::int64_t most)
{
    const auto value = number(options.value(name, "-"));
    return value ? static_cast<std::int64_t>(std::min<std::uint64_t>(*value, static_cast<std::uint64_t>(most))) : otherwise;
}

const Kind& kindOf(const std::string& name)
{
    return *std::find_if(std::begin(kKinds), std::end(kKinds), [&](const Kind& kind) { return name == kind.name; });
}

PerftestOptions meaning(const Kind& kind, const Options& given)
{
    PerftestOptions options;
    options.verb = kind.verb;
    options.latency = kind.latency;
    options.bytes = numberOf(given, "size", 0, 1LL << 30);
    options.iterations = numberOf(given, "iters", 0, 100'000'000);
    options.durationSeconds = static_cast<int>(numberOf(given, "duration", 0, 86'400));
    options.allSizes = given.has("all");
    options.gigabits = given.has("report_gbits");
    options.queuePairs = std::max(1, static_cast<int>(numberOf(given, "qp", 1, 1024)));
    options.gidIndex = static_cast<int>(numberOf(given, "gid-index", -1, 255));
    options.serviceLevel = static_cast<std::uint8_t>(numberOf(given, "sl", 0, 15));
    options.trafficClass = static_cast<std::uint8_t>(numberOf(given, "tclass", 0, 255));
    options.gpuMemory = given.has("use_cuda");
    return options;
}

/// -d, else the first device; none when there is no such device.
rdma::DeviceId deviceOf(const rdma::Fabric& fabric, sim::HostId host, const Options& options)
{
    const std::vector<rdma::DeviceId> all = fabric.devicesOf(host);
    if (options.has("ib-dev"))
        return fabric.find(host, options.value("ib-dev"));
    return all.empty() ? rdma::DeviceId{} : all.front();
}

/// A side of a test, as its process shows it to the other one.
struct Side {
    const sim::host::Machine* machine = nullptr;
    const sim::host::Process* process = nullptr;
    ParsedOptions parsed;
};

std::vector<Side> sidesOn(const sim::host::Machine& machine, const Kind& kind)
{
    CommandSpec spec;
    spec.name = kind.name;
    spec.options = perftestOptions(kind.latency);
    std::vector<Side> sides;
    for (const auto& [pid, process] : machine.processes)
        if (process.name == kind.name && process.runs() && !process.command.empty())
            sides.push_back({&machine, &process, parseOptions(spec, spec.name, {process.command.begin() + 1, process.command.end()})});
    return sides;
}

std::int64_t portIn(const Options& options)
{
    return numberOf(options, "port", kPort, 65535);
}

const sim::host::Machine* machineAt(const sim::World& world, sim::net::Ipv4 address)
{
    for (const sim::host::Machine& machine : world.hosts().all())
        if (world.network().hasStack(machine.stack) && world.network().stack(machine.stack).isLocal(address))
            return &machine;
    return nullptr;
}

/// The machine that a client's operand means to the client.
bool means(const sim::World& world, const std::string& word, const sim::host::Machine& machine)
{
    const auto address = sim::net::Ipv4::parse(word);
    return address ? machineAt(world, *address) == &machine : word.substr(0, word.find('.')) == machine.name;
}

/// Both sides make up the same numbers.
std::uint64_t seedOf(sim::host::Pid server, sim::host::Pid client)
{
    return static_cast<std::uint64_t>(server) << 32 | static_cast<std::uint64_t>(client);
}

int complain(Invocation& inv, const std::string& text)
{
    inv.err().write(text);
    return 1;
}

int runServer(Invocation& inv, const Kind& kind, rdma::DeviceId device, const ParsedOptions& parsed)
{
    inv.print(perftestWaiting());
    const RunningTool process(inv, kind.name);
    for (; process.alive(); inv.sleep(kServerLooks)) {
        const sim::World& world = inv.door().world();
        const sim::host::Machine& here = node::machineOf(inv);
        for (const sim::host::Machine& machine : world.hosts().all())
            for (const Side& client : sidesOn(machine, kind)) {
                if (client.parsed.operands.empty() || portIn(client.parsed.options) != portIn(parsed.options) || !means(world, client.parsed.operands.back(), here))
                    continue;
                const rdma::DeviceId other = deviceOf(fabricOf(inv), machine.id, client.parsed.options);
                if (!other.valid() || other == device)
                    continue;
                const sim::HostId host = machine.id;
                const sim::host::Pid pid = client.process->pid;
                Text text = perftest(fabricOf(inv), other, device, meaning(kind, parsed.options), seedOf(process.pid(), pid)).server;
                while (inv.door().world().hosts().at(host).processes.contains(pid))
                    inv.sleep(kServerLooks);
                if (text.out.starts_with(perftestWaiting()))
                    text.out.erase(0, perftestWaiting().size());
                return finish(inv, text);
            }
    }
    return 137;
}

/// A transfer for as long as the client runs.
class RunningTransfer {
public:
    RunningTransfer(Invocation& inv, const rdma::TransferRequest& request) : m_inv(inv)
    {
        sim::command::RdmaChange change;
        change.verb = sim::command::RdmaChange::Verb::StartTransfer;
        change.transfer = request;
        m_id = rdma::TransferId{static_cast<std::uint32_t>(inv.door().apply(sim::Command{change}).id)};
    }
    ~RunningTransfer()
    {
        sim::command::RdmaChange change;
        change.verb = sim::command::RdmaChange::Verb::StopTransfer;
        change.running = m_id;
        m_inv.door().apply(sim::Command{change});
    }
    RunningTransfer(const RunningTransfer&) = delete;
    RunningTransfer& operator=(const RunningTransfer&) = delete;

private:
    Invocation& m_inv;
    rdma::TransferId m_id;
};

int runClient(Invocation& inv, const Kind& kind, rdma::DeviceId device, const ParsedOptions& parsed)
{
    const std::string& server = parsed.operands.back();
    const node::LookedUp name = node::lookUp(inv, server);
    inv.sleep(name.took);
    if (name.status != sim::NameAnswer::Status::Found)
        return complain(inv, fmt::format("{} for {}:{}\n Unable to open file descriptor for socket connection Unable to init the socket connection\n", name.error(), server,
                                         portIn(parsed.options)));
    const node::Connecting connecting = node::tryConnect(inv, name.address, portIn(parsed.options), std::nullopt);
    inv.sleep(connecting.took);
    // A way to the machine is enough: whether somebody listens there, its processes tell.
    const bool there = connecting.connected || connecting.path.verdict == sim::net::Verdict::Refused;
    const sim::host::Machine* machine = there ? machineAt(inv.door().world(), name.address) : nullptr;
    std::optional<Side> found;
    if (machine != nullptr)
        for (const Side& side : sidesOn(*machine, kind))
            if (side.parsed.operands.empty() && portIn(side.parsed.options) == portIn(parsed.options))
                found = side;
    const rdma::DeviceId other = found ? deviceOf(fabricOf(inv), machine->id, found->parsed.options) : rdma::DeviceId{};
    if (!other.valid() || other == device) // a device that talks to itself is left out
        return finish(inv, perftestRefused(server));
    const sim::HostId host = machine->id;
    const sim::host::Pid serverPid = found->process->pid;
    const RunningTool process(inv, kind.name);
    inv.sleep(kSetUp);
    if (!inv.door().world().hosts().at(host).processes.contains(serverPid))
        return complain(inv, "ethernet_read_keys: Couldn't read remote address\n Unable to read to socket/rdma_cm\n Failed to exchange data between server and clients\n");
    const PerftestRun run = perftest(fabricOf(inv), device, other, meaning(kind, parsed.options), seedOf(serverPid, process.pid()));
    if (run.transfer.from.valid()) {
        const RunningTransfer transfer(inv, run.transfer);
        inv.sleep(run.takes);
    } else {
        inv.sleep(run.takes);
    }
    return finish(inv, run.client);
}

int runPerftest(Invocation& inv, const ParsedOptions& parsed)
{
    const Kind& kind = kindOf(inv.name.substr(inv.name.rfind('/') + 1));
    noteDevices(inv);
    if (fabricOf(inv).devicesOf(hostOf(inv)).empty())
        return complain(inv, " Did not detect devices \n If device exists, check if driver is up\n Unable to find the Infiniband/RoCE device\n");
    const rdma::DeviceId device = deviceOf(fabricOf(inv), hostOf(inv), parsed.options);
    if (!device.valid())
        return complain(inv, fmt::format(" IB device {} not found\n Unable to find the Infiniband/RoCE device\n", parsed.options.value("ib-dev")));
    if (const std::string complaint = perftestPortComplaint(fabricOf(inv).port(device)); !complaint.empty())
        return complain(inv, complaint);
    return parsed.operands.empty() ? runServer(inv, kind, device, parsed) : runClient(inv, kind, device, parsed);
}

} // namespace

void addPerftest(CommandTable& table)
{
    for (const Kind& kind : kKinds)
        addTool(table, {kind.name, kind.does, "[options] [<host>]", perftestOptions(kind.latency), runPerftest, Tool::Family::Other, 1});
}

} // namespace core::shell::fabric
