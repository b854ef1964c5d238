#pragma once

#include "sim/host/machine.h"

#include <optional>
#include <string>
#include <string_view>

namespace sim::host {

/// What one reads of an X.509 client certificate that the cluster's CA ("CN = kubernetes") has signed. The key and
/// the signature are made up from the serial number: nothing here is a secret, and nothing can be proved with it.
struct Certificate {
    std::string organization; ///< "system:nodes"
    std::string commonName;   ///< "system:node:worker-1"
    Instant notBefore{};      ///< whole seconds, years 1950 to 2049 (UTCTime)
    Instant notAfter{};       ///< valid up to and including this second
    std::uint64_t serial = 1; ///< not 0
    bool operator==(const Certificate&) const = default;
};

inline constexpr const char* kClusterCa = "kubernetes"; ///< the issuer's common name, as kubeadm writes it
/// kubeadm and the controller manager's signer hand out client certificates for a year.
inline constexpr Duration kClientCertificateLife = 24h * 365;

/// "-----BEGIN CERTIFICATE-----..." with the DER of a version 3 certificate (RFC 5280) in base64, 64 digits a line.
std::string pemOf(const Certificate& certificate);
/// The same followed by its private key, as kubelet keeps them in one file.
std::string clientPem(const Certificate& certificate);
/// "/var/lib/kubelet/pki/kubelet-client-2026-03-02-09-05-00.pem": where a kubelet puts a certificate it got then.
std::string kubeletClientFile(Instant at);
/// The first certificate in a PEM text; nothing when there is none or it is not readable.
std::optional<Certificate> parseCertificate(std::string_view pem);

/// The client certificate that a kubeconfig on the machine leads to: its client-certificate-data, or the file
/// that client-certificate names. Nothing when file or certificate is missing or unreadable.
std::optional<Certificate> clientCertificateOf(const Machine& machine, const std::string& kubeconfig);

/// "Mar  2 09:05:00 2026 GMT", as openssl prints times.
std::string opensslTime(Instant at);
/// "2026-03-02 09:05:00 +0000 UTC", as Go's time.Time prints.
std::string goTime(Instant at);

} // namespace sim::host
