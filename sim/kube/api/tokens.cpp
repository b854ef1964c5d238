#include "sim/kube/api/tokens.h"

#include "sim/engine/fingerprint.h"
#include "sim/kube/api/authorizer.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

namespace sim::kube {

namespace {

using nlohmann::json;

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr const char* kIssuer = "https://kubernetes.default.svc.cluster.local";
constexpr int kSignatureBytes = 256; // of RS256

std::string encoded(std::string_view bytes)
{
    std::string out;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const auto byte = [&](std::size_t at) { return at < bytes.size() ? static_cast<unsigned char>(bytes[at]) : 0u; };
        const std::uint32_t bits = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
        const std::size_t digits = std::min<std::size_t>(bytes.size() - i, 3) + 1; // no padding
        for (std::size_t d = 0; d < digits; ++d)
            out += kAlphabet[bits >> (18 - 6 * d) & 63];
    }
    return out;
}

std::string decoded(std::string_view text)
{
    std::string out;
    std::uint32_t bits = 0;
    int have = 0;
    for (const char c : text) {
        const std::size_t digit = kAlphabet.find(c);
        if (digit == std::string_view::npos)
            return {};
        bits = bits << 6 | static_cast<std::uint32_t>(digit);
        have += 6;
        if (have >= 8) {
            have -= 8;
            out += static_cast<char>(bits >> have & 255);
        }
    }
    return out;
}

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
    return encoded(bytes);
}

std::int64_t seconds(Instant at) { return std::chrono::duration_cast<std::chrono::seconds>(at.time_since_epoch()).count(); }

} // namespace

std::vector<std::string> serviceAccountGroups(const std::string& namespace_)
{
    return {"system:serviceaccounts", "system:serviceaccounts:" + namespace_, kAuthenticatedGroup};
}

std::string issueToken(const ServiceAccount& account, const std::vector<std::string>& audiences, Instant now, Duration lifetime,
                       const std::string& podName, const std::string& podUid)
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
    if (!podName.empty())
        claims["kubernetes.io"]["pod"] = {{"name", podName}, {"uid", podUid}};
    const std::string signedPart = encoded(R"({"alg":"RS256","kid":"faultline"})") + "." + encoded(claims.dump());
    return signedPart + "." + signatureOf(signedPart);
}

std::optional<TokenIdentity> readToken(const Store& store, const std::string& token, Instant now)
{
    const std::size_t first = token.find('.');
    const std::size_t second = token.rfind('.');
    if (first == std::string::npos || second == first || signatureOf(std::string_view(token).substr(0, second)) != token.substr(second + 1))
        return std::nullopt;
    const json claims = json::parse(decoded(std::string_view(token).substr(first + 1, second - first - 1)), nullptr, false);
    if (!claims.is_object())
        return std::nullopt;
    try {
        const json& bound = claims.at("kubernetes.io");
        const std::string space = bound.at("namespace");
        const std::string name = bound.at("serviceaccount").at("name");
        const auto account = store.get<ServiceAccount>({space, name});
        if (!account || account->metadata.uid != bound.at("serviceaccount").at("uid") || claims.at("exp").get<std::int64_t>() <= seconds(now))
            return std::nullopt;
        if (bound.contains("pod")) {
            const auto pod = store.get<Pod>({space, bound.at("pod").at("name").get<std::string>()});
            if (!pod || pod->metadata.uid != bound.at("pod").at("uid"))
                return std::nullopt;
        }
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
