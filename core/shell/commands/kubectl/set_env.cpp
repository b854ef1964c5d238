#include "core/shell/commands/kubectl/jsonpath.h"
#include "core/shell/commands/kubectl/resources.h"
#include "core/shell/commands/kubectl/set.h"
#include "sim/engine/base64.h"
#include "sim/engine/letters.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

namespace core::shell::kubectl {

namespace {

using Variables = std::vector<Json>;

/// "some.key" -> "SOME_KEY"
std::string variableName(const std::string& key)
{
    std::string name;
    for (const char c : key) {
        name += std::isalnum(static_cast<unsigned char>(c))
            ? sim::raised(c)
            : '_';
    }
    return name;
}

std::string referenceText(const Json& source)
{
    if (const Json& map = at(source, {"configMapKeyRef"}); map.is_object())
        return fmt::format("configmap {}, key {}", textAt(map, {"name"}), textAt(map, {"key"}));
    if (const Json& secret = at(source, {"secretKeyRef"}); secret.is_object())
        return fmt::format("secret {}, key {}", textAt(secret, {"name"}), textAt(secret, {"key"}));
    return "field path " + textAt(source, {"fieldRef", "fieldPath"});
}

Json::iterator findVariable(Json& env, const std::string& name)
{
    return std::find_if(env.begin(), env.end(), [&](const Json& v) { return textAt(v, {"name"}) == name; });
}

class EnvSetter {
public:
    explicit EnvSetter(Call& call) : m_call(call) { }

