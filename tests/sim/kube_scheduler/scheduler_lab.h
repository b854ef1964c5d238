#pragma once

#include "sim/container/registry.h"
#include "sim/kube/client/event_types.h"
#include "sim/kube/client/objects.h"
#include "sim/kube/scheduler/scheduler.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

// A store and a scheduler, nothing else: no controllers, no kubelets.
namespace sim::kube {

using namespace std::chrono_literals;

inline Quantity amount(const std::string& text) { return Quantity{text}; }

struct SchedulerLab {
    Engine engine{Instant{1'800'000'000s}, 7};
    net::Network network;
    host::Hosts hosts;
    container::Registries registries;
    container::Runtimes runtimes;
    gpu::Gpus gpus;
    Store store;
    Recorder recorder;
    ClusterSettings settings;
    Scheduler scheduler;

    Context context() { return {engine, network, hosts, registries, runtimes, gpus}; }
    RandomStream& random() { return engine.random("tests"); }

    void start()
    {
        Context c = context();
        scheduler.start(c, store, "default-scheduler-test");
    }
    /// What the cluster does after each event and command.
    void settle()
    {
        Context c = context();
        while (scheduler.cursor().resourceVersion != store.resourceVersion()) {
            const std::uint64_t latest = store.resourceVersion();
            if (const auto changes = store.changesAfter(scheduler.cursor().resourceVersion))
                scheduler.observe(c, *changes);
            else
                scheduler.relist(c, store);
            scheduler.setCursor(latest);
        }
        scheduler.schedule(c);
    }
    void run(Duration time)
    {
        settle();
        const Instant until = engine.now() + time;
        while (const auto event = engine.next(until)) {
            Context c = context();
            const Client client{c, store, recorder, settings};
            if (event->type == static_cast<std::uint16_t>(EventType::SchedulerWake))
                scheduler.wake(client, event->argument);
            settle();
        }
        engine.advanceTo(until);
    }

    template <class T>
    std::shared_ptr<const T> add(T object)
    {
        auto stored = store.create(std::move(object), engine.now(), random()).object;
        EXPECT_TRUE(stored);
        settle();
        return stored;
    }
    template <class T>
    void change(T object)
    {
        object.metadata.resourceVersion.clear();
        EXPECT_TRUE(store.update(std::move(object), engine.now()));
        settle();
    }
    void remove(const std::string& name)
    {
        store.remove<Pod>({"shop", name}, engine.now(), 0);
        settle();
    }
    std::shared_ptr<const Pod> pod(const std::string& name) const { return store.get<Pod>({"shop", name}); }
    std::string nodeOf(const std::string& name) const { return pod(name)->spec.nodeName; }
    /// The message of the PodScheduled condition.
    std::string whyNot(const std::string& name) const
    {
        const Condition* c = findCondition(pod(name)->status.conditions, "PodScheduled");
        return c ? c->message : std::string();
    }
    std::vector<std::string> events(const std::string& name) const
    {
        std::vector<std::string> found;
        for (const auto& [key, event] : store.all<KubeEvent>())
            if (event->involvedObject.name == name)
                found.push_back(event->reason + ": " + event->message);
        return found;
    }
};

inline Node makeNode(const std::string& name, const std::string& cpu = "4", const std::string& memory = "16Gi")
{
    Node node;
    node.metadata.name = name;
    node.metadata.labels = {{kLabelHostname, name}};
    node.status.allocatable = {{"cpu", amount(cpu)}, {"memory", amount(memory)}, {"ephemeral-storage", amount("100Gi")}, {"pods", amount("110")}};
    node.status.capacity = node.status.allocatable;
    return node;
}

inline Node inZone(Node node, const std::string& zone)
{
    node.metadata.labels[kLabelZone] = zone;
    return node;
}

inline Pod makePod(const std::string& name, const std::string& cpu = "100m", const std::string& memory = "128Mi")
{
    Pod pod;
    pod.metadata.name = name;
    pod.metadata.namespace_ = "shop";
    Container c;
    c.name = "c";
    c.image = "nginx:1.27";
    if (!cpu.empty())
        c.resources.requests["cpu"] = amount(cpu);
    if (!memory.empty())
        c.resources.requests["memory"] = amount(memory);
    pod.spec.containers.push_back(c);
    pod.spec.terminationGracePeriodSeconds = 30;
    pod.status.phase = kPodPending;
    return pod;
}

inline Pod labelled(Pod pod, const std::string& app)
{
    pod.metadata.labels["app"] = app;
    return pod;
}

inline Pod onNode(Pod pod, const std::string& node)
{
    pod.spec.nodeName = node;
    pod.status.phase = kPodRunning;
    return pod;
}

inline LabelSelector appIs(const std::string& app)
{
    LabelSelector selector;
    selector.matchLabels["app"] = app;
    return selector;
}

} // namespace sim::kube
