#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/create.h"
#include "core/shell/commands/kubectl/removal.h"
#include "core/shell/commands/kubectl/typed.h"
#include "core/shell/quoting.h"
#include "sim/kube/api/core_v1.h"
#include "sim/kube/api/patch.h"
#include "sim/world/world.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using sim::kube::Pod;

/// How long --rm waits for the pod to be gone.
constexpr sim::Duration kRunRemovalTimeout = std::chrono::minutes(5);

class Runner {
public:
    explicit Runner(Call& call)
        : m_call(call), m_attach(call.flags.given("attach") ? call.flags.on("attach") : call.flags.on("stdin"))
    { }

    int run()
    {
        if (m_call.words.empty())
            return m_call.failUsage("NAME is required for run");
        if (!requireFlag(m_call, "image") || !dryRunMakesSense(m_call))
            return 1;
        if (const std::string problem = misuse(); !problem.empty())
            return m_call.failUsage(problem);
        m_name = m_call.words.front();
        m_arguments.assign(m_call.words.begin() + 1, m_call.words.end());
        m_arguments.insert(m_arguments.end(), m_call.afterDash.begin(), m_call.afterDash.end());
        auto object = podObject();
        if (object && !m_call.flags.text("overrides").empty())
            object = overridden(std::move(*object));
        if (!object)
            return 1;
        if (!m_attach)
            return createObject(m_call, resourceOf<Pod>(), *object, {});
        return runAttached(*object);
    }

private:
    std::string misuse() const
    {
        if (m_call.flags.on("tty") && !m_call.flags.on("stdin"))
            return "-i/--stdin is required for containers with -t/--tty=true";
        if (m_call.flags.on("rm") && !m_attach)
            return "--rm should only be used for attached containers";
        if (m_attach && m_call.dryRun())
            return "--dry-run=[server|client] can't be used with attached containers options (--attach, --stdin, or "
                   "--tty)";
        const std::string policy = m_call.flags.text("restart");
        if (policy != "Always" && policy != "OnFailure" && policy != "Never")
            return fmt::format("invalid restart policy: {}", policy);
        return {};
    }

    std::optional<Json> podObject()
    {
        Json container{{"image", m_call.flags.text("image")}, {"name", m_name}, {"resources", Json::object()}};
        if (m_call.flags.on("privileged"))
            container["securityContext"] = Json{{"privileged", true}};
        if (!m_arguments.empty())
            container[m_call.flags.on("command") ? "command" : "args"] = m_arguments;
        for (const std::string& pair : m_call.flags.values("env")) {
            const std::size_t equals = pair.find('=');
            if (equals == std::string::npos || equals == 0) {
                m_call.fail(fmt::format("invalid env: {}", pair));
                return std::nullopt;
            }
            container["env"].push_back(Json{{"name", pair.substr(0, equals)}, {"value", pair.substr(equals + 1)}});
        }
        if (const std::int64_t port = m_call.flags.number("port"); port > 0)
            container["ports"] = Json::array({Json{{"containerPort", port}}});
        if (const std::string policy = m_call.flags.text("image-pull-policy"); !policy.empty())
            container["imagePullPolicy"] = policy;
        Json labels{{"run", m_name}};
        if (m_call.flags.given("labels")) {
            labels = Json::object();
            for (const std::string& pair : m_call.flags.list("labels")) {
                const std::size_t equals = pair.find('=');
                if (equals == std::string::npos) {
                    m_call.fail(fmt::format("unexpected label spec: {}", pair));
                    return std::nullopt;
                }
                labels[pair.substr(0, equals)] = pair.substr(equals + 1);
            }
        }
        Json object = newObject(resourceOf<Pod>(), m_name, std::move(labels));
        object["spec"] = Json{{"containers", Json::array({std::move(container)})},
                              {"dnsPolicy", "ClusterFirst"},
                              {"restartPolicy", m_call.flags.text("restart")}};
        object["status"] = Json::object();
        return object;
    }

    /// The pod with --overrides over it. What no pod has is dropped, as it is not sent.
    std::optional<Json> overridden(Json object)
    {
        const std::string text = m_call.flags.text("overrides");
        const std::string type = m_call.flags.text("override-type");
        if (type != "merge" && type != "strategic" && type != "json") {
            m_call.fail(fmt::format("invalid override type: {}", type));
            return std::nullopt;
        }
        const Json patch = Json::parse(text, nullptr, false);
        const bool operations = type == "json";
        if (patch.is_discarded() || (operations ? !patch.is_array() : !patch.is_object())) {
            m_call.fail(type == "merge"                       ? "Invalid JSON Patch"
                            : type == "strategic"             ? "invalid JSON document"
                            : patch.is_discarded()            ? fmt::format("invalid character '{}' looking for beginning of value", text.front())
                                                              : fmt::format("json: cannot unmarshal {} into Go value of type jsonpatch.Patch", patch.type_name()));
            return std::nullopt;
        }
        using sim::kube::PatchType;
        const auto patched = sim::kube::applyPatch(object, patch, operations ? PatchType::Json : type == "merge" ? PatchType::Merge : PatchType::StrategicMerge);
        if (!patched.error.empty()) {
            m_call.fail(patched.error);
            return std::nullopt;
        }
        if (const std::string kind = textAt(patched.value, {"kind"}); kind != "Pod") {
            m_call.fail(fmt::format("no kind \"{}\" is registered for version \"{}\" in scheme \"pkg/scheme/scheme.go:28\"", kind, textAt(patched.value, {"apiVersion"})));
            return std::nullopt;
        }
        std::vector<std::string> problems;
        const Pod pod = sim::kube::fromJson<Pod>(patched.value, problems);
        std::erase_if(problems, [](const std::string& problem) { return problem.starts_with("unknown field"); });
        if (!problems.empty()) {
            m_call.fail(problems.front());
            return std::nullopt;
        }
        m_name = pod.metadata.name;
        object = sim::kube::toJson(pod);
        if (!patched.value["spec"].contains("securityContext")) // kept by value: written though nobody gave one
            object["spec"].erase("securityContext");
        object["metadata"]["creationTimestamp"] = nullptr;
        return object;
    }

