#include "sim/serving/fleet/step.h"

#include "sim/programs/program.h"
#include "sim/serving/argument_words.h"

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

/// max_tokens of every client whose gateway sets none: nearly all answers end before it, by a stop token.
constexpr std::uint32_t kMostAnswer = 2048;
/// Tokens of a passage that a gateway puts into a prompt.
constexpr std::uint32_t kPassageTokens = 400;

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
    request.priority = client.through.priority.value_or(client.settings.priority);
    request.maxTokens = client.through.answerTokens > 0 ? client.through.answerTokens : kMostAnswer;
    request.answerTokens = std::min(request.answerTokens, request.maxTokens);
    if (client.through.ownBeginnings)
        request.prompt.insert(request.prompt.begin(), Stretch{mixed(client.sent, own ^ 0x74696d65ULL), kSaltTokens});
    return request;
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
    return discovery.ready(programs::flagOf(words, "--service-discovery-namespace").value_or(router.podNamespace), programs::flagOf(words, "--selector").value_or(""));
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
    source = LoadGenerator(arriving(), seed, now);
    next.reset();
}

LoadSettings Client::arriving() const
{
    LoadSettings load = settings.load;
    if (through.contextTokens > 0)
        load.maxTokens = through.contextTokens;
    load.questionTokens += through.documents * kPassageTokens;
    if (through.requestsPerSecond > 0)
        load.requestsPerSecond = std::min(load.requestsPerSecond, through.requestsPerSecond);
    return load;
}

void Client::follow(const GatewaySettings* gateway, RandomStream& random, Instant now)
{
    away = gateway == nullptr;
    if (away || *gateway == through)
        return;
    const LoadSettings before = arriving();
    through = *gateway;
    if (!(arriving() == before))
        change(ClientSettings(settings), random.next(), now);
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
    sim::addTo(f, through);
    source.addTo(f);
    sim::addTo(f, next);
    f.add(sent);
    f.add(away);
    for (const auto* counts : {&outcomes, &latest, &counting})
        for (const std::uint64_t count : *counts)
            f.add(count);
    f.add(arrived);
    f.add(coming);
    sim::addTo(f, seen);
    sim::addTo(f, settled);
    sim::addTo(f, share);
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
        const std::vector<std::string>& words = m_around.runtimes.find(id)->program.command;
        const std::string policy = programs::flagOf(words, "--policy").value_or("cache_aware");
        const auto number = [&words](std::string_view flag, double otherwise) {
            return pythonFloat(programs::flagOf(words, flag).value_or("")).value_or(otherwise);
        };
        AffinitySettings affinity;
        affinity.rememberedBlocks = kRemembered;
        affinity.absoluteImbalance = static_cast<std::uint32_t>(std::clamp(number("--balance-abs-threshold", 64), 0.0, 1e6));
        affinity.relativeImbalance = number("--balance-rel-threshold", 1.5);
        affinity.knownShare = number("--cache-threshold", 0.3);
        m_fleet.m_routers.emplace(id, RouterState{id, policy, Router(routePolicy(policy).value_or(RoutePolicy::LeastLoaded), affinity), {}});
    }
}

const std::vector<ContainerId>& FleetStep::workers(ContainerId router)
{
    const auto [entry, added] = m_workers.try_emplace(router);
    if (added)
        entry->second = workersOf(*m_around.runtimes.find(router), m_around.discovery);
    return entry->second;
}

Server* FleetStep::route(ContainerId to, const Request& request)
{
    const auto direct = m_fleet.m_servers.find(to);
    if (direct != m_fleet.m_servers.end())
        return direct->second.answers() ? &direct->second : nullptr;
    const auto found = m_fleet.m_routers.find(to);
    if (found == m_fleet.m_routers.end())
        return nullptr;
    std::vector<EngineLoad> loads;
    for (const ContainerId id : workers(to)) {
        const auto server = m_fleet.m_servers.find(id);
        if (server == m_fleet.m_servers.end() || !server->second.answers())
            continue;
        // A router counts what it has sent and has no answer to yet.
        loads.push_back({id.value, static_cast<std::uint32_t>(server->second.flights.size()), 0, true});
    }
    const std::uint32_t chosen = found->second.router.choose(request, loads);
    if (chosen == Router::kNone)
        return nullptr;
    ++found->second.sent[chosen];
    return &m_fleet.m_servers.at(ContainerId(chosen));
}

void FleetStep::sendOne(std::size_t index, Request request, const std::vector<ContainerId>& behind)
{
    Client& client = m_fleet.m_clients[index];
    ++client.sent;
    ++client.coming;
    if (behind.empty())
        return client.note(Outcome::Unreachable);
    const Instant arrival = request.arrival;
    const ContainerId to = behind[m_around.runtime.engine.random("serving/connections").below(behind.size())];
    Request own = ownRequest(client, std::move(request));
    Server* server = route(to, own);
    if (server == nullptr || arrival < server->readyAt) // its port was not open yet
        return client.note(Outcome::Unreachable);
    if (server->phase == ServerPhase::Dead || !server->engine)
        return client.note(Outcome::Failed);
    const auto& names = server->arguments.servedNames;
    if (!client.settings.model.empty() && std::find(names.begin(), names.end(), client.settings.model) == names.end())
        return client.note(Outcome::Refused);
    const RequestId id = server->engine->nextId();
    if (server->engine->submit(std::move(own), arrival) != Refusal::None)
        return client.note(Outcome::Refused);
    Flight& flight = server->flights[id] = {.client = static_cast<std::int64_t>(index), .arrival = arrival};
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
        behind.emplace_back();
        if (client.settings.load.requestsPerSecond <= 0)
            continue;
        if (!client.next)
            client.next = client.source.next();
        if (client.next->arrival <= now() && !client.away)
            behind[i] = m_around.discovery.endpoints(client.settings.service);
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
        const bool late = toSeconds(done.timeToFirstToken()) > client.settings.firstTokenGoal;
        const bool slow = paused || done.timePerOutputToken() > client.settings.tokenGoal;
        client.note(late ? Outcome::SlowFirstToken : slow ? Outcome::SlowTokens : Outcome::Good);
    }
    // Those that are under way: who has waited too long, who leaves.
    std::vector<RequestId> leaving;
    for (const LlmEngine::Progress& one : server.engine->live()) {
        const auto found = server.flights.find(one.id);
        if (found == server.flights.end())
            continue;
        Flight& flight = found->second;
        if (flight.left)
            continue;
        if (flight.client < 0) {
            m_fleet.m_asks.at(flight.ask).delivered = one.delivered;
            continue;
        }
        Client& client = m_fleet.m_clients[static_cast<std::size_t>(flight.client)];
        const double waited = toSeconds(now() - flight.arrival);
        const double first = one.delivered > 0 ? toSeconds(one.firstToken - flight.arrival) : waited; // or more
        if (!flight.judged && first > client.settings.firstTokenGoal) {
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
    for (Client& client : m_fleet.m_clients) {
        client.latest = std::exchange(client.counting, {});
        client.arrived = std::exchange(client.coming, 0);
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
