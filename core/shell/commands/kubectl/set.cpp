#include "core/shell/commands/kubectl/set.h"

#include "core/shell/commands/kubectl/change.h"
#include "sim/engine/letters.h"

#include "sim/kube/api/kind_operations.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

namespace core::shell::kubectl {

namespace {

using sim::kube::Response;

class TemplateChanger {
public:
    TemplateChanger(Call& call, const TemplateChange& change, Failures& failures)
        : m_call(call), m_change(change), m_failures(failures)
    { }

    int run(const std::vector<std::string>& words)
    {
        if (!dryRunMakesSense(m_call))
            return 1;
        bool failed = false;
        for (const Manifest& target : gather(m_call, words, failed))
            one(target);
        return m_failures.tell(m_call) != 0 || failed ? 1 : 0;
    }

private:
    void one(const Manifest& target)
    {
        Json after = target.object;
        Json* spec = podSpecOf(after);
        const std::string problem = spec ? m_change.edit(target, *spec)
                                         : fmt::format("the object is not a pod or does not have a pod template: *{}.{}", target.kind->version,
                                                     target.kind->kind);
        if (!problem.empty()) {
            m_failures.add(fmt::format("error: {} {}", objectName(m_call, target), problem));
            return;
        }
        const Json patch = mergePatch(target.object, after);
        if (patch.empty()) {
            if (m_change.tellUnchanged)
                m_failures.add(fmt::format("info: {}/{} was not changed", target.kind->plural, target.name));
            return;
        }
        if (m_call.clientDryRun() || m_call.isLocal()) {
            report(m_call, *target.kind, m_call.isLocal() ? asTyped(*target.kind, after) : after, m_change.done);
            return;
        }
        const Response response =
            m_call.client.patch(*target.kind, target.nameSpace, target.name, patch, sim::kube::PatchType::Merge,
                                m_call.serverDryRun(), "kubectl-set");
        if (succeeded(response))
            report(m_call, *target.kind, response.body, m_change.done);
        else if (response.code == 0)
            m_failures.add(response);
        else
            m_failures.add(fmt::format("failed to patch {} to pod template: {}", m_change.noun, messageOf(response)));
    }

    Call& m_call;
    const TemplateChange& m_change;
    Failures& m_failures;
};

/// Go has pointers there, which an empty object leaves out.
void dropEmptySecurityContexts(Json& value)
{
    if (value.is_object() && value.contains("securityContext") && value["securityContext"].empty())
        value.erase("securityContext");
    if (value.is_structured())
        for (Json& item : value)
            dropEmptySecurityContexts(item);
}

} // namespace

std::string objectName(Call& call, const Manifest& target)
{
    std::string kind = target.kind->kind;
    kind = sim::lowered(kind);
    return fmt::format("{}/{}", call.isLocal() ? kind : target.kind->plural, target.name);
}

Json asTyped(const ResourceKind& kind, const Json& object)
{
    if (kind.info == nullptr || kind.info->id == sim::kube::kindIdOf<sim::kube::CustomObject>)
        return object;
    sim::kube::DecodeProblems problems;
    const auto typed = sim::kube::operationsOf(kind.info->id).decode(object, problems);
    Json printed = sim::kube::toJson(kind.info->id, typed.get());
    dropEmptySecurityContexts(printed);
    return printed;
}

std::optional<ResourcesAndPairs> splitPairs(Call& call, const std::string& what, bool removable)
{
    ResourcesAndPairs result;
    std::vector<std::string> pairs;
    for (const std::string& word : call.words) {
        const bool pair = (word.find('=') != std::string::npos && word[0] != '=')
            || (word.size() > 1 && word.back() == '-');
        if (pair) {
            pairs.push_back(word);
        } else if (pairs.empty()) {
            result.resources.push_back(word);
        } else {
            call.fail(fmt::format("all resources must be specified before {} changes: {}", what, word));
            return std::nullopt;
        }
    }
    std::vector<std::string> invalid;
    for (const std::string& pair : pairs) {
        if (const std::size_t equals = pair.find('='); equals != std::string::npos)
            result.set.emplace_back(pair.substr(0, equals), pair.substr(equals + 1));
        else if (removable)
            result.removed.push_back(pair.substr(0, pair.size() - 1));
        else
            invalid.push_back(pair);
    }
    if (!invalid.empty()) {
        call.fail(fmt::format("invalid {} format: {}", what, join(invalid, ", ")));
        return std::nullopt;
    }
    return result;
}

Json* podSpecOf(Json& object)
{
    const auto spec = object.find("spec");
    if (spec == object.end() || !spec->is_object())
        return nullptr;
    if (textAt(object, {"kind"}) == "Pod")
        return &*spec;
    return at(object, {"spec", "template", "spec"}).is_object() ? &(*spec)["template"]["spec"] : nullptr;
}

int changeTemplates(Call& call, const std::vector<std::string>& words, const TemplateChange& change, Failures& failures)
{
    return TemplateChanger(call, change, failures).run(words);
}

bool containerMatches(const std::string& name, const std::string& selector)
{
    const std::size_t star = selector.find('*');
    if (star == std::string::npos)
        return name == selector;
    const std::string rest = selector.substr(star + 1);
    if (name.compare(0, star, selector, 0, star) != 0)
        return false;
    for (std::size_t from = star; from <= name.size(); ++from) {
        if (containerMatches(name.substr(from), rest))
            return true;
    }
    return false;
}

std::vector<FlagSpec> setFlags()
{
    return {kAll, kDryRun, kFieldManager, kFilename, kKustomize, kRecursive, kLocal, kOutput, kSelector, kShowManaged};
}

Verb setVerb()
{
    Verb verb{"set", kBeginner, "Set specific features on objects", "SUBCOMMAND"};
    verb.subverbs = {setEnvVerb(), setImageVerb(), setResourcesVerb(), setSelectorVerb(), setServiceAccountVerb(), setSubjectVerb()};
    return verb;
}

} // namespace core::shell::kubectl
