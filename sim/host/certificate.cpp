// Certificates as kubelets hold them: enough of X.509 that a reader finds subject, issuer and validity.
#include "sim/host/certificate.h"

#include "sim/host/calendar.h"
#include "sim/engine/base64.h"
#include "sim/engine/der.h"
#include "sim/host/paths.h"

#include <fmt/format.h>

#include <array>

namespace sim::host {

namespace {

constexpr unsigned char kVersionTag = der::explicitTag(0);
constexpr const char* kPemLabel = "CERTIFICATE";
// Object identifiers with their tag and length (RFC 5280, RFC 5480, RFC 8017).
constexpr std::string_view kCommonNameOid{"\x06\x03\x55\x04\x03", 5};
constexpr std::string_view kOrganizationOid{"\x06\x03\x55\x04\x0a", 5};
constexpr std::string_view kRsaSha256{"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00", 15};
constexpr std::string_view kEcP256{"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 21};

std::string nameOf(const std::string& organization, const std::string& commonName)
{
    const auto attribute = [](std::string_view oid, unsigned char type, const std::string& value) {
        return der::element(der::kSet, der::element(der::kSequence, std::string(oid) + der::element(type, value)));
    };
    return der::element(der::kSequence, (organization.empty() ? std::string() : attribute(kOrganizationOid, der::kPrintableString, organization))
                   + attribute(kCommonNameOid, der::kUtf8String, commonName));
}

/// Bytes that look random, from the serial number.
std::string bytesFrom(std::uint64_t seed, std::size_t count)
{
    std::string out;
    for (std::uint64_t block = 0; out.size() < count; ++block) {
        Fingerprint f;
        f.add(seed);
        f.add(block);
        for (int shift = 0; shift < 64 && out.size() < count; shift += 8)
            out += static_cast<char>(f.value() >> shift & 255);
    }
    return out;
}

std::string serialBytes(std::uint64_t serial)
{
    std::string out(1, '\0'); // positive
    for (int shift = 56; shift >= 0; shift -= 8)
        out += static_cast<char>(serial >> shift & 255);
    return out;
}

bool readName(der::Reader& from, Certificate& into)
{
    const auto name = from.take(der::kSequence);
    if (!name)
        return false;
    for (der::Reader sets(*name); !sets.done();) {
        const auto set = sets.take(der::kSet);
        const auto pair = set ? der::Reader(*set).take(der::kSequence) : std::nullopt;
        if (!pair || pair->size() < kCommonNameOid.size())
            return false;
        const std::string_view oid = pair->substr(0, kCommonNameOid.size());
        const auto text = der::Reader(pair->substr(oid.size())).next();
        if (!text)
            return false;
        if (oid == kCommonNameOid)
            into.commonName = text->content;
        else if (oid == kOrganizationOid)
            into.organization = text->content;
    }
    return true;
}

/// The value of "key: value" on any line of a YAML text.
std::string yamlValue(const std::string& text, std::string_view key)
{
    for (std::size_t at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) {
        const std::size_t begin = at + key.size();
        if ((at > 0 && text[at - 1] != ' ' && text[at - 1] != '\n') || begin >= text.size() || text[begin] != ':')
            continue;
        std::string value = text.substr(begin + 1, std::min(text.find('\n', begin), text.size()) - begin - 1);
        value.erase(0, std::min(value.find_first_not_of(" \"'"), value.size()));
        while (!value.empty() && (value.back() == ' ' || value.back() == '"' || value.back() == '\'' || value.back() == '\r'))
            value.pop_back();
        return value;
    }
    return {};
}

} // namespace

std::string pemOf(const Certificate& c)
{
    const std::string key = std::string("\0\x04", 2) + bytesFrom(c.serial, 64); // no unused bits; an uncompressed point
    const std::string tbs = der::element(der::kSequence,
                                der::element(kVersionTag, der::element(der::kInteger, "\x02")) + der::element(der::kInteger, serialBytes(c.serial))
                                    + std::string(kRsaSha256) + nameOf({}, kClusterCa)
                                    + der::element(der::kSequence, der::utcTime(c.notBefore) + der::utcTime(c.notAfter))
                                    + nameOf(c.organization, c.commonName)
                                    + der::element(der::kSequence, std::string(kEcP256) + der::element(der::kBitString, key)));
    const std::string all = der::element(der::kSequence, tbs + std::string(kRsaSha256)
                                    + der::element(der::kBitString, std::string(1, '\0') + bytesFrom(~c.serial, 256)));
    return der::pem(kPemLabel, all);
}

std::string clientPem(const Certificate& certificate)
{
    const std::string key = encodeBase64(bytesFrom(certificate.serial * 3, 121)); // an EC key's DER is 121 bytes long
    return pemOf(certificate) + "-----BEGIN EC PRIVATE KEY-----\n" + key.substr(0, 64) + "\n" + key.substr(64, 64) + "\n"
        + key.substr(128) + "\n-----END EC PRIVATE KEY-----\n";
}

std::string kubeletClientFile(Instant at)
{
    const Calendar c = calendarOf(at);
    return fmt::format("/var/lib/kubelet/pki/kubelet-client-{}-{:02}-{:02}-{:02}-{:02}-{:02}.pem", c.year, c.month, c.day, c.hour,
                       c.minute, c.second);
}

std::optional<Certificate> parseCertificate(std::string_view pem)
{
    const std::vector<std::string> blocks = der::pemBlocks(pem, kPemLabel);
    if (blocks.empty())
        return std::nullopt;
    const auto all = der::Reader(blocks.front()).take(der::kSequence);
    const auto tbs = all ? der::Reader(*all).take(der::kSequence) : std::nullopt;
    if (!tbs)
        return std::nullopt;
    der::Reader in(*tbs);
    Certificate certificate;
    Certificate issuer;
    if (!in.take(kVersionTag))
        return std::nullopt;
    const auto serial = in.take(der::kInteger);
    if (!serial || serial->size() > 9 || !in.take(der::kSequence) || !readName(in, issuer))
        return std::nullopt;
    certificate.serial = 0;
    for (const char byte : *serial)
        certificate.serial = certificate.serial << 8 | static_cast<unsigned char>(byte);
    const auto validity = in.take(der::kSequence);
    if (!validity)
        return std::nullopt;
    der::Reader times(*validity);
    const auto notBefore = der::readUtcTime(times.take(der::kUtcTime).value_or(""));
    const auto notAfter = der::readUtcTime(times.take(der::kUtcTime).value_or(""));
    if (!notBefore || !notAfter || !readName(in, certificate))
        return std::nullopt;
    certificate.notBefore = *notBefore;
    certificate.notAfter = *notAfter;
    return certificate;
}

std::optional<Certificate> clientCertificateOf(const Machine& machine, const std::string& kubeconfig)
{
    const File* config = findFile(machine, kubeconfig);
    if (config == nullptr)
        return std::nullopt;
    if (const std::string data = yamlValue(config->content, "client-certificate-data"); !data.empty()) {
        const auto pem = decodeBase64(data);
        return pem ? parseCertificate(*pem) : std::nullopt;
    }
    const std::string path = yamlValue(config->content, "client-certificate");
    const File* file = path.empty() ? nullptr : findFile(machine, path);
    return file == nullptr ? std::nullopt : parseCertificate(file->content);
}

std::string opensslTime(Instant at)
{
    static constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const Calendar c = calendarOf(at);
    return fmt::format("{} {:2} {:02}:{:02}:{:02} {} GMT", kMonths[c.month - 1], c.day, c.hour, c.minute, c.second, c.year);
}

std::string goTime(Instant at)
{
    const Calendar c = calendarOf(at);
    return fmt::format("{}-{:02}-{:02} {:02}:{:02}:{:02} +0000 UTC", c.year, c.month, c.day, c.hour, c.minute, c.second);
}

} // namespace sim::host
