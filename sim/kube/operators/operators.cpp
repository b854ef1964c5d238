#include "sim/kube/operators/operators.h"

#include "sim/kube/api/status.h"
#include "sim/kube/client/event_types.h"
#include "sim/kube/operators/custom_kinds.h"
#include "sim/kube/operators/pytorch_job.h"
#include "sim/kube/operators/queued_job.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::kube {

namespace {

constexpr const char* kBatchJobs = "jobs.batch";

template <class Tuple, class F>
void forEachRunner(Tuple& runners, F f)
{
    std::uint32_t index = 0;
    std::apply([&](auto&... runner) { (f(runner, index++), ...); }, runners);
}

bool installed(const Store& store)
{
    const auto& definitions = store.all<CustomResourceDefinition>();
    return std::any_of(definitions.begin(), definitions.end(), [](const auto& entry) {
        const std::string& group = entry.second->spec.group.value;
        return group == kPyTorchJobs.group || group == kPodGroups.group || group == kWorkloads.group;
    });
}

std::string resourceOf(const CustomKind& kind)
{
    return std::string(kind.plural) + "." + kind.group;
}

} // namespace

template <class O>
void Operators::Runner<O>::addTo(Fingerprint& f) const
{
    state.addTo(f);
    sim::addTo(f, process);
    sim::addTo(f, startsAt);
    rate.addTo(f);
    posts.addTo(f);
    sim::addTo(f, wakeAt);
    sim::addTo(f, generation);
}

template <class O>
void Operators::stop(Runner<O>& runner)
{
    const std::uint32_t generation = runner.generation + 1;
    runner = {};
    runner.generation = generation;
}

template <class O>
void Operators::lookForProcess(Runner<O>& runner, const Context& context, const Store& store, const ClusterSettings& settings)
{
    std::optional<OperatorProcess> found = findOperator(context, store, settings, O::kProgram);
    if (runner.process && found == runner.process)
        return;
    if (runner.process)
        stop(runner);
    runner.startsAt.reset();
    if (!found)
        return;
    if (found->since > context.engine.now()) {
        runner.startsAt = found->since;
        return;
    }
    runner.process = std::move(found);
    runner.state.relist(store);
}

template <class O>
void Operators::schedule(Runner<O>& runner, std::uint32_t which, Context& context)
{
    const Instant now = context.engine.now();
    std::optional<Instant> due = runner.startsAt;
    if (runner.process) {
        due = runner.state.plan(now, context.engine.random(O::kStream));
        if (due)
            due = std::max(*due, runner.rate.next(now, O::kRate));
        if (const auto& post = runner.posts.next())
            due = due ? std::min(*due, *post) : *post;
    }
    if (!due || (runner.wakeAt && *runner.wakeAt <= *due))
        return;
    runner.wakeAt = std::max(*due, now);
    ++runner.generation;
    context.engine.at(*runner.wakeAt, kubeEvent(EventType::OperatorWake, which, runner.generation));
}

template <class O>
void Operators::work(Runner<O>& runner, const Client& client)
{
    if (!runner.process)
        return;
    runner.posts.write(client.context, client.store, client.recorder);
    Client own = client;
    own.posts = &runner.posts;
    RandomStream& random = client.random(O::kStream);
    OperatorContext context{own, m_pods, random, *runner.process};
    const std::uint64_t before = client.store.resourceVersion();
    if (runner.rate.next(client.now(), O::kRate) <= client.now())
        runner.state.work(context);
    for (std::uint64_t written = client.store.resourceVersion() - before; written > 0; --written)
        runner.rate.reserve(client.now(), O::kRate);
    runner.posts.plan(client.context, client.recorder, runner.rate, O::kRate, random);
}

void Operators::settle(Context& context, const Store& store, const ClusterSettings& settings, const std::vector<const WatchEvent*>* changes)
{
    if (!m_watching && store.all<CustomResourceDefinition>().empty())
        return;
    if (const bool there = installed(store); there != m_watching) {
        m_watching = there;
        forEachRunner(m_runners, [&](auto& runner, std::uint32_t) { stop(runner); });
        m_pods.clear();
        changes = nullptr;
    }
    if (!m_watching)
        return;
    bool pods = changes == nullptr;
    if (changes == nullptr) {
        m_pods.rebuild(store);
        forEachRunner(m_runners, [&](auto& runner, std::uint32_t) {
            if (runner.process)
                runner.state.relist(store);
        });
    } else {
        for (const WatchEvent* event : *changes) {
            m_pods.observe(*event);
            pods = pods || event->kind == kindIdOf<Pod>;
            forEachRunner(m_runners, [&](auto& runner, std::uint32_t) {
                if (runner.process)
                    runner.state.observe(*event);
            });
        }
    }
    forEachRunner(m_runners, [&](auto& runner, std::uint32_t which) {
        if (pods)
            lookForProcess(runner, context, store, settings);
        schedule(runner, which, context);
    });
}

void Operators::wake(const Client& client, std::uint32_t which, std::uint64_t generation)
{
    forEachRunner(m_runners, [&](auto& runner, std::uint32_t index) {
        if (index != which || runner.generation != generation)
            return;
        runner.wakeAt.reset();
        lookForProcess(runner, client.context, client.store, client.settings);
        work(runner, client);
        schedule(runner, which, client.context);
    });
}

bool Operators::admits(const Request& request)
{
    return (request.verb == Verb::Create || request.verb == Verb::Update) && request.subresource.empty()
        && (request.resource.starts_with(kPyTorchJobs.plural) || request.resource == kBatchJobs);
}

std::optional<Response> Operators::admit(const Context& context, const Store& store, const ClusterSettings& settings, Request& request) const
{
    const Instant now = context.engine.now();
    const auto serves = [&](const char* program) {
        const auto process = findOperator(context, store, settings, program);
        return process && process->since <= now;
    };
    if (!m_watching || !request.body.is_object())
        return std::nullopt;
    if (request.verb == Verb::Create && groupDefined(store, kWorkloads) && serves(KueueManager::kProgram))
        suspendQueued(request.body);
    if (request.resource == kBatchJobs || !findResource(store, resourceOf(kPyTorchJobs)))
        return std::nullopt;
    if (serves(TrainingOperator::kProgram))
        if (const FieldErrors errors = validatePyTorchJob(request.body); !errors.empty()) {
            std::string text;
            for (const FieldError& one : errors.all())
                text += (text.empty() ? "" : ", ") + one.text();
            return failure(403, "Forbidden", fmt::format("admission webhook \"validator.pytorchjob.training-operator.kubeflow.org\" denied the request: {}",
                                                         errors.all().size() > 1 ? "[" + text + "]" : text));
        }
    return std::nullopt;
}

void Operators::addTo(Fingerprint& f) const
{
    f.add(std::uint64_t{m_watching});
    std::apply([&](const auto&... runner) { (runner.addTo(f), ...); }, m_runners);
}

} // namespace sim::kube
