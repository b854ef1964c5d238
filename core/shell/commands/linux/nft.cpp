// nft of nftables 1.0.6 over the tables that iptables-nft and firewalld keep: the same rules in nft's words.
#include "core/shell/commands/linux/here.h"
#include "core/shell/commands/linux/iptables_request.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "sim/engine/letters.h"
#include "sim/engine/split.h"
#include "sim/net/changes.h"
#include "sim/world/firewall_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <map>

namespace core::shell::node {

namespace {

using NftRule = sim::net::FirewallRule;
using NftChains = std::map<std::string, sim::net::Chain>;
using NftVerb = sim::command::FirewallChange::Verb;
constexpr const char* kNftTables[] = {"raw", "mangle", "nat", "filter"};
/// -g in FirewallRule::targetOptions.
constexpr const char* kNftGoto = "[goto]";

std::string lowered(std::string text)
{
    text = sim::lowered(text);
    return text;
}

/// "type filter hook input priority filter; policy accept;" of a base chain.
std::string hookLine(const std::string& table, const std::string& chain, const std::string& policy)
{
    const std::string hook = lowered(chain);
    const bool early = hook == "prerouting" || hook == "output";
    const std::string priority = table == "nat" ? (hook == "prerouting" ? "dstnat" : hook == "postrouting" ? "srcnat" : early ? "-100" : "100") : table;
    const std::string type = table == "nat" ? "nat" : table == "mangle" && hook == "output" ? "route" : "filter";
    return fmt::format("\t\ttype {} hook {} priority {}; policy {};\n", type, hook, priority, lowered(policy));
}

std::string interfaceExpression(const char* name, std::string pattern)
{
    if (pattern.empty())
        return {};
    const bool negated = pattern[0] == '!';
    pattern.erase(0, negated ? 1 : 0);
    if (pattern.back() == '+')
        pattern.back() = '*';
    return fmt::format("{} {}\"{}\" ", name, negated ? "!= " : "", pattern);
}

std::string addressExpression(const char* name, const std::optional<sim::net::Prefix>& p, bool negated)
{
    if (!p || (p->length == 0 && !negated))
        return {};
    return fmt::format("ip {} {}{} ", name, negated ? "!= " : "", p->length == 32 ? p->base.text() : p->text());
}

/// One or more of FirewallRule::match in nft's words.
std::string matchExpressions(const NftRule& r, const char* protocol)
{
    std::string text;
    const std::vector<std::string> words = splitWords(r.match);
    for (std::size_t i = 0; i < words.size(); ++i) {
        const std::string& kind = words[i];
        std::string value = i + 1 < words.size() ? words[i + 1] : std::string();
        const bool negated = !value.empty() && value[0] == '!';
        value.erase(0, negated ? 1 : 0);
        if (kind == "ctstate" || kind == "state") {
            text += fmt::format("ct state {}{} ", negated ? "!= " : "", lowered(value));
        } else if (kind == "limit") {
            const std::string rate = value.substr(0, value.find(':'));
            const std::string unit = rate.substr(rate.find('/') + 1);
            const std::string burst = value.substr(value.find(':') + 1);
            text += fmt::format("limit rate {}/{} ", rate.substr(0, rate.find('/')), unit == "min" ? "minute" : unit == "sec" ? "second" : unit);
            text += burst == "5" ? std::string() : fmt::format("burst {} packets ", burst); // five is what nft leaves out
        } else if (kind == "multiport") {
            std::string ports;
            for (const char c : i + 2 < words.size() ? words[i + 2] : std::string())
                ports += c == ',' ? std::string(", ") : c == ':' ? "-" : std::string(1, c);
            text += fmt::format("{} {} {{ {} }} ", protocol, value == "sports" ? "sport" : "dport", ports);
            ++i;
        } else if (kind == "mark") {
            const std::size_t slash = value.find('/');
            text += slash == std::string::npos ? fmt::format("meta mark {}{} ", negated ? "!= " : "", value)
                                               : fmt::format("meta mark & {} {} {} ", value.substr(slash + 1), negated ? "!=" : "==", value.substr(0, slash));
        } else if (kind == "addrtype") {
            text += fmt::format("fib {} type {} ", value == "--src-type" ? "saddr" : "daddr", i + 2 < words.size() ? lowered(words[i + 2]) : "");
            ++i;
        } else if (kind == "tcp-flags") {
            const std::size_t slash = value.find('/');
            std::string mask = lowered(value.substr(0, slash));
            std::replace(mask.begin(), mask.end(), ',', '|');
            text += fmt::format("tcp flags & ({}) == {} ", mask, lowered(value.substr(slash + 1)));
        } else if (kind == "icmp-type") {
            static const std::map<std::string, const char*> kTypes{{"0", "echo-reply"}, {"3", "destination-unreachable"}, {"8", "echo-request"}, {"11", "time-exceeded"}};
            const std::size_t slash = value.find('/');
            const auto name = kTypes.find(value.substr(0, slash));
            text += "icmp type " + (name == kTypes.end() ? value.substr(0, slash) : std::string(name->second)) + " ";
            if (slash != std::string::npos)
                text += "icmp code " + value.substr(slash + 1) + " ";
        } else {
            text += fmt::format("xt match \"{}\" ", kind);
            return text;
        }
        ++i;
    }
    return text;
}

std::string verdictExpression(const NftRule& r)
{
    const std::string& o = r.targetOptions;
    if (r.target.empty())
        return {};
    if (r.target == "ACCEPT" || r.target == "DROP" || r.target == "RETURN" || r.target == "MASQUERADE" || r.target == "NOTRACK")
        return lowered(r.target);
    if (r.target == "REJECT") {
        const std::string with = o.substr(o.rfind(' ') + 1);
        if (with == "tcp-reset")
            return "reject with tcp reset";
        if (o.empty() || with == "icmp-port-unreachable")
            return "reject";
        return "reject with icmp " + (with.rfind("icmp-", 0) == 0 ? with.substr(5) : with);
    }
    const std::string to = o.substr(0, 3) == "to:" ? o.substr(3) : o.substr(o.rfind(' ') + 1);
    if (r.target == "DNAT" || r.target == "SNAT")
        return lowered(r.target) + " to " + to;
    if (r.target == "REDIRECT")
        return "redirect to :" + to;
    if (r.target == "TCPMSS")
        return "tcp option maxseg size set " + (o.find("clamp") != std::string::npos ? std::string("rt mtu") : to);
    if (r.target == "MARK")
        return "meta mark set " + to.substr(0, to.find('/'));
    if (r.target == "LOG") {
        const std::size_t quote = o.find('"');
        return quote == std::string::npos ? "log" : "log prefix " + o.substr(quote);
    }
    return (o == kNftGoto ? "goto " : "jump ") + r.target;
}

std::string ruleText(const NftRule& r)
{
    const char* protocol = r.protocol == sim::net::Protocol::Tcp ? "tcp" : r.protocol == sim::net::Protocol::Udp ? "udp" : "icmp";
    std::string text = interfaceExpression("iifname", r.inInterface) + interfaceExpression("oifname", r.outInterface)
        + addressExpression("saddr", r.source, r.notSource) + addressExpression("daddr", r.destination, r.notDestination);
    const bool named = r.sourcePort || r.destinationPort || r.match.find("multiport") != std::string::npos || r.match.find("tcp-flags") != std::string::npos
        || r.match.find("icmp-type") != std::string::npos;
    if (r.protocol != sim::net::Protocol::Any && !named)
        text += fmt::format("meta l4proto {} ", protocol);
    if (r.sourcePort)
        text += fmt::format("{} sport {} ", protocol, *r.sourcePort);
    if (r.destinationPort)
        text += r.destinationPortLast > *r.destinationPort ? fmt::format("{} dport {}-{} ", protocol, *r.destinationPort, r.destinationPortLast)
                                                           : fmt::format("{} dport {} ", protocol, *r.destinationPort);
    text += matchExpressions(r, protocol) + fmt::format("counter packets {} bytes {}", r.packets, r.bytes);
    if (const std::string verdict = verdictExpression(r); !verdict.empty())
        text += " " + verdict;
    if (!r.comment.empty())
        text += fmt::format(" comment \"{}\"", r.comment);
    return text;
}

std::vector<std::string> nftChainOrder(const NftChains& chains, const std::string& table)
{
    std::vector<std::string> names;
    for (const std::string& name : sim::net::builtInChains(table))
        if (chains.count(name) > 0)
            names.push_back(name);
    for (const auto& [name, chain] : chains)
        if (std::find(names.begin(), names.end(), name) == names.end())
            names.push_back(name);
    return names;
}

/// nft numbers chains and rules of a table together, in the order that they were made; here in the order of the listing.
struct NftHandles {
    std::map<std::pair<std::string, std::size_t>, std::size_t> rules;
    std::map<std::string, std::size_t> chains;
};
NftHandles handlesOf(const NftChains& chains, const std::string& table)
{
    NftHandles handles;
    std::size_t next = 1;
    for (const std::string& name : nftChainOrder(chains, table))
        handles.chains[name] = next++;
    for (const std::string& name : nftChainOrder(chains, table))
        for (std::size_t i = 0; i < chains.at(name).rules.size(); ++i)
            handles.rules[{name, i}] = next++;
    return handles;
}

std::string chainText(const NftChains& chains, const std::string& table, const std::string& name, bool withHandles)
{
    const NftHandles handles = handlesOf(chains, table);
    const sim::net::Chain& chain = chains.at(name);
    std::string text = fmt::format("\tchain {} {{{}\n", name, withHandles ? fmt::format(" # handle {}", handles.chains.at(name)) : "");
    if (!chain.policy.empty())
        text += hookLine(table, name, chain.policy);
    for (std::size_t i = 0; i < chain.rules.size(); ++i) {
        text += "\t\t" + ruleText(chain.rules[i]);
        if (withHandles)
            text += fmt::format(" # handle {}", handles.rules.at({name, i}));
        text += "\n";
    }
    return text + "\t}\n";
}

std::string tableText(const NftChains& chains, const std::string& table, const std::string& onlyChain, bool withHandles)
{
    std::string text = fmt::format("table ip {} {{{}\n", table, withHandles && onlyChain.empty() ? " # handle 1" : "");
    bool first = true;
    for (const std::string& name : nftChainOrder(chains, table)) {
        if (!onlyChain.empty() && name != onlyChain)
            continue;
        text += (first ? "" : "\n") + chainText(chains, table, name, withHandles);
        first = false;
    }
    return text + "}\n";
}

/// nft list chains: without their rules.
std::string chainsText(const NftChains& chains, const std::string& table)
{
    std::string text = fmt::format("table ip {} {{\n", table);
    for (const std::string& name : nftChainOrder(chains, table)) {
        const std::string& policy = chains.at(name).policy;
        text += fmt::format("\tchain {} {{\n", name) + (policy.empty() ? "" : hookLine(table, name, policy)) + "\t}\n";
    }
    return text + "}\n";
}

/// Rules that iptables-nft keeps as extensions of its own make nft warn.
bool hasExtensions(const NftChains& chains)
{
    for (const auto& [name, chain] : chains)
        for (const NftRule& r : chain.rules)
            if (!r.match.empty() || !r.comment.empty() || (!r.target.empty() && r.target != "ACCEPT" && r.target != "DROP" && chains.count(r.target) == 0))
                return true;
    return false;
}

void warnOfOwner(Invocation& inv, const NftChains& chains, const std::string& table)
{
    if (hasExtensions(chains))
        inv.err().write(fmt::format("# Warning: table ip {} is managed by iptables-nft, do not touch!\n", table));
}

/// Words of a statement: quoted texts, braces and semicolons stand alone.
std::vector<std::string> nftWords(const std::string& text)
{
    std::vector<std::string> words;
    std::string word;
    bool quoted = false;
    const auto flush = [&] {
        if (!word.empty())
            words.push_back(std::exchange(word, {}));
    };
    for (const char c : text) {
        if (c == '"') {
            quoted = !quoted;
            if (!quoted && word.empty())
                words.emplace_back();
        } else if (quoted) {
            word += c;
        } else if (c == ' ' || c == '\t' || c == '\n') {
            flush();
        } else if (c == '{' || c == '}' || c == ';' || c == ',') {
            flush();
            if (c != ',')
                words.emplace_back(1, c);
        } else {
            word += c;
        }
    }
    flush();
    return words;
}

/// A statement and where it stands: on the command line, or in a file, where blocks have lent it its first words.
struct NftSource {
    std::string text;
    std::string file;
    std::size_t line = 0;
    std::string shown;     ///< the file's line
    std::size_t lent = 0;  ///< words of `text` that are not in `shown`
};

/// nft's complaint, with its marks under the word that it is about; past the last one: at the end of the line.
int nftError(Invocation& inv, const std::string& why, const NftSource& source, std::size_t word)
{
    const std::string& statement = source.file.empty() ? source.text : source.shown;
    word -= std::min(word, source.lent);
    std::size_t begin = std::min(statement.find_first_not_of(" \t"), statement.size());
    for (std::size_t i = 0; i < word && begin < statement.size(); ++i)
        begin = std::min(statement.find_first_not_of(" \t", statement.find_first_of(" \t", begin)), statement.size());
    begin = std::min(begin, statement.size());
    const std::size_t end = begin == statement.size() ? begin + 1 : std::min(statement.find_first_of(" \t", begin), statement.size());
    const std::string where = source.file.empty() ? std::string() : fmt::format("{}:{}:{}-{}: ", source.file, source.line, begin + 1, end);
    std::string margin = statement.substr(0, begin);
    std::replace_if(margin.begin(), margin.end(), [](char c) { return c != '\t'; }, ' ');
    inv.err().write(fmt::format("{}Error: {}\n{}\n{}{}\n", where, why, statement, margin, std::string(end - begin, '^')));
    return 1;
}

/// The rules that statements read and change: the kernel's, or a copy in which they are tried.
struct NftRules {
    Invocation& inv;
    sim::net::Stack* draft = nullptr;

