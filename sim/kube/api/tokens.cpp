#include "sim/kube/api/tokens.h"

#include "sim/engine/base64.h"
#include "sim/engine/fingerprint.h"
#include "sim/kube/api/authorizer.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace sim::kube {

namespace {

using nlohmann::json;

constexpr const char* kIssuer = "https://kubernetes.default.svc.cluster.local";
constexpr int kSignatureBytes = 256; // of RS256

std::string signatureOf(std::string_view signedPart)
{
    std::string bytes;
    for (int i = 0; i < kSignatureBytes / 8; ++i) {
        Fingerprint f;
        f.add(signedPart);
        f.add(static_cast<std::uint64_t>(i));
        const std::uint64_t word = f.value();
        for (int shift = 0; shift < 64; shift += 8)
            bytes += static_cast<char>(word >> shift & 255);
    }
    return encodeBase64Url(bytes);
}

std::int64_t seconds(Instant at) { return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count(); }

const char* claimOf(const std::string& kind) { return kind == "Pod" ? "pod" : kind == "Secret" ? "secret" : "node"; }

/// The object of a claim is there still; so too without such a claim.
template <class T>
bool stands(const Store& store, const json& bound, const char* claim, const std::string& space)
{
    if (!bound.contains(claim))
        return true;
    const auto object = store.get<T>({space, bound.at(claim).at("name").template get<std::string>()});
    return object && object->metadata.uid == bound.at(claim).at("uid");
}

} // namespace

std::vector<std::string> serviceAccountGroups(const std::string& namespace_)
{
    return {"system:serviceaccounts", "system:serviceaccounts:" + namespace_, kAuthenticatedGroup};
}

std::string issueToken(const ServiceAccount& account, const std::vector<std::string>& audiences, Instant now, Duration lifetime,
                       const TokenBinding& binding)
{
    const std::string& space = account.metadata.namespace_;
    const std::string& name = account.metadata.name;
    json claims{{"aud", audiences.empty() ? std::vector<std::string>{kIssuer} : audiences},
                {"exp", seconds(now + lifetime)},
                {"iat", seconds(now)},
                {"iss", kIssuer},
                {"kubernetes.io", {{"namespace", space}, {"serviceaccount", {{"name", name}, {"uid", account.metadata.uid}}}}},
                {"nbf", seconds(now)},
                {"sub", fmt::format("system:serviceaccount:{}:{}", space, name)}};
    if (!binding.kind.empty())
        claims["kubernetes.io"][claimOf(binding.kind)] = {{"name", binding.name}, {"uid", binding.uid}};
    const std::string signedPart = encodeBase64Url(R"({"alg":"RS256","kid":"faultline"})") + "." + encodeBase64Url(claims.dump());
    return signedPart + "." + signatureOf(signedPart);
}

std::optional<TokenIdentity> readToken(const Store& store, const std::string& token, Instant now)
{
    const std::size_t first = token.find('.');
    const std::size_t second = token.rfind('.');
    if (first == std::string::npos || second == first || signatureOf(std::string_view(token).substr(0, second)) != token.substr(second + 1))
        return std::nullopt;
    const json claims = json::parse(decodeBase64Url(std::string_view(token).substr(first + 1, second - first - 1)).value_or(""), nullptr, false);
    if (!claims.is_object())
        return std::nullopt;
    try {
        const json& bound = claims.at("kubernetes.io");
        const std::string space = bound.at("namespace");
        const std::string name = bound.at("serviceaccount").at("name");
        const auto account = store.get<ServiceAccount>({space, name});
        if (!account || account->metadata.uid != bound.at("serviceaccount").at("uid") || claims.at("exp").get<std::int64_t>() <= seconds(now))
            return std::nullopt;
        if (!stands<Pod>(store, bound, "pod", space) || !stands<Secret>(store, bound, "secret", space) || !stands<Node>(store, bound, "node", {}))
            return std::nullopt;
        TokenIdentity identity;
        identity.user = claims.at("sub");
        identity.uid = account->metadata.uid;
        identity.groups = serviceAccountGroups(space);
        identity.audiences = claims.at("aud").get<std::vector<std::string>>();
        identity.expires = Instant(std::chrono::seconds(claims.at("exp").get<std::int64_t>()));
        return identity;
    } catch (const json::exception&) {
        return std::nullopt;
    }
}

} // namespace sim::kube
