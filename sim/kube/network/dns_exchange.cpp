#include "sim/kube/network/dns_exchange.h"

#include "sim/container/machine_names.h"
#include "sim/kube/network/cluster_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

namespace sim::kube {

namespace {

using programs::DnsServerBlock;
using programs::inZone;

constexpr std::int64_t kStandardDnsPort = 53;
/// A name server's own work on a question: what CoreDNS' log shows for the kubernetes plugin.
constexpr Duration kServerWork = 200us;
/// plugin/forward gives up on a query after five seconds (defaultTimeout).
constexpr Duration kForwardPatience = 5s;
/// Forwarding chains of this length are loops.
constexpr int kDeepestForward = 6;
constexpr int kMostNdots = 15; // RES_MAXNDOTS

struct ServerAnswer {
    DnsReply reply;
    Duration took{};
    bool silent = false; ///< the asker gets nothing
};

class Exchange {
public:
    Exchange(const DnsView& view, std::uint64_t chance) : m_view(view), m_chance(chance) { }

    DnsExchange ask(StackId from, net::Ipv4 server, std::int64_t port, const DnsQuestion& question, int depth)
    {
        DnsExchange result;
        result.server = server;
        if (!m_view.network.hasStack(from))
            return result;
        result.path = m_view.network.reach(from, server, net::Protocol::Udp, port, m_chance);
        switch (result.path.verdict) {
        case net::Verdict::Delivered: break;
        case net::Verdict::TimedOut:
        case net::Verdict::NotPermitted: return result;
        case net::Verdict::Refused:
            result.end = DnsExchange::End::Refused;
            result.took = std::max(result.path.rtt, result.path.errorAfter);
            return result;
        default:
            result.end = DnsExchange::End::Unreachable;
            result.took = result.path.errorAfter;
            return result;
        }
        const ServerAnswer answer = serve(result.path, question, depth);
        if (answer.silent || result.path.lossRatio >= 1)
            return result;
        result.end = DnsExchange::End::Answered;
        result.reply = answer.reply;
        result.took = result.path.rtt + answer.took;
        return result;
    }

    std::vector<std::pair<ContainerId, std::string>> log;

private:
    ServerAnswer serve(const net::PathResult& path, const DnsQuestion& question, int depth)
    {
        const net::Stack& stack = m_view.network.stack(path.target);
        const net::Listener* listener = stack.listener(net::Protocol::Udp, path.reached, path.reachedPort);
        const host::Machine& machine = m_view.hosts.at(stack.host);
        const auto process = listener == nullptr ? machine.processes.end() : machine.processes.find(listener->pid);
        if (process == machine.processes.end() || process->second.state == 'T')
            return {{}, {}, true};
        if (const container::Container* container = coreDnsAt(m_view.network, m_view.runtimes, path.target, path.reached, path.reachedPort))
            return coreDns(*container, path, question, depth);
        return siteServer(machine, question);
    }

    /// dnsmasq: its machine's /etc/hosts, and nothing beyond it.
    ServerAnswer siteServer(const host::Machine& machine, const DnsQuestion& question) const
    {
        ServerAnswer answer;
        answer.took = kServerWork;
        answer.reply.authoritative = true;
        const auto file = machine.files.find("/etc/hosts");
        const auto addresses = container::addressesInHosts(file == machine.files.end() ? std::string() : file->second->content, question.name);
        if (addresses.empty())
            answer.reply.code = DnsCode::NxDomain;
        if (question.type == DnsType::A)
            for (const net::Ipv4 address : addresses)
                answer.reply.answers.push_back({question.name, 0, DnsType::A, address.text()});
        return answer;
    }

    ServerAnswer coreDns(const container::Container& container, const net::PathResult& path, const DnsQuestion& question, int depth)
    {
        ServerAnswer answer;
        answer.took = kServerWork;
        const auto corefile = m_view.coreDns.configurationOf(container, m_view.now);
        if (!corefile)
            return {{}, {}, true};
        const DnsServerBlock* block = corefile->blockFor(question.name);
        if (block == nullptr || block->port != path.reachedPort) {
            answer.reply.code = DnsCode::Refused;
            return answer;
        }
        answer = throughPlugins(container, *block, question, depth);
        if (block->log)
            note(container, fmt::format("[INFO] {}:{} - {} \"{} IN {}. udp {} false 512\" {} qr,{}rd{} {} {:.9f}s", path.source.text(),
                                        32'768 + m_chance % 28'232, m_chance % 65'536, dnsTypeName(question.type), question.name,
                                        question.name.size() + 18, dnsCodeName(answer.reply.code), answer.reply.authoritative ? "aa," : "",
                                        answer.reply.authoritative ? "" : ",ra", question.name.size() + 18 + 16 * answer.reply.answers.size(),
                                        toSeconds(answer.took)));
        return answer;
    }

