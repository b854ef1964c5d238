#include "core/endpoint/connection.h"

#include "core/endpoint/request_parser.h"
#include "core/endpoint/wire.h"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/read.hpp>

#include <fmt/format.h>

namespace core::endpoint {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

namespace {

constexpr std::chrono::seconds kHandshakeTime{10};
constexpr std::chrono::seconds kIdleTime{90};
constexpr std::chrono::seconds kWriteTime{60};
constexpr std::chrono::seconds kGoodbyeTime{2};
constexpr std::chrono::milliseconds kPoll{20};
// A shorter answering time than this is not worth a wait.
constexpr std::chrono::milliseconds kNoticed{50};

std::string reasonPhrase(int status)
{
    const auto text = http::obsolete_reason(static_cast<http::status>(status));
    return {text.data(), text.size()};
}

std::string headText(const HttpAnswer& answer, const std::string& framing, bool keepAlive)
{
    std::string text = fmt::format("HTTP/1.1 {} {}\r\nContent-Type: {}\r\nCache-Control: no-cache, private\r\n{}\r\n", answer.status,
                                   reasonPhrase(answer.status), answer.contentType, framing);
    for (const auto& [name, value] : answer.headers)
        text += name + ": " + value + "\r\n";
    if (!keepAlive)
        text += "Connection: close\r\n";
    return text + "\r\n";
}

/// One client's connection. Its coroutine owns it.
class Connection {
public:
    Connection(std::shared_ptr<DoorState> state, asio::ip::tcp::socket socket)
        : m_state(std::move(state)), m_descriptor(socket.native_handle()), m_timer(socket.get_executor()), m_stream(beast::tcp_stream(std::move(socket)), m_state->tls)
    {
        m_state->sockets.insert(m_descriptor);
    }
    ~Connection() { m_state->sockets.erase(m_descriptor); }

    asio::awaitable<void> run()
    {
        beast::error_code problem;
        beast::get_lowest_layer(m_stream).expires_after(kHandshakeTime);
        co_await m_stream.async_handshake(asio::ssl::stream_base::server, asio::redirect_error(asio::use_awaitable, problem));
        if (problem)
            co_return;
        m_certificate = certificateIdentity(m_stream.native_handle());
        bool more = true;
        while (more && m_state->open)
            more = co_await exchange();
        if (m_carried)
            co_return;
        beast::get_lowest_layer(m_stream).expires_after(kGoodbyeTime);
        co_await m_stream.async_shutdown(asio::redirect_error(asio::use_awaitable, problem));
    }

private:
    /// One request and its answer. False: the connection is done.
    asio::awaitable<bool> exchange()
    {
        beast::error_code problem;
        RequestParser parser;
        setLimits(parser);
        beast::get_lowest_layer(m_stream).expires_after(kIdleTime);
        co_await http::async_read_header(m_stream, m_buffer, parser, asio::redirect_error(asio::use_awaitable, problem));
        if (!problem && beast::iequals(parser.get()[http::field::expect], "100-continue"))
            co_await send("HTTP/1.1 100 Continue\r\n\r\n");
        if (!problem)
            co_await http::async_read(m_stream, m_buffer, parser, asio::redirect_error(asio::use_awaitable, problem));
        if (problem) {
            if (auto refusal = refusalOf(problem))
                co_await sendAnswer(*refusal, false, false);
            co_return false;
        }
        RequestMessage message = parser.release();
        const bool more = co_await answer(std::move(message));
        co_return more;
    }

    asio::awaitable<bool> answer(RequestMessage message)
    {
        const bool keepAlive = message.keep_alive();
        const bool headOnly = message.method() == http::verb::head;
        Reaction reaction = react(message);
        if (auto* ready = std::get_if<HttpAnswer>(&reaction)) {
            if (ready->took >= kNoticed)
                co_await letPass(ready->took);
            const bool sent = co_await sendAnswer(*ready, keepAlive, headOnly);
            co_return sent && keepAlive;
        }
        if (auto* text = std::get_if<std::unique_ptr<TextStream>>(&reaction)) {
            co_await sendStream(std::move(*text));
            co_return false;
        }
        if (auto* upgrade = std::get_if<Upgrade>(&reaction))
            co_await carryUpgrade(std::move(*upgrade), std::move(message));
        else
            beast::get_lowest_layer(m_stream).close();
        co_return false;
    }

    Reaction react(const RequestMessage& message) const
    {
        auto understood = understand(message, m_certificate, m_state->credentials);
        if (auto* refused = std::get_if<HttpAnswer>(&understood))
            return std::move(*refused);
        session::Session* lab = m_state->session();
        if (lab == nullptr)
            return HangUp{};
        return m_state->door.react(*lab, std::get<HttpRequest>(understood));
    }

    asio::awaitable<bool> send(std::string text)
    {
        beast::error_code problem;
        beast::get_lowest_layer(m_stream).expires_after(kWriteTime);
        co_await asio::async_write(m_stream, asio::buffer(text), asio::redirect_error(asio::use_awaitable, problem));
        co_return !problem;
    }

