#pragma once

#include "sim/engine/time.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sim::net {

/// An X.509 certificate as far as TLS clients judge one (RFC 5280). Keys are stood for by their ids, and a signature by
/// the id of the key that made it: nothing here is secret, and nothing is to be trusted outside the simulation.
struct Certificate {
    std::string subject;               ///< common name
    std::string issuer;                ///< common name of who signed it
    std::uint64_t serial = 1;
    std::vector<std::string> dnsNames; ///< subjectAltName
    Instant notBefore{};               ///< whole seconds, years 1950 to 2049 (UTCTime)
    Instant notAfter{};
    bool isCa = false;
    std::uint64_t keyId = 0;           ///< subjectKeyIdentifier
    std::uint64_t issuerKeyId = 0;     ///< authorityKeyIdentifier
    bool operator==(const Certificate&) const = default;
};

/// PEM around DER, as `openssl x509` reads it.
std::string toPem(const Certificate& certificate);
/// Every certificate in a PEM text that this file wrote; others are left out.
std::vector<Certificate> certificatesIn(std::string_view pem);

/// What a TLS client written in Go says of a server that presents `leaf` when asked for `name`: the error of
/// crypto/tls, empty when it is content. `roots`: what it trusts.
std::string tlsError(const Certificate& leaf, const std::vector<Certificate>& roots, const std::string& name, Instant now);

} // namespace sim::net
