#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/describe.h"
#include "core/shell/commands/kubectl/flags.h"
#include "sim/engine/letters.h"
#include "sim/engine/split.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

std::string optionalText(const std::optional<bool>& value)
{
    return value.value_or(false) ? "true" : "false";
}

std::string portsText(const std::vector<ContainerPort>& ports, bool host)
{
    std::vector<std::string> parts;
    for (const ContainerPort& port : ports) {
        const std::int64_t number = host ? port.hostPort : port.containerPort.value;
        parts.push_back(fmt::format("{}/{}", number, port.protocol));
    }
    return join(parts, ", ");
}

void describePorts(TabText& out, const std::vector<ContainerPort>& ports)
{
    const std::string text = portsText(ports, false);
    const std::string hostText = portsText(ports, true);
    const char* plural = ports.size() > 1 ? "s" : "";
    out.line(2, fmt::format("Port{}:\t{}", plural, text.empty() ? "<none>" : text));
    out.line(2, fmt::format("Host Port{}:\t{}", plural, hostText.empty() ? "<none>" : hostText));
}

void describeState(TabText& out, std::string_view title, const ContainerState& state)
{
    if (state.running) {
        out.line(2, fmt::format("{}:\tRunning", title));
        out.line(3, "Started:\t" + longDate(state.running->startedAt));
    } else if (state.terminated) {
        const ContainerStateTerminated& t = *state.terminated;
        out.line(2, fmt::format("{}:\tTerminated", title));
        if (!t.reason.empty())
            out.line(3, "Reason:\t" + t.reason);
        if (!t.message.empty())
            out.line(3, "Message:\t" + t.message);
        out.line(3, fmt::format("Exit Code:\t{}", t.exitCode.value));
        if (t.signal > 0)
            out.line(3, fmt::format("Signal:\t{}", t.signal));
        out.line(3, "Started:\t" + longDate(t.startedAt));
        out.line(3, "Finished:\t" + longDate(t.finishedAt));
    } else {
        out.line(2, fmt::format("{}:\tWaiting", title));
        if (state.waiting && !state.waiting->reason.empty())
            out.line(3, "Reason:\t" + state.waiting->reason);
    }
}

void describeStatus(TabText& out, const ContainerStatus& status)
{
    describeState(out, "State", status.state);
    if (status.lastState.terminated)
        describeState(out, "Last State", status.lastState);
    out.line(2, fmt::format("Ready:\t{}", status.ready.value ? "True" : "False"));
    out.line(2, fmt::format("Restart Count:\t{}", status.restartCount.value));
}

void describeResources(TabText& out, std::string_view title, const ResourceList& list)
{
    if (list.empty())
        return;
    out.line(2, fmt::format("{}:", title));
    for (const auto& [name, quantity] : list)
        out.line(3, fmt::format("{}:\t{}", name, quantity.text));
}

void describeProbe(TabText& out, std::string_view title, const sim::SharedOptional<Probe>& probe)
{
    if (!probe)
        return;
    const std::string attributes =
        fmt::format("delay={}s timeout={}s period={}s #success={} #failure={}", probe->initialDelaySeconds,
                    probe->timeoutSeconds, probe->periodSeconds, probe->successThreshold, probe->failureThreshold);
    std::string handler = "unknown";
    if (probe->exec) {
        handler = "exec [" + join(probe->exec->command, " ") + "]";
    } else if (probe->httpGet) {
        const std::string scheme = probe->httpGet->scheme.empty() ? "http" : sim::lowered(probe->httpGet->scheme);
        handler = fmt::format("http-get {}://{}:{}{}", scheme, probe->httpGet->host,
                              intOrStringText(probe->httpGet->port), probe->httpGet->path);
    } else if (probe->tcpSocket) {
        handler = fmt::format("tcp-socket {}:{}", probe->tcpSocket->host, intOrStringText(probe->tcpSocket->port));
    }
    out.line(2, fmt::format("{}:\t{} {}", title, handler, attributes));
}

