#include "core/endpoint/wire.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/websocket/ssl.hpp>
#include <boost/beast/websocket/stream.hpp>

namespace core::endpoint {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;

namespace {

constexpr std::chrono::milliseconds kWirePoll{20};
// A client reads the last bytes and closes; one that does neither is cut off.
constexpr std::chrono::seconds kLinger{5};
constexpr std::size_t kMaxMessage = 4u << 20;

class RawWire final : public Wire {
public:
    RawWire(TlsStream stream, std::string early) : m_stream(std::move(stream)), m_early(std::move(early)) { }

    asio::awaitable<std::optional<std::string>> read() override
    {
        if (!m_early.empty())
            co_return std::exchange(m_early, {});
        std::string bytes(16u << 10, '\0');
        beast::error_code problem;
        const std::size_t count = co_await m_stream.async_read_some(asio::buffer(bytes), asio::redirect_error(asio::use_awaitable, problem));
        if (problem)
            co_return std::nullopt;
        bytes.resize(count);
        co_return bytes;
    }
    asio::awaitable<bool> write(std::string message) override
    {
        beast::error_code problem;
        co_await asio::async_write(m_stream, asio::buffer(message), asio::redirect_error(asio::use_awaitable, problem));
        co_return !problem;
    }
    asio::awaitable<void> close() override { co_return; } // SPDY's streams have said it already
    void cut() override { beast::get_lowest_layer(m_stream).close(); }

private:
    TlsStream m_stream;
    std::string m_early;
};

class WebSocketWire final : public Wire {
public:
    explicit WebSocketWire(TlsStream stream) : m_socket(std::move(stream)) { }

    asio::awaitable<bool> accept(beast::http::request<beast::http::string_body> request, std::string protocol)
    {
        m_socket.set_option(websocket::stream_base::decorator([protocol](websocket::response_type& response) {
            response.set(beast::http::field::sec_websocket_protocol, protocol);
        }));
        m_socket.read_message_max(kMaxMessage);
        m_socket.binary(true);
        beast::error_code problem;
        co_await m_socket.async_accept(request, asio::redirect_error(asio::use_awaitable, problem));
        co_return !problem;
    }
    asio::awaitable<std::optional<std::string>> read() override
    {
        beast::flat_buffer buffer;
        beast::error_code problem;
        co_await m_socket.async_read(buffer, asio::redirect_error(asio::use_awaitable, problem));
        if (problem)
            co_return std::nullopt;
        co_return beast::buffers_to_string(buffer.data());
    }
    asio::awaitable<bool> write(std::string message) override
    {
        beast::error_code problem;
        co_await m_socket.async_write(asio::buffer(message), asio::redirect_error(asio::use_awaitable, problem));
        co_return !problem;
    }
    asio::awaitable<void> close() override
    {
        beast::error_code ignored;
        co_await m_socket.async_close(websocket::close_code::normal, asio::redirect_error(asio::use_awaitable, ignored));
    }
    void cut() override { beast::get_lowest_layer(m_socket).close(); }

private:
    websocket::stream<TlsStream> m_socket;
};

/// A tunnel, its wire and the two coroutines that serve it.
struct Carriage {
    Carriage(std::shared_ptr<Tunnel> t, std::shared_ptr<Wire> w, const asio::any_io_executor& executor)
        : tunnel(std::move(t)), wire(std::move(w)), timer(executor)
    {
    }
    std::shared_ptr<Tunnel> tunnel;
    std::shared_ptr<Wire> wire;
    asio::steady_timer timer;
    bool open = true;
};

asio::awaitable<void> readLoop(std::shared_ptr<Carriage> carriage)
{
    for (;;) {
        std::optional<std::string> bytes = co_await carriage->wire->read();
        if (!bytes)
            break;
        carriage->tunnel->received(*bytes);
        carriage->timer.cancel();
    }
    carriage->open = false;
    carriage->tunnel->closed();
    carriage->timer.cancel();
}

asio::awaitable<void> pause(std::shared_ptr<Carriage> carriage)
{
    beast::error_code ignored;
    carriage->timer.expires_after(kWirePoll);
    co_await carriage->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

} // namespace

std::unique_ptr<Wire> rawWire(TlsStream stream, const beast::flat_buffer& buffer)
{
    return std::make_unique<RawWire>(std::move(stream), beast::buffers_to_string(buffer.data()));
}

asio::awaitable<std::unique_ptr<Wire>> webSocketWire(TlsStream stream, beast::http::request<beast::http::string_body> request, std::string protocol)
{
    auto wire = std::make_unique<WebSocketWire>(std::move(stream));
    const bool accepted = co_await wire->accept(std::move(request), std::move(protocol));
    if (!accepted)
        co_return nullptr;
    co_return wire;
}

asio::awaitable<void> carry(std::shared_ptr<Tunnel> tunnel, std::shared_ptr<Wire> wire)
{
    const auto executor = co_await asio::this_coro::executor;
    auto carriage = std::make_shared<Carriage>(std::move(tunnel), std::move(wire), executor);
    asio::co_spawn(executor, readLoop(carriage), asio::detached);
    bool sound = true;
    while (sound) {
        carriage->tunnel->tick();
        const std::vector<std::string> messages = carriage->tunnel->takeOutgoing();
        for (const std::string& message : messages) {
            sound = co_await carriage->wire->write(message);
            if (!sound)
                break;
        }
        if (carriage->tunnel->finished() || !carriage->open)
            break;
        co_await pause(carriage);
    }
    if (sound && carriage->open)
        co_await carriage->wire->close();
    const auto until = std::chrono::steady_clock::now() + kLinger;
    while (sound && carriage->open && std::chrono::steady_clock::now() < until)
        co_await pause(carriage);
    carriage->wire->cut();
}

} // namespace core::endpoint
