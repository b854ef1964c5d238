#include "sim/kube/api/names.h"
#include "sim/kube/api/go_diff.h"
#include "sim/kube/api/validation_parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

// Pods, nodes, Services, ConfigMaps and Secrets (pkg/apis/core/validation/validation.go).
namespace sim::kube::validation {

namespace {

constexpr std::size_t kDataMost = 1024 * 1024;

/// What of a pod may change is as it was: images, activeDeadlineSeconds, tolerations, which may be added to, scheduling
/// gates, which may be removed, and the node, which a binding sets. Requires: as many containers as before.
Pod withoutAllowedChanges(Pod pod, const Pod& old)
{
    for (auto list : {&PodSpec::containers, &PodSpec::initContainers}) {
        if (pod.spec.*list == old.spec.*list)
            continue; // shared mostly, and it stays so
        for (std::size_t i = 0; i < (pod.spec.*list).size(); ++i)
            (pod.spec.*list)[i].image = (old.spec.*list)[i].image;
    }
    pod.spec.activeDeadlineSeconds = old.spec.activeDeadlineSeconds;
    if (old.spec.terminationGracePeriodSeconds.value_or(0) < 0 && pod.spec.terminationGracePeriodSeconds == 1)
        pod.spec.terminationGracePeriodSeconds = old.spec.terminationGracePeriodSeconds;
    pod.spec.tolerations = old.spec.tolerations;
    pod.spec.schedulingGates = old.spec.schedulingGates;
    if (old.spec.nodeName.empty())
        pod.spec.nodeName.clear();
    return pod;
}

void checkKeys(FieldErrors& errors, const StringMap& data, const char* at, const StringMap* other, std::size_t& size)
{
    for (const auto& [key, value] : data) {
        errors.each(fmt::format("{}[{}]", at, key), key, names::configMapKey(key));
        if (other != nullptr && other->count(key) != 0)
            errors.invalid(fmt::format("{}[{}]", at, key), key, "duplicate of key present in binaryData");
        size += value.size();
    }
}

void needKey(FieldErrors& errors, const Secret& secret, const char* key)
{
    if (secret.data.count(key) == 0)
        errors.required(fmt::format("data[{}]", key));
}

void checkServicePort(FieldErrors& errors, const std::string& at, const ServicePort& port, bool needsName, std::set<std::string>& seen)
{
    if (needsName && port.name.empty())
        errors.required(at + ".name");
    else if (!port.name.empty()) {
        errors.each(at + ".name", port.name, names::dns1123Label(port.name));
        if (!seen.insert(port.name).second)
            errors.duplicate(at + ".name", port.name);
    }
    for (const auto& message : names::portNumber(port.port.value))
        errors.invalid(at + ".port", port.port.value, message);
    errors.oneOf(at + ".protocol", port.protocol, {"SCTP", "TCP", "UDP"});
    if (const auto* number = std::get_if<std::int64_t>(&port.targetPort.value))
        for (const auto& message : names::portNumber(*number))
            errors.invalid(at + ".targetPort", *number, message);
    else
        errors.each(at + ".targetPort", std::get<std::string>(port.targetPort.value), names::portName(std::get<std::string>(port.targetPort.value)));
}

} // namespace

void check(FieldErrors& errors, const Pod& pod)
{
    checkPodSpec(errors, "spec", pod.spec);
}

void checkUpdate(FieldErrors& errors, const Pod& pod, const Pod& old)
{
    for (const auto& [list, at] : {std::pair{&PodSpec::containers, "spec.containers"}, {&PodSpec::initContainers, "spec.initContainers"}})
        if ((pod.spec.*list).size() != (old.spec.*list).size())
            return errors.forbidden(at, "pod updates may not add or remove containers");
    if (pod.spec.activeDeadlineSeconds != old.spec.activeDeadlineSeconds && old.spec.activeDeadlineSeconds
        && (!pod.spec.activeDeadlineSeconds || *pod.spec.activeDeadlineSeconds > *old.spec.activeDeadlineSeconds))
        errors.invalid("spec.activeDeadlineSeconds", pod.spec.activeDeadlineSeconds.value_or(0),
                       "must be less than or equal to previous value");
    for (const Toleration& before : old.spec.tolerations) {
        const bool kept = std::any_of(pod.spec.tolerations.begin(), pod.spec.tolerations.end(), [&](Toleration one) {
            one.tolerationSeconds = before.tolerationSeconds;
            return one == before;
        });
        if (!kept) {
            errors.forbidden("spec.tolerations", "existing toleration can not be modified except its tolerationSeconds");
            break;
        }
    }
    const Pod left = withoutAllowedChanges(pod, old);
    if (left.spec != old.spec)
        errors.forbidden("spec", "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,"
                                 "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),"
                                 "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n"
                                     + goDiff(goPodSpec(old), goPodSpec(left)));
}

void checkEphemeralUpdate(FieldErrors& errors, const Pod& pod, const Pod& old)
{
    const auto& now = pod.spec.ephemeralContainers;
    for (const EphemeralContainer& before : *old.spec.ephemeralContainers) {
        const auto kept = std::find_if(now.begin(), now.end(), [&](const EphemeralContainer& one) { return one.name == before.name; });
        if (kept == now.end())
            errors.forbidden("spec.ephemeralContainers", fmt::format("existing ephemeral containers {} may not be removed\n", goQuoted(before.name)));
        else if (*kept != before)
            errors.forbidden("spec.ephemeralContainers",
                             fmt::format("existing ephemeral containers {} may not be changed\n{}", goQuoted(before.name),
                                         goDiff(goEphemeralContainer(old, before.name), goEphemeralContainer(pod, before.name))));
    }
}

void check(FieldErrors& errors, const Node& node)
{
    std::set<std::pair<std::string, std::string>> seen;
    for (std::size_t i = 0; i < node.spec.taints.size(); ++i) {
        const Taint& taint = node.spec.taints[i];
        const std::string at = fmt::format("spec.taints[{}]", i);
        errors.each(at + ".key", taint.key, names::qualifiedName(taint.key));
        errors.each(at + ".value", taint.value, names::labelValue(taint.value));
        errors.oneOf(at + ".effect", taint.effect, {"NoSchedule", "PreferNoSchedule", "NoExecute"});
        if (!seen.insert({taint.key, taint.effect}).second)
            errors.duplicate(at, taint.key);
    }
}

void check(FieldErrors& errors, const Service& service)
{
    const ServiceSpec& spec = service.spec;
    const bool headless = spec.clusterIP == "None";
    if (spec.ports.empty() && !headless && spec.type != "ExternalName")
        errors.required("spec.ports");
    if (spec.type == "LoadBalancer" && headless)
        errors.invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for LoadBalancer services");
    if (spec.type == "NodePort" && headless)
        errors.invalid("spec.clusterIPs[0]", "None", "may not be set to 'None' for NodePort services");
    if (spec.type == "ExternalName") {
        if (!spec.clusterIP.empty())
            errors.forbidden("spec.clusterIPs", "may not be set for ExternalName services");
        if (spec.externalName.empty())
            errors.required("spec.externalName");
        else
            errors.each("spec.externalName", spec.externalName, names::dns1123Subdomain(spec.externalName));
    }
    std::set<std::string> portNames;
    std::set<std::string> portPairs;
    for (std::size_t i = 0; i < spec.ports.size(); ++i) {
        const std::string at = fmt::format("spec.ports[{}]", i);
        checkServicePort(errors, at, spec.ports[i], spec.ports.size() > 1, portNames);
        if (spec.ports[i].nodePort != 0 && spec.type == "ClusterIP")
            errors.forbidden(at + ".nodePort", "may not be used when `type` is 'ClusterIP'");
        if (!portPairs.insert(fmt::format("{}/{}", spec.ports[i].protocol, spec.ports[i].port.value)).second)
            errors.add({"FieldValueDuplicate", at, fmt::format("Duplicate value: core.ServicePort{{Name:\"\", Protocol:\"{}\", AppProtocol:"
                                                               "(*string)(nil), Port:{}, TargetPort:intstr.IntOrString{{Type:0, IntVal:0, "
                                                               "StrVal:\"\"}}, NodePort:0}}", spec.ports[i].protocol, spec.ports[i].port.value)});
    }
    checkLabels(errors, "spec.selector", spec.selector);
    errors.oneOf("spec.sessionAffinity", spec.sessionAffinity, {"ClientIP", "None"});
    errors.oneOf("spec.type", spec.type, {"ClusterIP", "ExternalName", "LoadBalancer", "NodePort"});
    if (!spec.internalTrafficPolicy.empty())
        errors.oneOf("spec.internalTrafficPolicy", spec.internalTrafficPolicy, {"Cluster", "Local"});
    if (!spec.externalTrafficPolicy.empty()) {
        if (spec.type == "ClusterIP" || spec.type == "ExternalName")
            errors.invalid("spec.externalTrafficPolicy", spec.externalTrafficPolicy, "may only be set for externally-accessible services");
        else
            errors.oneOf("spec.externalTrafficPolicy", spec.externalTrafficPolicy, {"Cluster", "Local"});
    }
}

void checkUpdate(FieldErrors& errors, const Service& service, const Service& old)
{
    if (!old.spec.clusterIP.empty() && service.spec.clusterIP != old.spec.clusterIP && service.spec.type != "ExternalName")
        errors.invalidDump("spec.clusterIPs[0]", goDump(std::vector<std::string>{service.spec.clusterIP}), "may not change once set");
}

void check(FieldErrors& errors, const ConfigMap& config)
{
    std::size_t size = 0;
    checkKeys(errors, config.data, "data", &config.binaryData, size);
    checkKeys(errors, config.binaryData, "binaryData", nullptr, size);
    if (size > kDataMost)
        errors.tooLong("[]", kDataMost);
}

void checkUpdate(FieldErrors& errors, const ConfigMap& config, const ConfigMap& old)
{
    if (!old.immutable.value_or(false))
        return;
    if (!config.immutable.value_or(false))
        errors.forbidden("immutable", "field is immutable when `immutable` is set");
    if (config.data != old.data)
        errors.forbidden("data", "field is immutable when `immutable` is set");
    if (config.binaryData != old.binaryData)
        errors.forbidden("binaryData", "field is immutable when `immutable` is set");
}

void check(FieldErrors& errors, const Secret& secret)
{
    std::size_t size = 0;
    checkKeys(errors, secret.data, "data", nullptr, size);
    if (size > kDataMost * 4 / 3) // the limit counts bytes, the texts are base64
        errors.tooLong("data", kDataMost);
    if (secret.type == "kubernetes.io/dockercfg")
        needKey(errors, secret, ".dockercfg");
    else if (secret.type == "kubernetes.io/dockerconfigjson")
        needKey(errors, secret, ".dockerconfigjson");
    else if (secret.type == "kubernetes.io/ssh-auth")
        needKey(errors, secret, "ssh-privatekey");
    else if (secret.type == "kubernetes.io/tls") {
        needKey(errors, secret, "tls.crt");
        needKey(errors, secret, "tls.key");
    } else if (secret.type == "kubernetes.io/basic-auth") {
        if (secret.data.count("username") == 0 && secret.data.count("password") == 0) {
            errors.required("data[username]");
            errors.required("data[password]");
        }
    } else if (secret.type == "kubernetes.io/service-account-token") {
        const auto name = secret.metadata.annotations.find("kubernetes.io/service-account.name");
        if (name == secret.metadata.annotations.end() || name->second.empty())
            errors.required("metadata.annotations[kubernetes.io/service-account.name]");
    }
}

void checkUpdate(FieldErrors& errors, const Secret& secret, const Secret& old)
{
    if (secret.type != old.type)
        errors.invalid("type", secret.type, "field is immutable");
    if (!old.immutable.value_or(false))
        return;
    if (!secret.immutable.value_or(false))
        errors.forbidden("immutable", "field is immutable when `immutable` is set");
    if (secret.data != old.data)
        errors.forbidden("data", "field is immutable when `immutable` is set");
}

} // namespace sim::kube::validation
