#include "sim/training/jobs/log_lines.h"
#include "sim/training/jobs/run_context.h"

#include <algorithm>

namespace sim::training {

namespace {

constexpr std::int64_t kResidentBytes = std::int64_t{11'900} << 20; ///< CUDA's and torch's libraries, pinned buffers, the index of the data
constexpr std::int64_t kVirtualBytes = std::int64_t{180} << 30;     ///< with the address space that CUDA reserves

/// What torchrun runs: its own words end where the script begins.
std::vector<std::string> scriptOf(const std::vector<std::string>& commandLine)
{
    std::vector<std::string> command{"/usr/bin/python3", "-u"};
    const auto script = std::find_if(commandLine.begin(), commandLine.end(), [](const std::string& word) { return word.ends_with(".py"); });
    command.insert(command.end(), script, commandLine.end());
    return command;
}

} // namespace

void startProcesses(const RunContext& context, Member& member)
{
    container::Context& runtime = context.around.runtime;
    const HostId host = member.worker.host;
    const auto torchrun = runtime.hosts.at(host).processes.find(member.worker.pid);
    if (torchrun == runtime.hosts.at(host).processes.end())
        return;
    host::Process child;
    child.parent = member.worker.pid;
    child.name = "pt_main_thread"; // as torch names the thread that imports it
    child.command = scriptOf(member.worker.commandLine);
    child.user = torchrun->second.user;
    child.container = member.worker.container;
    child.cgroup = torchrun->second.cgroup;
    child.oomScoreAdjust = torchrun->second.oomScoreAdjust;
    child.environment = torchrun->second.environment;
    child.cpuCores = kCoresOfRank;
    child.residentBytes = kResidentBytes;
    child.virtualBytes = kVirtualBytes;
    const std::int64_t local = context.run().settings.processesPerNode;
    for (std::int64_t rank = 0; rank < local; ++rank) {
        child.environment["LOCAL_RANK"] = std::to_string(rank);
        child.environment["RANK"] = std::to_string(member.rank * local + rank);
        child.threads = {{.name = kProxyThread}};
        member.processes.push_back(runtime.hosts.spawn(runtime.engine, host, child));
    }
    runtime.hosts.settleMemory(runtime.engine, runtime.network, host);
}

const host::Process* processOf(const RunContext& context, std::int64_t rank)
{
    const Member& member = context.memberOf(rank);
    const auto& processes = context.around.runtime.hosts.at(member.worker.host).processes;
    const auto found = processes.find(member.processes[static_cast<std::size_t>(localRankOf(context.run(), rank))]);
    return found == processes.end() ? nullptr : &found->second;
}

void Jobs::on(const host::ProcessExited& exited)
{
    if (!exited.process.container)
        return;
    for (auto& [key, job] : m_jobs) {
        if (!job.run)
            continue;
        for (Member& member : job.run->members) {
            if (member.worker.container != *exited.process.container || member.failed)
                continue;
            const auto found = std::find(member.processes.begin(), member.processes.end(), exited.process.pid);
            if (found != member.processes.end())
                member.failed = ProcessEnd{found - member.processes.begin(), exited.signal != 0 ? -exited.signal : exited.exitCode};
        }
    }
}

} // namespace sim::training