    /// In the order of CoreDNS' plugin.cfg: rewrite, hosts, kubernetes, forward.
    ServerAnswer throughPlugins(const container::Container& container, const DnsServerBlock& block, const DnsQuestion& asked, int depth)
    {
        ServerAnswer answer;
        answer.took = kServerWork;
        DnsQuestion question = asked;
        for (const programs::RewriteRule& rule : block.rewrites)
            if (rule.suffix ? inZone(question.name, rule.from) : question.name == rule.from) {
                question.name = question.name.substr(0, question.name.size() - rule.from.size()) + rule.to;
                break;
            }
        if (block.hosts) {
            const auto found = block.hosts->addresses.find(question.name);
            if (found != block.hosts->addresses.end() || !block.hosts->fallsThrough) {
                answer.reply.authoritative = true;
                answer.reply.code = found == block.hosts->addresses.end() ? DnsCode::NxDomain : DnsCode::NoError;
                if (found != block.hosts->addresses.end() && question.type == DnsType::A)
                    for (const std::string& address : found->second)
                        answer.reply.answers.push_back({asked.name, 3600, DnsType::A, address});
                return answer;
            }
        }
        if (block.kubernetes)
            if (auto reply = answerFromCluster(m_view.store, *block.kubernetes, question)) {
                answer.reply = std::move(*reply);
                followAlias(container, answer, question, depth);
                for (DnsRecord& record : answer.reply.answers)
                    if (record.name == question.name)
                        record.name = asked.name;
                return answer;
            }
        for (const programs::ForwardPlugin& forward : block.forwards)
            if (inZone(question.name, forward.from))
                return forwarded(container, block, forward, question, depth);
        answer.reply.code = DnsCode::ServFail; // no plugin is left to ask
        return answer;
    }

    void followAlias(const container::Container& container, ServerAnswer& answer, const DnsQuestion& question, int depth)
    {
        if (question.type != DnsType::A || answer.reply.answers.empty() || answer.reply.answers.front().type != DnsType::Cname
            || depth >= kDeepestForward)
            return;
        const DnsQuestion target{dnsName(answer.reply.answers.front().data), DnsType::A};
        const auto corefile = m_view.coreDns.configurationOf(container, m_view.now);
        const DnsServerBlock* block = corefile ? corefile->blockFor(target.name) : nullptr;
        if (block == nullptr)
            return;
        const ServerAnswer further = throughPlugins(container, *block, target, depth + 1);
        answer.took += further.took;
        answer.reply.answers.insert(answer.reply.answers.end(), further.reply.answers.begin(), further.reply.answers.end());
    }

    ServerAnswer forwarded(const container::Container& container, const DnsServerBlock& block, const programs::ForwardPlugin& forward,
                           const DnsQuestion& question, int depth)
    {
        ServerAnswer answer;
        answer.took = kServerWork;
        const std::vector<DnsUpstream> upstreams = upstreamsOf(forward, container);
        std::string problem = "no upstream host";
        for (std::size_t i = 0; i < upstreams.size() && depth < kDeepestForward; ++i) {
            const DnsUpstream& to = upstreams[(i + m_chance) % upstreams.size()];
            const DnsExchange asked = ask(container.stack, to.address, to.port, question, depth + 1);
            if (asked.end == DnsExchange::End::Answered) {
                answer.reply = asked.reply;
                answer.reply.authoritative = false;
                answer.took += asked.took;
                return answer;
            }
            const std::string between = fmt::format("read udp {}:{}->{}:{}: ", asked.path.source.text(), 32'768 + m_chance % 28'232,
                                                    to.address.text(), to.port);
            problem = between + (asked.end == DnsExchange::End::TimedOut      ? "i/o timeout"
                                     : asked.end == DnsExchange::End::Refused ? "read: connection refused"
                                                                              : "read: no route to host");
            answer.took += asked.end == DnsExchange::End::TimedOut ? kForwardPatience : asked.took;
        }
        answer.took = std::min(answer.took, kForwardPatience);
        answer.reply = {};
        answer.reply.code = DnsCode::ServFail;
        if (block.errors)
            note(container, fmt::format("[ERROR] plugin/errors: 2 {}. {}: {}", question.name, dnsTypeName(question.type), problem));
        return answer;
    }

    void note(const container::Container& container, std::string line) { log.emplace_back(container.id, std::move(line)); }

