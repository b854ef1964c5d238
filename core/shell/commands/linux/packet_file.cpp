#include "core/shell/commands/linux/packet_file.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace core::shell::node {

namespace {

using sim::net::Protocol;
using sim::net::WirePacket;

constexpr std::uint32_t kMagic = 0xa1b2c3d4;
constexpr std::uint32_t kSnapshotLength = 262144;
constexpr std::uint32_t kEthernet = 1, kCooked2 = 276; ///< LINKTYPE_ETHERNET, LINKTYPE_LINUX_SLL2
constexpr std::size_t kEthernetBytes = 14, kCooked2Bytes = 20, kIpBytes = 20;

void appendBig(std::string& to, std::uint32_t value, int bytes)
{
    for (int i = bytes - 1; i >= 0; --i)
        to += static_cast<char>(value >> (8 * i) & 0xff);
}

void appendLittle(std::string& to, std::uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; ++i)
        to += static_cast<char>(value >> (8 * i) & 0xff);
}

std::uint32_t big(std::string_view from, std::size_t at, int bytes)
{
    std::uint32_t value = 0;
    for (int i = 0; i < bytes; ++i)
        value = value << 8 | (at + static_cast<std::size_t>(i) < from.size() ? static_cast<unsigned char>(from[at + static_cast<std::size_t>(i)]) : 0U);
    return value;
}

std::uint32_t little(std::string_view from, std::size_t at)
{
    std::uint32_t value = 0;
    for (int i = 3; i >= 0; --i)
        value = value << 8 | static_cast<unsigned char>(from[at + static_cast<std::size_t>(i)]);
    return value;
}

/// The Internet checksum (RFC 1071), to go on from `sum`.
std::uint16_t checksum(std::string_view bytes, std::uint32_t sum = 0)
{
    for (std::size_t i = 0; i < bytes.size(); i += 2)
        sum += big(bytes, i, 2);
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum & 0xffff);
}

void put16(std::string& bytes, std::size_t at, std::uint16_t value)
{
    bytes[at] = static_cast<char>(value >> 8);
    bytes[at + 1] = static_cast<char>(value & 0xff);
}

constexpr std::array<std::pair<char, int>, 5> kFlagBits{{{'F', 1}, {'S', 2}, {'R', 4}, {'P', 8}, {'.', 16}}};

std::string tcpSegment(const WirePacket& p)
{
    std::string s;
    int bits = 0;
    for (const auto& [letter, bit] : kFlagBits)
        bits |= p.flags.find(letter) != std::string::npos ? bit : 0;
    const bool syn = (bits & 2) != 0, reset = (bits & 4) != 0;
    std::string options;
    if (syn) { // mss, sackOK, timestamps, nop, wscale 7
        options += "\x02\x04";
        appendBig(options, static_cast<std::uint32_t>(p.mss), 2);
        options += "\x04\x02\x08\x0a";
        appendBig(options, p.sequence / 7, 4);
        appendBig(options, p.flags == "S" ? 0 : p.acknowledged / 7, 4);
        options += "\x01\x03\x03\x07";
    } else if (!reset) {
        options += "\x01\x01\x08\x0a";
        appendBig(options, 1'000'000 + p.sequence / 9, 4);
        appendBig(options, 1'000'000 + p.acknowledged / 9, 4);
    }
    appendBig(s, static_cast<std::uint32_t>(p.sourcePort), 2);
    appendBig(s, static_cast<std::uint32_t>(p.destinationPort), 2);
    appendBig(s, p.sequence, 4);
    appendBig(s, p.acknowledged, 4);
    appendBig(s, static_cast<std::uint32_t>((20 + options.size()) / 4 << 12) | static_cast<std::uint32_t>(bits), 2);
    appendBig(s, syn ? 64240 : reset ? 0 : 502, 2);
    appendBig(s, 0, 4); // checksum, urgent pointer
    s += options;
    s.append(static_cast<std::size_t>(std::max<std::int64_t>(0, p.payload)), '\0');
    return s;
}

std::string icmpMessage(const WirePacket& p)
{
    std::string s;
    s += static_cast<char>(p.icmpType);
    s += static_cast<char>(p.icmpCode);
    appendBig(s, 0, 2);
    appendBig(s, static_cast<std::uint32_t>(p.icmpType == 3 ? 0 : p.icmpId), 2);
    appendBig(s, static_cast<std::uint32_t>(p.icmpType == 3 ? p.icmpMtu : p.icmpSequence), 2);
    if (p.icmpType == 3) { // the head of the packet that it is about: of its addresses we know both
        std::string about;
        appendBig(about, 0x45000000, 4);
        appendBig(about, 0x00004000, 4);
        appendBig(about, 0x40060000, 4);
        appendBig(about, p.destination.value, 4);
        appendBig(about, p.icmpAbout.value, 4);
        s += about;
    }
    s.resize(static_cast<std::size_t>(std::max(static_cast<std::int64_t>(s.size()), p.bytes - static_cast<std::int64_t>(kIpBytes))), '\0');
    put16(s, 2, checksum(s));
    return s;
}

