#include "app/desktop/kube/api_dialog.h"
#include "app/desktop/runner_client.h"
#include "core/content/library.h"
#include "sim/engine/base64.h"
#include "sim/kube/api/yaml.h"
#include "tests/app/suites.h"

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>

#include <QApplication>
#include <QCheckBox>
#include <QFile>
#include <QLineEdit>
#include <QTemporaryDir>
#include <QtTest>

#include <memory>
#include <string>

namespace app::desktop::testing {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

constexpr int kSwitchMilliseconds = 20'000;

/// What a client of this machine finds at the address in the kubeconfig.
class LoopbackClient {
public:
    /// Requires: a kubeconfig that the lab wrote.
    explicit LoopbackClient(const std::string& kubeconfig)
    {
        const nlohmann::json cluster = sim::kube::parseYaml(kubeconfig)->front().at("clusters").at(0).at("cluster");
        const std::string server = cluster.at("server").get<std::string>();
        const std::string authority = sim::decodeBase64(cluster.at("certificate-authority-data").get<std::string>()).value();
        m_loopback = server.rfind("https://127.0.0.1:", 0) == 0;
        m_target = tcp::endpoint(asio::ip::address_v4::loopback(), static_cast<std::uint16_t>(std::stoi(server.substr(server.rfind(':') + 1))));
        m_tls.add_certificate_authority(asio::buffer(authority));
        m_tls.set_verify_mode(asio::ssl::verify_peer);
        m_tls.set_verify_callback(asio::ssl::host_name_verification("127.0.0.1"));
    }
    bool loopback() const { return m_loopback; }

    /// The whole answer; empty when nobody listens or the server is not the one of the kubeconfig.
    std::string get(const std::string& path)
    {
        asio::ssl::stream<tcp::socket> stream(m_io, m_tls);
        boost::system::error_code problem;
        stream.next_layer().connect(m_target, problem);
        if (!problem)
            stream.handshake(asio::ssl::stream_base::client, problem);
        if (!problem)
            asio::write(stream, asio::buffer("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"), problem);
        std::string answer;
        if (!problem)
            asio::read(stream, asio::dynamic_buffer(answer), problem);
        return answer;
    }
    bool refused()
    {
        tcp::socket socket(m_io);
        boost::system::error_code problem;
        socket.connect(m_target, problem);
        return problem == asio::error::connection_refused;
    }

private:
    asio::io_context m_io;
    asio::ssl::context m_tls{asio::ssl::context::tls_client};
    tcp::endpoint m_target;
    bool m_loopback = false;
};

} // namespace

/// The switch of the window over a real lab: what it opens is there for other programs, and what it closes is gone.
class ServedApiTest : public QObject {
    Q_OBJECT

private slots:
    void opensAndCloses()
    {
        const QTemporaryDir runtime; // not the user's own, where a lab may be open
        const QByteArray before = qgetenv("XDG_RUNTIME_DIR");
        qputenv("XDG_RUNTIME_DIR", runtime.path().toUtf8());
        const auto restored = qScopeGuard([&] { before.isEmpty() ? qunsetenv("XDG_RUNTIME_DIR") : qputenv("XDG_RUNTIME_DIR", before); });

        Look look{Preferences{}};
        RunnerClient client(std::make_shared<const core::content::Library>(core::content::load({FAULTLINE_SOURCE_CONTENT})));
        QSignalSpy frames(&client, &LabClient::frameReady);
        client.start({});
        QTRY_VERIFY_WITH_TIMEOUT(!frames.isEmpty(), kSwitchMilliseconds);
        ApiDialog dialog(look, client);
        dialog.show();
        auto* open = dialog.findChild<QCheckBox*>();
        auto* path = dialog.findChild<QLineEdit*>();
        open->click();
        QTRY_VERIFY_WITH_TIMEOUT(path->isEnabled(), kSwitchMilliseconds);

        QFile file(path->text());
        QVERIFY(path->text().startsWith(runtime.path()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.permissions() & (QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther), QFile::Permissions());
        LoopbackClient outside(file.readAll().toStdString());
        QVERIFY(outside.loopback());
        const std::string answer = outside.get("/version");
        QVERIFY(answer.rfind("HTTP/1.1 200 OK\r\n", 0) == 0);
        QVERIFY(answer.find("\"gitVersion\"") != std::string::npos);
        QVERIFY(outside.get("/api/v1/nodes").rfind("HTTP/1.1 401 Unauthorized\r\n", 0) == 0); // nobody without a key

        open->click();
        QTRY_VERIFY_WITH_TIMEOUT(outside.refused(), kSwitchMilliseconds);
        QVERIFY(outside.get("/version").empty());
        QVERIFY(!path->isEnabled());
    }
};

std::unique_ptr<QObject> makeServedApiTest()
{
    return std::make_unique<ServedApiTest>();
}

} // namespace app::desktop::testing

#include "served_api_test.moc"
