#include "sim/net/firewall.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace sim::net {

namespace {

/// iptables refuses loops when a rule is added; a world built by a fault need not be so tidy.
constexpr int kMaxJumps = 16;

std::vector<std::string_view> split(std::string_view text, char separator)
{
    std::vector<std::string_view> parts;
    while (!text.empty()) {
        const std::size_t end = text.find(separator);
        if (end != 0)
            parts.push_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    }
    return parts;
}

std::optional<std::int64_t> number(std::string_view text)
{
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// An interface pattern: "eth0", "cali+" for a prefix, a leading "!" negates.
bool interfaceMatches(std::string_view pattern, std::string_view name)
{
    if (pattern.empty())
        return true;
    const bool negated = pattern.front() == '!';
    if (negated)
        pattern.remove_prefix(1);
    const bool prefix = !pattern.empty() && pattern.back() == '+';
    if (prefix)
        pattern.remove_suffix(1);
    const bool same = prefix ? name.substr(0, pattern.size()) == pattern : name == pattern;
    return same != negated;
}

bool portListed(std::string_view list, std::int64_t port)
{
    for (const std::string_view item : split(list, ',')) {
        const std::size_t colon = item.find(':');
        const auto first = number(item.substr(0, colon));
        const auto last = colon == std::string_view::npos ? first : number(item.substr(colon + 1));
        if (first && last && *first <= port && port <= *last)
            return true;
    }
    return false;
}

std::optional<std::uint32_t> hexNumber(std::string_view text)
{
    const bool prefixed = text.substr(0, 2) == "0x";
    if (prefixed)
        text.remove_prefix(2);
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, prefixed ? 16 : 10);
    return error == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

struct ValueAndMask {
    std::uint32_t value = 0;
    std::uint32_t mask = 0xffffffff;
};

/// "0x4000/0x4000"; without a mask all bits count.
std::optional<ValueAndMask> valueAndMask(std::string_view text)
{
    ValueAndMask parsed;
    const std::size_t slash = text.find('/');
    const auto value = hexNumber(text.substr(0, slash));
    const auto mask = slash == std::string_view::npos ? std::optional(parsed.mask) : hexNumber(text.substr(slash + 1));
    if (!value || !mask)
        return std::nullopt;
    return ValueAndMask{*value, *mask};
}

/// The next draw of the packet in 0..1: SplitMix64, whose state the packet carries.
double draw(Packet& packet)
{
    std::uint64_t z = packet.chance += 0x9e3779b97f4a7c15ULL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-53;
}

bool stateListed(std::string_view list, const Packet& packet)
{
    const std::string_view own = packet.untracked ? "UNTRACKED"
        : packet.related                          ? "RELATED"
        : packet.established                      ? "ESTABLISHED"
                                                  : "NEW";
    for (const std::string_view state : split(list, ','))
        if (state == own || (state == "DNAT" && packet.translated))
            return true;
    return false;
}

/// "SYN,RST/SYN" of --tcp-flags: only first packets are carried flag by flag; they and their answers have SYN set.
bool flagsHold(std::string_view value, const Packet& packet)
{
    const std::size_t slash = value.find('/');
    const std::string_view wanted = slash == std::string_view::npos ? value : value.substr(slash + 1);
    const auto names = split(wanted, ',');
    const bool syn = std::find(names.begin(), names.end(), "SYN") != names.end();
    return packet.protocol == Protocol::Tcp && syn == (packet.mss > 0);
}

/// "3/4", "8".
bool icmpTypeHolds(std::string_view value, const Packet& packet)
{
    const std::size_t slash = value.find('/');
    return packet.protocol == Protocol::Icmp && number(value.substr(0, slash)) == packet.icmpType
        && (slash == std::string_view::npos || number(value.substr(slash + 1)) == packet.icmpCode);
}

bool matchHolds(const Stack& stack, std::string_view match, Packet& packet)
{
    std::vector<std::string_view> words = split(match, ' ');
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::string_view word = words[i];
        while (!word.empty() && word.front() == '-')
            word.remove_prefix(1);
        if (word == "m" || word == "conntrack" || word == "addrtype" || word == "multiport" || word == "tcp"
            || word == "udp")
            continue;
        std::string_view value = i + 1 < words.size() ? words[++i] : std::string_view();
        const bool negated = !value.empty() && value.front() == '!';
        if (negated)
            value.remove_prefix(1);
        bool holds = false;
        if (word == "ctstate" || word == "state") {
            holds = stateListed(value, packet);
        } else if (word == "dst-type") {
            holds = (value == "LOCAL") == stack.isLocal(packet.destination);
        } else if (word == "src-type") {
            holds = (value == "LOCAL") == (packet.source == Ipv4{} || stack.isLocal(packet.source));
        } else if (word == "dports") {
            holds = portListed(value, packet.destinationPort);
        } else if (word == "sports") {
            holds = portListed(value, packet.sourcePort);
        } else if (word == "mark") {
            const auto wanted = valueAndMask(value);
            holds = wanted && (packet.mark & wanted->mask) == wanted->value;
        } else if (word == "statistic") {
            double probability = 0;
            const auto parsed = std::from_chars(value.data(), value.data() + value.size(), probability);
            holds = parsed.ec == std::errc{} && draw(packet) < probability;
        } else if (word == "set") {
            const bool source = i + 1 < words.size() && words[i + 1].substr(0, 3) == "src";
            ++i;
            const auto set = stack.ipsets.find(std::string(value));
            holds = set != stack.ipsets.end()
                && set->second.contains(source ? packet.source : packet.destination, packet.protocol,
                                        packet.destinationPort);
        } else if (word == "tcp-flags") {
            holds = flagsHold(value, packet);
        } else if (word == "icmp-type") {
            holds = icmpTypeHolds(value, packet);
        } else if (word == "limit") {
            holds = true; // a lone packet finds the bucket filled
        } else if (word == "recent") {
            // Nobody is remembered here. What ClientIP affinity is for, that one client keeps its backend, comes
            // from drawing by the client's address instead.
            packet.chance = packet.source.value;
            return false;
        }
        if (holds == negated)
            return false;
    }
    return true;
}

bool matches(const Stack& stack, const FirewallRule& rule, Packet& packet,
             const std::string& inInterface, const std::string& outInterface)
{
    if (rule.protocol != Protocol::Any && rule.protocol != packet.protocol)
        return false;
    if (rule.source && rule.source->contains(packet.source) == rule.notSource)
        return false;
    if (rule.destination && rule.destination->contains(packet.destination) == rule.notDestination)
        return false;
    if (rule.sourcePort && *rule.sourcePort != packet.sourcePort)
        return false;
    if (rule.destinationPort) {
        const std::int64_t last = std::max(rule.destinationPortLast, *rule.destinationPort);
        if (packet.destinationPort < *rule.destinationPort || packet.destinationPort > last)
            return false;
    }
    return interfaceMatches(rule.inInterface, inInterface)
        && interfaceMatches(rule.outInterface, outInterface)
        && (rule.match.empty() || matchHolds(stack, rule.match, packet));
}

struct ChainRun {
    /// `--clamp-mss-to-pmtu` leaves room for 40 bytes of headers, `--set-mss N` never raises what the packet asks for.
    void lowerMss(const std::string& options) const
    {
        if (packet.mss == 0)
            return;
        const std::int64_t wanted = options.find("--clamp-mss-to-pmtu") != std::string::npos
            ? packet.routeMtu - 40
            : number(std::string_view(options).substr(options.rfind(' ') + 1)).value_or(packet.mss);
        if (wanted > 0)
            packet.mss = std::min(packet.mss, wanted);
    }

