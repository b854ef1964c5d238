// Power: off, on, and an orderly reboot. What happens between power and login is boot.cpp's.
#include "sim/host/boot.h"
#include "sim/host/hosts.h"
#include "sim/host/signals.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::host {

namespace {

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
    machine.boot.stage = BootStage::Off;
    if (machine.pastBoots.empty() || machine.pastBoots.back().id != machine.bootId)
        machine.pastBoots.push_back({machine.bootId, machine.booted, engine.now()});
    machine.swaps.clear();
    machine.processes.clear();
    machine.unlinked.clear();
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
    net::stopFirewalld(stack); // comes back with its unit
    for (auto* table : {&stack.filter, &stack.nat, &stack.mangle, &stack.raw}) {
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
