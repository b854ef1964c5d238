// Power and boot: firmware, kernel, then the units in dependency order.
#include "sim/host/boot.h"
#include "sim/host/disk.h"
#include "sim/host/hosts.h"
#include "sim/host/signals.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::host {

namespace {

// A real server's firmware takes minutes; the lab shortens it so that a reboot costs about 40 s in all.
constexpr Duration kFirmware = 20s;
/// From systemd's start to multi-user.target; units start within it, one after another.
constexpr Duration kUserspace = 14s;
/// A reboot's own work after the units have stopped: unmounting, and the firmware's reset.
constexpr Duration kShutdown = 3s;

} // namespace

void Hosts::powerOff(Engine& engine, net::Network& network, HostId host)
{
    Machine& machine = at(host);
    ++machine.generation;
    if (machine.power == Machine::Power::Off)
        return;
    machine.power = Machine::Power::Off;
    machine.processes.clear();
    for (auto& [name, unit] : machine.units) {
        ++unit.generation;
        unit.mainPid = 0;
        unit.startsAfterStop = false;
        unit.recentStarts.clear();
        unit.restarts = 0;
        setState(host, unit, Unit::State::Inactive, "dead", engine.now());
    }
    if (network.hasStack(machine.stack)) {
        network.stack(machine.stack).up = false;
        network.stack(machine.stack).listeners.clear();
    }
    std::vector<StackId> pods;
    for (const auto& [id, stack] : network.stacks())
        if (stack.host == host && stack.node.valid())
            pods.push_back(id);
    for (const StackId id : pods) {
        network.stack(id).up = false;
        network.stack(id).listeners.clear();
    }
    network.changed(engine);
    m_notices.emplace_back(PowerChanged{host, false});
}

void Hosts::powerOn(Engine& engine, net::Network&, HostId host)
{
    Machine& machine = at(host);
    if (machine.power != Machine::Power::Off)
        return;
    machine.power = Machine::Power::Booting;
    ++machine.generation;
    engine.after(
        kFirmware,
        {Part::Host, static_cast<std::uint16_t>(HostEvent::BootKernel), host.value, machine.generation});
}

void Hosts::bootKernel(Engine& engine, HostId host)
{
    Machine& machine = at(host);
    machine.booted = engine.now();
    machine.bootId = newBootId(machine);
    machine.load = {0, 0, 0, engine.now()};
    machine.nextPid = 600;
    machine.cacheBytes = std::min<std::int64_t>(machine.cacheBytes, 600LL << 20);
    machine.sysctls = machine.bootSysctls;
    if (const auto limit = machine.files.find(kPodsIoLimit); limit != machine.files.end())
        limit->second = std::make_shared<File>();
    addKernelProcesses(machine);
    for (const BootLine& line : kernelBootLines(machine)) {
        machine.journal.push_back({machine.booted + line.after, "kernel", "", 0, 6, line.text});
        while (machine.journal.size() > Machine::kJournalEntries)
            machine.journal.pop_front();
    }
    engine.after(
        kKernelBoot,
        {Part::Host, static_cast<std::uint16_t>(HostEvent::BootUserspace), host.value, machine.generation});
}

void Hosts::setUpNetwork(Engine& engine, net::Network& network, HostId host)
{
    const Machine& machine = at(host);
    if (!network.hasStack(machine.stack))
        return;
    net::Stack& stack = network.stack(machine.stack);
    stack.up = true;
    if (machine.networkSetup) {
        // What was typed in by hand is gone; what the CNI plugin and kube-proxy own they put back themselves.
        const auto ours = [&](const std::string& device) {
            return std::any_of(machine.networkSetup->interfaces.begin(),
                               machine.networkSetup->interfaces.end(),
                               [&](const net::Interface& i) { return i.name == device; });
        };
        std::vector<net::Interface> interfaces = machine.networkSetup->interfaces;
        for (const net::Interface& i : stack.interfaces)
            if (!ours(i.name))
                interfaces.push_back(i);
        std::vector<net::Route> routes = machine.networkSetup->routes;
        for (const net::Route& r : stack.routes)
            if (r.protocol == "bird" || (!r.device.empty() && !ours(r.device)))
                routes.push_back(r);
        stack.interfaces = std::move(interfaces);
        stack.routes = std::move(routes);
        stack.forwarding = machine.networkSetup->forwarding;
    }
    const auto owned = [](const std::string& name) {
        return name.substr(0, 5) == "KUBE-" || name.substr(0, 4) == "cali";
    };
    for (auto* table : {&stack.filter, &stack.nat}) {
        for (auto chain = table->begin(); chain != table->end();) {
            if (owned(chain->first)) {
                ++chain;
                continue;
            }
            if (chain->second.policy.empty()) {
                chain = table->erase(chain);
                continue;
            }
            chain->second.policy = "ACCEPT";
            std::erase_if(chain->second.rules, [&](const net::FirewallRule& r) {
                return !owned(r.target) && r.target != "MASQUERADE";
            });
            ++chain;
        }
    }
    applySysctls(engine, network, host);
    network.changed(engine);
}

void Hosts::bootUserspace(Engine& engine, net::Network& network, HostId host)
{
    Machine& machine = at(host);
    log(engine, host, "systemd", "", 1, 6, "systemd 252.31-1~deb12u1 running in system mode");
    setUpNetwork(engine, network, host);
    Duration delay = kUnitGap;
    for (const std::string& name : startOrder(machine)) {
        later(engine, host, machine.units.at(name), HostEvent::BootUnit, delay);
        delay += std::min(kUnitGap, kUserspace / static_cast<int>(machine.units.size() + 2));
    }
    engine.after(
        std::max(delay + kUnitGap, kUserspace),
        {Part::Host, static_cast<std::uint16_t>(HostEvent::BootDone), host.value, machine.generation});
}

void Hosts::bootDone(Engine& engine, HostId host)
{
    Machine& machine = at(host);
    machine.power = Machine::Power::On;
    const double userspace = toSeconds(engine.now() - machine.booted - kKernelBoot);
    log(engine, host, "systemd", "", 1, 6,
        fmt::format("Startup finished in {:.3f}s (kernel) + {:.3f}s (userspace) = {:.3f}s.",
                    toSeconds(kKernelBoot), userspace, userspace + toSeconds(kKernelBoot)));
    m_notices.emplace_back(PowerChanged{host, true});
}

void Hosts::reboot(Engine& engine, net::Network& network, HostId host)
{
    Machine& machine = at(host);
    if (machine.power == Machine::Power::Off)
        return;
    log(engine, host, "systemd-logind", "systemd-logind.service", 0, 6, "System is rebooting.");
    for (auto& [name, unit] : machine.units) {
        if (unit.state != Unit::State::Active || unit.type == "target")
            continue;
        const std::string title = unit.description.empty() ? unit.name : unit.name + " - " + unit.description;
        if (unit.mainPid != 0) {
            unitLog(engine, host, unit, 6, "Stopping " + title + "...");
            unitLog(engine, host, unit, 6, unit.name + ": Deactivated successfully.");
        }
        unitLog(engine, host, unit, 6, "Stopped " + title + ".");
    }
    log(engine, host, "systemd", "", 1, 6, "Reached target reboot.target - System Reboot.");
    log(engine, host, "systemd", "", 1, 6, "Shutting down.");
    powerOff(engine, network, host);
    engine.after(
        kShutdown,
        {Part::Host, static_cast<std::uint16_t>(HostEvent::PowerCycle), host.value, machine.generation});
}

} // namespace sim::host
