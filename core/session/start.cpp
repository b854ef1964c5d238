#include "core/session/session_state.h"
#include "core/shell/commands/all_commands.h"
#include "sim/engine/assert.h"

#include <fmt/format.h>

// How a session begins: build the world, let it warm up, put the fault in, wait for the page.
namespace core::session {

namespace {

// A page comes within minutes; a fault that hurts nobody (the no-fault twin on a calm seed) is reported by
// a colleague instead.
constexpr sim::Duration kLongestWaitForAlert = std::chrono::minutes(6);
constexpr sim::Duration kLatestInjection = std::chrono::seconds(90);
// Until what a fault needs beside it runs: images are pulled, pods are ready.
constexpr sim::Duration kPreparation = std::chrono::seconds(60);

bool alertFiring(const sim::World& world)
{
    for (const auto& alert : world.telemetry().alerts())
        if (alert.state == sim::telemetry::Alert::State::Firing)
            return true;
    return false;
}

} // namespace

void Session::Impl::openDoors()
{
    door = std::make_unique<SessionDoor>(*this);
    system = std::make_unique<shell::WorldSystem>(*door);
    commands = shell::allCommands();
}

sim::Result<std::unique_ptr<Session>> Session::start(std::shared_ptr<const content::Library> library, StartRequest request)
{
    std::unique_ptr<Session> session(new Session());
    Impl& d = *session->m_impl;
    d.library = std::move(library);
    d.request = std::move(request);
    if (auto begun = d.begin(); !begun)
        return begun.error();
    d.begun = d.world->now();
    return session;
}

std::unique_ptr<Session> Session::again() const
{
    FL_ASSERT(m_impl->timeline.inputs.empty() && m_impl->terminals.empty() && m_impl->world->now() == m_impl->begun);
    std::unique_ptr<Session> session(new Session());
    Impl& d = *session->m_impl;
    d.library = m_impl->library;
    d.request = m_impl->request;
    d.incident = m_impl->incident;
    d.world = m_impl->world;
    d.run = m_impl->run;
    d.nextTick = m_impl->nextTick;
    d.opened = m_impl->opened;
    d.begun = m_impl->begun;
    d.timeline = m_impl->timeline;
    d.idle = m_impl->idle;
    d.openDoors();
    return session;
}

/// The seed decides cause (when blind), moment and variant, each from its own stream. The variant is left to the world,
/// unless some of the cause's play in another data centre.
sim::Result<sim::Done> Session::Impl::chooseCause()
{
    if (request.cause.empty()) {
        FL_ASSERT(!incident->causes.empty());
        sim::RandomStream stream(request.seed, "session/cause");
        request.cause = incident->causes[stream.below(incident->causes.size())].id;
    }
    const content::Cause* cause = incident->cause(request.cause);
    if (cause == nullptr) {
        std::string known;
        for (const auto& one : incident->causes)
            known += (known.empty() ? "" : ", ") + one.id;
        return sim::Error{"incident " + request.incident + " has no such cause; it has " + known, request.cause};
    }
    if (!cause->topologies.empty() && request.variant.empty()) {
        sim::RandomStream stream(request.seed, "session/variant");
        request.variant = cause->variants[stream.below(cause->variants.size())];
    }
    const auto elsewhere = cause->topologies.find(request.variant);
    request.topology = elsewhere == cause->topologies.end() ? incident->topology : elsewhere->second;
    return sim::Done{};
}

sim::Result<sim::Done> Session::Impl::begin()
{
    if (!request.incident.empty()) {
        incident = library->incident(request.incident);
        if (incident == nullptr)
            return sim::Error{"no such incident; `faultctl incidents` lists them", request.incident};
        if (auto chosen = chooseCause(); !chosen)
            return chosen.error();
    }
    const auto topology = library->topologies.find(request.topology);
    if (topology == library->topologies.end())
        return sim::Error{"no such topology; `faultctl topologies` lists them", request.topology};
    auto built = sim::World::build(*topology, request.seed);
    if (!built)
        return built.error();
    world.emplace(std::move(*built));
    openDoors();
    timeline.name = "A";
    nextTick = tickAfter(*world, world->now());
    keepFrame();
    runUntil(world->now() + std::chrono::seconds(topology->value("warmUpSeconds", 300)));
    opened = world->now();
    if (incident == nullptr)
        return sim::Done{};

    const content::Cause* cause = incident->cause(request.cause);
    sim::RandomStream moment(request.seed, "session/moment");
    runUntil(world->now() + std::chrono::seconds(moment.below(static_cast<std::uint64_t>(kLatestInjection / std::chrono::seconds(1)))));

    timeline.seed.incident = std::shared_ptr<const content::Incident>(library, incident);
    timeline.seed.cause = cause->id;
    timeline.seed.settings.studyMode = request.studyMode;
    timeline.seed.settings.blind = request.blind;
    nlohmann::json parameters = cause->parameters.is_object() ? cause->parameters : nlohmann::json::object();
    parameters["cause"] = cause->id;
    if (!request.variant.empty())
        parameters["variant"] = request.variant;
    const std::string fault = cause->faultId.empty() ? incident->id : cause->faultId;
    nlohmann::json preparation = parameters;
    preparation["stage"] = "prepare";
    const sim::CommandResult prepared = apply(sim::Command{sim::command::InjectFault{fault, preparation}});
    if (!prepared.ok)
        return sim::Error{prepared.error, request.incident + "/" + cause->id};
    if (prepared.response.body.is_object()) {
        parameters = prepared.response.body;
        runUntil(world->now() + kPreparation);
    }
    const sim::CommandResult injected = apply(sim::Command{sim::command::InjectFault{fault, parameters}});
    if (!injected.ok)
        return sim::Error{injected.error, request.incident + "/" + cause->id};
    Told told;
    told.kind = Told::Kind::Injected;
    told.note = injected.response.body.dump();
    record(std::move(told));

    const sim::Instant latest = world->now() + kLongestWaitForAlert;
    while (world->now() < latest && !alertFiring(*world))
        runUntil(world->now() + std::chrono::seconds(1));
    return sim::Done{};
}

} // namespace core::session
