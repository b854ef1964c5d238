#include "sim/kube/client/objects.h"
#include "sim/kube/scheduler/resources.h"
#include "tests/support/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

// Faults on every component, at random: what must always hold is looked at after each event, and once everything is put
// right again the cluster has to find its way back by itself.
namespace {

using namespace sim;
using namespace std::chrono_literals;
using nlohmann::json;

bool ended(const kube::Pod& pod) { return pod.status.phase == "Succeeded" || pod.status.phase == "Failed"; }

/// What must hold whatever is broken. Remembers pods by uid, to see that nothing goes backwards.
class Invariants {
public:
    void check(const World& world)
    {
        checkPods(world);
        checkContainers(world);
        checkSets(world);
    }

private:
    struct Seen {
        std::string node;
        bool ended = false;
        bool deleting = false;
    };

    void checkPods(const World& world)
    {
        const kube::Store& store = world.cluster().store();
        ASSERT_GE(store.resourceVersion(), m_version);
        if (store.resourceVersion() == m_version)
            return;
        m_version = store.resourceVersion();
        std::map<std::string, std::string> addresses;
        std::map<std::string, kube::Resources> used;
        for (const auto& [key, pod] : store.all<kube::Pod>()) {
            Seen& seen = m_seen[pod->metadata.uid];
            ASSERT_TRUE(seen.node.empty() || seen.node == pod->spec.nodeName) << key.name << " moved from " << seen.node << " to " << pod->spec.nodeName;
            ASSERT_TRUE(!seen.ended || ended(*pod)) << key.name << " came back from its end as " << pod->status.phase;
            ASSERT_TRUE(!seen.deleting || pod->metadata.deletionTimestamp) << key.name << " is no longer being deleted";
            seen = {pod->spec.nodeName, ended(*pod), pod->metadata.deletionTimestamp.has_value()};
            if (ended(*pod) || pod->spec.nodeName.empty())
                continue;
            used[pod->spec.nodeName].add(kube::podRequests(pod->spec));
            if (!pod->status.podIP.empty() && !pod->spec.hostNetwork && pod->status.phase == "Running") {
                const auto [other, fresh] = addresses.emplace(pod->status.podIP, key.name);
                ASSERT_TRUE(fresh) << key.name << " and " << other->second << " have " << pod->status.podIP;
            }
        }
        for (const auto& [name, promised] : used) {
            const auto node = store.get<kube::Node>({"", name});
            if (!node)
                continue;
            const kube::Resources has = kube::Resources::ofList(node->status.allocatable);
            ASSERT_LE(promised.milliCpu, has.milliCpu) << name;
            ASSERT_LE(promised.extendedOf("nvidia.com/gpu"), has.extendedOf("nvidia.com/gpu")) << name;
        }
    }

    static void checkContainers(const World& world)
    {
        for (const auto& [id, container] : world.runtimes().containers())
            if (container.state == container::Container::State::Running)
                ASSERT_NE(world.hosts().at(container.host).power, host::Machine::Power::Off)
                    << container.podName << "/" << container.name << " runs on a machine that does not";
    }

    static void checkSets(const World& world)
    {
        for (const auto& [key, set] : world.cluster().store().all<kube::ReplicaSet>()) {
            const kube::ReplicaSetStatus& status = set->status;
            ASSERT_LE(0, status.availableReplicas) << key.name;
            ASSERT_LE(status.availableReplicas, status.readyReplicas) << key.name;
            ASSERT_LE(status.readyReplicas, status.replicas) << key.name;
        }
    }

    std::uint64_t m_version = 0;
    std::map<std::string, Seen> m_seen; ///< by uid
};

/// Breaks things by the same commands as an operator, and knows how to put right what does not heal by itself.
class Saboteur {
public:
    Saboteur(World& world, std::uint64_t seed) : m_world(world), m_random(seed, "tests/swarm") { }

