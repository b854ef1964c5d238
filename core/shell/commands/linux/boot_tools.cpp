// update-grub of Debian's grub2, systemd-analyze of systemd 252, lsmod of kmod 30, lscpu of util-linux 2.38.1.
#include "core/shell/commands/linux/boot_chain.h"
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "sim/host/calendar.h"
#include "sim/host/grub.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::host::Boot;
using sim::host::BootStep;

int updateGrub(Invocation& inv)
{
    if (!isRoot(inv)) {
        inv.err().write("/usr/sbin/grub-mkconfig: You must run this as root\n");
        return 1;
    }
    const sim::host::Machine& machine = machineOf(inv);
    inv.err().write("Generating grub configuration file ...\n");
    const auto result = inv.door().apply(
        sim::Command{sim::command::WriteFile{inv.place().host, std::nullopt, "/boot/grub/grub.cfg", sim::host::grubConfigText(machine), false, 0600, 0}});
    if (!result.ok)
        return inv.fail(1, "/boot/grub/grub.cfg.new: " + result.error);
    for (const std::string& kernel : sim::host::kernelsOf(machine)) {
        inv.err().write("Found linux image: /boot/vmlinuz-" + kernel + "\n");
        if (inv.system().stat(inv.place(), "/boot/initrd.img-" + kernel))
            inv.err().write("Found initrd image: /boot/initrd.img-" + kernel + "\n");
    }
    inv.err().write("Warning: os-prober will not be executed to detect other bootable partitions.\nSystems on them will not be added to the GRUB boot configuration.\n"
                    "Check GRUB_DISABLE_OS_PROBER documentation entry.\ndone\n");
    return 0;
}

/// The span of a phase that is over; nothing while it is not.
std::string phaseText(sim::Instant begin, sim::Instant end, const char* name)
{
    return end > begin && begin != sim::Instant{} ? fmt::format("{} ({}) + ", spanText(sim::toSeconds(end - begin)), name) : std::string();
}

std::string timeLine(const Boot& boot)
{
    std::string text = "Startup finished in " + phaseText(boot.firmware, boot.loader, "firmware") + phaseText(boot.loader, boot.kernel, "loader")
        + phaseText(boot.kernel, boot.userspace, "kernel");
    text += fmt::format("{} (userspace) = {} \n{} reached after {} in userspace.\n", spanText(sim::toSeconds(boot.finished - boot.userspace)),
                        spanText(sim::toSeconds(boot.finished - boot.firmware)), boot.target, spanText(sim::toSeconds(boot.finished - boot.userspace)));
    return text;
}

int blame(Invocation& inv, const Boot& boot)
{
    std::vector<BootStep> steps = unitSteps(boot);
    std::erase_if(steps, [](const BootStep& s) { return s.name.find(".target") != std::string::npos || s.name.find(".timer") != std::string::npos || s.end <= s.begin; });
    std::stable_sort(steps.begin(), steps.end(), [](const BootStep& a, const BootStep& b) { return a.end - a.begin > b.end - b.begin; });
    for (const BootStep& step : steps)
        inv.print(fmt::format("{:>6} {}\n", spanText(sim::toSeconds(step.end - step.begin)), step.name));
    return 0;
}

int criticalChain(Invocation& inv, const Boot& boot)
{
    const std::vector<BootStep> steps = unitSteps(boot);
    inv.print("The time when unit became active or started is printed after the \"@\" character.\nThe time the unit took to start is printed after the \"+\" character.\n\n");
    std::string indent;
    for (const std::string& name : criticalChainOf(machineOf(inv), inv.operands.size() > 1 ? inv.operands[1] : std::string())) {
        const auto step = std::find_if(steps.begin(), steps.end(), [&](const BootStep& s) { return s.name == name; });
        const bool known = step != steps.end();
        const sim::Instant active = known ? step->begin : boot.finished;
        const std::string took = known && step->end > step->begin ? " +" + spanText(sim::toSeconds(step->end - step->begin)) : "";
        inv.print(fmt::format("{}{} @{}{}\n", indent, name, spanText(sim::toSeconds(active - boot.userspace)), took));
        indent = (indent.empty() ? "" : indent.substr(0, indent.size() - 6) + "  ") + "\u2514\u2500";
    }
    return 0;
}

