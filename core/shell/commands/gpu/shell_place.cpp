#include "core/shell/commands/gpu/shell_place.h"

#include "core/shell/commands/linux/here.h"

namespace core::shell::gpu {

SmiState smiStateOf(const sim::World& world, const sim::host::Machine& machine, sim::ContainerId container)
{
    SmiState state;
    state.now = world.now();
    state.hostName = machine.name;
    state.node = world.gpus().nodeOf(machine.id);
    state.library = sim::gpu::libraryVersion(machine);
    state.cpus = machine.cpus;
    state.inContainer = container.valid();
    state.status = state.node != nullptr ? sim::gpu::nvmlStatus(state.node->driver, machine)
        : state.library.empty()          ? sim::gpu::NvmlStatus::LibraryNotFound
                                         : sim::gpu::NvmlStatus::DriverNotLoaded;
    if (state.node == nullptr)
        return state;
    for (const sim::net::rdma::DeviceId id : world.rdma().devicesOf(machine.id)) {
        const sim::net::rdma::Device& nic = world.rdma().device(id);
        state.nics.push_back({nic.name, nic.numaNode, nic.rail}); // a GPU of each rail shares the switch
    }
    // Eight-GPU boards hang four to a socket, each below its own pair of switches.
    const std::size_t count = state.node->gpus.size();
    state.numaNodes = count > 1 ? 2 : 1;
    for (std::size_t i = 0; i < count; ++i) {
        const sim::gpu::Gpu& gpu = world.gpus().at(state.node->gpus[i]);
        const bool found = gpu.presence == sim::gpu::Gpu::Presence::Working || gpu.presence == sim::gpu::Gpu::Presence::Lost;
        if (!found || (state.inContainer && gpu.owner != container))
            continue;
        state.devices.push_back({static_cast<int>(state.devices.size()), &gpu, i < (count + 1) / 2 ? 0 : 1, static_cast<int>(i)});
    }
    return state;
}

SmiState ShellPlace::look()
{
    Invocation& inv = m_invocation;
    const sim::host::Machine& machine = node::machineOf(inv);
    inv.noteRead("gpu/" + machine.name);
    SmiState state = smiStateOf(inv.door().world(), machine, inv.place().container.value_or(sim::ContainerId()));
    state.now = inv.now();
    state.root = node::isRoot(inv);
    return state;
}

sim::CommandResult ShellPlace::change(const sim::command::GpuChange& change)
{
    return m_invocation.door().apply(sim::Command{change});
}

void ShellPlace::print(std::string_view text)
{
    if (m_file.empty())
        m_invocation.print(text);
    else
        m_invocation.system().writeFile(m_invocation.place(), m_file, text, true);
}

void ShellPlace::complain(std::string_view text)
{
    if (!text.empty())
        m_invocation.err().write(text);
}

void ShellPlace::wait(sim::Duration duration)
{
    m_invocation.sleep(duration);
}

bool ShellPlace::redirect(const std::string& path)
{
    const std::string file = m_invocation.absolutePath(path);
    if (m_invocation.system().writeFile(m_invocation.place(), file, {}, false) != Errno::None)
        return false;
    m_file = file;
    return true;
}

} // namespace core::shell::gpu
