#include "sim/serving/fleet/step.h"

#include <algorithm>

namespace sim::serving {

void Server::addTo(Fingerprint& f) const
{
    sim::addTo(f, container);
    f.add(static_cast<std::uint64_t>(phase));
    sim::addTo(f, arguments);
    sim::addTo(f, gpus);
    f.add(static_cast<std::uint64_t>(corePid));
    sim::addTo(f, workers);
    sim::addTo(f, lines);
    sim::addTo(f, initialises);
    sim::addTo(f, loadBegins);
    sim::addTo(f, loadEnds);
    sim::addTo(f, readyAt);
    sim::addTo(f, failsAt);
    f.add(engine.has_value());
    if (engine)
        engine->addTo(f);
    sim::addTo(f, flights);
    logged.addTo(f);
    sim::addTo(f, lastStats);
    f.add(statsIdle);
    sim::addTo(f, stalledSince);
    f.add(static_cast<std::uint64_t>(stallLines));
    sim::addTo(f, history);
    sampled.addTo(f);
    f.add(busyNs);
    sim::addTo(f, moved);
    sim::addTo(f, busyShare);
    sim::addTo(f, movedLast);
    f.add(generated);
    sim::addTo(f, tokensPerSecond);
}

void Fleet::advance(Surroundings& around, std::span<const ContainerId> servers, std::span<const ContainerId> routers)
{
    FleetStep step(*this, around);
    step.meet(servers, routers);
    for (auto& [id, server] : m_servers) {
        if (server.phase == ServerPhase::Starting)
            step.start(server);
        else if (server.takes())
            step.watch(server);
    }
    step.send();
    for (auto& [id, server] : m_servers) {
        if (server.phase == ServerPhase::Ended)
            continue;
        step.settle(server);
        step.writeStats(server);
        step.occupy(server);
    }
    step.book();
}

void Fleet::attend(Surroundings& around)
{
    FleetStep step(*this, around);
    step.send();
    for (auto& [id, server] : m_servers)
        if (server.phase != ServerPhase::Ended)
            step.settle(server);
}

bool Fleet::isAsked() const
{
    return std::any_of(m_asks.begin(), m_asks.end(), [](const auto& entry) { return !entry.second.ended; });
}

const Client* Fleet::client(const std::string& name) const
{
    const auto found = std::find_if(m_clients.begin(), m_clients.end(), [&](const Client& client) { return client.settings.name == name; });
    return found == m_clients.end() ? nullptr : &*found;
}

const Server* Fleet::find(ContainerId container) const
{
    const auto found = m_servers.find(container);
    return found == m_servers.end() ? nullptr : &found->second;
}

std::size_t Fleet::copiedBytes() const
{
    std::size_t bytes = 0;
    for (const auto& [id, server] : m_servers)
        if (server.engine)
            bytes += server.engine->copiedBytes();
    for (const auto& [id, router] : m_routers)
        bytes += router.router.copiedBytes();
    return bytes;
}

std::int64_t Fleet::workerOn(GpuId gpu) const
{
    for (const auto& [id, server] : m_servers)
        for (std::size_t rank = 0; rank < server.workers.size(); ++rank)
            if (server.gpus[rank] == gpu)
                return server.workers[rank];
    return 0;
}

std::uint64_t Fleet::submit(Surroundings& around, ContainerId to, Request request)
{
    FleetStep step(*this, around);
    const std::uint64_t number = m_nextAsk++;
    Ask& ask = m_asks[number];
    ask.sent = ask.endedAt = around.now();
    Server* server = step.route(to, request);
    ask.ended = server == nullptr || !server->takes();
    if (ask.ended) {
        ask.failed = server != nullptr;
        return number;
    }
    ask.server = server->container;
    ask.request = server->engine->nextId();
    ask.refusal = server->engine->submit(std::move(request), around.now());
    ask.ended = ask.refusal != Refusal::None;
    if (!ask.ended)
        server->flights[ask.request] = {.ask = number, .arrival = around.now()};
    return number;
}

void Fleet::resetPrefixCache(ContainerId server)
{
    if (const auto found = m_servers.find(server); found != m_servers.end() && found->second.engine)
        found->second.engine->resetPrefixCache();
}

const Ask* Fleet::ask(std::uint64_t number) const
{
    const auto found = m_asks.find(number);
    return found == m_asks.end() ? nullptr : &found->second;
}

void Fleet::abandon(Surroundings& around, std::uint64_t number)
{
    const auto found = m_asks.find(number);
    if (found == m_asks.end() || found->second.ended)
        return;
    Ask& ask = found->second;
    ask.ended = true;
    ask.reason = FinishReason::Abort;
    ask.endedAt = around.now();
    Server& server = m_servers.at(ask.server);
    const auto flight = server.flights.find(ask.request);
    if (flight == server.flights.end())
        return;
    if (!server.seesDisconnects()) {
        flight->second.left = true;
        return;
    }
    server.flights.erase(flight);
    server.engine->abort(ask.request, around.now());
}

void Fleet::addTo(Fingerprint& f) const
{
    sim::addTo(f, m_servers);
    sim::addTo(f, m_routers);
    sim::addTo(f, m_clients);
    sim::addTo(f, m_asks);
    f.add(m_nextAsk);
    sim::addTo(f, m_last);
}

} // namespace sim::serving
