#include "core/shell/commands/kubectl/set.h"
#include "sim/engine/split.h"

#include "sim/kube/api/quantity.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

/// "cpu=200m,memory=512Mi" as an object. Complains and returns nothing when it is malformed.
std::optional<Json> amounts(Call& call, const std::string& flag)
{
    Json result = Json::object();
    const std::string text = call.flags.text(flag);
    if (text.empty())
        return result;
    for (const std::string& pair : sim::split(text, ',')) {
        const auto parts = sim::split(pair, '=');
        if (parts.size() != 2) {
            call.fail(fmt::format("invalid argument syntax {}, expected <resource>=<value>", pair));
            return std::nullopt;
        }
        const auto parsed = sim::kube::parseQuantity(parts[1]);
        if (!parsed.error.empty()) {
            call.fail(parsed.error);
            return std::nullopt;
        }
        result[parts[0]] = parsed.quantity.text;
    }
    return result;
}

void merge(Json& resources, const char* list, const Json& values)
{
    for (const auto& [name, value] : values.items())
        resources[list][name] = value;
}

int runSetResources(Call& call)
{
    if (call.words.empty() && !call.namesFiles())
        return call.fail(kNoResourceForSet);
    if (!call.flags.given("limits") && !call.flags.given("requests"))
        return call.fail("you must specify an update to requests or limits (in the form of --requests/--limits)");
    const auto limits = amounts(call, "limits");
    if (!limits)
        return 1;
    const auto requests = amounts(call, "requests");
    if (!requests)
        return 1;
    const std::string selector = call.flags.text("containers");
    Failures failures;
    TemplateChange change;
    change.done = "resource requirements updated";
    change.noun = "resources update";
    change.tellUnchanged = true;
    change.edit = [&](const Manifest&, Json& podSpec) {
        bool found = false;
        for (const char* list : {"initContainers", "containers"}) {
            const auto containers = podSpec.find(list);
            if (containers == podSpec.end() || !containers->is_array())
                continue;
            for (Json& container : *containers) {
                if (!containerMatches(textAt(container, {"name"}), selector))
                    continue;
                found = true;
                merge(container["resources"], "limits", *limits);
                merge(container["resources"], "requests", *requests);
            }
        }
        if (!found)
            failures.add("error: unable to find container named " + selector);
        return std::string();
    };
    return changeTemplates(call, call.words, change, failures);
}

} // namespace

Verb setResourcesVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"resources", {}, "Update resource requests/limits on objects with pod templates",
              "(-f FILENAME | TYPE NAME) ([--limits=LIMITS & --requests=REQUESTS]"};
    verb.flags = setFlags();
    verb.flags.push_back({'c', "containers", T::Text, "*", "Which containers; * stands for any text."});
    verb.flags.push_back({0, "limits", T::Text, "", "What they may use at most: 'cpu=500m,memory=256Mi'."});
    verb.flags.push_back({0, "requests", T::Text, "", "What is kept free for them: 'cpu=100m,memory=256Mi'."});
    verb.run = runSetResources;
    verb.operand = Operand::Resource;
    verb.examples = {"# More memory", "kubectl set resources deployment web --limits=memory=512Mi"};
    return verb;
}

} // namespace core::shell::kubectl
