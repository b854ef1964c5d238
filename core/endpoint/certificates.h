#pragma once

#include "core/endpoint/http_message.h"
#include "sim/engine/result.h"

#include <memory>
#include <string>
#include <vector>

namespace core::endpoint {

/// A certificate with its key, both as PEM.
struct Certificate {
    std::string certificate;
    std::string key;
};

/// An authority that lives as long as one endpoint: its key is never written anywhere.
class CertificateAuthority {
public:
    static sim::Result<CertificateAuthority> make();
    CertificateAuthority(CertificateAuthority&&) noexcept;
    CertificateAuthority& operator=(CertificateAuthority&&) noexcept;
    ~CertificateAuthority();

    const std::string& certificate() const; ///< PEM
    /// For a server at these addresses (numbers) and names.
    sim::Result<Certificate> forServer(const std::vector<std::string>& addresses, const std::vector<std::string>& names) const;
    /// For a client: CN is the user, each O a group, as Kubernetes reads them.
    sim::Result<Certificate> forClient(const Identity& identity) const;

private:
    CertificateAuthority();
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

/// 128 bits from the system's random source, in hex: a bearer token.
std::string randomToken();

} // namespace core::endpoint
