#include "core/shell/commands/kubectl/change.h"

#include <fmt/core.h>

#include <set>

namespace core::shell::kubectl {

namespace {

/// What `label` and `annotate` have in common: which map they write, and their words.
struct MapVerb {
    const char* field;    ///< "labels"
    const char* singular; ///< "label"
};
constexpr MapVerb kLabels{"labels", "label"};
constexpr MapVerb kAnnotations{"annotations", "annotation"};

struct MapChange {
    std::vector<std::string> resources;
    std::map<std::string, std::string> set;
    std::vector<std::string> removed;
};

bool isPair(const std::string& word)
{
    return word.find('=') != std::string::npos || (word.size() > 1 && word.back() == '-');
}

std::optional<MapChange> parseChange(Call& call, const MapVerb& verb)
{
    MapChange change;
    bool pairs = false;
    for (const std::string& word : call.words) {
        if (!isPair(word)) {
            if (pairs) {
                call.fail(fmt::format("all resources must be specified before {} changes: {}", verb.singular, word));
                return std::nullopt;
            }
            change.resources.push_back(word);
            continue;
        }
        pairs = true;
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos)
            change.removed.push_back(word.substr(0, word.size() - 1));
        else
            change.set[word.substr(0, equals)] = word.substr(equals + 1);
    }
    for (const std::string& key : change.removed) {
        if (change.set.count(key) > 0) {
            call.fail(fmt::format("can not both modify and remove a {} in the same command", verb.singular));
            return std::nullopt;
        }
    }
    if (call.isLocal() && !change.resources.empty()) {
        call.fail("can only use local files by -f pod.yaml or --filename=pod.json when --local=true is set");
        return std::nullopt;
    }
    if (call.isLocal() && !call.namesFiles()) {
        call.fail("one or more files must be specified as -f pod.yaml or --filename=pod.json");
        return std::nullopt;
    }
    if (change.resources.empty() && !call.namesFiles() && !call.flags.on("list")) {
        call.fail("one or more resources must be specified as <resource> <name> or <resource>/<name>");
        return std::nullopt;
    }
    if (!pairs && !call.flags.on("list")) {
        call.fail(fmt::format("at least one {} update is required", verb.singular));
        return std::nullopt;
    }
    return change;
}

/// The complaint when a value would be replaced without --overwrite; empty when all is well.
std::string conflict(const MapVerb& verb, const Json& existing, const MapChange& change)
{
    std::vector<std::string> taken;
    for (const auto& [key, value] : change.set) {
        const auto it = existing.find(key);
        if (it == existing.end() || *it == value || key == "kubernetes.io/change-cause")
            continue;
        taken.push_back(fmt::format("'{}' already has a value ({})", key, it->get<std::string>()));
    }
    if (taken.empty())
        return {};
    if (verb.field == kLabels.field)
        return taken[0] + ", and --overwrite is false";
    return "--overwrite is false but found the following declared annotation(s): " + join(taken, "; ");
}

int changeOne(Call& call, const MapVerb& verb, const Manifest& target, const MapChange& change)
{
    const Json& found = at(target.object, {"metadata", verb.field});
    const Json existing = found.is_object() ? found : Json::object();
    if (!call.flags.on("overwrite")) {
        if (const std::string problem = conflict(verb, existing, change); !problem.empty())
            return call.fail(problem);
    }
    Json after = existing;
    for (const std::string& key : change.removed) {
        if (verb.field == kLabels.field && after.find(key) == after.end())
            call.out(fmt::format("label \"{}\" not found.\n", key));
        after.erase(key);
    }
    for (const auto& [key, value] : change.set)
        after[key] = value;
    std::string what = "annotated";
    if (verb.field == kLabels.field) {
        // The real tool compares serialised objects: a map that appears, even empty, is a change.
        const bool changed = after != existing || (!found.is_object() && !change.removed.empty());
        const bool shrunk = after.dump().size() < existing.dump().size();
        what = !changed ? "not labeled" : shrunk && !call.flags.on("overwrite") ? "unlabeled" : "labeled";
    }
    Json object = target.object;
    if (after.empty())
        object["metadata"].erase(verb.field);
    else
        object["metadata"][verb.field] = after;
    return changeTo(call, target, object, what);
}

int runMapVerb(Call& call, const MapVerb& verb)
{
    const auto change = parseChange(call, verb);
    if (!change)
        return 1;
    bool failed = false;
    auto targets = gather(call, change->resources, failed);
    for (const Manifest& target : targets) {
        if (call.flags.on("list")) {
            const Json& map = at(target.object, {"metadata", verb.field});
            if (map.is_object()) {
                for (const auto& [key, value] : map.items())
                    call.out(key + "=" + value.get<std::string>() + "\n");
            }
            continue;
        }
        if (changeOne(call, verb, target, *change) != 0)
            failed = true;
    }
    if (targets.empty() && !failed)
        call.err("No resources found\n");
    return failed ? 1 : 0;
}

int runLabel(Call& call) { return runMapVerb(call, kLabels); }
int runAnnotate(Call& call) { return runMapVerb(call, kAnnotations); }

std::vector<FlagSpec> mapFlags()
{
    return {kAll, kAllNamespaces, kDryRun, kFieldManager, kFieldSelector, kFilename, kKustomize, kRecursive,
            {0, "list", FlagSpec::Type::Bool, "false", "Print what is there."}, kLocal, kOutput, kOverwrite, kSelector};
}

} // namespace

Verb labelVerb()
{
    Verb verb{"label", kSettings, "Update the labels on a resource",
              "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N"};
    verb.flags = mapFlags();
    verb.run = runLabel;
    verb.operand = Operand::Resource;
    verb.examples = {"# Add a label", "kubectl label pod web-0 tier=front", "# Replace its value",
                     "kubectl label --overwrite pod web-0 tier=back", "# Remove it", "kubectl label pod web-0 tier-"};
    return verb;
}

Verb annotateVerb()
{
    Verb verb{"annotate", kSettings, "Update the annotations on a resource",
              "[--overwrite] (-f FILENAME | TYPE NAME) KEY_1=VAL_1 ... KEY_N=VAL_N"};
    verb.flags = mapFlags();
    verb.run = runAnnotate;
    verb.operand = Operand::Resource;
    verb.examples = {"# Say why a rollout happened",
                     "kubectl annotate deploy/web kubernetes.io/change-cause='bigger cache'"};
    return verb;
}

} // namespace core::shell::kubectl
