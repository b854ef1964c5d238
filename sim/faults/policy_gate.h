#pragma once

#include "sim/faults/catalogue.h"
#include "sim/net/certificate.h"

#include <string>

namespace sim::container {
struct Registry;
}

namespace sim::faults {

// A validating webhook that lets pods in by the registry of their images: its program, its certificate and its objects.

inline constexpr const char* kGateNamespace = "policy-system";
inline constexpr const char* kGate = "policy-gate";
inline constexpr const char* kGateTls = "policy-gate-tls";
inline constexpr const char* kGatePath = "/validate";

struct GateSettings {
    std::int64_t replicas = 2;
    std::int64_t readyAfterSeconds = 1; ///< its readiness probe's initial delay
    bool exemptsItself = true;          ///< the webhook is not asked about its own namespace
    bool probesPortOnly = false;        ///< its readiness probe opens a connection and asks nothing
};

/// Who signs the gate's certificates; `generation` tells keys of the same name apart.
net::Certificate gateAuthority(const Context& context, std::uint64_t generation);
/// A serving certificate for the gate's Service.
net::Certificate gateCertificate(const Context& context, const net::Certificate& authority, Instant notBefore, Instant notAfter);

/// Puts the certificate and the authority's into the gate's Secret.
void setGateSecret(Context& context, const net::Certificate& certificate, const net::Certificate& authority);
/// The webhook's configuration trusts this authority.
void trustAuthority(Context& context, const net::Certificate& authority);
/// Pushes the image and creates namespace, pull secret, TLS secret, Service, Deployment and webhook configuration.
void deployGate(Context& context, container::Registry& registry, const GateSettings& settings, const net::Certificate& certificate,
                const net::Certificate& authority);

} // namespace sim::faults
