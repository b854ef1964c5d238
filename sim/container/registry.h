#pragma once

#include "sim/container/image.h"
#include "sim/engine/engine.h"
#include "sim/host/hosts.h"
#include "sim/net/network.h"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sim::container {

/// An account of the registry's token service and the projects (first path element) it may pull from.
struct Account {
    std::string password;
    std::vector<std::string> projects; ///< "*" for all
    bool operator==(const Account&) const = default;
};
BOOST_DESCRIBE_STRUCT(Account, (), (password, projects))

/// A Docker distribution registry on one machine. What it serves is what lies in its storage folder on
/// that machine's disk (docker/registry/v2/repositories/...), so that deleting, moving or locking the
/// files has its real effect; only the images' bytes are kept aside, by digest.
struct Registry {
    std::string name;      ///< "registry.lab:5000", as references name it
    HostId host;
    std::string unit = "registry.service";
    std::string user = "registry"; ///< the daemon's user
    std::int64_t port = 5000;
    std::string config = "/etc/docker/registry/config.yml";
    std::string root;      ///< storage.filesystem.rootdirectory as read at the last start
    std::map<std::string, Account> accounts;
    std::map<std::string, std::shared_ptr<const Image>> images; ///< by manifest digest
    std::int64_t pullLimit = 0; ///< pulls that one client (an account, or an address) has in six hours; 0: no limit
    std::map<std::string, std::vector<Instant>> pulls; ///< of the last six hours, where there is a limit
    bool operator==(const Registry& other) const;
};
BOOST_DESCRIBE_STRUCT(Registry, (), (name, host, unit, user, port, config, root, accounts, images, pullLimit, pulls))

struct RegistryAnswer {
    int status = 0;
    std::map<std::string, std::string> headers;
    std::string body;
    std::shared_ptr<const Image> image; ///< of a manifest request answered 200
};

class Registries {
public:
    void add(Registry registry);
    const std::vector<Registry>& all() const { return m_registries; }
    Registry* find(std::string_view name);
    const Registry* find(std::string_view name) const;
    const Registry* onHost(HostId host) const;

    /// Stores an image under repository:tag: writes the tag's files on the registry's disk.
    void push(Engine& engine, host::Hosts& hosts, Registry& registry, const std::string& repository, const std::string& tag,
              std::shared_ptr<const Image> image);

    /// The daemon's answer to one request of the distribution API (v2), given that it was reached.
    /// `user` is empty for an anonymous request.
    RegistryAnswer answer(const host::Hosts& hosts, const Registry& registry, Instant now, const std::string& method,
                          const std::string& path, const std::string& user, const std::string& password) const;

    /// One more pull of a client. False: it has had its share (429).
    bool countPull(Registry& registry, const std::string& client, Instant now) const;
    /// Images in archives that `docker save` has written, by config digest.
    void keep(std::shared_ptr<const Image> image);
    std::shared_ptr<const Image> kept(const std::string& configDigest) const;

    /// A (re)started daemon reads its configuration.
    void on(const host::Hosts& hosts, const host::Notice& notice);

    bool operator==(const Registries&) const = default;
    void addTo(Fingerprint& f) const
    {
        sim::addTo(f, m_registries);
        sim::addTo(f, m_archived);
    }

private:
    std::vector<Registry> m_registries;
    std::map<std::string, std::shared_ptr<const Image>> m_archived;
};

} // namespace sim::container
