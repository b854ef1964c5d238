#pragma once

#include "core/endpoint/door_state.h"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>

namespace core::endpoint {

/// Serves one client until it leaves, misbehaves or the endpoint closes.
boost::asio::awaitable<void> serveConnection(std::shared_ptr<DoorState> state, boost::asio::ip::tcp::socket socket);

} // namespace core::endpoint
