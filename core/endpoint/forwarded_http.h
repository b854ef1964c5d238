#pragma once

#include "core/endpoint/pod_target.h"

#include <string>
#include <string_view>

namespace core::endpoint {

/// One connection to a port of a pod: what the simulated world speaks there is HTTP/1.1.
class ForwardedHttp {
public:
    ForwardedHttp(PodTarget target, std::int64_t port) : m_target(std::move(target)), m_port(port) { }

    /// Takes bytes of the client; returns what the pod answers to the requests that are complete now.
    std::string received(std::string_view bytes, const sim::World& world);
    /// Why nothing can be reached there, in the kubelet's words; empty when all is well.
    const std::string& error() const { return m_error; }
    /// The pod closed the connection.
    bool ended() const { return m_ended; }

private:

    PodTarget m_target;
    std::int64_t m_port;
    std::string m_pending;
    std::string m_error;
    bool m_ended = false;
};

} // namespace core::endpoint
