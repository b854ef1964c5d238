#include "sim/faults/docker_door.h"

#include "sim/host/standard_machine.h"

#include <fmt/format.h>

namespace sim::faults {

namespace docker = container::docker;

namespace {

constexpr std::int64_t kMebi = 1 << 20;
constexpr const char* kRegistry = "registry.lab:5000/shop/";

docker::CreateContainer serviceOf(const std::string& name, const std::string& image)
{
    docker::CreateContainer create;
    create.name = name;
    create.settings.image = image;
    create.settings.network = "shop";
    create.settings.restart.name = "unless-stopped";
    return create;
}

std::string quoted(const std::string& word)
{
    return word.empty() || word.find_first_of(" ;&|$") != std::string::npos ? "'" + word + "'" : word;
}

std::string portText(const docker::Publish& port) { return fmt::format("{}:{}", port.hostPort, port.containerPort); }

} // namespace

Result<HostId> findDockerHost(Context& context)
{
    const host::Machine* machine = context.parts.hosts.find(kDockerMachine);
    if (machine == nullptr || context.dockers.find(machine->id) == nullptr || !context.dockers.responds(context.parts.hosts, machine->id))
        return Error{"the topology has no such docker host", kDockerMachine};
    return machine->id;
}

docker::Outcome DockerDoor::call(const docker::Request& request)
{
    kube::Context& parts = m_context.parts;
    docker::Context context{parts.runtimeContext(), parts.runtimes};
    return m_context.dockers.call(context, m_host, request);
}

void DockerDoor::remove(const std::string& name) { call(docker::RemoveContainer{name, true, false}); }

void DockerDoor::run(const docker::CreateContainer& create, const std::string& script)
{
    if (call(create).ok())
        call(docker::StartContainer{create.name});
    if (!script.empty())
        write(std::string(kShopFolder) + "/" + script, "#!/bin/sh\n" + commandLineOf(create) + "\n", 0755);
}

const docker::Container* DockerDoor::find(const std::string& name) const
{
    for (const auto& [id, container] : docker().containers)
        if (container.name == name)
            return &container;
    return nullptr;
}

std::string DockerDoor::addressOf(const std::string& name) const
{
    const docker::Container* container = find(name);
    return container == nullptr || container->endpoints.empty() || !container->endpoints.front().address
        ? std::string() : container->endpoints.front().address->text();
}

net::Stack& DockerDoor::machineStack() { return m_context.parts.network.stack(machine().stack); }

void DockerDoor::write(const std::string& path, const std::string& text, std::uint32_t mode)
{
    kube::Context& parts = m_context.parts;
    parts.hosts.makeDirectory(parts.engine, m_host, path.substr(0, path.rfind('/')), true);
    parts.hosts.writeFile(parts.engine, m_host, path, text, false, mode);
}

void DockerDoor::startNginx()
{
    kube::Context& parts = m_context.parts;
    host::StandardUnit unit;
    unit.name = "nginx.service";
    unit.text = "[Unit]\nDescription=A high performance web server and a reverse proxy server\nDocumentation=man:nginx(8)\n\n"
                "[Service]\nType=notify\nExecStart=/usr/sbin/nginx -g 'daemon off;'\nRestart=on-failure\n\n[Install]\nWantedBy=multi-user.target\n";
    constexpr std::int64_t kNginxBytes = 9 * kMebi; // ps on Debian 12: master and one worker
    constexpr std::int64_t kHttp = 80;
    unit.memoryBytes = kNginxBytes;
    unit.cpuCores = 0.01;
    unit.listens = {kHttp};
    host::installUnit(machine(), unit, parts.engine.now());
    parts.hosts.startUnit(parts.engine, parts.network, m_host, unit.name);
}

docker::CreateContainer redisContainer()
{
    docker::CreateContainer create = serviceOf("redis", "redis:7");
    create.settings.mounts.push_back({.kind = docker::MountPoint::Kind::Volume, .source = "redis-data", .target = "/data"});
    return create;
}

docker::CreateContainer apiContainer(const std::string& tag)
{
    docker::CreateContainer create = serviceOf("api", kRegistry + ("api:" + tag));
    create.settings.environment = {"DATABASE_URL=redis://redis:6379"};
    create.settings.ports.push_back({.hostPort = 9000, .containerPort = 9000});
    create.settings.limits.memoryBytes = 512 * kMebi;
    create.settings.limits.cpus = 1.5;
    return create;
}

docker::CreateContainer webContainer(const std::string& tag)
{
    docker::CreateContainer create = serviceOf("web", kRegistry + ("web:" + tag));
    create.settings.environment = {"API_URL=http://api:9000"};
    create.settings.ports.push_back({.hostPort = 80, .containerPort = 8080});
    create.settings.limits.memoryBytes = 384 * kMebi;
    if (tag == "1.1")
        return create;
    create.settings.environment.push_back("PAYMENT_URL=https://pay.example.net/v1");
    create.settings.mounts.push_back({.kind = docker::MountPoint::Kind::Bind, .source = "/srv/shop/web.yaml", .target = "/app/web.yaml", .readOnly = true});
    create.settings.restart = {"on-failure", 5};
    return create;
}

std::string commandLineOf(const docker::CreateContainer& create)
{
    const docker::Settings& s = create.settings;
    std::string line = "docker run -d --name " + create.name;
    const auto add = [&](const std::string& words) { line += " \\\n  " + words; };
    if (s.network != "bridge")
        add("--network " + s.network);
    for (const docker::Publish& port : s.ports)
        add("-p " + portText(port));
    for (const std::string& variable : s.environment)
        add("-e " + quoted(variable));
    for (const docker::MountPoint& mount : s.mounts)
        add(fmt::format("-v {}:{}{}", mount.source, mount.target, mount.readOnly ? ":ro" : ""));
    for (const std::string& extra : s.extraHosts)
        add("--add-host " + extra);
    if (s.limits.memoryBytes > 0)
        add(fmt::format("-m {}m", s.limits.memoryBytes / kMebi));
    if (s.limits.cpus > 0)
        add(fmt::format("--cpus {}", s.limits.cpus));
    if (s.health)
        add(fmt::format("--health-cmd {} --health-interval {}s --health-start-period {}s", quoted(s.health->test.back()),
                        s.health->interval / Duration(1s), s.health->startPeriod / Duration(1s)));
    if (s.restart.name != "no")
        add("--restart " + s.restart.name + (s.restart.maximumRetries > 0 ? fmt::format(":{}", s.restart.maximumRetries) : ""));
    std::string last = s.image;
    for (const std::string& word : s.command)
        last += " " + quoted(word);
    add(last);
    return line;
}

} // namespace sim::faults
