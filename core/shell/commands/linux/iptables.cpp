// iptables 1.8.9 (nf_tables), Debian 12's.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "sim/net/changes.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::net::Chain;
using sim::net::FirewallRule;
using sim::net::Prefix;
using sim::net::Protocol;
using RuleVerb = sim::command::FirewallChange::Verb;

struct IptablesRequest {
    sim::command::FirewallChange change;
    char action = 0; ///< the letter of the command
    bool numeric = false, verbose = false, lineNumbers = false, exact = false;
};

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

/// "0.0.0.0/0", "10.0.0.20", "!10.244.0.0/16" as -L -n prints addresses.
std::string addressText(const std::optional<Prefix>& p, bool negated, bool numeric)
{
    if (!p || p->length == 0)
        return numeric ? "0.0.0.0/0" : "anywhere";
    return (negated ? "!" : "") + (p->length == 32 ? p->base.text() : p->text());
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
std::string detailText(const std::string& chain, const FirewallRule& r)
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
            ports += fmt::format(" spt:{}", *r.sourcePort);
        if (r.destinationPort)
            ports += (r.destinationPortLast > *r.destinationPort ? " dpts:" : " dpt:") + portText(r);
        add(ports);
    }
    if (!r.match.empty())
        add(matchText(r.match));
    if (!r.comment.empty() && !commentFirst(chain))
        add("/* " + r.comment + " */");
    if (r.target == "MARK")
        add(markText(r.targetOptions));
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
        t += " (policy " + chain.policy + (q.verbose ? " 0 packets, 0 bytes)" : ")");
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
        t += fmt::format("{:<10} {:<4} --  ", r.target, protocolName(r.protocol, q.numeric));
        if (q.verbose)
            t += fmt::format("{:<6} {:<6}  ", r.inInterface.empty() ? "*" : r.inInterface,
                             r.outInterface.empty() ? "*" : r.outInterface);
        t += fmt::format("{:<19}  {:<19}  {}\n", addressText(r.source, r.notSource, q.numeric),
                         addressText(r.destination, r.notDestination, q.numeric), detailText(name, r));
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
    if (kind == "statistic")
        return " -m statistic --mode random --probability " + value;
    if (kind == "set") {
        const std::size_t next = value.find(" set ");
        return " -m set " + bang + "--match-set " + value.substr(0, next)
            + (next == std::string::npos ? "" : savedMatch(value.substr(next + 1)));
    }
    return " -m " + match; // addrtype, recent
}

