#include "core/endpoint/authentication.h"

#include <fmt/format.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>

namespace core::endpoint {

namespace {

constexpr const char* kMasters = "system:masters";
constexpr const char* kAuthenticated = "system:authenticated";

std::vector<std::string> entries(X509_NAME* name, int field)
{
    std::vector<std::string> values;
    for (int at = X509_NAME_get_index_by_NID(name, field, -1); at >= 0; at = X509_NAME_get_index_by_NID(name, field, at)) {
        unsigned char* text = nullptr;
        const int size = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
        if (size >= 0)
            values.emplace_back(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
        OPENSSL_free(text);
    }
    return values;
}

void addAuthenticated(Identity& identity)
{
    if (!identity.user.empty() && std::find(identity.groups.begin(), identity.groups.end(), kAuthenticated) == identity.groups.end())
        identity.groups.emplace_back(kAuthenticated);
}

/// Equal in a time that does not tell how much of it is right.
bool sameToken(const std::string& a, const std::string& b)
{
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

} // namespace

std::optional<Identity> certificateIdentity(ssl_st* tls)
{
    X509* certificate = SSL_get1_peer_certificate(tls);
    if (certificate == nullptr)
        return std::nullopt;
    Identity identity;
    if (SSL_get_verify_result(tls) == X509_V_OK) {
        X509_NAME* subject = X509_get_subject_name(certificate);
        const auto users = entries(subject, NID_commonName);
        identity.user = users.empty() ? std::string() : users.front();
        identity.groups = entries(subject, NID_organizationName);
    }
    X509_free(certificate);
    return identity;
}

std::variant<Identity, HttpAnswer> authenticate(const HttpRequest& request, const std::optional<Identity>& certificate,
                                                const std::vector<Credential>& credentials)
{
    Identity identity = certificate.value_or(Identity{});
    const std::string header = request.header("authorization");
    constexpr std::string_view kBearer = "Bearer ";
    if (header.size() > kBearer.size() && header.compare(0, kBearer.size(), kBearer) == 0 && identity.user.empty()) {
        const std::string token = header.substr(kBearer.size());
        for (const Credential& one : credentials)
            if (sameToken(one.token, token))
                identity = one.identity;
    }
    addAuthenticated(identity);
    const std::string as = request.header("impersonate-user");
    if (as.empty() || identity.user.empty())
        return identity;
    if (std::find(identity.groups.begin(), identity.groups.end(), kMasters) == identity.groups.end())
        return statusAnswer(403, "Forbidden", fmt::format("users \"{}\" is forbidden: User \"{}\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope", as, identity.user));
    Identity other;
    other.user = as;
    std::string groups = request.header("impersonate-group");
    while (!groups.empty()) {
        const std::size_t comma = groups.find(", ");
        other.groups.push_back(groups.substr(0, comma));
        groups = comma == std::string::npos ? std::string() : groups.substr(comma + 2);
    }
    addAuthenticated(other);
    return other;
}

} // namespace core::endpoint