int calendar(Invocation& inv)
{
    if (inv.operands.size() < 2)
        return inv.fail(1, "calendar: too few arguments");
    const std::string& expression = inv.operands[1];
    const auto next = sim::host::nextElapse(expression, inv.now());
    if (!sim::host::isCalendarExpression(expression)) {
        inv.err().write(fmt::format("Failed to parse calendar specification '{}': Invalid argument\n", expression));
        return 1;
    }
    inv.print(fmt::format("  Original form: {}\n    Next elapse: {}\n", expression, next ? stampSystemd(*next) : "never"));
    if (next) { // whole minutes, as systemd rounds a span of this length
        std::string left = spanText(static_cast<double>((*next - inv.now()).count() / 60'000'000'000 * 60));
        left.resize(std::min(left.rfind(' '), left.size()));
        inv.print(fmt::format("       From now: {} left\n", left));
    }
    return 0;
}

int analyze(Invocation& inv)
{
    if (inv.place().container)
        return inv.fail(1, "System has not been booted with systemd as init system (PID 1). Can't operate.");
    const Boot& boot = machineOf(inv).boot;
    inv.noteRead("host/" + machineOf(inv).name);
    inv.noteRead("unit/" + machineOf(inv).name + "/*");
    const std::string verb = inv.operands.empty() ? "time" : inv.operands[0];
    if (verb == "calendar")
        return calendar(inv);
    if (boot.stage != sim::host::BootStage::Running || boot.finished == sim::Instant{}) {
        inv.err().write("Bootup is not yet finished (org.freedesktop.systemd1.Manager.FinishTimestampMonotonic=0).\nPlease try again later.\n"
                        "Hint: Use 'systemctl list-jobs' to see active jobs\n");
        return 1;
    }
    if (verb == "time") {
        inv.print(timeLine(boot));
        return 0;
    }
    if (verb == "blame")
        return blame(inv, boot);
    if (verb == "critical-chain")
        return criticalChain(inv, boot);
    inv.err().write("Unknown command verb " + verb + ".\n");
    return 1;
}

int lsmod(Invocation& inv)
{
    if (!inv.operands.empty()) {
        inv.err().write("Usage: lsmod\n");
        return 1;
    }
    noteHost(inv);
    const sim::host::Machine& machine = machineOf(inv);
    struct Module {
        const char* name;
        std::int64_t size;
        int users;
        const char* by;
    };
    std::vector<Module> modules{{"mlx5_core", 1'753'088, 0, ""}, {"nvme", 57'344, 3, ""}, {"nvme_core", 180'224, 4, "nvme"}, {"ext4", 983'040, 2, ""},
                                {"jbd2", 167'936, 1, "ext4"},    {"mbcache", 16'384, 1, "ext4"}, {"vfat", 20'480, 1, ""}, {"fat", 90'112, 1, "vfat"}};
    if (machine.units.count("containerd.service") > 0)
        for (const Module& m : {Module{"overlay", 163'840, 6, ""}, Module{"br_netfilter", 36'864, 0, ""}, Module{"bridge", 311'296, 1, "br_netfilter"},
                                Module{"nf_conntrack", 188'416, 3, "xt_conntrack,nf_nat,xt_MASQUERADE"}, Module{"xt_conntrack", 16'384, 5, ""}})
            modules.push_back(m);
    const sim::gpu::Node* gpus = inv.door().world().gpus().nodeOf(machine.id);
    if (gpus != nullptr && gpus->driver.loaded) {
        const bool peer = gpus->driver.peerMemory;
        if (peer)
            modules.push_back({"nvidia_peermem", 20'480, 0, ""});
        for (const Module& m : {Module{"nvidia_uvm", 1'527'808, 4, ""}, Module{"nvidia_drm", 77'824, 0, ""}, Module{"nvidia_modeset", 1'306'624, 1, "nvidia_drm"},
                                Module{"nvidia", 56'807'424, 142, peer ? "nvidia_uvm,nvidia_peermem,nvidia_modeset" : "nvidia_uvm,nvidia_modeset"}})
            modules.push_back(m);
    }
    inv.print("Module                  Size  Used by\n");
    for (const Module& m : modules)
        inv.print(fmt::format("{:<19} {:>8}  {}{}{}\n", m.name, m.size, m.users, *m.by != 0 ? " " : "", m.by));
    return 0;
}

int lscpu(Invocation& inv)
{
    noteHost(inv);
    const sim::host::Machine& machine = machineOf(inv);
    const auto line = [&](const char* key, const std::string& value) { inv.print(fmt::format("{:<41}{}\n", std::string(key) + ":", value)); };
    line("Architecture", "x86_64");
    line("  CPU op-mode(s)", "32-bit, 64-bit");
    line("  Address sizes", "52 bits physical, 57 bits virtual");
    line("  Byte Order", "Little Endian");
    line("CPU(s)", std::to_string(machine.cpus));
    line("  On-line CPU(s) list", fmt::format("0-{}", machine.cpus - 1));
    line("Vendor ID", machine.cpuModel.find("AMD") != std::string::npos ? "AuthenticAMD" : "GenuineIntel");
    line("  Model name", machine.cpuModel);
    line("    CPU family", "6");
    line("    Model", "143");
    line("    Thread(s) per core", "1");
    line("    Core(s) per socket", std::to_string(machine.cpus));
    line("    Socket(s)", "1");
    line("    Stepping", "8");
    line("NUMA", "");
    line("  NUMA node(s)", "1");
    line("  NUMA node0 CPU(s)", fmt::format("0-{}", machine.cpus - 1));
    return 0;
}

} // namespace

void addBoot(CommandTable& table)
{
    table.add("update-grub", "stub for grub-mkconfig", "update-grub", {}, updateGrub);
    table.add("systemd-analyze", "analyze and debug system manager", "systemd-analyze [OPTIONS...] time|blame|critical-chain [UNIT]|calendar SPEC",
        {{0, "no-pager", "", "Do not pipe output into a pager"}}, analyze);
    table.add("lsmod", "show the status of modules in the Linux Kernel", "lsmod", {}, lsmod);
    table.add("lscpu", "display information about the CPU architecture", "lscpu", {}, lscpu);
}

} // namespace core::shell::node
