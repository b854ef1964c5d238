#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/failures.h"
#include "core/shell/commands/kubectl/resources.h"

#include "sim/world/world.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

class Scaler {
public:
    explicit Scaler(Call& call) : m_call(call) { }

    int run()
    {
        if (const std::string problem = settings(); !problem.empty())
            return m_call.fail(problem);
        if (!dryRunMakesSense(m_call))
            return 1;
        bool failed = false;
        GatherOptions options;
        std::vector<Response> refused;
        options.refused = &refused;
        const auto targets = gather(m_call, m_call.words, failed, options);
        if (targets.empty() && !refused.empty() && refused.front().code != 0)
            return m_call.fail("no objects passed to scale " + messageOf(refused.front()));
        if (targets.empty() && refused.empty())
            return failed ? 1 : m_call.fail("no objects passed to scale");
        Failures failures;
        for (const Manifest& target : targets)
            scale(target, failures);
        for (const Response& response : refused)
            failures.add(response);
        return failures.tell(m_call) != 0 || failed ? 1 : 0;
    }

private:
    std::string settings()
    {
        if (!m_call.flags.given("replicas"))
            return "required flag(s) \"replicas\" not set";
        m_replicas = m_call.flags.number("replicas");
        if (m_replicas < 0)
            return "The --replicas=COUNT flag is required, and COUNT must be greater than or equal to 0";
        m_current = m_call.flags.number("current-replicas");
        if (m_current < -1)
            return "The --current-replicas must specify an integer of -1 or greater";
        return {};
    }

    Request scaleRequest(sim::kube::Verb verb, const Manifest& target) const
    {
        Request request = m_call.client.request(verb, *target.kind, target.nameSpace, target.name);
        request.subresource = "scale";
        return request;
    }

    void scale(const Manifest& target, Failures& failures)
    {
        if (m_current >= 0) {
            const Response now = m_call.client.read(scaleRequest(sim::kube::Verb::Get, target));
            const std::int64_t found = numberAt(now.body, {"spec", "replicas"}, -1);
            if (succeeded(now) && found >= 0 && found != m_current) {
                failures.add(fmt::format("Expected replicas to be {}, was {}", m_current, found));
                return;
            }
        }
        if (!m_call.clientDryRun()) {
            Request patch = scaleRequest(sim::kube::Verb::Patch, target);
            patch.body = Json{{"spec", Json{{"replicas", m_replicas}}}};
            patch.patchType = PatchType::Merge;
            patch.fieldManager = "kubectl";
            patch.dryRun = m_call.serverDryRun();
            const Response response = m_call.client.write(std::move(patch));
            if (!succeeded(response)) {
                failures.add(response);
                return;
            }
            if (const sim::Duration timeout = m_call.flags.duration("timeout");
                timeout.count() > 0 && !m_call.serverDryRun() && !reached(target, timeout)) {
                failures.add("timed out waiting for the condition");
                return;
            }
        }
        report(m_call, *target.kind, target.object, "scaled");
    }

    bool reached(const Manifest& target, sim::Duration timeout)
    {
        const sim::Instant end = m_call.inv.now() + timeout;
        for (;;) {
            const Response now = m_call.inv.door().world().apiRead(scaleRequest(sim::kube::Verb::Get, target));
            if (succeeded(now) && numberAt(now.body, {"status", "replicas"}) == m_replicas)
                return true;
            if (m_call.inv.now() >= end)
                return false;
            m_call.inv.sleep(kPollInterval);
        }
    }

    Call& m_call;
    std::int64_t m_replicas = 0;
    std::int64_t m_current = -1;
};

int runScale(Call& call) { return Scaler(call).run(); }

} // namespace

Verb scaleVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"scale", kDeploy, "Set a new size for a deployment, replica set, or replication controller",
              "[--current-replicas=count] --replicas=COUNT (-f FILENAME | TYPE NAME)"};
    verb.flags = {kAll, kDryRun, kFilename, kKustomize, kRecursive, kOutput, kSelector,
                  {0, "current-replicas", T::Number, "-1", "Only when this is the size now; -1: whatever it is."},
                  {0, "replicas", T::Number, "0", "The new size; must be given."},
                  {0, "timeout", T::Duration, "0s", "How long to wait for the new size; 0: not at all."}};
    verb.run = runScale;
    verb.operand = Operand::Resource;
    verb.examples = {"# Three pods", "kubectl scale --replicas=3 deployment/web", "# Three, if there are two now",
                     "kubectl scale --current-replicas=2 --replicas=3 deployment/web"};
    return verb;
}

} // namespace core::shell::kubectl
