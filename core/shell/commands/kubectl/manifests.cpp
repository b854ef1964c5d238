#include "core/shell/commands/kubectl/manifests.h"

#include "core/shell/commands/kubectl/kustomize.h"
#include "sim/kube/api/yaml.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

bool hasManifestEnding(const std::string& name)
{
    const std::size_t dot = name.rfind('.');
    const std::string ending = dot == std::string::npos ? "" : name.substr(dot);
    return ending == ".yaml" || ending == ".yml" || ending == ".json";
}

class ManifestReader {
public:
    ManifestReader(Call& call, bool& failed) : m_call(call), m_failed(failed) { }

    std::vector<Manifest> read()
    {
        if (m_call.flags.given("kustomize")) {
            kustomization(m_call.flags.text("kustomize"));
            return std::move(m_manifests);
        }
        for (const std::string& path : m_call.flags.list("filename")) {
            if (path == "-")
                text("STDIN", m_call.inv.in().readAll());
            else
                pathArgument(path);
        }
        return std::move(m_manifests);
    }

private:
    void complain(const std::string& text)
    {
        m_call.fail(text);
        m_failed = true;
    }

    void kustomization(const std::string& folder)
    {
        if (m_call.flags.given("filename"))
            return complain("only one of -f or -k can be specified");
        auto built = kustomized(m_call, folder);
        if (const auto* failure = std::get_if<KustomizeFailure>(&built))
            return complain(failure->text);
        for (Json& one : std::get<std::vector<Json>>(built)) {
            unfold(one);
            object(folder, std::move(one));
        }
    }

    /// The lines that kustomize folds a Secret's base64 into; the real server takes them off when it decodes.
    static void unfold(Json& object)
    {
        if (textAt(object, {"kind"}) == "Secret" && at(object, {"data"}).is_object())
            for (Json& value : object["data"])
                if (value.is_string())
                    std::erase(value.get_ref<std::string&>(), '\n');
    }

    void pathArgument(const std::string& path)
    {
        System& system = m_call.inv.system();
        const std::string absolute = m_call.inv.absolutePath(path);
        const auto stat = system.stat(m_call.inv.place(), absolute);
        if (path.compare(0, 7, "http://") == 0 || path.compare(0, 8, "https://") == 0)
            complain(fmt::format("unable to read URL \"{}\"", path));
        else if (!stat)
            complain(fmt::format("the path \"{}\" does not exist", path));
        else if (stat->type == FileStat::Type::Directory)
            directory(path, absolute);
        else
            file(path, absolute);
    }

    void directory(const std::string& shown, const std::string& absolute)
    {
        const auto entries = m_call.inv.system().list(m_call.inv.place(), absolute);
        bool found = false;
        for (const DirectoryEntry& entry : entries.value_or(std::vector<DirectoryEntry>{})) {
            const std::string name = shown + (shown.back() == '/' ? "" : "/") + entry.name;
            if (entry.stat.type == FileStat::Type::Directory) {
                if (m_call.flags.on("recursive")) {
                    directory(name, absolute + "/" + entry.name);
                    found = true;
                }
            } else if (hasManifestEnding(entry.name)) {
                file(name, absolute + "/" + entry.name);
                found = true;
            }
        }
        if (!found)
            complain(fmt::format("error reading [{}]: recognized file extensions are [.json .yaml .yml]", shown));
    }

    void file(const std::string& shown, const std::string& absolute)
    {
        const ReadFile content = m_call.inv.system().readFile(m_call.inv.place(), absolute);
        if (content.error == Errno::None)
            text(shown, content.text);
        else
            complain(fmt::format("open {}: {}", shown,
                                 content.error == Errno::NoEntry ? "no such file or directory" : "permission denied"));
    }

    void text(const std::string& source, const std::string& text)
    {
        auto documents = sim::kube::parseYaml(text);
        if (!documents) {
            complain(fmt::format("error parsing {}: error converting YAML to JSON: {}", source,
                                 documents.error().message));
            return;
        }
        for (Json& document : *documents)
            object(source, std::move(document));
    }

    void object(const std::string& source, Json object)
    {
        const std::string problem = !object.is_object()        ? "json: cannot unmarshal into an object"
            : textAt(object, {"apiVersion"}).empty() ? "apiVersion not set"
            : textAt(object, {"kind"}).empty()       ? "kind not set"
                                                     : "";
        if (!problem.empty()) {
            complain(fmt::format("error validating \"{}\": error validating data: {}; if you choose to ignore these "
                                 "errors, turn validation off with --validate=false",
                                 source, problem));
            return;
        }
        if (const Json& metadata = at(object, {"metadata"}); !metadata.is_null() && !metadata.is_object()) {
            complain(fmt::format("unable to decode \"{}\": json: cannot unmarshal {} into Go struct field .metadata of "
                                 "type v1.ObjectMeta",
                                 source, metadata.type_name()));
            return;
        }
        const std::string kindName = textAt(object, {"kind"});
        if (kindName.size() > 4 && kindName.compare(kindName.size() - 4, 4, "List") == 0
            && at(object, {"items"}).is_array()) {
            for (Json& item : object["items"])
                this->object(source, std::move(item));
            return;
        }
        Manifest manifest;
        manifest.kind = kindOf(m_call, object);
        manifest.name = textAt(object, {"metadata", "name"});
        manifest.source = source;
        if (!manifest.kind) {
            complain(fmt::format("resource mapping not found for name: \"{}\" namespace: \"{}\" from \"{}\": no matches "
                                 "for kind \"{}\" in version \"{}\"\nensure CRDs are installed first",
                                 manifest.name, textAt(object, {"metadata", "namespace"}), source, kindName,
                                 textAt(object, {"apiVersion"})));
            return;
        }
        if (manifest.kind->namespaced) {
            manifest.nameSpace = textAt(object, {"metadata", "namespace"});
            if (m_call.isLocal()) {
                // it stays as it is
            } else if (manifest.nameSpace.empty()) {
                manifest.nameSpace = m_call.nameSpace();
                object["metadata"]["namespace"] = manifest.nameSpace;
            } else if (m_call.client.config().nameSpaceGiven && manifest.nameSpace != m_call.nameSpace()) {
                complain(fmt::format("the namespace from the provided object \"{}\" does not match the namespace "
                                     "\"{}\". You must pass '--namespace={}' to perform this operation.",
                                     manifest.nameSpace, m_call.nameSpace(), manifest.nameSpace));
                return;
            }
        }
        manifest.object = std::move(object);
        m_manifests.push_back(std::move(manifest));
    }

    Call& m_call;
    bool& m_failed;
    std::vector<Manifest> m_manifests;
};

} // namespace

std::vector<Manifest> readManifests(Call& call, bool& failed)
{
    return ManifestReader(call, failed).read();
}

const ResourceKind* kindOf(Call& call, const Json& object)
{
    return call.client.find(textAt(object, {"apiVersion"}), textAt(object, {"kind"}));
}

} // namespace core::shell::kubectl
