#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/manifest_input.h"
#include "core/shell/commands/kubectl/temporary_file.h"
#include "core/shell/commands/kubectl/three_way_merge.h"

#include "sim/kube/api/yaml.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using sim::kube::Response;

// 1 says that there are differences.
constexpr int kDifferent = 1;
constexpr int kTrouble = 2;

std::string fileName(const Manifest& manifest)
{
    const ResourceKind& kind = *manifest.kind;
    return fmt::format("{}{}.{}.{}.{}", kind.group.empty() ? "" : kind.group + ".", kind.version, kind.kind,
                       manifest.nameSpace, manifest.name);
}

/// Puts stars in the place of a Secret's values, telling only which differ.
void maskSecret(Json& live, Json& merged)
{
    constexpr const char* kMask = "***";
    Json& before = live["data"];
    Json& after = merged["data"];
    for (auto it = before.begin(); it != before.end(); ++it) {
        const auto same = after.find(it.key());
        const bool changed = same != after.end() && *same != *it;
        *it = changed ? "*** (before)" : kMask;
        if (same != after.end())
            *same = changed ? "*** (after)" : kMask;
    }
    for (auto it = after.begin(); it != after.end(); ++it) {
        if (before.find(it.key()) == before.end())
            *it = kMask;
    }
    for (Json* object : {&live, &merged}) {
        if (object->at("data").is_null())
            object->erase("data");
    }
}

std::string yamlText(Json object)
{
    if (!object.is_object() || object.empty())
        return {};
    if (object.contains("metadata"))
        object["metadata"].erase("managedFields");
    return sim::kube::toYaml(object);
}

class Differ {
public:
    explicit Differ(Call& call)
        : m_call(call), m_live(fmt::format("/tmp/LIVE-{}", temporaryNumber(call, 0))),
          m_merged(fmt::format("/tmp/MERGED-{}", temporaryNumber(call, 1)))
    { }

    int run()
    {
        if (!m_call.words.empty()) {
            m_call.failUsage(fmt::format("Unexpected args: [{}]", join(m_call.words, " ")));
            return kTrouble;
        }
        if (!m_call.namesFiles()) {
            m_call.fail("must specify one of -f and -k");
            return kTrouble;
        }
        bool failed = false;
        const std::vector<Manifest> manifests = readManifests(m_call, failed);
        if (failed)
            return kTrouble;
        for (const Manifest& manifest : manifests) {
            if (!compare(manifest))
                return kTrouble;
        }
        return print();
    }

private:
    struct Pair {
        std::string name;
        std::string live;
        std::string merged;
    };

    /// The object as it would be after an apply. Complains and returns nothing when the server refuses.
    std::optional<Json> mergedObject(const Manifest& manifest, const Json& live)
    {
        // As apply has it, but without its annotation, which is no part of the comparison.
        Json modified = withLastApplied(manifest.object);
        if (modified["metadata"]["annotations"].is_object())
            modified["metadata"]["annotations"].erase(kLastAppliedAnnotation);
        auto request = m_call.client.request(live.is_null() ? sim::kube::Verb::Create : sim::kube::Verb::Patch,
                                             *manifest.kind, manifest.nameSpace, manifest.name);
        request.dryRun = true;
        request.fieldManager = "kubectl-client-side-apply";
        if (live.is_null()) {
            request.body = modified;
        } else {
            const Json lastApplied =
                Json::parse(textAt(live, {"metadata", "annotations", kLastAppliedAnnotation}), nullptr, false);
            request.body = mergePatch(live, threeWayMerge(lastApplied, modified, live));
            request.patchType = sim::kube::PatchType::Merge;
        }
        Response response = m_call.client.write(std::move(request));
        if (!succeeded(response)) {
            m_call.refused(response);
            return std::nullopt;
        }
        // Nothing was stored, so there is no new version.
        if (live.is_null())
            response.body["metadata"].erase("resourceVersion");
        else
            response.body["metadata"]["resourceVersion"] = at(live, {"metadata", "resourceVersion"});
        return std::move(response.body);
    }

    bool compare(const Manifest& manifest)
    {
        const Response found = m_call.client.get(*manifest.kind, manifest.nameSpace, manifest.name);
        if (!succeeded(found) && found.code != 404) {
            m_call.refused(found);
            return false;
        }
        Json live = succeeded(found) ? found.body : Json();
        auto merged = mergedObject(manifest, live);
        if (!merged)
            return false;
        const bool secret = manifest.kind->kind == "Secret";
        const bool missing = live.is_null();
        if (secret)
            maskSecret(live, *merged);
        m_call.saw(*manifest.kind, manifest.nameSpace, manifest.name);
        // The mask makes an object of a Secret that is not there, too, and the real one prints it.
        std::string before = secret && missing ? "null\n" : yamlText(std::move(live));
        m_pairs.push_back({fileName(manifest), std::move(before), yamlText(std::move(*merged))});
        return true;
    }

    /// Runs the shell's diff on files in two directories, as it would print comparing the directories.
    int print()
    {
        std::sort(m_pairs.begin(), m_pairs.end(), [](const Pair& a, const Pair& b) { return a.name < b.name; });
        System& system = m_call.inv.system();
        const Place& place = m_call.inv.place();
        system.makeDirectory(place, m_live);
        system.makeDirectory(place, m_merged);
        int status = 0;
        for (const Pair& pair : m_pairs) {
            if (pair.live == pair.merged || status > kDifferent)
                continue;
            const std::string live = m_live + "/" + pair.name;
            const std::string merged = m_merged + "/" + pair.name;
            system.writeFile(place, live, pair.live, false);
            system.writeFile(place, merged, pair.merged, false);
            m_call.out(fmt::format("diff -u -N {} {}\n", live, merged));
            status = std::max(status, m_call.inv.run({"diff", "-u", live, merged}));
            system.removeFile(place, live);
            system.removeFile(place, merged);
        }
        system.removeFile(place, m_live);
        system.removeFile(place, m_merged);
        if (status > kDifferent)
            m_call.fail(fmt::format("failed to run \"diff\": exit status {}", status));
        return status;
    }

    Call& m_call;
    std::string m_live;
    std::string m_merged;
    std::vector<Pair> m_pairs;
};

int runDiff(Call& call) { return Differ(call).run(); }

} // namespace

Verb diffVerb()
{
    Verb verb{"diff", kAdvanced, "Diff the live version against a would-be applied version", "-f FILENAME"};
    verb.flags = {kFilename, kKustomize, kRecursive, kFieldManager, kShowManaged};
    verb.run = runDiff;
    verb.examples = {"# What applying a file would change", "kubectl diff -f web.yaml"};
    return verb;
}

} // namespace core::shell::kubectl
