#include "core/endpoint/endpoint.h"
#include "sim/engine/random.h"
#include "tests/support/lab.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>

#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <thread>

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr int kRequests = 10'000;

std::size_t openFiles()
{
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        (void)entry;
        ++count;
    }
    return count;
}

/// A lab with its API open, on a thread of its own, as the program runs it.
class Served {
public:
    Served() : m_lab(tests::lab()), m_timer(m_io)
    {
        auto opened = core::endpoint::Endpoint::open(m_io, [this] { return m_lab.get(); }, {});
        EXPECT_TRUE(opened) << opened.error().text();
        m_endpoint = std::move(*opened);
        tick();
        m_thread = std::thread([this] { m_io.run(); });
    }
    ~Served()
    {
        asio::post(m_io, [this] {
            m_endpoint.reset();
            m_timer.cancel();
            m_stopped = true;
        });
        m_thread.join(); // run() returns once the last connection has ended: none hangs
    }
    std::uint16_t port() const { return m_endpoint->port(); }
    std::string token() const
    {
        const std::string config = m_endpoint->kubeconfig();
        const std::size_t at = config.find("token: ") + 7;
        return config.substr(at, config.find('\n', at) - at);
    }
    std::size_t connections()
    {
        std::promise<std::size_t> count;
        asio::post(m_io, [&] { count.set_value(m_endpoint->connections()); });
        return count.get_future().get();
    }

private:
    void tick()
    {
        m_timer.expires_after(std::chrono::milliseconds(20));
        m_timer.async_wait([this](const boost::system::error_code&) {
            if (m_stopped)
                return;
            m_lab->runFor(std::chrono::milliseconds(20));
            tick();
        });
    }

    std::unique_ptr<core::session::Session> m_lab;
    asio::io_context m_io;
    asio::steady_timer m_timer;
    std::unique_ptr<core::endpoint::Endpoint> m_endpoint;
    bool m_stopped = false;
    std::thread m_thread;
};

class Client {
public:
    explicit Client(std::uint16_t port) : m_context(asio::ssl::context::tls_client), m_target(asio::ip::address_v4::loopback(), port) { }

    /// Sends the bytes and reads what comes until the server closes or has answered.
    std::string ask(const std::string& bytes, bool whole)
    {
        asio::ssl::stream<tcp::socket> stream(m_io, m_context);
        boost::system::error_code problem;
        stream.next_layer().connect(m_target, problem);
        if (!problem)
            stream.handshake(asio::ssl::stream_base::client, problem);
        if (!problem)
            asio::write(stream, asio::buffer(bytes), problem);
        std::string answer;
        if (!problem && whole)
            asio::read(stream, asio::dynamic_buffer(answer), problem);
        return answer; // closed without goodbye
    }
    /// The bytes, without TLS.
    void plain(const std::string& bytes)
    {
        tcp::socket socket(m_io);
        boost::system::error_code ignored;
        socket.connect(m_target, ignored);
        asio::write(socket, asio::buffer(bytes), ignored);
    }

private:
    asio::io_context m_io;
    asio::ssl::context m_context;
    tcp::endpoint m_target;
};

std::string pick(sim::RandomStream& random, const std::vector<std::string>& choices) { return choices[random.below(choices.size())]; }

/// Something that looks like a request until one looks closer.
std::string malformed(sim::RandomStream& random, const std::string& token)
{
    static const std::vector<std::string> kMethods{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "BREW", ""};
    static const std::vector<std::string> kPaths{"/api/v1/pods", "/api/v1/namespaces/shop/pods/x/exec?command=ls&stdin=1", "/openapi/v2", "/apis", "/%zz", "*", "",
                                                 "/api/v1/namespaces/shop/configmaps?watch=1&resourceVersion=99999999999999999999",
                                                 "/api/v1/namespaces/%00/pods", "/api/v1/pods?fieldSelector=%ff", "//api//v1//pods", "/api/v1/nodes?watch=1"};
    static const std::vector<std::string> kTypes{"application/json", "application/yaml", "application/vnd.kubernetes.protobuf", "application/apply-patch+yaml",
                                                 "application/json-patch+json", "application/strategic-merge-patch+json", ";;;", ""};
    static const std::vector<std::string> kBodies{"", "{", "[[[[[[", "{\"metadata\":7}", "a: &a [*a, *a]", std::string("k8s\0\x0a\xff\xff", 7), "\"\\ud800\"",
                                                  "{\"spec\":{\"replicas\":1e999}}", std::string(5000, '['), "[{\"op\":\"test\",\"path\":\"/x\"}]"};
    const std::string body = pick(random, kBodies);
    std::string text = pick(random, kMethods) + " " + pick(random, kPaths) + " HTTP/1." + std::to_string(random.below(3)) + "\r\nHost: x\r\nAuthorization: Bearer "
        + token + "\r\nContent-Type: " + pick(random, kTypes) + "\r\n";
    switch (random.below(8)) {
    case 0: text += "Content-Length: " + std::to_string(body.size() + random.below(3)) + "\r\n"; break;
    case 1: text += "Content-Length: 99999999999999999999\r\n"; break;
    case 2: text += "Transfer-Encoding: chunked\r\n"; break;
    case 3: text += "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n"; break;
    case 4: text += "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: v5.channel.k8s.io\r\n"; break;
    case 5: text += std::string(random.below(3) * 40'000, 'h') + ": x\r\n"; break;
    case 6: text += "Accept: application/json;as=Table;v=v1;g=meta.k8s.io\r\nContent-Length: " + std::to_string(body.size()) + "\r\n"; break;
    default: break;
    }
    text += "\r\n" + body;
    for (std::uint64_t damage = random.below(4); damage > 0; --damage)
        text[random.below(text.size())] = static_cast<char>(random.below(256));
    if (random.below(4) == 0)
        text.resize(random.below(text.size()) + 1);
    return text;
}

TEST(HttpDoor, TenThousandMalformedRequestsLoseAndLeakNothing)
{
    Served served;
    const std::string token = served.token();
    Client client(served.port());
    const std::string sound = "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    ASSERT_NE(client.ask(sound, true).find("200 OK"), std::string::npos);
    const std::size_t before = openFiles();
    sim::RandomStream random(1, "http/malformed");
    for (int i = 0; i < kRequests; ++i) {
        const std::string text = malformed(random, token);
        if (random.below(4) == 0)
            client.plain(text);
        else
            client.ask(text, false);
        if (i % 1000 == 999) {
            ASSERT_NE(client.ask(sound, true).find("200 OK"), std::string::npos) << "after " << i + 1 << " requests";
        }
    }
    std::size_t left = 1;
    for (int i = 0; i < 200 && left > 0; ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        left = served.connections();
    }
    EXPECT_EQ(left, 0u);
    EXPECT_LE(openFiles(), before);
    EXPECT_NE(client.ask(sound, true).find("200 OK"), std::string::npos);
}

} // namespace
