#pragma once

#include "sim/faults/catalogue.h"

#include <string>
#include <vector>

namespace sim::faults {

inline constexpr const char* kDockerMachine = "docker-1";
/// Where the shop's people keep what they type.
inline constexpr const char* kShopFolder = "/srv/shop";

/// What somebody with the docker command line does on a machine.
class DockerDoor {
public:
    /// Requires: findDockerHost().
    DockerDoor(Context& context, HostId host) : m_context(context), m_host(host) { }

    container::docker::Outcome call(const container::docker::Request& request);
    /// docker rm -f; nothing when there is no such container.
    void remove(const std::string& name);
    /// docker run -d: created, and started as far as that goes. Afterwards `script` in the shop's folder holds the command line.
    void run(const container::docker::CreateContainer& create, const std::string& script = {});
    const container::docker::Docker& docker() const { return *m_context.dockers.find(m_host); }
    /// Null: no such container.
    const container::docker::Container* find(const std::string& name) const;
    std::string addressOf(const std::string& name) const;
    net::Stack& machineStack();
    host::Machine& machine() { return m_context.parts.hosts.at(m_host); }
    HostId host() const { return m_host; }
    void write(const std::string& path, const std::string& text, std::uint32_t mode = 0644);
    /// nginx of the distribution, which listens on port 80.
    void startNginx();

private:
    Context& m_context;
    HostId m_host;
};

/// The shop's docker host; an error where the topology has none.
Result<HostId> findDockerHost(Context& context);

/// The shop's containers as its README has them.
container::docker::CreateContainer redisContainer();
container::docker::CreateContainer apiContainer(const std::string& tag = "2.3");
/// Of release 1.1, or of a later one with what those need beside it.
container::docker::CreateContainer webContainer(const std::string& tag = "1.1");

/// "docker run -d --name web ... IMAGE COMMAND", one option a line.
std::string commandLineOf(const container::docker::CreateContainer& create);

} // namespace sim::faults
