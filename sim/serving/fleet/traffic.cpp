#include "sim/serving/fleet/step.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <vector>

// Clients, their requests' ways, and what becomes of these.
namespace sim::serving {

namespace {

/// Tokens of what makes a prompt's beginning its own: a time stamp, a request id.
constexpr std::uint32_t kSaltTokens = 24;
/// Prefixes of 64 tokens that a router remembers.
constexpr std::uint32_t kRemembered = 32'768;

/// max_tokens of every client: nearly all answers end before it, by a stop token.
constexpr std::uint32_t kMostAnswer = 2048;

std::uint64_t mixed(std::uint64_t value, std::uint64_t with)
{
    Fingerprint f;
    f.add(value);
    f.add(with);
    return f.value() | 1;
}

std::uint64_t nameHash(const std::string& name)
{
    Fingerprint f;
    f.add(name);
    return f.value();
}

double quantile(std::vector<float> values, double share)
{
    if (values.empty())
        return 0;
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(values.size() - 1) + 0.5);
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return static_cast<double>(values[static_cast<std::size_t>(at)]);
}

/// A generator's texts are numbers of its own: here they become this client's alone.
Request ownRequest(const Client& client, Request request)
{
    const std::uint64_t own = nameHash(client.settings.name);
    for (Stretch& stretch : request.prompt)
        stretch.text = mixed(stretch.text, own);
    if (request.answerText != 0)
        request.answerText = mixed(request.answerText, own);
    request.session = client.settings.sharedSession ? own : mixed(request.session, own);
    request.priority = client.settings.priority;
    request.answerTokens = std::min(request.answerTokens, kMostAnswer);
    request.maxTokens = kMostAnswer;
    if (client.settings.perTenantSalt)
        request.salt = own;
    if (client.settings.saltedPrompts)
        request.prompt.insert(request.prompt.begin(), Stretch{mixed(client.sent, own ^ 0x74696d65ULL), kSaltTokens});
    return request;
}

std::string flagOf(const std::vector<std::string>& words, const std::string& name, std::string fallback = {})
{
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] == name && i + 1 < words.size())
            return words[i + 1];
        if (words[i].starts_with(name + "="))
            return words[i].substr(name.size() + 1);
    }
    return fallback;
}

} // namespace

std::optional<RoutePolicy> routePolicy(const std::string& name)
{
    if (name == "cache_aware")
        return RoutePolicy::PrefixAffine;
    if (name == "round_robin")
        return RoutePolicy::RoundRobin;
    if (name == "power_of_two" || name == "least_load")
        return RoutePolicy::LeastLoaded;
    if (name == "consistent_hash")
        return RoutePolicy::SessionHash;
    return std::nullopt;
}

const char* outcomeName(Outcome outcome)
{
    switch (outcome) {
    case Outcome::Good: return "good";
    case Outcome::SlowFirstToken: return "slow_first_token";
    case Outcome::SlowTokens: return "slow_tokens";
    case Outcome::GaveUp: return "gave_up";
    case Outcome::Refused: return "refused";
    case Outcome::Unreachable: return "unreachable";
    case Outcome::Failed: return "failed";
    }
    return "";
}

std::vector<ContainerId> workersOf(const container::Container& router, const Discovery& discovery)
{
    const std::vector<std::string>& words = router.program.command;
    return discovery.ready(flagOf(words, "--service-discovery-namespace", router.podNamespace), flagOf(words, "--selector"));
}

std::string routerMetrics(const RouterState& router, const container::Runtimes& runtimes)
{
    std::string text = "# HELP vllm_router_processed_requests_total Total requests processed by each worker\n# TYPE vllm_router_processed_requests_total counter\n";
    for (const auto& [id, count] : router.sent)
        if (const container::Container* worker = runtimes.find(ContainerId(id)))
            text += fmt::format("vllm_router_processed_requests_total{{worker=\"{}\"}} {}\n", worker->podName, count);
    return text;
}

void Client::change(const ClientSettings& to, std::uint64_t seed, Instant now)
{
    settings = to;
    source = LoadGenerator(to.load, seed, now);
    next.reset();
}

