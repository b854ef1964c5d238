// iptables 1.8.9 (nf_tables), Debian 12's.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/iptables_request.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/commands/linux/rule_text.h"
#include "core/shell/text/dates.h"
#include "sim/net/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace core::shell::node {

namespace {

using sim::net::Chain;
using sim::net::FirewallRule;
using sim::net::Prefix;
using sim::net::Protocol;
using RuleVerb = sim::command::FirewallChange::Verb;

/// In FirewallRule::targetOptions of `-g CHAIN`.
constexpr const char* kGoto = "[goto]";

const char* protocolName(Protocol p, bool numbers)
{
    switch (p) {
    case Protocol::Tcp: return numbers ? "6" : "tcp";
    case Protocol::Udp: return numbers ? "17" : "udp";
    case Protocol::Icmp: return numbers ? "1" : "icmp";
    case Protocol::Any: return numbers ? "0" : "all";
    }
    return "all";
}

std::string count(std::int64_t n, bool exact)
{
    if (exact || n < 100'000)
        return std::to_string(n);
    if (n < 10'000'000)
        return fmt::format("{}K", n / 1000);
    return n < 10'000'000'000 ? fmt::format("{}M", n / 1'000'000) : fmt::format("{}G", n / 1'000'000'000);
}

std::string portText(const FirewallRule& r)
{
    return r.destinationPortLast > *r.destinationPort
        ? fmt::format("{}:{}", *r.destinationPort, r.destinationPortLast)
        : std::to_string(*r.destinationPort);
}

/// " 0.0.0.0/0          ", "!10.244.0.0/16      ": an address as -L prints it, below the mark of its negation.
std::string addressText(const std::optional<Prefix>& p, bool negated, bool numeric)
{
    const bool any = !p || p->length == 0;
    return (negated && !any ? "!" : " ") + fmt::format("{:<19} ", any ? (numeric ? "0.0.0.0/0" : "anywhere") : p->length == 32 ? p->base.text() : p->text());
}

/// A port as -L prints it: by its name in /etc/services, with -n by its number.
std::string portName(std::int64_t port, bool numeric)
{
    static const std::map<std::int64_t, const char*> kServices{{20, "ftp-data"}, {21, "ftp"}, {22, "ssh"}, {23, "telnet"}, {25, "smtp"}, {53, "domain"}, {80, "http"}, {110, "pop3"},
                                                               {123, "ntp"}, {143, "imap2"}, {443, "https"}, {514, "syslog"}, {2000, "cisco-sccp"}, {2049, "nfs"}, {3306, "mysql"},
                                                               {5432, "postgresql"}, {6379, "redis"}, {8080, "http-alt"}};
    const auto known = kServices.find(port);
    return numeric || known == kServices.end() ? std::to_string(port) : known->second;
}

/// "multiport dports 22,443" with its ports by name.
std::string namedPorts(const std::string& match)
{
    const std::size_t space = match.rfind(' ');
    std::string text = match.substr(0, space + 1);
    for (std::size_t begin = space + 1; begin < match.size();) {
        const std::size_t end = std::min(match.find_first_of(",:", begin), match.size());
        const auto port = parseNumber(match.substr(begin, end - begin));
        text += port ? portName(*port, false) : match.substr(begin, end - begin);
        text += end < match.size() ? std::string(1, match[end]) : std::string();
        begin = end + 1;
    }
    return text;
}

/// kube-proxy and felix write the comment first; people type it last.
bool commentFirst(const std::string& chain)
{
    return chain.rfind("KUBE-", 0) == 0 || chain.rfind("cali-", 0) == 0;
}

struct MatchParts {
    std::string kind;  ///< "ctstate"
    std::string value;
    std::string bang;  ///< "! " when it is negated
};

/// Of a match as rules hold it: "mark !0x4000/0x4000".
MatchParts partsOf(const std::string& match)
{
    const std::size_t space = match.find(' ');
    MatchParts parts{match.substr(0, space), space == std::string::npos ? std::string() : match.substr(space + 1), {}};
    if (!parts.value.empty() && parts.value[0] == '!') {
        parts.value.erase(0, 1);
        parts.bang = "! ";
    }
    return parts;
}

/// "ctstate NEW limit 3/min:5" -> {"ctstate NEW", "limit 3/min:5"}. Kinds whose values have blanks stand last.
std::vector<std::string> matchPieces(const std::string& match)
{
    static constexpr const char* kSingle[] = {"ctstate", "state", "mark", "tcp-flags", "icmp-type", "limit"};
    std::vector<std::string> pieces;
    const std::vector<std::string> words = splitWords(match);
    for (std::size_t i = 0; i < words.size();) {
        const bool single = std::any_of(std::begin(kSingle), std::end(kSingle), [&](const char* k) { return words[i] == k; });
        std::string piece = words[i++];
        for (std::size_t taken = 0; i < words.size() && (!single || taken < 1); ++taken)
            piece += " " + words[i++];
        pieces.push_back(std::move(piece));
    }
    return pieces;
}

/// "0x06" of "SYN,RST".
std::string flagBits(const std::string& names)
{
    static const std::map<std::string, int> kBits{{"FIN", 1}, {"SYN", 2}, {"RST", 4}, {"PSH", 8}, {"ACK", 16}, {"URG", 32}, {"ALL", 63}, {"NONE", 0}};
    int bits = 0;
    std::string rest = names;
    while (!rest.empty()) {
        const std::size_t comma = std::min(rest.find(','), rest.size());
        const auto bit = kBits.find(rest.substr(0, comma));
        bits |= bit == kBits.end() ? 0 : bit->second;
        rest.erase(0, comma + 1);
    }
    return fmt::format("0x{:02x}", bits);
}

/// One match as -L prints it: "ctstate NEW", "mark match ! 0x4000/0x4000", "ADDRTYPE match dst-type LOCAL".
std::string matchText(const std::string& match)
{
    const auto [kind, value, bang] = partsOf(match);
    if (kind == "mark")
        return "mark match " + bang + value;
    if (kind == "addrtype")
        return "ADDRTYPE match " + value.substr(value.find_first_not_of('-'));
    if (kind == "statistic")
        return "statistic mode random probability " + value;
    if (kind == "ctstate")
        return bang + "ctstate " + value;
    if (kind == "set")
        return "match-set " + value;
    if (kind == "tcp-flags") {
        const std::size_t slash = value.find('/');
        return "tcp flags:" + flagBits(value.substr(0, slash)) + "/" + flagBits(value.substr(slash + 1));
    }
    if (kind == "icmp-type") {
        const std::size_t slash = value.find('/');
        return "icmptype " + value.substr(0, slash) + (slash == std::string::npos ? "" : " code " + value.substr(slash + 1));
    }
    if (kind == "limit")
        return "limit: avg " + value.substr(0, value.find(':')) + " burst " + value.substr(value.find(':') + 1);
    if (kind == "recent")
        return "recent: CHECK seconds: " + splitWords(value)[2] + " reap name: " + splitWords(value)[5]
            + " side: source mask: 255.255.255.255";
    return match;
}

/// "MARK or 0x4000" of "--set-xmark 0x4000/0x4000", "MARK xor 0x4000" of "0x4000/0x0", "MARK and 0xfffeffff" of "0x0/0x10000".
std::string markText(const std::string& options)
{
    const std::string text = options.substr(options.rfind(' ') + 1);
    const std::size_t slash = text.find('/');
    const std::string value = text.substr(0, slash);
    const std::string mask = slash == std::string::npos ? "0xffffffff" : text.substr(slash + 1);
    if (mask == "0x0")
        return "MARK xor " + value;
    if (value == mask)
        return "MARK or " + value;
    if (value == "0x0")
        return fmt::format("MARK and 0x{:x}", ~static_cast<std::uint32_t>(std::stoul(mask, nullptr, 16)));
    return "MARK xset " + text;
}

/// What -L prints behind the addresses: matches, comment, target options.
std::string detailText(const std::string& chain, const FirewallRule& r, bool numeric)
{
    std::string text;
    const auto add = [&](const std::string& piece) {
        text += (text.empty() ? "" : " ") + piece;
    };
    if (!r.comment.empty() && commentFirst(chain))
        add("/* " + r.comment + " */");
    if (r.sourcePort || r.destinationPort) {
        std::string ports = protocolName(r.protocol, false);
        if (r.sourcePort)
            ports += " spt:" + portName(*r.sourcePort, numeric);
        if (r.destinationPort)
            ports += r.destinationPortLast > *r.destinationPort
                ? fmt::format(" dpts:{}:{}", portName(*r.destinationPort, numeric), portName(r.destinationPortLast, numeric))
                : " dpt:" + portName(*r.destinationPort, numeric);
        add(ports);
    }
    for (const std::string& piece : matchPieces(r.match))
        add(numeric ? matchText(piece) : piece.compare(0, 9, "multiport") == 0 ? namedPorts(piece) : piece == "icmp-type 8" ? "icmp echo-request" : piece == "icmp-type 0" ? "icmp echo-reply" : matchText(piece));
    if (!r.comment.empty() && !commentFirst(chain))
        add("/* " + r.comment + " */");
    if (r.target == "MARK")
        add(markText(r.targetOptions));
    else if (r.target == "TCPMSS")
        add(r.targetOptions.find("clamp") != std::string::npos ? "TCPMSS clamp to PMTU" : "TCPMSS set " + r.targetOptions.substr(r.targetOptions.rfind(' ') + 1));
    else if (r.target == "NOTRACK")
        add("NOTRACK");
    else if (r.target == "LOG") {
        const std::size_t prefix = r.targetOptions.find("--log-prefix ");
        add((numeric ? "LOG flags 0 level 4" : "LOG level warn") + (prefix == std::string::npos ? std::string() : " prefix " + r.targetOptions.substr(prefix + 13)));
    } else if (r.targetOptions == kGoto)
        text.insert(0, text.empty() ? "[goto] " : "[goto]  ");
    else if (!r.targetOptions.empty()) {
        std::string options = r.targetOptions;
        if (options.rfind("--", 0) == 0)
            options.erase(0, 2);
        add(options);
    }
    return text;
}

std::string listChain(Invocation& inv, const IptablesRequest& q, const std::string& name, const Chain& chain,
                      const std::map<std::string, Chain>& all)
{
    std::string t = "Chain " + name;
    if (!chain.policy.empty()) {
        t += " (policy " + chain.policy + (q.verbose ? fmt::format(" {} packets, {} bytes)", count(chain.packets, q.exact), count(chain.bytes, q.exact)) : ")");
    } else {
        std::size_t references = 0;
        for (const auto& [other, c] : all)
            for (const FirewallRule& r : c.rules)
                references += r.target == name ? 1 : 0;
        t += fmt::format(" ({} references)", references);
    }
    t += "\n";
    const std::string number = q.lineNumbers ? "num  " : "";
    t += q.verbose ? number
            + (q.lineNumbers ? " pkts bytes target     prot opt in     out     source               "
                               "destination         \n"
                             : " pkts bytes target     prot opt in     out     source               "
                               "destination         \n")
                   : number + "target     prot opt source               destination         \n";
    (void)inv;
    std::size_t index = 0;
    for (const FirewallRule& r : chain.rules) {
        ++index;
        if (q.lineNumbers)
            t += fmt::format("{:<4} ", index);
        if (q.verbose)
            t += fmt::format("{:>5} {:>5} ", count(r.packets, q.exact), count(r.bytes, q.exact));
        t += fmt::format("{:<9}  {:<4} -- ", r.target, protocolName(r.protocol, q.numeric));
        if (q.verbose)
            t += fmt::format(" {:<6} {:<6} ", r.inInterface.empty() ? "*" : r.inInterface,
                             r.outInterface.empty() ? "*" : r.outInterface);
        const std::string details = detailText(name, r, q.numeric);
        t += addressText(r.source, r.notSource, q.numeric) + addressText(r.destination, r.notDestination, q.numeric) + (details.empty() ? "" : " " + details) + "\n";
    }
    return t;
}

/// One match as -S prints it.
std::string savedMatch(const std::string& match)
{
    const auto [kind, value, bang] = partsOf(match);
    if (kind == "ctstate")
        return " -m conntrack " + bang + "--ctstate " + value;
    if (kind == "state")
        return " -m state " + bang + "--state " + value;
    if (kind == "mark")
        return " -m mark " + bang + "--mark " + value;
    if (kind == "multiport")
        return " -m multiport --" + value;
    if (kind == "tcp-flags")
        return " --tcp-flags " + value.substr(0, value.find('/')) + " " + value.substr(value.find('/') + 1);
    if (kind == "icmp-type")
        return " -m icmp --icmp-type " + value;
    if (kind == "limit") {
        const std::string burst = value.substr(value.find(':') + 1);
        return " -m limit --limit " + value.substr(0, value.find(':')) + (burst == "5" ? "" : " --limit-burst " + burst);
    }
    if (kind == "statistic")
        return " -m statistic --mode random --probability " + value;
    if (kind == "set") {
        const std::size_t next = value.find(" set ");
        return " -m set " + bang + "--match-set " + value.substr(0, next)
            + (next == std::string::npos ? "" : savedMatch(value.substr(next + 1)));
    }
    return " -m " + match; // addrtype, recent
}

} // namespace

