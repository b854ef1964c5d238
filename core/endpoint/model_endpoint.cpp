#include "core/endpoint/model_endpoint.h"

#include "core/endpoint/model_target.h"
#include "core/endpoint/request_parser.h"
#include "core/session/session.h"
#include "core/shell/commands/linux/model_answer.h"
#include "sim/engine/letters.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/read.hpp>

#include <fmt/format.h>

#include <set>

#include <sys/socket.h>

namespace core::endpoint {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;

namespace {

constexpr std::chrono::seconds kIdleTime{90};
constexpr std::chrono::seconds kWriteTime{60};
constexpr std::chrono::milliseconds kPoll{15};
constexpr std::size_t kMaxConnections = 512;
constexpr std::size_t kMaxPrompt = 16u << 20;

/// What connections share with their endpoint.
struct Shared {
    LabSource lab;
    std::set<int> sockets;
    bool open = true;
};

/// The session, as what asks models wants it.
class SessionDoor final : public shell::Door {
public:
    explicit SessionDoor(session::Session& session) : m_session(session) { }
    const sim::World& world() const override { return m_session.world(); }
    sim::CommandResult apply(const sim::Command& command) override { return m_session.apply(command); }

private:
    session::Session& m_session;
};

sim::HttpAnswer refusal(int status, const std::string& message, const char* type)
{
    sim::HttpAnswer answer;
    answer.status = status;
    answer.headers["Content-Type"] = "application/json";
    answer.body = nlohmann::json{{"error", {{"message", message}, {"type", type}, {"param", nullptr}, {"code", status}}}}.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    return answer;
}

std::string headText(const sim::HttpAnswer& answer, const std::string& framing, bool keepAlive)
{
    const auto phrase = http::obsolete_reason(static_cast<http::status>(answer.status));
    std::string text = fmt::format("HTTP/1.1 {} {}\r\n", answer.status, std::string_view(phrase.data(), phrase.size()));
    for (const auto& [name, value] : answer.headers)
        if (sim::lowered(name) != "content-length")
            text += name + ": " + value + "\r\n";
    text += framing + "\r\n";
    return text + (keepAlive ? "\r\n" : "Connection: close\r\n\r\n");
}

/// One client's connection. Its coroutine owns it.
class Connection {
public:
    Connection(std::shared_ptr<Shared> shared, tcp::socket socket)
        : m_shared(std::move(shared)), m_descriptor(socket.native_handle()), m_timer(socket.get_executor()), m_stream(std::move(socket))
    {
        m_shared->sockets.insert(m_descriptor);
    }
    ~Connection() { m_shared->sockets.erase(m_descriptor); }

