#include "sim/net/certificate.h"

#include "sim/engine/base64.h"
#include "sim/engine/fingerprint.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>

namespace sim::net {

namespace {

// X.690: tags that certificates use.
constexpr unsigned char kBoolean = 0x01, kInteger = 0x02, kBitString = 0x03, kOctetString = 0x04, kObjectId = 0x06, kUtf8String = 0x0c,
                        kUtcTime = 0x17, kSequence = 0x30, kSet = 0x31, kDnsName = 0x82, kKeyIdentifier = 0x80, kVersion = 0xa0,
                        kExtensions = 0xa3;

// Object identifiers, encoded.
constexpr std::string_view kCommonName{"\x55\x04\x03", 3}, kBasicConstraints{"\x55\x1d\x13", 3}, kSubjectAltName{"\x55\x1d\x11", 3},
    kSubjectKeyId{"\x55\x1d\x0e", 3}, kAuthorityKeyId{"\x55\x1d\x23", 3},
    kEcPublicKey{"\x2a\x86\x48\xce\x3d\x02\x01", 7}, kPrime256v1{"\x2a\x86\x48\xce\x3d\x03\x01\x07", 8},
    kEcdsaWithSha256{"\x2a\x86\x48\xce\x3d\x04\x03\x02", 8};

// Everybody's public key: the base point of P-256 (NIST SP 800-186), so that tools find a point on the curve.
constexpr std::string_view kBasePoint{"\x6b\x17\xd1\xf2\xe1\x2c\x42\x47\xf8\xbc\xe6\xe5\x63\xa4\x40\xf2\x77\x03\x7d\x81\x2d\xeb\x33\xa0\xf4\xa1\x39\x45"
                                      "\xd8\x98\xc2\x96\x4f\xe3\x42\xe2\xfe\x1a\x7f\x9b\x8e\xe7\xeb\x4a\x7c\x0f\x9e\x16\x2b\xce\x33\x57\x6b\x31\x5e\xce"
                                      "\xcb\xb6\x40\x68\x37\xbf\x51\xf5", 64};

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----\n";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----\n";

std::string element(unsigned char tag, const std::string& content)
{
    std::string out(1, static_cast<char>(tag));
    if (content.size() < 128) {
        out += static_cast<char>(content.size());
    } else if (content.size() < 256) {
        out += '\x81';
        out += static_cast<char>(content.size());
    } else {
        out += '\x82';
        out += static_cast<char>(content.size() >> 8);
        out += static_cast<char>(content.size() & 255);
    }
    return out + content;
}

std::string objectId(std::string_view encoded) { return element(kObjectId, std::string(encoded)); }

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
    return element(kInteger, static_cast<unsigned char>(bytes.front()) >= 0x80 ? std::string(1, '\0') + bytes : bytes);
}

std::string nameOf(const std::string& commonName)
{
    return element(kSequence, element(kSet, element(kSequence, objectId(kCommonName) + element(kUtf8String, commonName))));
}

std::string utcTime(Instant at)
{
    return element(kUtcTime, fmt::format("{:%y%m%d%H%M%SZ}", fmt::gmtime(static_cast<std::time_t>(unixSeconds(at)))));
}

std::string extension(std::string_view id, const std::string& value, bool critical = false)
{
    return element(kSequence, objectId(id) + (critical ? element(kBoolean, "\xff") : std::string{}) + element(kOctetString, value));
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
    return element(kInteger, number);
}

std::string toDer(const Certificate& c)
{
    const std::string algorithm = element(kSequence, objectId(kEcdsaWithSha256));
    const std::string publicKey = element(kSequence, element(kSequence, objectId(kEcPublicKey) + objectId(kPrime256v1))
                                                   + element(kBitString, std::string("\0\x04", 2) + std::string(kBasePoint)));
    std::string names;
    for (const std::string& name : c.dnsNames)
        names += element(kDnsName, name);
    std::string extensions = extension(kBasicConstraints, element(kSequence, c.isCa ? element(kBoolean, "\xff") : std::string{}), true)
        + extension(kSubjectKeyId, element(kOctetString, bytesOf(c.keyId)))
        + extension(kAuthorityKeyId, element(kSequence, element(kKeyIdentifier, bytesOf(c.issuerKeyId))));
    if (!names.empty())
        extensions += extension(kSubjectAltName, element(kSequence, names));
    const std::string body = element(kSequence, element(kVersion, integer(2)) + integer(c.serial) + algorithm + nameOf(c.issuer)
                                                    + element(kSequence, utcTime(c.notBefore) + utcTime(c.notAfter)) + nameOf(c.subject)
                                                    + publicKey + element(kExtensions, element(kSequence, extensions)));
    const std::uint64_t key = c.issuerKeyId ^ c.serial;
    const std::string signature = element(kSequence, signatureNumber("r", key) + signatureNumber("s", key));
    return element(kSequence, body + algorithm + element(kBitString, std::string(1, '\0') + signature));
}

/// Walks over DER; anything malformed reads as the end.
class DerReader {
public:
    explicit DerReader(std::string_view bytes) : m_rest(bytes) { }

