#pragma once

#include "core/endpoint/http_message.h"
#include "core/endpoint/tunnel.h"
#include "sim/engine/result.h"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace core::endpoint {

struct EndpointSettings {
    std::string address = "127.0.0.1"; ///< others than loopback only when somebody asked for it
    std::uint16_t port = 0;            ///< 0: any free one
    /// Who gets a certificate and a token besides the administrator.
    std::vector<Identity> users;
};

/// The simulated API server on a TCP port over TLS, until destroyed. Runs on the session's thread (`io` must be
/// run there), so requests, shells and the clock take turns and no lock is needed.
class Endpoint {
public:
    static sim::Result<std::unique_ptr<Endpoint>> open(boost::asio::io_context& io, LabSource lab, EndpointSettings settings);
    ~Endpoint();

    std::uint16_t port() const;
    std::string url() const; ///< "https://127.0.0.1:41234"
    std::string kubeconfig() const;
    /// Connections open now.
    std::size_t connections() const;

private:
    Endpoint();
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::endpoint