std::string ipPacket(const WirePacket& p)
{
    const std::uint32_t protocol = p.protocol == Protocol::Tcp ? 6 : p.protocol == Protocol::Udp ? 17 : 1;
    std::string body;
    if (protocol == 6) {
        body = tcpSegment(p);
    } else if (protocol == 17) {
        const std::int64_t payload = std::max<std::int64_t>(0, p.bytes - 28);
        appendBig(body, static_cast<std::uint32_t>(p.sourcePort), 2);
        appendBig(body, static_cast<std::uint32_t>(p.destinationPort), 2);
        appendBig(body, static_cast<std::uint32_t>(8 + payload), 2);
        appendBig(body, 0, 2);
        body.append(static_cast<std::size_t>(payload), '\0');
    } else {
        body = icmpMessage(p);
    }
    if (protocol != 1) { // over the pseudo-header, too
        const std::uint32_t pseudo = (p.source.value >> 16) + (p.source.value & 0xffff) + (p.destination.value >> 16) + (p.destination.value & 0xffff) + protocol
            + static_cast<std::uint32_t>(body.size());
        put16(body, protocol == 6 ? 16 : 6, checksum(body, pseudo));
    }
    std::string ip = "\x45";
    ip += '\0';
    appendBig(ip, static_cast<std::uint32_t>(kIpBytes + body.size()), 2);
    appendBig(ip, static_cast<std::uint32_t>(p.number & 0xffff), 2);
    appendBig(ip, protocol == 6 ? 0x4000 : 0, 2); // TCP asks not to fragment
    ip += static_cast<char>(p.ttl);
    ip += static_cast<char>(protocol);
    appendBig(ip, 0, 2);
    appendBig(ip, p.source.value, 4);
    appendBig(ip, p.destination.value, 4);
    put16(ip, 10, checksum(ip));
    return ip + body;
}

std::string macBytes(const std::string& text)
{
    std::string bytes;
    for (std::size_t i = 0; i + 1 < text.size() && bytes.size() < 6; i += 3)
        bytes += static_cast<char>(std::stoi(text.substr(i, 2), nullptr, 16));
    bytes.resize(6, '\0');
    return bytes;
}

std::uint32_t interfaceIndex(const sim::net::Stack& stack, const std::string& device)
{
    for (std::size_t i = 0; i < stack.interfaces.size(); ++i)
        if (stack.interfaces[i].name == device)
            return static_cast<std::uint32_t>(i + 1);
    return 0;
}

std::string linkHeader(const WirePacket& p, bool anyDevice, const sim::net::Stack& stack)
{
    const sim::net::Interface* device = stack.interface(p.device);
    const std::string own = macBytes(device == nullptr ? std::string() : device->mac);
    std::string link;
    if (!anyDevice) { // the neighbour's address is what ARP found, and not kept for each packet
        const std::string other = p.device == "lo" ? own : macBytes("");
        link = p.outwards ? other + own : own + other;
        appendBig(link, 0x0800, 2);
        return link;
    }
    appendBig(link, 0x0800, 2);
    appendBig(link, 0, 2);
    appendBig(link, interfaceIndex(stack, p.device), 4);
    appendBig(link, p.device == "lo" ? 772 : 1, 2); // ARPHRD_LOOPBACK, ARPHRD_ETHER
    link += static_cast<char>(p.outwards ? 4 : 0);  // PACKET_OUTGOING, PACKET_HOST
    link += '\x06';
    return link + own + std::string(2, '\0');
}

