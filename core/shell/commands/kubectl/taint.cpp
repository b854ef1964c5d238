#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/failures.h"
#include "core/shell/commands/kubectl/resources.h"
#include "core/shell/commands/kubectl/typed.h"
#include "sim/engine/split.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

/// "key=value:effect", "key:effect" or "key".
struct TaintSpec {
    Taint taint;
    std::string error;
};

TaintSpec parseTaint(const std::string& text)
{
    TaintSpec spec;
    const auto parts = sim::split(text, ':');
    const auto pair = sim::split(parts[0], '=');
    if (parts.size() > 2 || pair.size() > 2 || pair[0].empty()) {
        spec.error = "invalid taint spec: " + text;
        return spec;
    }
    if (parts.size() == 2) {
        const std::string& effect = parts[1];
        if (effect != "NoSchedule" && effect != "PreferNoSchedule" && effect != "NoExecute") {
            spec.error = fmt::format("invalid taint effect: {}, unsupported taint effect", effect);
            return spec;
        }
        spec.taint.effect = effect;
    } else if (pair.size() == 2) {
        spec.error = "invalid taint spec: " + text;
        return spec;
    }
    spec.taint.key = pair[0];
    if (pair.size() == 2)
        spec.taint.value = pair[1];
    return spec;
}

struct TaintChange {
    std::vector<Taint> added;
    std::vector<Taint> removed; ///< without an effect: all of the key
};

bool sameTaint(const Taint& a, const Taint& b)
{
    return a.key == b.key && a.effect == b.effect;
}

bool contains(const std::vector<Taint>& taints, const Taint& taint)
{
    return std::any_of(taints.begin(), taints.end(), [&](const Taint& t) { return sameTaint(t, taint); });
}

std::optional<TaintChange> parseChange(Call& call, const std::vector<std::string>& words)
{
    TaintChange change;
    for (const std::string& word : words) {
        const bool remove = word.back() == '-';
        const TaintSpec spec = parseTaint(remove ? word.substr(0, word.size() - 1) : word);
        std::string problem = spec.error;
        if (problem.empty() && !remove && spec.taint.effect.empty())
            problem = "invalid taint spec: " + word;
        if (problem.empty() && !remove && contains(change.added, spec.taint)) {
            problem = fmt::format("duplicated taints with the same key and effect: {{{} {} {} <nil>}}", spec.taint.key,
                                  spec.taint.value, spec.taint.effect);
        }
        if (!problem.empty()) {
            call.failUsage(problem);
            return std::nullopt;
        }
        (remove ? change.removed : change.added).push_back(spec.taint);
    }
    for (const Taint& taint : change.removed) {
        if (contains(change.added, taint)) {
            call.failUsage(fmt::format("can not both modify and remove the following taint(s) in the same command: {}",
                                  taint.key));
            return std::nullopt;
        }
    }
    return change;
}

class Tainter {
public:
    Tainter(Call& call, TaintChange change) : m_call(call), m_change(std::move(change)) { }

    int run(const std::vector<std::string>& resources)
    {
        bool failed = false;
        for (const Manifest& target : gather(m_call, resources, failed))
            taint(target);
        return m_failures.tell(m_call) != 0 || failed || m_refused ? 1 : 0;
    }

private:
    void taint(const Manifest& target)
    {
        const std::vector<Taint> old = decoded<Node>(target.object).spec.taints;
        const bool overwrite = m_call.flags.on("overwrite");
        std::vector<std::string> taken;
        for (const Taint& taint : m_change.added) {
            if (contains(old, taint))
                taken.push_back(taint.key);
        }
        if (!overwrite && !taken.empty()) {
            m_failures.add(fmt::format("node {} already has {} taint(s) with same effect(s) and --overwrite is false",
                                       target.name, join(taken, ",")));
            return;
        }
        std::vector<Taint> taints = m_change.added;
        std::copy_if(old.begin(), old.end(), std::back_inserter(taints),
                     [&](const Taint& taint) { return !contains(m_change.added, taint); });
        const bool added = taints.size() != old.size();
        const bool deleted = remove(taints);
        if (m_missing)
            return;
        const char* done = (added && deleted) || overwrite ? "modified" : added ? "tainted" : "untainted";
        Json list = Json::array();
        for (const Taint& taint : taints)
            list.push_back(taintJson(taint));
        Json after = target.object;
        after["spec"].erase("taints");
        if (!list.empty())
            after["spec"]["taints"] = std::move(list);
        if (changeTo(m_call, target, after, done) != 0)
            m_refused = true;
    }

    static Json taintJson(const Taint& taint)
    {
        Node node;
        node.spec.taints.push_back(taint);
        return at(toJson(node), {"spec", "taints"})[0];
    }

    /// Takes out what is to be removed; whether anything was.
    bool remove(std::vector<Taint>& taints)
    {
        bool any = false;
        m_missing = false;
        for (const Taint& gone : m_change.removed) {
            const std::size_t before = taints.size();
            std::erase_if(taints, [&](const Taint& taint) {
                return taint.key == gone.key && (gone.effect.empty() || taint.effect == gone.effect);
            });
            if (taints.size() == before) {
                m_failures.add(fmt::format("taint \"{}\" not found",
                                           gone.key + (gone.effect.empty() ? "" : ":" + gone.effect)));
                m_missing = true;
            }
            any = any || taints.size() != before;
        }
        return any;
    }

    Call& m_call;
    TaintChange m_change;
    Failures m_failures;
    bool m_missing = false;
    bool m_refused = false;
};

int runTaint(Call& call)
{
    if (!dryRunMakesSense(call))
        return 1;
    std::vector<std::string> resources;
    std::vector<std::string> specs;
    for (const std::string& word : call.words) {
        const bool spec = word.find('=') != std::string::npos || word.find(':') != std::string::npos
            || (word.size() > 1 && word.back() == '-');
        if (!spec && !specs.empty())
            return call.fail(fmt::format("all resources must be specified before taint changes: {}", word));
        (spec ? specs : resources).push_back(word);
    }
    if (resources.empty())
        return call.fail("one or more resources must be specified as <resource> <name>");
    const ResourceKind* kind = findResource(resources[0].substr(0, resources[0].find('/')));
    if (!kind || kind->kind != "Node") {
        return call.fail(fmt::format("invalid resource type {}, only [\"node\" \"nodes\"] are supported", resources[0]));
    }
    if (resources.size() < 2 && resources[0].find('/') == std::string::npos && !call.flags.on("all")
        && call.flags.text("selector").empty()) {
        return call.fail("at least one resource name must be specified since 'all' parameter is not set");
    }
    if (specs.empty())
        return call.fail("at least one taint update is required");
    auto change = parseChange(call, specs);
    return change ? Tainter(call, std::move(*change)).run(resources) : 1;
}

} // namespace

Verb taintVerb()
{
    Verb verb{"taint", kManagement, "Update the taints on one or more nodes",
              "NODE NAME KEY_1=VAL_1:TAINT_EFFECT_1 ... KEY_N=VAL_N:TAINT_EFFECT_N"};
    verb.flags = {kAll, kDryRun, kFieldManager, kOutput, kOverwrite, kSelector, kShowManaged};
    verb.run = runTaint;
    verb.operand = Operand::Resource;
    verb.examples = {"# Only pods that tolerate it", "kubectl taint nodes worker-1 dedicated=batch:NoSchedule",
                     "# Without it again", "kubectl taint nodes worker-1 dedicated-"};
    return verb;
}

} // namespace core::shell::kubectl