    int run()
    {
        const auto pairs = splitPairs(m_call, "environment variable", true);
        if (!pairs)
            return 1;
        if (pairs->resources.empty() && !m_call.namesFiles())
            return m_call.fail(kNoResourceForSet);
        if (m_call.flags.on("list") && m_call.flags.given("output"))
            return m_call.failUsage("--list and --output may not be specified together");
        if (m_call.flags.given("keys") && !m_call.flags.given("from"))
            return m_call.failUsage("when specifying --keys, a configmap or secret must be provided with --from");
        m_removed = pairs->removed;
        for (const auto& [name, value] : pairs->set)
            m_variables.push_back(Json{{"name", name}, {"value", value}});
        for (const std::string& pair : m_call.flags.values("env")) {
            const std::size_t equals = pair.find('=');
            if (equals == std::string::npos)
                return m_call.fail(fmt::format("invalid environment variable format: {}", pair));
            m_variables.push_back(Json{{"name", pair.substr(0, equals)}, {"value", pair.substr(equals + 1)}});
        }
        if (m_call.flags.given("from") && !takeFrom())
            return 1;
        if (m_variables.empty() && m_removed.empty() && !m_call.flags.on("list"))
            return m_call.fail("at least one environment variable must be provided");
        TemplateChange change;
        change.done = "env updated";
        change.noun = "env update";
        change.edit = [&](const Manifest& target, Json& podSpec) { return edit(target, podSpec); };
        Failures failures;
        return changeTemplates(m_call, pairs->resources, change, failures);
    }

private:
    /// The keys of a ConfigMap or Secret as references.
    bool takeFrom()
    {
        const auto named = parseOne(m_call, m_call.flags.text("from"), *findResource("configmaps"));
        if (!named)
            return false;
        const bool secret = named->kind->kind == "Secret";
        if (!secret && named->kind->kind != "ConfigMap") {
            m_call.fail(fmt::format("unsupported resource specified in --from: {}", named->kind->plural));
            return false;
        }
        const auto response = m_call.client.get(*named->kind, m_call.nameSpace(), named->name);
        if (!succeeded(response)) {
            m_call.refused(response);
            return false;
        }
        const auto wanted = m_call.flags.list("keys");
        for (const auto& [key, value] : at(response.body, {"data"}).items()) {
            if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), key) == wanted.end())
                continue;
            m_variables.push_back(
                Json{{"name", m_call.flags.text("prefix") + variableName(key)},
                     {"valueFrom", Json{{secret ? "secretKeyRef" : "configMapKeyRef",
                                         Json{{"name", named->name}, {"key", key}}}}}});
        }
        return true;
    }

    std::string edit(const Manifest& target, Json& podSpec)
    {
        const std::string selector = m_call.flags.text("containers");
        bool found = false;
        for (const char* list : {"initContainers", "containers"}) {
            const auto containers = podSpec.find(list);
            if (containers == podSpec.end() || !containers->is_array())
                continue;
            for (Json& container : *containers) {
                if (!containerMatches(textAt(container, {"name"}), selector))
                    continue;
                found = true;
                if (const std::string problem = editContainer(container); !problem.empty())
                    return problem;
                if (m_call.flags.on("list"))
                    show(target, container);
            }
        }
        if (!found) {
            m_call.err(fmt::format("warning: {}/{} does not have any containers matching \"{}\"\n", target.kind->plural,
                                   target.name, selector));
        }
        return {};
    }

    std::string editContainer(Json& container)
    {
        Json env = container.contains("env") && container["env"].is_array() ? container["env"] : Json::array();
        for (const Json& variable : m_variables) {
            const std::string name = textAt(variable, {"name"});
            const auto old = findVariable(env, name);
            if (old == env.end())
                env.push_back(variable);
            else if (m_call.flags.on("overwrite"))
                *old = variable;
            else
                return fmt::format("'{}' already has a value ({}), and --overwrite is false", name, textAt(*old, {"value"}));
        }
        for (const std::string& name : m_removed) {
            if (const auto old = findVariable(env, name); old != env.end())
                env.erase(old);
        }
        if (env.empty())
            container.erase("env");
        else
            container["env"] = std::move(env);
        return {};
    }

    void show(const Manifest& target, const Json& container)
    {
        m_call.saw(*target.kind, target.nameSpace, target.name);
        m_call.out(fmt::format("# {} {}, container {}\n", target.kind->kind, target.name, textAt(container, {"name"})));
        const Json& env = at(container, {"env"});
        if (!env.is_array())
            return;
        for (const Json& variable : env) {
            const std::string name = textAt(variable, {"name"});
            const Json& source = at(variable, {"valueFrom"});
            if (!source.is_object())
                m_call.out(fmt::format("{}={}\n", name, textAt(variable, {"value"})));
            else if (!m_call.flags.on("resolve"))
                m_call.out(fmt::format("# {} from {}\n", name, referenceText(source)));
            else
                m_call.out(fmt::format("{}={}\n", name, resolved(target, source)));
        }
    }

    std::string resolved(const Manifest& target, const Json& source)
    {
        const bool secret = source.contains("secretKeyRef");
        const Json& reference = at(source, {secret ? "secretKeyRef" : "configMapKeyRef"});
        const auto response = m_call.client.get(*findResource(secret ? "secrets" : "configmaps"), target.nameSpace,
                                                textAt(reference, {"name"}));
        const std::string value = textAt(response.body, {"data", textAt(reference, {"key"})});
        return secret ? sim::decodeBase64(value).value_or("") : value;
    }

    Call& m_call;
    Variables m_variables;
    std::vector<std::string> m_removed;
};

int runSetEnv(Call& call) { return EnvSetter(call).run(); }

} // namespace

Verb setEnvVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"env", {}, "Update environment variables on a pod template",
              "RESOURCE/NAME KEY_1=VAL_1 ... KEY_N=VAL_N"};
    verb.flags = setFlags();
    verb.flags.push_back({'c', "containers", T::Text, "*", "Which containers; * stands for any text."});
    verb.flags.push_back({'e', "env", T::List, "", "KEY=VALUE, as in the words."});
    verb.flags.push_back({0, "from", T::Text, "", "configmap/NAME or secret/NAME whose keys become variables."});
    verb.flags.push_back({0, "keys", T::List, "", "Of --from, only these keys."});
    verb.flags.push_back({0, "list", T::Bool, "false", "Print the variables."});
    verb.flags.push_back({0, "overwrite", T::Bool, "true", "Let a value that is already there be replaced."});
    verb.flags.push_back({0, "prefix", T::Text, "", "Goes before the names taken from --from."});
    verb.flags.push_back({0, "resolve", T::Bool, "false", "With --list, show what references stand for."});
    verb.run = runSetEnv;
    verb.operand = Operand::Resource;
    verb.examples = {"# A variable", "kubectl set env deployment/web COLOUR=blue", "# Without it",
                     "kubectl set env deployment/web COLOUR-", "# What there is",
                     "kubectl set env deployment/web --list"};
    return verb;
}

} // namespace core::shell::kubectl
