#include "app/cli/commands.h"
#include "app/cli/main_command.h"
#include "core/endpoint/endpoint.h"
#include "core/endpoint/kubeconfig.h"
#include "core/endpoint/model_endpoint.h"
#include "core/progress/data_folder.h"
#include "core/session/pacer.h"
#include "core/session/replay.h"
#include "core/session/session.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fmt/format.h>

#include <csignal>
#include <cstdio>

namespace app::cli {

namespace {

using core::session::Session;

struct ServeOptions {
    std::string incident;
    std::string cause;
    std::string topology = "mini";
    std::uint64_t seed = 1;
    double speed = 1;
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;
    std::uint16_t modelPort = 0;
    std::string kubeconfig;
    std::vector<std::string> users;
    std::vector<std::string> groups;
    std::string replayOut;
};

/// The lab's clock beside the wall's, on the thread that serves the requests.
class ServeClock {
public:
    ServeClock(boost::asio::io_context& io, Session& session, double speed) : m_timer(io), m_session(session)
    {
        m_pacer.setSpeed(speed);
        m_pacer.setPaused(false);
        schedule();
    }

private:
    void schedule()
    {
        m_timer.expires_after(std::chrono::milliseconds(16));
        m_timer.async_wait([this](const boost::system::error_code& stopped) {
            if (stopped)
                return;
            if (const sim::Duration due = m_pacer.due(); due > sim::Duration::zero())
                m_session.runFor(due);
            schedule();
        });
    }

    boost::asio::steady_timer m_timer;
    Session& m_session;
    core::session::Pacer m_pacer;
};

/// "--user alice --group dev --group ops --user bob": groups belong to all users named.
std::vector<core::endpoint::Identity> usersOf(const ServeOptions& options)
{
    std::vector<core::endpoint::Identity> users;
    for (const std::string& name : options.users)
        users.push_back({name, options.groups});
    return users;
}

void tell(const Environment& environment, const core::endpoint::Endpoint& endpoint, const core::endpoint::ModelEndpoint* models, const std::string& path)
{
    if (environment.json) {
        nlohmann::json told{{"url", endpoint.url()}, {"kubeconfig", path}};
        if (models != nullptr)
            told["models"] = models->url() + "/v1";
        fmt::print("{}\n", told.dump());
    } else {
        fmt::print("The Kubernetes API is at {}. In another terminal:\n\n  export KUBECONFIG={}\n  kubectl get nodes\n\n", endpoint.url(), path);
        if (models != nullptr)
            fmt::print("The language models answer OpenAI clients at {0}/v1:\n\n  curl {0}/v1/models\n\n", models->url());
        fmt::print("Ctrl-C ends the lab.\n");
    }
    std::fflush(stdout);
}

int serve(Environment& environment, ServeOptions& options)
{
    core::session::StartRequest request;
    request.incident = options.incident;
    request.cause = options.cause;
    request.topology = options.topology;
    request.seed = options.seed;
    if (options.kubeconfig.empty()) {
        const std::string folder = core::progress::defaultDataFolder();
        if (folder.empty())
            return fail("there is no home folder to keep the kubeconfig in; name a file with --kubeconfig");
        options.kubeconfig = folder + "/kubeconfig";
    }
    auto session = Session::start(environment.library(), request);
    if (!session)
        return fail(session.error().text());

    boost::asio::io_context io;
    auto endpoint = core::endpoint::Endpoint::open(io, [&session] { return session->get(); }, {options.address, options.port, usersOf(options)});
    if (!endpoint)
        return fail(endpoint.error().text());
    if (const auto written = core::endpoint::writePrivateFile(options.kubeconfig, (*endpoint)->kubeconfig()); !written)
        return fail(written.error().text());
    std::unique_ptr<core::endpoint::ModelEndpoint> models;
    if (options.modelPort != 0 && (*session)->world().serving().clients().empty())
        return fail("nobody uses a language model in this data centre, so --model-port has nothing to open; --topology serving has three");
    if (!(*session)->world().serving().clients().empty()) {
        auto opened = core::endpoint::ModelEndpoint::open(io, [&session] { return session->get(); }, options.address, options.modelPort);
        if (!opened)
            return fail(opened.error().text());
        models = std::move(*opened);
    }
    boost::asio::signal_set signals(io, SIGINT, SIGTERM);
    signals.async_wait([&io](const boost::system::error_code&, int) { io.stop(); });
    tell(environment, **endpoint, models.get(), options.kubeconfig);
    const ServeClock clock(io, **session, options.speed);
    io.run();
    endpoint->reset();
    models.reset();
    if (options.replayOut.empty())
        return kRan;
    const auto saved = core::session::writeReplay((*session)->saveReplay(), options.replayOut);
    return saved ? kRan : fail(saved.error().text());
}

} // namespace

void addServeCommand(CLI::App& root, Environment& environment, int& status)
{
    auto options = std::make_shared<ServeOptions>();
    auto* command = root.add_subcommand("serve", "Open the lab's Kubernetes API on this machine, for the real kubectl");
    command->add_option("--topology", options->topology, "Data centre to run (`faultctl topologies`)");
    command->add_option("--incident", options->incident, "Incident to run in it (`faultctl incidents`)");
    command->add_option("--cause", options->cause, "Its cause; else the seed chooses");
    command->add_option("--seed", options->seed, "Seed of the run");
    command->add_option("--speed", options->speed, "Virtual seconds per second")
        ->check(CLI::Range(core::session::Pacer::kSlowest, core::session::Pacer::kFastest));
    command->add_option("--kubeconfig", options->kubeconfig, "File to write for kubectl (the user's data folder when left out)");
    command->add_option("--address", options->address, "Address to listen at; others than loopback let other machines in");
    command->add_option("--port", options->port, "Port to listen at; 0 takes any free one");
    command->add_option("--model-port", options->modelPort, "Port for OpenAI clients, in a lab that serves language models; 0 takes any free one");
    command->add_option("--user", options->users, "A further user with a certificate and a token, without rights of its own");
    command->add_option("--group", options->groups, "A group of the further users");
    command->add_option("--replay-out", options->replayOut, "Write the session as a replay file at the end");
    command->callback([&environment, &status, options] { status = serve(environment, *options); });
}

} // namespace app::cli