void describeEnvironmentFrom(TabText& out, const std::vector<EnvFromSource>& sources)
{
    if (sources.empty())
        return;
    out.line(2, "Environment Variables from:");
    for (const EnvFromSource& source : sources) {
        const bool map = source.configMapRef.has_value();
        const EnvSourceRef reference = (map ? source.configMapRef : source.secretRef).value_or(EnvSourceRef{});
        const std::string prefix = source.prefix.empty() ? "" : " with prefix '" + source.prefix + "'";
        out.line(3, fmt::format("{}\t{}{}\tOptional: {}", reference.name, map ? "ConfigMap" : "Secret", prefix, optionalText(reference.optional)));
    }
}

/// The value a downward-API variable has in a pod.
std::string fieldOf(const Pod& pod, const std::string& path)
{
    if (path == "metadata.name")
        return pod.metadata.name;
    if (path == "metadata.namespace")
        return pod.metadata.namespace_;
    if (path == "metadata.uid")
        return pod.metadata.uid;
    if (path == "spec.nodeName")
        return pod.spec.nodeName;
    if (path == "spec.serviceAccountName")
        return pod.spec.serviceAccountName;
    if (path == "status.podIP")
        return pod.status.podIP;
    if (path == "status.hostIP")
        return pod.status.hostIP;
    return {};
}

void describeEnvironment(TabText& out, const std::vector<EnvVar>& variables, const Pod* pod)
{
    if (variables.empty()) {
        out.line(2, "Environment:\t<none>");
        return;
    }
    out.line(2, "Environment:");
    for (const EnvVar& variable : variables) {
        if (!variable.valueFrom) {
            const auto lines = sim::split(variable.value, '\n');
            for (std::size_t i = 0; i < lines.size(); ++i)
                out.line(3, (i == 0 ? variable.name + ":" : std::string()) + "\t" + lines[i]);
        } else if (const auto& field = variable.valueFrom->fieldRef) {
            out.line(3, fmt::format("{}:\t{} ({}:{})", variable.name, pod ? fieldOf(*pod, field->fieldPath) : "",
                                    field->apiVersion, field->fieldPath));
        } else if (const auto& secret = variable.valueFrom->secretKeyRef) {
            out.line(3, fmt::format("{}:\t<set to the key '{}' in secret '{}'>\tOptional: {}", variable.name, secret->key,
                                    secret->name, optionalText(secret->optional)));
        } else if (const auto& map = variable.valueFrom->configMapKeyRef) {
            out.line(3, fmt::format("{}:\t<set to the key '{}' of config map '{}'>\tOptional: {}", variable.name,
                                    map->key, map->name, optionalText(map->optional)));
        }
    }
}

void describeMounts(TabText& out, std::vector<VolumeMount> mounts)
{
    if (mounts.empty()) {
        out.line(2, "Mounts:\t<none>");
        return;
    }
    out.line(2, "Mounts:");
    std::stable_sort(mounts.begin(), mounts.end(),
                     [](const auto& a, const auto& b) { return a.mountPath < b.mountPath; });
    for (const VolumeMount& mount : mounts) {
        const std::string path = mount.subPath.empty() ? "" : fmt::format(",path=\"{}\"", mount.subPath);
        out.line(3, fmt::format("{} from {} ({}{})", mount.mountPath, mount.name, mount.readOnly ? "ro" : "rw", path));
    }
}

void describeWords(TabText& out, std::string_view title, const std::vector<std::string>& words)
{
    if (words.empty())
        return;
    out.line(2, fmt::format("{}:", title));
    for (const std::string& word : words) {
        for (const std::string& part : sim::split(word, '\n'))
            out.line(3, part);
    }
}

std::string keyList(const std::optional<bool>& optional)
{
    return "    Optional:\t" + optionalText(optional) + "\n";
}

} // namespace