    void strike()
    {
        switch (m_random.below(10)) {
        case 0: unit("kubelet.service"); break;
        case 1: unit("containerd.service"); break;
        case 2: powerOff(); break;
        case 3: cutOff(); break;
        case 4:
        case 5: killContainer(); break;
        case 6: deletePod(); break;
        case 7: drainish(); break;
        case 8: scale(); break;
        case 9: brokenWebhook(); break;
        }
    }

    void heal()
    {
        for (const HostId host : m_off)
            apply(command::Power{host, command::Power::Verb::On});
        run(2min);
        for (const Command& command : m_repairs)
            m_world.apply(command);
        for (const kube::Request& request : m_requests)
            retried(request);
    }

private:
    template <class Body>
    CommandResult apply(Body body) { return m_world.apply(Command{std::move(body)}); }
    void run(Duration duration) { m_world.runUntil(m_world.now() + duration); }

    const host::Machine& anyNode()
    {
        std::vector<const host::Machine*> nodes;
        for (const host::Machine& machine : m_world.hosts().all())
            if (machine.role == "control-plane" || machine.role == "worker" || machine.role == "gpu")
                nodes.push_back(&machine);
        return *nodes[m_random.below(nodes.size())];
    }
    void unit(const std::string& name)
    {
        const HostId host = anyNode().id;
        apply(command::UnitAction{host, name, command::UnitAction::Verb::Stop});
        m_repairs.push_back(Command{command::UnitAction{host, name, command::UnitAction::Verb::Start}});
    }
    void powerOff()
    {
        const HostId host = anyNode().id;
        apply(command::Power{host, command::Power::Verb::Off});
        m_off.insert(host);
    }
    void cutOff()
    {
        command::FirewallChange change;
        change.stack = anyNode().stack;
        change.chain = m_random.below(2) == 0 ? "INPUT" : "OUTPUT";
        change.verb = command::FirewallChange::Verb::Insert;
        change.rule.protocol = net::Protocol::Tcp;
        change.rule.destinationPort = 6443;
        change.rule.target = "DROP";
        apply(change);
        change.verb = command::FirewallChange::Verb::Delete;
        m_repairs.push_back(Command{change});
    }
    void killContainer()
    {
        std::vector<ContainerId> running;
        for (const auto& [id, container] : m_world.runtimes().containers())
            if (container.state == container::Container::State::Running)
                running.push_back(id);
        if (!running.empty())
            apply(command::ContainerAction{running[m_random.below(running.size())], command::ContainerAction::Verb::Stop, 0s});
    }
    void deletePod()
    {
        std::vector<kube::ObjectKey> keys;
        for (const auto& [key, pod] : m_world.cluster().store().all<kube::Pod>())
            keys.push_back(key);
        kube::Request request = requestFor(kube::Verb::Delete, "pods", keys[m_random.below(keys.size())]);
        if (m_random.below(3) == 0)
            request.body = {{"gracePeriodSeconds", 0}};
        apply(command::ApiCall{request});
    }
    void drainish()
    {
        kube::Request request = requestFor(kube::Verb::Patch, "nodes", {"", anyNode().name});
        request.patchType = kube::PatchType::Merge;
        request.body = {{"spec", {{"unschedulable", true}}}};
        apply(command::ApiCall{request});
        request.body = {{"spec", {{"unschedulable", false}}}};
        m_requests.push_back(request);
    }
    void scale()
    {
        kube::Request request = requestFor(kube::Verb::Patch, "deployments.apps", {"shop", "checkout"});
        request.patchType = kube::PatchType::Merge;
        request.body = {{"spec", {{"replicas", 1 + m_random.below(12)}}}};
        apply(command::ApiCall{request});
        request.body = {{"spec", {{"replicas", 6}}}};
        m_requests.push_back(request);
    }
    void brokenWebhook()
    {
        kube::Request request = requestFor(kube::Verb::Create, "validatingwebhookconfigurations", {"", fmt::format("broken-{}", m_requests.size())});
        const std::string name = request.name;
        request.name.clear();
        request.body = {{"apiVersion", "admissionregistration.k8s.io/v1"}, {"kind", "ValidatingWebhookConfiguration"}, {"metadata", {{"name", name}}},
                        {"webhooks", {{{"name", "pods.broken.lab"}, {"admissionReviewVersions", {"v1"}}, {"sideEffects", "None"}, {"timeoutSeconds", 3},
                                       {"clientConfig", {{"service", {{"namespace", "shop"}, {"name", "nowhere"}}}}},
                                       {"rules", {{{"apiGroups", {""}}, {"apiVersions", {"v1"}}, {"operations", {"CREATE"}}, {"resources", {"pods"}}}}}}}}};
        apply(command::ApiCall{request});
        m_requests.push_back(requestFor(kube::Verb::Delete, request.resource, {"", name}));
    }

