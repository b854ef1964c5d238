#include "core/shell/commands/kubectl/attach.h"
#include "core/shell/commands/kubectl/debug_profile.h"
#include "core/shell/commands/kubectl/pods.h"
#include "core/shell/commands/kubectl/typed.h"
#include "sim/container/image.h"
#include "sim/world/world.h"

#include <fmt/core.h>

#include <algorithm>

// kubectl/pkg/cmd/debug/debug.go, of release 1.33.
namespace core::shell::kubectl {

namespace {

using sim::kube::Node;
using sim::kube::Pod;

/// Five letters and digits that make no words (apimachinery util/rand), here from the target and the instant.
std::string nameSuffix(Call& call, const std::string& target)
{
    constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
    sim::RandomStream random(static_cast<std::uint64_t>(call.inv.now().time_since_epoch().count()), target);
    std::string suffix;
    while (suffix.size() < 5)
        suffix += kAlphabet[random.below(kAlphabet.size())];
    return suffix;
}

bool isImageName(const std::string& image)
{
    return sim::container::Reference::parse(image).has_value();
}

class Debugger {
public:
    explicit Debugger(Call& call)
        : m_call(call)
        , m_image(call.flags.text("image"))
        , m_copyTo(call.flags.text("copy-to"))
        , m_profile(call.flags.text("profile"))
        , m_attach(call.flags.given("attach") ? call.flags.on("attach") : call.flags.on("stdin"))
        , m_quiet(call.flags.on("quiet"))
    {
    }

    int run()
    {
        if (!isDebugProfile(m_profile))
            return m_call.fail("unknown profile: " + m_profile);
        if (const std::string problem = misuse(); !problem.empty())
            return m_call.fail(problem);
        if (m_profile == "legacy")
            m_call.err("--profile=legacy is deprecated and will be removed in the future. It is recommended to explicitly specify a profile, for "
                       "example \"--profile=general\".\n");
        for (const std::string& word : m_call.words)
            if (const int status = debug(word); status != 0)
                return status;
        return 0;
    }

private:
    std::string misuse()
    {
        if (m_attach && m_call.flags.given("attach") && m_image.empty() && !m_call.flags.given("container"))
            return "you must specify --container or create a new container using --image in order to attach.";
        if (std::string problem = m_copyTo.empty() ? misuseWithoutCopy() : misuseOfCopy(); !problem.empty())
            return problem;
        if (!m_image.empty() && !isImageName(m_image))
            return fmt::format("invalid image name \"{}\": invalid reference format", m_image);
        if (m_call.words.empty())
            return "NAME or filename is required for debug";
        const std::string policy = m_call.flags.text("image-pull-policy");
        if (!policy.empty() && policy != "Always" && policy != "IfNotPresent" && policy != "Never")
            return "invalid image pull policy: " + policy;
        for (const auto& [name, image] : pairs("set-image"))
            if (!isImageName(image))
                return fmt::format("invalid image name \"{}\" for container \"{}\": invalid reference format", image, name);
        if (const std::string target = m_call.flags.text("target"); !target.empty()) {
            if (!m_copyTo.empty())
                return "--target is incompatible with --copy-to. Use --share-processes instead.";
            if (!m_quiet)
                m_call.out(fmt::format("Targeting container \"{}\". If you don't see processes from this container it may be because the "
                                       "container runtime doesn't support this feature.\n", target));
        }
        if (m_call.flags.on("tty") && !m_call.flags.on("stdin"))
            return "-i/--stdin is required for containers with -t/--tty=true";
        return {};
    }

    std::string misuseOfCopy() const
    {
        if (m_image.empty() && !m_call.flags.given("set-image") && m_call.afterDash.empty())
            return "you must specify --image, --set-image or command arguments.";
        if (!m_call.afterDash.empty() && !m_call.flags.given("container") && m_image.empty())
            return "you must specify an existing container or a new image when specifying args.";
        return {};
    }

    std::string misuseWithoutCopy() const
    {
        for (const char* name : {"replace", "same-node"})
            if (m_call.flags.on(name))
                return fmt::format("--{} may only be used with --copy-to.", name);
        if (m_call.flags.given("set-image"))
            return "--set-image may only be used with --copy-to.";
        return m_image.empty() ? "you must specify --image when not using --copy-to." : "";
    }

