// Docker on plain hosts: what a topology's "docker" says of a machine's images, networks, volumes and containers.
#include "sim/engine/split.h"
#include "sim/world/topology_builder.h"

#include <fmt/format.h>

#include <stdexcept>

namespace sim {

namespace {

namespace docker = container::docker;
using nlohmann::json;

std::vector<std::string> texts(const json& object, const char* key)
{
    const auto it = object.find(key);
    return it == object.end() ? std::vector<std::string>{} : it->get<std::vector<std::string>>();
}

/// "8080:80", "127.0.0.1:5353:53/udp", "80"
docker::Publish publishOf(const std::string& text)
{
    docker::Publish publish;
    std::vector<std::string> parts = split(text.substr(0, text.find('/')), ':');
    publish.udp = text.find("/udp") != std::string::npos;
    publish.containerPort = std::stoll(parts.back());
    if (parts.size() > 1)
        publish.hostPort = std::stoll(parts[parts.size() - 2]);
    if (parts.size() > 2)
        publish.address = net::Ipv4::parse(parts.front());
    return publish;
}

docker::MountPoint mountOf(const std::string& text)
{
    const std::vector<std::string> parts = split(text, ':');
    docker::MountPoint mount;
    mount.source = parts.front();
    mount.target = parts.at(1);
    mount.readOnly = parts.size() > 2 && parts[2] == "ro";
    if (mount.source.front() == '/')
        mount.kind = docker::MountPoint::Kind::Bind;
    return mount;
}

docker::CreateContainer containerOf(const json& from)
{
    constexpr double kMebi = 1024 * 1024;
    docker::CreateContainer create;
    create.name = from.at("name");
    docker::Settings& settings = create.settings;
    settings.image = from.at("image");
    settings.command = texts(from, "command");
    if (from.contains("entrypoint"))
        settings.entrypoint = texts(from, "entrypoint");
    settings.environment = texts(from, "environment");
    settings.network = from.value("network", "bridge");
    settings.aliases = texts(from, "aliases");
    for (const std::string& port : texts(from, "ports"))
        settings.ports.push_back(publishOf(port));
    for (const std::string& mount : texts(from, "volumes"))
        settings.mounts.push_back(mountOf(mount));
    settings.limits.memoryBytes = static_cast<std::int64_t>(from.value("memoryMiB", 0.0) * kMebi);
    settings.limits.cpus = from.value("cpus", 0.0);
    settings.limits.pids = from.value("pids", std::int64_t{0});
    const std::string restart = from.value("restart", "no");
    settings.restart.name = restart.substr(0, restart.find(':'));
    if (const auto colon = restart.find(':'); colon != std::string::npos)
        settings.restart.maximumRetries = std::stoll(restart.substr(colon + 1));
    settings.logMaxBytes = static_cast<std::int64_t>(from.value("logMaxMiB", 0.0) * kMebi);
    settings.logMaxFiles = from.value("logMaxFiles", std::int64_t{1});
    if (const auto check = from.find("health"); check != from.end())
        settings.health = healthCheckOf(*check);
    return create;
}

} // namespace

container::HealthCheck healthCheckOf(const json& from)
{
    container::HealthCheck check;
    check.test = {"CMD-SHELL", from.at("test").get<std::string>()};
    check.interval = fromSeconds(from.value("intervalSeconds", 30.0));
    check.timeout = fromSeconds(from.value("timeoutSeconds", 30.0));
    check.startPeriod = fromSeconds(from.value("startPeriodSeconds", 0.0));
    check.retries = from.value("retries", std::int64_t{3});
    return check;
}

std::string TopologyBuilder::addDockers()
{
    for (const host::Machine& machine : m_world.m_hosts.all())
        if (machine.units.count(docker::kUnit) > 0) {
            docker::Context context = m_world.dockerContext();
            m_world.m_dockers.install(context, machine.id);
        }
    const json machines = m_topology.value("docker", json::object());
    for (const auto& [name, wanted] : machines.items()) {
        const HostId host = hostNamed(name);
        if (m_world.m_dockers.find(host) == nullptr)
            return fmt::format("docker is not installed on {}", name);
        docker::Context context = m_world.dockerContext();
        const auto call = [&](const docker::Request& request) { return m_world.m_dockers.call(context, host, request); };
        for (const std::string& one : texts(wanted, "images")) {
            const auto reference = container::Reference::parse(one);
            const auto image = reference ? m_images.find(reference->text()) : m_images.end();
            if (image == m_images.end())
                return fmt::format("docker on {}: the topology has no image {}", name, one);
            const docker::Outcome stored = call(docker::StoreImage{reference->text(), image->second, reference->registry + "/" + reference->repository});
            if (!stored.ok())
                return fmt::format("docker on {}: {}: {}", name, one, stored.error);
        }
        for (const json& network : wanted.value("networks", json::array())) {
            docker::CreateNetwork create;
            create.name = network.at("name");
            if (network.contains("subnet"))
                create.subnet = net::Prefix::parse(network.at("subnet").get<std::string>());
            create.internal = network.value("internal", false);
            if (const docker::Outcome made = call(create); !made.ok())
                return fmt::format("docker on {}: {}", name, made.error);
        }
        for (const std::string& volume : texts(wanted, "volumes"))
            call(docker::CreateVolume{volume, {}});
        for (const json& container : wanted.value("containers", json::array())) {
            const docker::Outcome created = call(containerOf(container));
            if (!created.ok())
                return fmt::format("docker on {}: {}", name, created.error);
            if (container.value("running", true))
                if (const docker::Outcome started = call(docker::StartContainer{created.id}); !started.ok())
                    return fmt::format("docker on {}: {}", name, started.error);
            m_world.settle();
        }
    }
    return {};
}

} // namespace sim