/// "-A OUTPUT -d 10.0.0.20/32 -p tcp -m tcp --dport 5000 -j DROP".
std::string saveRule(const std::string& chain, const FirewallRule& r)
{
    std::string t = "-A " + chain;
    if (r.source)
        t += std::string(r.notSource ? " !" : "") + " -s " + r.source->text();
    if (r.destination)
        t += std::string(r.notDestination ? " !" : "") + " -d " + r.destination->text();
    if (!r.inInterface.empty())
        t += " -i " + r.inInterface;
    if (!r.outInterface.empty())
        t += " -o " + r.outInterface;
    if (r.protocol != Protocol::Any)
        t += std::string(" -p ") + protocolName(r.protocol, false);
    const std::string comment = r.comment.empty()                           ? std::string()
        : r.comment.find(' ') == std::string::npos ? " -m comment --comment " + r.comment
                                                   : " -m comment --comment \"" + r.comment + "\"";
    if (commentFirst(chain))
        t += comment;
    if (r.sourcePort || r.destinationPort || (r.target == "DNAT" && r.protocol != Protocol::Any))
        t += std::string(" -m ") + protocolName(r.protocol, false);
    if (r.sourcePort)
        t += fmt::format(" --sport {}", *r.sourcePort);
    if (r.destinationPort)
        t += " --dport " + portText(r);
    if (!r.match.empty())
        t += savedMatch(r.match);
    if (!commentFirst(chain))
        t += comment;
    if (!r.target.empty())
        t += " -j " + r.target;
    if (!r.targetOptions.empty())
        t += r.targetOptions.rfind("to:", 0) == 0
            ? (r.target == "SNAT" ? " --to-source " : " --to-destination ") + r.targetOptions.substr(3)
            : r.targetOptions.rfind("--", 0) == 0 ? " " + r.targetOptions
                                                  : " --" + r.targetOptions;
    return t;
}

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
    static const std::map<std::string, Chain> kOther;
    const auto& chains = q.change.table == "nat" ? stack.nat
        : q.change.table == "filter"             ? stack.filter
                                                 : kOther;
    inv.noteRead("firewall/" + placeName(inv));
    const auto order = q.change.table == "nat" || q.change.table == "filter"
        ? chainOrder(chains, q.change.table)
        : std::vector<std::string>{};
    static const Chain kEmpty{"ACCEPT", {}};
    const auto chainOf = [&](const std::string& name) -> const Chain& {
        const auto found = chains.find(name);
        return found == chains.end() ? kEmpty : found->second;
    };
    if (!q.change.chain.empty() && std::find(order.begin(), order.end(), q.change.chain) == order.end()) {
        inv.err().write("iptables: No chain/target/match by that name.\n");
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

int bad(Invocation& inv, const std::string& text)
{
    inv.err().write("iptables v1.8.9 (nf_tables): " + text
                    + "\nTry `iptables -h' or 'iptables --help' for more information.\n");
    return 2;
}

/// Reads the words into the request; a complaint gives the status.
std::optional<int> parse(Invocation& inv, IptablesRequest& q)
{
    const auto& w = inv.arguments;
    FirewallRule& r = q.change.rule;
    bool negated = false;
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
            {"--delete-chain", 'X'}, {"--check", 'C'}};
        char action = 0;
        if (const auto full = kActions.find(word); full != kActions.end())
            action = full->second;
        else if (word.size() == 2 && word[0] == '-'
                 && std::string_view("AIDLSFPNXC").find(word[1]) != std::string_view::npos)
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
                    return bad(inv, fmt::format("unknown option \"{}\"", word));
            }
            if (action == 0)
                continue;
        }
        if (action != 0) {
            q.action = action;
            q.change.chain = chainNext();
            if (action == 'P')
                q.change.policy = chainNext();
            if ((action == 'I' || action == 'D') && more && i + 1 < w.size())
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
        } else if (!more)
            return bad(inv, fmt::format("option \"{}\" requires an argument", word));
        else if (word == "-t" || word == "--table")
            q.change.table = w[++i];
        else if (word == "-p" || word == "--protocol") {
            const std::string& name = w[++i];
            if (name != "tcp" && name != "udp" && name != "icmp" && name != "all")
                return bad(inv, fmt::format("unknown protocol \"{}\" specified", name));
            r.protocol = name == "tcp" ? Protocol::Tcp
                : name == "udp"        ? Protocol::Udp
                : name == "icmp"       ? Protocol::Icmp
                                       : Protocol::Any;
        } else if (word == "-s" || word == "--source" || word == "-d" || word == "--destination") {
            const bool source = word == "-s" || word == "--source";
            const auto prefix = expectPrefix(w[++i]);
            if (!prefix) {
                const auto found = inv.door().world().resolve(stackIdOf(inv), w[i]);
                if (found.status != sim::NameAnswer::Status::Found)
                    return bad(inv, fmt::format("host/network `{}' not found", w[i]));
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
                return bad(inv, fmt::format("invalid port/service `{}' specified", text));
            if (r.protocol != Protocol::Tcp && r.protocol != Protocol::Udp)
                return bad(inv, fmt::format("unknown option \"{}\"", word));
            if (source)
                r.sourcePort = first;
            else {
                r.destinationPort = first;
                r.destinationPortLast = colon == std::string::npos ? 0 : *last;
            }
        } else if (word == "-m" || word == "--match") {
            const std::string& match = w[++i];
            static constexpr const char* kKnown[] = {"tcp",     "udp",       "icmp",     "conntrack", "state",
                                                     "comment", "multiport", "addrtype", "limit",     "mark"};
            if (std::none_of(std::begin(kKnown), std::end(kKnown), [&](const char* k) { return match == k; }))
                return bad(inv, fmt::format("Couldn't load match `{}':No such file or directory\n", match));
        } else if (word == "--ctstate")
            r.match = "ctstate " + w[++i];
        else if (word == "--state")
            r.match = "state " + w[++i];
        else if (word == "--dports" || word == "--sports")
            r.match = "multiport " + word.substr(2) + " " + w[++i];
        else if (word == "--dst-type")
            r.match = "addrtype --dst-type " + w[++i];
        else if (word == "--comment")
            r.comment = w[++i];
        else if (word == "-j" || word == "--jump" || word == "-g") {
            r.target = w[++i];
            if (r.target == "REJECT")
                r.targetOptions = "--reject-with icmp-port-unreachable";
        } else if (word == "--reject-with")
            r.targetOptions = "--reject-with " + w[++i];
        else if (word == "--to-destination" || word == "--to-source")
            r.targetOptions = "to:" + w[++i];
        else if (word == "--to-ports")
            r.targetOptions = "redir ports " + w[++i];
        else if (word == "--limit" || word == "--log-prefix")
            ++i;
        else
            return bad(inv, fmt::format("unknown option \"{}\"", word));
        negated = false;
    }
    return std::nullopt;
}

