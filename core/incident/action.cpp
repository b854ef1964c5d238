#include "core/incident/action.h"

#include <algorithm>
#include <array>

namespace core::incident {

namespace {

using namespace sim::command;

bool startsWith(std::string_view text, std::string_view prefix) { return text.substr(0, prefix.size()) == prefix; }

/// Scratch space: nothing in the data centre depends on it.
bool isScratch(std::string_view path)
{
    constexpr std::array<std::string_view, 4> kScratch{"/tmp/", "/home/", "/root/", "/var/tmp/"};
    return std::any_of(kScratch.begin(), kScratch.end(), [&](std::string_view folder) { return startsWith(path, folder); });
}

/// Folders whose content cannot be had again from packages or manifests.
bool isData(std::string_view path)
{
    constexpr std::array<std::string_view, 3> kData{"/var/lib", "/srv", "/etc/kubernetes"};
    return path == "/" || path == "/var" || path == "/etc"
        || std::any_of(kData.begin(), kData.end(), [&](std::string_view folder) { return startsWith(path, folder); });
}

bool deletesObject(const sim::kube::Request& request)
{
    return request.verb == sim::kube::Verb::Delete || request.verb == sim::kube::Verb::DeleteCollection;
}

/// Objects that their owner makes again at once.
bool isEphemeral(const std::string& resource)
{
    constexpr std::array<std::string_view, 6> kEphemeral{"pods", "replicasets.apps", "events", "endpoints",
                                                         "endpointslices.discovery.k8s.io", "leases.coordination.k8s.io"};
    return std::find(kEphemeral.begin(), kEphemeral.end(), resource) != kEphemeral.end();
}

struct EffectOf {
    Effect operator()(const ApiCall& call) const
    {
        const sim::kube::Request& request = call.request;
        if (request.dryRun)
            return Effect::None;
        if (deletesObject(request))
            return isEphemeral(request.resource) ? Effect::Restart : Effect::Irreversible;
        const bool rolloutRestart = request.body.is_object()
            && request.body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace).find("kubectl.kubernetes.io/restartedAt")
                != std::string::npos;
        return request.subresource == "eviction" || rolloutRestart ? Effect::Restart : Effect::Reversible;
    }
    Effect operator()(const UnitAction& action) const
    {
        switch (action.verb) {
        case UnitAction::Verb::Restart:
            return Effect::Restart;
        case UnitAction::Verb::DaemonReload:
        case UnitAction::Verb::ResetFailed:
            return Effect::None;
        default:
            return Effect::Reversible;
        }
    }
    Effect operator()(const Signal&) const { return Effect::Restart; }
    Effect operator()(const WriteFile& file) const { return isScratch(file.path) ? Effect::None : Effect::Reversible; }
    Effect operator()(const RemoveFile& file) const
    {
        return isScratch(file.path) ? Effect::None : isData(file.path) ? Effect::Irreversible : Effect::Reversible;
    }
    Effect operator()(const MakeDirectory& directory) const
    {
        return isScratch(directory.path) ? Effect::None : Effect::Reversible;
    }
    Effect operator()(const ChangeMode& change) const { return isScratch(change.path) ? Effect::None : Effect::Reversible; }
    Effect operator()(const Power& power) const
    {
        return power.verb == Power::Verb::Off ? Effect::Irreversible
            : power.verb == Power::Verb::Reboot ? Effect::Restart : Effect::Reversible;
    }
    Effect operator()(const PullImage&) const { return Effect::None; } // a test that leaves a cached image behind
    Effect operator()(const ContainerAction& action) const
    {
        return action.verb == ContainerAction::Verb::Exit ? Effect::None : Effect::Restart; // a debug shell is nobody's program
    }
    Effect operator()(const DockerCall& call) const
    {
        using namespace sim::container::docker;
        const auto is = [&](auto... kinds) { return (std::holds_alternative<decltype(kinds)>(call.request) || ...); };
        if (is(RemoveContainer{}, PruneContainers{}, RemoveVolume{}, PruneVolumes{}))
            return Effect::Irreversible;
        return is(StopContainer{}, KillContainer{}, PauseContainer{}) ? Effect::Restart : Effect::Reversible;
    }
    Effect operator()(const SpawnProcess&) const { return Effect::None; }
    Effect operator()(const AskModel&) const { return Effect::None; }
    Effect operator()(const LeaveModel&) const { return Effect::None; }
    Effect operator()(const GpuProgram&) const { return Effect::None; }
    Effect operator()(const HttpCall& call) const
    {
        return call.method == "DELETE" ? Effect::Irreversible : Effect::Reversible;
    }
    template <class T>
    Effect operator()(const T&) const { return Effect::Reversible; }
};

/// Flushing a firewall wipes the rules of kube-proxy and the pod network as well: never needed.
bool isTooBroad(const sim::Command& command)
{
    const auto* change = std::get_if<FirewallChange>(&command.body);
    return change != nullptr && change->verb == FirewallChange::Verb::Flush;
}

bool touches(const content::Cause& cause, const std::string& object, const content::Placeholders& values)
{
    return content::anyGlobMatches(cause.necessary, object, values);
}

bool mitigates(const content::Incident& incident, const sim::CommandResult& result, const content::Placeholders& values)
{
    const auto answer = [&] { return result.response.body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); };
    return std::any_of(incident.mitigations.begin(), incident.mitigations.end(), [&](const content::Mitigation& m) {
        return std::all_of(result.changed.begin(), result.changed.end(), [&](const std::string& object) {
                   return content::anyGlobMatches({m.changes}, object, values);
               })
            && content::patternMatches(m.result, answer(), values);
    });
}

} // namespace

Effect effectOf(const sim::Command& command, const sim::CommandResult& result)
{
    return result.changed.empty() ? Effect::None : std::visit(EffectOf{}, command.body);
}

Action classify(const sim::Command& command, const sim::CommandResult& result, const content::Incident& incident,
                const std::string& truth, const content::Placeholders& values)
{
    Action action;
    action.effect = effectOf(command, result);
    action.changed = result.changed;
    if (action.effect == Effect::None)
        return action;
    const auto* call = std::get_if<ApiCall>(&command.body);
    for (const content::Cause& cause : incident.causes) {
        const auto within = [&](const std::string& object) { return touches(cause, object, values); };
        if (std::any_of(action.changed.begin(), action.changed.end(), within))
            action.targets.push_back(cause.id);
        if (cause.id == truth && !isTooBroad(command))
            action.necessary = std::all_of(action.changed.begin(), action.changed.end(), within);
    }
    // A docker container is removed to be made again with other settings: that is part of a repair where it belongs to one.
    const auto* docker = std::get_if<DockerCall>(&command.body);
    action.deletes = (call != nullptr && deletesObject(call->request))
        || (docker != nullptr && std::holds_alternative<sim::container::docker::RemoveContainer>(docker->request) && !action.necessary);
    action.mitigation = !action.deletes && mitigates(incident, result, values);
    if (action.mitigation && truth != "no-fault")
        action.necessary = true;
    return action;
}

bool isEviction(const sim::Command& command)
{
    const auto* call = std::get_if<ApiCall>(&command.body);
    return call != nullptr && call->request.subresource == "eviction";
}

bool isShotgun(const Action& before, const Action& now, bool lookedInBetween)
{
    if (lookedInBetween || before.mitigation || now.mitigation || before.changed == now.changed)
        return false;
    return std::none_of(now.targets.begin(), now.targets.end(), [&](const std::string& cause) {
        return std::find(before.targets.begin(), before.targets.end(), cause) != before.targets.end();
    });
}

} // namespace core::incident
