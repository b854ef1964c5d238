#include "sim/net/certificate.h"

#include <gtest/gtest.h>

namespace sim::net {

namespace {

constexpr Instant kNow{1'772'442'600s}; // 2026-03-02T09:10:00Z
constexpr Duration kDay = 24h;

Certificate authority(std::uint64_t key)
{
    Certificate ca;
    ca.subject = ca.issuer = "gate-ca";
    ca.notBefore = kNow - 300 * kDay;
    ca.notAfter = kNow + 3000 * kDay;
    ca.isCa = true;
    ca.keyId = ca.issuerKeyId = key;
    return ca;
}

Certificate server()
{
    Certificate leaf;
    leaf.subject = "gate.ops.svc";
    leaf.issuer = "gate-ca";
    leaf.serial = 0xfedc'ba98'7654'3210ULL;
    leaf.dnsNames = {"gate.ops.svc", "gate.ops.svc.cluster.local"};
    leaf.notBefore = kNow - 10 * kDay;
    leaf.notAfter = kNow + 80 * kDay;
    leaf.keyId = 77;
    leaf.issuerKeyId = 1;
    return leaf;
}

TEST(Certificate, IsReadBackFromItsPem)
{
    const std::string both = "subject=whatever\n" + toPem(server()) + toPem(authority(0x8000'0000'0000'0001ULL));
    const auto found = certificatesIn(both);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0], server());
    EXPECT_EQ(found[1], authority(0x8000'0000'0000'0001ULL));
}

TEST(Certificate, PemLinesAreOf64Characters)
{
    const std::string pem = toPem(server());
    EXPECT_EQ(pem.substr(0, 28), "-----BEGIN CERTIFICATE-----\n");
    EXPECT_EQ(pem.find('\n', 28), 28U + 64U);
    EXPECT_EQ(pem.substr(pem.size() - 26), "-----END CERTIFICATE-----\n");
}

TEST(Certificate, DamagedTextIsLeftOut)
{
    const std::string pem = toPem(server());
    for (std::size_t cut = 0; cut < pem.size(); cut += 7)
        EXPECT_TRUE(certificatesIn(pem.substr(0, cut)).empty()) << cut;
    for (std::size_t at = 30; at + 30 < pem.size(); at += 3) {
        std::string broken = pem;
        broken[at] = broken[at] == 'A' ? 'B' : 'A';
        certificatesIn(broken); // anything but a crash
    }
    EXPECT_TRUE(certificatesIn("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n").empty());
}

TEST(Certificate, AGoodOneIsTrusted)
{
    EXPECT_EQ(tlsError(server(), {authority(1)}, "gate.ops.svc", kNow), "");
    EXPECT_EQ(tlsError(server(), {authority(2), authority(1)}, "gate.ops.svc", kNow), "") << "any of the roots";
}

// The texts are crypto/x509's (Go 1.24, verify.go).
TEST(Certificate, ErrorsAreWordedAsGoDoes)
{
    const std::string failed = "tls: failed to verify certificate: x509: ";
    Certificate old = server();
    old.notAfter = kNow - 1s;
    EXPECT_EQ(tlsError(old, {authority(1)}, "gate.ops.svc", kNow),
              failed + "certificate has expired or is not yet valid: current time 2026-03-02T09:10:00Z is after 2026-03-02T09:09:59Z");
    Certificate early = server();
    early.notBefore = kNow + 1s;
    EXPECT_EQ(tlsError(early, {authority(1)}, "gate.ops.svc", kNow),
              failed + "certificate has expired or is not yet valid: current time 2026-03-02T09:10:00Z is before 2026-03-02T09:10:01Z");
    EXPECT_EQ(tlsError(server(), {authority(1)}, "door.ops.svc", kNow),
              failed + "certificate is valid for gate.ops.svc, gate.ops.svc.cluster.local, not door.ops.svc");
    Certificate nameless = server();
    nameless.dnsNames.clear();
    EXPECT_EQ(tlsError(nameless, {authority(1)}, "gate.ops.svc", kNow),
              failed + "certificate relies on legacy Common Name field, use SANs instead");
    EXPECT_EQ(tlsError(server(), {}, "gate.ops.svc", kNow), failed + "certificate signed by unknown authority");
    EXPECT_EQ(tlsError(server(), {authority(2)}, "gate.ops.svc", kNow),
              failed + "certificate signed by unknown authority (possibly because of \"x509: ECDSA verification failure\" while trying to "
                       "verify candidate authority certificate \"gate-ca\")");
}

} // namespace

} // namespace sim::net
