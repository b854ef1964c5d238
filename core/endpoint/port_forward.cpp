#include "core/endpoint/port_forward.h"

#include "core/endpoint/forwarded_http.h"
#include "core/endpoint/spdy_tunnel.h"

#include <charconv>
#include <map>
#include <optional>

namespace core::endpoint {

namespace {

// More connections at once than any browser opens.
constexpr std::size_t kMaxForwards = 256;

class SpdyPortForward final : public SpdyTunnel {
public:
    SpdyPortForward(LabSource lab, PodTarget target) : m_lab(std::move(lab)), m_target(std::move(target)) { }
    void tick() override { }

private:
    struct Connection {
        std::optional<StreamId> error;
        std::optional<StreamId> data;
        std::optional<ForwardedHttp> http;
    };

    void opened(StreamId stream, const std::map<std::string, std::string>& headers) override
    {
        const auto value = [&](const char* name) {
            const auto it = headers.find(name);
            return it == headers.end() ? std::string() : it->second;
        };
        const std::string port = value("port");
        std::int64_t number = 0;
        std::from_chars(port.data(), port.data() + port.size(), number);
        if (number < 1 || number > 65535 || m_connections.size() >= kMaxForwards)
            return reset(stream);
        Connection& connection = m_connections[value("requestid")];
        if (value("streamtype") == "error")
            connection.error = stream;
        else
            connection.data = stream;
        if (!connection.http)
            connection.http.emplace(m_target, number);
    }
    void data(StreamId stream, std::string_view bytes) override
    {
        for (auto& [id, connection] : m_connections) {
            if (connection.data != stream)
                continue;
            const session::Session* lab = m_lab();
            if (lab == nullptr)
                return;
            write(stream, connection.http->received(bytes, lab->world()));
            if (!connection.http->error().empty() && connection.error) {
                write(*connection.error, connection.http->error());
                finish(*connection.error);
                finish(stream);
                connection.error.reset();
            } else if (connection.http->ended()) {
                finish(stream);
            }
            return;
        }
    }
    void ended(StreamId stream) override
    {
        for (auto it = m_connections.begin(); it != m_connections.end(); ++it) {
            if (it->second.data != stream)
                continue;
            if (!it->second.http->ended())
                finish(stream);
            if (it->second.error)
                finish(*it->second.error);
            m_connections.erase(it);
            return;
        }
    }
    bool done() const override { return false; }

    LabSource m_lab;
    PodTarget m_target;
    std::map<std::string, Connection> m_connections;
};

class WebSocketPortForward final : public Tunnel {
public:
    WebSocketPortForward(LabSource lab, const PodTarget& target, const std::vector<std::int64_t>& ports) : m_lab(std::move(lab))
    {
        for (const std::int64_t port : ports) {
            const auto channel = static_cast<char>(2 * m_connections.size());
            const std::string number{static_cast<char>(port & 0xff), static_cast<char>(port >> 8)};
            send(channel + number);
            send(static_cast<char>(channel + 1) + number);
            m_connections.emplace_back(target, port);
        }
    }
    void tick() override { }
    void closed() override { m_closed = true; }
    bool finished() const override { return m_closed; }
    void received(std::string_view message) override
    {
        if (message.empty())
            return;
        const auto channel = static_cast<unsigned char>(message[0]);
        const session::Session* lab = m_lab();
        if (channel % 2 != 0 || channel / 2u >= m_connections.size() || lab == nullptr)
            return;
        ForwardedHttp& connection = m_connections[channel / 2u];
        const std::string answer = connection.received(message.substr(1), lab->world());
        if (!answer.empty())
            send(message[0] + answer);
        if (!connection.error().empty()) {
            send(static_cast<char>(channel + 1) + connection.error());
            m_closed = true;
        }
        m_closed = m_closed || connection.ended();
    }

private:
    LabSource m_lab;
    std::vector<ForwardedHttp> m_connections;
    bool m_closed = false;
};

} // namespace

std::unique_ptr<Tunnel> spdyPortForward(LabSource lab, PodTarget target)
{
    return std::make_unique<SpdyPortForward>(std::move(lab), std::move(target));
}

std::unique_ptr<Tunnel> webSocketPortForward(LabSource lab, PodTarget target, std::vector<std::int64_t> ports)
{
    return std::make_unique<WebSocketPortForward>(std::move(lab), target, ports);
}

} // namespace core::endpoint
