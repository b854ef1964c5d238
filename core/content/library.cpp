#include "core/content/library.h"

#include "core/content/decode.h"
#include "core/content/read_json.h"
#include "core/content/schema_check.h"
#include "sim/engine/fingerprint.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <tuple>

namespace core::content {

namespace {

namespace fs = std::filesystem;

/// Files of one extension in a folder, by name: directory order is the file system's own business.
std::vector<std::string> filesIn(const std::string& folder, std::string_view extension)
{
    std::vector<std::string> files;
    std::error_code error;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error))
        if (it->path().extension() == extension)
            files.push_back(it->path().string());
    std::sort(files.begin(), files.end());
    return files;
}

template <class T>
auto byId(std::vector<T>& items, std::string_view id)
{
    return std::find_if(items.begin(), items.end(), [&](const T& item) { return item.id == id; });
}

/// Puts an item in its place, over one of the same id from an earlier folder.
template <class T>
void addOrReplace(std::vector<T>& items, T item)
{
    const auto it = byId(items, item.id);
    if (it == items.end())
        items.push_back(std::move(item));
    else
        *it = std::move(item);
}

/// What a list's entry is called: by its name, a manifest by kind, namespace and name. Null: it has none.
nlohmann::json identity(const nlohmann::json& entry)
{
    if (!entry.is_object())
        return nullptr;
    const nlohmann::json metadata = entry.value("metadata", nlohmann::json());
    if (metadata.is_object() && entry.contains("kind"))
        return {entry.at("kind"), metadata.value("namespace", nlohmann::json()), metadata.value("name", nlohmann::json())};
    return entry.value("name", nlohmann::json());
}

/// Objects take in members, lists get longer, an entry that is there by its name is extended in its place, everything else is replaced.
void extend(nlohmann::json& base, const nlohmann::json& more)
{
    if (base.is_object() && more.is_object()) {
        for (const auto& [key, value] : more.items()) {
            const auto known = base.find(key);
            if (known == base.end())
                base[key] = value;
            else
                extend(*known, value);
        }
    } else if (base.is_array() && more.is_array()) {
        for (const nlohmann::json& entry : more) {
            const nlohmann::json name = identity(entry);
            const auto known = name.is_null() ? base.end() : std::find_if(base.begin(), base.end(), [&](const nlohmann::json& one) { return identity(one) == name; });
            if (known == base.end())
                base.push_back(entry);
            else
                extend(*known, entry);
        }
    } else {
        base = more;
    }
}

class Loader {
public:
    Loader(Library& library, const std::string& schemas) : m_library(library), m_schemas(schemas) { }

    void loadFolder(const std::string& folder)
    {
        std::error_code error;
        if (!fs::is_directory(folder, error)) {
            problem("is no folder that can be read; install the content there or leave the folder out", folder);
            return;
        }
        m_defined.clear();
        const auto useTopology = [&](const Document& d, std::vector<sim::Error>& bad) {
            const std::string id = d.json.at("id").get<std::string>();
            if (defineOnce("topology", id, d, bad))
                m_library.topologies[id] = d.json;
        };
        each(folder + "/programs", "program", [&](const Document& d, std::vector<sim::Error>& bad) {
            const std::string id = d.json.at("id").get<std::string>();
            if (defineOnce("program", id, d, bad))
                m_library.programs[id] = d.json;
        });
        std::vector<Document> topologies = documentsIn(folder + "/topologies");
        const auto additions = std::stable_partition(topologies.begin(), topologies.end(), [](const Document& d) { return !d.json.contains("extends"); });
        const std::vector<Document> more(std::make_move_iterator(additions), std::make_move_iterator(topologies.end()));
        topologies.erase(additions, topologies.end());
        check(std::move(topologies), "topology", useTopology);
        check(extended(more), "topology", useTopology);
        each(folder + "/modules", "module", [&](const Document& d, std::vector<sim::Error>& bad) {
            Module module = decodeModule(d, bad);
            if (defineOnce("module", module.id, d, bad))
                addOrReplace(m_library.modules, std::move(module));
        });
        each(folder + "/incidents", "incident", [&](const Document& d, std::vector<sim::Error>& bad) {
            Incident incident = decodeIncident(d, bad);
            if (defineOnce("incident", incident.id, d, bad))
                addOrReplace(m_library.incidents, std::move(incident));
        });
        each(folder + "/glossary", "glossary", [&](const Document& d, std::vector<sim::Error>& bad) {
            std::vector<GlossaryTerm> terms = decodeGlossary(d, bad);
            bool good = bad.empty();
            for (const GlossaryTerm& term : terms)
                good = defineOnce("glossary term", term.id, d, bad) && good;
            for (GlossaryTerm& term : terms)
                if (good)
                    addOrReplace(m_library.glossary, std::move(term));
        });
    }

