// Certificates as kubelets hold them: enough of X.509 that a reader finds subject, issuer and validity.
#include "sim/host/certificate.h"

#include "sim/engine/base64.h"
#include "sim/host/paths.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace sim::host {

namespace {

// ASN.1 tags (X.690).
constexpr unsigned char kInteger = 0x02, kBitString = 0x03, kUtf8String = 0x0c, kPrintableString = 0x13, kUtcTime = 0x17,
                        kSequence = 0x30, kSet = 0x31, kVersionTag = 0xa0;
// Object identifiers with their tag and length (RFC 5280, RFC 5480, RFC 8017).
constexpr std::string_view kCommonNameOid{"\x06\x03\x55\x04\x03", 5};
constexpr std::string_view kOrganizationOid{"\x06\x03\x55\x04\x0a", 5};
constexpr std::string_view kRsaSha256{"\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00", 15};
constexpr std::string_view kEcP256{"\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 21};
constexpr std::string_view kPemBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kPemEnd = "-----END CERTIFICATE-----";

std::string der(unsigned char tag, std::string_view content)
{
    std::string out(1, static_cast<char>(tag));
    if (content.size() < 128) {
        out += static_cast<char>(content.size());
    } else {
        out += static_cast<char>(0x82);
        out += static_cast<char>(content.size() >> 8 & 255);
        out += static_cast<char>(content.size() & 255);
    }
    return out.append(content);
}

std::string nameOf(const std::string& organization, const std::string& commonName)
{
    const auto attribute = [](std::string_view oid, unsigned char type, const std::string& value) {
        return der(kSet, der(kSequence, std::string(oid) + der(type, value)));
    };
    return der(kSequence, (organization.empty() ? std::string() : attribute(kOrganizationOid, kPrintableString, organization))
                   + attribute(kCommonNameOid, kUtf8String, commonName));
}

struct Calendar {
    int year;
    unsigned month;
    unsigned day;
    std::int64_t hour;
    std::int64_t minute;
    std::int64_t second;
};

Calendar calendarOf(Instant at)
{
    const std::chrono::sys_seconds time{std::chrono::seconds(unixSeconds(at))};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date(day);
    const std::int64_t seconds = (time - day).count();
    return {static_cast<int>(date.year()), static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
            seconds / 3600, seconds / 60 % 60, seconds % 60};
}

std::string utcTime(Instant at)
{
    const Calendar c = calendarOf(at);
    return der(kUtcTime, fmt::format("{:02}{:02}{:02}{:02}{:02}{:02}Z", c.year % 100, c.month, c.day, c.hour, c.minute, c.second));
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

/// Walks the elements of one constructed value.
class DerReader {
public:
    explicit DerReader(std::string_view bytes)
        : m_bytes(bytes)
    {
    }

    /// The content of the next element; nothing when it has another tag or does not fit.
    std::optional<std::string_view> next(unsigned char tag)
    {
        if (m_bytes.size() < 2 || static_cast<unsigned char>(m_bytes[0]) != tag)
            return std::nullopt;
        std::size_t length = static_cast<unsigned char>(m_bytes[1]);
        std::size_t header = 2;
        if (length == 0x82 && m_bytes.size() >= 4) {
            length = static_cast<std::size_t>(static_cast<unsigned char>(m_bytes[2])) << 8 | static_cast<unsigned char>(m_bytes[3]);
            header = 4;
        }
        if (length > m_bytes.size() - header)
            return std::nullopt;
        const std::string_view content = m_bytes.substr(header, length);
        m_bytes.remove_prefix(header + length);
        return content;
    }
    bool done() const { return m_bytes.empty(); }
    unsigned char tag() const { return m_bytes.empty() ? 0 : static_cast<unsigned char>(m_bytes[0]); }

private:
    std::string_view m_bytes;
};

std::optional<Instant> readUtcTime(DerReader& from)
{
    const auto text = from.next(kUtcTime);
    if (!text || text->size() != 13 || text->back() != 'Z')
        return std::nullopt;
    std::array<int, 6> parts{};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const char* begin = text->data() + i * 2;
        if (const auto [end, error] = std::from_chars(begin, begin + 2, parts[i]); error != std::errc{} || end != begin + 2)
            return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(parts[0] + (parts[0] < 50 ? 2000 : 1900)),
                                           std::chrono::month(static_cast<unsigned>(parts[1])),
                                           std::chrono::day(static_cast<unsigned>(parts[2]))};
    if (!date.ok() || parts[3] > 23 || parts[4] > 59 || parts[5] > 59)
        return std::nullopt;
    const auto seconds = std::chrono::sys_days(date).time_since_epoch() + std::chrono::hours(parts[3])
        + std::chrono::minutes(parts[4]) + std::chrono::seconds(parts[5]);
    return Instant{std::chrono::duration_cast<Duration>(seconds)};
}

bool readName(DerReader& from, Certificate& into)
{
    const auto name = from.next(kSequence);
    if (!name)
        return false;
    for (DerReader sets(*name); !sets.done();) {
        const auto set = sets.next(kSet);
        const auto pair = set ? DerReader(*set).next(kSequence) : std::nullopt;
        if (!pair || pair->size() < kCommonNameOid.size())
            return false;
        const std::string_view oid = pair->substr(0, kCommonNameOid.size());
        DerReader value(pair->substr(oid.size()));
        const auto text = value.next(value.tag());
        if (!text)
            return false;
        if (oid == kCommonNameOid)
            into.commonName = *text;
        else if (oid == kOrganizationOid)
            into.organization = *text;
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
    const std::string tbs = der(kSequence,
                                der(kVersionTag, der(kInteger, "\x02")) + der(kInteger, serialBytes(c.serial))
                                    + std::string(kRsaSha256) + nameOf({}, kClusterCa)
                                    + der(kSequence, utcTime(c.notBefore) + utcTime(c.notAfter))
                                    + nameOf(c.organization, c.commonName)
                                    + der(kSequence, std::string(kEcP256) + der(kBitString, key)));
    const std::string all = der(kSequence, tbs + std::string(kRsaSha256)
                                    + der(kBitString, std::string(1, '\0') + bytesFrom(~c.serial, 256)));
    const std::string digits = encodeBase64(all);
    std::string pem = std::string(kPemBegin) + "\n";
    constexpr std::size_t kLine = 64;
    for (std::size_t at = 0; at < digits.size(); at += kLine)
        pem += digits.substr(at, kLine) + "\n";
    return pem + std::string(kPemEnd) + "\n";
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
    const std::size_t begin = pem.find(kPemBegin);
    const std::size_t end = begin == std::string_view::npos ? begin : pem.find(kPemEnd, begin);
    if (end == std::string_view::npos)
        return std::nullopt;
    const auto bytes = decodeBase64(pem.substr(begin + kPemBegin.size(), end - begin - kPemBegin.size()));
    if (!bytes)
        return std::nullopt;
    DerReader outer(*bytes);
    const auto all = outer.next(kSequence);
    const auto tbs = all ? DerReader(*all).next(kSequence) : std::nullopt;
    if (!tbs)
        return std::nullopt;
    DerReader in(*tbs);
    Certificate certificate;
    Certificate issuer;
    if (!in.next(kVersionTag))
        return std::nullopt;
    const auto serial = in.next(kInteger);
    if (!serial || serial->size() > 9 || !in.next(kSequence) || !readName(in, issuer))
        return std::nullopt;
    certificate.serial = 0;
    for (const char byte : *serial)
        certificate.serial = certificate.serial << 8 | static_cast<unsigned char>(byte);
    const auto validity = in.next(kSequence);
    if (!validity)
        return std::nullopt;
    DerReader times(*validity);
    const auto notBefore = readUtcTime(times);
    const auto notAfter = readUtcTime(times);
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
