#pragma once

#include "core/shell/commands/linux/connection.h"

#include <functional>

namespace core::shell::node {

/// "https://user:pass@host:port/path?query" in its parts.
struct Url {
    std::string scheme = "http";
    std::string userInfo;
    std::string host;
    std::int64_t port = 80;
    std::string path = "/";
    bool tls() const { return scheme == "https"; }
    std::string hostPort() const; ///< as the Host header has it: without a default port
    std::string text() const;
    static std::optional<Url> parse(const std::string& text);
};

/// The proxy of a request by the environment (http_proxy, https_proxy, all_proxy, no_proxy); empty: none.
std::string proxyFor(Invocation& inv, const Url& url);
/// no_proxy's rules: exact names, domain suffixes, "*".
bool bypassesProxy(const std::string& list, const std::string& host);


/// One request, sent and answered, with how far it got.
struct Exchange {
    enum class End {
        Answered,
        BadProxyName,
        BadName,
        NotConnected,
        ConnectLimit,
        TotalLimit,
        KernelTimeout,
        TlsFailed
    };
    End end = End::Answered;
    LookedUp name;
    Connecting connection;
    sim::HttpAnswer answer;
    std::string peer; ///< host that was connected to: the proxy's or the server's
    std::int64_t peerPort = 0;
    sim::Duration nameTime{}; ///< since the start, each
    sim::Duration connectTime{};
    sim::Duration totalTime{};
    std::size_t streamedBytes = 0; ///< that onBytes has got
};
struct Limits {
    std::optional<sim::Duration> connect;
    std::optional<sim::Duration> total;
};
struct HttpRequest {
    std::string method = "GET";
    Url url;
    std::map<std::string, std::string> headers; ///< lower-case names
    std::string body;
    std::string proxy;
    std::optional<sim::net::Ipv4> resolved; ///< --resolve
    /// Gets a body that is generated bit by bit, as it comes; the answer's own stays empty then. Null: it is waited for.
    std::function<void(const sim::HttpAnswer& head, const std::string& bytes)> onBytes;
};
/// Spends the virtual time it takes.
Exchange exchange(Invocation& inv, const HttpRequest& request, const Limits& limits);

} // namespace core::shell::node