void Client::follow(const GatewaySettings* gateway, RandomStream& random, Instant now)
{
    away = gateway == nullptr;
    if (away)
        return;
    settings.saltedPrompts = gateway->ownBeginnings;
    if (gateway->maxTokens == 0 || gateway->maxTokens == settings.load.maxTokens)
        return;
    ClientSettings to = settings;
    to.load.maxTokens = gateway->maxTokens;
    change(to, random.next(), now);
}

void Client::note(Outcome outcome)
{
    ++outcomes[static_cast<std::size_t>(outcome)];
    ++counting[static_cast<std::size_t>(outcome)];
}

double Client::firstTokenSeconds(double share) const
{
    std::vector<float> values;
    for (const Seen& one : seen)
        values.push_back(one.firstToken);
    return quantile(std::move(values), share);
}

double Client::perTokenSeconds(double share) const
{
    std::vector<float> values;
    for (const Seen& one : seen)
        if (one.perToken > 0)
            values.push_back(one.perToken);
    return quantile(std::move(values), share);
}

void Client::addTo(Fingerprint& f) const
{
    sim::addTo(f, settings);
    source.addTo(f);
    sim::addTo(f, next);
    f.add(sent);
    f.add(away);
    for (const std::uint64_t count : outcomes)
        f.add(count);
    sim::addTo(f, seen);
    sim::addTo(f, settled);
}

void RouterState::addTo(Fingerprint& f) const
{
    sim::addTo(f, container);
    f.add(policyName);
    router.addTo(f);
    sim::addTo(f, sent);
}

void FleetStep::meet(std::span<const ContainerId> servers, std::span<const ContainerId> routers)
{
    for (auto entry = m_fleet.m_servers.begin(); entry != m_fleet.m_servers.end();) {
        if (std::binary_search(servers.begin(), servers.end(), entry->first)) {
            ++entry;
            continue;
        }
        end(entry->second);
        for (auto& [id, router] : m_fleet.m_routers)
            router.router.forget(entry->first.value);
        entry = m_fleet.m_servers.erase(entry);
    }
    for (const ContainerId id : servers)
        if (!m_fleet.m_servers.contains(id))
            begin(*m_around.runtimes.find(id));
    std::erase_if(m_fleet.m_routers, [&](const auto& entry) { return !std::binary_search(routers.begin(), routers.end(), entry.first); });
    for (const ContainerId id : routers) {
        if (m_fleet.m_routers.contains(id))
            continue;
        const std::string policy = flagOf(m_around.runtimes.find(id)->program.command, "--policy", "cache_aware");
        const std::vector<std::string>& words = m_around.runtimes.find(id)->program.command;
        AffinitySettings affinity;
        affinity.rememberedBlocks = kRemembered;
        affinity.absoluteImbalance = static_cast<std::uint32_t>(std::max(0, std::atoi(flagOf(words, "--balance-abs-threshold", "64").c_str())));
        affinity.relativeImbalance = std::atof(flagOf(words, "--balance-rel-threshold", "1.5").c_str());
        affinity.knownShare = std::atof(flagOf(words, "--cache-threshold", "0.3").c_str());
        const Router router(routePolicy(policy).value_or(RoutePolicy::LeastLoaded), affinity);
        m_fleet.m_routers.emplace(id, RouterState{id, policy, router, {}, {}});
    }
}

Server* FleetStep::route(ContainerId to, const Request& request, ContainerId& router)
{
    const auto direct = m_fleet.m_servers.find(to);
    if (direct != m_fleet.m_servers.end())
        return direct->second.answers() ? &direct->second : nullptr;
    const auto found = m_fleet.m_routers.find(to);
    if (found == m_fleet.m_routers.end())
        return nullptr;
    std::vector<EngineLoad> loads;
    for (const ContainerId id : workersOf(*m_around.runtimes.find(to), m_around.discovery)) {
        const auto server = m_fleet.m_servers.find(id);
        if (server == m_fleet.m_servers.end() || !server->second.answers())
            continue;
        // A router counts what it has sent and has no answer to yet.
        loads.push_back({id.value, static_cast<std::uint32_t>(server->second.flights.size()), 0, true});
    }
    const std::uint32_t chosen = found->second.router.choose(request, loads);
    if (chosen == Router::kNone)
        return nullptr;
    router = to;
    ++found->second.sent[chosen];
    ++found->second.counting[chosen];
    return &m_fleet.m_servers.at(ContainerId(chosen));
}

