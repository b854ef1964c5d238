// modprobe, rmmod and modinfo of kmod 30, for the modules of NVIDIA's driver.
#include "core/shell/commands/gpu/gpu_tools.h"
#include "core/shell/commands/linux/here.h"
#include "sim/gpu/driver.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::gpu {

namespace {

/// Modules that stand on nvidia.ko and come and go with it.
constexpr const char* kUpper[]{"nvidia_uvm", "nvidia_drm", "nvidia_modeset"};

std::string canonical(std::string name)
{
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

bool isUpper(const std::string& module)
{
    return std::find(std::begin(kUpper), std::end(kUpper), module) != std::end(kUpper);
}

bool isKnown(const std::string& module)
{
    return module == "nvidia" || module == "nvidia_peermem" || isUpper(module);
}

const sim::gpu::Node* nodeHere(Invocation& inv)
{
    return inv.door().world().gpus().nodeOf(inv.place().host);
}

sim::CommandResult change(Invocation& inv, const std::string& module, bool load)
{
    return inv.door().apply(sim::Command{sim::command::ModuleChange{inv.place().host, module, load}});
}

/// Services that keep the devices open for as long as they run.
bool heldByService(Invocation& inv)
{
    const auto& units = node::machineOf(inv).units;
    return std::any_of(units.begin(), units.end(), [](const auto& entry) {
        return (entry.first == "nvidia-persistenced.service" || entry.first == "nvidia-fabricmanager.service" || entry.first == "nvidia-dcgm.service")
            && entry.second.state == sim::host::Unit::State::Active;
    });
}

bool runsProgram(Invocation& inv, const sim::gpu::Node& node)
{
    const sim::gpu::Gpus& gpus = inv.door().world().gpus();
    return std::any_of(node.gpus.begin(), node.gpus.end(), [&](sim::GpuId id) { return !gpus.at(id).processes.empty(); });
}

int load(Invocation& inv, const std::string& module)
{
    const sim::gpu::Node* node = nodeHere(inv);
    const auto missing = [&] {
        inv.err().write(fmt::format("modprobe: FATAL: Module {} not found in directory /lib/modules/{}\n", module, node::machineOf(inv).kernel));
        return 1;
    };
    if (node == nullptr || !isKnown(module) || sim::gpu::moduleVersionOnDisk(node::machineOf(inv)).empty())
        return missing();
    if (!node::isRoot(inv)) {
        inv.err().write(fmt::format("modprobe: ERROR: could not insert '{}': Operation not permitted\n", module));
        return 1;
    }
    if (!node->driver.loaded && !change(inv, "nvidia", true).ok) // peermem and the upper ones bring it along
        return missing();
    if (module == "nvidia_peermem" && !change(inv, module, true).ok) {
        inv.err().write("modprobe: ERROR: could not insert 'nvidia_peermem': Invalid argument\n");
        return 1;
    }
    return 0;
}

int unload(Invocation& inv, const std::string& tool, const std::string& module)
{
    const sim::gpu::Node* node = nodeHere(inv);
    const bool loaded = node != nullptr && node->driver.loaded && isKnown(module) && (module != "nvidia_peermem" || node->driver.peerMemory);
    if (!loaded) {
        inv.err().write(tool == "rmmod" ? fmt::format("rmmod: ERROR: Module {} is not currently loaded\n", module)
                                        : fmt::format("modprobe: FATAL: Module {} not found.\n", module));
        return 1;
    }
    if (!node::isRoot(inv)) {
        inv.err().write(tool == "rmmod" ? fmt::format("rmmod: ERROR: ../libkmod/libkmod-module.c:799 kmod_module_remove_module() could not remove '{0}': Operation not permitted\n"
                                                      "rmmod: ERROR: could not remove module {0}: Operation not permitted\n",
                                                      module)
                                        : fmt::format("modprobe: ERROR: could not remove '{}': Operation not permitted\n", module));
        return 1;
    }
    const auto inUse = [&](const std::string& by = {}) {
        inv.err().write(tool == "rmmod" ? fmt::format("rmmod: ERROR: Module {} is in use{}\n", module, by) : fmt::format("modprobe: FATAL: Module {} is in use.\n", module));
        return 1;
    };
    if (module == "nvidia" && node->driver.peerMemory)
        return inUse(" by: nvidia_peermem");
    if (module != "nvidia_peermem" && heldByService(inv))
        return inUse();
    if (module == "nvidia_uvm" && runsProgram(inv, *node)) // every CUDA context has it open
        return inUse();
    if (isUpper(module)) // gone as soon as nvidia goes
        return 0;
    return change(inv, module, false).ok ? 0 : inUse();
}

int runModprobe(Invocation& inv)
{
    if (inv.operands.empty()) {
        inv.err().write("modprobe: ERROR: missing parameters. See -h.\n");
        return 1;
    }
    node::noteHost(inv);
    const bool remove = inv.options.has("remove");
    int status = 0;
    for (const std::string& name : inv.operands) {
        if (!remove && &name != &inv.operands.front())
            break; // further words are the module's parameters
        status |= remove ? unload(inv, "modprobe", canonical(name)) : load(inv, canonical(name));
    }
    return status;
}

int runRmmod(Invocation& inv)
{
    if (inv.operands.empty()) {
        inv.err().write("rmmod: ERROR: missing module name.\n");
        return 1;
    }
    node::noteHost(inv);
    int status = 0;
    for (const std::string& name : inv.operands)
        status |= unload(inv, "rmmod", canonical(name));
    return status;
}

int runModinfo(Invocation& inv)
{
    if (inv.operands.empty()) {
        inv.err().write("modinfo: ERROR: missing module or filename.\n");
        return 1;
    }
    node::noteHost(inv);
    const std::string module = canonical(inv.operands.front());
    const sim::host::Machine& machine = node::machineOf(inv);
    const std::string version = sim::gpu::moduleVersionOnDisk(machine);
    if (!isKnown(module) || version.empty()) {
        inv.err().write(fmt::format("modinfo: ERROR: Module {} not found.\n", inv.operands.front()));
        return 1;
    }
    const std::string folder = "/lib/modules/" + machine.kernel + "/updates/dkms/";
    std::string file = module;
    std::replace(file.begin(), file.end(), '_', '-');
    const std::pair<const char*, std::string> fields[]{
        {"filename", folder + file + ".ko"},
        {"version", version},
        {"supported", "external"},
        {"license", module == "nvidia_peermem" ? "Linux-OpenIB" : "Dual MIT/GPL"},
        {"depends", module == "nvidia" ? "" : module == "nvidia_drm" ? "nvidia-modeset" : module == "nvidia_peermem" ? "nvidia,ib_uverbs" : "nvidia"},
        {"name", module},
        {"vermagic", machine.kernel + " SMP preempt mod_unload modversions "},
    };
    const std::string asked = inv.options.value("field");
    for (const auto& [name, value] : fields)
        if (asked.empty())
            inv.print(fmt::format("{:<16}{}\n", std::string(name) + ":", value));
        else if (asked == name)
            inv.print(value + "\n");
    return 0;
}

} // namespace

void addModules(CommandTable& table)
{
    table.add("modprobe", "add and remove modules from the Linux Kernel", "modprobe [options] [-r] modulename",
              {{'r', "remove", "", "Remove modules instead of inserting"}, {'v', "verbose", "", "enables more messages"}}, runModprobe);
    table.add("rmmod", "simple program to remove a module from the Linux Kernel", "rmmod [options] modulename ...", {{'v', "verbose", "", "enables more messages"}}, runRmmod);
    table.add("modinfo", "show information about a Linux Kernel module", "modinfo [options] filename [args]", {{'F', "field", "FIELD", "Print only provided FIELD"}}, runModinfo);
}

} // namespace core::shell::gpu
