#pragma once

#include "core/endpoint/tunnel.h"
#include "sim/engine/result.h"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace core::endpoint {

/// The lab's language models on a TCP port, as plain HTTP, until destroyed: an OpenAI client's base URL is url() + "/v1". Runs on the session's
/// thread, as Endpoint does.
///
///   /v1/...                                    by the body's "model", the Service that the lab's own clients of that model use; /v1/models lists all
///   /namespaces/NS/services/NAME/...           one Service, by its first port
///   /namespaces/NS/pods/NAME/...               one pod, by its container's first port: what Prometheus scrapes
///
/// Requests come from one of the cluster's machines, so routes, policies and kube-proxy's rules count. Whatever is generated takes its
/// virtual time; a client that leaves hangs up.
class ModelEndpoint {
public:
    static sim::Result<std::unique_ptr<ModelEndpoint>> open(boost::asio::io_context& io, LabSource lab, const std::string& address, std::uint16_t port);
    ~ModelEndpoint();
    std::uint16_t port() const;
    std::string url() const; ///< "http://127.0.0.1:41235"

private:
    ModelEndpoint();
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::endpoint
