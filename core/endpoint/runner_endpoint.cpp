#include "core/endpoint/runner_endpoint.h"

#include "core/endpoint/kubeconfig.h"

namespace core::endpoint {

RunnerEndpoint::RunnerEndpoint(session::Runner& runner)
    : m_runner(runner), m_endpoint(std::make_shared<std::unique_ptr<Endpoint>>())
{
}

RunnerEndpoint::~RunnerEndpoint() { close(); }

void RunnerEndpoint::open(EndpointSettings settings, std::string kubeconfigFile, std::function<void(sim::Result<Opened>)> done)
{
    m_runner.onThread([slot = m_endpoint, settings = std::move(settings), file = std::move(kubeconfigFile),
                       done = std::move(done)](boost::asio::io_context& io, LabSource lab) {
        slot->reset();
        auto opened = Endpoint::open(io, std::move(lab), settings);
        if (!opened)
            return done(opened.error());
        if (const auto written = writePrivateFile(file, (*opened)->kubeconfig()); !written)
            return done(written.error());
        *slot = std::move(*opened);
        done(Opened{(*slot)->url(), file});
    });
}

void RunnerEndpoint::close()
{
    m_runner.onThread([slot = m_endpoint](boost::asio::io_context&, const LabSource&) { slot->reset(); });
}

} // namespace core::endpoint