/// The fields of a packet from its bytes; nothing when they are no IPv4.
std::optional<WirePacket> parsedPacket(std::string_view frame, bool anyDevice, const sim::net::Stack& stack)
{
    WirePacket p;
    if (anyDevice) {
        const std::uint32_t index = big(frame, 4, 4);
        p.device = index > 0 && index <= stack.interfaces.size() ? stack.interfaces[index - 1].name : "?";
        p.outwards = big(frame, 10, 1) == 4;
    }
    const std::size_t link = anyDevice ? kCooked2Bytes : kEthernetBytes;
    if (frame.size() < link + kIpBytes || big(frame, anyDevice ? 0 : 12, 2) != 0x0800)
        return std::nullopt;
    const std::string_view ip = frame.substr(link);
    const std::size_t head = (big(ip, 0, 1) & 15) * 4;
    p.bytes = big(ip, 2, 2);
    p.ttl = big(ip, 8, 1);
    const std::uint32_t protocol = big(ip, 9, 1);
    p.protocol = protocol == 6 ? Protocol::Tcp : protocol == 17 ? Protocol::Udp : Protocol::Icmp;
    p.source = sim::net::Ipv4{big(ip, 12, 4)};
    p.destination = sim::net::Ipv4{big(ip, 16, 4)};
    const std::string_view body = ip.substr(std::min(head, ip.size()));
    if (p.protocol == Protocol::Icmp) {
        p.icmpType = big(body, 0, 1);
        p.icmpCode = big(body, 1, 1);
        p.icmpId = p.icmpType == 3 ? 0 : big(body, 4, 2);
        (p.icmpType == 3 ? p.icmpMtu : p.icmpSequence) = big(body, 6, 2);
        constexpr std::size_t kAboutDestination = 8 + 16; // past the message's own head, in the head of the packet it is about
        if (p.icmpType == 3)
            p.icmpAbout = sim::net::Ipv4{big(body, kAboutDestination, 4)};
        return p;
    }
    p.sourcePort = big(body, 0, 2);
    p.destinationPort = big(body, 2, 2);
    if (p.protocol == Protocol::Udp)
        return p;
    p.sequence = big(body, 4, 4);
    p.acknowledged = big(body, 8, 4);
    const std::size_t tcp = (big(body, 12, 1) >> 4) * 4;
    const std::uint32_t bits = big(body, 13, 1);
    for (const auto& [letter, bit] : {std::pair{'F', 1U}, {'S', 2U}, {'R', 4U}, {'P', 8U}, {'.', 16U}})
        if (bits & bit)
            p.flags += letter;
    if (p.flags.empty())
        p.flags = "none";
    if ((bits & 2) != 0 && tcp > 20 && big(body, 20, 1) == 2)
        p.mss = big(body, 22, 2);
    p.payload = p.bytes - static_cast<std::int64_t>(head + tcp);
    return p;
}

} // namespace

std::string packetFileHeader(bool anyDevice)
{
    std::string header;
    appendLittle(header, kMagic, 4);
    appendLittle(header, 2, 2);
    appendLittle(header, 4, 2);
    appendLittle(header, 0, 4); // time zone
    appendLittle(header, 0, 4); // accuracy
    appendLittle(header, kSnapshotLength, 4);
    appendLittle(header, anyDevice ? kCooked2 : kEthernet, 4);
    return header;
}

std::string packetFileRecord(const WirePacket& packet, bool anyDevice, const sim::net::Stack& stack)
{
    const std::string frame = linkHeader(packet, anyDevice, stack) + ipPacket(packet);
    const std::int64_t nanoseconds = packet.at.time_since_epoch().count();
    std::string record;
    appendLittle(record, static_cast<std::uint32_t>(nanoseconds / 1'000'000'000), 4);
    appendLittle(record, static_cast<std::uint32_t>(nanoseconds / 1000 % 1'000'000), 4);
    appendLittle(record, static_cast<std::uint32_t>(std::min<std::size_t>(frame.size(), kSnapshotLength)), 4);
    appendLittle(record, static_cast<std::uint32_t>(frame.size()), 4);
    return record + frame.substr(0, kSnapshotLength);
}

std::optional<PacketFile> readPacketFile(std::string_view bytes, const sim::net::Stack& stack, std::string& error)
{
    constexpr std::size_t kFileHeader = 24, kRecordHeader = 16;
    if (bytes.size() < 4) {
        error = "truncated dump file; tried to read 4 file header bytes, only got " + std::to_string(bytes.size());
        return std::nullopt;
    }
    if (bytes.size() < kFileHeader || little(bytes, 0) != kMagic) {
        error = "unknown file format";
        return std::nullopt;
    }
    PacketFile file;
    file.anyDevice = little(bytes, 20) == kCooked2;
    for (std::size_t at = kFileHeader; at + kRecordHeader <= bytes.size();) {
        const std::size_t length = little(bytes, at + 8);
        auto packet = parsedPacket(bytes.substr(at + kRecordHeader, length), file.anyDevice, stack);
        if (packet) {
            packet->at = sim::Instant{sim::Duration{static_cast<std::int64_t>(little(bytes, at)) * 1'000'000'000 + static_cast<std::int64_t>(little(bytes, at + 4)) * 1000}};
            file.packets.push_back(std::move(*packet));
        }
        at += kRecordHeader + length;
    }
    return file;
}

} // namespace core::shell::node
