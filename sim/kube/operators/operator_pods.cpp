#include "sim/kube/operators/operator_pods.h"

#include "sim/kube/client/objects.h"

#include <algorithm>

namespace sim::kube {

namespace {

/// "--name=value", "--name value" and "--name", of command and arguments.
std::map<std::string, std::string> flagsOf(const Container& container)
{
    std::vector<std::string> words = container.command;
    words.insert(words.end(), container.args.begin(), container.args.end());
    std::map<std::string, std::string> flags;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!words[i].starts_with("-"))
            continue;
        const std::string word = words[i].substr(words[i].find_first_not_of('-') == std::string::npos ? words[i].size() : words[i].find_first_not_of('-'));
        if (const std::size_t equals = word.find('='); equals != std::string::npos)
            flags[word.substr(0, equals)] = word.substr(equals + 1);
        else if (i + 1 < words.size() && !words[i + 1].starts_with("-"))
            flags[word] = words[++i];
        else
            flags[word] = "true";
    }
    return flags;
}

const Container* specOf(const Pod& pod, const std::string& name)
{
    const auto& all = pod.spec.containers;
    const auto found = std::find_if(all.begin(), all.end(), [&](const Container& one) { return one.name == name; });
    return found == all.end() ? nullptr : &*found;
}

std::optional<OperatorProcess> onMachine(const Context& context, const Store& store, const std::string& program)
{
    std::optional<OperatorProcess> best;
    for (const auto& [id, container] : context.runtimes.containers()) {
        if (container.sandbox || container.state != container::Container::State::Running || container.program.name != program
            || (best && best->since <= container.readyAt))
            continue;
        const ObjectKey key{container.podNamespace, container.podName};
        const auto pod = store.get<Pod>(key);
        const Container* spec = pod ? specOf(*pod, container.name) : nullptr;
        best = OperatorProcess{key, container.readyAt, spec != nullptr ? flagsOf(*spec) : std::map<std::string, std::string>{}};
    }
    return best;
}

std::optional<OperatorProcess> onFakeNode(const Store& store, const std::string& program)
{
    std::optional<OperatorProcess> best;
    for (const auto& [key, pod] : store.all<Pod>()) {
        const Container* spec = isReady(*pod) && isActive(*pod) ? specOf(*pod, program) : nullptr;
        if (spec == nullptr)
            continue;
        const Condition* ready = findCondition(pod->status.conditions, "Ready");
        const Instant since = ready->lastTransitionTime ? ready->lastTransitionTime->at : Instant{};
        if (!best || since < best->since)
            best = OperatorProcess{key, since, flagsOf(*spec)};
    }
    return best;
}

} // namespace

std::optional<OperatorProcess> findOperator(const Context& context, const Store& store, const ClusterSettings& settings,
                                            const std::string& program)
{
    return settings.nodes.empty() ? onFakeNode(store, program) : onMachine(context, store, program);
}

} // namespace sim::kube
