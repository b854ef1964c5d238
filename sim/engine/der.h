#pragma once

#include "sim/engine/time.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

// ASN.1's distinguished encoding (X.690) and the PEM around it (RFC 7468), as far as certificates need them.
namespace sim::der {

// Tags of the universal types.
inline constexpr unsigned char kBoolean = 0x01, kInteger = 0x02, kBitString = 0x03, kOctetString = 0x04, kObjectId = 0x06,
                               kUtf8String = 0x0c, kPrintableString = 0x13, kUtcTime = 0x17, kSequence = 0x30, kSet = 0x31;
/// [number], constructed: a part of a certificate that stands by its number.
constexpr unsigned char explicitTag(unsigned number) { return static_cast<unsigned char>(0xa0 | number); }

/// Tag, length and content. Requires: content.size() < 65536.
std::string element(unsigned char tag, std::string_view content);
/// A UTCTime. Requires: the years 1950 to 2049.
std::string utcTime(Instant at);
/// A UTCTime's content; nothing when it is none.
std::optional<Instant> readUtcTime(std::string_view content);

struct Element {
    unsigned char tag = 0;
    std::string_view content;
};

/// Walks over the elements of a content. Anything malformed reads as the end.
class Reader {
public:
    explicit Reader(std::string_view bytes) : m_rest(bytes) { }

    bool done() const { return m_rest.empty(); }
    std::optional<Element> next();
    /// The content of the next element; nothing, and it stays where it is, when it has another tag.
    std::optional<std::string_view> take(unsigned char tag);

private:
    std::string_view m_rest;
};

/// "-----BEGIN CERTIFICATE-----..." around the bytes in base64, 64 digits a line.
std::string pem(std::string_view label, std::string_view bytes);
/// The bytes of each block of that label; none of a block that holds no base64.
std::vector<std::string> pemBlocks(std::string_view text, std::string_view label);

} // namespace sim::der