    int runAttached(const Json& object)
    {
        auto request = m_call.client.request(sim::kube::Verb::Create, resourceOf<Pod>(), m_call.nameSpace(), m_name);
        request.body = object;
        request.fieldManager = "kubectl-run";
        const sim::kube::Response created = m_call.client.write(std::move(request));
        if (!succeeded(created))
            return m_call.refused(created);
        const auto* container = waitForContainer();
        const int status = container ? attach(*container) : m_call.fail("timed out waiting for the condition");
        if (m_call.flags.on("rm"))
            remove();
        return status;
    }

    const sim::container::Container* waitForContainer()
    {
        const sim::Instant end = m_call.inv.now() + m_call.flags.duration("pod-running-timeout");
        while (m_call.inv.now() < end) {
            const sim::kube::Response found = m_call.client.get(resourceOf<Pod>(), m_call.nameSpace(), m_name);
            if (succeeded(found)) {
                const Pod pod = decoded<Pod>(found.body);
                const auto* container = m_call.inv.door().world().containerOf(pod, m_name, false);
                if (container && container->state == sim::container::Container::State::Running)
                    return container;
            }
            m_call.inv.sleep(kPollInterval);
        }
        return nullptr;
    }

    /// A simulated container runs its image's program whatever the words say, so the words are run beside it.
    int attach(const sim::container::Container& container)
    {
        const Place place{container.host, container.id, container.program.user};
        const bool shell = m_arguments.size() == 1
            && std::any_of(std::begin(kShells), std::end(kShells), [&](auto name) { return m_arguments[0] == name; });
        if (shell || m_arguments.empty()) {
            if (m_call.flags.on("tty") && !m_call.flags.on("quiet"))
                m_call.err("If you don't see a command prompt, try pressing enter.\n");
            return m_call.inv.openShellAt(place);
        }
        std::string line;
        for (const std::string& word : m_arguments)
            line += (line.empty() ? "" : " ") + singleQuoted(word);
        return m_call.inv.runAt(place, line);
    }

    void remove()
    {
        const Manifest pod{&resourceOf<Pod>(), m_call.nameSpace(), m_name, {}, {}};
        if (const auto refusal = removeAndWait(m_call, pod, kRunRemovalTimeout, 1))
            m_call.refused(*refusal);
        else
            m_call.out(fmt::format("pod \"{}\" deleted\n", m_name));
    }

    static constexpr std::string_view kShells[] = {"sh", "bash", "/bin/sh", "/bin/bash"};

    Call& m_call;
    bool m_attach;
    std::string m_name;
    std::vector<std::string> m_arguments;
};

int runRun(Call& call) { return Runner(call).run(); }

} // namespace

Verb runVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"run", kBeginner, "Run a particular image on the cluster",
              "NAME --image=image [--env=\"key=value\"] [--port=port] [--dry-run=server|client] [--command] -- "
              "[COMMAND] [args...]"};
    verb.flags = {kDryRun, kFieldManager, kOutput, kSaveConfig, kShowManaged,
                  {0, "attach", T::Bool, "false", "Wait for the pod and attach to it; -i implies it."},
                  {0, "command", T::Bool, "false", "The words replace the image's entry point, not its arguments."},
                  {0, "env", T::List, "", "KEY=VALUE for the container; may be given several times."},
                  {0, "image", T::Text, "", "The image to run."},
                  {0, "image-pull-policy", T::Text, "", "Always, IfNotPresent or Never."},
                  {'l', "labels", T::List, "", "Labels of the pod; run=NAME without them."},
                  {0, "override-type", T::Text, "merge", "How --overrides is laid over the pod: json, merge or strategic."},
                  {0, "overrides", T::Text, "", "JSON that is laid over the generated pod."},
                  {0, "pod-running-timeout", T::Duration, "1m0s", "How long to wait until the pod runs."},
                  {0, "port", T::Number, "0", "The port that the container listens on."},
                  {0, "privileged", T::Bool, "false", "Run the container with all rights on the node."},
                  {'q', "quiet", T::Bool, "false", "Print no hints."},
                  {0, "restart", T::Text, "Always", "Always, OnFailure or Never."},
                  {0, "rm", T::Bool, "false", "Delete the pod afterwards; only when attached."},
                  {'i', "stdin", T::Bool, "false", "Keep standard input open."},
                  {'t', "tty", T::Bool, "false", "With a terminal."}};
    verb.run = runRun;
    verb.examples = {"# A pod", "kubectl run web --image=registry.lab:5000/shop/gateway:2.4.1",
                     "# A shell for a look around, gone afterwards",
                     "kubectl run tmp -it --rm --restart=Never --image=registry.lab:5000/infra/postgres:16.4 -- sh"};
    return verb;
}

} // namespace core::shell::kubectl
