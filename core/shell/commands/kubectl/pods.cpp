#include "core/shell/commands/kubectl/pods.h"

#include "core/shell/commands/kubelet_answers.h"

#include "core/shell/commands/kubectl/jsonpath.h"
#include "core/shell/commands/kubectl/typed.h"
#include "sim/world/world.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;


bool ready(const Pod& pod)
{
    return std::any_of(pod.status.conditions.begin(), pod.status.conditions.end(), [](const Condition& c) {
        return c.type.value == "Ready" && c.status.value == "True";
    });
}

/// When the pod became ready; the zero time when it is not.
sim::Instant readySince(const Pod& pod)
{
    for (const Condition& c : pod.status.conditions)
        if (c.type.value == "Ready" && c.status.value == "True" && c.lastTransitionTime)
            return c.lastTransitionTime->at;
    return {};
}

std::int64_t mostRestartsOf(const Pod& pod)
{
    std::int64_t most = 0;
    for (const ContainerStatus& status : pod.status.containerStatuses)
        most = std::max<std::int64_t>(most, status.restartCount.value);
    return most;
}

/// Which of a workload's pods is looked at first (kubectl/pkg/util/podutils, ByLogging): bound, running, ready, and that
/// the longest; then those that restarted, then the oldest.
bool moreUseful(const Pod& a, const Pod& b)
{
    const auto phaseRank = [](const Pod& pod) { return pod.status.phase == "Running" ? 0 : pod.status.phase == "Unknown" ? 1 : pod.status.phase == "Pending" ? 2 : 0; };
    if (a.spec.nodeName.empty() != b.spec.nodeName.empty())
        return !a.spec.nodeName.empty();
    if (phaseRank(a) != phaseRank(b))
        return phaseRank(a) < phaseRank(b);
    if (ready(a) != ready(b))
        return ready(a);
    if (ready(a) && readySince(a) != readySince(b))
        return readySince(a) < readySince(b);
    if (mostRestartsOf(a) != mostRestartsOf(b))
        return mostRestartsOf(a) > mostRestartsOf(b);
    return a.metadata.creationTimestamp < b.metadata.creationTimestamp;
}

/// TLS to the API server, its connection to the kubelet, and runc's set-up of the process.
constexpr sim::Duration kStreamSetUp = std::chrono::milliseconds(90);

} // namespace

std::string podSelectorOf(const Json& object)
{
    const Json& selector = at(object, {"spec", "selector"});
    if (!selector.is_object())
        return {};
    const bool plain = textAt(object, {"kind"}) == "Service";
    std::vector<std::string> parts;
    const Json& labels = plain ? selector : at(selector, {"matchLabels"});
    if (labels.is_object()) {
        for (const auto& [key, value] : labels.items())
            parts.push_back(key + "=" + jsonPathText(value));
    }
    const Json& expressions = plain ? Json() : at(selector, {"matchExpressions"});
    if (expressions.is_array()) {
        for (const Json& e : expressions) {
            const std::string key = textAt(e, {"key"});
            const std::string op = textAt(e, {"operator"});
            std::vector<std::string> values;
            for (const Json& value : at(e, {"values"}))
                values.push_back(jsonPathText(value));
            if (op == "Exists")
                parts.push_back(key);
            else if (op == "DoesNotExist")
                parts.push_back("!" + key);
            else
                parts.push_back(key + (op == "In" ? " in (" : " notin (") + join(values, ",") + ")");
        }
    }
    return join(parts, ",");
}

std::vector<Pod> podsOf(Call& call, const Json& workload)
{
    std::vector<Pod> pods;
    const std::string selector = podSelectorOf(workload);
    if (selector.empty())
        return pods;
    const auto items = call.client.list(resourceOf<Pod>(), textAt(workload, {"metadata", "namespace"}), {selector, {}});
    if (const auto* list = std::get_if<std::vector<Json>>(&items)) {
        for (const Json& item : *list)
            pods.push_back(decoded<Pod>(item));
    }
    std::stable_sort(pods.begin(), pods.end(), moreUseful);
    return pods;
}

