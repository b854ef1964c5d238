#pragma once

#include "sim/net/connection.h"
#include "sim/net/stack.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::shell::node {

/// A capture file: libpcap's format 2.4 (pcap-savefile(5)), little endian, microseconds. Headers are whole, with right
/// checksums; what programs said to one another is not kept in the world, so payloads are zeros of the right length.
struct PacketFile {
    bool anyDevice = false; ///< LINUX_SLL2 instead of Ethernet
    std::vector<sim::net::WirePacket> packets;
};

std::string packetFileHeader(bool anyDevice);
std::string packetFileRecord(const sim::net::WirePacket& packet, bool anyDevice, const sim::net::Stack& stack);
/// Nothing, and why in tcpdump's words ("unknown file format"), when the bytes are no capture.
std::optional<PacketFile> readPacketFile(std::string_view bytes, const sim::net::Stack& stack, std::string& error);

} // namespace core::shell::node
