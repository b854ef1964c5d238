#include "sim/world/gpu_changes.h"

#include <fmt/format.h>

namespace sim {

CommandResult runOnGpu(Engine& engine, host::Hosts& hosts, net::Network& network, gpu::Gpus& gpus, const command::GpuProgram& change)
{
    const gpu::HostProgram& program = change.program;
    if (gpus.nodeOf(program.host) == nullptr || !hosts.at(program.host).processes.contains(program.pid))
        return CommandResult::failed("busy");
    if (change.verb == command::GpuProgram::Verb::Load) {
        gpus.load(program.host, program.pid, program.activity, program.memoryBytes);
        return {};
    }
    switch (gpus.admit(engine, hosts, network, program)) {
    case gpu::Gpus::Admission::Admitted: return {};
    case gpu::Gpus::Admission::Busy: return CommandResult::failed("busy");
    case gpu::Gpus::Admission::OutOfMemory: return CommandResult::failed("memory");
    }
    return {};
}

CommandResult callMps(Engine& engine, host::Hosts& hosts, net::Network& network, gpu::Gpus& gpus, const command::MpsCall& call)
{
    using Verb = command::MpsCall::Verb;
    gpu::Node* node = gpus.nodeOf(call.host);
    if (node == nullptr)
        return CommandResult::failed("missing");
    gpu::MpsControl& mps = node->mps;
    CommandResult result;
    result.changed.push_back("mps/" + hosts.at(call.host).name);
    if (call.verb == Verb::Daemon) {
        if (mps.running())
            return CommandResult::failed("running");
        host::Process process;
        process.name = "nvidia-cuda-mps";
        process.command = {"nvidia-cuda-mps-control", call.foreground ? "-f" : "-d"};
        process.user = call.user;
        process.residentBytes = std::int64_t{12} << 20;
        process.virtualBytes = std::int64_t{74} << 20;
        const host::Pid pid = hosts.spawn(engine, call.host, process);
        gpus.startMps(engine, hosts, call.host, pid);
        result.id = static_cast<std::uint64_t>(pid);
        return result;
    }
    if (!mps.running())
        return CommandResult::failed("missing");
    const bool known = mps.isServer(call.server);
    switch (call.verb) {
    case Verb::StartServer:
        return gpus.mpsServer(engine, hosts, network, call.host, call.user, call.uid) ? result : CommandResult::failed("running");
    case Verb::StopServer:
        if (!known)
            return CommandResult::failed("missing");
        hosts.exit(engine, network, call.host, call.server, 0);
        return result;
    case Verb::Limits:
        if (call.server == 0)
            mps.limits = call.limits;
        else if (known)
            mps.server->limits = call.limits;
        else
            return CommandResult::failed("missing");
        return result;
    case Verb::EndClient: {
        const gpu::HostProgram* client = gpus.hostProgram(call.host, call.client);
        if (client == nullptr || client->server != call.server)
            return CommandResult::failed("missing");
        hosts.exit(engine, network, call.host, call.client, 1);
        return result;
    }
    case Verb::Quit:
        hosts.exit(engine, network, call.host, mps.pid, 0);
        return result;
    case Verb::Daemon: break;
    }
    return result;
}

} // namespace sim
