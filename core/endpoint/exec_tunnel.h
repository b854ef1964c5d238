#pragma once

#include "core/endpoint/remote_process.h"
#include "core/endpoint/tunnel.h"

#include <memory>

namespace core::endpoint {

/// exec or attach over SPDY/3.1: one stream for each of error, stdin, stdout, stderr, resize (v4.channel.k8s.io).
/// The process starts once the streams that were asked for are open.
std::unique_ptr<Tunnel> spdyExec(LabSource lab, RemoteSettings settings);

/// The same over WebSocket messages whose first byte names the channel. Version 5 can close one channel.
std::unique_ptr<Tunnel> webSocketExec(LabSource lab, RemoteSettings settings);

} // namespace core::endpoint
