#include "core/shell/commands/kubectl/kustomize.h"

#include "core/shell/commands/kubectl/klog.h"
#include "core/shell/commands/kubectl/kustomize_generators.h"
#include "core/shell/commands/kubectl/kustomize_patches.h"
#include "core/shell/paths.h"
#include "sim/kube/api/field_errors.h"
#include "sim/kube/api/yaml.h"

#include <fmt/core.h>

#include <algorithm>

// kustomize/api/internal/target/kusttarget.go: what a kustomization does, and in which order.
namespace core::shell::kubectl {

namespace {

constexpr int kDeepest = 32; // kustomizations inside each other
constexpr std::string_view kFileNames[] = {"kustomization.yaml", "kustomization.yml", "Kustomization"};
constexpr std::string_view kDone[] = {
    "apiVersion",         "kind",      "metadata",       "resources",        "bases",           "namePrefix",         "nameSuffix",
    "namespace",          "commonLabels", "labels",      "commonAnnotations", "images",         "replicas",           "configMapGenerator",
    "secretGenerator",    "generatorOptions", "patches", "patchesStrategicMerge", "patchesJson6902"};
/// Fields of the real one that this lab does without.
constexpr std::string_view kLeftOut[] = {
    "openapi",      "imageTags",  "replacements",   "vars",         "sortOptions",  "components", "crds", "helmGlobals",
    "helmCharts",   "helmChartInflationGenerator",  "configurations", "generators", "transformers", "validators", "buildMetadata"};

bool isOneOf(const auto& list, const std::string& name)
{
    return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

class Kustomization {
public:
    Kustomization(Call& call, std::vector<std::string> above) : m_call(call), m_above(std::move(above)) { }

    /// Adds the folder's objects to `resources`, names not yet fixed. What went wrong; empty when nothing.
    std::string build(const std::string& folder, std::vector<KustomizedResource>& resources)
    {
        m_folder = folder;
        if (std::string problem = open(); !problem.empty())
            return problem;
        if (isOneOf(m_above, m_folder) || m_above.size() > kDeepest)
            return fmt::format("cycle detected: candidate root '{}' contains visited root '{}'", m_folder, m_folder);
        for (const char* field : {"resources", "bases"})
            for (const Json& path : at(m_file, {field}))
                if (std::string problem = path.is_string() ? accumulate(path) : std::string(); !problem.empty())
                    return problem;
        for (const auto& [field, secret] : {std::pair{"configMapGenerator", false}, {"secretGenerator", true}})
            for (const Json& entry : at(m_file, {field}))
                if (const auto problem = generate(m_resources, entry, at(m_file, {"generatorOptions"}), secret, reader()))
                    return *problem;
        if (std::string problem = transform(); !problem.empty())
            return problem;
        for (KustomizedResource& one : m_resources) {
            const std::string id = one.id();
            if (std::any_of(resources.begin(), resources.end(), [&](const KustomizedResource& other) { return other.id() == id; }))
                return fmt::format("may not add resource with an already registered id: {}", id);
            resources.push_back(std::move(one));
        }
        return {};
    }

private:
    std::string open()
    {
        System& system = m_call.inv.system();
        const auto stat = system.stat(m_call.inv.place(), m_folder);
        if (!stat || stat->type != FileStat::Type::Directory)
            return fmt::format("must build at directory: not a valid directory: evalsymlink failure on '{0}' : lstat {0}: no such file or directory", m_folder);
        std::string text;
        int found = 0;
        for (const std::string_view name : kFileNames) {
            const ReadFile file = system.readFile(m_call.inv.place(), joinPath(m_folder, name));
            if (file.error != Errno::None)
                continue;
            text = file.text;
            m_name = name;
            ++found;
        }
        if (found == 0)
            return fmt::format("unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{}'", m_folder);
        if (found > 1)
            return fmt::format("Found multiple kustomization files under: {}\n", m_folder);
        const auto documents = sim::kube::parseYaml(text);
        if (!documents)
            return "invalid Kustomization: " + documents.error().message;
        m_file = documents->empty() ? Json::object() : documents->front();
        if (!m_file.is_object())
            return "invalid Kustomization: json: cannot unmarshal " + std::string(m_file.type_name()) + " into Go value of type types.Kustomization";
        if (m_file.empty())
            return m_name + " is empty";
        for (const auto& [field, value] : m_file.items()) {
            if (isOneOf(kLeftOut, field))
                return fmt::format("field \"{}\" is not modelled by this lab", field);
            if (!isOneOf(kDone, field))
                return fmt::format("invalid Kustomization: json: unknown field \"{}\"", field);
        }
        warnOfDeprecated();
        return {};
    }

    void warnOfDeprecated()
    {
        for (const auto& [field, instead] : {std::pair{"bases", "resources"}, {"commonLabels", "labels"}, {"patchesJson6902", "patches"},
                                             {"patchesStrategicMerge", "patches"}})
            if (m_file.contains(field))
                m_call.err(fmt::format("# Warning: '{}' is deprecated. Please use '{}' instead. Run 'kustomize edit fix' to update your Kustomization "
                                       "automatically.\n", field, instead));
    }

    std::string lstatProblem(const std::string& path) const
    {
        return fmt::format("evalsymlink failure on '{0}' : lstat {0}: no such file or directory", joinPath(m_folder, path));
    }

    /// A file below the folder; files elsewhere are refused.
    std::string readText(const std::string& path, std::string& text)
    {
        const std::string absolute = joinPath(m_folder, path);
        const ReadFile file = m_call.inv.system().readFile(m_call.inv.place(), absolute);
        if (file.error != Errno::None)
            return lstatProblem(path);
        if (!absolute.starts_with(m_folder == "/" ? m_folder : m_folder + "/"))
            return fmt::format("security; file '{}' is not in or below '{}'", absolute, m_folder);
        text = file.text;
        return {};
    }
    KustomizeFile reader()
    {
        return [this](const std::string& path, std::string& text) { return readText(path, text); };
    }

    std::string accumulate(const std::string& path)
    {
        const std::string absolute = joinPath(m_folder, path);
        const auto stat = m_call.inv.system().stat(m_call.inv.place(), absolute);
        if (stat && stat->type == FileStat::Type::Directory) {
            std::vector<std::string> above = m_above;
            above.push_back(m_folder);
            std::vector<KustomizedResource> below = m_resources;
            const std::string problem = Kustomization(m_call, std::move(above)).build(absolute, below);
            m_resources = std::move(below);
            if (problem.empty())
                return {};
            const bool merging = problem.starts_with("may not add");
            return fmt::format("accumulating resources: accumulation err='accumulating resources from '{}': '{}' must resolve to a file': {} '{}': {}", path,
                               absolute, merging ? "recursed merging from path" : "recursed accumulation of path", absolute, problem);
        }
        std::string text;
        if (const std::string problem = readText(path, text); !problem.empty())
            return fmt::format("accumulating resources: accumulation err='accumulating resources from '{}': {}': must build at directory: not a valid "
                               "directory: {}", path, problem, stat ? "file is not directory" : lstatProblem(path));
        const auto documents = sim::kube::parseYaml(text);
        if (!documents)
            return fmt::format("accumulating resources: accumulation err='accumulating resources from '{}': MalformedYAMLError: {} in File: {}': must build "
                               "at directory: '{}': file is not directory", path, documents.error().message, path, absolute);
        for (const Json& document : *documents)
            if (std::string problem = add(document, path); !problem.empty())
                return problem;
        return {};
    }

    std::string add(const Json& object, const std::string& path)
    {
        const std::string kind = textAt(object, {"kind"});
        if (kind.ends_with("List") && at(object, {"items"}).is_array()) {
            for (const Json& item : object.at("items"))
                if (std::string problem = add(item, path); !problem.empty())
                    return problem;
            return {};
        }
        const std::string missing = kind.empty() ? "missing Resource kind" : textAt(object, {"metadata", "name"}).empty() ? "missing metadata.name" : "";
        if (!missing.empty())
            return fmt::format("accumulating resources: accumulation err='accumulating resources from '{0}': {1} in object': must build at directory: '{2}': "
                               "file is not directory", path, missing, joinPath(m_folder, path));
        KustomizedResource resource{object, {}, false};
        const std::string id = resource.id();
        if (std::any_of(m_resources.begin(), m_resources.end(), [&](const KustomizedResource& one) { return one.id() == id; }))
            return fmt::format("accumulating resources: accumulation err='merging resources from '{}': may not add resource with an already registered id: "
                               "{}': must build at directory: '{}': file is not directory", path, id, joinPath(m_folder, path));
        m_resources.push_back(std::move(resource));
        return {};
    }

    std::string transform()
    {
        for (const auto step : {&Kustomization::mergePatches, &Kustomization::applyPatches})
            if (std::string problem = (this->*step)(); !problem.empty())
                return problem;
        setNamespace();
        rename();
        label();
        for (KustomizedResource& one : m_resources)
            addAnnotations(one, at(m_file, {"commonAnnotations"}));
        for (const auto step : {&Kustomization::applyOperations, &Kustomization::setReplicas})
            if (std::string problem = (this->*step)(); !problem.empty())
                return problem;
        setImages();
        return {};
    }

    std::string mergePatches()
    {
        for (const Json& entry : at(m_file, {"patchesStrategicMerge"})) {
            if (!entry.is_string())
                continue;
            std::string text = entry;
            if (text.find('\n') == std::string::npos)
                if (const std::string problem = readText(entry, text); !problem.empty())
                    return problem;
            if (const auto problem = patchSelected(m_resources, Json(), text))
                return *problem;
        }
        return {};
    }

    /// The text of an entry's `patch`, or of the file at its `path`.
    std::string patchText(const Json& entry, std::string& text)
    {
        text = textAt(entry, {"patch"});
        const std::string path = textAt(entry, {"path"});
        if (path.empty() || !text.empty())
            return {};
        const std::string problem = readText(path, text);
        return problem.empty() ? problem
                               : fmt::format("trouble configuring builtin PatchTransformer with config: `\npath: {0}\n`: failed to get the patch file from "
                                             "path({0}): {1}", path, problem);
    }

    std::string applyPatches() { return applyAll("patches"); }
    std::string applyOperations() { return applyAll("patchesJson6902"); }
    std::string applyAll(std::string_view field)
    {
        for (const Json& entry : at(m_file, {field})) {
            std::string text;
            if (std::string problem = patchText(entry, text); !problem.empty())
                return problem;
            if (const auto problem = patchSelected(m_resources, at(entry, {"target"}), text))
                return *problem;
        }
        return {};
    }

    /// kustomize asks no server: kinds that it does not know are in namespaces.
    static bool isClusterScoped(const KustomizedResource& one)
    {
        return std::any_of(resourceKinds().begin(), resourceKinds().end(), [&](const ResourceKind& kind) {
            return !kind.namespaced && kind.kind == one.kind() && kind.apiVersion() == textAt(one.object, {"apiVersion"});
        });
    }

    void setNamespace()
    {
        const std::string space = textAt(m_file, {"namespace"});
        if (space.empty())
            return;
        for (KustomizedResource& one : m_resources) {
            const std::string kind = one.kind();
            if (kind == "Namespace")
                one.rename(space);
            else if (!isClusterScoped(one))
                one.object["metadata"]["namespace"] = space;
            if (kind == "RoleBinding" || kind == "ClusterRoleBinding")
                visitPath(one.object, "subjects", false, [&](Json& subject) {
                    if (textAt(subject, {"name"}) == "default")
                        subject["namespace"] = space;
                });
        }
    }

    void rename()
    {
        const std::string prefix = textAt(m_file, {"namePrefix"});
        const std::string suffix = textAt(m_file, {"nameSuffix"});
        if (prefix.empty() && suffix.empty())
            return;
        for (KustomizedResource& one : m_resources)
            if (const std::string kind = one.kind(); kind != "CustomResourceDefinition" && kind != "APIService" && kind != "Namespace")
                one.rename(prefix + one.name() + suffix);
    }

    void label()
    {
        for (const Json& entry : at(m_file, {"labels"})) {
            const LabelReach reach = at(entry, {"includeSelectors"}) == Json(true) ? LabelReach::Selectors
                : at(entry, {"includeTemplates"}) == Json(true)                    ? LabelReach::Templates
                                                                                   : LabelReach::Metadata;
            for (KustomizedResource& one : m_resources)
                addLabels(one, at(entry, {"pairs"}), reach);
        }
        for (KustomizedResource& one : m_resources)
            addLabels(one, at(m_file, {"commonLabels"}), LabelReach::Selectors);
    }

    std::string setReplicas()
    {
        constexpr std::string_view kScaled[] = {"Deployment", "StatefulSet", "ReplicaSet", "ReplicationController"};
        for (const Json& entry : at(m_file, {"replicas"})) {
            const std::string name = textAt(entry, {"name"});
            bool found = false;
            for (KustomizedResource& one : m_resources)
                if (one.isCalled(name) && isOneOf(kScaled, one.kind())) {
                    visitPath(one.object, "spec", true, [&](Json& spec) {
                        if (spec.is_object())
                            spec["replicas"] = numberAt(entry, {"count"});
                    });
                    found = true;
                }
            if (!found)
                return fmt::format("resource with name {} does not match a config with the following GVK [Deployment.[noVer].[noGrp] "
                                   "StatefulSet.[noVer].[noGrp] ReplicaSet.[noVer].[noGrp] ReplicationController.[noVer].[noGrp]]", name);
        }
        return {};
    }

    void setImages()
    {
        for (const Json& entry : at(m_file, {"images"}))
            for (KustomizedResource& one : m_resources)
                setImagesIn(one.object, entry);
    }

    /// Wherever containers stand: custom kinds hold pods, too.
    static void setImagesIn(Json& value, const Json& entry)
    {
        if (value.is_object())
            for (const char* list : {"containers", "initContainers"})
                if (const auto found = value.find(list); found != value.end())
                    visitPath(*found, "image", false, [&](Json& image) {
                        if (image.is_string())
                            image = newImage(image, entry);
                    });
        if (value.is_structured())
            for (Json& below : value)
                setImagesIn(below, entry);
    }

    static std::string newImage(const std::string& image, const Json& entry)
    {
        const std::string wanted = textAt(entry, {"name"});
        if (!image.starts_with(wanted) || (image.size() > wanted.size() && image[wanted.size()] != ':' && image[wanted.size()] != '@'))
            return image;
        const std::string tag = textAt(entry, {"newTag"});
        const std::string digest = textAt(entry, {"digest"});
        const std::string newName = textAt(entry, {"newName"});
        const std::string name = newName.empty() ? wanted : newName;
        std::string rest = image.substr(wanted.size());
        if (!tag.empty() || !digest.empty())
            rest = (tag.empty() ? "" : ":" + tag) + (digest.empty() ? "" : "@" + digest);
        return name + rest;
    }

    Call& m_call;
    std::vector<std::string> m_above; ///< the folders that led here
    std::string m_folder;
    std::string m_name;               ///< of the file
    Json m_file;
    std::vector<KustomizedResource> m_resources;
};

std::string indented(std::string text)
{
    for (std::size_t at = 0; (at = text.find('\n', at)) != std::string::npos; at += 2)
        text.insert(at + 1, "\t");
    return text;
}

/// A failure as the last line of the client's log.
int failAsLog(Call& call, const std::string& text)
{
    const std::string quoted = text.find('\n') == std::string::npos ? sim::kube::goQuoted(text) : "<\n\t" + indented(text) + "\n >";
    call.err(klogLine(call, 'E', "run.go:72", "\"command failed\" err=" + quoted));
    return 1;
}

int runKustomize(Call& call)
{
    if (call.words.size() > 1)
        return failAsLog(call, "specify one path to kustomization.yaml");
    const auto built = kustomized(call, call.words.empty() ? "." : call.words.front());
    if (const auto* failure = std::get_if<KustomizeFailure>(&built))
        return failAsLog(call, failure->text);
    std::string text;
    for (const Json& object : std::get<std::vector<Json>>(built))
        text += (text.empty() ? "" : "---\n") + sim::kube::toYaml(object);
    call.out(text);
    return 0;
}

} // namespace

std::variant<std::vector<Json>, KustomizeFailure> kustomized(Call& call, const std::string& folder)
{
    std::vector<KustomizedResource> resources;
    if (const std::string problem = Kustomization(call, {}).build(call.inv.absolutePath(folder), resources); !problem.empty())
        return KustomizeFailure{problem};
    for (KustomizedResource& one : resources)
        if (one.hashed)
            one.rename(one.name() + "-" + contentHash(one.object));
    fixReferences(resources);
    sortForOutput(resources);
    std::vector<Json> objects;
    for (KustomizedResource& one : resources)
        objects.push_back(std::move(one.object));
    return objects;
}

Verb kustomizeVerb()
{
    Verb verb{"kustomize", kAdvanced, "Build a kustomization target from a directory or URL", "DIR [flags]"};
    verb.run = runKustomize;
    verb.examples = {"# The objects of the folder's kustomization.yaml", "kubectl kustomize overlays/staging", "# Make them",
                     "kubectl apply -k overlays/staging"};
    return verb;
}

} // namespace core::shell::kubectl