    const sim::net::Stack& stack() const { return draft == nullptr ? stackOf(inv) : *draft; }
    /// What the kernel says; empty when it takes the change.
    std::string apply(const sim::command::FirewallChange& change) const
    {
        if (draft != nullptr)
            return sim::applyFirewall(*draft, change);
        const sim::CommandResult result = inv.door().apply(sim::Command{change});
        return result.ok ? std::string() : result.error;
    }
};

constexpr std::size_t kNftEnd = 1000; ///< nftError(): the end of the line

/// Reads a rule's expressions; the complaint when one is not known.
std::string readNftRule(const std::vector<std::string>& w, std::size_t at, NftRule& r)
{
    const auto addMatch = [&](const std::string& text) { r.match += (r.match.empty() ? "" : " ") + text; };
    const auto next = [&](std::size_t i) { return i < w.size() ? w[i] : std::string(); };
    for (std::size_t i = at; i < w.size(); ++i) {
        const std::string& word = w[i];
        const auto negated = [&] {
            const bool no = next(i + 1) == "!=";
            i += no ? 1 : 0;
            if (next(i + 1) == "==")
                ++i;
            return no;
        };
        if (word == "counter") {
            for (; next(i + 1) == "packets" || next(i + 1) == "bytes"; i += 2)
                (next(i + 1) == "packets" ? r.packets : r.bytes) = parseNumber(next(i + 2)).value_or(0);
        } else if (word == "ip" || word == "inet") {
            const std::string field = next(++i);
            const bool no = negated();
            const std::string value = next(++i);
            if (field == "protocol") {
                r.protocol = value == "tcp" ? sim::net::Protocol::Tcp : value == "udp" ? sim::net::Protocol::Udp : sim::net::Protocol::Icmp;
                continue;
            }
            const auto prefix = sim::net::Prefix::parse(value);
            if (!prefix || (field != "saddr" && field != "daddr"))
                return "syntax error, unexpected " + value;
            (field == "saddr" ? r.source : r.destination) = sim::net::Prefix{prefix->network(), prefix->length};
            (field == "saddr" ? r.notSource : r.notDestination) = no;
        } else if (word == "tcp" || word == "udp") {
            r.protocol = word == "tcp" ? sim::net::Protocol::Tcp : sim::net::Protocol::Udp;
            const std::string field = next(++i);
            if (field == "flags") { // & (syn|rst) == syn, or: syn
                std::string mask, wanted;
                if (next(i + 1) == "&") {
                    mask = next(i + 2);
                    i += 2;
                    std::erase_if(mask, [](char c) { return c == '(' || c == ')'; });
                    negated();
                    wanted = next(++i);
                } else {
                    wanted = mask = next(++i);
                }
                std::transform(mask.begin(), mask.end(), mask.begin(), [](unsigned char c) { return c == '|' ? ',' : sim::raised(c); });
                wanted = sim::raised(wanted);
                addMatch("tcp-flags " + mask + "/" + wanted);
            } else if (field == "option") { // maxseg size set rt mtu | N
                const bool clamp = next(i + 4) == "rt";
                r.target = "TCPMSS";
                r.targetOptions = clamp ? "--clamp-mss-to-pmtu" : "--set-mss " + next(i + 4);
                i += clamp ? 5 : 4;
            } else if (field == "dport" || field == "sport") {
                if (next(i + 1) == "{") {
                    std::string list;
                    for (i += 2; i < w.size() && w[i] != "}"; ++i)
                        list += (list.empty() ? "" : ",") + w[i];
                    std::replace(list.begin(), list.end(), '-', ':');
                    addMatch("multiport " + field + "s " + list);
                    continue;
                }
                const std::string ports = next(++i);
                const std::size_t dash = ports.find('-');
                const auto first = ports == "ssh" ? std::optional<std::int64_t>(22) : ports == "http" ? std::optional<std::int64_t>(80)
                    : ports == "https" ? std::optional<std::int64_t>(443) : parseNumber(ports.substr(0, dash));
                const auto last = dash == std::string::npos ? first : parseNumber(ports.substr(dash + 1));
                if (!first || !last)
                    return "Could not resolve service: Servname not found in nft services list";
                (field == "dport" ? r.destinationPort : r.sourcePort) = first;
                if (field == "dport" && dash != std::string::npos)
                    r.destinationPortLast = *last;
            } else {
                return "syntax error, unexpected " + field;
            }
        } else if (word == "icmp") {
            r.protocol = sim::net::Protocol::Icmp;
            const std::string field = next(++i);
            std::string value = next(++i);
            static const std::map<std::string, const char*> kNumbers{{"echo-request", "8"}, {"echo-reply", "0"}, {"destination-unreachable", "3"}, {"time-exceeded", "11"},
                                                                     {"frag-needed", "4"}};
            if (const auto known = kNumbers.find(value); known != kNumbers.end())
                value = known->second;
            if (field == "type")
                addMatch("icmp-type " + value);
            else
                r.match += "/" + value;
        } else if (word == "meta" && next(i + 1) == "l4proto") {
            i += 2;
            r.protocol = next(i) == "tcp" ? sim::net::Protocol::Tcp : next(i) == "udp" ? sim::net::Protocol::Udp : sim::net::Protocol::Icmp;
        } else if (word == "meta" && next(i + 1) == "mark" && next(i + 2) == "set") {
            i += 3;
            r.target = "MARK";
            r.targetOptions = "--set-xmark " + next(i) + "/0xffffffff";
        } else if (word == "meta" && next(i + 1) == "mark") { // & MASK == VALUE, or: VALUE
            ++i;
            const std::string mask = next(i + 1) == "&" ? next(i + 2) : std::string();
            i += mask.empty() ? 0 : 2;
            const bool no = negated();
            addMatch(std::string("mark ") + (no ? "!" : "") + next(++i) + (mask.empty() ? "" : "/" + mask));
        } else if (word == "fib" && next(i + 2) == "type") {
            addMatch(std::string("addrtype --") + (next(i + 1) == "saddr" ? "src" : "dst") + "-type " + sim::raised(next(i + 3)));
            i += 3;
        } else if (word == "iifname" || word == "iif" || word == "oifname" || word == "oif") {
            const bool no = negated();
            std::string name = next(++i);
            if (!name.empty() && name.back() == '*')
                name.back() = '+';
            (word[0] == 'i' ? r.inInterface : r.outInterface) = (no ? "!" : "") + name;
        } else if (word == "ct" && next(i + 1) == "state") {
            ++i;
            const bool no = negated();
            std::string states;
            if (next(i + 1) == "{") {
                for (i += 2; i < w.size() && w[i] != "}"; ++i)
                    states += (states.empty() ? "" : ",") + w[i];
            } else {
                static constexpr const char* kStates[] = {"new", "established", "related", "invalid", "untracked"};
                while (std::any_of(std::begin(kStates), std::end(kStates), [&](const char* s) { return next(i + 1) == s; }))
                    states += (states.empty() ? "" : ",") + w[++i];
            }
            states = sim::raised(states);
            addMatch(std::string("ctstate ") + (no ? "!" : "") + states);
        } else if (word == "limit" && next(i + 1) == "rate") {
            i += 2;
            const std::string rate = next(i);
            const std::string unit = rate.substr(std::min(rate.find('/') + 1, rate.size()));
            std::string burst = "5";
            if (next(i + 1) == "burst") {
                burst = next(i + 2);
                i += next(i + 3) == "packets" ? 3 : 2;
            }
            addMatch("limit " + rate.substr(0, rate.find('/')) + (unit == "minute" ? "/min" : unit == "hour" ? "/hour" : unit == "day" ? "/day" : "/sec") + ":" + burst);
        } else if (word == "accept" || word == "drop" || word == "return" || word == "masquerade" || word == "notrack") {
            r.target = word;
            r.target = sim::raised(r.target);
        } else if (word == "reject") {
            r.target = "REJECT";
            r.targetOptions = "--reject-with icmp-port-unreachable";
            if (next(i + 1) == "with") {
                const bool reset = next(i + 2) == "tcp";
                i += next(i + 3) == "type" ? 4 : 3;
                r.targetOptions = reset ? "--reject-with tcp-reset" : "--reject-with icmp-" + next(i);
            }
        } else if (word == "jump" || word == "goto") {
            r.target = next(++i);
            r.targetOptions = word == "goto" ? kNftGoto : "";
        } else if ((word == "dnat" || word == "snat") && next(i + 1) == "to") {
            r.target = word == "dnat" ? "DNAT" : "SNAT";
            i += 2;
            r.targetOptions = "to:" + next(i);
        } else if (word == "redirect" && next(i + 1) == "to") {
            i += 2;
            r.target = "REDIRECT";
            r.targetOptions = "redir ports " + next(i).substr(next(i).empty() || next(i)[0] != ':' ? 0 : 1);
        } else if (word == "log") {
            r.target = r.target.empty() ? "LOG" : r.target;
            if (next(i + 1) == "prefix") {
                r.targetOptions = "--log-prefix \"" + next(i + 2) + "\"";
                i += 2;
            }
        } else if (word == "comment") {
            r.comment = next(++i);
        } else if (word != ";") {
            return "syntax error, unexpected " + word;
        }
    }
    return {};
}

/// Away with all rules and chains; what the kernel model always has goes back to its first policy.
void flushRuleset(const NftRules& rules)
{
    for (const char* table : kNftTables) {
        sim::command::FirewallChange change;
        change.stack = stackIdOf(rules.inv);
        change.table = table;
        change.verb = NftVerb::Flush;
        rules.apply(change);
        std::vector<std::pair<std::string, bool>> chains;
        for (const auto& [name, chain] : rules.stack().table(table))
            chains.emplace_back(name, chain.policy.empty());
        for (const auto& [name, user] : chains) {
            change.chain = name;
            change.verb = user ? NftVerb::DeleteChain : NftVerb::Policy;
            change.policy = user ? "" : "ACCEPT";
            rules.apply(change);
        }
    }
}

int changeByNft(const NftRules& rules, const std::vector<std::string>& w, const NftSource& statement)
{
    Invocation& inv = rules.inv;
    const std::string verb = w[0];
    const std::string object = w.size() > 1 ? w[1] : "";
    std::size_t at = 2;
    if (at < w.size() && (w[at] == "ip" || w[at] == "inet"))
        ++at;
    sim::command::FirewallChange change;
    change.stack = stackIdOf(inv);
    change.table = at < w.size() ? w[at++] : "";
    const bool known = std::any_of(std::begin(kNftTables), std::end(kNftTables), [&](const char* t) { return change.table == t; });
    if (verb == "flush" && object == "ruleset") {
        flushRuleset(rules);
        return 0;
    }
    if (verb == "add" && object == "table")
        return known ? 0
            : change.table.empty() ? nftError(inv, "syntax error, unexpected newline, expecting string", statement, kNftEnd)
                                   : nftError(inv, "Could not process rule: Operation not supported", statement, at - 1);
    if (!known)
        return change.table.empty() ? nftError(inv, "syntax error, unexpected newline, expecting string", statement, kNftEnd)
            : object == "rule" && verb == "delete" && std::find(w.begin(), w.end(), "handle") == w.end()
                ? nftError(inv, "syntax error, unexpected newline, expecting handle", statement, kNftEnd)
                : nftError(inv, "Could not process rule: No such file or directory", statement, at - 1);
    const std::size_t chainWord = at;
    change.chain = at < w.size() ? w[at++] : "";
    // Base chains of these tables are written in capitals; people who come from nft write them small.
    std::string capitals = change.chain;
    capitals = sim::raised(capitals);
    const auto& builtIn = sim::net::builtInChains(change.table);
    const NftChains& chains = rules.stack().table(change.table);
    if (chains.count(change.chain) == 0 && std::find(builtIn.begin(), builtIn.end(), capitals) != builtIn.end())
        change.chain = capitals;
    if (object == "chain") {
        change.verb = verb == "add" ? NftVerb::NewChain : verb == "delete" ? NftVerb::DeleteChain : NftVerb::Flush;
        const auto policy = std::find(w.begin(), w.end(), "policy");
        if (verb == "add" && policy != w.end() && policy + 1 != w.end()) {
            change.verb = NftVerb::Policy;
            change.policy = *(policy + 1);
            change.policy = sim::raised(change.policy);
        } else if (verb == "add" && std::find(builtIn.begin(), builtIn.end(), change.chain) != builtIn.end()) {
            return 0;
        }
    } else if (object == "table" && verb == "flush") {
        change.verb = NftVerb::Flush;
        change.chain.clear();
    } else if (object == "rule" && verb == "delete") {
        if (at >= w.size())
            return nftError(inv, "syntax error, unexpected newline, expecting handle", statement, kNftEnd);
        const std::string number = at + 1 < w.size() && w[at] == "handle" ? w[at + 1] : "";
        const NftHandles handles = handlesOf(chains, change.table);
        const auto rule = std::find_if(handles.rules.begin(), handles.rules.end(), [&](const auto& entry) {
            return entry.first.first == change.chain && std::to_string(entry.second) == number;
        });
        if (rule == handles.rules.end())
            return nftError(inv, "Could not process rule: No such file or directory", statement, std::min(at + 1, w.size()));
        change.verb = NftVerb::DeleteIndex;
        change.index = static_cast<std::int64_t>(rule->first.second) + 1;
    } else if (object == "rule" && (verb == "add" || verb == "insert")) {
        change.verb = verb == "add" ? NftVerb::Append : NftVerb::Insert;
        if (const std::string why = readNftRule(w, at, change.rule); !why.empty())
            return nftError(inv, why, statement, at);
    } else {
        return object.empty() ? nftError(inv, "syntax error, unexpected newline", statement, kNftEnd) : nftError(inv, "syntax error, unexpected string", statement, 1);
    }
    if (object == "chain" && verb == "add" && change.verb == NftVerb::NewChain && chains.count(change.chain) > 0)
        return 0; // `add` of what is there is no mistake
    const std::string error = rules.apply(change);
    if (error.empty())
        return 0;
    return nftError(inv, "Could not process rule: " + std::string(error.find("Too many links") != std::string::npos ? "Device or resource busy" : "No such file or directory"),
                    statement, chainWord);
}

int listByNft(Invocation& inv, const std::vector<std::string>& w, bool withHandles, const NftSource& statement)
{
    inv.noteRead("firewall/" + placeName(inv));
    const std::string object = w.size() > 1 ? w[1] : "";
    const sim::net::Stack& stack = stackOf(inv);
    std::size_t at = 2;
    if (at < w.size() && (w[at] == "ip" || w[at] == "inet"))
        ++at;
    const std::string table = at < w.size() ? w[at++] : "";
    if (object == "tables") {
        for (const char* name : kNftTables)
            if (!stack.table(name).empty())
                inv.print(fmt::format("table ip {}\n", name));
        return 0;
    }
    if (object == "chains") {
        for (const char* name : kNftTables)
            if (!stack.table(name).empty() && (table.empty() || table == name))
                inv.print(chainsText(stack.table(name), name));
        return 0;
    }
    if (object == "ruleset") {
        if (w.size() > 2 && w[2] != "ip" && w[2] != "inet")
            return nftError(inv, "syntax error, unexpected string, expecting end of file or newline or semicolon", statement, 2);
        for (const char* name : kNftTables)
            if (!stack.table(name).empty()) {
                warnOfOwner(inv, stack.table(name), name);
                inv.print(tableText(stack.table(name), name, {}, withHandles));
            }
        return 0;
    }
    const bool known = std::any_of(std::begin(kNftTables), std::end(kNftTables), [&](const char* t) { return table == t && !stack.table(t).empty(); });
    if ((object == "table" || object == "chain") && known) {
        const std::string chain = object == "chain" && at < w.size() ? w[at] : "";
        if (object == "table" || stack.table(table).count(chain) > 0) {
            warnOfOwner(inv, stack.table(table), table);
            inv.print(tableText(stack.table(table), table, chain, withHandles));
            return 0;
        }
    }
    if (object.empty())
        return nftError(inv, "syntax error, unexpected newline", statement, kNftEnd);
    if (table.empty())
        return nftError(inv, "syntax error, unexpected newline, expecting string", statement, kNftEnd);
    return nftError(inv, "No such file or directory", statement, at - 1);
}

int runStatement(const NftRules& rules, const NftSource& source, bool withHandles)
{
    Invocation& inv = rules.inv;
    const std::vector<std::string> words = nftWords(source.text);
    if (!isRoot(inv)) {
        inv.err().write("Operation not permitted (you must be root)\n");
        return 1;
    }
    if (words[0] == "list")
        return rules.draft != nullptr ? 0 : listByNft(inv, words, withHandles, source);
    if (words[0] == "add" || words[0] == "insert" || words[0] == "delete" || words[0] == "flush")
        return changeByNft(rules, words, source);
    return words.size() < 2 ? nftError(inv, "syntax error, unexpected newline, expecting string", source, kNftEnd)
                            : nftError(inv, "syntax error, unexpected string", source, 1);
}

/// Reads a file of statements and of blocks as `list ruleset` prints them. A block becomes statements: its tables and
/// chains first, so that a rule may jump to a chain that stands below it.
class NftFileReader {
public:
    NftFileReader(std::string file, const std::string& text) : m_file(std::move(file))
    {
        for (std::string& one : sim::linesOf(text)) {
            ++m_line;
            m_shown = std::move(one);
            line(withoutComment(m_shown));
        }
        if (!m_table.empty()) // a block that nobody closed
            m_broken = NftSource{"", m_file, m_line + 1, m_shown, 0};
    }

