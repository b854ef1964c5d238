#pragma once

#include "core/endpoint/endpoint.h"
#include "core/session/runner.h"

#include <functional>
#include <memory>
#include <string>

namespace core::endpoint {

/// The API of a Runner's lab, switched on and off from another thread: the window's. Starting another lab keeps
/// it open; watches then end and clients list again.
class RunnerEndpoint {
public:
    struct Opened {
        std::string url;
        std::string kubeconfig; ///< the file
    };

    /// Requires: the runner outlives this object.
    explicit RunnerEndpoint(session::Runner& runner);
    ~RunnerEndpoint();
    RunnerEndpoint(const RunnerEndpoint&) = delete;
    RunnerEndpoint& operator=(const RunnerEndpoint&) = delete;

    /// Opens and writes the kubeconfig; `done` is called on the session's thread. Closes what was open before.
    void open(EndpointSettings settings, std::string kubeconfigFile, std::function<void(sim::Result<Opened>)> done);
    void close();

private:
    session::Runner& m_runner;
    std::shared_ptr<std::unique_ptr<Endpoint>> m_endpoint; ///< touched on the session's thread only
};

} // namespace core::endpoint