    /// NAME=VALUE pairs of a flag.
    std::vector<std::pair<std::string, std::string>> pairs(std::string_view flag) const
    {
        std::vector<std::pair<std::string, std::string>> found;
        for (const std::string& pair : m_call.flags.list(flag))
            found.emplace_back(pair.substr(0, pair.find('=')), pair.find('=') == std::string::npos ? "" : pair.substr(pair.find('=') + 1));
        return found;
    }

    int debug(const std::string& word)
    {
        const auto named = parseOne(m_call, word, resourceOf<Pod>());
        if (!named)
            return 1;
        const bool node = named->kind == &resourceOf<Node>();
        const sim::kube::Response found = m_call.client.get(*named->kind, m_call.scope(*named->kind), named->name);
        if (!succeeded(found))
            return m_call.refused(found);
        if (node)
            return debugNode(found.body);
        if (named->kind != &resourceOf<Pod>()) {
            const auto apiVersion = textAt(found.body, {"apiVersion"});
            return m_call.fail(fmt::format("\"{}, Kind={}\" not supported by debug", apiVersion.find('/') == std::string::npos ? "/" + apiVersion : apiVersion,
                                           textAt(found.body, {"kind"})));
        }
        return m_copyTo.empty() ? debugInside(found.body) : debugCopy(found.body);
    }

    /// The words of --env, --image and the like as a container.
    Json newContainer(const std::string& name) const
    {
        Json container{{"name", name}, {"image", m_image}, {"resources", Json::object()}, {"terminationMessagePolicy", "File"}};
        fill(container);
        return container;
    }

    void fill(Json& container) const
    {
        if (!m_call.afterDash.empty()) {
            const bool arguments = m_call.flags.on("arguments-only");
            container[arguments ? "args" : "command"] = m_call.afterDash;
            if (!arguments)
                container.erase("args");
        }
        if (const auto variables = pairs("env"); !variables.empty()) {
            container["env"] = Json::array();
            for (const auto& [name, value] : variables)
                container["env"].push_back(Json{{"name", name}, {"value", value}});
        }
        if (const std::string policy = m_call.flags.text("image-pull-policy"); !policy.empty())
            container["imagePullPolicy"] = policy;
        for (const char* flag : {"stdin", "tty"})
            if (m_call.flags.on(flag))
                container[flag] = true;
            else
                container.erase(flag);
    }

    std::string containerName(const Json& pod)
    {
        if (const std::string asked = m_call.flags.text("container"); !asked.empty())
            return asked;
        std::string name = "debugger-" + nameSuffix(m_call, textAt(pod, {"metadata", "uid"}));
        if (!m_quiet)
            m_call.out(fmt::format("Defaulting debug container name to {}.\n", name));
        return name;
    }

    int debugInside(Json pod)
    {
        const std::string name = containerName(pod);
        Json container = newContainer(name);
        if (const std::string target = m_call.flags.text("target"); !target.empty())
            container["targetContainerName"] = target;
        applyDebugProfile(m_profile, DebugStyle::Ephemeral, {}, pod, container);
        auto request = m_call.client.request(sim::kube::Verb::Patch, resourceOf<Pod>(), m_call.nameSpace(), textAt(pod, {"metadata", "name"}));
        request.subresource = "ephemeralcontainers";
        request.patchType = sim::kube::PatchType::StrategicMerge;
        request.body = Json{{"spec", {{"ephemeralContainers", Json::array({container})}}}};
        request.fieldManager = "kubectl-debug";
        const sim::kube::Response changed = m_call.client.write(std::move(request));
        return succeeded(changed) ? attachWhenAsked(changed.body, name) : m_call.refused(changed);
    }

