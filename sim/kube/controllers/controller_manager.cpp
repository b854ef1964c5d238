#include "sim/kube/controllers/controller_manager.h"

#include "sim/engine/assert.h"
#include "sim/kube/client/event_types.h"

#include <string_view>
#include <type_traits>

namespace sim::kube {

namespace {

// Informer delivery plus one reconcile's requests: measured between a write and its controller's answer in
// the golden recordings (cases 02 and 80), 4 to 20 ms.
constexpr Duration kShortestLatency = 4ms;
constexpr Duration kLongestLatency = 20ms;
// Informer delivery alone, for a controller that need not wait for its requests.
constexpr Duration kShortestDelivery = 1ms;
constexpr Duration kLongestDelivery = 5ms;

template <class C>
constexpr bool asksItself()
{
    if constexpr (requires { C::kAsksItself; })
        return C::kAsksItself;
    return false;
}

template <class C>
constexpr bool isPrompt()
{
    if constexpr (requires { C::kPrompt; })
        return C::kPrompt;
    return asksItself<C>();
}

template <class C>
RateLimit limitOf(RateLimit limit)
{
    if constexpr (requires { C::kMoreRequests; })
        return {limit.perSecond * C::kMoreRequests.perSecond, limit.burst * C::kMoreRequests.burst};
    return limit;
}

// The controllers' random streams are named "kube/" and their name.
constexpr std::string_view kStreamPrefix = "kube/";

template <class Tuple, class F>
void forEachController(Tuple& controllers, F f)
{
    std::uint32_t index = 0;
    std::apply([&](auto&... c) { (f(c, index++), ...); }, controllers);
}

} // namespace

void ControllerManager::start(Context& context, const Store& store)
{
    m_running = true;
    m_cursor.resourceVersion = store.resourceVersion();
    relist(store);
    schedule(context);
    scheduleMonitor(context);
}

void ControllerManager::stop()
{
    m_running = false;
    m_controllers = Controllers();
    m_traces = {};
    m_pods.clear();
    m_requests = {};
    for (Wake& wake : m_wakes)
        wake = {std::nullopt, std::nullopt, wake.generation + 1};
}

void ControllerManager::relist(const Store& store)
{
    m_pods.rebuild(store);
    forEachController(m_controllers, [&](auto& c, std::uint32_t) { c.relist(store); });
}

void ControllerManager::observe(const std::vector<const WatchEvent*>& changes, const Store& store, Instant now)
{
    if (!m_running)
        return;
    for (const WatchEvent* event : changes) {
        if (event->kind == kindIdOf<KubeEvent> || event->kind == kindIdOf<Lease>)
            continue; // nobody here watches these
        m_pods.observe(*event);
        forEachController(m_controllers, [&](auto& c, std::uint32_t index) {
            const std::uint64_t asked = c.queue.asked();
            c.observe(*event, store, m_pods);
            if (c.queue.asked() != asked)
                m_traces[index].arrivals.push() = {now, event->resourceVersion};
        });
    }
}

void ControllerManager::schedule(Context& context)
{
    if (!m_running)
        return;
    const Instant now = context.engine.now();
    forEachController(m_controllers, [&](auto& c, std::uint32_t index) {
        constexpr bool prompt = isPrompt<std::decay_t<decltype(c)>>();
        c.queue.settle(now);
        Wake& wake = m_wakes[index];
        if (!c.queue.empty() && !wake.work)
            wake.work = now + context.engine.random(c.kStream).uniform(prompt ? kShortestDelivery : kShortestLatency,
                                                                       prompt ? kLongestDelivery : kLongestLatency);
        std::optional<Instant> due = wake.work;
        for (const auto& other : {c.queue.nextDelayed(), m_requests[index].posts.next()})
            if (other)
                due = due ? std::min(*due, *other) : *other;
        if (!due || (wake.at && *wake.at <= *due))
            return;
        wake.at = std::max(*due, now);
        ++wake.generation;
        context.engine.at(*wake.at, kubeEvent(EventType::ControllerWake, index, wake.generation));
    });
}

/// Lets a controller work with its own client, and its events be sent afterwards.
template <class C, class F>
void ControllerManager::withRequests(const Client& client, std::uint32_t index, F work)
{
    Requests& requests = m_requests[index];
    Client own = client;
    own.posts = &requests.posts;
    ControllerContext context{own, m_pods, requests.rate, client.random(C::kStream), limitOf<C>(client.settings.controllerRate)};
    work(context);
    requests.posts.plan(client.context, client.recorder, requests.rate, context.limit, context.random);
}

void ControllerManager::wake(const Client& client, std::uint32_t controller, std::uint64_t generation)
{
    if (!m_running || controller >= kCount || m_wakes[controller].generation != generation)
        return;
    m_wakes[controller].at.reset();
    m_requests[controller].posts.write(client.context, client.store, client.recorder);
    forEachController(m_controllers, [&](auto& c, std::uint32_t index) {
        if (index == controller)
            withRequests<std::decay_t<decltype(c)>>(client, index, [&](ControllerContext& context) { work(c, context, index); });
    });
}

/// The keys whose time has come, as many as there are workers.
template <class C>
void ControllerManager::work(C& controller, ControllerContext& context, std::uint32_t index)
{
    const Instant now = context.now();
    WorkQueue& queue = controller.queue;
    Wake& wake = m_wakes[index];
    const std::optional<Instant> delayed = queue.nextDelayed();
    if (!(wake.work && *wake.work <= now) && !(delayed && *delayed <= now))
        return;
    queue.promote(now);
    wake.work.reset();
    for (int i = 0; i < C::kWorkers && !queue.empty(); ++i) {
        // Requests wait for the limit; what they are about is then looked at as late as that.
        if (const Instant through = context.rate.next(now, context.limit); !asksItself<C>() && through > now) {
            wake.work = through;
            return;
        }
        ControllerTrace::Turn& turn = m_traces[index].turns.push();
        turn.at = now;
        turn.before = context.store().resourceVersion();
        turn.key = queue.pop();
        context.asked = 0;
        controller.reconcile(context, turn.key);
        turn.after = context.store().resourceVersion();
        for (auto written = static_cast<std::int64_t>(turn.after - turn.before) - context.asked; written > 0; --written)
            context.rate.reserve(now, context.limit);
    }
}

void ControllerManager::scheduleMonitor(Context& context)
{
    if (!m_running || m_monitorScheduled)
        return;
    m_monitorScheduled = true;
    context.engine.after(NodeLifecycleController::kMonitorPeriod, kubeEvent(EventType::NodeMonitor));
}

void ControllerManager::monitorNodes(const Client& client)
{
    if (!m_running)
        return;
    forEachController(m_controllers, [&](auto& c, std::uint32_t index) {
        if constexpr (std::is_same_v<std::decay_t<decltype(c)>, NodeLifecycleController>)
            withRequests<NodeLifecycleController>(client, index, [&](ControllerContext& context) { c.monitor(context); });
    });
    schedule(client.context);
}

ControllerManager::View ControllerManager::look(std::size_t index) const
{
    FL_ASSERT(index < kCount);
    std::optional<View> view;
    forEachController(m_controllers, [&](const auto& c, std::uint32_t i) {
        if (i == index)
            view.emplace(View{c.kStream + kStreamPrefix.size(), c.queue, m_traces[i], m_wakes[i].at});
    });
    return *view;
}

void ControllerManager::addTo(Fingerprint& f) const
{
    f.add(std::uint64_t{m_running});
    f.add(std::uint64_t{m_monitorScheduled});
    m_cursor.addTo(f);
    std::apply([&](const auto&... c) { (c.addTo(f), ...); }, m_controllers);
    for (const Wake& wake : m_wakes)
        wake.addTo(f);
    for (const Requests& requests : m_requests)
        requests.addTo(f);
}

} // namespace sim::kube
