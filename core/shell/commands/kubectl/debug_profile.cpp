#include "core/shell/commands/kubectl/debug_profile.h"

#include <algorithm>
#include <array>

namespace core::shell::kubectl {

namespace {

constexpr std::array<std::string_view, 6> kProfiles{"legacy", "general", "baseline", "restricted", "netadmin", "sysadmin"};

void addCapability(Json& container, const char* capability)
{
    container["securityContext"]["capabilities"]["add"].push_back(capability);
}

void useHostNamespaces(Json& pod)
{
    for (const char* name : {"hostNetwork", "hostPID", "hostIPC"})
        pod["spec"][name] = true;
}

void mountRoot(Json& pod, Json& container)
{
    pod["spec"]["volumes"].push_back(Json{{"name", "host-root"}, {"hostPath", {{"path", "/"}}}});
    container["volumeMounts"].push_back(Json{{"name", "host-root"}, {"mountPath", "/host"}});
}

void stripCopy(const KeptParts& kept, Json& pod)
{
    if (!kept.labels)
        pod["metadata"].erase("labels");
    if (!kept.annotations)
        pod["metadata"].erase("annotations");
    const std::pair<bool, const char*> kProbes[] = {
        {kept.liveness, "livenessProbe"}, {kept.readiness, "readinessProbe"}, {kept.startup, "startupProbe"}};
    for (Json& one : pod["spec"]["containers"])
        for (const auto& [keep, name] : kProbes)
            if (!keep)
                one.erase(name);
    if (!kept.initContainers)
        pod["spec"].erase("initContainers");
    if (!pod["spec"].contains("shareProcessNamespace"))
        pod["spec"]["shareProcessNamespace"] = true;
}

void restrictRights(Json& container)
{
    container["securityContext"] = Json{{"allowPrivilegeEscalation", false},
                                        {"capabilities", {{"drop", {"ALL"}}}},
                                        {"runAsNonRoot", true},
                                        {"seccompProfile", {{"type", "RuntimeDefault"}}}};
}

} // namespace

bool isDebugProfile(std::string_view name)
{
    return std::find(kProfiles.begin(), kProfiles.end(), name) != kProfiles.end();
}

void applyDebugProfile(std::string_view name, DebugStyle style, const KeptParts& kept, Json& pod, Json& container)
{
    const bool node = style == DebugStyle::Node;
    if (name == "legacy") {
        if (node) {
            mountRoot(pod, container);
            useHostNamespaces(pod);
        } else if (style == DebugStyle::Copy) {
            pod["metadata"].erase("labels");
        }
        return;
    }
    if (name == "baseline" || (name == "general" && node))
        container.erase("securityContext");
    if (name == "restricted")
        restrictRights(container);
    if (name == "general" && !node)
        addCapability(container, "SYS_PTRACE");
    if (name == "netadmin") {
        addCapability(container, "NET_ADMIN");
        addCapability(container, "NET_RAW");
    }
    if (name == "sysadmin")
        container["securityContext"]["privileged"] = true;
    if (node && (name == "general" || name == "sysadmin"))
        mountRoot(pod, container);
    if (node && name != "baseline" && name != "restricted")
        useHostNamespaces(pod);
    if (style == DebugStyle::Copy)
        stripCopy(kept, pod);
}

} // namespace core::shell::kubectl