    asio::awaitable<void> run()
    {
        bool more = true;
        while (more && m_shared->open)
            more = co_await exchange();
        beast::error_code ignored;
        m_stream.socket().shutdown(tcp::socket::shutdown_both, ignored);
    }

private:
    asio::awaitable<bool> exchange()
    {
        beast::error_code problem;
        RequestParser parser;
        parser.header_limit(kMaxHeader);
        parser.body_limit(kMaxPrompt);
        m_stream.expires_after(kIdleTime);
        co_await http::async_read_header(m_stream, m_buffer, parser, asio::redirect_error(asio::use_awaitable, problem));
        if (!problem && beast::iequals(parser.get()[http::field::expect], "100-continue"))
            co_await send("HTTP/1.1 100 Continue\r\n\r\n");
        if (!problem)
            co_await http::async_read(m_stream, m_buffer, parser, asio::redirect_error(asio::use_awaitable, problem));
        if (problem) {
            if (const auto said = refusalOf(problem)) {
                const char* words = said->status == 413 ? "The request is too large." : said->status == 431 ? "The head of the request is too large." : "The bytes are no HTTP request.";
                const sim::HttpAnswer answer = refusal(said->status, words, "BadRequestError");
                co_await sendWhole(answer, false, false);
            }
            co_return false;
        }
        const RequestMessage message = parser.release();
        const bool keepAlive = message.keep_alive();
        const bool headOnly = message.method() == http::verb::head;
        session::Session* lab = m_shared->lab ? m_shared->lab() : nullptr;
        if (lab == nullptr)
            co_return false;
        const ModelTarget target = modelTarget(lab->world(), message);
        if (!target.refusal.empty()) {
            const sim::HttpAnswer answer = refusal(target.status, target.refusal, target.status == 404 ? "NotFoundError" : "ServiceUnavailableError");
            const bool sent = co_await sendWhole(answer, keepAlive, headOnly);
            co_return sent && keepAlive;
        }
        if (target.page) {
            const bool sent = co_await sendWhole(*target.page, keepAlive, headOnly);
            co_return sent && keepAlive;
        }
        sim::HttpAnswer answer = lab->world().http(target.question);
        if (answer.failure != sim::HttpAnswer::Failure::None)
            answer = refusal(502, fmt::format("{} port {} cannot be reached from inside the lab", target.question.host, target.question.port), "BadGatewayError");
        if (answer.resetsCache)
            lab->apply(sim::Command{sim::command::HttpCall{target.question.from, target.question.method, target.question.host, target.question.port,
                                                           target.question.path, target.question.headers, target.question.body}});
        if (answer.generation != nullptr) {
            const bool given = co_await generate(*lab, std::move(answer), keepAlive);
            co_return given && keepAlive;
        }
        const bool sent = co_await sendWhole(answer, keepAlive, headOnly);
        co_return sent && keepAlive;
    }

    /// Sends what a model gives, as it comes.
    asio::awaitable<bool> generate(session::Session& lab, sim::HttpAnswer answer, bool keepAlive)
    {
        SessionDoor door(lab);
        shell::node::ModelAnswer model(door, answer);
        const bool streams = answer.generation->stream;
        bool begun = false;
        std::string whole;
        while (true) {
            if (!m_shared->open || !m_shared->lab || m_shared->lab() != &lab || left())
                co_return false;
            const std::string bytes = model.take(answer);
            const bool isStream = streams && answer.status == 200;
            if (isStream && !bytes.empty()) {
                std::string text = begun ? std::string() : headText(answer, "Transfer-Encoding: chunked", keepAlive);
                begun = true;
                text += fmt::format("{:x}\r\n", bytes.size()) + bytes + "\r\n";
                const bool sent = co_await send(std::move(text));
                if (!sent)
                    co_return false;
            } else {
                whole += bytes;
            }
            if (model.ended())
                break;
            beast::error_code ignored;
            m_timer.expires_after(kPoll);
            co_await m_timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        }
        if (model.brokeOff())
            co_return false; // without the last chunk, so that the client knows
        if (begun) {
            const bool ended = co_await send("0\r\n\r\n");
            co_return ended;
        }
        answer.body = whole;
        const bool sent = co_await sendWhole(answer, keepAlive, false);
        co_return sent;
    }

