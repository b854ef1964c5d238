#pragma once

#include "core/endpoint/tls_stream.h"
#include "core/endpoint/tunnel.h"

#include <boost/asio/awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>

#include <memory>
#include <optional>
#include <string>

namespace core::endpoint {

/// What an upgraded connection is carried by.
class Wire {
public:
    virtual ~Wire() = default;
    /// Nothing when the other side is gone.
    virtual boost::asio::awaitable<std::optional<std::string>> read() = 0;
    virtual boost::asio::awaitable<bool> write(std::string message) = 0;
    /// Says goodbye. Reading may go on meanwhile.
    virtual boost::asio::awaitable<void> close() = 0;
    virtual void cut() = 0;
};

/// The bytes behind an answered Upgrade; `buffer` holds what came with the request.
std::unique_ptr<Wire> rawWire(TlsStream stream, const boost::beast::flat_buffer& buffer);
/// Answers the WebSocket handshake; null when it fails.
boost::asio::awaitable<std::unique_ptr<Wire>> webSocketWire(TlsStream stream, boost::beast::http::request<boost::beast::http::string_body> request,
                                                            std::string protocol);

/// Carries a tunnel until it is finished or the client leaves.
boost::asio::awaitable<void> carry(std::shared_ptr<Tunnel> tunnel, std::shared_ptr<Wire> wire);

} // namespace core::endpoint
