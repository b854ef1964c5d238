// tcpdump 4.99.3: packets that pass an interface while it listens.
#include "core/shell/commands/linux/connection.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/packet_file.h"
#include "core/shell/text/dates.h"
#include "sim/world/sockets.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

namespace core::shell::node {

namespace {

using sim::net::Protocol;
using sim::net::WirePacket;
using PacketTest = std::function<bool(const WirePacket&)>;

/// How often the kernel hands over what it has caught (libpcap's buffer time-out is a second; -l and terminals see it sooner).
constexpr sim::Duration kHandOver = std::chrono::milliseconds(100);

/// pcap-filter(7), its everyday part: host, net, port, src, dst, tcp, udp, icmp, tcp[tcpflags], and, or, not, brackets.
class PacketFilter {
public:
    explicit PacketFilter(const std::string& text)
    {
        std::string word;
        const auto flush = [&] {
            if (!word.empty())
                m_words.push_back(std::exchange(word, {}));
        };
        int depth = 0; // of [...]
        for (const char c : text) {
            depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            if (depth == 0 && c == ' ')
                flush();
            else if (depth == 0 && (c == '(' || c == ')')) {
                flush();
                m_words.emplace_back(1, c);
            } else if (c == '!' && word.empty()) {
                m_words.emplace_back("not");
            } else {
                word += c;
            }
        }
        flush();
    }