void FleetStep::sendOne(std::size_t index, Request request, const std::vector<ContainerId>& behind)
{
    Client& client = m_fleet.m_clients[index];
    ++client.sent;
    ++client.arriving;
    if (behind.empty())
        return client.note(Outcome::Unreachable);
    const Instant arrival = request.arrival;
    const ContainerId to = behind[m_around.runtime.engine.random("serving/connections").below(behind.size())];
    Request own = ownRequest(client, std::move(request));
    ContainerId router;
    Server* server = route(to, own, router);
    if (server == nullptr)
        return client.note(Outcome::Unreachable);
    if (server->phase == ServerPhase::Dead || !server->engine)
        return client.note(Outcome::Failed);
    const auto& names = server->arguments.servedNames;
    if (!client.settings.model.empty() && std::find(names.begin(), names.end(), client.settings.model) == names.end())
        return client.note(Outcome::Refused);
    const RequestId id = server->engine->nextId();
    const std::uint32_t prompt = own.promptTokens();
    if (server->engine->submit(std::move(own), arrival) != Refusal::None)
        return client.note(Outcome::Refused);
    Flight& flight = server->flights[id] = {
        .client = static_cast<std::int64_t>(index), .router = router.valid() ? router.value : 0, .arrival = arrival, .promptTokens = prompt};
    if (client.settings.hangUpShare > 0) {
        RandomStream& random = m_around.runtime.engine.random("serving/readers");
        if (random.unit() < client.settings.hangUpShare)
            flight.leaves = arrival + fromSeconds(random.exponential(client.settings.hangUpSeconds));
    }
}

void FleetStep::send()
{
    struct Due {
        Request request;
        std::size_t client;
    };
    std::vector<Due> due;
    std::vector<std::vector<ContainerId>> behind;
    for (std::size_t i = 0; i < m_fleet.m_clients.size(); ++i) {
        Client& client = m_fleet.m_clients[i];
        behind.push_back(client.away ? std::vector<ContainerId>() : m_around.discovery.endpoints(client.settings.service));
        if (client.settings.load.requestsPerSecond <= 0)
            continue;
        if (!client.next)
            client.next = client.source.next();
        while (client.next->arrival <= now()) {
            due.push_back({std::move(*client.next), i});
            client.next = client.source.next();
        }
    }
    std::stable_sort(due.begin(), due.end(), [](const Due& a, const Due& b) { return a.request.arrival < b.request.arrival; });
    for (Due& one : due)
        sendOne(one.client, std::move(one.request), behind[one.client]);
}

/// A request that will get no answer.
void FleetStep::lose(const Flight& flight, Outcome outcome)
{
    if (flight.client >= 0) {
        if (!flight.judged && !flight.left)
            m_fleet.m_clients[static_cast<std::size_t>(flight.client)].note(outcome);
        return;
    }
    if (flight.left)
        return;
    Ask& ask = m_fleet.m_asks.at(flight.ask);
    ask.ended = ask.failed = true;
    ask.endedAt = now();
}

void FleetStep::end(Server& server)
{
    for (const auto& [id, flight] : std::exchange(server.flights, {}))
        lose(flight, Outcome::Failed);
}

