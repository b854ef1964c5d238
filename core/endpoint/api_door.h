#pragma once

#include "core/endpoint/http_message.h"
#include "core/endpoint/remote_process.h"
#include "core/endpoint/text_stream.h"
#include "core/endpoint/tunnel.h"

#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace core::endpoint {

/// The connection is to be upgraded.
struct Upgrade {
    enum class Kind { Exec, PortForward };
    enum class Carrier { Spdy, WebSocket, SpdyInWebSocket };
    Kind kind = Kind::Exec;
    Carrier carrier = Carrier::Spdy;
    std::string protocol; ///< the one chosen: "v5.channel.k8s.io", "portforward.k8s.io"
    RemoteSettings settings;
    std::vector<std::int64_t> ports;
};
/// The API server does not answer: the connection is cut, as a dead server's would be.
struct HangUp { };

using Reaction = std::variant<HttpAnswer, std::unique_ptr<TextStream>, Upgrade, HangUp>;

/// What the API server answers to a request. Reads the lab's world, and changes it only by commands given to the
/// session. Knows no sockets.
class ApiDoor {
public:
    explicit ApiDoor(std::string serverAddress) : m_serverAddress(std::move(serverAddress)) { }
    Reaction react(session::Session& lab, const HttpRequest& request) const;

private:
    std::string m_serverAddress; ///< "127.0.0.1:6443"
};

/// The tunnel that an upgrade asks for.
std::unique_ptr<Tunnel> openTunnel(const Upgrade& upgrade, const LabSource& lab);

} // namespace core::endpoint
