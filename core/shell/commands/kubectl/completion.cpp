#include "core/shell/commands/kubectl/completion.h"

#include "core/shell/commands/kubectl/command_line.h"
#include "core/shell/commands/kubectl/kubeconfig.h"
#include "core/shell/commands/kubectl/resource_kind.h"
#include "sim/world/world.h"

#include <algorithm>
#include <set>

namespace core::shell::kubectl {

namespace {

bool startsWith(std::string_view text, std::string_view prefix)
{
    return text.substr(0, prefix.size()) == prefix;
}

/// Gathers candidates for one word. Names come from the store as it is now.
class Completer {
public:
    Completer(const CompletionRequest& request, Door& door, System& system)
        : m_request(request), m_store(door.world().cluster().store()),
          m_line(findCommand({request.words.begin() + 1, request.words.end()})),
          m_parsed(parseWords(flagsOf(m_line.verb), m_line.words)),
          m_config(loadKubeConfig(system, request.place, std::nullopt, m_parsed.flags)), m_now(door.world().now())
    {
    }

    std::vector<Completion> run()
    {
        const std::string& word = m_request.word;
        if (const FlagSpec* flag = awaitedFlag())
            valuesOf(*flag, word, "");
        else if (const std::size_t equals = word.find('='); startsWith(word, "--") && equals != std::string::npos)
            valuesOfLong(word.substr(2, equals - 2), word.substr(equals + 1), word.substr(0, equals + 1));
        else if (startsWith(word, "-"))
            flags();
        else if (!m_line.verb)
            verbs(allVerbs());
        else
            operands();
        return std::move(m_found);
    }

private:
    void add(std::string text, std::string_view note = {})
    {
        if (startsWith(text, m_request.word))
            m_found.push_back({std::move(text), std::string(note)});
    }

    /// The flag whose value is being typed: the last word is a flag that wants one.
    const FlagSpec* awaitedFlag() const
    {
        const std::string& last = m_request.words.back();
        if (last.size() < 2 || last[0] != '-' || last.find('=') != std::string::npos)
            return nullptr;
        for (const FlagSpec* spec : flagsOf(m_line.verb)) {
            const bool named = startsWith(last, "--") ? spec->name == std::string_view(last).substr(2)
                                                      : last.size() == 2 && spec->letter == last[1];
            if (named && spec->type != FlagSpec::Type::Bool && spec->bare.empty())
                return spec;
        }
        return nullptr;
    }

    void valuesOfLong(std::string_view name, const std::string& word, const std::string& before)
    {
        for (const FlagSpec* spec : flagsOf(m_line.verb)) {
            if (spec->name == name)
                return valuesOf(*spec, word, before);
        }
    }

    void valuesOf(const FlagSpec& flag, const std::string& word, const std::string& before)
    {
        const auto offer = [&](const std::string& value, std::string_view note = {}) {
            if (startsWith(value, word))
                m_found.push_back({before + value, std::string(note)});
        };
        if (flag.name == "namespace") {
            for (const std::string& name : namesOf(*findResource("namespaces")))
                offer(name, "namespace");
        } else if (flag.name == "output") {
            for (const char* format : {"json", "yaml", "name", "wide", "jsonpath=", "custom-columns="})
                offer(format);
        } else if (flag.name == "container") {
            for (const std::string& name : containers())
                offer(name, "container");
        } else if (flag.name == "dry-run") {
            for (const char* value : {"none", "client", "server"})
                offer(value);
        } else if (flag.name == "context" && m_config.document.is_object()) {
            offer(m_config.context, "context");
        }
    }

    void flags()
    {
        const auto offer = [&](const std::vector<FlagSpec>& specs) {
            for (const FlagSpec& spec : specs) {
                const bool value = spec.type != FlagSpec::Type::Bool && spec.bare.empty();
                add("--" + std::string(spec.name) + (value ? "=" : ""), spec.help);
            }
        };
        offer(m_line.verb ? m_line.verb->flags : std::vector<FlagSpec>{});
        offer(globalFlags());
    }

    void verbs(const std::vector<Verb>& choices)
    {
        for (const Verb& verb : choices)
            add(std::string(verb.name), verb.summary);
    }