int runIptables(Invocation& inv)
{
    IptablesRequest q;
    q.change.stack = stackIdOf(inv);
    if (const auto status = parse(inv, q))
        return *status;
    if (!isRoot(inv)) {
        inv.err().write("iptables v1.8.9 (nf_tables): Could not fetch rule set generation id: Permission "
                        "denied (you must be root)\n");
        return 4;
    }
    static constexpr const char* kTables[] = {"filter", "nat", "mangle", "raw"};
    if (std::none_of(std::begin(kTables), std::end(kTables),
                     [&](const char* t) { return q.change.table == t; })) {
        inv.err().write(fmt::format("iptables v1.8.9 (nf_tables): table '{}' does not exist\nPerhaps "
                                    "iptables or your kernel needs to be "
                                    "upgraded.\n",
                                    q.change.table));
        return 3;
    }
    switch (q.action) {
    case 'L':
    case 'S': return show(inv, q);
    case 0: return bad(inv, "no command specified");
    case 'C': {
        const auto& chains = q.change.table == "nat" ? stackOf(inv).nat : stackOf(inv).filter;
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
    case 'A': q.change.verb = RuleVerb::Append; break;
    case 'I': q.change.verb = RuleVerb::Insert; break;
    case 'D': q.change.verb = q.change.verb == RuleVerb::DeleteIndex ? RuleVerb::DeleteIndex : RuleVerb::Delete; break;
    case 'F': q.change.verb = RuleVerb::Flush; break;
    case 'P': q.change.verb = RuleVerb::Policy; break;
    case 'N': q.change.verb = RuleVerb::NewChain; break;
    case 'X': q.change.verb = RuleVerb::DeleteChain; break;
    default: break;
    }
    if (q.change.chain.empty() && q.action != 'F' && q.action != 'X')
        return bad(inv, fmt::format("option \"-{}\" requires an argument", q.action));
    if (q.change.chain.empty() && q.action == 'X') {
        // Every user chain that is empty and unused goes.
        const auto& chains = q.change.table == "nat" ? stackOf(inv).nat : stackOf(inv).filter;
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
    const sim::CommandResult result = inv.door().apply(sim::Command{q.change});
    if (!result.ok) {
        inv.err().write(result.error + "\n");
        return 1;
    }
    return 0;
}

int save(Invocation& inv)
{
    if (!isRoot(inv)) {
        inv.err().write("iptables-save v1.8.9 (nf_tables): Could not fetch rule set generation id: "
                        "Permission denied (you must be root)\n");
        return 4;
    }
    inv.noteRead("firewall/" + placeName(inv));
    std::string text;
    for (const char* table : {"filter", "nat"}) {
        const auto& chains = std::string_view(table) == "nat" ? stackOf(inv).nat : stackOf(inv).filter;
        text += fmt::format("*{}\n", table);
        for (const std::string& name : chainOrder(chains, table)) {
            const auto chain = chains.find(name);
            const bool user = chain != chains.end() && chain->second.policy.empty();
            text += fmt::format(":{} {} [0:0]\n", name,
                                user                        ? "-"
                                    : chain == chains.end() ? "ACCEPT"
                                                            : chain->second.policy);
        }
        for (const std::string& name : chainOrder(chains, table))
            if (const auto chain = chains.find(name); chain != chains.end())
                for (const FirewallRule& r : chain->second.rules)
                    text += saveRule(name, r) + "\n";
        text += "COMMIT\n";
    }
    inv.print(text);
    return 0;
}

} // namespace

void addIptables(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "iptables";
    spec.summary = "administration tool for IPv4 packet filtering and NAT";
    spec.usage = "iptables [-t table] -[AIDLSFPNXC] chain rule-specification";
    spec.parseOptions = false;
    spec.run = runIptables;
    table.add(spec);
    spec.name = "iptables-save";
    spec.summary = "dump iptables rules";
    spec.usage = "iptables-save";
    spec.run = save;
    table.add(std::move(spec));
}

} // namespace core::shell::node
