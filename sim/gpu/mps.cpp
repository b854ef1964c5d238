// The Multi-Process Service and the machine's own CUDA programs. States, commands and limits: docs.nvidia.com/deploy/mps; log lines: those
// of driver 580 in public issues of k8s-device-plugin and bottlerocket-kernel-kit, of the fatal error those of the documentation.
#include "sim/gpu/mps.h"

#include "sim/engine/assert.h"
#include "sim/gpu/gpus.h"
#include "sim/host/calendar.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::gpu {

namespace {

/// "nvidia-cuda-mps-server 30MiB" of an A100 node.
constexpr std::int64_t kServerBytes = std::int64_t{30} << 20;

/// The error stays with the program that met it.
bool isContained(int xid)
{
    const XidInfo* info = xidOf(xid);
    return info != nullptr && info->action == XidAction::RestartApp;
}

std::string displayVersion(const Node& node)
{
    return node.driver.version.substr(0, node.driver.version.find('.'));
}

} // namespace

Activity HostProgram::load() const
{
    Activity part = activity;
    if (server == 0)
        return part;
    const double share = threadPercentage / 100;
    part.sm = std::min(part.sm, share);
    part.tensor *= share;
    part.dram = std::min(part.dram, share);
    return part;
}

const HostProgram* Gpus::hostProgram(HostId host, std::int64_t pid) const
{
    const auto found = std::find_if(m_hostPrograms.begin(), m_hostPrograms.end(), [&](const HostProgram& p) { return p.host == host && p.pid == pid; });
    return found == m_hostPrograms.end() ? nullptr : &*found;
}

void Gpus::logMps(Engine& engine, host::Hosts& hosts, HostId host, const char* file, const char* who, std::int64_t pid, const std::string& text)
{
    const host::Calendar at = host::calendarOf(engine.now());
    const auto milliseconds = std::chrono::floor<std::chrono::milliseconds>(engine.now().time_since_epoch()).count() % 1000;
    const std::string line = fmt::format("[{}-{:02}-{:02} {:02}:{:02}:{:02}.{:03} {} {:>5}] {}\n", at.year, at.month, at.day, at.hour, at.minute, at.second, milliseconds,
                                         who, pid, text);
    hosts.writeFile(engine, host, file, line, true);
}

void Gpus::startMps(Engine& engine, host::Hosts& hosts, HostId host, std::int64_t pid)
{
    Node* node = nodeOf(host);
    FL_ASSERT(node != nullptr);
    node->mps = {};
    node->mps.pid = pid;
    using namespace mps_files;
    for (const char* folder : {kPipeFolder, kLogFolder})
        hosts.makeDirectory(engine, host, folder, true);
    for (const char* pipe : {"/control", "/control_lock", "/control_privileged", "/log"})
        hosts.writeFile(engine, host, std::string(kPipeFolder) + pipe, {}, false, 0666);
    hosts.writeFile(engine, host, std::string(kPipeFolder) + "/nvidia-cuda-mps-control.pid", std::to_string(pid), false);
    const auto say = [&](const std::string& text) { logMps(engine, hosts, host, kControlLog, "Control", pid, text); };
    say(fmt::format("Starting control daemon using socket {}/control", kPipeFolder));
    say(fmt::format("To connect CUDA applications to this daemon, set env CUDA_MPS_PIPE_DIRECTORY={}", kPipeFolder));
    say(fmt::format("CUDA MPS Control binary version: {}", kCudaVersionCode));
}

void Gpus::leaveDevices(const Node& node, std::int64_t pid)
{
    for (const GpuId id : node.gpus)
        std::erase_if(at(id).processes, [&](const GpuProcess& process) { return process.pid == pid; });
}

void Gpus::forgetServer(Engine& engine, host::Hosts& hosts, Node& node)
{
    const std::int64_t pid = node.mps.server->pid;
    logMps(engine, hosts, node.host, mps_files::kServerLog, "Server", pid, "Exiting");
    if (node.mps.running())
        logMps(engine, hosts, node.host, mps_files::kControlLog, "Control", node.mps.pid, fmt::format("Server {} exited with status 0", pid));
    node.mps.server.reset();
    leaveDevices(node, pid);
}

