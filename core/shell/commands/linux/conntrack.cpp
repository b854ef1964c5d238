// conntrack-tools 1.4.7, Debian 12's.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "sim/world/sockets.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace core::shell::node {

namespace {

using sim::net::Protocol;
using sim::net::TrackedConnection;
using sim::net::TrackedTuple;

constexpr const char* kConntrackBanner = "conntrack v1.4.7 (conntrack-tools): ";

struct ConntrackFilter {
    std::string protocol, state;
    std::optional<sim::net::Prefix> source, destination, replySource, replyDestination;
    std::int64_t sourcePort = 0, destinationPort = 0;

    bool matches(const TrackedConnection& e) const
    {
        const char* own = e.protocol == Protocol::Tcp ? "tcp" : e.protocol == Protocol::Udp ? "udp" : "icmp";
        return (protocol.empty() || protocol == own) && (state.empty() || state == e.state) && (!source || source->contains(e.original.source))
            && (!destination || destination->contains(e.original.destination)) && (sourcePort == 0 || sourcePort == e.original.sourcePort)
            && (destinationPort == 0 || destinationPort == e.original.destinationPort) && (!replySource || replySource->contains(e.reply.source))
            && (!replyDestination || replyDestination->contains(e.reply.destination));
    }
};

std::string entryLine(const TrackedConnection& e)
{
    const std::int64_t seconds = std::max<std::int64_t>(0, e.timeout.count() / 1'000'000'000);
    const bool ping = e.protocol == Protocol::Icmp;
    const auto tuple = [&](const TrackedTuple& t, bool reply) {
        std::string text = fmt::format("src={} dst={} ", t.source.text(), t.destination.text());
        return text + (ping ? fmt::format("type={} code=0 id={} ", reply ? 0 : 8, e.icmpId) : fmt::format("sport={} dport={} ", t.sourcePort, t.destinationPort));
    };
    std::string text = fmt::format("{:<8} {} {} ", ping ? "icmp" : e.protocol == Protocol::Udp ? "udp" : "tcp", ping ? 1 : e.protocol == Protocol::Udp ? 17 : 6, seconds);
    if (e.protocol == Protocol::Tcp)
        text += e.state + " ";
    text += tuple(e.original, false);
    if (!e.answered)
        text += "[UNREPLIED] ";
    text += tuple(e.reply, true);
    if (e.assured)
        text += "[ASSURED] ";
    return text + "mark=0 use=1\n";
}

int conntrackMistake(Invocation& inv, const std::string& text)
{
    inv.err().write(kConntrackBanner + text + "\nTry `conntrack -h' or 'conntrack --help' for more information.\n");
    return 2;
}

/// conntrack's words: one command, and what its entries must have.
class ConntrackWords {
public:
    explicit ConntrackWords(Invocation& inv) : m_inv(inv), m_words(inv.arguments) { }

    char action = 0;
    ConntrackFilter filter;

    /// Nothing when all is well; otherwise the exit status of a complaint already made.
    std::optional<int> read()
    {
        for (; m_at < m_words.size(); ++m_at)
            if (const auto status = word(m_words[m_at]))
                return status;
        return std::nullopt;
    }

private:
    std::optional<int> word(const std::string& word)
    {
        static const std::map<std::string, char> kActions{{"--dump", 'L'}, {"--count", 'C'}, {"--stats", 'S'}, {"--delete", 'D'}, {"--flush", 'F'}, {"--get", 'G'}, {"--event", 'E'},
                                                          {"-L", 'L'}, {"-C", 'C'}, {"-S", 'S'}, {"-D", 'D'}, {"-F", 'F'}, {"-G", 'G'}, {"-E", 'E'}};
        if (const auto named = kActions.find(word); named != kActions.end()) {
            action = named->second;
            if (m_at + 1 < m_words.size() && (m_words[m_at + 1] == "conntrack" || m_words[m_at + 1] == "expect"))
                ++m_at;
            return std::nullopt;
        }
        if (word == "-n" || word == "--src-nat" || word == "-g" || word == "--dst-nat" || word == "-j" || word == "--any-nat")
            return std::nullopt;
        static const std::map<std::string, std::string> kLong{{"--proto", "-p"}, {"--src", "-s"}, {"--orig-src", "-s"}, {"--dst", "-d"}, {"--orig-dst", "-d"}, {"--reply-src", "-r"},
                                                              {"--reply-dst", "-q"}, {"--sport", "--sport"}, {"--orig-port-src", "--sport"}, {"--dport", "--dport"},
                                                              {"--orig-port-dst", "--dport"}, {"--state", "--state"}, {"--output", "-o"}, {"--family", "-f"}, {"--mark", "-m"},
                                                              {"--zone", "-w"}, {"--timeout", "-t"}};
        const std::size_t equals = word.compare(0, 2, "--") == 0 ? word.find('=') : std::string::npos;
        std::string name = word.substr(0, equals);
        if (const auto found = kLong.find(name); found != kLong.end())
            name = found->second;
        else if (name.size() > 1 && name[0] == '-' && std::string_view("psdrqofmwt").find(name[1]) == std::string_view::npos)
            return conntrackMistake(m_inv, fmt::format("unknown option `{}'", word));
        else if (name.empty() || name[0] != '-')
            return conntrackMistake(m_inv, fmt::format("Bad parameter `{}'", word));
        std::string value = equals != std::string::npos ? word.substr(equals + 1) : name[1] != '-' && name.size() > 2 ? name.substr(2) : std::string();
        if (value.empty() && m_at + 1 >= m_words.size())
            return conntrackMistake(m_inv, fmt::format("option `{}' requires an argument", word));
        return take(name[1] == '-' ? name : name.substr(0, 2), value.empty() ? m_words[++m_at] : value);
    }

    std::optional<int> take(const std::string& name, const std::string& value)
    {
        if (name == "-p") {
            if (value != "tcp" && value != "udp" && value != "icmp" && value != "6" && value != "17" && value != "1")
                return conntrackMistake(m_inv, fmt::format("`{}' unsupported protocol", value));
            filter.protocol = value == "6" ? "tcp" : value == "17" ? "udp" : value == "1" ? "icmp" : value;
        } else if (name == "-s" || name == "-d" || name == "-r" || name == "-q") {
            const auto prefix = sim::net::Prefix::parse(value);
            if (!prefix)
                return conntrackMistake(m_inv, fmt::format("Invalid IP address `{}'", value));
            (name == "-s" ? filter.source : name == "-d" ? filter.destination : name == "-r" ? filter.replySource : filter.replyDestination) = prefix;
        } else if (name == "--sport" || name == "--dport") {
            (name == "--sport" ? filter.sourcePort : filter.destinationPort) = parseNumber(value).value_or(0);
        } else if (name == "--state") {
            filter.state = value;
        }
        return std::nullopt;
    }

    Invocation& m_inv;
    const std::vector<std::string>& m_words;
    std::size_t m_at = 0;
};

constexpr const char* kConntrackHelp = "Command line interface for the connection tracking system. Version 1.4.7\n"
                                       "Usage: conntrack [commands] [options]\n\nCommands:\n"
                                       "  -L [table] [options]\t\tList conntrack or expectation table\n"
                                       "  -G [table] parameters\t\tGet conntrack or expectation\n"
                                       "  -D [table] parameters\t\tDelete conntrack or expectation\n"
                                       "  -E [table] [options]\t\tShow events\n"
                                       "  -F [table]\t\t\tFlush table\n"
                                       "  -C [table]\t\t\tShow counter\n"
                                       "  -S\t\t\t\tShow statistics\n\n"
                                       "Conntrack parameters and options:\n"
                                       "  -s, --src, --orig-src ip\t\tSource address from original direction\n"
                                       "  -d, --dst, --orig-dst ip\t\tDestination address from original direction\n"
                                       "  -p, --proto proto\t\t\tLayer 4 Protocol, eg. 'tcp'\n"
                                       "  --sport, --orig-port-src port\t\tSource port in original direction\n"
                                       "  --dport, --orig-port-dst port\t\tDestination port in original direction\n"
                                       "  --state state\t\t\t\tTCP state, eg. ESTABLISHED\n";

int runConntrack(Invocation& inv)
{
    if (inv.arguments.empty() || inv.arguments[0] == "-h" || inv.arguments[0] == "--help") {
        inv.print(kConntrackHelp);
        return 0;
    }
    ConntrackWords words(inv);
    if (const auto status = words.read())
        return *status;
    const char action = words.action;
    const ConntrackFilter& filter = words.filter;
    if (action == 0)
        return conntrackMistake(inv, "Option -L, -C, -S, -D, -F or -E is needed");
    if (!isRoot(inv)) {
        inv.err().write(std::string(kConntrackBanner) + "Operation failed: Operation not permitted\n");
        return 1;
    }
    inv.noteRead("conntrack/" + placeName(inv));
    noteHost(inv);
    const auto list = [&] {
        std::vector<TrackedConnection> entries = sim::trackedOn(inv.door().world(), stackIdOf(inv));
        std::erase_if(entries, [&](const TrackedConnection& e) { return !filter.matches(e); });
        return entries;
    };
    switch (action) {
    case 'L':
    case 'G': {
        const auto entries = list();
        std::string text;
        for (const TrackedConnection& e : entries)
            text += entryLine(e);
        inv.print(text);
        inv.err().write(fmt::format("{}{} flow entries have been shown.\n", kConntrackBanner, entries.size()));
        return 0;
    }
    case 'C': inv.print(fmt::format("{}\n", list().size())); return 0;
    case 'S': {
        const sim::net::Conntrack& table = stackOf(inv).conntrack;
        const std::int64_t cpus = std::max<std::int64_t>(1, machineOf(inv).cpus);
        for (std::int64_t cpu = 0; cpu < cpus; ++cpu) {
            // New connections spread over the processors by hash.
            const auto drops = static_cast<std::int64_t>(table.drops) / cpus + (cpu < static_cast<std::int64_t>(table.drops) % cpus ? 1 : 0);
            inv.print(fmt::format("cpu={:<4}\tfound=0 invalid=0 insert=0 insert_failed=0 drop={} early_drop={} error=0 search_restart=0 clash_resolve=0 chaintoolong=0 \n",
                                  cpu, drops, 0));
        }
        return 0;
    }
    case 'D':
    case 'F': {
        const auto entries = list();
        if (action == 'D' && entries.empty()) {
            inv.err().write(std::string(kConntrackBanner) + "0 flow entries have been deleted.\n");
            return 1;
        }
        std::string text;
        if (action == 'D')
            for (const TrackedConnection& e : entries)
                text += entryLine(e);
        sim::command::ConntrackFlush flush{stackIdOf(inv), std::nullopt};
        if (action == 'D') {
            flush.only.emplace();
            for (const TrackedConnection& e : entries)
                flush.only->push_back(e.original);
        }
        inv.door().apply(sim::Command{std::move(flush)});
        inv.print(text);
        inv.err().write(action == 'D' ? fmt::format("{}{} flow entries have been deleted.\n", kConntrackBanner, entries.size())
                                      : fmt::format("{}connection tracking table has been emptied.\n", kConntrackBanner));
        return 0;
    }
    default: return conntrackMistake(inv, "events are not available here");
    }
}

} // namespace

void addConntrack(CommandTable& table)
{
    table.addRaw("conntrack", "command line interface for netfilter connection tracking", "conntrack -L|-C|-S|-D|-F [options]", runConntrack);
}

} // namespace core::shell::node