    /// The client has closed its side, or is gone: there is nothing to read but the end.
    bool left()
    {
        char one = 0;
        const ssize_t got = ::recv(m_descriptor, &one, 1, MSG_PEEK | MSG_DONTWAIT);
        return got == 0 || (got < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
    }

    asio::awaitable<bool> send(std::string text)
    {
        beast::error_code problem;
        m_stream.expires_after(kWriteTime);
        co_await asio::async_write(m_stream, asio::buffer(text), asio::redirect_error(asio::use_awaitable, problem));
        co_return !problem;
    }

    asio::awaitable<bool> sendWhole(const sim::HttpAnswer& answer, bool keepAlive, bool headOnly)
    {
        std::string text = headText(answer, fmt::format("Content-Length: {}", answer.body.size()), keepAlive);
        if (!headOnly)
            text += answer.body;
        const bool sent = co_await send(std::move(text));
        co_return sent;
    }

    std::shared_ptr<Shared> m_shared;
    int m_descriptor;
    asio::steady_timer m_timer;
    beast::tcp_stream m_stream;
    beast::flat_buffer m_buffer{kMaxHeader + kMaxPrompt};
};

asio::awaitable<void> serveClient(std::shared_ptr<Shared> shared, tcp::socket socket)
{
    Connection connection(std::move(shared), std::move(socket));
    try {
        co_await connection.run();
    } catch (const std::exception&) {
        // A library's complaint about one client ends that client's connection and nothing else.
    }
}

asio::awaitable<void> acceptLoop(std::shared_ptr<Shared> shared, std::shared_ptr<tcp::acceptor> acceptor)
{
    asio::steady_timer timer(acceptor->get_executor());
    while (shared->open) {
        boost::system::error_code problem;
        tcp::socket socket(acceptor->get_executor());
        co_await acceptor->async_accept(socket, asio::redirect_error(asio::use_awaitable, problem));
        if (!shared->open)
            co_return;
        if (problem) { // out of file descriptors, most likely
            timer.expires_after(std::chrono::milliseconds(100));
            co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, problem));
            continue;
        }
        if (shared->sockets.size() >= kMaxConnections)
            continue;
        boost::system::error_code ignored;
        socket.set_option(tcp::no_delay(true), ignored);
        asio::co_spawn(acceptor->get_executor(), serveClient(shared, std::move(socket)), asio::detached);
    }
}

} // namespace

struct ModelEndpoint::Impl {
    std::shared_ptr<Shared> shared = std::make_shared<Shared>();
    std::shared_ptr<tcp::acceptor> acceptor;
    std::string address;
    std::uint16_t port = 0;
};

ModelEndpoint::ModelEndpoint() : m_impl(std::make_unique<Impl>()) { }

sim::Result<std::unique_ptr<ModelEndpoint>> ModelEndpoint::open(asio::io_context& io, LabSource lab, const std::string& address, std::uint16_t port)
{
    std::unique_ptr<ModelEndpoint> endpoint(new ModelEndpoint());
    Impl& d = *endpoint->m_impl;
    boost::system::error_code problem;
    const auto local = asio::ip::make_address(address, problem);
    if (problem)
        return sim::Error{"is no address; use numbers such as 127.0.0.1", address};
    d.acceptor = std::make_shared<tcp::acceptor>(io);
    const tcp::endpoint at(local, port);
    d.acceptor->open(at.protocol(), problem);
    if (!problem)
        d.acceptor->set_option(tcp::acceptor::reuse_address(true), problem);
    if (!problem)
        d.acceptor->bind(at, problem);
    if (!problem)
        d.acceptor->listen(asio::socket_base::max_listen_connections, problem);
    if (problem)
        return sim::Error{fmt::format("the port cannot be opened ({}); choose another one, or 0 for any", problem.message()), fmt::format("{}:{}", address, port)};
    d.port = d.acceptor->local_endpoint().port();
    d.address = local.is_v6() ? "[" + address + "]" : address;
    d.shared->lab = std::move(lab);
    asio::co_spawn(io, acceptLoop(d.shared, d.acceptor), asio::detached);
    return endpoint;
}

ModelEndpoint::~ModelEndpoint()
{
    m_impl->shared->open = false;
    m_impl->shared->lab = nullptr;
    for (const int socket : m_impl->shared->sockets)
        ::shutdown(socket, SHUT_RDWR);
    boost::system::error_code ignored;
    if (m_impl->acceptor)
        m_impl->acceptor->close(ignored);
}

std::uint16_t ModelEndpoint::port() const { return m_impl->port; }
std::string ModelEndpoint::url() const { return fmt::format("http://{}:{}", m_impl->address, m_impl->port); }

} // namespace core::endpoint
