#pragma once

#include "sim/net/network.h"

/// Three machines on two leaves under two spines; the first two run pods.
struct SmallLab {
    sim::Engine engine{sim::Instant{}, 7};
    sim::net::Network net;
    sim::StackId a, b, registry, podA, podB;
    sim::LinkId linkA, linkB, linkRegistry;

    static sim::net::Ipv4 ip(const char* text) { return *sim::net::Ipv4::parse(text); }
    static sim::net::Prefix prefix(const char* text) { return *sim::net::Prefix::parse(text); }

    SmallLab()
    {
        using namespace sim::net;
        using namespace sim;
        const SwitchId leaf1 = net.addSwitch({"leaf-1", false, 1e9, true});
        const SwitchId leaf2 = net.addSwitch({"leaf-2", false, 1e9, true});
        for (const char* name : {"spine-1", "spine-2"}) {
            const SwitchId spine = net.addSwitch({name, true, 1e9, true});
            net.addLink({{}, "", spine, leaf1, 1e9, 5us, 0, true});
            net.addLink({{}, "", spine, leaf2, 1e9, 5us, 0, true});
        }
        a = machine("worker-1", "10.0.0.11/24");
        b = machine("worker-2", "10.0.0.12/24");
        registry = machine("registry", "10.0.0.20/24");
        linkA = net.addLink({a, "eth0", leaf1, {}, 1e9, 5us, 0, true});
        linkB = net.addLink({b, "eth0", leaf2, {}, 1e9, 5us, 0, true});
        linkRegistry = net.addLink({registry, "eth0", leaf1, {}, 1e9, 5us, 0, true});
        net.stack(registry).listeners.push_back({Protocol::Tcp, std::nullopt, 5000, 700, "registry"});
        podA = pod("pod-a", a, "10.244.1.7/32");
        podB = pod("pod-b", b, "10.244.2.9/32");
        net.stack(podB).listeners.push_back({Protocol::Tcp, std::nullopt, 8080, 900, "shop"});
        route(a, "10.244.2.0/24", "10.0.0.12");
        route(b, "10.244.1.0/24", "10.0.0.11");
        for (const StackId node : {a, b}) {
            FirewallRule out;
            out.source = prefix("10.244.0.0/16");
            out.destination = out.source;
            out.notDestination = true;
            out.target = "MASQUERADE";
            net.stack(node).nat["POSTROUTING"] = {"ACCEPT", {out}};
        }
        net.changed(engine);
    }

    sim::StackId machine(const char* name, const char* address)
    {
        sim::net::Stack s;
        s.name = name;
        s.interfaces.push_back({"eth0", "52:54:00:00:00:01", {prefix(address)}, 1500, true});
        return net.addStack(s);
    }
    sim::StackId pod(const char* name, sim::StackId node, const char* address)
    {
        sim::net::Stack s;
        s.name = name;
        s.node = node;
        s.interfaces.push_back({"eth0", "52:54:00:00:00:02", {prefix(address)}, 1450, true});
        return net.addStack(s);
    }
    void route(sim::StackId at, const char* to, const char* via)
    {
        net.stack(at).routes.push_back(
            {prefix(to), sim::net::Route::Type::Unicast, ip(via), "eth0", std::nullopt, "bird", "global", 0});
    }
    sim::net::PathResult tcp(sim::StackId from, const char* to, std::int64_t port)
    {
        return net.reach(from, ip(to), sim::net::Protocol::Tcp, port);
    }
    sim::net::PathResult ping(sim::StackId from, const char* to)
    {
        return net.reach(from, ip(to), sim::net::Protocol::Icmp, 0);
    }
    static sim::net::FirewallRule rule(const char* target)
    {
        sim::net::FirewallRule r;
        r.target = target;
        return r;
    }
    /// Handles every event due up to `until` and gathers what ended.
    std::vector<std::pair<sim::Instant, sim::net::FlowEnded>> runUntil(sim::Instant until)
    {
        std::vector<std::pair<sim::Instant, sim::net::FlowEnded>> ended;
        while (const auto event = engine.next(until)) {
            net.handle(engine, *event);
            for (const auto& e : net.takeEnded())
                ended.emplace_back(engine.now(), e);
        }
        engine.advanceTo(until);
        return ended;
    }
};
