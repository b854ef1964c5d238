#include "sim/net/firewall.h"

#include <fmt/format.h>

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

bool matchHolds(const Stack& stack, std::string_view match, const Packet& packet)
{
    std::vector<std::string_view> words = split(match, ' ');
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::string_view word = words[i];
        while (!word.empty() && word.front() == '-')
            word.remove_prefix(1);
        if (word == "m" || word == "conntrack" || word == "addrtype" || word == "multiport" || word == "tcp"
            || word == "udp")
            continue;
        const std::string_view value = i + 1 < words.size() ? words[++i] : std::string_view();
        if (word == "ctstate" || word == "state") {
            bool holds = false;
            for (const std::string_view state : split(value, ','))
                holds = holds || state == (packet.established ? "ESTABLISHED" : "NEW");
            if (!holds)
                return false;
        } else if (word == "dst-type") {
            if ((value == "LOCAL") != stack.isLocal(packet.destination))
                return false;
        } else if (word == "dports") {
            if (!portListed(value, packet.destinationPort))
                return false;
        } else if (word == "sports") {
            if (!portListed(value, packet.sourcePort))
                return false;
        } else {
            return false;
        }
    }
    return true;
}

bool matches(const Stack& stack, const FirewallRule& rule, const Packet& packet,
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
    const Stack& stack;
    const std::string& table;
    const std::map<std::string, Chain>& chains;
    const Packet& packet;
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
            const std::string where = fmt::format("{} rule {}", name, i + 1);
            if (rule.target == "ACCEPT")
                return ChainVerdict{Action::Accept, {}, where};
            if (rule.target == "DROP")
                return ChainVerdict{Action::Drop, {}, where};
            if (rule.target == "REJECT")
                return ChainVerdict{Action::Reject, rule.targetOptions, where};
            if (rule.target == "RETURN")
                return std::nullopt;
            if (rule.target == "DNAT" || rule.target == "REDIRECT")
                return ChainVerdict{Action::DestinationNat, rule.targetOptions, where};
            if (rule.target == "SNAT")
                return ChainVerdict{Action::SourceNat, rule.targetOptions, where};
            if (rule.target == "MASQUERADE")
                return ChainVerdict{Action::Masquerade, rule.targetOptions, where};
            const auto next = chains.find(rule.target); // LOG, MARK and the like are no chains and go on
            if (next != chains.end() && depth < kMaxJumps)
                if (auto verdict = run(next->first, next->second, depth + 1))
                    return verdict;
        }
        return std::nullopt;
    }
};

} // namespace

ChainVerdict runChain(const Stack& stack, const std::string& table, const std::string& chain,
                      const Packet& packet, const std::string& inInterface, const std::string& outInterface,
                      std::vector<RuleHit>* hits)
{
    const auto& chains = table == "nat" ? stack.nat : stack.filter;
    const auto found = chains.find(chain);
    if (found == chains.end())
        return {};
    const ChainRun run{stack, table, chains, packet, inInterface, outInterface, hits};
    if (auto verdict = run.run(chain, found->second, 0))
        return *verdict;
    if (found->second.policy == "DROP")
        return {ChainVerdict::Action::Drop, {}, chain + " policy"};
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