    static kube::Request requestFor(kube::Verb verb, const std::string& resource, const kube::ObjectKey& key)
    {
        kube::Request request;
        request.verb = verb;
        request.resource = resource;
        request.namespace_ = key.namespace_;
        request.name = key.name;
        return request;
    }
    /// A repair may meet a control plane that is still coming up.
    void retried(const kube::Request& request)
    {
        for (int attempt = 0; attempt < 60; ++attempt) {
            const kube::Response response = apply(command::ApiCall{request}).response;
            if (response.ok() || response.code == 404)
                return;
            run(5s);
        }
        ADD_FAILURE() << "the repair of " << request.resource << " " << request.name << " is not taken";
    }

    World& m_world;
    RandomStream m_random;
    std::set<HostId> m_off;
    std::vector<Command> m_repairs;
    std::vector<kube::Request> m_requests;
};

class Swarm : public testing::TestWithParam<std::uint64_t> { };

} // namespace

TEST_P(Swarm, HoldsItsInvariantsAndComesBackOnceHealed)
{
    World world = tests::miniWorld(GetParam());
    Saboteur saboteur(world, GetParam());
    RandomStream pauses(GetParam(), "tests/swarm-pauses");
    Invariants invariants;
    const auto runChecked = [&](Duration duration) {
        const Instant until = world.now() + duration;
        for (auto at = world.engine().nextEventAt(); at && *at <= until && !testing::Test::HasFatalFailure(); at = world.engine().nextEventAt()) {
            world.runUntil(*at);
            invariants.check(world);
        }
        world.runUntil(until);
    };
    for (int i = 0; i < 12 && !HasFatalFailure(); ++i) {
        saboteur.strike();
        runChecked(pauses.uniform(1s, 90s));
    }
    saboteur.heal();
    runChecked(20min);

    for (const auto& [key, node] : world.cluster().store().all<kube::Node>()) {
        const kube::Condition* ready = kube::findCondition(node->status.conditions, "Ready");
        EXPECT_TRUE(ready && ready->status.value == "True") << key.name;
    }
    for (const auto& [key, deployment] : world.cluster().store().all<kube::Deployment>())
        EXPECT_EQ(deployment->status.availableReplicas, deployment->spec.replicas.value_or(1)) << key.namespace_ << "/" << key.name;
    for (const auto& [key, set] : world.cluster().store().all<kube::DaemonSet>())
        EXPECT_EQ(set->status.numberReady, set->status.desiredNumberScheduled) << key.namespace_ << "/" << key.name;
    for (const auto& [key, pod] : world.cluster().store().all<kube::Pod>())
        EXPECT_TRUE(ended(*pod) || kube::isReady(*pod)) << key.namespace_ << "/" << key.name << " is " << pod->status.phase;
    EXPECT_GT(world.telemetry().mean("sli.success", 60s), 0.998);
}

INSTANTIATE_TEST_SUITE_P(Seeds, Swarm, testing::Range<std::uint64_t>(1, 9));
