#pragma once

#include "core/shell/invocation.h"
#include "sim/engine/ids.h"
#include "sim/engine/time.h"

#include <optional>
#include <string>
#include <vector>

namespace sim {
class World;
}

namespace core::shell::etcd {

/// An address that was given, and the member that answers there. Members are named by their machines, because a world may
/// be another one after a sleep.
struct Endpoint {
    std::string url;
    std::optional<sim::HostId> member; ///< its machine; nothing: nobody answers
    std::string problem;               ///< of the connection, in the dialer's words
};

/// --command-timeout's default.
inline constexpr sim::Duration kCommandTimeout = std::chrono::seconds(5);
inline constexpr const char* kDeadline = "context deadline exceeded";

/// The way from a place to etcd's members: addresses and keys as etcdctl takes them from flags and environment.
class Endpoints {
public:
    explicit Endpoints(Invocation& inv) : m_inv(inv) { }

    /// --endpoints, one by one; the local client port when there are none.
    std::vector<std::string> given();
    Endpoint connect(const std::string& url);
    /// Why a key or certificate that was named cannot be read; nothing when they can.
    std::optional<std::string> unreadable();
    /// Spends the time until the client gives up, and logs why.
    void giveUp(const Endpoint& endpoint);

private:
    const sim::World& world();
    /// A flag, or the environment variable that stands for it.
    std::string setting(const std::string& flag, const char* variable);
    sim::StackId here();
    bool hasKeys();
    void warn(const std::string& target, const std::string& error);

    Invocation& m_inv;
};

} // namespace core::shell::etcd