std::optional<std::int64_t> Gpus::mpsServer(Engine& engine, host::Hosts& hosts, net::Network& network, HostId host, const std::string& user, std::int64_t uid)
{
    Node& node = *nodeOf(host);
    FL_ASSERT(node.mps.running());
    if (node.mps.server && node.mps.server->uid == uid)
        return node.mps.server->pid;
    if (node.mps.server) {
        if (!mpsClients(host).empty())
            return std::nullopt;
        const std::int64_t idle = node.mps.server->pid;
        forgetServer(engine, hosts, node); // before the notice of its end comes to onExit
        hosts.exit(engine, network, host, idle, 0);
    }
    host::Process process;
    process.parent = node.mps.pid;
    process.name = "nvidia-cuda-mps";
    process.command = {"nvidia-cuda-mps-server"};
    process.user = user;
    process.residentBytes = std::int64_t{180} << 20;
    process.virtualBytes = std::int64_t{40} << 30;
    MpsServer server;
    server.pid = hosts.spawn(engine, host, process);
    server.uid = uid;
    server.limits = node.mps.limits;
    using namespace mps_files;
    logMps(engine, hosts, host, kControlLog, "Control", server.pid, fmt::format("Starting new server {} for user {}", server.pid, uid));
    const auto say = [&](const char* who, const std::string& text) { logMps(engine, hosts, host, kServerLog, who, server.pid, text); };
    say("Other", "Startup");
    say("Other", fmt::format("Connecting to control daemon on socket: {}/control", kPipeFolder));
    say("Other", "Initializing server process");
    for (const GpuId id : node.gpus)
        if (at(id).working())
            say("Server", fmt::format("Creating server context on device {} ({})", at(id).index, at(id).kind().name));
    say("Server", fmt::format("Created anonymous shared memory region mps.shm.{}.{}", uid, server.pid));
    say("Server", fmt::format("CUDA MPS Server for Linux/Unix. Binary version: {}", kCudaVersionCode));
    say("Server", "Display Driver version: " + displayVersion(node));
    say("Server", fmt::format("Active Threads Percentage set to {:.1f}", server.limits.threadPercentage));
    for (const auto& [device, bytes] : server.limits.memoryBytes)
        say("Server", fmt::format("Device pinned memory limit for device {} set to 0x{:x} bytes", device, bytes));
    say("Server", "Server Priority set to 0");
    say("Server", "Server has started");
    logMps(engine, hosts, host, kControlLog, "Control", node.mps.pid, fmt::format("NEW SERVER {}: Ready", server.pid));
    node.mps.server = std::move(server);
    return node.mps.server->pid;
}

Gpus::Admission Gpus::admit(Engine& engine, host::Hosts& hosts, net::Network& network, HostProgram program)
{
    Node& node = *nodeOf(program.host);
    const bool client = node.mps.running();
    const bool known = node.mps.server && node.mps.server->uid == program.uid;
    for (const GpuId id : program.gpus) {
        const Gpu& gpu = at(id);
        if (!gpu.working() || !node.driver.loaded || gpu.settings.computeMode == "Prohibited")
            return Admission::Busy;
        const bool foreign = std::any_of(gpu.processes.begin(), gpu.processes.end(), [&](const GpuProcess& process) {
            return !client || !(process.mpsClient || node.mps.isServer(process.pid));
        });
        if (gpu.settings.computeMode == "Exclusive_Process" && foreign)
            return Admission::Busy;
        const std::int64_t left = gpu.memoryTotalBytes() - (gpu.kind().reservedMiB << 20) - gpu.memoryUsedBytes();
        const MpsLimits& limits = known ? node.mps.server->limits : node.mps.limits;
        const auto limit = limits.memoryBytes.find(gpu.index);
        if (program.memoryBytes > left || (client && limit != limits.memoryBytes.end() && program.memoryBytes > limit->second))
            return Admission::OutOfMemory;
    }
    if (client) {
        const auto say = [&](const std::string& text) { logMps(engine, hosts, program.host, mps_files::kControlLog, "Control", node.mps.pid, text); };
        say("Accepting connection...");
        say(fmt::format("NEW CLIENT {} from user {}: {}", program.pid, program.uid,
                        known ? "Server already exists" : "Server is not ready, push client to pending list"));
        if (!mpsServer(engine, hosts, network, program.host, program.user, program.uid))
            return Admission::Busy;
        MpsServer& server = *node.mps.server;
        program.server = server.pid;
        program.context = server.contexts++;
        program.threadPercentage = std::min(program.threadPercentage, server.limits.threadPercentage);
        const std::string who = fmt::format("{{PID: {}, Context ID: {}}}", program.pid, program.context);
        for (const std::string& text : {"Received new client request for " + who, "Client " + who + " connected", "Creating worker thread for client " + who})
            logMps(engine, hosts, program.host, mps_files::kServerLog, "Server", server.pid, text);
    }
    m_hostPrograms.push_back(std::move(program));
    const HostProgram& added = m_hostPrograms.back();
    for (const GpuId id : added.gpus)
        at(id).processes.push_back({added.pid, added.name, added.memoryBytes, added.load(), added.server != 0});
    return Admission::Admitted;
}

