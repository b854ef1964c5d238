#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/output.h"
#include "core/shell/commands/kubectl/resources.h"

#include "sim/world/world.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

using sim::kube::Response;

struct Deleted {
    Manifest target;
    std::string uid;
};

class Deleter {
public:
    explicit Deleter(Call& call) : m_call(call) { }

    int run()
    {
        if (const std::string problem = settings(); !problem.empty())
            return m_call.fail(problem);
        bool failed = false;
        GatherOptions options;
        options.fetch = false;
        const std::vector<Manifest> targets = gather(m_call, m_call.words, failed, options);
        if (targets.empty()) {
            if (!failed)
                m_call.out("No resources found\n");
            return failed ? 1 : 0;
        }
        for (const Manifest& target : targets) {
            if (!target.kind->namespaced && m_call.client.config().nameSpaceGiven) {
                m_call.warn("deleting cluster-scoped resources, not scoped to the provided namespace");
                break;
            }
        }
        if (m_force) {
            m_call.warn("Immediate deletion does not wait for confirmation that the running resource has been terminated. "
                        "The resource may continue to run on the cluster indefinitely.");
        }
        std::vector<Response> failures;
        for (const Manifest& target : targets) {
            if (!failures.empty() && failures.back().code == 0)
                break;
            deleteOne(target, failures);
        }
        for (const Response& failure : failures)
            m_call.refused(failure);
        if (m_call.flags.on("wait") && !m_call.dryRun() && !waitForAll())
            failed = true;
        return failed || !failures.empty() ? 1 : 0;
    }

private:
    std::string settings()
    {
        m_force = m_call.flags.on("force");
        m_grace = m_call.flags.number("grace-period");
        if (m_call.flags.on("now")) {
            if (m_grace != -1)
                return "--now and --grace-period cannot be specified together";
            m_grace = 1;
        }
        if (m_grace == 0 && !m_force)
            m_grace = 1; // zero without --force is taken back to one second, as in the real tool
        if (m_force && m_grace < 0)
            m_grace = 0;
        if (m_force && m_grace > 0)
            return "--force and --grace-period greater than 0 cannot be specified together";
        const std::string cascade = m_call.flags.text("cascade");
        if (cascade == "background" || cascade == "true")
            m_propagation = "Background";
        else if (cascade == "foreground")
            m_propagation = "Foreground";
        else if (cascade == "orphan" || cascade == "false")
            m_propagation = "Orphan";
        else
            return fmt::format("invalid cascade value ({}). Must be \"background\", \"foreground\", or \"orphan\"", cascade);
        return {};
    }

    void deleteOne(const Manifest& target, std::vector<Response>& failures)
    {
        const bool selected = !m_call.flags.text("selector").empty() || m_call.flags.on("all");
        if (m_call.clientDryRun() && m_call.namesFiles())
            return tell(target);
        if (m_call.clientDryRun()) {
            const Response found = m_call.client.get(*target.kind, target.nameSpace, target.name);
            if (succeeded(found))
                tell(target);
            else if (!(found.code == 404 && (selected || m_call.flags.on("ignore-not-found"))))
                failures.push_back(found);
            return;
        }
        if (!target.kind->info) {
            if (!m_call.flags.on("ignore-not-found"))
                failures.push_back(m_call.client.get(*target.kind, target.nameSpace, target.name));
            return;
        }
        auto request = m_call.client.request(sim::kube::Verb::Delete, *target.kind, target.nameSpace, target.name);
        request.propagationPolicy = m_propagation;
        if (m_grace >= 0)
            request.gracePeriodSeconds = m_grace;
        request.dryRun = m_call.serverDryRun();
        std::string uid;
        if (m_call.flags.on("wait")) {
            const Response before = m_call.inv.door().world().apiRead(
                m_call.client.request(sim::kube::Verb::Get, *target.kind, target.nameSpace, target.name));
            uid = textAt(before.body, {"metadata", "uid"});
        }
        const Response response = m_call.client.write(std::move(request));
        if (succeeded(response)) {
            tell(target);
            m_deleted.push_back({target, uid});
        } else if (!(response.code == 404 && (selected || m_call.flags.on("ignore-not-found")))) {
            failures.push_back(response);
        }
    }

    void tell(const Manifest& target)
    {
        if (m_call.flags.text("output") == "name") {
            m_call.out(target.kind->typeName() + "/" + target.name + "\n");
            return;
        }
        const char* suffix = m_call.clientDryRun() ? " (dry run)" : m_call.serverDryRun() ? " (server dry run)" : "";
        m_call.out(fmt::format("{} \"{}\" {}deleted{}\n", target.kind->typeName(), target.name, m_force ? "force " : "",
                               suffix));
    }

    bool waitForAll()
    {
        const sim::Duration timeout = m_call.flags.duration("timeout");
        const sim::Instant end = m_call.inv.now() + timeout;
        for (const Deleted& one : m_deleted) {
            for (;;) {
                const Response found = m_call.inv.door().world().apiRead(m_call.client.request(
                    sim::kube::Verb::Get, *one.target.kind, one.target.nameSpace, one.target.name));
                if (found.code == 404 || (succeeded(found) && textAt(found.body, {"metadata", "uid"}) != one.uid))
                    break;
                if (timeout.count() > 0 && m_call.inv.now() >= end) {
                    m_call.fail(fmt::format("timed out waiting for the condition on {}/{}", one.target.kind->plural,
                                            one.target.name));
                    return false;
                }
                m_call.inv.sleep(kPollInterval);
            }
        }
        return true;
    }

    Call& m_call;
    bool m_force = false;
    std::int64_t m_grace = -1;
    std::string m_propagation;
    std::vector<Deleted> m_deleted;
};

int runDelete(Call& call) { return Deleter(call).run(); }

} // namespace

Verb deleteVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"delete", kIntermediate,
              "Delete resources by file names, stdin, resources and names, or by resources and label selector",
              "([-f FILENAME] | TYPE [(NAME | -l label | --all)])"};
    verb.flags = {kAll, kAllNamespaces,
                  {0, "cascade", T::Text, "background",
                   "background, foreground or orphan: what becomes of the objects it owns.", "background"},
                  kDryRun, kFieldSelector, kFilename, kKustomize, kRecursive,
                  {0, "force", T::Bool, "false", "Remove at once, without waiting for the kubelet."},
                  {0, "grace-period", T::Number, "-1", "Seconds a pod gets to end; negative: its own."},
                  {0, "ignore-not-found", T::Bool, "false", "Do not mind when there is no such object."},
                  {0, "now", T::Bool, "false", "The same as --grace-period=1."}, kOutput, kSelector,
                  {0, "timeout", T::Duration, "0s", "How long to wait; 0: as long as it takes."},
                  {0, "wait", T::Bool, "true", "Wait until the objects are gone."}};
    verb.run = runDelete;
    verb.operand = Operand::Resource;
    verb.examples = {"# A pod, which its ReplicaSet will replace", "kubectl delete pod web-0",
                     "# Everything in a file", "kubectl delete -f web.yaml", "# All pods with a label",
                     "kubectl delete pods -l app=web"};
    return verb;
}

} // namespace core::shell::kubectl
