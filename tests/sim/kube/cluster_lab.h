#pragma once

#include "sim/container/registry.h"
#include "sim/kube/client/objects.h"
#include "sim/kube/cluster.h"
#include "sim/kube/fake/fake_node.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

// A hosted control plane with fake nodes: every controller and the scheduler, but no machine.
namespace sim::kube {

using namespace std::chrono_literals;
using nlohmann::json;

inline constexpr const char* kShop = "shop";

class ClusterLab {
public:
    explicit ClusterLab(int nodes = 3, std::uint64_t seed = 7)
        : m_engine(Instant{1'800'000'000s}, seed)
        , m_cluster(hosted())
    {
        Context c = context();
        m_cluster.start(c);
        for (int i = 1; i <= nodes; ++i) {
            FakeNode node;
            node.name = "node-" + std::to_string(i);
            node.capacity = {{"cpu", {"32"}}, {"memory", {"128Gi"}}, {"ephemeral-storage", {"100Gi"}}, {"pods", {"110"}}};
            m_cluster.joinFakeNode(c, node);
        }
        m_cluster.settle(c);
        apply("namespaces", {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", kShop}}}});
        run(1s);
    }

    Instant now() const { return m_engine.now(); }
    const Store& store() const { return m_cluster.store(); }
    RandomStream& random() { return m_engine.random("tests"); }
    Cluster& cluster() { return m_cluster; }
    Context context() { return {m_engine, m_network, m_hosts, m_registries, m_runtimes, m_gpus}; }

    Response send(const Request& request)
    {
        Context c = context();
        Response response = m_cluster.handle(c, request);
        m_cluster.settle(c);
        return response;
    }
    void apply(const std::string& resource, json object)
    {
        Request request;
        request.verb = Verb::Create;
        request.resource = resource;
        if (resource != "namespaces" && !object["metadata"].contains("namespace"))
            request.namespace_ = kShop;
        request.body = std::move(object);
        const Response response = send(request);
        ASSERT_TRUE(response.ok()) << response.body.dump();
    }
    void patch(const std::string& resource, const std::string& name, json body)
    {
        Request request;
        request.verb = Verb::Patch;
        request.patchType = PatchType::Merge;
        request.resource = resource;
        request.namespace_ = kShop;
        request.name = name;
        request.body = std::move(body);
        const Response response = send(request);
        ASSERT_TRUE(response.ok()) << response.body.dump();
    }
    void remove(const std::string& resource, const std::string& name)
    {
        Request request;
        request.verb = Verb::Delete;
        request.resource = resource;
        request.namespace_ = kShop;
        request.name = name;
        send(request);
    }

    /// `check` runs after each event.
    void run(Duration time, const std::function<void()>& check = {})
    {
        const Instant until = m_engine.now() + time;
        while (const auto event = m_engine.next(until)) {
            Context c = context();
            m_cluster.handle(c, *event);
            m_cluster.settle(c);
            if (check)
                check();
        }
        m_engine.advanceTo(until);
    }

    template <class T>
    std::shared_ptr<const T> get(const std::string& name) const
    {
        return store().get<T>({kindInfo(kindIdOf<T>).namespaced ? kShop : "", name});
    }
    std::vector<std::shared_ptr<const Pod>> pods() const { return store().inNamespace<Pod>(kShop); }
    std::vector<std::string> podNames() const
    {
        std::vector<std::string> names;
        for (const auto& pod : pods())
            names.push_back(pod->metadata.name);
        return names;
    }
    /// "Reason: message" of the events about objects of that name, in the order they were first seen.
    std::vector<std::string> events(const std::string& name) const
    {
        std::vector<std::shared_ptr<const KubeEvent>> found;
        for (const auto& [key, event] : store().all<KubeEvent>())
            if (event->involvedObject.name == name)
                found.push_back(event);
        std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) { return a->metadata.name < b->metadata.name; });
        std::vector<std::string> texts;
        for (const auto& event : found)
            texts.push_back(event->reason + ": " + event->message);
        return texts;
    }
    bool hasEvent(const std::string& name, const std::string& text) const
    {
        const auto all = events(name);
        return std::find(all.begin(), all.end(), text) != all.end();
    }

private:
    static ClusterSettings hosted()
    {
        ClusterSettings settings;
        settings.hosted = true;
        return settings;
    }

    Engine m_engine;
    net::Network m_network;
    host::Hosts m_hosts;
    container::Registries m_registries;
    container::Runtimes m_runtimes;
    gpu::Gpus m_gpus;
    Cluster m_cluster;
};

inline json podTemplate(const std::string& app, json annotations = json::object())
{
    return {{"metadata", {{"labels", {{"app", app}}}, {"annotations", std::move(annotations)}}},
            {"spec", {{"containers", {{{"name", "c"}, {"image", "nginx:1.27"}, {"resources", {{"requests", {{"cpu", "50m"}}}}}}}}}}};
}

inline std::string conditionStatus(const std::vector<Condition>& conditions, const char* type)
{
    const Condition* c = findCondition(conditions, type);
    return c ? c->status.value : std::string();
}

} // namespace sim::kube
