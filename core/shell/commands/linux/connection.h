#pragma once

#include "core/shell/commands/linux/here.h"

namespace core::shell::node {

/// A name or address as a program resolves it before it connects.
struct LookedUp {
    sim::NameAnswer::Status status = sim::NameAnswer::Status::NotFound;
    sim::net::Ipv4 address;
    std::string canonicalName; ///< with the search domain that it was found in
    sim::Duration took{};
    /// glibc's gai_strerror: "Name or service not known", "Temporary failure in name resolution".
    const char* error() const;
};
/// Does not wait; the caller spends `took`.
LookedUp lookUp(Invocation& inv, const std::string& name);

/// What connect(2) would say, and when. `kernelTimeout` is when the kernel itself gives up on silence.
struct Connecting {
    sim::net::PathResult path;
    sim::Duration took{}; ///< until success or failure; at most the caller's own limit
    bool connected = false;
    bool limitHit = false; ///< the caller's limit came first
    std::string error;     ///< strerror's text: "Connection refused", "No route to host"
};
Connecting tryConnect(Invocation& inv, sim::net::Ipv4 address, std::int64_t port,
                      std::optional<sim::Duration> limit,
                      sim::net::Protocol protocol = sim::net::Protocol::Tcp);

/// A TCP connection of this command as the kernels at both ends know it, so that ss, conntrack and tcpdump elsewhere
/// show it. Closed by close() only: what is left open is not seen to end.
class HeldConnection {
public:
    HeldConnection(Invocation& inv, sim::net::Ipv4 address, std::int64_t port);
    void sends(std::int64_t bytes);    ///< to the server
    void receives(std::int64_t bytes); ///< from it
    void close();
    /// Sleeps, and closes when the command is interrupted meanwhile.
    void sleep(sim::Duration duration);

private:
    Invocation& m_inv;
    sim::net::ConnectionId m_id;
};

/// tcp_syn_retries = 6: 1 + 2 + 4 + 8 + 16 + 32 + 64 seconds, and what the timers add.
constexpr sim::Duration kSynTimeout = std::chrono::milliseconds(130'500);

/// The machine that owns an address, for tools that show names; the address itself when nobody does.
std::string nameOfAddress(const sim::World& world, sim::net::Ipv4 address);

/// Numbers that differ from call to call but never between replays: latency's jitter, packets lost.
sim::RandomStream jitter(Invocation& inv, std::string_view salt);

} // namespace core::shell::node
