#include "core/endpoint/endpoint.h"

#include "core/endpoint/connection.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <sys/socket.h>

namespace core::endpoint {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr const char* kAdministrator = "kubernetes-admin";
// More clients than any workshop brings; beyond it the oldest must go first.
constexpr std::size_t kMaxConnections = 1024;

/// Any client may connect; whether its certificate counts is looked at afterwards, so that a wrong one gets a
/// 401 with words and not a broken handshake.
int acceptAnyCertificate(int, X509_STORE_CTX*) { return 1; }

asio::awaitable<void> acceptLoop(std::shared_ptr<DoorState> state, std::shared_ptr<tcp::acceptor> acceptor)
{
    asio::steady_timer timer(acceptor->get_executor());
    while (state->open) {
        boost::system::error_code problem;
        tcp::socket socket(acceptor->get_executor());
        co_await acceptor->async_accept(socket, asio::redirect_error(asio::use_awaitable, problem));
        if (!state->open)
            co_return;
        if (problem) { // out of file descriptors, most likely: others will be closed
            timer.expires_after(std::chrono::milliseconds(100));
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, problem));
            continue;
        }
        if (state->sockets.size() >= kMaxConnections)
            continue; // closed at once
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        asio::co_spawn(acceptor->get_executor(), serveConnection(state, std::move(socket)), asio::detached);
    }
}

sim::Result<sim::Done> setUpTls(DoorState& state, const EndpointSettings& settings)
{
    auto authority = CertificateAuthority::make();
    if (!authority)
        return authority.error();
    std::vector<std::string> addresses{"127.0.0.1", "::1"};
    if (settings.address != addresses[0] && settings.address != addresses[1])
        addresses.push_back(settings.address);
    auto server = authority->forServer(addresses, {"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"});
    if (!server)
        return server.error();
    std::vector<Identity> people{{kAdministrator, {"system:masters"}}};
    people.insert(people.end(), settings.users.begin(), settings.users.end());
    for (const Identity& one : people) {
        auto certificate = authority->forClient(one);
        if (!certificate)
            return certificate.error();
        state.credentials.push_back({one, *certificate, randomToken()});
    }
    state.authority = authority->certificate();
    try {
        state.tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 | asio::ssl::context::no_sslv3
                              | asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1);
        state.tls.use_certificate_chain(asio::buffer(server->certificate));
        state.tls.use_private_key(asio::buffer(server->key), asio::ssl::context::pem);
        state.tls.add_certificate_authority(asio::buffer(state.authority));
    } catch (const boost::system::system_error& problem) {
        return sim::Error{problem.what(), "TLS"};
    }
    SSL_CTX* context = state.tls.native_handle();
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, acceptAnyCertificate);
    // A resumed session would have to carry the certificate over; a new handshake is cheap here.
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
    return sim::Done{};
}

} // namespace

struct Endpoint::Impl {
    std::shared_ptr<DoorState> state = std::make_shared<DoorState>();
    std::shared_ptr<tcp::acceptor> acceptor;
    EndpointSettings settings;
    std::uint16_t port = 0;

    std::string address() const
    {
        const bool v6 = settings.address.find(':') != std::string::npos;
        return v6 ? fmt::format("[{}]:{}", settings.address, port) : fmt::format("{}:{}", settings.address, port);
    }
};

Endpoint::Endpoint() : m_impl(std::make_unique<Impl>()) { }

sim::Result<std::unique_ptr<Endpoint>> Endpoint::open(asio::io_context& io, LabSource lab, EndpointSettings settings)
{
    std::unique_ptr<Endpoint> endpoint(new Endpoint());
    Impl& d = *endpoint->m_impl;
    d.settings = std::move(settings);
    boost::system::error_code problem;
    const auto address = asio::ip::make_address(d.settings.address, problem);
    if (problem)
        return sim::Error{"is no address; use numbers such as 127.0.0.1", d.settings.address};
    d.acceptor = std::make_shared<tcp::acceptor>(io);
    const tcp::endpoint local(address, d.settings.port);
    d.acceptor->open(local.protocol(), problem);
    if (!problem)
        d.acceptor->set_option(tcp::acceptor::reuse_address(true), problem);
    if (!problem)
        d.acceptor->bind(local, problem);
    if (!problem)
        d.acceptor->listen(asio::socket_base::max_listen_connections, problem);
    if (problem)
        return sim::Error{fmt::format("the port cannot be opened ({}); choose another one, or 0 for any", problem.message()),
                          fmt::format("{}:{}", d.settings.address, d.settings.port)};
    d.port = d.acceptor->local_endpoint().port();
    if (auto ready = setUpTls(*d.state, d.settings); !ready)
        return ready.error();
    d.state->lab = std::move(lab);
    d.state->door = ApiDoor(d.address());
    asio::co_spawn(io, acceptLoop(d.state, d.acceptor), asio::detached);
    return endpoint;
}

Endpoint::~Endpoint()
{
    DoorState& state = *m_impl->state;
    state.open = false;
    state.lab = nullptr;
    for (const int socket : state.sockets)
        ::shutdown(socket, SHUT_RDWR);
    boost::system::error_code ignored;
    if (m_impl->acceptor)
        m_impl->acceptor->close(ignored);
}

std::uint16_t Endpoint::port() const { return m_impl->port; }
std::string Endpoint::url() const { return "https://" + m_impl->address(); }
std::string Endpoint::kubeconfig() const { return kubeconfigText(url(), m_impl->state->authority, m_impl->state->credentials); }
std::size_t Endpoint::connections() const { return m_impl->state->sockets.size(); }

} // namespace core::endpoint