std::string saveRule(const std::string& chain, const FirewallRule& r)
{
    std::string t = "-A " + chain;
    if (r.source)
        t += std::string(r.notSource ? " !" : "") + " -s " + r.source->text();
    if (r.destination)
        t += std::string(r.notDestination ? " !" : "") + " -d " + r.destination->text();
    const auto interface = [&](const char* option, const std::string& name) {
        if (!name.empty())
            t += name.front() == '!' ? fmt::format(" ! {} {}", option, name.substr(1)) : fmt::format(" {} {}", option, name);
    };
    interface("-i", r.inInterface);
    interface("-o", r.outInterface);
    if (r.protocol != Protocol::Any)
        t += std::string(" -p ") + protocolName(r.protocol, false);
    const std::string comment = r.comment.empty()                           ? std::string()
        : r.comment.find(' ') == std::string::npos ? " -m comment --comment " + r.comment
                                                   : " -m comment --comment \"" + r.comment + "\"";
    if (commentFirst(chain))
        t += comment;
    const bool flags = r.match.find("tcp-flags ") != std::string::npos;
    if (r.sourcePort || r.destinationPort || flags || (r.target == "DNAT" && r.protocol != Protocol::Any))
        t += std::string(" -m ") + protocolName(r.protocol, false);
    if (r.sourcePort)
        t += fmt::format(" --sport {}", *r.sourcePort);
    if (r.destinationPort)
        t += " --dport " + portText(r);
    for (const std::string& piece : matchPieces(r.match))
        t += savedMatch(piece);
    if (!commentFirst(chain))
        t += comment;
    if (r.targetOptions == kGoto)
        return t + " -g " + r.target;
    if (r.target == "NOTRACK")
        return t + " -j CT --notrack";
    if (!r.target.empty())
        t += " -j " + r.target;
    if (!r.targetOptions.empty())
        t += r.targetOptions.rfind("to:", 0) == 0
            ? (r.target == "SNAT" ? " --to-source " : " --to-destination ") + r.targetOptions.substr(3)
            : r.targetOptions.rfind("--", 0) == 0 ? " " + r.targetOptions
                                                  : " --" + r.targetOptions;
    return t;
}