    struct Element {
        unsigned char tag = 0;
        std::string_view content;
    };
    std::optional<Element> next()
    {
        if (m_rest.size() < 2)
            return std::nullopt;
        const auto at = [&](std::size_t i) { return static_cast<unsigned char>(m_rest[i]); };
        Element found{at(0), {}};
        std::size_t length = at(1);
        std::size_t header = 2;
        if (length >= 0x80) {
            const std::size_t digits = length & 0x7f;
            if (digits > 2 || m_rest.size() < 2 + digits)
                return std::nullopt;
            length = 0;
            for (std::size_t i = 0; i < digits; ++i)
                length = length << 8 | at(2 + i);
            header += digits;
        }
        if (m_rest.size() - header < length)
            return std::nullopt;
        found.content = m_rest.substr(header, length);
        m_rest.remove_prefix(header + length);
        return found;
    }
    /// The content of the next element; empty when its tag is another one.
    std::string_view take(unsigned char tag)
    {
        const auto found = next();
        return found && found->tag == tag ? found->content : std::string_view{};
    }

private:
    std::string_view m_rest;
};

std::uint64_t numberIn(std::string_view bytes)
{
    std::uint64_t value = 0;
    for (const char c : bytes)
        value = value << 8 | static_cast<unsigned char>(c);
    return value;
}

std::string commonNameIn(std::string_view name)
{
    DerReader attribute(DerReader(DerReader(name).take(kSet)).take(kSequence));
    return attribute.take(kObjectId) == kCommonName ? std::string(attribute.take(kUtf8String)) : std::string{};
}

std::optional<Instant> timeIn(std::string_view text)
{
    if (text.size() != 13 || text.back() != 'Z')
        return std::nullopt;
    std::array<int, 6> part{};
    for (std::size_t i = 0; i < 12; ++i) {
        if (text[i] < '0' || text[i] > '9')
            return std::nullopt;
        part[i / 2] = part[i / 2] * 10 + (text[i] - '0');
    }
    using namespace std::chrono;
    const year_month_day day{year(part[0] + (part[0] < 50 ? 2000 : 1900)), month(static_cast<unsigned>(part[1])),
                             std::chrono::day(static_cast<unsigned>(part[2]))};
    if (!day.ok())
        return std::nullopt;
    return Instant(duration_cast<Duration>(sys_days(day).time_since_epoch() + hours(part[3]) + minutes(part[4]) + seconds(part[5])));
}

void readExtension(Certificate& certificate, std::string_view bytes)
{
    DerReader reader(bytes);
    const std::string_view id = reader.take(kObjectId);
    auto value = reader.next();
    if (value && value->tag == kBoolean)
        value = reader.next();
    if (!value || value->tag != kOctetString)
        return;
    DerReader inside(value->content);
    if (id == kBasicConstraints) {
        certificate.isCa = !DerReader(inside.take(kSequence)).take(kBoolean).empty();
    } else if (id == kSubjectKeyId) {
        certificate.keyId = numberIn(inside.take(kOctetString));
    } else if (id == kAuthorityKeyId) {
        certificate.issuerKeyId = numberIn(DerReader(inside.take(kSequence)).take(kKeyIdentifier));
    } else if (id == kSubjectAltName) {
        DerReader names(inside.take(kSequence));
        while (const auto name = names.next())
            if (name->tag == kDnsName)
                certificate.dnsNames.emplace_back(name->content);
    }
}

std::optional<Certificate> fromDer(std::string_view der)
{
    DerReader reader(DerReader(DerReader(der).take(kSequence)).take(kSequence));
    Certificate certificate;
    reader.take(kVersion);
    certificate.serial = numberIn(reader.take(kInteger));
    reader.take(kSequence);
    certificate.issuer = commonNameIn(reader.take(kSequence));
    DerReader validity(reader.take(kSequence));
    const auto from = timeIn(validity.take(kUtcTime));
    const auto until = timeIn(validity.take(kUtcTime));
    certificate.subject = commonNameIn(reader.take(kSequence));
    reader.take(kSequence);
    if (!from || !until || certificate.subject.empty())
        return std::nullopt;
    certificate.notBefore = *from;
    certificate.notAfter = *until;
    DerReader extensions(DerReader(reader.take(kExtensions)).take(kSequence));
    while (const auto one = extensions.next())
        readExtension(certificate, one->content);
    return certificate;
}

} // namespace

std::string toPem(const Certificate& certificate)
{
    const std::string text = encodeBase64(toDer(certificate));
    std::string pem(kBegin);
    for (std::size_t at = 0; at < text.size(); at += 64)
        pem += text.substr(at, 64) + "\n";
    return pem.append(kEnd);
}

std::vector<Certificate> certificatesIn(std::string_view pem)
{
    std::vector<Certificate> found;
    for (std::size_t at = pem.find(kBegin); at != std::string_view::npos; at = pem.find(kBegin, at)) {
        at += kBegin.size();
        const std::size_t end = pem.find(kEnd.substr(0, kEnd.size() - 1), at);
        if (end == std::string_view::npos)
            break;
        if (const auto der = decodeBase64(pem.substr(at, end - at)))
            if (auto certificate = fromDer(*der))
                found.push_back(std::move(*certificate));
    }
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