    asio::awaitable<bool> sendAnswer(const HttpAnswer& answer, bool keepAlive, bool headOnly)
    {
        std::string text = headText(answer, fmt::format("Content-Length: {}", answer.body.size()), keepAlive);
        if (!headOnly)
            text += answer.body;
        const bool sent = co_await send(std::move(text));
        co_return sent;
    }

    /// Chunks, as the world brings them; the client's leaving is noticed by a read that never brings anything.
    asio::awaitable<void> sendStream(std::unique_ptr<TextStream> text)
    {
        HttpAnswer head;
        head.contentType = text->contentType();
        bool sound = co_await send(headText(head, "Transfer-Encoding: chunked", false));
        beast::get_lowest_layer(m_stream).expires_never();
        auto gone = std::make_shared<bool>(false);
        auto nothing = std::make_shared<std::array<char, 64>>();
        m_stream.async_read_some(asio::buffer(*nothing), [gone, nothing](const beast::error_code&, std::size_t) { *gone = true; });
        const auto begun = std::chrono::steady_clock::now();
        while (sound && !*gone && m_state->open) {
            const session::Session* lab = m_state->session();
            if (lab == nullptr)
                break;
            const std::string piece = text->take(*lab);
            if (!piece.empty()) {
                std::string chunk = fmt::format("{:x}\r\n", piece.size()) + piece + "\r\n";
                beast::error_code problem;
                co_await asio::async_write(m_stream, asio::buffer(chunk), asio::redirect_error(asio::use_awaitable, problem));
                sound = !problem;
            }
            if (text->ended() || (text->limit() && std::chrono::steady_clock::now() - begun >= *text->limit()))
                break;
            co_await pause();
        }
        if (sound && !*gone) {
            beast::error_code ignored;
            const std::string last = "0\r\n\r\n";
            co_await asio::async_write(m_stream, asio::buffer(last), asio::redirect_error(asio::use_awaitable, ignored));
        }
        // The waiting read holds the stream: it must end before the connection does.
        beast::error_code ignored;
        beast::get_lowest_layer(m_stream).socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        const auto until = std::chrono::steady_clock::now() + kGoodbyeTime;
        while (!*gone && std::chrono::steady_clock::now() < until)
            co_await pause();
        beast::get_lowest_layer(m_stream).close();
        while (!*gone)
            co_await pause();
        m_carried = true;
    }

    /// So much virtual time. Not longer than the host's clock takes for it: a world at rest keeps nobody waiting for ever.
    asio::awaitable<void> letPass(std::chrono::nanoseconds time)
    {
        const session::Session* lab = m_state->session();
        const auto until = std::chrono::steady_clock::now() + time;
        const auto reached = lab != nullptr ? lab->world().now() + time : sim::Instant{};
        while (m_state->open && std::chrono::steady_clock::now() < until && lab != nullptr && lab->world().now() < reached) {
            co_await pause();
            lab = m_state->session();
        }
    }

    asio::awaitable<void> pause()
    {
        beast::error_code ignored;
        m_timer.expires_after(kPoll);
        co_await m_timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }

    asio::awaitable<void> carryUpgrade(Upgrade upgrade, RequestMessage message)
    {
        beast::get_lowest_layer(m_stream).expires_never();
        std::shared_ptr<Wire> wire;
        if (upgrade.carrier == Upgrade::Carrier::Spdy) {
            const bool sent = co_await send(fmt::format("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n"
                                                        "X-Stream-Protocol-Version: {}\r\n\r\n", upgrade.protocol));
            beast::get_lowest_layer(m_stream).expires_never();
            m_carried = true;
            if (!sent)
                co_return;
            wire = rawWire(std::move(m_stream), m_buffer);
        } else {
            m_carried = true;
            std::unique_ptr<Wire> accepted = co_await webSocketWire(std::move(m_stream), std::move(message), upgrade.protocol);
            if (!accepted)
                co_return;
            wire = std::move(accepted);
        }
        std::shared_ptr<Tunnel> tunnel = openTunnel(upgrade, [state = m_state] { return state->session(); });
        co_await carry(std::move(tunnel), std::move(wire));
    }

    std::shared_ptr<DoorState> m_state;
    int m_descriptor;
    asio::steady_timer m_timer;
    TlsStream m_stream;
    beast::flat_buffer m_buffer{kMaxHeader + kMaxBody};
    std::optional<Identity> m_certificate;
    bool m_carried = false; ///< the stream has gone elsewhere or is closed already
};

} // namespace

asio::awaitable<void> serveConnection(std::shared_ptr<DoorState> state, asio::ip::tcp::socket socket)
{
    Connection connection(std::move(state), std::move(socket));
    try {
        co_await connection.run();
    } catch (const std::exception&) {
        // A library's complaint about one client ends that client's connection and nothing else.
    }
}

} // namespace core::endpoint