    int debugNode(const Json& node)
    {
        const std::string host = textAt(node, {"metadata", "name"});
        const std::string asked = m_call.flags.text("container");
        const std::string name = asked.empty() ? "debugger" : asked;
        const std::string podName = fmt::format("node-debugger-{}-{}", host, nameSuffix(m_call, host));
        if (!m_quiet)
            m_call.out(fmt::format("Creating debugging pod {} with container {} on node {}.\n", podName, name, host));
        Json pod{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", podName}}}};
        pod["spec"] = Json{{"nodeName", host}, {"restartPolicy", "Never"}, {"tolerations", Json::array({Json{{"operator", "Exists"}}})}};
        Json container = newContainer(name);
        applyDebugProfile(m_profile, DebugStyle::Node, {}, pod, container);
        pod["spec"]["containers"] = Json::array({container});
        return create(std::move(pod), name);
    }

    int debugCopy(const Json& original)
    {
        Json pod{{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", {{"name", m_copyTo}}}, {"spec", original.at("spec")}};
        for (const char* part : {"annotations", "labels"})
            if (original.at("metadata").contains(part))
                pod["metadata"][part] = original.at("metadata").at(part);
        Json& spec = pod["spec"];
        spec.erase("ephemeralContainers");
        if (m_call.flags.given("share-processes"))
            spec["shareProcessNamespace"] = m_call.flags.on("share-processes");
        if (!m_call.flags.on("same-node"))
            spec.erase("nodeName");
        for (Json& container : spec["containers"])
            for (const auto& [name, image] : pairs("set-image"))
                if (name == "*" || container["name"] == name)
                    container["image"] = image;
        const std::string name = debugContainerOf(pod);
        if (const auto one = findContainer(spec, name); one != spec["containers"].end()) {
            Json container = *one; // the profile changes the pod around it, too
            const auto at = static_cast<std::size_t>(one - spec["containers"].begin());
            applyDebugProfile(m_profile, DebugStyle::Copy, kept(), pod, container);
            pod["spec"]["containers"][at] = std::move(container);
        }
        const int status = create(std::move(pod), name, m_call.flags.on("replace") ? textAt(original, {"metadata", "name"}) : std::string());
        return status;
    }

    static Json::iterator findContainer(Json& spec, const std::string& name)
    {
        Json& list = spec["containers"];
        return std::find_if(list.begin(), list.end(), [&](const Json& one) { return one["name"] == name; });
    }

    /// Changes the container of the copy that --container names, or adds one; empty when only images were set.
    std::string debugContainerOf(Json& pod)
    {
        Json& spec = pod["spec"];
        const std::string asked = m_call.flags.text("container");
        if (const auto known = findContainer(spec, asked); known != spec["containers"].end()) {
            if (!m_image.empty())
                (*known)["image"] = m_image;
            fill(*known);
            return asked;
        }
        if (m_image.empty())
            return {};
        const std::string name = containerName(pod);
        spec["containers"].push_back(newContainer(name));
        return name;
    }

    KeptParts kept() const
    {
        const Flags& flags = m_call.flags;
        return {flags.on("keep-labels"),    flags.on("keep-annotations"), flags.on("keep-liveness"),
                flags.on("keep-readiness"), flags.on("keep-startup"),     flags.on("keep-init-containers")};
    }

    /// `replaced`: the pod to delete once the new one is there; empty: none.
    int create(Json pod, const std::string& container, const std::string& replaced = {})
    {
        auto request = m_call.client.request(sim::kube::Verb::Create, resourceOf<Pod>(), m_call.nameSpace(), textAt(pod, {"metadata", "name"}));
        request.body = std::move(pod);
        request.fieldManager = "kubectl-debug";
        const sim::kube::Response created = m_call.client.write(std::move(request));
        if (!succeeded(created))
            return m_call.refused(created);
        if (!replaced.empty()) {
            auto removal = m_call.client.request(sim::kube::Verb::Delete, resourceOf<Pod>(), m_call.nameSpace(), replaced);
            removal.gracePeriodSeconds = 0;
            if (const auto removed = m_call.client.write(std::move(removal)); !succeeded(removed))
                return m_call.refused(removed);
        }
        return container.empty() ? 0 : attachWhenAsked(created.body, container);
    }

    int attachWhenAsked(const Json& pod, const std::string& container)
    {
        if (!m_attach)
            return 0;
        const auto waited = waitForContainer(textAt(pod, {"metadata", "name"}), container);
        if (!waited)
            return 1;
        const auto* process = m_call.inv.door().world().containerOf(*waited, container, false);
        if (process == nullptr || process->state == sim::container::Container::State::Running)
            return attachTo(m_call, *waited, container);
        for (const auto& [at, line] : process->log) // it has ended already: what it printed
            m_call.out(line + "\n");
        return 0;
    }

    /// The pod, once the container runs or has ended. Tells what it waits for.
    std::optional<Pod> waitForContainer(const std::string& name, const std::string& container)
    {
        std::string told;
        for (;;) {
            const sim::kube::Response found = m_call.client.get(resourceOf<Pod>(), m_call.nameSpace(), name);
            if (!succeeded(found)) {
                m_call.refused(found);
                return std::nullopt;
            }
            const Pod pod = decoded<Pod>(found.body);
            for (const auto* list : {&pod.status.containerStatuses, &pod.status.initContainerStatuses, &*pod.status.ephemeralContainerStatuses})
                for (const sim::kube::ContainerStatus& status : *list) {
                    if (status.name.value != container)
                        continue;
                    if (status.state.running || status.state.terminated)
                        return pod;
                    const std::string why = status.state.waiting ? status.state.waiting->message : std::string();
                    if (!m_quiet && !why.empty() && why != told)
                        m_call.err(fmt::format("Warning: container {}: {}\n", container, why));
                    told = why;
                }
            m_call.inv.sleep(kPollInterval);
        }
    }

    Call& m_call;
    std::string m_image;
    std::string m_copyTo;
    std::string m_profile;
    bool m_attach;
    bool m_quiet;
};

int runDebug(Call& call) { return Debugger(call).run(); }

} // namespace

Verb debugVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"debug", kTroubleshooting, "Create debugging sessions for troubleshooting workloads and nodes",
              "(POD | TYPE[[.VERSION].GROUP]/NAME) [ -- COMMAND [args...] ]"};
    verb.flags = {{0, "arguments-only", T::Bool, "false", "The words after -- are arguments, not the command."},
                  {0, "attach", T::Bool, "false", "Wait for the container and attach to it; -i implies it."},
                  {'c', "container", T::Text, "", "The name of the debug container."},
                  {0, "copy-to", T::Text, "", "Make a copy of the pod with this name."},
                  {0, "env", T::List, "", "NAME=VALUE pairs for the container."},
                  {0, "image", T::Text, "", "The image of the debug container."},
                  {0, "image-pull-policy", T::Text, "", "Always, IfNotPresent or Never."},
                  {0, "keep-annotations", T::Bool, "false", "Keep the pod's annotations in the copy."},
                  {0, "keep-init-containers", T::Bool, "true", "Keep the pod's init containers in the copy."},
                  {0, "keep-labels", T::Bool, "false", "Keep the pod's labels in the copy."},
                  {0, "keep-liveness", T::Bool, "false", "Keep the pod's liveness probes in the copy."},
                  {0, "keep-readiness", T::Bool, "false", "Keep the pod's readiness probes in the copy."},
                  {0, "keep-startup", T::Bool, "false", "Keep the pod's startup probes in the copy."},
                  {0, "profile", T::Text, "legacy", "legacy, general, baseline, netadmin, restricted or sysadmin."},
                  {'q', "quiet", T::Bool, "false", "Print no hints."},
                  {0, "replace", T::Bool, "false", "Delete the original once the copy is made."},
                  {0, "same-node", T::Bool, "false", "Put the copy on the pod's node."},
                  {0, "set-image", T::List, "", "CONTAINER=IMAGE pairs for the copy; * means all containers."},
                  {0, "share-processes", T::Bool, "true", "The copy's containers see each other's processes."},
                  {'i', "stdin", T::Bool, "false", "Keep standard input open."},
                  {0, "target", T::Text, "", "The container whose processes the debug container shall see."},
                  {'t', "tty", T::Bool, "false", "With a terminal."}};
    verb.run = runDebug;
    verb.operand = Operand::Pod;
    verb.examples = {"# A shell beside a running pod's container",
                     "kubectl debug web-0 -it --image=registry.lab:5000/infra/postgres:16.4 --target=web -- sh",
                     "# The same on a node, whose files lie below /host",
                     "kubectl debug node/worker-1 -it --image=registry.lab:5000/infra/postgres:16.4 -- sh",
                     "# A copy whose containers have another image", "kubectl debug web-0 --copy-to=web-debug --set-image='*=busybox'"};
    return verb;
}

} // namespace core::shell::kubectl