    std::vector<NftSource> statements() const
    {
        std::vector<NftSource> all = m_first;
        all.insert(all.end(), m_rules.begin(), m_rules.end());
        return all;
    }
    const std::optional<NftSource>& broken() const { return m_broken; }

private:
    static std::string withoutComment(const std::string& text)
    {
        bool quoted = false;
        for (std::size_t i = 0; i < text.size(); ++i) {
            quoted = quoted != (text[i] == '"');
            if (text[i] == '#' && !quoted)
                return text.substr(0, i);
        }
        return text;
    }

    void line(const std::string& text)
    {
        std::string piece;
        int inner = 0; // braces of a set of values
        bool quoted = false;
        for (const char c : text) {
            quoted = quoted != (c == '"');
            const bool opens = c == '{' && inner == 0 && opensBlock(piece);
            if (quoted || (!opens && c != ';' && c != '}' && c != '{')) {
                piece += c;
            } else if (opens) {
                open(std::exchange(piece, {}));
            } else if (c == '{') {
                ++inner;
                piece += c;
            } else if (c == '}' && inner > 0) {
                --inner;
                piece += c;
            } else if (c == ';' && inner > 0) {
                piece += c;
            } else {
                statement(std::exchange(piece, {}));
                if (c == '}')
                    close();
            }
        }
        statement(piece);
    }

