#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/nodes.h"

#include "sim/world/world.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

/// How often the real tool looks whether an evicted pod is gone.
constexpr sim::Duration kGoneInterval = std::chrono::seconds(1);
/// A budget says no with 429; the real tool asks again.
constexpr sim::Duration kRetryInterval = std::chrono::seconds(5);
constexpr int kTooManyRequests = 429;

class Drain {
public:
    explicit Drain(Call& call) : m_call(call) { }

    int run()
    {
        if (!dryRunMakesSense(m_call))
            return 1;
        const auto nodes = nodesOf(m_call);
        if (!nodes || !setUnschedulable(m_call, *nodes, true))
            return 1;
        std::vector<std::string> pending;
        std::vector<std::string> fatal;
        for (const Manifest& node : *nodes) {
            const std::vector<std::string> errors = empty(node.name);
            if (errors.empty()) {
                report(m_call, *node.kind, node.object, "drained");
                continue;
            }
            const std::string all = errors.size() == 1 ? errors[0] : "[" + join(errors, ", ") + "]";
            m_call.err(fmt::format("error: unable to drain node \"{}\" due to error: {}, continuing command...\n",
                                   node.name, all));
            pending.push_back(node.name);
            fatal.insert(fatal.end(), errors.begin(), errors.end());
        }
        if (pending.empty())
            return 0;
        m_call.err("There are pending nodes to be drained:\n");
        for (const std::string& name : pending)
            m_call.err(" " + name + "\n");
        for (const std::string& error : fatal)
            m_call.err(error + "\n");
        return 1;
    }

private:
    /// Takes the pods off the node; what stood in the way.
    std::vector<std::string> empty(const std::string& node)
    {
        const std::vector<PodRemoval> pods = podsToRemove(m_call, node);
        m_call.sawList(resourceOf<Pod>(), {});
        if (auto errors = obstacles(pods); !errors.empty())
            return errors;
        if (const std::string warnings = warningsOf(pods); !warnings.empty())
            m_call.warn(warnings);
        std::vector<Pod> leaving;
        for (const PodRemoval& one : pods) {
            if (one.remove)
                leaving.push_back(one.pod);
        }
        if (m_call.clientDryRun()) {
            for (const Pod& pod : leaving)
                tellEviction(pod, " (dry run)");
            return {};
        }
        const std::vector<std::string> errors = removeAll(leaving);
        if (!errors.empty())
            tellLeft(node, errors);
        return errors;
    }

    void tellEviction(const Pod& pod, const char* suffix)
    {
        m_call.out(fmt::format("evicting pod {}/{}{}\n", pod.metadata.namespace_, pod.metadata.name, suffix));
    }

    /// One pod on its way out.
    struct Leaving {
        Pod pod;
        sim::Instant next{};      ///< when to try or to look again
        bool asked = false;       ///< its eviction was accepted; now it must go
        bool done = false;
        std::string error;
    };

    /// Asks for each pod's eviction (or deletes it) until the server agrees, and waits until it is gone. The real
    /// tool has a routine for each pod, of which the last runs first.
    std::vector<std::string> removeAll(const std::vector<Pod>& pods)
    {
        const sim::Duration timeout = m_call.flags.duration("timeout");
        m_end = timeout.count() > 0 ? std::optional(m_call.inv.now() + timeout) : std::nullopt;
        std::vector<Leaving> leaving;
        for (const Pod& pod : pods)
            leaving.push_back({pod, m_call.inv.now(), false, false, {}});
        if (!leaving.empty())
            std::rotate(leaving.begin(), leaving.end() - 1, leaving.end());
        const auto isDone = [](const Leaving& one) { return one.done; };
        while (!std::all_of(leaving.begin(), leaving.end(), isDone)) {
            sim::Instant next = sim::Instant::max();
            for (const Leaving& one : leaving)
                if (!one.done)
                    next = std::min(next, one.next);
            if (next > m_call.inv.now())
                m_call.inv.sleep(next - m_call.inv.now());
            for (Leaving& one : leaving)
                if (!one.done && one.next <= m_call.inv.now())
                    one.asked ? look(one) : ask(one);
        }
        std::vector<std::string> errors;
        for (const Leaving& one : leaving)
            if (!one.error.empty())
                errors.push_back(one.error);
        return errors;
    }

    bool late() const { return m_end && m_call.inv.now() >= *m_end; }
    std::string timeoutText() const { return "global timeout reached: " + durationText(m_call.flags.duration("timeout")); }

