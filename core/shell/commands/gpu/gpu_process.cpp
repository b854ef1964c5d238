#include "core/shell/commands/gpu/gpu_process.h"

#include "sim/host/accounts.h"

namespace core::shell::gpu {

GpuProcess::GpuProcess(Invocation& inv, std::vector<std::string> command, std::string shownName, std::int64_t residentBytes)
    : m_inv(inv)
{
    m_program.host = inv.place().host;
    m_program.name = std::move(shownName);
    m_program.user = inv.place().user.empty() ? "root" : inv.place().user;
    if (const auto account = sim::host::accountOf(inv.door().world().hosts().at(m_program.host), m_program.user))
        m_program.uid = account->uid;
    constexpr std::size_t kLongestName = 15;
    sim::host::Process process;
    process.name = command.front().substr(command.front().rfind('/') + 1).substr(0, kLongestName);
    process.command = std::move(command);
    process.user = m_program.user;
    process.residentBytes = residentBytes;
    process.virtualBytes = std::int64_t{40} << 30; // CUDA reserves address space
    process.cpuCores = 1;                          // waits for the device in a loop
    process.workingDirectory = inv.workingDirectory();
    m_program.pid = static_cast<std::int64_t>(inv.door().apply(sim::Command{sim::command::SpawnProcess{m_program.host, process}}).id);
}

GpuProcess::~GpuProcess()
{
    end();
}

void GpuProcess::end()
{
    constexpr int kKill = 9;
    if (alive())
        m_inv.door().apply(sim::Command{sim::command::Signal{m_program.host, m_program.pid, kKill, true}});
}

std::string GpuProcess::start(std::vector<sim::GpuId> gpus, const sim::gpu::Activity& activity, std::int64_t memoryBytes, double threadPercentage)
{
    m_program.gpus = std::move(gpus);
    m_program.activity = activity;
    m_program.memoryBytes = memoryBytes;
    m_program.threadPercentage = threadPercentage;
    return m_inv.door().apply(sim::Command{sim::command::GpuProgram{sim::command::GpuProgram::Verb::Start, m_program}}).error;
}

void GpuProcess::load(const sim::gpu::Activity& activity, std::int64_t memoryBytes)
{
    m_program.activity = activity;
    m_program.memoryBytes = memoryBytes;
    m_inv.door().apply(sim::Command{sim::command::GpuProgram{sim::command::GpuProgram::Verb::Load, m_program}});
}

bool GpuProcess::alive() const
{
    return m_inv.door().world().hosts().at(m_program.host).processes.contains(m_program.pid);
}

const sim::gpu::HostProgram* GpuProcess::program() const
{
    return m_inv.door().world().gpus().hostProgram(m_program.host, m_program.pid);
}

} // namespace core::shell::gpu