    const Stack& stack;
    const std::string& table;
    const std::map<std::string, Chain>& chains;
    Packet& packet;
    const std::string& inInterface;
    const std::string& outInterface;
    std::vector<RuleHit>* hits;

    /// Nothing: the packet fell off the end or met RETURN.
    std::optional<ChainVerdict> run(const std::string& name, const Chain& chain, int depth) const
    {
        using Action = ChainVerdict::Action;
        for (std::size_t i = 0; i < chain.rules.size(); ++i) {
            const FirewallRule& rule = chain.rules[i];
            if (!matches(stack, rule, packet, inInterface, outInterface))
                continue;
            if (hits != nullptr)
                hits->push_back({table, name, i});
            const auto decided = [&](Action action, const std::string& options) {
                return ChainVerdict{action, options, fmt::format("{} rule {}", name, i + 1), rule.comment};
            };
            if (rule.target == "ACCEPT")
                return decided(Action::Accept, {});
            if (rule.target == "DROP")
                return decided(Action::Drop, {});
            if (rule.target == "REJECT")
                return decided(Action::Reject, rule.targetOptions);
            if (rule.target == "RETURN")
                return std::nullopt;
            if (rule.target == "DNAT" || rule.target == "REDIRECT")
                return decided(Action::DestinationNat, rule.targetOptions);
            if (rule.target == "SNAT")
                return decided(Action::SourceNat, rule.targetOptions);
            if (rule.target == "MASQUERADE")
                return decided(Action::Masquerade, rule.targetOptions);
            if (rule.target == "MARK") {
                const std::size_t space = rule.targetOptions.rfind(' ');
                if (const auto x = valueAndMask(std::string_view(rule.targetOptions).substr(space == std::string::npos ? 0 : space + 1)))
                    packet.mark = (packet.mark & ~x->mask) ^ x->value; // --set-xmark
                continue;
            }
            if (rule.target == "TCPMSS") {
                lowerMss(rule.targetOptions);
                continue;
            }
            if (rule.target == "NOTRACK" || (rule.target == "CT" && rule.targetOptions.find("notrack") != std::string::npos)) {
                packet.untracked = true;
                continue;
            }
            const auto next = chains.find(rule.target); // LOG and the like are no chains and go on
            if (next == chains.end() || depth >= kMaxJumps)
                continue;
            if (auto verdict = run(next->first, next->second, depth + 1)) {
                if (verdict->comment.empty())
                    verdict->comment = rule.comment;
                return verdict;
            }
            if (rule.targetOptions == "[goto]") // -g: what falls off the end does not come back here
                return std::nullopt;
        }
        return std::nullopt;
    }
};

} // namespace

