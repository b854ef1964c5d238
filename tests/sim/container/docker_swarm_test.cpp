#include "tests/sim/container/docker_lab.h"

#include <set>

// Random verbs, with what must hold after each of them.
namespace {

using namespace test;

void check(const DockerLab& lab, std::uint64_t seed)
{
    const docker::Docker& state = lab.state();
    std::map<std::string, std::set<std::uint32_t>> addresses;
    std::set<std::int64_t> ports;
    std::set<std::string> names;
    for (const auto& [id, container] : state.containers) {
        EXPECT_TRUE(names.insert(container.name).second) << "seed " << seed;
        const auto* task = lab.runtimes.find(container.task);
        ASSERT_NE(task, nullptr);
        if (state.up)
            EXPECT_EQ(container.runs(), task->state == sim::container::Container::State::Running) << container.name << " seed " << seed;
        if (container.runs())
            EXPECT_EQ(lab.hosts.at(lab.host).processes.count(task->pid), 1u) << "seed " << seed;
        for (const auto& endpoint : container.endpoints)
            if (endpoint.address) {
                EXPECT_TRUE(addresses[endpoint.networkId].insert(endpoint.address->value).second) << endpoint.address->text() << " seed " << seed;
                EXPECT_TRUE(state.networks.at(endpoint.networkId).subnet.contains(*endpoint.address));
                EXPECT_NE(lab.network.stack(lab.stack()).interface(endpoint.veth), nullptr);
            }
        for (const auto& binding : container.bindings)
            EXPECT_TRUE(ports.insert(binding.hostPort).second) << binding.hostPort << " seed " << seed;
        for (const std::string& chain : container.layers)
            EXPECT_EQ(state.layers.count(chain), 1u);
    }
    // Shims and containers that run belong together.
    std::size_t running = 0;
    for (const auto& [id, task] : lab.runtimes.containers())
        running += task.state == sim::container::Container::State::Running ? 1 : 0;
    EXPECT_EQ(lab.processes("containerd-shim").size(), running) << "seed " << seed;
    // Each layer's bytes are on the disk once, and nothing else of overlay2 but writable layers.
    std::int64_t layers = 0;
    for (const auto& [chain, layer] : state.layers)
        layers += layer.layer->bytes;
    std::int64_t disk = 0;
    std::set<std::string> uppers;
    for (const auto& [id, container] : state.containers)
        uppers.insert(container.upper);
    for (const auto& [path, file] : lab.hosts.at(lab.host).files) {
        constexpr std::string_view kOverlay = "/var/lib/docker/overlay2/";
        if (path.rfind(kOverlay, 0) != 0 || file->type != sim::host::File::Type::Regular || path.find("/diff/") == std::string::npos)
            continue;
        if (uppers.count(path.substr(kOverlay.size(), 64)) == 0)
            disk += std::max(file->size, static_cast<std::int64_t>(file->content.size()));
    }
    EXPECT_EQ(disk, layers) << "seed " << seed;
    // Every veth of the machine has a container.
    std::set<std::string> veths;
    for (const auto& [id, container] : state.containers)
        for (const auto& endpoint : container.endpoints)
            veths.insert(endpoint.veth);
    for (const auto& i : lab.network.stack(lab.stack()).interfaces)
        if (i.name.rfind("veth", 0) == 0)
            EXPECT_EQ(veths.count(i.name), 1u) << i.name << " seed " << seed;
}

TEST(DockerSwarm, holdsTogetherUnderRandomVerbs)
{
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        DockerLab lab(seed);
        sim::RandomStream& random = lab.engine.random("swarm");
        lab.call(docker::CreateNetwork{"shop"});
        for (int step = 0; step < 120; ++step) {
            const std::string name = "c" + std::to_string(random.below(5));
            if (!lab.daemons.responds(lab.hosts, lab.host)) {
                lab.advance(3s);
                continue;
            }
            switch (random.below(14)) {
            case 0:
            case 1: {
                auto create = lab.wanted(name, random.below(2) == 0 ? "registry.lab:5000/shop/web:1.0" : "registry.lab:5000/shop/api:1.0");
                create.settings.network = random.below(2) == 0 ? "shop" : "bridge";
                if (random.below(2) == 0)
                    create.settings.ports = {{.hostPort = 8000 + static_cast<std::int64_t>(random.below(3)), .containerPort = 80}};
                if (random.below(3) == 0)
                    create.settings.restart.name = "always";
                if (random.below(4) == 0)
                    create.settings.limits.memoryBytes = 32 << 20;
                if (random.below(4) == 0)
                    create.settings.autoRemove = create.settings.restart.name == "no";
                lab.call(create);
                break;
            }
            case 2:
            case 3: lab.call(docker::StartContainer{name}); break;
            case 4: lab.call(docker::StopContainer{name, static_cast<std::int64_t>(random.below(3))}); break;
            case 5: lab.call(docker::StopContainer{name, 1, true}); break;
            case 6: lab.call(docker::KillContainer{name, 9}); break;
            case 7: lab.call(docker::PauseContainer{name, random.below(2) == 0}); break;
            case 8: lab.call(docker::RemoveContainer{name, random.below(2) == 0, true}); break;
            case 9: lab.call(docker::ConnectNetwork{"shop", name, {}, std::nullopt, random.below(2) == 0}); break;
            case 10:
                if (const auto shims = lab.processes("containerd-shim"); !shims.empty())
                    lab.kill(shims[random.below(shims.size())]->pid);
                break;
            case 11:
                if (random.below(3) == 0)
                    lab.kill(lab.hosts.at(lab.host).units.at(random.below(2) == 0 ? docker::kUnit : "containerd.service").mainPid);
                break;
            case 12: lab.call(docker::PruneImages{random.below(4) == 0}); break;
            case 13: lab.call(docker::PruneContainers{}); break;
            }
            lab.advance(std::chrono::milliseconds(random.below(1500)));
            check(lab, seed);
            if (testing::Test::HasFailure())
                return;
        }
    }
}

TEST(DockerSwarm, sameSeedSameFate)
{
    const auto fate = [] {
        DockerLab lab(7);
        auto create = lab.wanted("web");
        create.settings.restart.name = "always";
        create.settings.limits.memoryBytes = 32 << 20;
        lab.run(create);
        lab.advance(2min);
        sim::Fingerprint f;
        lab.daemons.addTo(f);
        lab.hosts.addTo(f);
        lab.network.addTo(f);
        return f.value();
    };
    EXPECT_EQ(fate(), fate());
}

} // namespace
