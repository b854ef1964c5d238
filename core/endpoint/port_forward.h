#pragma once

#include "core/endpoint/pod_target.h"
#include "core/endpoint/tunnel.h"

#include <memory>
#include <vector>

namespace core::endpoint {

/// port-forward over SPDY/3.1, raw or inside WebSocket messages: pairs of streams, one pair a connection.
std::unique_ptr<Tunnel> spdyPortForward(LabSource lab, PodTarget target);
/// The older WebSocket form: two channels a port, which begin by naming it.
std::unique_ptr<Tunnel> webSocketPortForward(LabSource lab, PodTarget target, std::vector<std::int64_t> ports);

} // namespace core::endpoint
