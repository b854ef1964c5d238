#include "core/endpoint/authentication.h"
#include "core/endpoint/certificates.h"

#include <gtest/gtest.h>

namespace {

using namespace core::endpoint;

class Authentication : public testing::Test {
protected:
    Identity identity(const HttpRequest& request, const std::optional<Identity>& certificate = std::nullopt)
    {
        auto found = authenticate(request, certificate, credentials);
        EXPECT_TRUE(std::holds_alternative<Identity>(found));
        return std::holds_alternative<Identity>(found) ? std::get<Identity>(found) : Identity{};
    }
    static HttpRequest with(const std::string& name, const std::string& value)
    {
        HttpRequest request;
        request.headers[name] = value;
        return request;
    }

    std::vector<Credential> credentials{{{"admin", {"system:masters"}}, {}, "secret"}, {{"alice", {"dev"}}, {}, "other"}};
};

TEST_F(Authentication, TakesTokensAndCertificates)
{
    EXPECT_EQ(identity(with("authorization", "Bearer other")), (Identity{"alice", {"dev", "system:authenticated"}}));
    EXPECT_EQ(identity({}, Identity{"bob", {}}), (Identity{"bob", {"system:authenticated"}}));
    EXPECT_EQ(identity(with("authorization", "Bearer wrong")), Identity{});
    EXPECT_EQ(identity(with("authorization", "Basic other")), Identity{});
    EXPECT_EQ(identity({}), Identity{});
}

TEST_F(Authentication, LetsOnlyMastersSpeakForOthers)
{
    HttpRequest request = with("authorization", "Bearer secret");
    request.headers["impersonate-user"] = "carol";
    request.headers["impersonate-group"] = "ops, dev";
    EXPECT_EQ(identity(request), (Identity{"carol", {"ops", "dev", "system:authenticated"}}));
    request.headers["authorization"] = "Bearer other";
    const auto refused = authenticate(request, std::nullopt, credentials);
    ASSERT_TRUE(std::holds_alternative<HttpAnswer>(refused));
    EXPECT_EQ(std::get<HttpAnswer>(refused).status, 403);
}

TEST(Certificates, AreMade)
{
    const auto authority = CertificateAuthority::make();
    ASSERT_TRUE(authority);
    const auto server = authority->forServer({"127.0.0.1", "::1"}, {"localhost"});
    ASSERT_TRUE(server);
    EXPECT_EQ(server->certificate.rfind("-----BEGIN CERTIFICATE-----", 0), 0u);
    EXPECT_EQ(server->key.rfind("-----BEGIN PRIVATE KEY-----", 0), 0u);
    EXPECT_FALSE(authority->forServer({"no address"}, {})) << "the caller is told";
    EXPECT_TRUE(authority->forClient({"alice", {"dev", "ops"}}));
    EXPECT_NE(randomToken(), randomToken());
}

} // namespace