    void ask(Leaving& one)
    {
        const bool deleting = m_call.flags.on("disable-eviction");
        const ObjectMeta& meta = one.pod.metadata;
        const std::string doing = fmt::format("error when evicting pods/\"{}\" -n \"{}\"", meta.name, meta.namespace_);
        if (!deleting)
            tellEviction(one.pod, m_call.serverDryRun() ? " (server dry run)" : "");
        if (late()) {
            give(one, fmt::format("{}: {}", doing, timeoutText()));
            return;
        }
        auto request = m_call.client.request(deleting ? sim::kube::Verb::Delete : sim::kube::Verb::Create, resourceOf<Pod>(),
                                             meta.namespace_, meta.name);
        if (!deleting) {
            request.subresource = "eviction";
            request.body = Json{{"apiVersion", "policy/v1"},
                                {"kind", "Eviction"},
                                {"metadata", Json{{"name", meta.name}, {"namespace", meta.namespace_}}}};
        }
        if (const std::int64_t grace = m_call.flags.number("grace-period"); grace >= 0)
            request.gracePeriodSeconds = grace;
        request.dryRun = m_call.serverDryRun();
        const Response response = m_call.client.write(std::move(request));
        if (succeeded(response)) {
            one.asked = true;
            one.done = m_call.serverDryRun();
            one.next = m_call.inv.now();
        } else if (response.code == 404) {
            one.done = true;
        } else if (response.code == kTooManyRequests) {
            m_call.err(fmt::format("{} (will retry after 5s): {}\n", doing, messageOf(response)));
            one.next = m_call.inv.now() + kRetryInterval;
        } else {
            give(one, fmt::format("{}: {}", doing, messageOf(response)));
        }
    }

    void look(Leaving& one)
    {
        if (isGone(one.pod)) {
            m_call.out(fmt::format("pod/{} {}\n", one.pod.metadata.name, m_call.flags.on("disable-eviction") ? "deleted" : "evicted"));
            one.done = true;
        } else if (late()) {
            give(one, fmt::format("error when waiting for pod \"{}\" in namespace \"{}\" to terminate: {}", one.pod.metadata.name,
                                  one.pod.metadata.namespace_, timeoutText()));
        } else {
            one.next = m_call.inv.now() + kGoneInterval;
        }
    }

    static void give(Leaving& one, std::string error)
    {
        one.error = std::move(error);
        one.done = true;
    }

    bool isGone(const Pod& pod) const
    {
        const Response now = m_call.inv.door().world().apiRead(m_call.client.request(
            sim::kube::Verb::Get, resourceOf<Pod>(), pod.metadata.namespace_, pod.metadata.name));
        return now.code == 404 || (succeeded(now) && textAt(now.body, {"metadata", "uid"}) != pod.metadata.uid);
    }

    void tellLeft(const std::string& node, const std::vector<std::string>& errors)
    {
        std::vector<std::string> left;
        for (const PodRemoval& one : podsToRemove(m_call, node)) {
            if (one.remove)
                left.push_back(one.pod.metadata.name);
        }
        if (left.empty())
            return;
        const std::string all = errors.size() == 1 ? errors[0] : "[" + join(errors, ", ") + "]";
        m_call.err(fmt::format("There are pending pods in node \"{}\" when an error occurred: {}\n", node, all));
        for (const std::string& name : left)
            m_call.err("pod/" + name + "\n");
    }

    Call& m_call;
    std::optional<sim::Instant> m_end; ///< of --timeout
};

int runDrain(Call& call) { return Drain(call).run(); }

} // namespace

Verb drainVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"drain", kManagement, "Drain node in preparation for maintenance", "NODE"};
    verb.flags = {kDryRun, kSelector,
                  {0, "delete-emptydir-data", T::Bool, "false", "Go on though pods with emptyDir volumes lose their data."},
                  {0, "disable-eviction", T::Bool, "false", "Delete the pods instead of asking for their eviction."},
                  {0, "force", T::Bool, "false", "Go on though nobody makes some pods again."},
                  {0, "grace-period", T::Number, "-1", "Seconds each pod gets to end; negative: its own."},
                  {0, "ignore-daemonsets", T::Bool, "false", "Leave the pods of DaemonSets where they are."},
                  {0, "pod-selector", T::Text, "", "Only pods with these labels."},
                  {0, "timeout", T::Duration, "0s", "How long to wait; 0: as long as it takes."}};
    verb.run = runDrain;
    verb.operand = Operand::Node;
    verb.examples = {"# Empty a node", "kubectl drain worker-1 --ignore-daemonsets",
                     "# At most five minutes, and lone pods, too",
                     "kubectl drain worker-1 --ignore-daemonsets --force --timeout=5m"};
    return verb;
}

} // namespace core::shell::kubectl