    void operands()
    {
        const Verb& verb = *m_line.verb;
        if (!verb.subverbs.empty() && m_parsed.words.empty())
            verbs(verb.subverbs);
        switch (verb.operand) {
        case Operand::None:
            break;
        case Operand::Resource:
            resourceOrName();
            break;
        case Operand::Pod:
            if (m_parsed.words.empty())
                names("pods");
            break;
        case Operand::PodOrWorkload:
            if (m_parsed.words.empty()) {
                names("pods");
                slashNames({"deployments", "replicasets", "services"});
            } else if (m_line.path == "kubectl logs") {
                for (const std::string& name : containers())
                    add(name, "container");
            }
            break;
        case Operand::Node:
            names("nodes");
            break;
        case Operand::Kind:
            if (m_parsed.words.empty())
                kinds();
            break;
        case Operand::Context:
            add(m_config.context, "context");
            break;
        case Operand::Verb:
            verbs(allVerbs());
            break;
        }
    }

    void resourceOrName()
    {
        const std::string& word = m_request.word;
        if (const std::size_t slash = word.find('/'); slash != std::string::npos)
            return slashNames({word.substr(0, slash)}, word.substr(0, slash));
        if (m_parsed.words.empty())
            return kinds();
        if (const ResourceKind* kind = findResource(m_parsed.words[0]))
            names(kind->plural);
    }

    void kinds()
    {
        for (const ResourceKind& kind : resourceKinds()) {
            if (kind.info)
                add(kind.group.empty() ? kind.plural : kind.groupResource(), kind.kind);
        }
    }

    void names(const std::string& resource)
    {
        const ResourceKind* kind = findResource(resource);
        if (!kind)
            return;
        for (const std::string& name : namesOf(*kind)) {
            if (std::find(m_parsed.words.begin(), m_parsed.words.end(), name) == m_parsed.words.end())
                add(name, kind->kind);
        }
    }

    void slashNames(const std::vector<std::string>& resources, const std::string& spelling = {})
    {
        for (const std::string& resource : resources) {
            const ResourceKind* kind = findResource(resource);
            if (!kind)
                continue;
            for (const std::string& name : namesOf(*kind))
                add((spelling.empty() ? kind->singular : spelling) + "/" + name, kind->kind);
        }
    }

    sim::kube::Request listOf(const ResourceKind& kind) const
    {
        sim::kube::Request request;
        request.verb = sim::kube::Verb::List;
        request.resource = kind.groupResource();
        if (kind.namespaced && !m_parsed.flags.on("all-namespaces"))
            request.namespace_ = m_config.nameSpace;
        return request;
    }

    std::vector<std::string> namesOf(const ResourceKind& kind) const
    {
        std::vector<std::string> names;
        if (!kind.info || !m_config.present)
            return names;
        const auto table = sim::kube::ApiServer::table(m_store, listOf(kind), m_now);
        if (const auto* rows = std::get_if<sim::kube::Table>(&table)) {
            for (const sim::kube::Table::Row& row : rows->rows)
                names.push_back(row.name);
        }
        return names;
    }

    /// The containers of the pod that the words name.
    std::vector<std::string> containers() const
    {
        std::vector<std::string> found;
        if (m_parsed.words.empty())
            return found;
        std::string name = m_parsed.words[0];
        name.erase(0, name.find('/') == std::string::npos ? 0 : name.find('/') + 1);
        sim::kube::Request request = listOf(*findResource("pods"));
        request.verb = sim::kube::Verb::Get;
        request.name = name;
        const sim::kube::Response pod = sim::kube::ApiServer::read(m_store, request, m_now);
        for (const char* list : {"initContainers", "containers"}) {
            if (const Json& specs = at(pod.body, {"spec", list}); specs.is_array()) {
                for (const Json& spec : specs)
                    found.push_back(textAt(spec, {"name"}));
            }
        }
        return found;
    }

    const CompletionRequest& m_request;
    const sim::kube::Store& m_store;
    CommandLine m_line;
    ParsedWords m_parsed;
    KubeConfig m_config;
    sim::Instant m_now;
    std::vector<Completion> m_found;
};

} // namespace

std::vector<Completion> completeKubectl(const CompletionRequest& request, Door& door, System& system)
{
    if (request.words.empty())
        return {};
    return Completer(request, door, system).run();
}

} // namespace core::shell::kubectl
