#include "sim/net/certificate.h"

#include "sim/engine/der.h"
#include "sim/engine/fingerprint.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>

namespace sim::net {

namespace {

using der::element;

// Context-specific tags (RFC 5280).
constexpr unsigned char kDnsName = 0x82, kKeyIdentifier = 0x80, kVersion = der::explicitTag(0), kExtensions = der::explicitTag(3);
constexpr const char* kPemLabel = "CERTIFICATE";

// Object identifiers, encoded.
constexpr std::string_view kCommonName{"\x55\x04\x03", 3}, kBasicConstraints{"\x55\x1d\x13", 3}, kSubjectAltName{"\x55\x1d\x11", 3},
    kSubjectKeyId{"\x55\x1d\x0e", 3}, kAuthorityKeyId{"\x55\x1d\x23", 3},
    kEcPublicKey{"\x2a\x86\x48\xce\x3d\x02\x01", 7}, kPrime256v1{"\x2a\x86\x48\xce\x3d\x03\x01\x07", 8},
    kEcdsaWithSha256{"\x2a\x86\x48\xce\x3d\x04\x03\x02", 8};

// Everybody's public key: the base point of P-256 (NIST SP 800-186), so that tools find a point on the curve.
constexpr std::string_view kBasePoint{"\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45"
                                      "\xd8\x98\xc2\x96\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16\x2b\xce\x33\x57\x6b\x31\x5e\xce"
                                      "\xcb\xb6\x40\x68\x37\xbf\x51\xf5", 64};

std::string objectId(std::string_view encoded) { return element(der::kObjectId, std::string(encoded)); }

std::string bytesOf(std::uint64_t value)
{
    std::string out;
    for (int shift = 56; shift >= 0; shift -= 8)
        out += static_cast<char>(value >> shift & 255);
    return out;
}

std::string integer(std::uint64_t value)
{
    std::string bytes = bytesOf(value);
    bytes.erase(0, std::min(bytes.find_first_not_of('\0'), bytes.size() - 1));
    return element(der::kInteger, static_cast<unsigned char>(bytes.front()) >= 0x80 ? std::string(1, '\0') + bytes : bytes);
}

std::string nameOf(const std::string& commonName)
{
    return element(der::kSequence, element(der::kSet, element(der::kSequence, objectId(kCommonName) + element(der::kUtf8String, commonName))));
}

std::string extension(std::string_view id, const std::string& value, bool critical = false)
{
    return element(der::kSequence, objectId(id) + (critical ? element(der::kBoolean, "\xff") : std::string{}) + element(der::kOctetString, value));
}

/// One of a signature's two numbers: 32 bytes that follow from what they stand for.
std::string signatureNumber(std::string_view which, std::uint64_t key)
{
    std::string number;
    for (std::uint64_t part = 0; part < 4; ++part) {
        Fingerprint f;
        f.add(which);
        f.add(key);
        f.add(part);
        number += bytesOf(f.value());
    }
    number.front() = static_cast<char>(number.front() & 0x7f);
    return element(der::kInteger, number);
}

std::string toDer(const Certificate& c)
{
    const std::string algorithm = element(der::kSequence, objectId(kEcdsaWithSha256));
    const std::string publicKey = element(der::kSequence, element(der::kSequence, objectId(kEcPublicKey) + objectId(kPrime256v1))
                                                   + element(der::kBitString, std::string("\0\x04", 2) + std::string(kBasePoint)));
    std::string names;
    for (const std::string& name : c.dnsNames)
        names += element(kDnsName, name);
    std::string extensions = extension(kBasicConstraints, element(der::kSequence, c.isCa ? element(der::kBoolean, "\xff") : std::string{}), true)
        + extension(kSubjectKeyId, element(der::kOctetString, bytesOf(c.keyId)))
        + extension(kAuthorityKeyId, element(der::kSequence, element(kKeyIdentifier, bytesOf(c.issuerKeyId))));
    if (!names.empty())
        extensions += extension(kSubjectAltName, element(der::kSequence, names));
    const std::string body = element(der::kSequence, element(kVersion, integer(2)) + integer(c.serial) + algorithm + nameOf(c.issuer)
                                                    + element(der::kSequence, der::utcTime(c.notBefore) + der::utcTime(c.notAfter)) + nameOf(c.subject)
                                                    + publicKey + element(kExtensions, element(der::kSequence, extensions)));
    const std::uint64_t key = c.issuerKeyId ^ c.serial;
    const std::string signature = element(der::kSequence, signatureNumber("r", key) + signatureNumber("s", key));
    return element(der::kSequence, body + algorithm + element(der::kBitString, std::string(1, '\0') + signature));
}

std::uint64_t numberIn(std::string_view bytes)
{
    std::uint64_t value = 0;
    for (const char c : bytes)
        value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

/// The elements inside the next element of that tag; none when there is no such one.
der::Reader inside(der::Reader& reader, unsigned char tag) { return der::Reader(reader.take(tag).value_or(std::string_view{})); }

std::string commonNameIn(der::Reader name)
{
    der::Reader set = inside(name, der::kSet);
    der::Reader attribute = inside(set, der::kSequence);
    return attribute.take(der::kObjectId) == kCommonName ? std::string(attribute.take(der::kUtf8String).value_or("")) : std::string{};
}

void readExtension(Certificate& certificate, std::string_view bytes)
{
    der::Reader reader(bytes);
    const auto id = reader.take(der::kObjectId);
    reader.take(der::kBoolean);
    der::Reader value = inside(reader, der::kOctetString);
    if (id == kBasicConstraints) {
        certificate.isCa = !inside(value, der::kSequence).done();
    } else if (id == kSubjectKeyId) {
        certificate.keyId = numberIn(value.take(der::kOctetString).value_or(""));
    } else if (id == kAuthorityKeyId) {
        certificate.issuerKeyId = numberIn(inside(value, der::kSequence).take(kKeyIdentifier).value_or(""));
    } else if (id == kSubjectAltName) {
        der::Reader names = inside(value, der::kSequence);
        while (const auto name = names.next())
            if (name->tag == kDnsName)
                certificate.dnsNames.emplace_back(name->content);
    }
}

std::optional<Certificate> fromDer(std::string_view bytes)
{
    der::Reader outermost(bytes);
    der::Reader whole = inside(outermost, der::kSequence);
    der::Reader reader = inside(whole, der::kSequence);
    Certificate certificate;
    reader.take(kVersion);
    certificate.serial = numberIn(reader.take(der::kInteger).value_or(""));
    reader.take(der::kSequence);
    certificate.issuer = commonNameIn(inside(reader, der::kSequence));
    der::Reader validity = inside(reader, der::kSequence);
    const auto from = der::readUtcTime(validity.take(der::kUtcTime).value_or(""));
    const auto until = der::readUtcTime(validity.take(der::kUtcTime).value_or(""));
    certificate.subject = commonNameIn(inside(reader, der::kSequence));
    reader.take(der::kSequence);
    if (!from || !until || certificate.subject.empty())
        return std::nullopt;
    certificate.notBefore = *from;
    certificate.notAfter = *until;
    der::Reader wrapped = inside(reader, kExtensions);
    der::Reader extensions = inside(wrapped, der::kSequence);
    while (const auto one = extensions.next())
        readExtension(certificate, one->content);
    return certificate;
}

} // namespace

std::string toPem(const Certificate& certificate)
{
    return der::pem(kPemLabel, toDer(certificate));
}

std::vector<Certificate> certificatesIn(std::string_view pem)
{
    std::vector<Certificate> found;
    for (const std::string& bytes : der::pemBlocks(pem, kPemLabel))
        if (auto certificate = fromDer(bytes))
            found.push_back(std::move(*certificate));
    return found;
}

// crypto/x509/verify.go, in its order: the leaf's dates, its names, then a chain to a root.
std::string tlsError(const Certificate& leaf, const std::vector<Certificate>& roots, const std::string& name, Instant now)
{
    const std::string failed = "tls: failed to verify certificate: x509: ";
    const auto rfc3339 = [](Instant at) { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(unixSeconds(at)))); };
    const std::string badDate = failed + "certificate has expired or is not yet valid: current time " + rfc3339(now);
    if (now < leaf.notBefore)
        return badDate + " is before " + rfc3339(leaf.notBefore);
    if (now > leaf.notAfter)
        return badDate + " is after " + rfc3339(leaf.notAfter);
    if (leaf.dnsNames.empty())
        return failed + "certificate relies on legacy Common Name field, use SANs instead";
    if (std::find(leaf.dnsNames.begin(), leaf.dnsNames.end(), name) == leaf.dnsNames.end())
        return failed + fmt::format("certificate is valid for {}, not {}", fmt::join(leaf.dnsNames, ", "), name);
    std::string hint;
    for (const Certificate& root : roots) {
        if (root.subject != leaf.issuer)
            continue;
        if (root.keyId == leaf.issuerKeyId && now >= root.notBefore && now <= root.notAfter)
            return {};
        hint = fmt::format(" (possibly because of \"x509: ECDSA verification failure\" while trying to verify candidate authority "
                           "certificate \"{}\")", root.subject);
    }
    return failed + "certificate signed by unknown authority" + hint;
}

} // namespace sim::net
