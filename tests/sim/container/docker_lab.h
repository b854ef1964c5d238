#pragma once

#include "sim/container/docker/daemon.h"
#include "sim/host/standard_machine.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace test {

namespace docker = sim::container::docker;
using namespace std::chrono_literals;

/// One docker host and one other machine on a switch, without the rest of a world.
class DockerLab {
public:
    explicit DockerLab(std::uint64_t seed = 1)
        : engine(sim::Instant{} + 1'772'442'000s, seed)
    {
        sim::net::Switch sw;
        sw.name = "leaf-1";
        const sim::SwitchId leaf = network.addSwitch(sw);
        const auto add = [&](const std::string& name, const std::string& role, std::uint32_t last) {
            sim::host::StandardMachine description;
            description.name = name;
            description.role = role;
            description.cpus = 4;
            description.memoryBytes = 8LL << 30;
            description.diskBytes = 40LL << 30;
            description.address = {0x0a000000 + last};
            description.gateway = sim::net::Ipv4{0x0a000001};
            const sim::HostId id = sim::host::addStandardMachine(engine, network, hosts, description);
            sim::net::Link link;
            link.machine = hosts.at(id).stack;
            link.interface = "eth0";
            link.upper = leaf;
            link.bitsPerSecond = 25e9;
            link.latency = 5us;
            network.addLink(link);
            return id;
        };
        host = add("docker-1", "docker", 61);
        other = add("bastion", "bastion", 5);
        auto context = this->context();
        daemons.install(context, host);
        settle();
        addImage("shop/web", 8080, 60 << 20, {120 << 20, 30 << 20});
        addImage("shop/api", 9000, 90 << 20, {120 << 20, 44 << 20});
    }

    docker::Context context() { return {{engine, network, hosts, registries}, runtimes}; }

    std::string addImage(const std::string& name, std::int64_t port, std::int64_t memory, std::vector<std::int64_t> layers)
    {
        auto image = std::make_shared<sim::container::Image>();
        for (std::size_t i = 0; i < layers.size(); ++i)
            image->layers.push_back({.digest = sim::container::digestOf(i == 0 ? "base" : name + std::to_string(i)), .compressedBytes = layers[i] / 2, .bytes = layers[i]});
        image->program = {.name = name.substr(name.rfind('/') + 1), .command = {"/app/" + name.substr(name.rfind('/') + 1)}, .port = port, .startup = 500ms, .memoryBytes = memory,
                          .idleCores = 0.01, .requestsPerSecond = 50, .readyPath = "/healthz", .startLog = {"listening"}};
        image->digest = sim::container::digestOf("manifest " + name);
        image->configDigest = sim::container::digestOf("config " + name);
        image->created = engine.now() - 24h;
        call(docker::StoreImage{"registry.lab:5000/" + name + ":1.0", image, ""});
        return image->configDigest;
    }

    docker::Outcome call(const docker::Request& request)
    {
        auto context = this->context();
        docker::Outcome outcome = daemons.call(context, host, request);
        settle();
        return outcome;
    }
    docker::CreateContainer wanted(const std::string& name, const std::string& image = "registry.lab:5000/shop/web:1.0")
    {
        docker::CreateContainer create;
        create.name = name;
        create.settings.image = image;
        return create;
    }
    /// Created and started; its id.
    std::string run(const docker::CreateContainer& create)
    {
        const docker::Outcome created = call(create);
        EXPECT_TRUE(created.ok()) << created.error;
        const docker::Outcome started = call(docker::StartContainer{created.id});
        EXPECT_TRUE(started.ok()) << started.error;
        return created.id;
    }
    const docker::Docker& state() const { return *daemons.find(host); }
    const docker::Container& container(const std::string& id) const { return state().containers.at(id); }
    const sim::container::Container& task(const std::string& id) const { return *runtimes.find(container(id).task); }
    std::int64_t used() const { return hosts.at(host).usedBytes(hosts.at(host).mountOf("/var/lib/docker")); }
    sim::StackId stack() const { return hosts.at(host).stack; }

    void advance(sim::Duration duration)
    {
        const sim::Instant to = engine.now() + duration;
        while (const auto event = engine.next(to)) {
            auto context = this->context();
            if (event->part == sim::Part::Net)
                network.handle(engine, *event);
            else if (event->part == sim::Part::Host)
                hosts.handle(engine, network, *event);
            else if (event->part == sim::Part::Container && docker::Daemons::handles(*event))
                daemons.handle(context, *event);
            else if (event->part == sim::Part::Container)
                runtimes.handle(context.parts, *event);
            settle();
        }
        engine.advanceTo(to);
    }
    void settle()
    {
        auto context = this->context();
        for (int round = 0; round < 1000; ++round) {
            const auto flows = network.takeEnded();
            const auto notices = hosts.takeNotices();
            for (const auto& flow : flows)
                daemons.on(context, flow);
            for (const auto& notice : notices) {
                runtimes.on(context.parts, notice);
                daemons.on(context, notice);
            }
            const auto ends = runtimes.takeNotices();
            for (const auto& notice : ends)
                daemons.on(context, notice);
            if (flows.empty() && notices.empty() && ends.empty()) {
                daemons.settle(context);
                return;
            }
        }
        FAIL() << "never quiet";
    }
    std::vector<const sim::host::Process*> processes(const std::string& name) const
    {
        std::vector<const sim::host::Process*> found;
        for (const auto& [pid, process] : hosts.at(host).processes)
            if (process.name == name)
                found.push_back(&process);
        return found;
    }
    void kill(sim::host::Pid pid, int signal = 9)
    {
        hosts.signal(engine, network, host, pid, signal);
        settle();
    }

    sim::Engine engine;
    sim::net::Network network;
    sim::host::Hosts hosts;
    sim::container::Registries registries;
    sim::container::Runtimes runtimes;
    docker::Daemons daemons;
    sim::HostId host;
    sim::HostId other;
};

} // namespace test