    const DnsView& m_view;
    std::uint64_t m_chance;
};

} // namespace

DnsExchange askDns(const DnsView& view, StackId from, net::Ipv4 server, std::int64_t port, const DnsQuestion& question, std::uint64_t chance)
{
    Exchange exchange(view, chance);
    DnsExchange result = exchange.ask(from, server, port, question, 0);
    result.log = std::move(exchange.log);
    return result;
}

ResolverConfig resolverConfigOf(const std::string& resolvConf)
{
    ResolverConfig config;
    config.servers = container::nameserversIn(resolvConf);
    if (config.servers.size() > 3)
        config.servers.resize(3); // MAXNS
    std::istringstream lines(resolvConf);
    std::string line;
    while (std::getline(lines, line)) {
        std::istringstream words(line);
        std::string key;
        std::string word;
        words >> key;
        if (key == "search" || key == "domain") {
            config.search.clear();
            while (words >> word)
                config.search.push_back(dnsName(word));
        } else if (key == "options") {
            while (words >> word) {
                const auto colon = word.find(':');
                int value = 0;
                if (colon == std::string::npos
                    || std::from_chars(word.data() + colon + 1, word.data() + word.size(), value).ec != std::errc{})
                    continue;
                if (word.rfind("ndots:", 0) == 0)
                    config.ndots = std::min(value, kMostNdots);
                else if (word.rfind("attempts:", 0) == 0)
                    config.attempts = std::clamp(value, 1, 5);
                else if (word.rfind("timeout:", 0) == 0)
                    config.timeout = std::chrono::seconds(std::clamp(value, 1, 30));
            }
        }
    }
    return config;
}

std::vector<std::string> candidateNames(const ResolverConfig& config, const std::string& name)
{
    const std::string bare = dnsName(name);
    if (!name.empty() && name.back() == '.')
        return {bare};
    std::vector<std::string> names;
    const bool asIsFirst = std::count(bare.begin(), bare.end(), '.') >= config.ndots;
    if (asIsFirst)
        names.push_back(bare);
    for (const std::string& domain : config.search)
        names.push_back(domain.empty() ? bare : bare + "." + domain);
    if (!asIsFirst)
        names.push_back(bare);
    return names;
}

Resolution resolveByDns(const DnsView& view, StackId from, const ResolverConfig& config, const std::string& name, std::uint64_t chance)
{
    Resolution result;
    std::vector<net::Ipv4> servers = config.servers;
    if (servers.empty())
        servers.push_back(net::Ipv4{0x7f000001}); // glibc asks this machine then
    std::vector<std::string> names = candidateNames(config, name);
    bool tryAgain = false;
    for (std::size_t n = 0; n < names.size(); ++n) {
        bool answered = false;
        bool refused = true;
        for (int attempt = 0; attempt < config.attempts && !answered; ++attempt)
            for (std::size_t s = 0; s < servers.size() && !answered; ++s) {
                auto log = std::move(result.last.log);
                result.last = askDns(view, from, servers[s], kStandardDnsPort, {names[n], DnsType::A}, chance);
                log.insert(log.end(), std::make_move_iterator(result.last.log.begin()), std::make_move_iterator(result.last.log.end()));
                result.last.log = std::move(log);
                result.server = servers[s];
                const DnsExchange& asked = result.last;
                const bool silent = asked.end == DnsExchange::End::TimedOut || asked.took > config.timeout;
                result.took += silent ? config.timeout : asked.took;
                refused = refused && asked.end == DnsExchange::End::Refused;
                // Another server is asked after SERVFAIL and REFUSED; the last one's word stands.
                const bool bad = asked.reply.code == DnsCode::ServFail || asked.reply.code == DnsCode::Refused;
                answered = asked.end == DnsExchange::End::Answered && !silent && (!bad || s + 1 == servers.size());
            }
        if (!answered) {
            tryAgain = true;
            if (refused)
                break; // ECONNREFUSED ends the search
            if (n + 1 < names.size())
                n = names.size() - 2; // after a time-out only the bare name is tried
            continue;
        }
        const DnsReply& reply = result.last.reply;
        if (reply.code == DnsCode::ServFail || reply.code == DnsCode::Refused)
            tryAgain = true;
        for (const DnsRecord& record : reply.answers)
            if (const auto address = record.type == DnsType::A ? net::Ipv4::parse(record.data) : std::nullopt)
                result.addresses.push_back(*address);
        if (!result.addresses.empty()) {
            result.status = Resolution::Status::Found;
            result.canonicalName = names[n];
            return result;
        }
    }
    result.status = tryAgain ? Resolution::Status::TryAgain : Resolution::Status::NotFound;
    return result;
}

std::string lookupError(const Resolution& resolution)
{
    return resolution.status == Resolution::Status::NotFound ? "no such host" : "Temporary failure in name resolution";
}

} // namespace sim::kube