namespace {

/// Built-in chains in the kernel's order, then the others by name.
std::vector<std::string> chainOrder(const std::map<std::string, Chain>& chains, const std::string& table)
{
    std::vector<std::string> names = sim::net::builtInChains(table);
    for (const auto& [name, chain] : chains)
        if (std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
    return names;
}

int show(Invocation& inv, const IptablesRequest& q)
{
    const sim::net::Stack& stack = stackOf(inv);
    const auto& chains = stack.table(q.change.table);
    inv.noteRead("firewall/" + placeName(inv));
    const auto order = chainOrder(chains, q.change.table);
    static const Chain kEmpty{"ACCEPT", {}};
    const auto chainOf = [&](const std::string& name) -> const Chain& {
        const auto found = chains.find(name);
        return found == chains.end() ? kEmpty : found->second;
    };
    if (!q.change.chain.empty() && std::find(order.begin(), order.end(), q.change.chain) == order.end()) {
        inv.err().write(fmt::format("iptables v1.8.9 (nf_tables): chain `{}' in table `{}' is incompatible, use 'nft' tool.\n", q.change.chain, q.change.table));
        return 1;
    }
    std::string text;
    if (q.action == 'S') {
        for (const std::string& name : order)
            if (q.change.chain.empty() || name == q.change.chain)
                text += chainOf(name).policy.empty() ? "-N " + name + "\n"
                                                     : "-P " + name + " " + chainOf(name).policy + "\n";
        for (const std::string& name : order)
            if (q.change.chain.empty() || name == q.change.chain)
                for (const FirewallRule& r : chainOf(name).rules)
                    text += saveRule(name, r) + "\n";
        inv.print(text);
        return 0;
    }
    bool first = true;
    for (const std::string& name : order) {
        if (!q.change.chain.empty() && name != q.change.chain)
            continue;
        text += (first ? "" : "\n") + listChain(inv, q, name, chainOf(name), chains);
        first = false;
    }
    inv.print(text);
    return 0;
}

/// "3/4", "8": a type of ICMP by name or number.
std::optional<std::string> icmpTypeNamed(const std::string& name)
{
    static const std::map<std::string, std::string> kNames{{"echo-reply", "0"}, {"destination-unreachable", "3"}, {"network-unreachable", "3/0"},
                                                           {"host-unreachable", "3/1"}, {"port-unreachable", "3/3"}, {"fragmentation-needed", "3/4"},
                                                           {"redirect", "5"}, {"echo-request", "8"}, {"time-exceeded", "11"}, {"ttl-exceeded", "11"}};
    const auto known = kNames.find(name);
    if (known != kNames.end())
        return known->second;
    const std::size_t slash = name.find('/');
    const bool numbers = parseNumber(name.substr(0, slash)) && (slash == std::string::npos || parseNumber(name.substr(slash + 1)));
    return numbers ? std::optional(name) : std::nullopt;
}

/// "5/min" of "5/minute".
std::string limitText(const std::string& rate)
{
    const std::size_t slash = rate.find('/');
    if (slash == std::string::npos)
        return rate + "/sec";
    const char unit = slash + 1 < rate.size() ? rate[slash + 1] : 's';
    return rate.substr(0, slash) + (unit == 'm' ? "/min" : unit == 'h' ? "/hour" : unit == 'd' ? "/day" : "/sec");
}

/// "RELATED,ESTABLISHED": states in the order in which iptables prints them, whatever was typed.
std::string inKernelsOrder(const std::string& states)
{
    std::string text;
    for (const char* state : {"INVALID", "NEW", "RELATED", "ESTABLISHED", "UNTRACKED", "SNAT", "DNAT"})
        if (("," + states + ",").find("," + std::string(state) + ",") != std::string::npos)
            text += (text.empty() ? "" : ",") + std::string(state);
    return std::count(text.begin(), text.end(), ',') == std::count(states.begin(), states.end(), ',') ? text : states;
}

/// Whether an option wants a word after it, so that its lack is what is wrong.
bool takesArgument(const std::string& word)
{
    static const std::set<std::string> kTaking{"-t", "--table", "-p", "--protocol", "-s", "--source", "-d", "--destination", "-i", "--in-interface", "-o", "--out-interface", "--dport",
                                               "--destination-port", "--sport", "--source-port", "-m", "--match", "--ctstate", "--state", "--mark", "--dports", "--sports", "--dst-type",
                                               "--src-type", "--icmp-type", "--limit", "--limit-burst", "--comment", "-j", "--jump", "-g", "--reject-with", "--to-destination",
                                               "--to-source", "--to-ports", "--set-mss", "--set-mark", "--set-xmark", "--log-prefix", "--log-level", "--zone", "-A", "-I", "-D", "-P",
                                               "-N", "-E", "-C", "-R"};
    return kTaking.count(word) > 0;
}

} // namespace

int badIptables(Invocation& inv, const IptablesRequest& request, const std::string& text)
{
    inv.err().write(fmt::format("{0} v1.8.9 (nf_tables): {1}\n{2}Try `{0} -h' or '{0} --help' for more information.\n", request.program, text,
                                request.line > 0 ? fmt::format("Error occurred at line: {}\n", request.line) : ""));
    return 2;
}

std::optional<int> parseIptables(Invocation& inv, const std::vector<std::string>& w, IptablesRequest& q)
{
    FirewallRule& r = q.change.rule;
    bool negated = false;
    const auto addMatch = [&](const std::string& text, bool inverted) {
        const std::size_t space = text.find(' ');
        r.match += (r.match.empty() ? "" : " ") + text.substr(0, space + 1) + (inverted ? "!" : "") + text.substr(space + 1);
    };
    const auto expectPrefix = [&](const std::string& text) {
        return Prefix::parse(text);
    };
    for (std::size_t i = 0; i < w.size(); ++i) {
        const std::string& word = w[i];
        const bool more = i + 1 < w.size();
        const auto chainNext = [&] {
            return more && w[i + 1][0] != '-' ? w[++i] : std::string();
        };
        static const std::map<std::string, char> kActions{
            {"--append", 'A'},       {"--insert", 'I'}, {"--delete", 'D'}, {"--list", 'L'},
            {"--list-rules", 'S'},   {"--flush", 'F'},  {"--policy", 'P'}, {"--new-chain", 'N'},
            {"--delete-chain", 'X'}, {"--replace", 'R'}, {"--check", 'C'}, {"--zero", 'Z'}, {"--rename-chain", 'E'}};
        char action = 0;
        if (const auto full = kActions.find(word); full != kActions.end())
            action = full->second;
        else if (word.size() == 2 && word[0] == '-'
                 && std::string_view("AIDLSFPNXCZER").find(word[1]) != std::string_view::npos)
            action = word[1];
        else if (word.size() > 2 && word[0] == '-' && word[1] != '-') { // -nL, -nvL, -vnL
            for (const char c : word.substr(1)) {
                if (c == 'n')
                    q.numeric = true;
                else if (c == 'v')
                    q.verbose = true;
                else if (c == 'x')
                    q.exact = true;
                else if (c == 'L' || c == 'S')
                    action = c;
                else
                    return badIptables(inv, q, fmt::format("unknown option \"{}\"", word));
            }
            if (action == 0)
                continue;
        }
        if (action != 0) {
            q.action = action;
            q.change.chain = chainNext();
            if (action == 'P' || action == 'E')
                q.change.policy = chainNext();
            if ((action == 'I' || action == 'D' || action == 'R') && more && i + 1 < w.size())
                if (const auto index = parseNumber(w[i + 1])) {
                    q.change.index = *index;
                    q.change.verb = action == 'D' ? RuleVerb::DeleteIndex : RuleVerb::Insert;
                    ++i;
                }
            continue;
        }
        if (word == "!") {
            negated = true;
            continue;
        }
        if (word == "-n" || word == "--numeric")
            q.numeric = true;
        else if (word == "-v" || word == "--verbose")
            q.verbose = true;
        else if (word == "-x" || word == "--exact")
            q.exact = true;
        else if (word == "--line-numbers")
            q.lineNumbers = true;
        else if (word == "-w" || word == "--wait") {
            if (more && parseNumber(w[i + 1]))
                ++i;
        } else if (word == "--clamp-mss-to-pmtu" || word == "--random-fully" || word == "--random")
            r.targetOptions = word;
        else if (word == "--notrack")
            r.target = "NOTRACK";
        else if (word == "--syn")
            addMatch("tcp-flags FIN,SYN,RST,ACK/SYN", negated);
        else if (!more && !takesArgument(word))
            return badIptables(inv, q, fmt::format("unknown option \"{}\"", word));
        else if (!more)
            return badIptables(inv, q, fmt::format("option \"{}\" requires an argument", word));
        else if (word == "-t" || word == "--table")
            q.change.table = w[++i];
        else if (word == "-p" || word == "--protocol") {
            const std::string& name = w[++i];
            if (name != "tcp" && name != "udp" && name != "icmp" && name != "all")
                return badIptables(inv, q, fmt::format("unknown protocol \"{}\" specified", name));
            r.protocol = name == "tcp" ? Protocol::Tcp
                : name == "udp"        ? Protocol::Udp
                : name == "icmp"       ? Protocol::Icmp
                                       : Protocol::Any;
        } else if (word == "-s" || word == "--source" || word == "-d" || word == "--destination") {
            const bool source = word == "-s" || word == "--source";
            const auto prefix = expectPrefix(w[++i]);
            if (!prefix) {
                if (const std::size_t slash = w[i].find('/'); slash != std::string::npos && parseNumber(w[i].substr(slash + 1)).value_or(33) > 32)
                    return badIptables(inv, q, fmt::format("invalid mask `{}' specified", w[i].substr(slash + 1)));
                const auto found = inv.door().world().resolve(stackIdOf(inv), w[i]);
                if (found.status != sim::NameAnswer::Status::Found)
                    return badIptables(inv, q, fmt::format("host/network `{}' not found", w[i]));
                (source ? r.source : r.destination) = Prefix{found.addresses.front(), 32};
            } else {
                (source ? r.source : r.destination) = Prefix{prefix->network(), prefix->length};
            }
            (source ? r.notSource : r.notDestination) = negated;
        } else if (word == "-i" || word == "--in-interface")
            r.inInterface = (negated ? "!" : "") + w[++i];
        else if (word == "-o" || word == "--out-interface")
            r.outInterface = (negated ? "!" : "") + w[++i];
        else if (word == "--dport" || word == "--destination-port" || word == "--sport"
                 || word == "--source-port") {
            const bool source = word[2] == 's';
            const std::string& text = w[++i];
            const std::size_t colon = text.find(':');
            const auto first = parseNumber(text.substr(0, colon));
            const auto last = colon == std::string::npos ? first : parseNumber(text.substr(colon + 1));
            if (!first || !last || *first < 0 || *last > 65535)
                return badIptables(inv, q, fmt::format("invalid port/service `{}' specified", text));
            if (r.protocol != Protocol::Tcp && r.protocol != Protocol::Udp)
                return badIptables(inv, q, fmt::format("unknown option \"{}\"", word));
            if (source)
                r.sourcePort = first;
            else {
                r.destinationPort = first;
                r.destinationPortLast = colon == std::string::npos ? 0 : *last;
            }
        } else if (word == "-m" || word == "--match") {
            const std::string& match = w[++i];
            static constexpr const char* kKnown[] = {"tcp",     "udp",       "icmp",     "conntrack", "state",
                                                     "comment", "multiport", "addrtype", "limit",     "mark",
                                                     "tcpmss",  "set",       "statistic"};
            if (std::none_of(std::begin(kKnown), std::end(kKnown), [&](const char* k) { return match == k; }))
                return badIptables(inv, q, fmt::format("Couldn't load match `{}':No such file or directory\n", match));
        } else if (word == "--ctstate" || word == "--state")
            addMatch(word.substr(2) + " " + inKernelsOrder(w[++i]), negated);
        else if (word == "--mark")
            addMatch("mark " + w[++i], negated);
        else if (word == "--dports" || word == "--sports")
            addMatch("multiport " + word.substr(2) + " " + w[++i], false);
        else if (word == "--match-set" && i + 2 < w.size()) {
            addMatch("set " + w[i + 1] + " " + w[i + 2], negated);
            i += 2;
        } else if (word == "--mode")
            ++i; // of statistic: random is the one that the kernel model has
        else if (word == "--probability")
            addMatch("statistic " + w[++i], false);
        else if (word == "--dst-type" || word == "--src-type")
            addMatch("addrtype " + word + " " + w[++i], false);
        else if (word == "--tcp-flags" && i + 2 < w.size()) {
            addMatch("tcp-flags " + w[i + 1] + "/" + w[i + 2], negated);
            i += 2;
        } else if (word == "--icmp-type") {
            const auto type = icmpTypeNamed(w[++i]);
            if (!type)
                return badIptables(inv, q, fmt::format("Invalid ICMP type `{}'", w[i]));
            addMatch("icmp-type " + *type, negated);
        } else if (word == "--limit")
            addMatch("limit " + limitText(w[++i]) + ":5", false);
        else if (word == "--limit-burst") {
            const std::size_t colon = r.match.rfind(':');
            if (const std::string& burst = w[++i]; colon != std::string::npos)
                r.match = r.match.substr(0, colon + 1) + burst;
        }
        else if (word == "--comment")
            r.comment = w[++i];
        else if (word == "-j" || word == "--jump" || word == "-g") {
            r.target = w[++i];
            if (word == "-g")
                r.targetOptions = kGoto;
            if (r.target == "REJECT")
                r.targetOptions = "--reject-with icmp-port-unreachable";
        } else if (word == "--reject-with")
            r.targetOptions = "--reject-with " + w[++i];
        else if (word == "--to-destination" || word == "--to-source")
            r.targetOptions = "to:" + w[++i];
        else if (word == "--to-ports")
            r.targetOptions = "redir ports " + w[++i];
        else if (word == "--set-mss")
            r.targetOptions = "--set-mss " + w[++i];
        else if (word == "--set-mark" || word == "--set-xmark") {
            const std::string& value = w[++i];
            r.targetOptions = "--set-xmark " + (value.find('/') == std::string::npos ? value + "/0xffffffff" : value);
        } else if (word == "--log-prefix")
            r.targetOptions = "--log-prefix \"" + w[++i] + "\"";
        else if (word == "--log-level" || word == "--zone")
            ++i;
        else
            return badIptables(inv, q, fmt::format("unknown option \"{}\"", word));
        negated = false;
    }
    return std::nullopt;
}

bool setIptablesVerb(IptablesRequest& q)
{
    switch (q.action) {
    case 'A': q.change.verb = RuleVerb::Append; return true;
    case 'I': q.change.verb = RuleVerb::Insert; return true;
    case 'D': q.change.verb = q.change.verb == RuleVerb::DeleteIndex ? RuleVerb::DeleteIndex : RuleVerb::Delete; return true;
    case 'F': q.change.verb = RuleVerb::Flush; return true;
    case 'P': q.change.verb = RuleVerb::Policy; return true;
    case 'N': q.change.verb = RuleVerb::NewChain; return true;
    case 'X': q.change.verb = RuleVerb::DeleteChain; return true;
    case 'Z': q.change.verb = RuleVerb::Zero; return true;
    case 'E': q.change.verb = RuleVerb::RenameChain; return true;
    default: return false;
    }
}

bool isIptablesTarget(const std::string& name)
{
    static constexpr const char* kTargets[] = {"ACCEPT", "DROP", "RETURN", "REJECT", "LOG", "DNAT", "SNAT", "MASQUERADE", "REDIRECT", "MARK", "TCPMSS", "NOTRACK", "CT", "QUEUE", "NFQUEUE", "CONNMARK"};
    return std::find(std::begin(kTargets), std::end(kTargets), name) != std::end(kTargets);
}

bool isIptablesTable(const std::string& table)
{
    static constexpr const char* kTables[] = {"filter", "nat", "mangle", "raw"};
    return std::any_of(std::begin(kTables), std::end(kTables), [&](const char* t) { return table == t; });
}

namespace {

constexpr const char* kNoSuchChain = "iptables: No chain/target/match by that name.\n";

/// What the nf_tables front end says to a change before the kernel sees it; nothing when the change may go on.
std::optional<int> refusal(Invocation& inv, const IptablesRequest& q)
{
    const auto& chains = stackOf(inv).table(q.change.table);
    const auto& builtIn = sim::net::builtInChains(q.change.table);
    const auto isBuiltIn = [&](const std::string& name) { return std::find(builtIn.begin(), builtIn.end(), name) != builtIn.end(); };
    const auto chain = chains.find(q.change.chain);
    const auto noneSuch = [&] {
        inv.err().write(kNoSuchChain);
        return 1;
    };
    if (q.action == 'X' && isBuiltIn(q.change.chain))
        return noneSuch();
    if (q.action == 'R' || (q.action == 'D' && q.change.verb == RuleVerb::DeleteIndex)) {
        const auto rules = static_cast<std::int64_t>(chain == chains.end() ? 0 : chain->second.rules.size());
        if (q.change.index < 1 || q.change.index > rules)
            return noneSuch();
    }
    const std::string& target = q.change.rule.target;
    if ((q.action == 'A' || q.action == 'I') && !target.empty() && chains.count(target) == 0
        && !isIptablesTarget(target))
        return badIptables(inv, q, fmt::format("Chain '{}' does not exist", target));
    return std::nullopt;
}

int runIptables(Invocation& inv)
{
    IptablesRequest q;
    q.change.stack = stackIdOf(inv);
    if (const auto status = parseIptables(inv, inv.arguments, q))
        return *status;
    if (!isRoot(inv)) {
        inv.err().write("iptables v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission "
                        "denied (you must be root)\n");
        return 4;
    }
    if (!isIptablesTable(q.change.table)) {
        inv.err().write(fmt::format("iptables v1.8.9 (nf_tables): table '{}' does not exist\nPerhaps "
                                    "iptables or your kernel needs to be "
                                    "upgraded.\n",
                                    q.change.table));
        return 3;
    }
    switch (q.action) {
    case 'L':
    case 'S': return show(inv, q);
    case 0: return badIptables(inv, q, "no command specified");
    case 'C': {
        const auto& chains = stackOf(inv).table(q.change.table);
        const auto chain = chains.find(q.change.chain);
        inv.noteRead("firewall/" + placeName(inv));
        if (chain != chains.end())
            for (FirewallRule r : chain->second.rules) {
                r.packets = r.bytes = 0;
                if (r == q.change.rule)
                    return 0;
            }
        inv.err().write("iptables: Bad rule (does a matching rule exist in that chain?).\n");
        return 1;
    }
    default: setIptablesVerb(q); break;
    }
    if (q.change.chain.empty() && q.action != 'F' && q.action != 'X' && q.action != 'Z')
        return badIptables(inv, q, fmt::format("option \"-{}\" requires an argument", q.action));
    if (q.change.chain.empty() && q.action == 'X') {
        // Every user chain that is empty and unused goes.
        const auto& chains = stackOf(inv).table(q.change.table);
        std::vector<std::string> names;
        for (const auto& [name, chain] : chains)
            if (chain.policy.empty() && chain.rules.empty())
                names.push_back(name);
        for (const std::string& name : names) {
            q.change.chain = name;
            inv.door().apply(sim::Command{q.change});
        }
        return 0;
    }
    if (const auto status = refusal(inv, q))
        return *status;
    if (q.action == 'R') { // out with the old, in with the new at its place
        sim::command::FirewallChange old = q.change;
        old.verb = RuleVerb::DeleteIndex;
        inv.door().apply(sim::Command{old});
        q.change.verb = RuleVerb::Insert;
    }
    const sim::CommandResult result = inv.door().apply(sim::Command{q.change});
    if (!result.ok) {
        inv.err().write(result.error + "\n");
        return 1;
    }
    return 0;
}

int save(Invocation& inv)
{
    const bool counters = inv.options.has("counters");
    const std::string only = inv.options.value("table");
    if (inv.options.has("table") && !isIptablesTable(only)) {
        inv.err().write(fmt::format("iptables-save v1.8.9 (nf_tables): Table '{}' does not exist\n", only));
        return 1;
    }
    if (!isRoot(inv)) {
        inv.err().write("iptables-save v1.8.9 (nf_tables): Could not fetch rule set generation id: "
                        "Permission denied (you must be root)\n");
        return 4;
    }
    const std::string stamp = formatDate(inv.now(), "%a %b %e %H:%M:%S %Y");
    inv.noteRead("firewall/" + placeName(inv));
    std::string text;
    for (const char* table : {"mangle", "raw", "filter", "nat"}) {
        const auto& chains = stackOf(inv).table(table);
        if (only.empty() ? chains.empty() && std::string_view(table) != "filter" && std::string_view(table) != "nat" : only != table)
            continue;
        text += fmt::format("# Generated by iptables-save v1.8.9 (nf_tables) on {}\n*{}\n", stamp, table);
        for (const std::string& name : chainOrder(chains, table)) {
            const auto chain = chains.find(name);
            const bool user = chain != chains.end() && chain->second.policy.empty();
            text += fmt::format(":{} {} [{}:{}]\n", name,
                                user                        ? "-"
                                    : chain == chains.end() ? "ACCEPT"
                                                            : chain->second.policy,
                                chain == chains.end() ? 0 : chain->second.packets, chain == chains.end() ? 0 : chain->second.bytes);
        }
        for (const std::string& name : chainOrder(chains, table))
            if (const auto chain = chains.find(name); chain != chains.end())
                for (const FirewallRule& r : chain->second.rules)
                    text += (counters ? fmt::format("[{}:{}] ", r.packets, r.bytes) : "") + saveRule(name, r) + "\n";
        text += fmt::format("COMMIT\n# Completed on {}\n", stamp);
    }
    inv.print(text);
    return 0;
}

} // namespace

void addIptables(CommandTable& table)
{
    table.addRaw("iptables", "administration tool for IPv4 packet filtering and NAT", "iptables [-t table] -[AIDLSFPNXCZE] chain rule-specification", runIptables);
    table.add("iptables-save", "dump iptables rules", "iptables-save [-c] [-t table]",
              {{'c', "counters", "", "include the current values of all packet and byte counters"}, {'t', "table", "TABLE", "restrict output to only one table"}}, save);
    table.add("iptables-restore", "restore iptables rules", "iptables-restore [-c] [-v] [-t] [-n] [-T table] [file]",
              {{'c', "counters", "", "restore the values of all packet and byte counters"},
               {'v', "verbose", "", "print additional debug info"},
               {'t', "test", "", "only parse and construct the ruleset, but do not commit it"},
               {'n', "noflush", "", "don't flush the previous contents of the table"},
               {'T', "table", "TABLE", "restore only the named table"},
               {'M', "modprobe", "COMMAND", "the path to the modprobe program"}},
              runIptablesRestore);
}

} // namespace core::shell::node
