#include "sim/kube/api/validation.h"

#include "sim/kube/api/api_server.h"
#include "sim/kube/api/quantity.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sim::kube {

namespace {

using Problems = std::vector<std::string>;

constexpr const char* kNotNegative = "must be greater than or equal to 0";
constexpr const char* kSubdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', "
                                   "and must start and end with an alphanumeric character (e.g. 'example.com', regex used for "
                                   "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
constexpr const char* kLabel = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must "
                               "start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for "
                               "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr const char* kDns1035 = "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an "
                                 "alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', "
                                 "regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

bool lowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

bool isLabel(const std::string& text)
{
    return !text.empty() && text.size() <= 63 && lowerOrDigit(text.front()) && lowerOrDigit(text.back())
        && std::all_of(text.begin(), text.end(), [](char c) { return lowerOrDigit(c) || c == '-'; });
}

bool isSubdomain(const std::string& text)
{
    if (text.empty() || text.size() > 253)
        return false;
    std::size_t begin = 0;
    for (;;) {
        const auto dot = text.find('.', begin);
        const std::string part = text.substr(begin, dot == std::string::npos ? dot : dot - begin);
        if (part.empty() || !lowerOrDigit(part.front()) || !lowerOrDigit(part.back())
            || !std::all_of(part.begin(), part.end(), [](char c) { return lowerOrDigit(c) || c == '-'; }))
            return false;
        if (dot == std::string::npos)
            return true;
        begin = dot + 1;
    }
}

std::string invalidText(const std::string& field, const std::string& value, const std::string& why)
{
    return fmt::format("{}: Invalid value: \"{}\": {}", field, value, why);
}
std::string invalidNumber(const std::string& field, std::int64_t value, const std::string& why)
{
    return fmt::format("{}: Invalid value: {}: {}", field, value, why);
}

void oneOf(Problems& problems, const std::string& field, const std::string& value, const std::vector<std::string>& allowed)
{
    if (std::find(allowed.begin(), allowed.end(), value) != allowed.end())
        return;
    std::string list;
    for (const auto& one : allowed)
        list += (list.empty() ? "\"" : ", \"") + one + "\"";
    problems.push_back(fmt::format("{}: Unsupported value: \"{}\": supported values: {}", field, value, list));
}

void checkProbe(Problems& problems, const std::string& field, const std::optional<Probe>& probe)
{
    if (!probe)
        return;
    const int handlers = (probe->exec ? 1 : 0) + (probe->httpGet ? 1 : 0) + (probe->tcpSocket ? 1 : 0);
    if (handlers == 0)
        problems.push_back(field + ": Required value: must specify a handler type");
    if (handlers > 1)
        problems.push_back(field + ": Forbidden: may not specify more than 1 handler type");
}

void checkResources(Problems& problems, const std::string& field, const ResourceRequirements& resources)
{
    for (const auto& [name, request] : resources.requests) {
        const auto limit = resources.limits.find(name);
        if (limit != resources.limits.end() && request.milliValue() > limit->second.milliValue())
            problems.push_back(fmt::format("{}.requests: Invalid value: \"{}\": must be less than or equal to {} limit of {}",
                                           field, request.text, name, limit->second.text));
    }
}

void checkContainers(Problems& problems, const std::string& field, const std::vector<Container>& containers,
                     std::set<std::string>& names)
{
    for (std::size_t i = 0; i < containers.size(); ++i) {
        const Container& container = containers[i];
        const std::string at = fmt::format("{}[{}]", field, i);
        if (container.name.empty())
            problems.push_back(at + ".name: Required value");
        else if (!isLabel(container.name))
            problems.push_back(invalidText(at + ".name", container.name, kLabel));
        else if (!names.insert(container.name).second)
            problems.push_back(fmt::format("{}.name: Duplicate value: \"{}\"", at, container.name));
        if (container.image.empty())
            problems.push_back(at + ".image: Required value");
        else if (container.image.front() == ' ' || container.image.back() == ' ')
            problems.push_back(invalidText(at + ".image", container.image, "must not have leading or trailing whitespace"));
        oneOf(problems, at + ".imagePullPolicy", container.imagePullPolicy, {"Always", "IfNotPresent", "Never"});
        for (std::size_t p = 0; p < container.ports.size(); ++p) {
            const std::int64_t port = container.ports[p].containerPort.value;
            if (port < 1 || port > 65535)
                problems.push_back(invalidNumber(fmt::format("{}.ports[{}].containerPort", at, p), port,
                                                 "must be between 1 and 65535, inclusive"));
        }
        for (std::size_t e = 0; e < container.env.size(); ++e)
            if (container.env[e].name.empty())
                problems.push_back(fmt::format("{}.env[{}].name: Required value", at, e));
        checkProbe(problems, at + ".livenessProbe", container.livenessProbe);
        checkProbe(problems, at + ".readinessProbe", container.readinessProbe);
        checkProbe(problems, at + ".startupProbe", container.startupProbe);
        checkResources(problems, at + ".resources", container.resources);
    }
}

void checkPodSpec(Problems& problems, const std::string& field, const PodSpec& spec)
{
    std::set<std::string> names;
    if (spec.containers.empty())
        problems.push_back(field + ".containers: Required value");
    checkContainers(problems, field + ".containers", spec.containers, names);
    checkContainers(problems, field + ".initContainers", spec.initContainers, names);
    oneOf(problems, field + ".restartPolicy", spec.restartPolicy, {"Always", "OnFailure", "Never"});
    oneOf(problems, field + ".dnsPolicy", spec.dnsPolicy, {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"});
    if (spec.terminationGracePeriodSeconds && *spec.terminationGracePeriodSeconds < 0)
        problems.push_back(invalidNumber(field + ".terminationGracePeriodSeconds", *spec.terminationGracePeriodSeconds, kNotNegative));
    std::set<std::string> volumes;
    for (const Volume& volume : spec.volumes)
        volumes.insert(volume.name);
    for (const auto& [list, path] : {std::pair{&spec.containers, field + ".containers"}, {&spec.initContainers, field + ".initContainers"}})
        for (std::size_t i = 0; i < list->size(); ++i)
            for (std::size_t m = 0; m < (*list)[i].volumeMounts.size(); ++m)
                if (volumes.count((*list)[i].volumeMounts[m].name) == 0)
                    problems.push_back(fmt::format("{}[{}].volumeMounts[{}].name: Not found: \"{}\"", path, i, m,
                                                   (*list)[i].volumeMounts[m].name));
}

void checkTemplate(Problems& problems, const LabelSelector& selector, const PodTemplateSpec& podTemplate, bool alwaysRestart)
{
    if (selector.matchLabels.empty() && selector.matchExpressions.empty())
        problems.push_back("spec.selector: Required value");
    else if (!selector.matches(podTemplate.metadata.labels)) {
        std::string labels;
        for (const auto& [key, value] : podTemplate.metadata.labels)
            labels += fmt::format("{}\"{}\":\"{}\"", labels.empty() ? "" : ",", key, value);
        problems.push_back(fmt::format("spec.template.metadata.labels: Invalid value: {{{}}}: `selector` does not match template `labels`",
                                       labels));
    }
    checkPodSpec(problems, "spec.template.spec", podTemplate.spec);
    if (alwaysRestart && podTemplate.spec.restartPolicy != "Always")
        problems.push_back(fmt::format("spec.template.spec.restartPolicy: Unsupported value: \"{}\": supported values: \"Always\"",
                                       podTemplate.spec.restartPolicy));
}

bool zeroAmount(const std::optional<IntOrString>& amount)
{
    if (!amount)
        return false;
    if (const auto* number = std::get_if<std::int64_t>(&amount->value))
        return *number == 0;
    return std::get<std::string>(amount->value) == "0%";
}

/// What of a pod may change: images, activeDeadlineSeconds, grace period; tolerations may be added.
PodSpec withoutMutableFields(PodSpec spec)
{
    for (auto* list : {&spec.containers, &spec.initContainers})
        for (Container& container : *list)
            container.image.clear();
    spec.activeDeadlineSeconds.reset();
    spec.terminationGracePeriodSeconds.reset();
    spec.tolerations.clear();
    spec.nodeName.clear(); // set once, by a binding
    return spec;
}

std::string selectorJson(const LabelSelector& selector)
{
    std::string labels;
    for (const auto& [key, value] : selector.matchLabels)
        labels += fmt::format("{}\"{}\":\"{}\"", labels.empty() ? "" : ",", key, value);
    return fmt::format("{{\"matchLabels\":{{{}}}}}", labels);
}

} // namespace

template <ApiObject T>
std::vector<std::string> validate(const T& object)
{
    Problems problems;
    const ObjectMeta& meta = object.metadata;
    if (meta.name.empty() && meta.generateName.empty())
        problems.push_back("metadata.name: Required value: name or generateName is required");
    else if constexpr (std::is_same_v<T, Namespace>) {
        if (!isLabel(meta.name))
            problems.push_back(invalidText("metadata.name", meta.name, kLabel));
    } else if constexpr (std::is_same_v<T, Service>) {
        if (!isLabel(meta.name) || (meta.name.front() >= '0' && meta.name.front() <= '9'))
            problems.push_back(invalidText("metadata.name", meta.name, kDns1035));
    } else if (!meta.name.empty() && !isSubdomain(meta.name)) {
        problems.push_back(invalidText("metadata.name", meta.name, kSubdomain));
    }
    if constexpr (std::is_same_v<T, Pod>) {
        checkPodSpec(problems, "spec", object.spec);
    } else if constexpr (std::is_same_v<T, Deployment>) {
        if (object.spec.replicas.value_or(1) < 0)
            problems.push_back(invalidNumber("spec.replicas", *object.spec.replicas, kNotNegative));
        checkTemplate(problems, object.spec.selector, object.spec.template_, true);
        oneOf(problems, "spec.strategy.type", object.spec.strategy.type, {"Recreate", "RollingUpdate"});
        const auto& rolling = object.spec.strategy.rollingUpdate;
        if (rolling && object.spec.strategy.type == "Recreate")
            problems.push_back("spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'");
        else if (rolling && zeroAmount(rolling->maxSurge) && zeroAmount(rolling->maxUnavailable))
            problems.push_back("spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0");
    } else if constexpr (std::is_same_v<T, ReplicaSet>) {
        if (object.spec.replicas.value_or(1) < 0)
            problems.push_back(invalidNumber("spec.replicas", *object.spec.replicas, kNotNegative));
        checkTemplate(problems, object.spec.selector, object.spec.template_, true);
    } else if constexpr (std::is_same_v<T, DaemonSet>) {
        checkTemplate(problems, object.spec.selector, object.spec.template_, true);
    } else if constexpr (std::is_same_v<T, Service>) {
        if (object.spec.ports.empty() && object.spec.clusterIP != "None" && object.spec.type != "ExternalName")
            problems.push_back("spec.ports: Required value");
        for (std::size_t i = 0; i < object.spec.ports.size(); ++i) {
            const std::int64_t port = object.spec.ports[i].port.value;
            if (port < 1 || port > 65535)
                problems.push_back(invalidNumber(fmt::format("spec.ports[{}].port", i), port, "must be between 1 and 65535, inclusive"));
            if (object.spec.ports.size() > 1 && object.spec.ports[i].name.empty())
                problems.push_back(fmt::format("spec.ports[{}].name: Required value", i));
        }
        oneOf(problems, "spec.type", object.spec.type, {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
    } else if constexpr (std::is_same_v<T, Secret>) {
        if (object.type == "kubernetes.io/dockerconfigjson" && object.data.count(".dockerconfigjson") == 0)
            problems.push_back("data[.dockerconfigjson]: Required value");
    }
    return problems;
}

template <ApiObject T>
std::vector<std::string> validateUpdate(const T& object, const T& old)
{
    Problems problems;
    if (object.metadata.name != old.metadata.name)
        problems.push_back(invalidText("metadata.name", object.metadata.name, "field is immutable"));
    if constexpr (std::is_same_v<T, Deployment> || std::is_same_v<T, ReplicaSet> || std::is_same_v<T, DaemonSet>) {
        if (object.spec.selector != old.spec.selector)
            problems.push_back(fmt::format("spec.selector: Invalid value: {}: field is immutable", selectorJson(object.spec.selector)));
    } else if constexpr (std::is_same_v<T, Pod>) {
        const bool moved = !old.spec.nodeName.empty() && object.spec.nodeName != old.spec.nodeName;
        if (moved || withoutMutableFields(object.spec) != withoutMutableFields(old.spec))
            problems.push_back("spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,"
                               "`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to "
                               "existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
                               "previously negative)");
    } else if constexpr (std::is_same_v<T, Service>) {
        if (!old.spec.clusterIP.empty() && object.spec.clusterIP != old.spec.clusterIP)
            problems.push_back(fmt::format("spec.clusterIPs[0]: Invalid value: [\"{}\"]: may not change once set", object.spec.clusterIP));
    } else if constexpr (std::is_same_v<T, ConfigMap> || std::is_same_v<T, Secret>) {
        if (old.immutable.value_or(false) && object.data != old.data)
            problems.push_back("data: Forbidden: field is immutable when `immutable` is set");
        if constexpr (std::is_same_v<T, Secret>)
            if (object.type != old.type)
                problems.push_back(invalidText("type", object.type, "field is immutable"));
    }
    return problems;
}

#define FAULTLINE_VALIDATE(T)                                     \
    template std::vector<std::string> validate<T>(const T& object); \
    template std::vector<std::string> validateUpdate<T>(const T&, const T&);
FAULTLINE_VALIDATE(Namespace)
FAULTLINE_VALIDATE(Node)
FAULTLINE_VALIDATE(Pod)
FAULTLINE_VALIDATE(Service)
FAULTLINE_VALIDATE(Endpoints)
FAULTLINE_VALIDATE(ConfigMap)
FAULTLINE_VALIDATE(Secret)
FAULTLINE_VALIDATE(ServiceAccount)
FAULTLINE_VALIDATE(KubeEvent)
FAULTLINE_VALIDATE(Deployment)
FAULTLINE_VALIDATE(ReplicaSet)
FAULTLINE_VALIDATE(DaemonSet)
FAULTLINE_VALIDATE(EndpointSlice)
FAULTLINE_VALIDATE(Lease)
#undef FAULTLINE_VALIDATE

} // namespace sim::kube
