#include "sim/container/docker/build.h"
#include "tests/sim/container/docker_lab.h"

#include <algorithm>

// Docker as a living thing: what is done to its processes, networks and disk has its effect.
namespace {

using namespace test;
using sim::net::Protocol;
using sim::net::Verdict;
using State = docker::Container::State;

TEST(Docker, runsProcessesBelowAShimOfTheirOwn)
{
    DockerLab lab;
    const std::string id = lab.run(lab.wanted("web"));
    lab.advance(2s);
    const auto shims = lab.processes("containerd-shim");
    ASSERT_EQ(shims.size(), 1u);
    EXPECT_EQ(shims[0]->parent, 1);
    EXPECT_EQ(shims[0]->command[2], "moby");
    const auto& process = lab.hosts.at(lab.host).processes.at(lab.task(id).pid);
    EXPECT_EQ(process.parent, shims[0]->pid);
    EXPECT_EQ(process.cgroup, "/system.slice/docker-" + id + ".scope");
    EXPECT_TRUE(lab.task(id).serving(lab.engine.now()));
}

TEST(Docker, publishesPortsWithRulesAndAProxy)
{
    DockerLab lab;
    auto create = lab.wanted("web");
    create.settings.ports = {{.hostPort = 80, .containerPort = 8080}};
    const std::string id = lab.run(create);
    lab.advance(2s);
    ASSERT_EQ(lab.processes("docker-proxy").size(), 1u);
    const auto path = lab.network.reach(lab.hosts.at(lab.other).stack, {0x0a00003d}, Protocol::Tcp, 80);
    EXPECT_EQ(path.verdict, Verdict::Delivered) << path.stoppedBy;
    EXPECT_EQ(path.target, lab.task(id).stack);
    EXPECT_EQ(path.reachedPort, 8080);
    // From the machine itself by its loopback address only the proxy answers.
    const auto local = lab.network.reach(lab.stack(), {0x7f000001}, Protocol::Tcp, 80);
    EXPECT_EQ(local.target, lab.stack());

    auto second = lab.wanted("web-2");
    second.settings.ports = create.settings.ports;
    const auto created = lab.call(second);
    const auto started = lab.call(docker::StartContainer{created.id});
    EXPECT_NE(started.error.find("Bind for 0.0.0.0:80 failed: port is already allocated"), std::string::npos) << started.error;
    second.name = "web-3";
    second.settings.ports = {{.hostPort = 22, .containerPort = 8080}};
    const auto third = lab.call(docker::StartContainer{lab.call(second).id});
    EXPECT_NE(third.error.find("listen tcp4 0.0.0.0:22: bind: address already in use"), std::string::npos) << third.error;

    lab.call(docker::StopContainer{"web"});
    lab.advance(15s);
    EXPECT_TRUE(lab.processes("docker-proxy").empty());
    EXPECT_EQ(lab.network.reach(lab.hosts.at(lab.other).stack, {0x0a00003d}, Protocol::Tcp, 80).verdict, Verdict::Refused);
}

TEST(Docker, handsOutAddressesInOrder)
{
    DockerLab lab;
    const auto address = [&](const std::string& id) { return lab.container(id).endpoints.front().address->text(); };
    const std::string first = lab.run(lab.wanted("first"));
    const std::string second = lab.run(lab.wanted("second"));
    EXPECT_EQ(address(first), "172.17.0.2");
    EXPECT_EQ(address(second), "172.17.0.3");
    for (const char* name : {"first", "second"})
        lab.call(docker::StopContainer{name, 0});
    lab.advance(2s);
    lab.call(docker::StartContainer{"second"});
    lab.call(docker::StartContainer{"first"});
    EXPECT_EQ(address(second), "172.17.0.2"); // whoever remembered the address now asks somebody else
    EXPECT_EQ(address(first), "172.17.0.3");
}

TEST(Docker, isolatesBridgesAndKnowsNamesOnThem)
{
    DockerLab lab;
    ASSERT_TRUE(lab.call(docker::CreateNetwork{"shop"}).ok());
    auto web = lab.wanted("web");
    web.settings.network = "shop";
    auto api = lab.wanted("api", "registry.lab:5000/shop/api:1.0");
    api.settings.network = "shop";
    api.settings.aliases = {"backend"};
    const std::string webId = lab.run(web);
    const std::string apiId = lab.run(api);
    const std::string lone = lab.run(lab.wanted("lone"));
    lab.advance(2s);
    const auto target = *lab.container(apiId).endpoints.front().address;
    EXPECT_EQ(target.text(), "172.18.0.3");
    EXPECT_EQ(lab.daemons.lookUp(lab.runtimes, lab.task(webId).stack, "api"), std::vector{target});
    EXPECT_EQ(lab.daemons.lookUp(lab.runtimes, lab.task(webId).stack, "backend"), std::vector{target});
    EXPECT_TRUE(lab.daemons.lookUp(lab.runtimes, lab.task(lone).stack, "api").empty()); // the default bridge knows none
    EXPECT_EQ(lab.network.reach(lab.task(webId).stack, target, Protocol::Tcp, 9000).verdict, Verdict::Delivered);
    EXPECT_EQ(lab.network.reach(lab.task(lone).stack, target, Protocol::Tcp, 9000).verdict, Verdict::TimedOut);
    EXPECT_EQ(lab.network.reach(lab.stack(), target, Protocol::Tcp, 9000).verdict, Verdict::Delivered);
    const auto out = lab.network.reach(lab.task(webId).stack, {0x0a000005}, Protocol::Tcp, 22);
    EXPECT_EQ(out.verdict, Verdict::Delivered) << out.stoppedBy; // masqueraded

    ASSERT_TRUE(lab.call(docker::ConnectNetwork{"shop", "lone"}).ok());
    EXPECT_EQ(lab.network.reach(lab.task(lone).stack, target, Protocol::Tcp, 9000).verdict, Verdict::Delivered);
    ASSERT_TRUE(lab.call(docker::ConnectNetwork{"shop", "lone", {}, std::nullopt, false}).ok());
    EXPECT_EQ(lab.network.reach(lab.task(lone).stack, target, Protocol::Tcp, 9000).verdict, Verdict::TimedOut);
    EXPECT_NE(lab.call(docker::RemoveNetwork{"shop"}).error.find("has active endpoints"), std::string::npos);
}

TEST(Docker, forwardingOffCutsContainersOff)
{
    DockerLab lab;
    const std::string id = lab.run(lab.wanted("web"));
    lab.hosts.setSysctl(lab.engine, lab.network, lab.host, "net.ipv4.ip_forward", "0");
    EXPECT_EQ(lab.network.reach(lab.task(id).stack, {0x0a000005}, Protocol::Tcp, 22).verdict, Verdict::TimedOut);
}

TEST(Docker, killsWhatIsOverItsMemory)
{
    DockerLab lab;
    auto create = lab.wanted("web");
    create.settings.limits.memoryBytes = 32 << 20; // the program wants 60 MiB
    const std::string once = lab.run(create);
    lab.advance(700ms);
    EXPECT_TRUE(lab.container(once).outOfMemory);
    EXPECT_EQ(lab.container(once).exitCode, 137);
    EXPECT_EQ(lab.container(once).state, State::Exited);
    create.name = "again";
    create.settings.restart = {"on-failure", 2};
    const std::string id = lab.run(create);
    lab.advance(10s);
    EXPECT_EQ(lab.container(id).state, State::Exited);
    EXPECT_EQ(lab.container(id).restartCount, 2);
    EXPECT_TRUE(lab.container(id).outOfMemory);
}

TEST(Docker, backsOffBetweenRestarts)
{
    DockerLab lab;
    auto create = lab.wanted("job");
    create.settings.entrypoint = std::vector<std::string>{"false"};
    create.settings.restart.name = "always";
    const std::string id = lab.run(create);
    lab.advance(1s);
    const std::int64_t early = lab.container(id).restartCount;
    EXPECT_GE(early, 2); // 100 ms, 200 ms, 400 ms
    lab.advance(5min);
    EXPECT_EQ(lab.container(id).backOff, 60s);
    EXPECT_LE(lab.container(id).restartCount, 16);
    EXPECT_EQ(lab.container(id).exitCode, 1);
    lab.call(docker::StopContainer{"job"});
    EXPECT_EQ(lab.container(id).state, State::Exited);
    const std::int64_t count = lab.container(id).restartCount;
    lab.advance(3min);
    EXPECT_EQ(lab.container(id).restartCount, count);
}

TEST(Docker, aDeadShimTakesItsContainerAlong)
{
    DockerLab lab;
    const std::string id = lab.run(lab.wanted("web"));
    lab.advance(2s);
    lab.kill(lab.processes("containerd-shim").front()->pid);
    EXPECT_EQ(lab.container(id).state, State::Exited);
    EXPECT_EQ(lab.container(id).exitCode, 137);
    EXPECT_EQ(lab.hosts.at(lab.host).processes.count(lab.task(id).pid), 0u);
}

TEST(Docker, containersOutliveContainerd)
{
    DockerLab lab;
    const std::string id = lab.run(lab.wanted("web"));
    lab.advance(2s);
    lab.kill(lab.hosts.at(lab.host).units.at("containerd.service").mainPid);
    EXPECT_EQ(lab.container(id).state, State::Running);
    const auto refused = lab.call(docker::StartContainer{lab.call(lab.wanted("late")).id});
    EXPECT_NE(refused.error.find("containerd.sock"), std::string::npos);
    lab.advance(10s); // systemd starts it again; dockerd finds it
    EXPECT_TRUE(lab.call(docker::StartContainer{"late"}).ok());
    EXPECT_EQ(lab.container(id).state, State::Running);
}

TEST(Docker, stoppingTheDaemonStopsContainersUnlessLiveRestore)
{
    for (const bool live : {false, true}) {
        DockerLab lab;
        if (live) {
            lab.hosts.makeDirectory(lab.engine, lab.host, "/etc/docker", true);
            lab.hosts.writeFile(lab.engine, lab.host, "/etc/docker/daemon.json", "{\"live-restore\": true}\n", false);
            lab.hosts.restartUnit(lab.engine, lab.network, lab.host, docker::kUnit);
            lab.advance(5s);
        }
        auto create = lab.wanted("web");
        create.settings.restart.name = "unless-stopped";
        create.settings.ports = {{.hostPort = 80, .containerPort = 8080}};
        const std::string id = lab.run(create);
        auto plain = lab.wanted("plain");
        const std::string other = lab.run(plain);
        lab.advance(2s);
        const auto pid = lab.task(id).pid;
        lab.hosts.stopUnit(lab.engine, lab.network, lab.host, docker::kUnit);
        lab.settle();
        lab.advance(5s);
        EXPECT_FALSE(lab.daemons.responds(lab.hosts, lab.host));
        EXPECT_EQ(lab.hosts.at(lab.host).processes.count(pid), live ? 1u : 0u);
        EXPECT_TRUE(lab.processes("docker-proxy").empty()); // its parent is gone
        if (live) // the rules stay
            EXPECT_EQ(lab.network.reach(lab.hosts.at(lab.other).stack, {0x0a00003d}, Protocol::Tcp, 80).verdict, Verdict::Delivered);
        lab.hosts.startUnit(lab.engine, lab.network, lab.host, docker::kUnit);
        lab.settle();
        lab.advance(5s);
        EXPECT_TRUE(lab.daemons.responds(lab.hosts, lab.host));
        EXPECT_EQ(lab.container(id).state, State::Running);
        EXPECT_EQ(lab.task(id).pid == pid, live);
        EXPECT_EQ(lab.container(other).state, live ? State::Running : State::Exited);
    }
}

TEST(Docker, aKilledDaemonComesBackAndRestoresOrder)
{
    DockerLab lab;
    auto create = lab.wanted("web");
    create.settings.restart.name = "always";
    const std::string id = lab.run(create);
    const std::string plain = lab.run(lab.wanted("plain"));
    lab.advance(2s);
    const auto pid = lab.task(id).pid;
    lab.kill(lab.hosts.at(lab.host).units.at(docker::kUnit).mainPid);
    EXPECT_EQ(lab.hosts.at(lab.host).processes.count(pid), 1u); // shims go on
    EXPECT_FALSE(lab.daemons.responds(lab.hosts, lab.host));
    lab.advance(10s);
    EXPECT_TRUE(lab.daemons.responds(lab.hosts, lab.host));
    EXPECT_EQ(lab.container(id).state, State::Running);
    EXPECT_NE(lab.task(id).pid, pid); // without live-restore it is stopped and started anew
    EXPECT_EQ(lab.container(plain).state, State::Exited);
}

TEST(Docker, survivesAReboot)
{
    DockerLab lab;
    auto create = lab.wanted("web");
    create.settings.restart.name = "always";
    create.settings.ports = {{.hostPort = 80, .containerPort = 8080}};
    const std::string id = lab.run(create);
    const std::string plain = lab.run(lab.wanted("plain"));
    lab.advance(2s);
    lab.hosts.reboot(lab.engine, lab.network, lab.host);
    lab.settle();
    lab.advance(5min);
    EXPECT_EQ(lab.container(id).state, State::Running) << lab.container(id).error;
    EXPECT_EQ(lab.container(plain).state, State::Exited);
    EXPECT_EQ(lab.network.reach(lab.hosts.at(lab.other).stack, {0x0a00003d}, Protocol::Tcp, 80).verdict, Verdict::Delivered);
}

TEST(Docker, checksHealth)
{
    DockerLab lab;
    auto create = lab.wanted("web");
    create.settings.health = sim::container::HealthCheck{.test = {"CMD-SHELL", "curl -f http://localhost:8080/healthz || exit 1"}, .interval = 5s, .timeout = 3s, .retries = 2};
    const std::string id = lab.run(create);
    EXPECT_EQ(lab.container(id).health.status, "starting");
    lab.advance(6s);
    EXPECT_EQ(lab.container(id).health.status, "healthy");
    lab.call(docker::PauseContainer{"web"});
    lab.advance(20s);
    EXPECT_EQ(lab.container(id).health.status, "unhealthy");
    EXPECT_EQ(lab.container(id).health.probes.back().exitCode, -1);
    lab.call(docker::PauseContainer{"web", false});
    lab.advance(10s);
    EXPECT_EQ(lab.container(id).health.status, "healthy");
}

/// Bytes of everything docker keeps: layers once, writable layers, volumes, logs.
std::int64_t dockerBytes(const DockerLab& lab)
{
    std::int64_t bytes = 0;
    for (const auto& [path, file] : lab.hosts.at(lab.host).files)
        if (path.rfind("/var/lib/docker/", 0) == 0 && file->type == sim::host::File::Type::Regular)
            bytes += std::max(file->size, static_cast<std::int64_t>(file->content.size()));
    return bytes;
}

TEST(Docker, sharesLayersOnTheDisk)
{
    DockerLab lab;
    const std::int64_t before = lab.used();
    lab.addImage("shop/third", 7000, 20 << 20, {120 << 20, 5 << 20});
    EXPECT_NEAR(static_cast<double>(lab.used() - before), 5 << 20, 200'000); // the base is there
    const auto removed = lab.call(docker::RemoveImage{"registry.lab:5000/shop/third:1.0"});
    ASSERT_TRUE(removed.ok()) << removed.error;
    EXPECT_EQ(removed.removed.front(), "Untagged: registry.lab:5000/shop/third:1.0");
    EXPECT_NEAR(static_cast<double>(lab.used()), static_cast<double>(before), 50'000);
}

TEST(Docker, writesLandInTheContainersLayerOrItsVolumes)
{
    DockerLab lab;
    auto create = lab.wanted("web");
    create.settings.mounts = {{.source = "data", .target = "/data"}};
    const std::string id = lab.run(create);
    const auto inside = lab.daemons.hostPath(lab.runtimes, lab.container(id).task, "/var/tmp/x");
    const auto volume = lab.daemons.hostPath(lab.runtimes, lab.container(id).task, "/data/db");
    ASSERT_TRUE(inside && volume);
    EXPECT_EQ(inside->path, "/var/lib/docker/overlay2/" + lab.container(id).upper + "/diff/var/tmp/x");
    EXPECT_EQ(volume->path, "/var/lib/docker/volumes/data/_data/db");
    lab.hosts.writeFile(lab.engine, lab.host, volume->path, "", false, 0644, 10 << 20);
    const std::int64_t before = dockerBytes(lab);
    EXPECT_NE(lab.call(docker::RemoveVolume{"data"}).error.find("volume is in use"), std::string::npos);
    lab.call(docker::RemoveContainer{"web", true});
    EXPECT_EQ(lab.call(docker::PruneVolumes{}).removed.size(), 0u); // named ones stay
    const auto pruned = lab.call(docker::PruneVolumes{true});
    EXPECT_EQ(pruned.reclaimedBytes, 10 << 20);
    EXPECT_LE(dockerBytes(lab), before - (10 << 20));
}

TEST(Docker, logsFillTheDiskOrRotate)
{
    for (const bool rotates : {false, true}) {
        DockerLab lab;
        auto image = std::make_shared<sim::container::Image>(*lab.state().images.begin()->second.image);
        image->config.logBytesPerSecond = 2 << 20;
        image->configDigest = sim::container::digestOf("chatty");
        lab.call(docker::StoreImage{"docker.io/library/chatty:latest", image, ""});
        auto create = lab.wanted("chatty", "chatty");
        create.settings.logMaxBytes = rotates ? 20 << 20 : 0;
        create.settings.logMaxFiles = 3;
        const std::string id = lab.run(create);
        lab.advance(2min);
        std::int64_t bytes = 0;
        for (const auto& [path, file] : lab.hosts.at(lab.host).files)
            if (path.rfind("/var/lib/docker/containers/" + id + "/" + id + "-json.log", 0) == 0)
                bytes += file->size;
        if (rotates)
            EXPECT_LE(bytes, 3 * (34 << 20)); // looked at every five seconds
        else
            EXPECT_GE(bytes, 200 << 20);
    }
}

TEST(Docker, buildsWithACacheAndShowsWhereSizeComesFrom)
{
    DockerLab lab;
    auto base = std::make_shared<sim::container::Image>();
    base->layers.push_back({.digest = sim::container::digestOf("debian"), .bytes = 117 << 20});
    base->config.command = {"bash"};
    base->digest = sim::container::digestOf("debian m");
    base->configDigest = sim::container::digestOf("debian c");
    lab.call(docker::StoreImage{"docker.io/library/debian:12", base, ""});
    const auto put = [&](const std::string& path, const std::string& text) {
        lab.hosts.makeDirectory(lab.engine, lab.host, path.substr(0, path.rfind('/')), true);
        lab.hosts.writeFile(lab.engine, lab.host, path, text, false);
    };
    put("/srv/app/main.py", "print('hello')\n");
    put("/srv/app/.dockerignore", "*.log\n");
    put("/srv/app/big.log", std::string(5000, 'x'));
    const auto build = [&](const std::string& dockerfile) {
        put("/srv/app/Dockerfile", dockerfile);
        docker::BuildOrder order;
        order.context = "/srv/app";
        order.tags = {"app"};
        const auto plan = docker::planBuild(lab.state(), lab.hosts, lab.engine.now(), order);
        EXPECT_EQ(plan.parseError, "");
        for (const auto& vertex : plan.vertices) {
            EXPECT_EQ(vertex.error, "") << vertex.title;
            for (const auto& keep : vertex.keeps)
                EXPECT_TRUE(lab.call(keep).ok());
        }
        EXPECT_TRUE(plan.image);
        EXPECT_TRUE(lab.call(docker::StoreImage{"docker.io/library/app:latest", plan.image, ""}).ok());
        return plan;
    };
    const auto apart = build("FROM debian:12\nWORKDIR /app\nRUN apt-get update\nRUN apt-get install -y curl\nRUN rm -rf /var/lib/apt/lists/*\nCOPY . .\nCMD [\"python3\", \"main.py\"]\n");
    const auto merged = build("FROM debian:12\nWORKDIR /app\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\nCOPY . .\nCMD [\"python3\", \"main.py\"]\n");
    EXPECT_GE(apart.image->bytes() - merged.image->bytes(), 19'000'000); // the lists are hidden, not gone
    const auto again = build("FROM debian:12\nWORKDIR /app\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\nCOPY . .\nCMD [\"python3\", \"main.py\"]\n");
    EXPECT_EQ(std::count_if(again.vertices.begin(), again.vertices.end(), [](const auto& v) { return v.cached; }), 4);
    EXPECT_EQ(again.image->configDigest, merged.image->configDigest);
    put("/srv/app/main.py", "print('changed')\n");
    const auto changed = build("FROM debian:12\nWORKDIR /app\nRUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*\nCOPY . .\nCMD [\"python3\", \"main.py\"]\n");
    EXPECT_EQ(std::count_if(changed.vertices.begin(), changed.vertices.end(), [](const auto& v) { return v.cached; }), 3);
    const auto copied = std::find_if(changed.image->layers.back().files.begin(), changed.image->layers.back().files.end(), [](const auto& f) { return f.path == "/app/big.log"; });
    EXPECT_EQ(copied, changed.image->layers.back().files.end());
}

TEST(Docker, refusesADockerfileInBuildKitsWords)
{
    DockerLab lab;
    lab.hosts.makeDirectory(lab.engine, lab.host, "/srv/app", true);
    lab.hosts.writeFile(lab.engine, lab.host, "/srv/app/Dockerfile", "FROM scratch\n\nRUNN true\n", false);
    docker::BuildOrder order;
    order.context = "/srv/app";
    const auto plan = docker::planBuild(lab.state(), lab.hosts, lab.engine.now(), order);
    EXPECT_EQ(plan.parseError, "dockerfile parse error on line 3: unknown instruction: RUNN (did you mean RUN?)");
}

} // namespace
