#include "core/shell/commands/kubectl/create.h"
#include "sim/engine/split.h"

#include <fmt/core.h>

#include <charconv>

// create quota, ingress, poddisruptionbudget, priorityclass.
namespace core::shell::kubectl {

namespace {

using T = FlagSpec::Type;

Json numberOrName(const std::string& text)
{
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? Json(number) : Json(text);
}

int runCreateQuota(Call& call)
{
    const auto name = oneName(call);
    if (!name)
        return 1;
    const ResourceKind& kind = *findResource("resourcequotas");
    Json object = newObject(kind, *name);
    object["spec"] = Json::object();
    for (const std::string& one : call.flags.list("hard")) {
        const std::size_t equals = one.find('=');
        if (equals == std::string::npos)
            return call.fail(fmt::format("Invalid argument syntax {}, expected <resource>=<value>", one));
        object["spec"]["hard"][one.substr(0, equals)] = one.substr(equals + 1);
    }
    if (const auto scopes = call.flags.list("scopes"); !scopes.empty())
        object["spec"]["scopes"] = scopes;
    object["status"] = Json::object();
    return createObject(call, kind, std::move(object), "failed to create quota: ");
}

/// "host/path*=svc:port[,tls[=secret]]" as its parts of an Ingress.
bool addRule(Json& spec, const std::string& text)
{
    const auto parts = sim::split(text, ',');
    const std::size_t slash = parts[0].find('/');
    const std::size_t equals = parts[0].find('=');
    const std::size_t colon = parts[0].rfind(':');
    if (slash == std::string::npos || equals == std::string::npos || colon == std::string::npos || slash > equals || colon < equals)
        return false;
    const std::string host = parts[0].substr(0, slash);
    std::string path = parts[0].substr(slash, equals - slash);
    const bool prefix = path.back() == '*';
    if (prefix)
        path.pop_back();
    const Json port = numberOrName(parts[0].substr(colon + 1));
    Json rule;
    if (!host.empty())
        rule["host"] = host;
    rule["http"]["paths"] = Json::array({{{"backend", {{"service", {{"name", parts[0].substr(equals + 1, colon - equals - 1)},
                                                                   {"port", {{port.is_number() ? "number" : "name", port}}}}}}},
                                          {"path", path},
                                          {"pathType", prefix ? "Prefix" : "Exact"}}});
    spec["rules"].push_back(std::move(rule));
    for (std::size_t i = 1; i < parts.size(); ++i) {
        if (parts[i].compare(0, 3, "tls") != 0)
            return false;
        Json tls = host.empty() ? Json::object() : Json{{"hosts", Json::array({host})}};
        if (parts[i].size() > 4)
            tls["secretName"] = parts[i].substr(4);
        spec["tls"].push_back(std::move(tls));
    }
    return true;
}

int runCreateIngress(Call& call)
{
    const auto name = oneName(call);
    if (!name)
        return 1;
    const ResourceKind& kind = *findResource("ingresses");
    Json object = newObject(kind, *name);
    Json spec = Json::object();
    for (const std::string& rule : call.flags.values("rule"))
        if (!addRule(spec, rule))
            return call.fail(fmt::format("rule {} is invalid and should be in format host/path=svcname:svcport[,tls[=secret]]", rule));
    if (const std::string ingressClass = call.flags.text("class"); !ingressClass.empty())
        spec["ingressClassName"] = ingressClass;
    if (const std::string backend = call.flags.text("default-backend"); !backend.empty()) {
        const std::size_t colon = backend.find(':');
        if (colon == std::string::npos)
            return call.fail("default-backend should be in format servicename:serviceport");
        const Json port = numberOrName(backend.substr(colon + 1));
        spec["defaultBackend"]["service"] = {{"name", backend.substr(0, colon)}, {"port", {{port.is_number() ? "number" : "name", port}}}};
    }
    if (spec.empty())
        return call.fail("not enough information provided: every ingress has to either specify a default-backend (which catches all traffic) "
                         "or a list of rules (which catch specific paths)");
    object["spec"] = std::move(spec);
    object["status"] = {{"loadBalancer", Json::object()}};
    return createObject(call, kind, std::move(object), "failed to create ingress: ");
}

int runCreateBudget(Call& call)
{
    const auto name = oneName(call);
    if (!name)
        return 1;
    if (call.flags.text("selector").empty())
        return call.fail("a selector must be specified");
    if (call.flags.given("min-available") == call.flags.given("max-unavailable"))
        return call.fail(call.flags.given("min-available") ? "min-available and max-unavailable cannot be both specified"
                                                           : "one of min-available or max-unavailable must be specified");
    const ResourceKind& kind = *findResource("poddisruptionbudgets");
    Json object = newObject(kind, *name);
    Json labels = Json::object();
    for (const std::string& pair : sim::split(call.flags.text("selector"), ',')) {
        const std::size_t equals = pair.find('=');
        if (equals == std::string::npos)
            return call.fail(fmt::format("\"{}\" is no label", pair));
        labels[pair.substr(0, equals)] = pair.substr(equals + 1);
    }
    object["spec"]["selector"]["matchLabels"] = std::move(labels);
    for (const auto& [flag, field] : {std::pair{"min-available", "minAvailable"}, {"max-unavailable", "maxUnavailable"}})
        if (call.flags.given(flag))
            object["spec"][field] = numberOrName(call.flags.text(flag));
    object["status"] = {{"currentHealthy", 0}, {"desiredHealthy", 0}, {"disruptionsAllowed", 0}, {"expectedPods", 0}};
    return createObject(call, kind, std::move(object), "failed to create poddisruptionbudgets: ");
}

int runCreatePriorityClass(Call& call)
{
    const auto name = oneName(call);
    if (!name)
        return 1;
    const ResourceKind& kind = *findResource("priorityclasses");
    Json object = newObject(kind, *name);
    object["value"] = call.flags.number("value");
    if (call.flags.on("global-default"))
        object["globalDefault"] = true;
    if (const std::string text = call.flags.text("description"); !text.empty())
        object["description"] = text;
    object["preemptionPolicy"] = call.flags.text("preemption-policy");
    return createObject(call, kind, std::move(object), "failed to create priorityclass: ");
}

} // namespace

Verb createQuotaVerb()
{
    Verb verb{"quota", {}, "Create a quota with the specified name", "NAME [--hard=key1=value1,key2=value2] [--scopes=Scope1,Scope2]"};
    verb.flags = generatorFlags({{0, "hard", T::List, "", "How much there may be: pods=10,requests.cpu=4."},
                                 {0, "scopes", T::List, "", "Only what is in these scopes counts."}});
    verb.run = runCreateQuota;
    verb.aliases = {"resourcequota"};
    return verb;
}

Verb createIngressVerb()
{
    Verb verb{"ingress", {}, "Create an ingress with the specified name", "NAME --rule=host/path=service:port[,tls[=secret]]"};
    verb.flags = generatorFlags({{0, "class", T::Text, "", "The ingress class."},
                                 {0, "default-backend", T::Text, "", "Where all else goes, as SERVICE:PORT."},
                                 {0, "rule", T::List, "", "HOST/PATH=SERVICE:PORT; a path that ends in * means all below."}});
    verb.run = runCreateIngress;
    verb.aliases = {"ing"};
    return verb;
}

Verb createBudgetVerb()
{
    Verb verb{"poddisruptionbudget", {}, "Create a pod disruption budget with the specified name", "NAME --selector=SELECTOR --min-available=N"};
    verb.flags = generatorFlags({{0, "max-unavailable", T::Text, "", "How many pods, or which percentage, may be away."},
                                 {0, "min-available", T::Text, "", "How many pods, or which percentage, must be there."},
                                 {0, "selector", T::Text, "", "Labels of the pods."}});
    verb.run = runCreateBudget;
    verb.aliases = {"pdb"};
    return verb;
}

Verb createPriorityClassVerb()
{
    Verb verb{"priorityclass", {}, "Create a priority class with the specified name", "NAME --value=VALUE --global-default=BOOL"};
    verb.flags = generatorFlags({{0, "description", T::Text, "", "When to use it."},
                                 {0, "global-default", T::Bool, "false", "Of pods that name no class."},
                                 {0, "preemption-policy", T::Text, "PreemptLowerPriority", "PreemptLowerPriority or Never."},
                                 {0, "value", T::Number, "0", "The priority."}});
    verb.run = runCreatePriorityClass;
    verb.aliases = {"pc"};
    return verb;
}

} // namespace core::shell::kubectl
