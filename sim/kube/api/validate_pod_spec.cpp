#include "sim/kube/api/names.h"
#include "sim/kube/api/validation_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

// pkg/apis/core/validation/validation.go: ValidatePodSpec and what it calls, in its order.
namespace sim::kube::validation {

namespace {

using Names = std::set<std::string>;

const std::vector<std::string> kProtocols{"SCTP", "TCP", "UDP"};
const std::vector<std::string> kPullPolicies{"Always", "IfNotPresent", "Never"};

std::string indexed(const std::string& at, std::size_t i) { return fmt::format("{}[{}]", at, i); }

/// Resources without a slash that a container may ask for.
bool isStandardResource(const std::string& name)
{
    return name == "cpu" || name == "memory" || name == "ephemeral-storage" || name.starts_with("hugepages-");
}
/// What can be given out more often than it is there (helper.IsOvercommitAllowed).
bool mayOvercommit(const std::string& name)
{
    const bool native = name.find('/') == std::string::npos || name.find("kubernetes.io/") != std::string::npos;
    return native && !name.starts_with("hugepages-");
}
bool isExtendedResource(const std::string& name)
{
    return name.find('/') != std::string::npos && name.find("kubernetes.io/") == std::string::npos && !name.starts_with("requests.");
}

void checkAmount(FieldErrors& errors, const std::string& at, const std::string& name, const Quantity& amount)
{
    const auto messages = names::qualifiedName(name);
    errors.each(at, name, messages);
    if (messages.empty() && name.find('/') == std::string::npos && !isStandardResource(name)) {
        errors.invalid(at, name, "must be a standard resource type or fully qualified");
        errors.invalid(at, name, "must be a standard resource for containers");
    }
    if (amount.milliValue() < 0)
        errors.invalid(at, amount.text, "must be greater than or equal to 0");
    if (isExtendedResource(name) && amount.milliValue() % 1000 != 0)
        errors.invalidDump(at, goDump(amount), "must be an integer");
}

void checkHttpGet(FieldErrors& errors, const std::string& at, const HttpGetAction& action)
{
    if (action.path.empty())
        errors.required(at + ".path");
    if (const auto* number = std::get_if<std::int64_t>(&action.port.value))
        for (const auto& message : names::portNumber(*number))
            errors.invalid(at + ".port", *number, message);
    else
        errors.each(at + ".port", std::get<std::string>(action.port.value), names::portName(std::get<std::string>(action.port.value)));
    if (action.scheme != "HTTP" && action.scheme != "HTTPS")
        errors.notSupported(at + ".scheme", action.scheme, {"HTTP", "HTTPS"});
}

void checkPort(FieldErrors& errors, const std::string& at, const IntOrString& port)
{
    if (const auto* number = std::get_if<std::int64_t>(&port.value))
        for (const auto& message : names::portNumber(*number))
            errors.invalid(at, *number, message);
    else
        errors.each(at, std::get<std::string>(port.value), names::portName(std::get<std::string>(port.value)));
}

/// Of a probe or a hook: exactly one way to do it.
template <class Handler>
void checkHandler(FieldErrors& errors, const std::string& at, const Handler& handler)
{
    int found = 0;
    const auto another = [&](const char* name) {
        if (++found > 1)
            errors.forbidden(at + "." + name, "may not specify more than 1 handler type");
        return found == 1;
    };
    if (handler.exec && another("exec") && handler.exec->command.empty())
        errors.required(at + ".exec.command");
    if (handler.httpGet && another("httpGet"))
        checkHttpGet(errors, at + ".httpGet", *handler.httpGet);
    if (handler.tcpSocket && another("tcpSocket"))
        checkPort(errors, at + ".tcpSocket.port", handler.tcpSocket->port);
    if constexpr (requires { handler.grpc; }) {
        if (handler.grpc && another("grpc"))
            for (const auto& message : names::portNumber(handler.grpc->port.value))
                errors.invalid(at + ".grpc.port", handler.grpc->port.value, message);
    }
    if constexpr (requires { handler.sleep; }) {
        if (handler.sleep)
            another("sleep");
    }
    if (found == 0)
        errors.required(at, "must specify a handler type");
}

void checkProbe(FieldErrors& errors, const std::string& at, const SharedOptional<Probe>& probe)
{
    if (!probe)
        return;
    checkHandler(errors, at, *probe);
    errors.notNegative(at + ".initialDelaySeconds", probe->initialDelaySeconds);
    errors.notNegative(at + ".timeoutSeconds", probe->timeoutSeconds);
    errors.notNegative(at + ".periodSeconds", probe->periodSeconds);
    errors.notNegative(at + ".successThreshold", probe->successThreshold);
    errors.notNegative(at + ".failureThreshold", probe->failureThreshold);
    if (probe->terminationGracePeriodSeconds && *probe->terminationGracePeriodSeconds <= 0)
        errors.invalid(at + ".terminationGracePeriodSeconds", *probe->terminationGracePeriodSeconds, "must be greater than 0");
    const bool readiness = at.ends_with("readinessProbe");
    if (readiness && probe->terminationGracePeriodSeconds)
        errors.invalid(at + ".terminationGracePeriodSeconds", *probe->terminationGracePeriodSeconds, "must not be set for readinessProbes");
    if (!readiness && probe->successThreshold != 1)
        errors.invalid(at + ".successThreshold", probe->successThreshold, "must be 1");
}

void checkPorts(FieldErrors& errors, const std::string& at, const std::vector<ContainerPort>& ports)
{
    Names seen;
    for (std::size_t i = 0; i < ports.size(); ++i) {
        const ContainerPort& port = ports[i];
        const std::string here = indexed(at, i);
        if (!port.name.empty()) {
            const auto messages = names::portName(port.name);
            errors.each(here + ".name", port.name, messages);
            if (messages.empty() && !seen.insert(port.name).second)
                errors.duplicate(here + ".name", port.name);
        }
        if (port.containerPort.value == 0)
            errors.required(here + ".containerPort");
        else
            for (const auto& message : names::portNumber(port.containerPort.value))
                errors.invalid(here + ".containerPort", port.containerPort.value, message);
        if (port.hostPort != 0)
            for (const auto& message : names::portNumber(port.hostPort))
                errors.invalid(here + ".hostPort", port.hostPort, message);
        errors.oneOf(here + ".protocol", port.protocol, kProtocols);
    }
}

void checkEnvironment(FieldErrors& errors, const std::string& at, const std::vector<EnvVar>& variables)
{
    for (std::size_t i = 0; i < variables.size(); ++i) {
        const EnvVar& one = variables[i];
        const std::string here = indexed(at, i);
        if (one.name.empty())
            errors.required(here + ".name");
        else
            errors.each(here + ".name", one.name, names::environmentName(one.name));
        if (!one.valueFrom)
            continue;
        const std::string from = here + ".valueFrom";
        int sources = 0;
        for (const auto& [ref, name] : {std::pair{&one.valueFrom->configMapKeyRef, "configMapKeyRef"}, {&one.valueFrom->secretKeyRef, "secretKeyRef"}})
            if (*ref) {
                ++sources;
                if ((*ref)->name.empty())
                    errors.required(fmt::format("{}.{}.name", from, name));
                if ((*ref)->key.empty())
                    errors.required(fmt::format("{}.{}.key", from, name));
                else
                    errors.each(fmt::format("{}.{}.key", from, name), (*ref)->key, names::configMapKey((*ref)->key));
            }
        if (one.valueFrom->fieldRef) {
            ++sources;
            if (one.valueFrom->fieldRef->fieldPath.empty())
                errors.required(from + ".fieldRef.fieldPath");
        }
        sources += one.valueFrom->resourceFieldRef ? 1 : 0;
        if (sources == 0)
            errors.invalid(from, "", "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`");
        else if (!one.value.empty())
            errors.invalid(from, "", "may not be specified when `value` is not empty");
        else if (sources > 1)
            errors.invalid(from, "", "may not have more than one field specified at a time");
    }
}

void checkMounts(FieldErrors& errors, const std::string& at, const std::vector<VolumeMount>& mounts, const Names& volumes)
{
    Names paths;
    for (std::size_t i = 0; i < mounts.size(); ++i) {
        const VolumeMount& mount = mounts[i];
        const std::string here = indexed(at, i);
        if (mount.name.empty())
            errors.required(here + ".name");
        if (volumes.count(mount.name) == 0)
            errors.notFound(here + ".name", mount.name);
        if (mount.mountPath.empty())
            errors.required(here + ".mountPath");
        if (!paths.insert(mount.mountPath).second)
            errors.invalid(here + ".mountPath", mount.mountPath, "must be unique");
        if (mount.subPath.starts_with('/'))
            errors.invalid(here + ".subPath", mount.subPath, "must be a relative path");
        if (mount.subPath == ".." || mount.subPath.starts_with("../") || mount.subPath.find("/../") != std::string::npos)
            errors.invalid(here + ".subPath", mount.subPath, "must not contain '..'");
    }
}

/// What holds for a container of any sort.
void checkContainer(FieldErrors& errors, const std::string& here, const Container& one, const Names& volumes)
{
    if (one.name.empty())
        errors.required(here + ".name");
    else
        errors.each(here + ".name", one.name, names::dns1123Label(one.name));
    if (one.image.empty())
        errors.required(here + ".image");
    else if (one.image.front() == ' ' || one.image.back() == ' ')
        errors.invalid(here + ".image", one.image, "must not have leading or trailing whitespace");
    if (one.terminationMessagePolicy != "File" && one.terminationMessagePolicy != "FallbackToLogsOnError")
        errors.oneOf(here + ".terminationMessagePolicy", one.terminationMessagePolicy, {"FallbackToLogsOnError", "File"});
    checkPorts(errors, here + ".ports", one.ports);
    checkEnvironment(errors, here + ".env", one.env);
    checkMounts(errors, here + ".volumeMounts", one.volumeMounts, volumes);
    errors.oneOf(here + ".imagePullPolicy", one.imagePullPolicy, kPullPolicies);
    checkResources(errors, here + ".resources", one.resources);
}

void checkContainers(FieldErrors& errors, const std::string& at, const std::vector<Container>& containers, Names& seen, const Names& volumes,
                     bool init)
{
    for (std::size_t i = 0; i < containers.size(); ++i) {
        const Container& one = containers[i];
        const std::string here = indexed(at, i);
        checkContainer(errors, here, one, volumes);
        if (!seen.insert(one.name).second)
            errors.duplicate(here + ".name", one.name);
        const bool sidecar = init && one.restartPolicy == "Always";
        if (one.lifecycle && init && !sidecar)
            errors.forbidden(here + ".lifecycle", "may not be set for init containers without restartPolicy=Always");
        else if (one.lifecycle) {
            if (one.lifecycle->postStart)
                checkHandler(errors, here + ".lifecycle.postStart", *one.lifecycle->postStart);
            if (one.lifecycle->preStop)
                checkHandler(errors, here + ".lifecycle.preStop", *one.lifecycle->preStop);
        }
        for (const auto& [probe, name] : {std::pair{&one.livenessProbe, "livenessProbe"}, {&one.readinessProbe, "readinessProbe"},
                                          {&one.startupProbe, "startupProbe"}}) {
            if (*probe && init && !sidecar)
                errors.forbidden(here + "." + name, "may not be set for init containers without restartPolicy=Always");
            else
                checkProbe(errors, here + "." + name, *probe);
        }
        if (!init && !one.restartPolicy.empty())
            errors.forbidden(here + ".restartPolicy", "may not be set for non-init containers");
        else if (init && !one.restartPolicy.empty() && !sidecar)
            errors.notSupported(here + ".restartPolicy", one.restartPolicy, {"Always"});
    }
}

/// `others`: the names of the containers that are not ephemeral.
void checkEphemeral(FieldErrors& errors, const std::string& at, const std::vector<EphemeralContainer>& containers, const Names& others,
                    const Names& volumes)
{
    constexpr std::string_view kUnfit = "cannot be set for an Ephemeral Container";
    Names seen = others;
    for (std::size_t i = 0; i < containers.size(); ++i) {
        const EphemeralContainer& one = containers[i];
        const std::string here = indexed(at, i);
        checkContainer(errors, here, one, volumes);
        if (!seen.insert(one.name).second)
            errors.duplicate(here + ".name", one.name);
        if (!one.targetContainerName.empty() && others.count(one.targetContainerName) == 0)
            errors.notFound(here + ".targetContainerName", one.targetContainerName);
        const std::pair<bool, const char*> kSet[] = {{!one.ports.empty(), "ports"},
                                                     {one.resources != ResourceRequirements{}, "resources"},
                                                     {!one.restartPolicy.empty(), "restartPolicy"},
                                                     {one.livenessProbe.has_value(), "livenessProbe"},
                                                     {one.readinessProbe.has_value(), "readinessProbe"},
                                                     {one.startupProbe.has_value(), "startupProbe"},
                                                     {one.lifecycle.has_value(), "lifecycle"}};
        for (const auto& [set, name] : kSet)
            if (set)
                errors.forbidden(here + "." + name, kUnfit);
        for (std::size_t mount = 0; mount < one.volumeMounts.size(); ++mount) {
            if (!one.volumeMounts[mount].subPath.empty())
                errors.forbidden(indexed(here + ".volumeMounts", mount) + ".subPath", kUnfit);
            if (!one.volumeMounts[mount].subPathExpr.empty())
                errors.forbidden(indexed(here + ".volumeMounts", mount) + ".subPathExpr", kUnfit);
        }
    }
}

Names checkVolumes(FieldErrors& errors, const std::string& at, const std::vector<Volume>& volumes)
{
    Names names;
    for (std::size_t i = 0; i < volumes.size(); ++i) {
        const Volume& one = volumes[i];
        const std::string here = indexed(at, i);
        int sources = 0;
        const auto source = [&](bool set, const char* name) {
            if (set && ++sources > 1)
                errors.forbidden(here + "." + name, "may not specify more than 1 volume type");
        };
        source(one.emptyDir.has_value(), "emptyDir");
        source(one.hostPath.has_value(), "hostPath");
        source(one.secret.has_value(), "secret");
        source(one.nfs.has_value(), "nfs");
        source(one.persistentVolumeClaim.has_value(), "persistentVolumeClaim");
        source(one.downwardAPI.has_value(), "downwardAPI");
        source(one.configMap.has_value(), "configMap");
        source(one.projected.has_value(), "projected");
        if (one.hostPath && one.hostPath->path.empty())
            errors.required(here + ".hostPath.path");
        if (one.secret && one.secret->secretName.empty())
            errors.required(here + ".secret.secretName");
        if (one.configMap && one.configMap->name.empty())
            errors.required(here + ".configMap.name");
        if (one.persistentVolumeClaim && one.persistentVolumeClaim->claimName.value.empty())
            errors.required(here + ".persistentVolumeClaim.claimName");
        if (one.nfs && one.nfs->server.value.empty())
            errors.required(here + ".nfs.server");
        if (sources == 0)
            errors.required(here, "must specify a volume type");
        if (one.name.empty())
            errors.required(here + ".name");
        else
            errors.each(here + ".name", one.name, names::dns1123Label(one.name));
        if (!names.insert(one.name).second)
            errors.duplicate(here + ".name", one.name);
    }
    return names;
}

void checkNodeTerm(FieldErrors& errors, const std::string& at, const NodeSelectorTerm& term)
{
    for (std::size_t i = 0; i < term.matchExpressions.size(); ++i)
        checkRequirement(errors, fmt::format("{}.matchExpressions[{}]", at, i), term.matchExpressions[i], true);
}

void checkWeight(FieldErrors& errors, const std::string& at, std::int64_t weight)
{
    if (weight < 1 || weight > 100)
        errors.invalid(at, weight, "must be in the range 1-100");
}

void checkAffinityTerm(FieldErrors& errors, const std::string& at, const PodAffinityTerm& term)
{
    if (term.labelSelector)
        checkLabelSelector(errors, at + ".labelSelector", *term.labelSelector);
    if (term.namespaceSelector)
        checkLabelSelector(errors, at + ".namespaceSelector", *term.namespaceSelector);
    for (const std::string& space : term.namespaces)
        errors.each(at + ".namespace", space, names::dns1123Label(space));
    if (term.topologyKey.empty())
        errors.required(at + ".topologyKey", "can not be empty");
    else
        errors.each(at + ".topologyKey", term.topologyKey, names::qualifiedName(term.topologyKey));
}

void checkPodAffinity(FieldErrors& errors, const std::string& at, const std::optional<PodAffinity>& affinity)
{
    if (!affinity)
        return;
    for (std::size_t i = 0; i < affinity->requiredDuringSchedulingIgnoredDuringExecution.size(); ++i)
        checkAffinityTerm(errors, indexed(at + ".requiredDuringSchedulingIgnoredDuringExecution", i),
                          affinity->requiredDuringSchedulingIgnoredDuringExecution[i]);
    for (std::size_t i = 0; i < affinity->preferredDuringSchedulingIgnoredDuringExecution.size(); ++i) {
        const WeightedPodAffinityTerm& one = affinity->preferredDuringSchedulingIgnoredDuringExecution[i];
        const std::string here = indexed(at + ".preferredDuringSchedulingIgnoredDuringExecution", i);
        checkWeight(errors, here + ".weight", one.weight.value);
        checkAffinityTerm(errors, here + ".podAffinityTerm", one.podAffinityTerm);
    }
}

void checkAffinity(FieldErrors& errors, const std::string& at, const Affinity& affinity)
{
    if (affinity.nodeAffinity) {
        const std::string here = at + ".nodeAffinity";
        if (affinity.nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution)
            checkNodeSelector(errors, here + ".requiredDuringSchedulingIgnoredDuringExecution",
                              *affinity.nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution);
        const auto& preferred = affinity.nodeAffinity->preferredDuringSchedulingIgnoredDuringExecution;
        for (std::size_t i = 0; i < preferred.size(); ++i) {
            const std::string term = indexed(here + ".preferredDuringSchedulingIgnoredDuringExecution", i);
            checkWeight(errors, term + ".weight", preferred[i].weight.value);
            checkNodeTerm(errors, term + ".preference", preferred[i].preference);
        }
    }
    checkPodAffinity(errors, at + ".podAffinity", affinity.podAffinity);
    checkPodAffinity(errors, at + ".podAntiAffinity", affinity.podAntiAffinity);
}

void checkSpread(FieldErrors& errors, const std::string& at, const std::vector<TopologySpreadConstraint>& constraints)
{
    std::set<std::pair<std::string, std::string>> seen;
    for (std::size_t i = 0; i < constraints.size(); ++i) {
        const TopologySpreadConstraint& one = constraints[i];
        const std::string here = indexed(at, i);
        if (one.maxSkew <= 0)
            errors.invalid(here + ".maxSkew", one.maxSkew, "must be greater than zero");
        if (one.topologyKey.empty())
            errors.required(here + ".topologyKey", "can not be empty");
        else
            errors.each(here + ".topologyKey", one.topologyKey, names::qualifiedName(one.topologyKey));
        if (one.whenUnsatisfiable != "DoNotSchedule" && one.whenUnsatisfiable != "ScheduleAnyway")
            errors.notSupported(here + ".whenUnsatisfiable", one.whenUnsatisfiable, {"DoNotSchedule", "ScheduleAnyway"});
        if (!seen.insert({one.topologyKey, one.whenUnsatisfiable}).second)
            errors.duplicate(here + ".{topologyKey, whenUnsatisfiable}", fmt::format("{{{}, {}}}", one.topologyKey, one.whenUnsatisfiable));
        if (one.minDomains && *one.minDomains <= 0)
            errors.invalid(here + ".minDomains", *one.minDomains, "must be greater than zero");
        if (one.minDomains && one.whenUnsatisfiable != "DoNotSchedule")
            errors.invalid(here + ".minDomains", *one.minDomains,
                           fmt::format("can only use minDomains if whenUnsatisfiable={}, not {}", "DoNotSchedule", one.whenUnsatisfiable));
        if (one.labelSelector)
            checkLabelSelector(errors, here + ".labelSelector", *one.labelSelector);
    }
}

void checkTolerations(FieldErrors& errors, const std::string& at, const std::vector<Toleration>& tolerations)
{
    for (std::size_t i = 0; i < tolerations.size(); ++i) {
        const Toleration& one = tolerations[i];
        const std::string here = indexed(at, i);
        if (!one.key.empty())
            errors.each(here + ".key", one.key, names::qualifiedName(one.key));
        if (one.key.empty() && one.operator_ != "Exists")
            errors.invalid(here + ".operator", one.operator_,
                           "operator must be Exists when `key` is empty, which means \"match all values and all keys\"");
        if (one.tolerationSeconds && one.effect != "NoExecute")
            errors.invalid(here + ".effect", one.effect, "effect must be 'NoExecute' when `tolerationSeconds` is set");
        if (one.operator_.empty() || one.operator_ == "Equal") {
            errors.each(here + ".operator", one.value, names::labelValue(one.value));
        } else if (one.operator_ == "Exists") {
            if (!one.value.empty())
                errors.invalid(here + ".operator", one.value, "value must be empty when `operator` is 'Exists'");
        } else {
            errors.notSupported(here + ".operator", one.operator_, {"Equal", "Exists"});
        }
        if (!one.effect.empty() && one.effect != "NoSchedule" && one.effect != "PreferNoSchedule" && one.effect != "NoExecute")
            errors.notSupported(here + ".effect", one.effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
    }
}

void checkHostPorts(FieldErrors& errors, const std::string& at, const std::vector<Container>& containers)
{
    std::set<std::string> seen;
    for (std::size_t i = 0; i < containers.size(); ++i)
        for (std::size_t p = 0; p < containers[i].ports.size(); ++p) {
            const ContainerPort& port = containers[i].ports[p];
            if (port.hostPort == 0)
                continue;
            const std::string text = fmt::format("{}/{}/{}", port.protocol, port.hostIP, port.hostPort);
            if (!seen.insert(text).second)
                errors.duplicate(fmt::format("{}[{}].ports[{}].hostPort", at, i, p), text);
        }
}

} // namespace

void checkResources(FieldErrors& errors, const std::string& at, const ResourceRequirements& resources)
{
    for (const auto& [name, amount] : resources.limits)
        checkAmount(errors, fmt::format("{}.limits[{}]", at, name), name, amount);
    for (const auto& [name, amount] : resources.requests) {
        checkAmount(errors, fmt::format("{}.requests[{}]", at, name), name, amount);
        const auto limit = resources.limits.find(name);
        if (limit != resources.limits.end()) {
            const std::int64_t asked = amount.milliValue();
            const std::int64_t most = limit->second.milliValue();
            if (asked != most && !mayOvercommit(name))
                errors.invalid(at + ".requests", amount.text, fmt::format("must be equal to {} limit of {}", name, limit->second.text));
            else if (asked > most)
                errors.invalid(at + ".requests", amount.text,
                               fmt::format("must be less than or equal to {} limit of {}", name, limit->second.text));
        } else if (!mayOvercommit(name)) {
            errors.required(at + ".limits", "Limit must be set for non overcommitable resources");
        }
    }
}

void checkNodeSelector(FieldErrors& errors, const std::string& at, const NodeSelector& selector)
{
    if (selector.nodeSelectorTerms.empty())
        errors.required(at + ".nodeSelectorTerms", "must have at least one node selector term");
    for (std::size_t i = 0; i < selector.nodeSelectorTerms.size(); ++i)
        checkNodeTerm(errors, indexed(at + ".nodeSelectorTerms", i), selector.nodeSelectorTerms[i]);
}

void checkPodSpec(FieldErrors& errors, const std::string& at, const PodSpec& spec)
{
    const Names volumes = checkVolumes(errors, at + ".volumes", spec.volumes);
    Names containers;
    if (spec.containers.empty())
        errors.required(at + ".containers");
    checkContainers(errors, at + ".containers", spec.containers, containers, volumes, false);
    checkHostPorts(errors, at + ".containers", spec.containers);
    checkContainers(errors, at + ".initContainers", spec.initContainers, containers, volumes, true);
    checkEphemeral(errors, at + ".ephemeralContainers", spec.ephemeralContainers, containers, volumes);
    errors.oneOf(at + ".restartPolicy", spec.restartPolicy, {"Always", "OnFailure", "Never"});
    errors.oneOf(at + ".dnsPolicy", spec.dnsPolicy, {"ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"});
    checkLabels(errors, at + ".nodeSelector", spec.nodeSelector);
    for (std::size_t i = 0; i < spec.imagePullSecrets.size(); ++i)
        if (spec.imagePullSecrets[i].name.empty())
            errors.required(indexed(at + ".imagePullSecrets", i) + ".name");
    if (spec.affinity)
        checkAffinity(errors, at + ".affinity", *spec.affinity);
    if (spec.dnsPolicy == "None" && (!spec.dnsConfig || spec.dnsConfig->nameservers.empty()))
        errors.required(at + ".dnsConfig.nameservers", "must provide at least one DNS nameserver when `dnsPolicy` is None");
    for (std::size_t i = 0; i < spec.readinessGates.size(); ++i)
        errors.each(indexed(at + ".readinessGates", i) + ".conditionType", spec.readinessGates[i].conditionType,
                    names::qualifiedName(spec.readinessGates[i].conditionType));
    checkSpread(errors, at + ".topologySpreadConstraints", spec.topologySpreadConstraints);
    if (!spec.serviceAccountName.empty())
        errors.each(at + ".serviceAccountName", spec.serviceAccountName, names::dns1123Subdomain(spec.serviceAccountName));
    if (!spec.nodeName.empty())
        errors.each(at + ".nodeName", spec.nodeName, names::dns1123Subdomain(spec.nodeName));
    if (spec.activeDeadlineSeconds && (*spec.activeDeadlineSeconds < 1 || *spec.activeDeadlineSeconds > 2147483647))
        errors.invalid(at + ".activeDeadlineSeconds", *spec.activeDeadlineSeconds, "must be between 1 and 2147483647, inclusive");
    if (!spec.hostname.empty())
        errors.each(at + ".hostname", spec.hostname, names::dns1123Label(spec.hostname));
    if (!spec.subdomain.empty())
        errors.each(at + ".subdomain", spec.subdomain, names::dns1123Label(spec.subdomain));
    checkTolerations(errors, at + ".tolerations", spec.tolerations);
    if (!spec.priorityClassName.empty())
        errors.each(at + ".priorityClassName", spec.priorityClassName, names::dns1123Subdomain(spec.priorityClassName));
    if (spec.runtimeClassName)
        errors.each(at + ".runtimeClassName", *spec.runtimeClassName, names::dns1123Subdomain(*spec.runtimeClassName));
}

void checkPodTemplate(FieldErrors& errors, const std::string& at, const PodTemplateSpec& podTemplate)
{
    checkLabels(errors, at + ".labels", podTemplate.metadata.labels);
    checkAnnotations(errors, at + ".annotations", podTemplate.metadata.annotations);
    checkPodSpec(errors, at + ".spec", podTemplate.spec);
    if (!podTemplate.spec.ephemeralContainers.empty())
        errors.forbidden(at + ".spec.ephemeralContainers", "ephemeral containers not allowed in pod template");
}

} // namespace sim::kube::validation