    /// Nothing: a syntax error.
    std::optional<PacketTest> read()
    {
        if (m_words.empty())
            return PacketTest([](const WirePacket&) { return true; });
        PacketTest test = either();
        return m_bad || m_at < m_words.size() ? std::nullopt : std::optional(std::move(test));
    }

private:
    std::string peek(std::size_t ahead = 0) const { return m_at + ahead < m_words.size() ? m_words[m_at + ahead] : std::string(); }
    bool take(const char* a, const char* b)
    {
        if (peek() != a && peek() != b)
            return false;
        ++m_at;
        return true;
    }
    PacketTest either()
    {
        PacketTest left = both();
        while (take("or", "||"))
            left = [a = std::move(left), b = both()](const WirePacket& p) { return a(p) || b(p); };
        return left;
    }
    PacketTest both()
    {
        PacketTest left = negation();
        while (take("and", "&&"))
            left = [a = std::move(left), b = negation()](const WirePacket& p) { return a(p) && b(p); };
        return left;
    }
    PacketTest negation()
    {
        if (take("not", "!"))
            return [a = negation()](const WirePacket& p) { return !a(p); };
        if (take("(", "(")) {
            PacketTest inside = either();
            m_bad = m_bad || !take(")", ")");
            return inside;
        }
        return term();
    }
    PacketTest bad()
    {
        m_bad = true;
        m_at = m_words.size();
        return [](const WirePacket&) { return false; };
    }
    PacketTest term()
    {
        std::optional<Protocol> protocol;
        if (peek() == "tcp" || peek() == "udp" || peek() == "icmp") {
            protocol = peek() == "tcp" ? Protocol::Tcp : peek() == "udp" ? Protocol::Udp : Protocol::Icmp;
            ++m_at;
        } else if (peek() == "ip") {
            ++m_at;
            return [](const WirePacket&) { return true; };
        } else if (peek() == "arp" || peek() == "ip6") {
            ++m_at;
            return [](const WirePacket&) { return false; };
        }
        if (peek().rfind("tcp[", 0) == 0 || peek().rfind("icmp[", 0) == 0)
            return flags();
        const int direction = peek() == "src" ? 1 : peek() == "dst" ? 2 : 0;
        m_at += direction != 0 ? 1 : 0;
        const auto fits = [protocol](const WirePacket& p) { return !protocol || p.protocol == *protocol; };
        if (take("port", "portrange")) {
            const std::string text = peek();
            ++m_at;
            const std::size_t dash = text.find('-');
            static const std::map<std::string, std::int64_t> kNamed{{"http", 80}, {"https", 443}, {"domain", 53}, {"ssh", 22}};
            const auto named = kNamed.find(text);
            const auto first = named != kNamed.end() ? std::optional(named->second) : parseNumber(text.substr(0, dash));
            const auto last = dash == std::string::npos ? first : parseNumber(text.substr(dash + 1));
            if (!first || !last) {
                if (!text.empty())
                    m_error = fmt::format("unknown port '{}'", text);
                return bad();
            }
            return [=](const WirePacket& p) {
                const auto in = [&](std::int64_t port) { return *first <= port && port <= *last; };
                return fits(p) && p.protocol != Protocol::Icmp && ((direction != 2 && in(p.sourcePort)) || (direction != 1 && in(p.destinationPort)));
            };
        }
        const bool explicitHost = take("host", "net");
        if (const auto prefix = sim::net::Prefix::parse(peek()); prefix && (explicitHost || direction != 0 || !protocol)) {
            ++m_at;
            return [=](const WirePacket& p) {
                return fits(p) && ((direction != 2 && prefix->contains(p.source)) || (direction != 1 && prefix->contains(p.destination)));
            };
        }
        if (explicitHost || direction != 0 || !protocol)
            return bad();
        return fits;
    }
    /// "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0", "tcp[13] == 2", "icmp[icmptype] = 8".
    PacketTest flags()
    {
        std::string text;
        while (m_at < m_words.size() && peek() != "and" && peek() != "or" && peek() != "&&" && peek() != "||" && !(peek() == ")" && depthOf(text) == 0))
            text += m_words[m_at++];
        const bool icmp = text.rfind("icmp[", 0) == 0;
        const std::string operation = text.find("!=") != std::string::npos ? "!=" : "=";
        if (icmp) {
            std::string value = text.substr(text.rfind('=') + 1);
            const auto number = value == "icmp-echo" ? std::optional<std::int64_t>(8) : value == "icmp-echoreply" ? std::optional<std::int64_t>(0)
                : value == "icmp-unreach" ? std::optional<std::int64_t>(3) : parseNumber(value);
            return [=](const WirePacket& p) { return p.protocol == Protocol::Icmp && number && (p.icmpType == *number) == (operation == "="); };
        }
        int mask = 0xff;
        if (text.find('&') != std::string::npos) {
            mask = 0;
            for (const auto& [name, bit] : {std::pair{"tcp-syn", 2}, {"tcp-ack", 16}, {"tcp-fin", 1}, {"tcp-rst", 4}, {"tcp-push", 8}})
                mask |= text.find(name, text.find('&')) != std::string::npos && text.find(name, text.find('&')) < text.find(operation, text.find('&')) ? bit : 0;
        }
        const std::string right = text.substr(text.rfind('=') + 1);
        const int wanted = right == "tcp-syn" ? 2 : right == "tcp-rst" ? 4 : right == "tcp-fin" ? 1 : right == "tcp-ack" ? 16
                                                                                                       : static_cast<int>(parseNumber(right).value_or(0));
        return [=](const WirePacket& p) {
            int bits = 0;
            for (const char c : p.flags)
                bits |= c == 'S' ? 2 : c == '.' ? 16 : c == 'F' ? 1 : c == 'R' ? 4 : c == 'P' ? 8 : 0;
            return p.protocol == Protocol::Tcp && ((bits & mask) == wanted) == (operation == "=");
        };
    }
    friend std::string filterError(const PacketFilter& filter);

    static int depthOf(const std::string& text)
    {
        return static_cast<int>(std::count(text.begin(), text.end(), '(') - std::count(text.begin(), text.end(), ')'));
    }

