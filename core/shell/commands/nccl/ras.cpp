// ncclras of NCCL 2.28.9: what the processes of a job tell each other of their communicator (src/ras of that release).
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/nccl/perf_run.h"
#include "sim/training/collectives/debug_log.h"
#include "sim/training/jobs/operations.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::nccl {

namespace {

namespace training = sim::training;

constexpr sim::Duration kDead = std::chrono::seconds(60);
constexpr double kLegTimeout = 5; ///< seconds that a silent process is waited for

/// The job that runs in the container, and which of its members that is.
const training::Run* runIn(const sim::World& world, const sim::container::Container& container)
{
    for (const auto& [key, job] : world.training().all())
        if (job.run && job.run->phase != training::RunPhase::Rendezvous)
            for (const training::Member& member : job.run->members)
                if (member.worker.container == container.id && !member.interface.empty())
                    return &*job.run;
    return nullptr;
}

struct Silent {
    std::int64_t rank = 0;
    std::int64_t local = 0;
    sim::host::Pid pid = 0;
    std::string node; ///< its address
};

std::string addressOf(const sim::World& world, const training::Member& member)
{
    const sim::net::Interface* interface = world.network().hasStack(member.worker.stack)
        ? world.network().stack(member.worker.stack).interface(member.interface)
        : nullptr;
    return interface == nullptr || interface->addresses.empty() ? "127.0.0.1" : interface->addresses.front().base.text();
}

/// Processes that do not answer: stopped, or gone.
std::vector<Silent> silentOf(const sim::World& world, const training::Run& run)
{
    std::vector<Silent> all;
    for (const training::Member& member : run.members)
        for (std::size_t local = 0; local < member.processes.size(); ++local) {
            const auto& processes = world.hosts().at(member.worker.host).processes;
            const auto found = processes.find(member.processes[local]);
            if (found == processes.end() || found->second.state == 'T')
                all.push_back({member.rank * run.settings.processesPerNode + static_cast<std::int64_t>(local), static_cast<std::int64_t>(local),
                               member.processes[local], addressOf(world, member)});
        }
    return all;
}

std::string plural(std::size_t count, const char* one, const char* many)
{
    return fmt::format("{} {}", count, count == 1 ? one : many);
}

/// Ranks whose scripts have gone another way have launched other numbers of some operation.
std::string mismatchText(const sim::World& world, const training::Run& run, const std::string& id)
{
    const auto divergence = training::divergenceOf(run);
    if (!divergence)
        return {};
    // So many operations after each other, from the beginning of a step.
    const auto allReduces = [&](const training::Member& member, std::int64_t operations) {
        const auto all = training::operationsOf(run, member);
        std::int64_t count = 0;
        for (std::int64_t i = 0; i < operations; ++i)
            count += all[static_cast<std::size_t>(i) % all.size()].type == "ALLREDUCE" ? 1 : 0;
        return count;
    };
    constexpr std::int64_t kWaitBehind = 3; // the one that hangs, and what the script has launched after it
    std::map<std::int64_t, std::vector<const training::Member*>> byCount;
    for (const training::Member& member : run.members)
        byCount[allReduces(member, divergence->after + kWaitBehind)].push_back(&member);
    if (byCount.size() < 2)
        return {};
    const training::Member& master = run.members.front();
    const auto each = static_cast<std::int64_t>(training::operationsOf(run, master).size());
    const std::int64_t before = run.sequence / each * allReduces(master, each);
    std::string text = fmt::format("#0-0 ({}) MISMATCH\n  Communicator ranks have different AllReduce operation counts\n", id);
    std::vector<std::pair<std::int64_t, std::vector<const training::Member*>>> groups(byCount.begin(), byCount.end());
    std::ranges::stable_sort(groups, [](const auto& a, const auto& b) { return a.second.size() > b.second.size(); });
    for (const auto& [count, members] : groups) {
        const std::int64_t ranks = static_cast<std::int64_t>(members.size()) * run.settings.processesPerNode;
        text += fmt::format("  {} ranks have launched up to operation {}\n", ranks, before + count);
        if (ranks * 4 > run.settings.worldSize() || ranks > 10) // an outlier is at most a quarter, and ten
            continue;
        for (const training::Member* member : members)
            for (std::size_t local = 0; local < member->processes.size(); ++local)
                text += fmt::format("  Rank {} -- GPU {} managed by process {} on node {}\n",
                                    member->rank * run.settings.processesPerNode + static_cast<std::int64_t>(local), local, member->processes[local],
                                    addressOf(world, *member));
    }
    return text + "\n";
}

int ncclRas(Invocation& inv)
{
    const sim::World& world = inv.door().world();
    const auto* container = node::containerOf(inv);
    const std::string host = inv.options.value("host", "localhost");
    const std::string port = inv.options.value("port", "28028");
    const training::Run* run = container == nullptr ? nullptr : runIn(world, *container);
    const bool local = (host == "localhost" || host == "127.0.0.1") && port == "28028";
    if (run == nullptr || !local) {
        inv.err().write(fmt::format("Connecting to {}:{}: Connection refused\nFailed to connect to the NCCL RAS service!\nPlease make sure that the "
                                    "NCCL job has the RAS service enabled and that\n{}.\n",
                                    host == "localhost" ? "127.0.0.1" : host, port,
                                    local ? "the RAS client was started on a node where the NCCL job is running"
                                          : "the host/port arguments are correct and match NCCL_RAS_ADDR"));
        return 1;
    }
    inv.noteRead("log/" + container->podNamespace + "/" + container->podName + "/ras");
    const std::vector<Silent> silent = silentOf(world, *run);
    const bool dead = !silent.empty() && run->stall && inv.now() - run->stall->since >= kDead;
    const auto nodes = static_cast<std::int64_t>(run->members.size());
    const std::int64_t each = run->settings.processesPerNode;
    const std::int64_t ranks = nodes * each;
    sim::Fingerprint print;
    sim::addTo(print, run->members.front().worker.key());
    const std::string id = fmt::format("{:016x}", print.value());
    inv.print(fmt::format("NCCL version {} compiled with CUDA {}\nCUDA runtime version {}, driver version {}\n\n",
                          training::collectives::kNcclVersion, sim::gpu::kCudaVersion, sim::gpu::kCudaVersionCode, sim::gpu::kCudaVersionCode));
    inv.print(fmt::format("Job summary\n===========\n\n  Nodes  Processes         GPUs  Processes     GPUs\n(total)   per node  per process    "
                          "(total)  (total)\n{:7}  {:9}  {:11}  {:9}  {:7}\n\nCommunicators...",
                          nodes, each, 1, ranks, ranks));
    const double waited = !silent.empty() && !dead ? kLegTimeout : 0.002;
    inv.sleep(sim::fromSeconds(waited));
    const std::string mismatch = mismatchText(world, *run, id);
    std::string status = silent.empty() ? mismatch.empty() ? "OK" : "MISMATCH" : "INCOMPLETE";
    const std::int64_t fewest = silent.empty() ? each : [&] {
        std::map<std::int64_t, std::int64_t> gone;
        for (const Silent& one : silent)
            ++gone[one.rank / each];
        return each - std::ranges::max_element(gone, {}, [](const auto& pair) { return pair.second; })->second;
    }();
    inv.print(fmt::format(" ({:.3f}s)\n=============\n\nGroup     Comms     Nodes     Ranks     Ranks     Ranks    Status  Errors\n    #  in group  "
                          "per comm  per node  per comm  in group\n{:5}  {:8}  {:8}  {:>8}  {:8}  {:8}  {:>8}  {:>6}\n",
                          waited, 0, 1, nodes, fewest == each ? std::to_string(each) : fmt::format("{}-{}", fewest, each), ranks, ranks,
                          run->phase == training::RunPhase::Bootstrap ? "INIT" : "RUNNING", status));
    inv.print("\nErrors\n======\n\n");
    if (!silent.empty()) {
        std::string list;
        for (const Silent& one : silent)
            list += fmt::format("  Process {} on node {} managing GPU {}\n", one.pid, one.node, one.local);
        inv.print(
            dead ? fmt::format("DEAD\n  {} considered dead (unreachable via the RAS network)\n{}\n",
                               plural(silent.size(), "job process is", "job processes are"), list)
                 : fmt::format("INCOMPLETE\n  Missing communicator data from {}\n{}\n", plural(silent.size(), "job process", "job processes"), list));
        inv.print(fmt::format("#0-0 ({}) INCOMPLETE\n  Missing communicator data from {}\n", id, plural(silent.size(), "rank", "ranks")));
        for (const Silent& one : silent)
            inv.print(fmt::format("  Rank {} -- GPU {} managed by process {} on node {}\n", one.rank, one.local, one.pid, one.node));
        inv.print("\n");
    }
    inv.print("Warnings\n========\n\n" + mismatch);
    if (!silent.empty() && !dead)
        inv.print("TIMEOUT\n  Encountered 1 communication timeout while gathering communicator data\n\n");
    return 0;
}

} // namespace

void addNcclRas(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "ncclras";
    spec.summary = "Query the state of a running NCCL job.";
    spec.usage = "ncclras [OPTION]...";
    spec.options = {{'h', "host", "HOST", "Host name or IP address of the RAS client socket of the NCCL job to connect to (localhost by default)"},
                    {'p', "port", "PORT", "TCP port of the RAS client socket of the NCCL job (28028 by default)"},
                    {'t', "timeout", "SECS", "Maximum time for the local NCCL process to wait for responses from other NCCL processes"},
                    {'v', "verbose", "", "Increase the verbosity level of the RAS output"}};
    spec.run = ncclRas;
    table.add(std::move(spec));
}

} // namespace core::shell::nccl