    bool opensBlock(const std::string& piece) const
    {
        const std::vector<std::string> words = nftWords(piece);
        return !words.empty() && ((m_table.empty() && words[0] == "table") || (!m_table.empty() && m_chain.empty() && words[0] == "chain"));
    }

    void open(const std::string& piece)
    {
        const std::vector<std::string> words = nftWords(piece);
        if (words[0] == "table") {
            m_table = (words.size() > 2 ? words[1] + " " : std::string()) + words.back();
            add(m_first, "add table " + m_table, 1);
        } else {
            m_chain = words.back();
            add(m_first, "add chain " + m_table + " " + m_chain, 1);
        }
    }

    void close()
    {
        (m_chain.empty() ? m_table : m_chain).clear();
    }

    void statement(const std::string& piece)
    {
        const std::vector<std::string> words = nftWords(piece);
        if (words.empty() || words[0] == "type") // the hook: the kernel model's chains have theirs
            return;
        if (m_table.empty())
            add(words[0] == "add" || words[0] == "insert" ? m_rules : m_first, piece, 0);
        else if (m_chain.empty())
            return;
        else if (words[0] == "policy")
            add(m_first, fmt::format("add chain {} {} {{ {} ; }}", m_table, m_chain, piece), 0);
        else
            add(m_rules, fmt::format("add rule {} {} {}", m_table, m_chain, piece.substr(piece.find_first_not_of(" \t"))), nftWords(m_table).size() + 3);
    }

