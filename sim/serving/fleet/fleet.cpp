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
    f.add(busyNs);
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
    return std::any_of(m_servers.begin(), m_servers.end(), [](const auto& entry) {
        const auto& flights = entry.second.flights;
        return std::any_of(flights.begin(), flights.end(), [](const auto& flight) { return flight.second.client < 0; });
    });
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

std::int64_t Fleet::workerOn(GpuId gpu) const
{
    for (const auto& [id, server] : m_servers)
        for (std::size_t rank = 0; rank < server.workers.size(); ++rank)
            if (server.gpus[rank] == gpu)
                return server.workers[rank];
    return 0;
}

Ticket Fleet::submit(Surroundings& around, ContainerId to, Request request)
{
    FleetStep step(*this, around);
    ContainerId router;
    Server* server = step.route(to, request, router);
    if (server == nullptr || !server->engine)
        return {};
    Ticket ticket{server->container, server->engine->nextId(), Refusal::None};
    const std::uint32_t prompt = request.promptTokens();
    ticket.refusal = server->engine->submit(std::move(request), around.now());
    if (ticket.refusal == Refusal::None)
        server->flights[ticket.request] = {-1, router.valid() ? router.value : 0, around.now(), prompt, 0, false, false};
    return ticket;
}

std::optional<AnswerState> Fleet::answer(const Ticket& ticket) const
{
    const auto past = std::find_if(m_past.begin(), m_past.end(), [&](const Past& one) { return one.ticket == ticket; });
    if (past != m_past.end())
        return past->state;
    const Server* server = find(ticket.server);
    if (server == nullptr || !server->engine || !server->flights.contains(ticket.request))
        return std::nullopt;
    // Between two seconds the engine stands where it was; whoever streams wants to know where it is now.
    for (const LlmEngine::Progress& one : server->engine->live())
        if (one.id == ticket.request)
            return AnswerState{one.delivered, false, false, FinishReason::Length, 0};
    return AnswerState{};
}

void Fleet::abandon(Surroundings& around, const Ticket& ticket)
{
    const auto server = m_servers.find(ticket.server);
    if (server == m_servers.end() || !server->second.engine)
        return;
    const auto flight = server->second.flights.find(ticket.request);
    if (flight == server->second.flights.end())
        return;
    if (!server->second.seesDisconnects()) {
        flight->second.left = true;
        return;
    }
    server->second.engine->abort(ticket.request, around.now());
    server->second.flights.erase(flight);
}

void Fleet::addTo(Fingerprint& f) const
{
    sim::addTo(f, m_servers);
    sim::addTo(f, m_routers);
    sim::addTo(f, m_clients);
    f.add(m_past.size());
    sim::addTo(f, m_last);
}

} // namespace sim::serving
