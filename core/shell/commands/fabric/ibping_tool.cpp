// ibping of infiniband-diags (rdma-core 55).
#include "core/shell/commands/fabric/fabric_tools.h"
#include "core/shell/commands/fabric/ibping.h"
#include "core/shell/commands/fabric/subnet_address.h"
#include "core/shell/commands/linux/connection.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::fabric {

namespace {

constexpr sim::Duration kPingServerLooks = std::chrono::milliseconds(250); ///< whether it was killed meanwhile
/// OpenIB's ping class, IB_VENDOR_OPENIB_PING_CLASS.
constexpr int kPingClass = 0x32;

/// The value behind -C in a command line that runs.
std::string deviceIn(const std::vector<std::string>& command)
{
    for (std::size_t i = 1; i < command.size(); ++i) {
        if (command[i].starts_with("-C") && command[i].size() > 2)
            return command[i].substr(2);
        if ((command[i] == "-C" || command[i] == "--Ca") && i + 1 < command.size())
            return command[i + 1];
    }
    return {};
}

/// Whether `ibping -S` runs on the machine of a device and serves its port.
bool serves(const sim::World& world, rdma::DeviceId device)
{
    if (!device.valid())
        return false;
    const rdma::Fabric& fabric = world.rdma();
    const sim::HostId host = fabric.device(device).host;
    const auto& processes = world.hosts().at(host).processes;
    return std::any_of(processes.begin(), processes.end(), [&](const auto& entry) {
        const sim::host::Process& process = entry.second;
        const bool server = std::any_of(process.command.begin(), process.command.end(), [](const std::string& word) { return word == "-S" || word == "--Server"; });
        if (process.name != "ibping" || !server || !process.runs())
            return false;
        const std::string named = deviceIn(process.command);
        return (named.empty() ? defaultDevice(fabric, host) : fabric.find(host, named)) == device;
    });
}

int serve(Invocation& inv, const ParsedOptions& parsed)
{
    if (serves(inv.door().world(), localDevice(inv, parsed))) {
        inv.err().write(fmt::format("ibping: iberror: failed: can't serve class {} on this port\n", kPingClass));
        return 255;
    }
    const RunningTool process(inv, "ibping");
    while (process.alive())
        inv.sleep(kPingServerLooks);
    return 137;
}

struct Pings {
    Invocation& inv;
    const ParsedOptions& parsed;
    IbpingTarget target;
    bool quiet = false;
    std::vector<sim::Duration> times{};
    std::size_t sent = 0;
    sim::Instant started{};

    void one(sim::RandomStream& random)
    {
        ++sent;
        const rdma::Fabric& fabric = fabricOf(inv);
        const rdma::DeviceId to = fabric.findLid(static_cast<std::uint16_t>(target.lid));
        const auto time = to.valid() ? ibpingTime(fabric, localDevice(inv, parsed), to, serves(inv.door().world(), to), random.unit()) : std::nullopt;
        if (!time) {
            inv.sleep(kIbpingPatience);
            inv.err().write(ibpingLostLines(target, pidOf(inv)));
            return;
        }
        target.server = inv.door().world().hosts().at(fabric.device(to).host).name + ".(none)";
        inv.sleep(*time);
        times.push_back(*time);
        if (!quiet)
            inv.print(ibpingLine(target, *time));
    }

    int run(std::uint64_t count)
    {
        started = inv.now();
        sim::RandomStream random = node::jitter(inv, "ibping");
        try {
            for (std::uint64_t i = 0; i < count; ++i) {
                one(random);
                inv.sleep(quiet ? std::chrono::milliseconds(1) : std::chrono::milliseconds(1000));
            }
        } catch (const Interrupted&) {
            inv.print(ibpingSummary(target, times, sent, inv.now() - started));
            throw;
        }
        inv.print(ibpingSummary(target, times, sent, inv.now() - started));
        return 0;
    }
};

int runIbping(Invocation& inv, const ParsedOptions& parsed)
{
    const bool server = parsed.options.has("Server");
    if (parsed.operands.empty() && !server)
        return showUsage(inv, parsed);
    if (const auto refusal = cannotManage(inv, parsed, "ibping"))
        return finish(inv, *refusal);
    if (server)
        return serve(inv, parsed);
    const auto lid = lidOf(fabricOf(inv), parsed.operands[0], parsed.options.has("Guid"));
    if (!lid)
        return finish(inv, cannotResolve("ibping", parsed.operands[0]));
    noteNode(inv, nodeAtLid(fabricOf(inv), *lid));
    Pings pings{inv, parsed, {*lid, {}}, parsed.options.has("flood")};
    const std::uint64_t count = parsed.options.has("count") ? number(parsed.options.value("count")).value_or(0) : 0xffffffff;
    return pings.run(count);
}

} // namespace

void addIbping(CommandTable& table)
{
    addTool(table, {"ibping", "ping an InfiniBand address", "<dest lid|guid>",
                    {{'c', "count", "num", "stop after count packets"}, {'f', "flood", "", "flood destination"}, {'S', "Server", "", "start in server mode"}}, runIbping});
}

} // namespace core::shell::fabric