void FleetStep::settle(Server& server)
{
    if (!server.takes())
        return;
    server.engine->advance(now());
    for (const Completion& done : server.engine->takeCompletions()) {
        const auto found = server.flights.find(done.id);
        if (found == server.flights.end())
            continue;
        const Flight flight = found->second;
        server.flights.erase(found);
        if (flight.client < 0) {
            if (flight.left)
                continue;
            Ask& ask = m_fleet.m_asks.at(flight.ask);
            ask.delivered = done.answerTokens;
            ask.firstToken = done.firstToken;
            ask.reason = done.reason;
            ask.cachedTokens = done.cachedTokens;
            ask.ended = true;
            ask.endedAt = done.lastToken;
            continue;
        }
        Client& client = m_fleet.m_clients[static_cast<std::size_t>(flight.client)];
        if (flight.left || done.reason == FinishReason::Abort)
            continue;
        const auto firstToken = static_cast<float>(toSeconds(done.timeToFirstToken()));
        client.seen.push_back({done.lastToken, firstToken, static_cast<float>(done.timePerOutputToken())});
        if (flight.judged)
            continue;
        const bool paused = client.settings.pauseGoal > 0 && static_cast<double>(done.longestPause) > client.settings.pauseGoal;
        client.note(paused || done.timePerOutputToken() > client.settings.tokenGoal ? Outcome::SlowTokens : Outcome::Good);
    }
    // Those that are under way: who has waited too long, who leaves.
    std::vector<RequestId> leaving;
    for (const LlmEngine::Progress& one : server.engine->live()) {
        const auto found = server.flights.find(one.id);
        if (found == server.flights.end())
            continue;
        Flight& flight = found->second;
        flight.delivered = one.delivered;
        if (flight.client < 0)
            m_fleet.m_asks.at(flight.ask).delivered = one.delivered;
        if (flight.client < 0 || flight.left)
            continue;
        Client& client = m_fleet.m_clients[static_cast<std::size_t>(flight.client)];
        const double waited = toSeconds(now() - flight.arrival);
        if (one.delivered == 0 && !flight.judged && waited > client.settings.firstTokenGoal) {
            flight.judged = true;
            client.note(Outcome::SlowFirstToken);
        }
        if (waited > client.settings.patience || now() >= flight.leaves) {
            // Who has read what it wanted to is content.
            if (!flight.judged)
                client.note(now() >= flight.leaves && one.delivered > 0 ? Outcome::Good : Outcome::GaveUp);
            flight.judged = true;
            flight.left = true;
            if (one.delivered == 0)
                client.seen.push_back({now(), static_cast<float>(waited), 0});
            if (server.seesDisconnects())
                leaving.push_back(one.id);
        }
    }
    for (const RequestId id : leaving) {
        server.engine->abort(id, now());
        server.flights.erase(id);
    }
    if (!leaving.empty())
        server.engine->takeCompletions(); // of those that left
}

void FleetStep::book()
{
    FleetResult& result = m_fleet.m_last;
    result = {};
    double shares = 0;
    double clients = 0;
    for (auto& [id, router] : m_fleet.m_routers)
        router.rates = std::exchange(router.counting, {});
    for (Client& client : m_fleet.m_clients) {
        client.latest = std::exchange(client.counting, {});
        client.arrived = std::exchange(client.arriving, 0);
        while (!client.seen.empty() && now() - client.seen.front().at > Client::kWindow)
            client.seen.pop_front();
        const auto all = static_cast<std::uint32_t>(std::accumulate(client.latest.begin(), client.latest.end(), std::uint64_t{0}));
        client.settled.emplace_back(static_cast<std::uint32_t>(client.latest[static_cast<std::size_t>(Outcome::Good)]), all);
        if (client.settled.size() > Client::kSettled)
            client.settled.pop_front();
        double good = 0;
        double settled = 0;
        for (const auto& [well, of] : client.settled) {
            good += well;
            settled += of;
        }
        if (settled > 0)
            client.share = good / settled;
        if (!client.settings.interactive)
            continue;
        shares += client.share;
        ++clients;
        result.requestsPerSecond += static_cast<double>(client.arrived);
        result.firstTokenP99 = std::max(result.firstTokenP99, client.firstTokenSeconds(0.99));
    }
    if (clients > 0)
        result.success = shares / clients;
    // Answers that nobody has asked for are kept a while.
    std::erase_if(m_fleet.m_asks, [&](const auto& entry) { return entry.second.ended && now() - entry.second.endedAt > 600s; });
}

} // namespace sim::serving
