#pragma once

#include "sim/host/standard_machine.h"

/// One worker on one switch, with everything a standard machine has.
struct OneMachine {
    sim::Engine engine{sim::Instant{} + std::chrono::hours(24 * 20000), 3};
    sim::net::Network net;
    sim::host::Hosts hosts;
    sim::HostId id;
    std::vector<sim::host::Notice> notices;

    explicit OneMachine(const char* role = "worker")
    {
        const sim::SwitchId leaf = net.addSwitch({"leaf-1", false, 1e10, true});
        sim::host::StandardMachine d;
        d.name = "worker-1";
        d.role = role;
        d.address = *sim::net::Ipv4::parse("10.0.0.21");
        d.gateway = sim::net::Ipv4::parse("10.0.0.1");
        d.nameserver = sim::net::Ipv4::parse("10.0.0.2");
        id = sim::host::addStandardMachine(engine, net, hosts, d);
        net.addLink({hosts.at(id).stack, "eth0", leaf, {}, 1e10, std::chrono::microseconds(1), 0, true});
    }
    sim::host::Machine& machine() { return hosts.at(id); }
    sim::host::Unit& unit(const char* name) { return machine().units.at(name); }
    void run(sim::Duration duration)
    {
        const sim::Instant until = engine.now() + duration;
        while (const auto event = engine.next(until)) {
            hosts.handle(engine, net, *event);
            for (auto& notice : hosts.takeNotices())
                notices.push_back(std::move(notice));
        }
        engine.advanceTo(until);
        for (auto& notice : hosts.takeNotices())
            notices.push_back(std::move(notice));
    }
    /// Journal messages since `from`, of one unit when it is given.
    std::vector<std::string> journal(sim::Instant from, const std::string& unit = {})
    {
        std::vector<std::string> lines;
        for (const auto& entry : machine().journal)
            if (entry.at >= from && (unit.empty() || entry.unit == unit))
                lines.push_back(entry.message);
        return lines;
    }
    bool listening(std::int64_t port)
    {
        return net.stack(machine().stack)
                   .listener(sim::net::Protocol::Tcp, *sim::net::Ipv4::parse("10.0.0.21"), port)
            != nullptr;
    }
};
