#include "sim/kube/controllers/controller_manager.h"

#include "sim/engine/assert.h"
#include "sim/kube/client/event_types.h"

#include <string_view>

namespace sim::kube {

namespace {

// Informer delivery plus one reconcile's requests: measured between a write and its controller's answer in
// the golden recordings (cases 02 and 80), 5 to 30 ms.
constexpr Duration kShortestLatency = 5ms;
constexpr Duration kLongestLatency = 30ms;

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
    for (Wake& wake : m_wakes)
        wake = {std::nullopt, wake.generation + 1};
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
        c.queue.settle(now);
        Wake& wake = m_wakes[index];
        Instant due;
        if (!c.queue.empty()) {
            if (wake.at && *wake.at <= now + kShortestLatency)
                return; // soon enough, and no draw of a random number for every change
            due = now + context.engine.random(c.kStream).uniform(kShortestLatency, kLongestLatency);
        } else if (const auto delayed = c.queue.nextDelayed()) {
            due = std::max(*delayed, now);
        } else {
            return;
        }
        if (wake.at && *wake.at <= due)
            return;
        wake.at = due;
        ++wake.generation;
        context.engine.at(due, kubeEvent(EventType::ControllerWake, index, wake.generation));
    });
}

void ControllerManager::wake(const Client& client, std::uint32_t controller, std::uint64_t generation)
{
    if (!m_running || controller >= kCount || m_wakes[controller].generation != generation)
        return;
    m_wakes[controller].at.reset();
    ControllerContext context{client, m_pods};
    forEachController(m_controllers, [&](auto& c, std::uint32_t index) {
        if (index != controller)
            return;
        c.queue.promote(client.now());
        for (int i = 0; i < c.kWorkers && !c.queue.empty(); ++i) {
            ControllerTrace::Turn& turn = m_traces[index].turns.push();
            turn.at = client.now();
            turn.before = client.store.resourceVersion();
            turn.key = c.queue.pop();
            c.reconcile(context, turn.key);
            turn.after = client.store.resourceVersion();
        }
    });
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
    ControllerContext context{client, m_pods};
    std::get<NodeLifecycleController>(m_controllers).monitor(context);
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
}

} // namespace sim::kube