void Gpus::load(HostId host, std::int64_t pid, const Activity& activity, std::int64_t memoryBytes)
{
    const auto found = std::find_if(m_hostPrograms.begin(), m_hostPrograms.end(), [&](const HostProgram& p) { return p.host == host && p.pid == pid; });
    if (found == m_hostPrograms.end())
        return;
    found->activity = activity;
    found->memoryBytes = memoryBytes;
}

void Gpus::addHostPrograms()
{
    for (const HostProgram& program : m_hostPrograms)
        for (const GpuId id : program.gpus)
            if (at(id).working())
                at(id).processes.push_back({program.pid, program.name, program.memoryBytes, program.load(), program.server != 0});
    for (const Node& node : m_nodes)
        for (const GpuId id : node.gpus)
            if (node.mps.server && at(id).working())
                at(id).processes.push_back({node.mps.server->pid, "nvidia-cuda-mps-server", kServerBytes, {}, false});
}

std::vector<const HostProgram*> Gpus::mpsClients(HostId host) const
{
    std::vector<const HostProgram*> clients;
    const Node* node = nodeOf(host);
    for (const HostProgram& program : m_hostPrograms)
        if (node != nullptr && node->mps.server && program.host == host && program.server == node->mps.server->pid)
            clients.push_back(&program);
    return clients;
}

std::vector<std::int64_t> Gpus::onExit(Engine& engine, host::Hosts& hosts, HostId host, std::int64_t pid)
{
    Node* node = nodeOf(host);
    if (node == nullptr)
        return {};
    MpsControl& mps = node->mps;
    std::vector<std::int64_t> ended;
    if (mps.running() && pid == mps.pid) {
        if (mps.server)
            ended.push_back(mps.server->pid);
        mps.pid = 0;
        hosts.remove(engine, host, mps_files::kPipeFolder, true);
    } else if (mps.isServer(pid)) {
        for (const HostProgram* client : mpsClients(host))
            ended.push_back(client->pid);
        forgetServer(engine, hosts, *node);
    } else if (const HostProgram* program = hostProgram(host, pid)) {
        if (program->server != 0 && mps.isServer(program->server))
            logMps(engine, hosts, host, mps_files::kServerLog, "Server", program->server,
                   fmt::format("Client {{PID: {}, Context ID: {}}} disconnected", pid, program->context));
        std::erase_if(m_hostPrograms, [&](const HostProgram& p) { return p.host == host && p.pid == pid; });
        leaveDevices(*node, pid);
    }
    return ended;
}

const HostProgram* Gpus::containedBy(const Lost& lost) const
{
    const Gpu& gpu = at(lost.gpu);
    return isContained(lost.xid) && !gpu.processes.empty() ? hostProgram(gpu.host, gpu.processes.front().pid) : nullptr;
}

std::vector<std::int64_t> Gpus::endedBy(Engine& engine, host::Hosts& hosts, const Lost& lost)
{
    const Gpu& gpu = at(lost.gpu);
    const bool contained = isContained(lost.xid);
    const HostProgram* met = containedBy(lost);
    std::vector<std::int64_t> ended;
    std::vector<const HostProgram*> clients;
    for (const HostProgram& program : m_hostPrograms) {
        if (program.host != gpu.host || std::find(program.gpus.begin(), program.gpus.end(), lost.gpu) == program.gpus.end())
            continue;
        const bool shared = met != nullptr && met->server != 0 && program.server == met->server;
        if (contained && &program != met && !shared)
            continue;
        ended.push_back(program.pid);
        if (program.server != 0)
            clients.push_back(&program);
    }
    if (!clients.empty()) {
        const std::int64_t server = clients.front()->server;
        const auto say = [&](const std::string& text) { logMps(engine, hosts, gpu.host, mps_files::kServerLog, "Other", server, text); };
        say("Volta MPS: Server is handling a fatal GPU error.");
        for (const HostProgram* client : clients)
            say(fmt::format("Volta MPS: status of client {{{}, {}}} is INACTIVE", client->pid, client->context));
        say("Volta MPS: The following devices");
        say(std::to_string(gpu.index));
        say("Volta MPS: The following clients have a sticky error set:");
        for (const HostProgram* client : clients)
            say(std::to_string(client->pid));
    }
    return ended;
}

} // namespace sim::gpu