    void add(std::vector<NftSource>& to, const std::string& text, std::size_t lent) { to.push_back({text, m_file, m_line, m_shown, lent}); }

    std::string m_file;
    std::size_t m_line = 0;
    std::string m_shown;
    std::string m_table, m_chain; ///< the open blocks: "ip filter", "INPUT"
    std::vector<NftSource> m_first, m_rules;
    std::optional<NftSource> m_broken;
};

/// All statements of a file, or none: they are tried in a copy first. -c stops there.
int nftFile(Invocation& inv, const std::string& path, bool withHandles, bool checks)
{
    std::string text;
    if (path == "-") {
        text = inv.in().isTerminal() ? std::string() : inv.in().readAll();
    } else {
        const ReadFile file = inv.system().readFile(inv.place(), inv.absolutePath(path));
        if (file.error != Errno::None) {
            inv.err().write(fmt::format("internal:0:0-0: Error: Could not open file \"{}\": {}\n\n\n", path, describe(file.error)));
            return 1;
        }
        text = file.text;
    }
    const NftFileReader reader(path == "-" ? "/dev/stdin" : path, text);
    if (const auto& open = reader.broken()) {
        inv.err().write(fmt::format("{}:{}:1-1: Error: syntax error, unexpected end of file\n{}\n^\n", open->file, open->line, open->shown));
        return 1;
    }
    sim::net::Stack draft = stackOf(inv);
    for (const NftSource& source : reader.statements())
        if (const int status = runStatement({inv, &draft}, source, withHandles))
            return status;
    if (!checks)
        for (const NftSource& source : reader.statements())
            if (const int status = runStatement({inv, nullptr}, source, withHandles))
                return status;
    return 0;
}

int runNft(Invocation& inv)
{
    bool withHandles = false, checks = false;
    std::string statement;
    for (std::size_t i = 0; i < inv.arguments.size(); ++i) {
        const std::string& word = inv.arguments[i];
        const bool option = statement.empty() && word.size() > 1 && word[0] == '-';
        if (!option) {
            statement += (statement.empty() ? "" : " ") + (word.find(' ') != std::string::npos && !statement.empty() ? '"' + word + '"' : word);
            continue;
        }
        if (word == "--handle" || word == "--check") {
            (word == "--check" ? checks : withHandles) = true;
        } else if (word == "--file") {
            return i + 1 < inv.arguments.size() ? nftFile(inv, inv.arguments[i + 1], withHandles, checks) : inv.fail(1, "option '--file' requires an argument");
        } else if (word[1] != '-') { // letters may stand together: -cf FILE
            for (std::size_t c = 1; c < word.size(); ++c) {
                withHandles = withHandles || word[c] == 'a';
                checks = checks || word[c] == 'c';
                if (word[c] == 'f') {
                    const std::string attached = word.substr(c + 1);
                    if (attached.empty() && i + 1 == inv.arguments.size())
                        return inv.fail(1, "option requires an argument -- 'f'");
                    return nftFile(inv, attached.empty() ? inv.arguments[i + 1] : attached, withHandles, checks);
                }
                if (std::string_view("acnsSpyYNTujioetd").find(word[c]) == std::string_view::npos)
                    return inv.fail(1, fmt::format("invalid option -- '{}'", word[c]));
            }
        }
    }
    if (nftWords(statement).empty())
        return inv.fail(1, "no command specified");
    sim::net::Stack draft = stackOf(inv);
    return runStatement({inv, checks ? &draft : nullptr}, {statement, {}, 0, {}, 0}, withHandles);
}

} // namespace

void addNft(CommandTable& table)
{
    table.addRaw("nft", "administration tool of the nftables framework for packet filtering and classification", "nft [-a] [-c] [-f FILE] { list | add | insert | delete | flush } ...", runNft);
}

} // namespace core::shell::node
