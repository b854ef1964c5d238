#include "core/golden/control_plane_lab.h"

#include "core/golden/monitor_phase.h"
#include "core/shell/commands/all_commands.h"
#include "sim/kube/api/time_text.h"

#include <fmt/format.h>

namespace core::golden {

namespace {

using nlohmann::json;

// The recordings' control plane had been up for a while, its namespaces for a second.
constexpr sim::Duration kSettled = std::chrono::seconds(25);
constexpr sim::Duration kNodesBefore = std::chrono::milliseconds(800);
// The case before had had a node-1 of its own, which was gone too shortly to be missed (cases 56 and 80).
constexpr sim::Duration kFormerFrom = std::chrono::seconds(9);
constexpr sim::Duration kFormerUntil = std::chrono::milliseconds(850);
constexpr const char* kMachine = "recorder";
constexpr const char* kServerVersion = "v1.33.13";
constexpr const char* kServer = "https://127.0.0.1:6444";

/// The configuration of a user who may be any of the recordings'.
json kubeConfig(const std::string& user)
{
    return {{"apiVersion", "v1"}, {"kind", "Config"}, {"current-context", "golden"},
            {"clusters", {{{"name", "golden"}, {"cluster", {{"server", kServer}}}}}},
            {"contexts", {{{"name", "golden"}, {"context", {{"cluster", "golden"}, {"user", user}}}}}},
            {"users", {{{"name", user}, {"user", {{"uid", user}, {"groups", groupsOf(user)}}}}}}};
}

/// A data centre of one machine, beside a control plane that somebody else runs.
json topologyOf(sim::Instant begin, const Pace& pace)
{
    json files;
    for (const char* user : {"admin", "alice", "bob"})
        files[kMachine][fmt::format("/home/{}/.kube/config", user)] = kubeConfig(user).dump();
    return {{"id", "golden"}, {"start", sim::kube::rfc3339Micro(begin)}, {"hostedControlPlane", true}, {"kubernetesVersion", kServerVersion},
            {"controllerRate", {{"perSecond", pace.controllers.perSecond}, {"burst", pace.controllers.burst}}},
            {"fakeKubeletPaceMillis", pace.kubelets.count()},
            {"network", {{"nodes", "192.168.0.0/24"}, {"gateway", "192.168.0.1"}, {"nameserver", "192.168.0.2"}, {"pods", "10.244.0.0/16"},
                         {"services", "10.96.0.0/12"}, {"dns", "10.96.0.10"}}},
            {"switches", {{{"name", "switch"}}}},
            {"machines", {{{"name", kMachine}, {"role", "bastion"}, {"address", "192.168.0.2"}, {"leaf", "switch"}}}},
            {"names", json::object()},
            {"registry", {{"name", "registry.lab:5000"}, {"machine", kMachine}, {"accounts", json::object()}}},
            {"images", json::array()}, {"manifests", json::array()}, {"files", files},
            {"load", {{"chain", json::array()}, {"requestsPerSecond", 0}}}, {"alerts", json::array()}};
}

} // namespace

std::vector<std::string> groupsOf(const std::string& user)
{
    if (user == "admin")
        return {"system:masters", "system:authenticated"};
    if (user == "alice")
        return {"dev", "system:authenticated"};
    return {"system:authenticated"};
}

ControlPlaneLab::ControlPlaneLab(sim::World world, sim::Instant start)
    : m_world(std::move(world))
    , m_start(start)
    , m_system(*this)
    , m_commands(shell::allCommands())
{
}

sim::Result<std::unique_ptr<ControlPlaneLab>> ControlPlaneLab::start(const Recording& recording, std::uint64_t seed,
                                                                      const Pace& pace)
{
    auto world = sim::World::build(topologyOf(recording.start - kSettled + sim::fromSeconds(nodeMonitorPhase(recording)), pace), seed);
    if (!world)
        return world.error();
    std::unique_ptr<ControlPlaneLab> lab(new ControlPlaneLab(std::move(*world), recording.start));
    if (const auto ready = lab->prepare(recording); !ready)
        return ready.error();
    return lab;
}

sim::Result<sim::Done> ControlPlaneLab::prepare(const Recording& recording)
{
    if (!recording.nodes.empty())
        if (const auto made = makeFormerNode(recording.nodes.front().name); !made)
            return made;
    m_world.runUntil(m_start - kNodesBefore);
    for (const std::string& name : recording.namespaces()) {
        sim::kube::Request create;
        create.verb = sim::kube::Verb::Create;
        create.resource = "namespaces";
        create.name = name;
        create.user = "admin";
        create.body = {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", name}}}};
        const auto result = apply(sim::Command{sim::command::ApiCall{create}});
        if (!result.ok && result.response.code != 409)
            return sim::Error{"the namespace cannot be made: " + result.response.body.dump(), recording.name + "/" + name};
    }
    for (const sim::kube::FakeNode& node : recording.nodes) {
        const auto result = apply(sim::Command{sim::command::FakeNode{sim::command::FakeNode::Verb::Join, node}});
        if (!result.ok)
            return sim::Error{result.error, recording.name};
    }
    return sim::Done{};
}

sim::Result<sim::Done> ControlPlaneLab::makeFormerNode(const std::string& name)
{
    sim::kube::Request request;
    request.resource = "nodes";
    request.name = name;
    request.user = "admin";
    for (const auto& [verb, at] : {std::pair(sim::kube::Verb::Create, m_start - kFormerFrom), std::pair(sim::kube::Verb::Delete, m_start - kFormerUntil)}) {
        m_world.runUntil(at);
        request.verb = verb;
        request.body = verb == sim::kube::Verb::Create ? json{{"apiVersion", "v1"}, {"kind", "Node"}, {"metadata", {{"name", name}}}} : json();
        if (const auto result = apply(sim::Command{sim::command::ApiCall{request}}); !result.ok)
            return sim::Error{"the node of the case before: " + result.response.body.dump(), name};
    }
    return sim::Done{};
}

void ControlPlaneLab::runUntil(sim::Instant to)
{
    if (to > m_world.now())
        m_world.runUntil(to);
}

shell::Place ControlPlaneLab::placeOf(const std::string& user) const
{
    return {m_world.machine(kMachine)->id, std::nullopt, user};
}

} // namespace core::golden
