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
        std::vector<std::string> errors = evict(leaving);
        if (!m_call.serverDryRun()) {
            const auto late = waitUntilGone(std::move(leaving));
            errors.insert(errors.end(), late.begin(), late.end());
        }
        if (!errors.empty())
            tellLeft(node, errors);
        return errors;
    }

    void tellEviction(const Pod& pod, const char* suffix)
    {
        m_call.out(fmt::format("evicting pod {}/{}{}\n", pod.metadata.namespace_, pod.metadata.name, suffix));
    }

    /// Asks for each pod's eviction (or deletes it); those that stay are taken out of the list.
    std::vector<std::string> evict(std::vector<Pod>& pods)
    {
        const bool deleting = m_call.flags.on("disable-eviction");
        std::vector<std::string> errors;
        std::vector<Pod> leaving;
        for (Pod& pod : pods) {
            if (!deleting)
                tellEviction(pod, m_call.serverDryRun() ? " (server dry run)" : "");
            auto request = m_call.client.request(deleting ? sim::kube::Verb::Delete : sim::kube::Verb::Create,
                                                 resourceOf<Pod>(), pod.metadata.namespace_, pod.metadata.name);
            if (!deleting) {
                request.subresource = "eviction";
                request.body = Json{{"apiVersion", "policy/v1"},
                                    {"kind", "Eviction"},
                                    {"metadata", Json{{"name", pod.metadata.name}, {"namespace", pod.metadata.namespace_}}}};
            }
            if (const std::int64_t grace = m_call.flags.number("grace-period"); grace >= 0)
                request.gracePeriodSeconds = grace;
            request.dryRun = m_call.serverDryRun();
            const Response response = m_call.client.write(std::move(request));
            if (succeeded(response))
                leaving.push_back(std::move(pod));
            else if (response.code != 404)
                errors.push_back(fmt::format("error when evicting pods/\"{}\" -n \"{}\": {}", pod.metadata.name,
                                             pod.metadata.namespace_, messageOf(response)));
        }
        pods = std::move(leaving);
        return errors;
    }

    bool isGone(const Pod& pod) const
    {
        const Response now = m_call.inv.door().world().apiRead(m_call.client.request(
            sim::kube::Verb::Get, resourceOf<Pod>(), pod.metadata.namespace_, pod.metadata.name));
        return now.code == 404 || (succeeded(now) && textAt(now.body, {"metadata", "uid"}) != pod.metadata.uid);
    }

    std::vector<std::string> waitUntilGone(std::vector<Pod> pods)
    {
        const sim::Duration timeout = m_call.flags.duration("timeout");
        const sim::Instant end = m_call.inv.now() + timeout;
        const char* done = m_call.flags.on("disable-eviction") ? "deleted" : "evicted";
        for (;;) {
            const auto gone = std::stable_partition(pods.begin(), pods.end(),
                                                    [&](const Pod& pod) { return !isGone(pod); });
            std::for_each(gone, pods.end(), [&](const Pod& pod) {
                m_call.out(fmt::format("pod/{} {}\n", pod.metadata.name, done));
            });
            pods.erase(gone, pods.end());
            if (pods.empty() || (timeout.count() > 0 && m_call.inv.now() >= end))
                break;
            m_call.inv.sleep(kGoneInterval);
        }
        std::vector<std::string> errors;
        for (const Pod& pod : pods) {
            errors.push_back(fmt::format("error when waiting for pod \"{}\" in namespace \"{}\" to terminate: global "
                                         "timeout reached: {}",
                                         pod.metadata.name, pod.metadata.namespace_, durationText(timeout)));
        }
        return errors;
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