    /// What only the whole library can tell.
    void connect()
    {
        if (!m_library.programs.empty())
            for (auto& topology : m_library.topologies)
                topology["programs"] = m_library.programs;
        std::sort(m_library.incidents.begin(), m_library.incidents.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
        std::sort(m_library.glossary.begin(), m_library.glossary.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
        std::sort(m_library.modules.begin(), m_library.modules.end(),
                  [](const auto& a, const auto& b) { return std::tie(a.number, a.id) < std::tie(b.number, b.id); });
        for (Incident& incident : m_library.incidents) {
            const Module* module = m_library.module(incident.module);
            if (module == nullptr) {
                problem(fmt::format("the module \"{}\" of the incident \"{}\" does not exist; add content/modules/{}.json",
                                    incident.module, incident.id, incident.module), "incidents");
                continue;
            }
            incident.phase = module->phase;
            incident.moduleNumber = module->number;
            incident.moduleTitle = module->title;
        }
        for (const Module& module : m_library.modules)
            for (const std::string& id : module.incidents)
                if (m_library.incident(id) == nullptr)
                    problem(fmt::format("the module \"{}\" lists the incident \"{}\", which does not exist or was left out; "
                                        "correct the list", module.id, id), "modules");
        for (const GlossaryTerm& term : m_library.glossary)
            for (const std::string& id : term.seeAlso)
                if (byId(m_library.glossary, id) == m_library.glossary.end())
                    problem(fmt::format("the term \"{}\" points to \"{}\", which is not in the glossary; correct it", term.id, id),
                            "glossary");
    }

private:
    void problem(std::string message, std::string where)
    {
        m_library.problems.push_back({std::move(message), std::move(where)});
    }

    /// Calls `use` with each document of the folder that passes its schema; it is the caller's whole or not at all.
    template <class Use>
    void each(const std::string& folder, const std::string& kind, const Use& use)
    {
        check(documentsIn(folder), kind, use);
    }

    std::vector<Document> documentsIn(const std::string& folder)
    {
        std::vector<Document> documents;
        for (const std::string& path : filesIn(folder, ".json")) {
            auto bytes = readBytes(path);
            if (!bytes) {
                m_library.problems.push_back(bytes.error());
                continue;
            }
            if (auto json = parseJson(*bytes, path))
                documents.push_back({std::move(*json), path, std::move(*bytes)});
            else
                m_library.problems.push_back(json.error());
        }
        return documents;
    }

    /// Topologies that add to another one: lists, files and names are extended, everything else is replaced.
    std::vector<Document> extended(const std::vector<Document>& documents)
    {
        std::vector<Document> whole;
        for (const Document& d : documents) {
            const auto& base = d.json.at("extends");
            const auto known = base.is_string() ? m_library.topologies.find(base.get<std::string>()) : m_library.topologies.end();
            if (known == m_library.topologies.end()) {
                problem(fmt::format("extends {}, which is no topology that was loaded before; correct it", base.dump()), d.path);
                continue;
            }
            nlohmann::json joined = *known;
            for (const auto& [key, value] : d.json.items()) {
                if (joined.contains(key) && (value.is_array() || key == "files" || key == "names"))
                    extend(joined[key], value);
                else
                    joined[key] = value;
            }
            whole.push_back({std::move(joined), d.path, d.bytes});
        }
        return whole;
    }

    template <class Use>
    void check(std::vector<Document> documents, const std::string& kind, const Use& use)
    {
        if (documents.empty())
            return;
        const std::optional<DocumentSchema> schema = schemaOf(kind);
        for (Document& document : documents) {
            if (!schema)
                continue;
            std::vector<sim::Error> bad = schema->check(document.json, document.path, document.bytes);
            if (bad.empty()) {
                try {
                    use(document, bad);
                } catch (const nlohmann::json::exception& error) {
                    bad.push_back({fmt::format("cannot be read as {}: {}; compare it with content/schema", kind, error.what()), document.path});
                }
            }
            m_library.problems.insert(m_library.problems.end(), bad.begin(), bad.end());
        }
    }

    std::optional<DocumentSchema> schemaOf(const std::string& kind)
    {
        const std::string path = m_schemas + "/" + kind + ".schema.json";
        const auto bytes = readBytes(path);
        const auto json = bytes ? parseJson(*bytes, path) : sim::Result<nlohmann::json>(bytes.error());
        if (json) {
            const auto schema = DocumentSchema::compile(*json, path);
            if (schema)
                return *schema;
            m_library.problems.push_back(schema.error());
        } else {
            m_library.problems.push_back(json.error());
        }
        problem(fmt::format("no {} is loaded without its schema; reinstall the content", kind), path);
        return std::nullopt;
    }

    /// False when the document is bad already or its id was taken by another file of the same folder.
    bool defineOnce(const std::string& kind, const std::string& id, const Document& document, std::vector<sim::Error>& bad)
    {
        if (!bad.empty())
            return false;
        if (m_defined.insert(kind + "/" + id).second)
            return true;
        bad.push_back({fmt::format("defines the {} \"{}\" a second time; rename it or remove this file", kind, id), document.path});
        return false;
    }

    Library& m_library;
    std::string m_schemas;
    std::set<std::string> m_defined;
};

/// Schemas and README files decide nothing about a run and stay out.
std::uint64_t hashOf(const std::vector<std::string>& folders)
{
    sim::Fingerprint hash;
    for (const std::string& folder : folders) {
        hash.add(std::string_view("folder"));
        for (const char* part : {"glossary", "incidents", "modules", "programs", "topologies"}) {
            std::vector<std::string> files = filesIn(folder + "/" + part, ".json");
            const std::vector<std::string> texts = filesIn(folder + "/" + part, ".md");
            files.insert(files.end(), texts.begin(), texts.end());
            std::sort(files.begin(), files.end());
            for (const std::string& path : files) {
                const auto bytes = readBytes(path);
                hash.add(std::string(part) + "/" + fs::path(path).filename().string());
                hash.add(bytes ? std::string_view(*bytes) : std::string_view());
            }
        }
    }
    return hash.value();
}

} // namespace

const std::string& Cause::referenceFor(std::string_view variant) const
{
    static const std::string none;
    auto it = reference.find(std::string(variant));
    if (it == reference.end())
        it = reference.find("");
    return it == reference.end() ? none : it->second;
}

const Cause* Incident::cause(std::string_view causeId) const
{
    const auto it = std::find_if(causes.begin(), causes.end(), [&](const Cause& c) { return c.id == causeId; });
    return it == causes.end() ? nullptr : &*it;
}

const Fact* Incident::fact(std::string_view factId) const
{
    const auto it = std::find_if(facts.begin(), facts.end(), [&](const Fact& f) { return f.id == factId; });
    return it == facts.end() ? nullptr : &*it;
}

const Incident* Library::incident(std::string_view id) const
{
    const auto it = std::find_if(incidents.begin(), incidents.end(), [&](const Incident& i) { return i.id == id; });
    return it == incidents.end() ? nullptr : &*it;
}

const Module* Library::module(std::string_view id) const
{
    const auto it = std::find_if(modules.begin(), modules.end(), [&](const Module& m) { return m.id == id; });
    return it == modules.end() ? nullptr : &*it;
}

Library load(const std::vector<std::string>& folders)
{
    Library library;
    if (folders.empty()) {
        library.problems.push_back({"no content folder is given; reinstall Faultline or name one", {}});
        return library;
    }
    Loader loader(library, folders.front() + "/schema");
    for (const std::string& folder : folders)
        loader.loadFolder(folder);
    loader.connect();
    library.hash = hashOf(folders);
    return library;
}

} // namespace core::content