std::optional<Pod> podFor(Call& call, const std::string& word, bool forLogs)
{
    const ResourceKind& podKind = resourceOf<Pod>();
    const auto named = parseOne(call, word, podKind);
    if (!named)
        return std::nullopt;
    const Response response = call.client.get(*named->kind, call.nameSpace(), named->name);
    if (!succeeded(response)) {
        if (forLogs && response.code == 404) {
            call.fail(fmt::format("error from server (NotFound): {} in namespace \"{}\"", messageOf(response),
                                  call.nameSpace()));
        } else {
            call.refused(response);
        }
        return std::nullopt;
    }
    if (named->kind == &podKind)
        return decoded<Pod>(response.body);
    const auto pods = podsOf(call, response.body);
    if (pods.empty()) {
        call.fail(podSelectorOf(response.body).empty()
                      ? fmt::format("cannot {} {}: selector for pods is not known", call.verb.name, named->kind->typeName())
                      : std::string("timed out waiting for the condition"));
        return std::nullopt;
    }
    if (forLogs && pods.size() > 1)
        call.err(fmt::format("Found {} pods, using pod/{}\n", pods.size(), pods[0].metadata.name));
    return pods[0];
}

bool refusesCompleted(Call& call, const Pod& pod, std::string_view act)
{
    const bool completed = pod.status.phase == "Succeeded" || pod.status.phase == "Failed";
    if (completed)
        call.fail(fmt::format("cannot {} a container in a completed pod; current phase is {}", act, pod.status.phase));
    return completed;
}

const Container* containerNamed(const Pod& pod, const std::string& name)
{
    const auto in = [&](const auto& containers) -> const Container* {
        const auto found = std::find_if(containers.begin(), containers.end(), [&](const Container& c) { return c.name == name; });
        return found == containers.end() ? nullptr : &*found;
    };
    const Container* found = in(*pod.spec.containers);
    if (found == nullptr)
        found = in(*pod.spec.initContainers);
    return found == nullptr ? in(*pod.spec.ephemeralContainers) : found;
}

std::optional<std::string> containerFor(Call& call, const Pod& pod, const std::string& asked)
{
    std::vector<std::string> shown;
    if (!asked.empty()) {
        if (containerNamed(pod, asked) != nullptr)
            return asked;
        call.fail(fmt::format("container {} is not valid for pod {}", asked, pod.metadata.name));
        return std::nullopt;
    }
    for (const Container& container : pod.spec.containers)
        shown.push_back(container.name);
    for (const EphemeralContainer& container : pod.spec.ephemeralContainers)
        shown.push_back(container.name + " (ephem)");
    for (const Container& container : pod.spec.initContainers)
        shown.push_back(container.name + " (init)");
    std::string chosen = pod.spec.containers.empty() ? std::string() : pod.spec.containers[0].name;
    const auto annotation = pod.metadata.annotations.find("kubectl.kubernetes.io/default-container");
    if (annotation != pod.metadata.annotations.end())
        chosen = annotation->second;
    else if (shown.size() > 1 && !call.flags.on("quiet"))
        call.err(fmt::format("Defaulted container \"{}\" out of: {}\n", chosen, join(shown, ", ")));
    return chosen;
}

std::string kubeletProblem(Call& call, const Pod& pod)
{
    const KubeletProblem problem = shell::kubeletProblem(call.inv.door().world(), pod);
    call.inv.sleep(problem.took);
    return problem.text;
}

std::optional<Place> execPlace(Call& call, const Pod& pod, const std::string& container, const std::string& program)
{
    const auto tell = [&](const std::string& text) {
        call.saw(resourceOf<Pod>(), pod.metadata.namespace_, pod.metadata.name);
        call.err(text + "\n");
        return std::nullopt;
    };
    if (pod.spec.nodeName.empty())
        return tell(fmt::format("Error from server (BadRequest): pod {} does not have a host assigned", pod.metadata.name));
    if (const std::string problem = kubeletProblem(call, pod); !problem.empty())
        return tell("Error from server: error dialing backend: " + problem);
    call.inv.sleep(kStreamSetUp);
    const auto* running = call.inv.door().world().containerOf(pod, container, false);
    if (running == nullptr || running->state != sim::container::Container::State::Running)
        return tell(fmt::format("error: Internal error occurred: unable to upgrade connection: container not found (\"{}\")", container));
    const Place place{running->host, running->id, running->program.user.empty() ? "root" : running->program.user};
    if (const std::string problem = execProblem(call.inv.system(), place, *running, call.inv.now(), program); !problem.empty())
        return tell("error: Internal error occurred: Internal error occurred: " + problem);
    return place;
}

} // namespace core::shell::kubectl