ChainVerdict runChain(const Stack& stack, const std::string& table, const std::string& chain,
                      Packet& packet, const std::string& inInterface, const std::string& outInterface,
                      std::vector<RuleHit>* hits)
{
    const auto& chains = stack.table(table);
    const auto found = chains.find(chain);
    if (found == chains.end())
        return {};
    const ChainRun run{stack, table, chains, packet, inInterface, outInterface, hits};
    if (auto verdict = run.run(chain, found->second, 0))
        return *verdict;
    if (hits != nullptr)
        hits->push_back({table, chain, RuleHit::kPolicy});
    if (found->second.policy == "DROP")
        return {ChainVerdict::Action::Drop, {}, chain + " policy", {}};
    return {};
}

NatTarget parseNatTarget(std::string_view options)
{
    NatTarget target;
    if (const std::size_t space = options.rfind(' '); space != std::string_view::npos)
        options.remove_prefix(space + 1);
    if (options.substr(0, 3) == "to:")
        options.remove_prefix(3);
    const std::size_t colon = options.find(':');
    target.address = Ipv4::parse(options.substr(0, colon));
    if (colon != std::string_view::npos)
        target.port = number(options.substr(colon + 1));
    else if (!target.address)
        target.port = number(options);
    return target;
}

} // namespace sim::net