void describeContainers(TabText& out, std::string_view title, const std::vector<Container>& containers,
                        const std::vector<ContainerStatus>& statuses, const Pod* pod, std::string_view space)
{
    out.add(fmt::format("{}{}:\n", space, title));
    for (const Container& container : containers) {
        out.line(1, fmt::format("{}{}:", space.empty() ? "" : " ", container.name));
        const auto status = std::find_if(statuses.begin(), statuses.end(), [&](const ContainerStatus& s) {
            return s.name.value == container.name;
        });
        const bool known = status != statuses.end();
        if (known)
            out.line(2, "Container ID:\t" + status->containerID);
        out.line(2, "Image:\t" + container.image);
        if (known)
            out.line(2, "Image ID:\t" + status->imageID.value);
        describePorts(out, container.ports);
        describeWords(out, "Command", container.command);
        describeWords(out, "Args", container.args);
        if (known)
            describeStatus(out, *status);
        describeResources(out, "Limits", container.resources.limits);
        describeResources(out, "Requests", container.resources.requests);
        describeProbe(out, "Liveness", container.livenessProbe);
        describeProbe(out, "Readiness", container.readinessProbe);
        describeProbe(out, "Startup", container.startupProbe);
        describeEnvironmentFrom(out, container.envFrom);
        describeEnvironment(out, container.env, pod);
        describeMounts(out, container.volumeMounts);
    }
}

void describeVolumes(TabText& out, const std::vector<Volume>& volumes, std::string_view space)
{
    if (volumes.empty()) {
        out.add(fmt::format("{}Volumes:\t<none>\n", space));
        return;
    }
    out.add(fmt::format("{}Volumes:\n", space));
    for (const Volume& volume : volumes) {
        out.line(1, fmt::format("{}{}:", space.empty() ? "" : " ", volume.name));
        if (volume.hostPath) {
            out.line(2, "Type:\tHostPath (bare host directory volume)");
            out.line(2, "Path:\t" + volume.hostPath->path);
            out.line(2, "HostPathType:\t" + volume.hostPath->type);
        } else if (volume.emptyDir) {
            const auto& limit = volume.emptyDir->sizeLimit;
            out.line(2, "Type:\tEmptyDir (a temporary directory that shares a pod's lifetime)");
            out.line(2, "Medium:\t" + volume.emptyDir->medium);
            out.line(2, "SizeLimit:\t" + (limit && limit->value() > 0 ? limit->text : std::string("<unset>")));
        } else if (volume.secret) {
            out.line(2, "Type:\tSecret (a volume populated by a Secret)");
            out.line(2, "SecretName:\t" + volume.secret->secretName);
            out.add(keyList(volume.secret->optional));
        } else if (volume.configMap) {
            out.line(2, "Type:\tConfigMap (a volume populated by a ConfigMap)");
            out.line(2, "Name:\t" + volume.configMap->name);
            out.add(keyList(volume.configMap->optional));
        } else if (volume.nfs) {
            describeNfs(out, *volume.nfs);
        } else if (volume.persistentVolumeClaim) {
            out.line(2, "Type:\tPersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)");
            out.line(2, "ClaimName:\t" + volume.persistentVolumeClaim->claimName.value);
            out.line(2, fmt::format("ReadOnly:\t{}", volume.persistentVolumeClaim->readOnly));
        } else if (volume.downwardAPI) {
            out.line(2, "Type:\tDownwardAPI (a volume populated by information about the pod)");
            out.line(2, "Items:");
            for (const DownwardApiItem& item : volume.downwardAPI->items)
                out.line(3, (item.fieldRef ? item.fieldRef->fieldPath : item.resourceFieldRef ? item.resourceFieldRef->resource : std::string()) + " -> " + item.path);
        } else if (volume.projected) {
            out.line(2, "Type:\tProjected (a volume that contains injected data from multiple sources)");
            for (const VolumeProjection& source : volume.projected->sources) {
                if (source.downwardAPI)
                    out.line(2, "DownwardAPI:\ttrue");
                if (source.configMap) {
                    out.line(2, "ConfigMapName:\t" + source.configMap->name);
                    out.add(keyList(source.configMap->optional));
                }
                if (source.secret) {
                    out.line(2, "SecretName:\t" + source.secret->name);
                    out.add(keyList(source.secret->optional));
                }
                if (source.serviceAccountToken) {
                    out.line(2, fmt::format("TokenExpirationSeconds:\t{}",
                                            source.serviceAccountToken->expirationSeconds));
                }
            }
        }
    }
}

} // namespace core::shell::kubectl
