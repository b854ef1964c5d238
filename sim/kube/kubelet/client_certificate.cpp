#include "sim/host/certificate.h"
#include "sim/host/paths.h"
#include "sim/host/start_checks.h"
#include "sim/kube/kubelet/kubelet.h"

#include <fmt/format.h>

#include <algorithm>

// Who the kubelet is to the API server, and what follows when that has run out (pkg/kubelet/certificate,
// client-go transport/cert_rotation.go).
namespace sim::kube {

namespace {

constexpr const char* kKubeconfig = "/etc/kubernetes/kubelet.conf";
constexpr const char* kCurrent = "/var/lib/kubelet/pki/kubelet-client-current.pem";
// A rotating kubelet asks for a new one after 70 to 90 % of the life; the middle of it here.
constexpr double kRotateAfter = 0.8;
// A rotating kubelet that finds its certificate expired while the server answers gives up (UpdateTransport, exitAfter).
constexpr int kFatalExit = 255;

} // namespace

void Kubelet::readCertificate(const KubeletContext& k)
{
    const host::Machine& machine = k.context.hosts.at(m_host);
    auto certificate = host::clientCertificateOf(machine, kKubeconfig);
    if (m_config.rotateCertificates)
        if (const host::File* own = host::findFile(machine, kCurrent))
            if (const auto current = host::parseCertificate(own->content); current && k.now() <= current->notAfter)
                certificate = current;
    m_certificateFrom = certificate ? certificate->notBefore : Instant{};
    m_certificateUntil = certificate ? certificate->notAfter : Instant{};
    m_certificateSerial = certificate ? certificate->serial : 0;
}

bool Kubelet::authorized(const KubeletContext& k) const { return k.now() <= m_certificateUntil; }

KubeletContext Kubelet::own(const KubeletContext& shared) const
{
    KubeletContext k = shared;
    if (!authorized(shared))
        k.client = nullptr;
    return k;
}

void Kubelet::rotateCertificate(KubeletContext& k)
{
    readCertificate(k);
    if (!m_config.rotateCertificates || k.client == nullptr || !authorized(k))
        return;
    const Duration life = m_certificateUntil - m_certificateFrom;
    const host::Machine& machine = k.context.hosts.at(m_host);
    const bool stored = host::findFile(machine, kCurrent) != nullptr
        && host::parseCertificate(host::findFile(machine, kCurrent)->content).value_or(host::Certificate{}).serial == m_certificateSerial;
    if (stored && toSeconds(k.now() - m_certificateFrom) < kRotateAfter * toSeconds(life))
        return;
    host::Certificate fresh{"system:nodes", "system:node:" + m_node, k.now() - 300s, k.now() - 300s + host::kClientCertificateLife,
                            k.context.engine.random("kubelet/certificate").next() | 1};
    const std::string path = host::kubeletClientFile(k.now());
    if (k.context.hosts.writeFile(k.context.engine, m_host, path, host::clientPem(fresh), false, 0600) != host::FileError::None)
        return; // no room: asked for again at the next turn
    host::Machine& writable = k.context.hosts.at(m_host);
    writable.files[kCurrent] = std::make_shared<host::File>(host::File{host::File::Type::Symlink, 0777, "root", "root", path,
                                                                        static_cast<std::int64_t>(path.size()), k.now()});
    log(k, 'I', "certificate_manager.go:356", "\"Rotating certificates\" logger=\"kubernetes.io/kube-apiserver-client-kubelet\"");
    readCertificate(k);
}

void Kubelet::refused(const KubeletContext& shared)
{
    KubeletContext k = shared;
    constexpr int kTries = 5; // nodeStatusUpdateRetry
    for (int i = 0; i < kTries; ++i)
        log(k, 'E', "kubelet_node_status.go:549", fmt::format("\"Error updating node status, will retry\" err=\"error getting node \\\"{}\\\": "
                                                              "Unauthorized\"", m_node));
    log(k, 'E', "kubelet_node_status.go:536", "\"Unable to update node status\" err=\"update node status exceeds retry count\"");
    log(k, 'E', "controller.go:195", "\"Failed to update lease\" err=\"Unauthorized\"");
    log(k, 'E', "reflector.go:200", "\"Failed to watch\" err=\"failed to list *v1.Pod: Unauthorized\" logger=\"UnhandledError\" "
                                    "reflector=\"k8s.io/kubernetes/pkg/kubelet/config/apiserver.go:66\" type=\"*v1.Pod\"");
    // The other end writes down why.
    for (const auto& [id, container] : k.context.runtimes.containers())
        if (container.name == "kube-apiserver" && container.serving(k.now())) {
            const auto rfc3339 = [](Instant at) {
                std::string text = host::goTime(at); // "2026-03-02 09:05:00 +0000 UTC"
                text[10] = 'T';
                return text.substr(0, 19) + "Z";
            };
            const std::string why = fmt::format("x509: certificate has expired or is not yet valid: current time {} is after {}",
                                                rfc3339(k.now()), rfc3339(m_certificateUntil));
            k.context.runtimes.log(id, k.now(),
                                   host::klogHeader('E', k.now(), 1, "authentication.go:73")
                                       + fmt::format("\"Unable to authenticate the request\" err=\"[{}, verifying certificate SN={}, "
                                                     "SKID=, AKID= failed: {}]\"", why, m_certificateSerial, why));
            break;
        }
    if (!m_config.rotateCertificates)
        return;
    log(k, 'F', "transport.go:112", "\"The currently active client certificate has expired and the server is responsive, exiting.\"");
    const auto& units = k.context.hosts.at(m_host).units;
    if (const auto unit = units.find("kubelet.service"); unit != units.end())
        k.context.hosts.exit(k.context.engine, k.context.network, m_host, unit->second.mainPid, kFatalExit);
}

} // namespace sim::kube