    std::vector<std::string> m_words;
    std::size_t m_at = 0;
    bool m_bad = false;
    std::string m_error = "can't parse filter expression: syntax error";
};

std::string filterError(const PacketFilter& filter)
{
    return filter.m_error;
}

constexpr const char* kTcpdumpUsage
    = "tcpdump version 4.99.3\nlibpcap version 1.10.3 (with TPACKET_V3)\nOpenSSL 3.0.15 3 Sep 2024\n"
      "Usage: tcpdump [-AbdDefhHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count]\n\t\t[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]\n"
      "\t\t[ -i interface ] [ --immediate-mode ] [ -j tstamptype ]\n\t\t[ -M secret ] [ --number ] [ --print ] [ -Q in|out|inout ]\n"
      "\t\t[ -r file ] [ -s snaplen ] [ -T type ] [ --version ]\n\t\t[ -V file ] [ -w file ] [ -W filecount ] [ -y datalinktype ]\n"
      "\t\t[ --time-stamp-precision precision ] [ --micro ] [ --nano ]\n\t\t[ -z postrotate-command ] [ -Z user ] [ expression ]\n";

std::string icmpText(const WirePacket& p)
{
    if (p.icmpType == 8 || p.icmpType == 0)
        return fmt::format("ICMP echo {}, id {}, seq {}, length {}", p.icmpType == 8 ? "request" : "reply", p.icmpId, p.icmpSequence, p.bytes - 20);
    if (p.icmpCode == 3)
        return fmt::format("ICMP {} udp port {} unreachable, length {}", p.source.text(), p.sourcePort, p.bytes - 20);
    if (p.icmpCode == 4)
        return fmt::format("ICMP {} unreachable - need to frag (mtu {}), length {}", p.icmpAbout.text(), p.icmpMtu, p.bytes - 20);
    return fmt::format("ICMP host {} unreachable, length {}", p.icmpAbout.text(), p.bytes - 20);
}

std::string tcpText(const WirePacket& p)
{
    std::string text = fmt::format("Flags [{}], ", p.flags);
    const bool syn = p.flags[0] == 'S';
    if (syn || p.payload > 0 || p.flags[0] == 'F' || p.flags[0] == 'R')
        text += p.payload > 0 ? fmt::format("seq {}:{}, ", p.sequence, p.sequence + static_cast<std::uint32_t>(p.payload)) : fmt::format("seq {}, ", p.sequence);
    if (p.flags.find('.') != std::string::npos)
        text += fmt::format("ack {}, ", p.acknowledged);
    text += fmt::format("win {}, ", syn ? 64240 : p.flags[0] == 'R' ? 0 : 502);
    if (syn)
        text += fmt::format("options [mss {},sackOK,TS val {} ecr {},nop,wscale 7], ", p.mss, p.sequence / 7, p.flags == "S" ? 0 : p.acknowledged / 7);
    else if (p.flags[0] != 'R')
        text += fmt::format("options [nop,nop,TS val {} ecr {}], ", 1'000'000 + p.sequence / 9, 1'000'000 + p.acknowledged / 9);
    return text + fmt::format("length {}", p.payload);
}

std::string packetLine(Invocation& inv, const WirePacket& p, bool numeric, bool anyDevice)
{
    const auto name = [&](sim::net::Ipv4 address) { return numeric ? address.text() : nameOfAddress(inv.door().world(), address); };
    std::string text = formatDate(p.at, "%H:%M:%S") + fmt::format(".{:06} ", p.at.time_since_epoch().count() / 1000 % 1'000'000);
    if (anyDevice)
        text += fmt::format("{} {}  ", p.device, p.outwards ? "Out" : "In");
    const bool ports = p.protocol != Protocol::Icmp;
    text += "IP " + name(p.source) + (ports ? fmt::format(".{}", p.sourcePort) : "") + " > " + name(p.destination) + (ports ? fmt::format(".{}", p.destinationPort) : "") + ": ";
    return text + (p.protocol == Protocol::Tcp ? tcpText(p) : p.protocol == Protocol::Udp ? fmt::format("UDP, length {}", std::max<std::int64_t>(0, p.bytes - 28)) : icmpText(p)) + "\n";
}

struct TcpdumpRequest {
    std::string device = "eth0", expression, write, read;
    std::int64_t count = 0;
    bool numeric = false, listDevices = false;
};

/// Nothing: a complaint was made.
std::optional<TcpdumpRequest> parseTcpdump(Invocation& inv)
{
    TcpdumpRequest r;
    const auto usage = [&](const std::string& text) {
        inv.err().write("tcpdump: " + text + "\n" + kTcpdumpUsage);
        return std::nullopt;
    };
    static const std::map<std::string, char> kLong{{"--interface", 'i'}, {"--list-interfaces", 'D'}, {"--snapshot-length", 's'}, {"--direction", 'Q'}, {"--print", 'v'},
                                                   {"--immediate-mode", 'l'}, {"--count", 'v'}, {"--no-promiscuous-mode", 'p'}, {"--packet-buffered", 'U'}, {"--number", '#'}};
    const auto& w = inv.arguments;
    for (std::size_t i = 0; i < w.size(); ++i) {
        std::string word = w[i];
        if (word.size() < 2 || word[0] != '-') {
            r.expression += (r.expression.empty() ? "" : " ") + word;
            continue;
        }
        if (word.rfind("--", 0) == 0) {
            const std::size_t equals = word.find('=');
            const auto known = kLong.find(word.substr(0, equals));
            if (known == kLong.end())
                return usage(fmt::format("unrecognized option '{}'", word.substr(0, equals)));
            word = std::string("-") + known->second + (equals == std::string::npos ? std::string() : word.substr(equals + 1));
        }
        for (std::size_t c = 1; c < word.size(); ++c) {
            const char letter = word[c];
            if (std::string_view("icwrsCWGQBjTyzZEFMV").find(letter) == std::string_view::npos) {
                if (std::string_view("AbdDefhHIJKlLnNOpqStuUvxX#").find(letter) == std::string_view::npos)
                    return usage(fmt::format("invalid option -- '{}'", letter));
                r.numeric = r.numeric || letter == 'n';
                r.listDevices = r.listDevices || letter == 'D';
                continue;
            }
            if (c + 1 >= word.size() && i + 1 >= w.size())
                return usage(fmt::format("option requires an argument -- '{}'", letter));
            const std::string value = c + 1 < word.size() ? word.substr(c + 1) : w[++i];
            if (letter == 'i')
                r.device = value;
            else if (letter == 'c') {
                r.count = parseNumber(value).value_or(0);
                if (r.count <= 0) {
                    inv.err().write(fmt::format("tcpdump: invalid packet count {}\n", value));
                    return std::nullopt;
                }
            } else if (letter == 'w' || letter == 'r')
                (letter == 'w' ? r.write : r.read) = value;
            break;
        }
    }
    return r;
}

int listDevices(Invocation& inv)
{
    std::size_t number = 0;
    for (const auto& i : stackOf(inv).interfaces)
        if (i.name != "lo")
            inv.print(fmt::format("{}.{} [Up, Running, Connected]\n", ++number, i.name));
    inv.print(fmt::format("{}.any (Pseudo-device that captures on all interfaces) [Up, Running]\n", ++number));
    for (const auto& i : stackOf(inv).interfaces)
        if (i.name == "lo")
            inv.print(fmt::format("{}.lo [Up, Running, Loopback]\n", ++number));
    return 0;
}

const char* linkTypeText(bool any)
{
    return any ? "LINUX_SLL2 (Linux cooked v2)" : "EN10MB (Ethernet)";
}

/// tcpdump -r.
int readCapture(Invocation& inv, const TcpdumpRequest& r)
{
    const ReadFile saved = r.read == "-" ? ReadFile{Errno::None, inv.in().readAll()} : inv.system().readFile(inv.place(), inv.absolutePath(r.read));
    if (saved.error != Errno::None) {
        inv.err().write(fmt::format("tcpdump: {}: {}\n", r.read, describe(saved.error)));
        return 1;
    }
    std::string error;
    const auto file = readPacketFile(saved.text, stackOf(inv), error);
    if (!file) {
        inv.err().write("tcpdump: " + error + "\n");
        return 1;
    }
    inv.err().write(fmt::format("reading from file {}, link-type {}, snapshot length 262144\n", r.read, linkTypeText(file->anyDevice)));
    PacketFilter filter(r.expression);
    const auto test = filter.read();
    if (!test) {
        inv.err().write(fmt::format("tcpdump: {}\n", filterError(filter)));
        return 1;
    }
    inv.noteRead("packets/" + placeName(inv));
    std::string text, copy = packetFileHeader(file->anyDevice);
    std::int64_t shown = 0;
    for (const WirePacket& p : file->packets) {
        if (!(*test)(p) || (r.count != 0 && shown >= r.count))
            continue;
        ++shown;
        if (r.write.empty())
            text += packetLine(inv, p, r.numeric, file->anyDevice);
        else
            copy += packetFileRecord(p, file->anyDevice, stackOf(inv));
    }
    inv.print(text);
    if (!r.write.empty())
        inv.system().writeFile(inv.place(), inv.absolutePath(r.write), copy, false);
    return 0;
}

int runTcpdump(Invocation& inv)
{
    const auto request = parseTcpdump(inv);
    if (!request)
        return 1;
    const TcpdumpRequest& r = *request;
    if (r.listDevices)
        return listDevices(inv);
    if (!r.read.empty())
        return readCapture(inv, r);
    if (!isRoot(inv)) {
        inv.err().write(fmt::format("tcpdump: {}: You don't have permission to capture on that device\n(socket: Operation not permitted)\n", r.device));
        return 1;
    }
    if (r.device != "any" && stackOf(inv).interface(r.device) == nullptr) {
        inv.err().write(fmt::format("tcpdump: {}: No such device exists\n(No such device exists)\n", r.device));
        return 1;
    }
    PacketFilter filter(r.expression);
    const auto test = filter.read();
    if (!test) {
        inv.err().write(fmt::format("tcpdump: {}\n", filterError(filter)));
        return 1;
    }
    const bool any = r.device == "any";
    inv.err().write(r.write.empty() ? "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\n" : "tcpdump: ");
    inv.err().write(fmt::format("listening on {}, link-type {}, snapshot length 262144 bytes\n", r.device, linkTypeText(any)));
    inv.noteRead("packets/" + placeName(inv));
    noteHost(inv);
    std::int64_t caught = 0, received = 0;
    std::string saved = packetFileHeader(any);
    const auto finish = [&] {
        if (r.write == "-")
            inv.print(saved);
        else if (!r.write.empty())
            inv.system().writeFile(inv.place(), inv.absolutePath(r.write), saved, false);
        inv.err().write(fmt::format("{} packet{} captured\n{} packet{} received by filter\n0 packets dropped by kernel\n", caught, caught == 1 ? "" : "s", received, received == 1 ? "" : "s"));
    };
    if (!r.write.empty() && r.write != "-")
        if (const Errno error = inv.system().writeFile(inv.place(), inv.absolutePath(r.write), saved, false); error != Errno::None) {
            inv.err().write(fmt::format("tcpdump: {}: {}\n", r.write, describe(error)));
            return 1;
        }
    sim::Instant from = inv.now();
    try {
        while (r.count == 0 || caught < r.count) {
            inv.sleep(kHandOver);
            const sim::Instant to = inv.now();
            for (const WirePacket& p : sim::packetsAt(inv.door().world(), stackIdOf(inv), r.device, from, to)) {
                if (!(*test)(p))
                    continue;
                ++received;
                if (r.count != 0 && caught >= r.count)
                    continue;
                ++caught;
                if (r.write.empty())
                    inv.print(packetLine(inv, p, r.numeric, any));
                else
                    saved += packetFileRecord(p, any, stackOf(inv));
            }
            from = to;
        }
    } catch (const Interrupted&) {
        finish();
        throw;
    }
    finish();
    return 0;
}

} // namespace

void addTcpdump(CommandTable& table)
{
    table.addRaw("tcpdump", "dump traffic on a network", "tcpdump [-nn] [-i interface] [-c count] [-w file] [-r file] [expression]", runTcpdump);
}

} // namespace core::shell::node
