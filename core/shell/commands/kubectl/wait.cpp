#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/failures.h"
#include "core/shell/commands/kubectl/object_watch.h"
#include "core/shell/commands/kubectl/resources.h"
#include "core/shell/commands/kubectl/wait_condition.h"

#include "sim/world/world.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

using sim::kube::Response;

/// A negative timeout stands for a week.
constexpr sim::Duration kForever = std::chrono::hours(168);
constexpr sim::Duration kCreateInterval = std::chrono::milliseconds(500);
constexpr const char* kTimedOut = "timed out waiting for the condition";

class Waiter {
public:
    Waiter(Call& call, const WaitCondition& wanted) : m_call(call), m_wanted(wanted)
    {
        const sim::Duration timeout = call.flags.duration("timeout");
        m_end = call.inv.now() + (timeout.count() < 0 ? kForever : timeout);
    }

    int run()
    {
        bool failed = false;
        if (m_wanted.type() == WaitCondition::Type::Create && !waitForCreation())
            return 1;
        const auto targets = objects(failed);
        if (targets.empty() && !failed)
            return m_wanted.type() == WaitCondition::Type::Delete ? 0 : m_call.fail("no matching resources found");
        Failures failures;
        for (const Manifest& target : targets) {
            if (const std::string problem = wait(target); problem.empty())
                report(m_call, *target.kind, target.object, "condition met");
            else
                failures.add(problem);
        }
        return failures.tell(m_call) != 0 || failed ? 1 : 0;
    }

private:
    /// What the words, -f and -l name; for delete what is already gone is left out without a word.
    std::vector<Manifest> objects(bool& failed)
    {
        GatherOptions options;
        options.fetch = m_wanted.type() != WaitCondition::Type::Delete;
        std::vector<Manifest> found;
        for (Manifest& target : gather(m_call, m_call.words, failed, options)) {
            if (!options.fetch) {
                const Response now = m_call.client.get(*target.kind, target.nameSpace, target.name);
                if (now.code == 404)
                    continue;
                if (!succeeded(now)) {
                    m_call.refused(now);
                    failed = true;
                    break;
                }
                target.object = now.body;
            }
            found.push_back(std::move(target));
        }
        return found;
    }

    bool waitForCreation()
    {
        const auto named = parseResources(m_call, m_call.words);
        if (!named)
            return false;
        for (const Named& one : *named) {
            while (!exists(one)) {
                if (m_call.inv.now() >= m_end) {
                    m_call.fail(kTimedOut);
                    return false;
                }
                m_call.inv.sleep(std::min(kCreateInterval, m_end - m_call.inv.now()));
            }
        }
        return true;
    }

    bool exists(const Named& one) const
    {
        const std::string ns = one.kind->namespaced ? m_call.nameSpace() : std::string();
        if (!one.kind->info)
            return false;
        auto request = m_call.client.request(one.name.empty() ? sim::kube::Verb::List : sim::kube::Verb::Get,
                                             *one.kind, ns, one.name);
        request.labelSelector = m_call.flags.text("selector");
        const Response now = m_call.inv.door().world().apiRead(request);
        return succeeded(now) && (!one.name.empty() || !at(now.body, {"items"}).empty());
    }

    /// Waits for one object; why it did not come true.
    std::string wait(const Manifest& target)
    {
        m_call.saw(*target.kind, target.nameSpace, target.name);
        if (m_wanted.type() == WaitCondition::Type::Create)
            return {};
        const std::string uid = textAt(target.object, {"metadata", "uid"});
        ObjectWatch watch(m_call, target);
        while (const auto change = watch.next(m_end)) {
            const bool gone = change->deleted || textAt(change->object, {"metadata", "uid"}) != uid;
            if (m_wanted.type() == WaitCondition::Type::Delete) {
                if (gone)
                    return {};
                continue;
            }
            if (gone)
                continue;
            std::string error;
            if (m_wanted.met(change->object, error))
                return {};
            if (!error.empty())
                return error;
        }
        return fmt::format("{} on {}/{}", kTimedOut, target.kind->plural, target.name);
    }

    Call& m_call;
    const WaitCondition& m_wanted;
    sim::Instant m_end;
};

int runWait(Call& call)
{
    std::string error;
    const auto wanted = WaitCondition::parse(call.flags.text("for"), error);
    return wanted ? Waiter(call, *wanted).run() : call.fail(error);
}

} // namespace

Verb waitVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"wait", kAdvanced, "Wait for a specific condition on one or many resources",
              "([-f FILENAME] | resource.group/resource.name | resource.group [(-l label | --all)]) "
              "[--for=create|--for=delete|--for condition=available|--for=jsonpath='{}'[=value]]"};
    verb.flags = {kAll, kAllNamespaces, kFieldSelector, kFilename, kRecursive, kOutput, kSelector,
                  {0, "for", T::Text, "", "create, delete, condition=NAME[=VALUE] or jsonpath=PATH[=VALUE]."},
                  {0, "timeout", T::Duration, "30s", "How long to wait; 0: look once; negative: a week."}};
    verb.run = runWait;
    verb.operand = Operand::Resource;
    verb.examples = {"# Until a pod is ready", "kubectl wait --for=condition=Ready pod/web-0",
                     "# Until it is gone", "kubectl wait --for=delete pod/web-0 --timeout=60s",
                     "# Until it runs", "kubectl wait --for=jsonpath='{.status.phase}'=Running pod/web-0"};
    return verb;
}

} // namespace core::shell::kubectl
