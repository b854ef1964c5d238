#include "sim/host/certificate.h"
#include "sim/kube/client/objects.h"
#include "tests/support/world.h"

#include <fmt/format.h>

#include <functional>

// Kubelets on the machines of the mini lab: what they do with pods, and what the cluster sees of them.
namespace {

using namespace sim;
using nlohmann::json;

class NodeLab {
public:
    World world = tests::miniWorld();

    std::shared_ptr<const kube::Node> node(const std::string& name) const { return world.cluster().store().get<kube::Node>({"", name}); }
    std::string condition(const std::string& name, const char* type) const
    {
        const kube::Condition* found = kube::findCondition(node(name)->status.conditions, type);
        return found == nullptr ? "" : found->status.value;
    }
    std::string readyMessage(const std::string& name) const { return kube::findCondition(node(name)->status.conditions, "Ready")->message; }
    bool hasTaint(const std::string& name, const std::string& key) const
    {
        const auto& taints = node(name)->spec.taints;
        return std::any_of(taints.begin(), taints.end(), [&](const kube::Taint& taint) { return taint.key == key; });
    }
    HostId host(const std::string& name) const { return world.machine(name)->id; }
    void unit(const std::string& machine, const std::string& name, command::UnitAction::Verb verb)
    {
        world.apply(Command{command::UnitAction{host(machine), name, verb}});
    }
    void signal(const std::string& machine, const std::string& unitName, int number)
    {
        const auto pid = world.machine(machine)->units.at(unitName).mainPid;
        world.apply(Command{command::Signal{host(machine), pid, number}});
    }
    void run(Duration time) { world.runUntil(world.now() + time); }
    void create(json pod)
    {
        pod["apiVersion"] = "v1";
        pod["kind"] = "Pod";
        pod["metadata"]["namespace"] = "shop";
        kube::Request request;
        request.verb = kube::Verb::Create;
        request.resource = "pods";
        request.namespace_ = "shop";
        request.body = std::move(pod);
        const auto result = world.apply(Command{command::ApiCall{request}});
        ASSERT_TRUE(result.ok) << result.response.body.dump();
    }
    std::shared_ptr<const kube::Pod> pod(const std::string& name) const { return world.cluster().store().get<kube::Pod>({"shop", name}); }
    /// "Reason: message" of a pod's or node's events, by time.
    std::string events(const std::string& name) const
    {
        std::string text;
        for (const auto& [key, event] : world.cluster().store().all<kube::KubeEvent>())
            if (event->involvedObject.name == name)
                text += event->reason + ": " + event->message + "\n";
        return text;
    }
    std::string journal(const std::string& machine, const std::string& unitName) const
    {
        std::string text;
        for (const auto& entry : world.machine(machine)->journal)
            if (entry.unit == unitName)
                text += entry.message + "\n";
        return text;
    }
    std::size_t podsOn(const std::string& machine, const std::function<bool(const kube::Pod&)>& which) const
    {
        std::size_t count = 0;
        for (const auto& [key, one] : world.cluster().store().all<kube::Pod>())
            count += one->spec.nodeName == machine && which(*one) ? 1 : 0;
        return count;
    }
    /// A worker that runs checkout.
    std::string worker() const
    {
        for (const auto& [key, one] : world.cluster().store().all<kube::Pod>())
            if (one->metadata.labels.count("app") > 0 && one->metadata.labels.at("app") == "checkout")
                return one->spec.nodeName;
        return {};
    }
};

json checkoutPod(const std::string& name, json container = json::object(), json spec = json::object())
{
    container["name"] = "app";
    container["image"] = "registry.lab:5000/shop/checkout:1.8.3";
    if (!container.contains("env"))
        container["env"] = json::array({{{"name", "DATABASE_URL"}, {"value", "x"}}});
    spec["containers"] = json::array({container});
    spec["imagePullSecrets"] = json::array({{{"name", "regcred"}}});
    return {{"metadata", {{"name", name}}}, {"spec", spec}};
}

json probe(const std::string& path, int port, int failures = 3)
{
    return {{"httpGet", {{"path", path}, {"port", port}}}, {"periodSeconds", 5}, {"initialDelaySeconds", 10}, {"failureThreshold", failures}};
}

const kube::ContainerStatus& statusOf(const std::shared_ptr<const kube::Pod>& pod) { return pod->status.containerStatuses.front(); }

TEST(NodeLife, ASilentKubeletMakesTheNodeUnknownAndItsPodsMove)
{
    NodeLab lab;
    const std::string node = lab.worker();
    lab.unit(node, "kubelet.service", command::UnitAction::Verb::Stop);
    lab.run(38s); // the last renewal was up to 10 s before
    EXPECT_EQ(lab.condition(node, "Ready"), "True") << "the grace period is 50 s";
    lab.run(32s);
    EXPECT_EQ(lab.condition(node, "Ready"), "Unknown");
    EXPECT_EQ(lab.readyMessage(node), "Kubelet stopped posting node status.");
    EXPECT_TRUE(lab.hasTaint(node, "node.kubernetes.io/unreachable"));
    EXPECT_GT(lab.podsOn(node, [](const kube::Pod& p) { return p.metadata.namespace_ == "shop"; }), 0u);
    lab.run(320s);
    EXPECT_EQ(lab.podsOn(node, [](const kube::Pod& p) { return p.metadata.namespace_ == "shop" && !p.metadata.deletionTimestamp; }), 0u)
        << "evicted after 300 s; nobody confirms that they are gone";
    lab.unit(node, "kubelet.service", command::UnitAction::Verb::Start);
    lab.run(60s);
    EXPECT_EQ(lab.condition(node, "Ready"), "True");
    EXPECT_EQ(lab.podsOn(node, [](const kube::Pod& p) { return p.metadata.deletionTimestamp.has_value(); }), 0u);
    EXPECT_FALSE(lab.hasTaint(node, "node.kubernetes.io/unreachable"));
}

TEST(NodeLife, AFrozenKubeletIsSilentToo)
{
    NodeLab lab;
    const std::string node = lab.worker();
    lab.signal(node, "kubelet.service", 19);
    lab.run(70s);
    EXPECT_EQ(lab.condition(node, "Ready"), "Unknown");
    lab.signal(node, "kubelet.service", 18);
    lab.run(30s);
    EXPECT_EQ(lab.condition(node, "Ready"), "True");
}

TEST(NodeLife, ACrashLoopingKubeletDoesNotRenewItsLease)
{
    NodeLab lab;
    const std::string node = lab.worker();
    lab.world.apply(Command{command::WriteFile{lab.host(node), std::nullopt, "/etc/default/kubelet", "KUBELET_EXTRA_ARGS=--container-runtime=remote\n"}});
    lab.unit(node, "kubelet.service", command::UnitAction::Verb::Restart);
    lab.run(80s);
    EXPECT_EQ(lab.condition(node, "Ready"), "Unknown") << "systemd starts it every 10 s, and it ends each time";
}

TEST(NodeLife, AnExpiredCertificateIsRefused)
{
    NodeLab lab;
    const std::string node = lab.worker();
    const host::Certificate old{"system:nodes", "system:node:" + node, lab.world.now() - 10h, lab.world.now() + 5s, 77};
    lab.world.apply(Command{command::WriteFile{lab.host(node), std::nullopt, "/var/lib/kubelet/pki/kubelet-client-current.pem", host::clientPem(old)}});
    std::string config = lab.world.machine(node)->files.at("/var/lib/kubelet/config.yaml")->content;
    config.replace(config.find("rotateCertificates: true"), 24, "rotateCertificates: false");
    lab.world.apply(Command{command::WriteFile{lab.host(node), std::nullopt, "/var/lib/kubelet/config.yaml", config}});
    lab.unit(node, "kubelet.service", command::UnitAction::Verb::Restart);
    lab.run(90s);
    EXPECT_EQ(lab.condition(node, "Ready"), "Unknown");
    EXPECT_NE(lab.journal(node, "kubelet.service").find("\"Failed to update lease\" err=\"Unauthorized\""), std::string::npos);
    const host::Certificate fresh{"system:nodes", "system:node:" + node, lab.world.now(), lab.world.now() + 10h, 78};
    lab.world.apply(Command{command::WriteFile{lab.host(node), std::nullopt, "/var/lib/kubelet/pki/kubelet-client-current.pem", host::clientPem(fresh)}});
    lab.unit(node, "kubelet.service", command::UnitAction::Verb::Restart);
    lab.run(30s);
    EXPECT_EQ(lab.condition(node, "Ready"), "True");
}

TEST(NodeLife, ARotatingKubeletRenewsItsCertificateInTime)
{
    NodeLab lab;
    const std::string node = lab.worker();
    const host::Certificate old{"system:nodes", "system:node:" + node, lab.world.now() - 9h, lab.world.now() + 1h, 77};
    lab.world.apply(Command{command::WriteFile{lab.host(node), std::nullopt, "/var/lib/kubelet/pki/kubelet-client-current.pem", host::clientPem(old)}});
    lab.run(30s);
    const auto now = host::clientCertificateOf(*lab.world.machine(node), "/etc/kubernetes/kubelet.conf");
    ASSERT_TRUE(now);
    EXPECT_GT(now->notAfter, lab.world.now() + 24h * 300) << "nine tenths of its life had passed";
    EXPECT_EQ(lab.condition(node, "Ready"), "True");
}

TEST(NodeLife, ADeadRuntimeMakesTheNodeNotReadyAndSaysSo)
{
    NodeLab lab;
    const std::string node = lab.worker();
    lab.unit(node, "containerd.service", command::UnitAction::Verb::Stop);
    lab.run(20s);
    EXPECT_EQ(lab.condition(node, "Ready"), "True") << "the runtime may be silent for 30 s";
    lab.run(25s);
    EXPECT_EQ(lab.condition(node, "Ready"), "False");
    EXPECT_EQ(lab.readyMessage(node), "container runtime is down");
    lab.run(180s);
    EXPECT_EQ(lab.readyMessage(node).find("[container runtime is down, PLEG is not healthy: pleg was last seen active 3m"), 0u) << lab.readyMessage(node);
    EXPECT_NE(lab.journal(node, "kubelet.service").find("Container runtime sanity check failed"), std::string::npos);
    lab.unit(node, "containerd.service", command::UnitAction::Verb::Start);
    lab.run(20s);
    EXPECT_EQ(lab.condition(node, "Ready"), "True");
}

TEST(NodeLife, AFullDiskEvictsAndTheConditionIsHeldForFiveMinutes)
{
    NodeLab lab;
    const std::string node = lab.worker();
    const auto& machine = *lab.world.machine(node);
    const auto& disk = machine.mountOf("/var/lib/kubelet");
    const std::int64_t room = disk.sizeBytes - machine.usedBytes(disk) - disk.sizeBytes / 25;
    lab.world.apply(Command{command::WriteFile{lab.host(node), std::nullopt, "/var/log/big.log", "", false, 0644, room}});
    lab.run(60s);
    EXPECT_EQ(lab.condition(node, "DiskPressure"), "True");
    EXPECT_EQ(lab.condition(node, "Ready"), "True");
    EXPECT_TRUE(lab.hasTaint(node, "node.kubernetes.io/disk-pressure"));
    EXPECT_NE(lab.events(node).find("EvictionThresholdMet: Attempting to reclaim ephemeral-storage"), std::string::npos);
    std::string message;
    for (const auto& [key, one] : lab.world.cluster().store().all<kube::Pod>())
        if (one->spec.nodeName == node && one->status.reason == "Evicted" && one->status.message.find("low on resource") != std::string::npos) {
            message = one->status.message;
            EXPECT_EQ(one->status.phase, "Failed");
            EXPECT_LT(one->spec.priority.value_or(0), 2'000'000'000) << "critical pods stay";
        }
    EXPECT_EQ(message.find("The node was low on resource: ephemeral-storage. Threshold quantity: "), 0u) << message;
    int refused = 0; // a daemon's pod is made again, and not admitted: with growing pauses
    for (const auto& [key, one] : lab.world.cluster().store().all<kube::KubeEvent>())
        refused += one->reason == "Evicted" && one->message == "The node had condition: [DiskPressure]. " ? 1 : 0;
    EXPECT_GT(refused, 0);
    EXPECT_LT(refused, 12);
    lab.world.apply(Command{command::RemoveFile{lab.host(node), std::nullopt, "/var/log/big.log"}});
    lab.run(240s);
    EXPECT_EQ(lab.condition(node, "DiskPressure"), "True");
    lab.run(90s);
    EXPECT_EQ(lab.condition(node, "DiskPressure"), "False");
    EXPECT_FALSE(lab.hasTaint(node, "node.kubernetes.io/disk-pressure"));
}

TEST(NodeLife, AMachineWithoutMemoryStarvesItsKubelet)
{
    NodeLab lab;
    const std::string node = lab.worker();
    const std::int64_t pages = (lab.world.machine(node)->memoryLeftBytes() - (30 << 20)) / host::Machine::kHugePageBytes;
    lab.world.apply(Command{command::WriteFile{lab.host(node), std::nullopt, "/proc/sys/vm/nr_hugepages", std::to_string(pages)}});
    lab.run(80s);
    EXPECT_EQ(lab.condition(node, "Ready"), "Unknown");
    EXPECT_NE(lab.journal(node, "kubelet.service").find("context deadline exceeded"), std::string::npos);
    lab.world.apply(Command{command::WriteFile{lab.host(node), std::nullopt, "/proc/sys/vm/nr_hugepages", "0"}});
    lab.run(30s);
    EXPECT_EQ(lab.condition(node, "Ready"), "True");
}

TEST(NodeLife, ARebootIsTold)
{
    NodeLab lab;
    const std::string node = lab.worker();
    lab.world.apply(Command{command::Power{lab.host(node), command::Power::Verb::Reboot}});
    lab.run(3min);
    EXPECT_NE(lab.events(node).find(fmt::format("Rebooted: Node {} has been rebooted, boot id: {}", node, lab.world.machine(node)->bootId)), std::string::npos)
        << lab.events(node);
    EXPECT_EQ(lab.condition(node, "Ready"), "True");
}

TEST(ContainerLife, AProgramThatCannotStartIsAStartError)
{
    NodeLab lab;
    lab.create(checkoutPod("typo", {{"command", {"/app/chekout"}}}));
    lab.run(60s);
    const auto pod = lab.pod("typo");
    EXPECT_NE(lab.events("typo").find("Failed: Error: failed to create containerd task: failed to create shim task: OCI runtime create failed"), std::string::npos)
        << lab.events("typo");
    ASSERT_TRUE(statusOf(pod).lastState.terminated);
    EXPECT_EQ(statusOf(pod).lastState.terminated->reason, "StartError");
    EXPECT_EQ(statusOf(pod).lastState.terminated->exitCode.value, 128);
    EXPECT_GT(statusOf(pod).restartCount.value, 1);
}

TEST(ContainerLife, BackOffDoublesFromTenSecondsToFiveMinutes)
{
    NodeLab lab;
    lab.create(checkoutPod("crash", {{"env", json::array()}}));
    std::vector<Instant> starts;
    std::int64_t seen = -1;
    for (int second = 0; second < 1500; ++second) {
        lab.run(1s);
        const auto pod = lab.pod("crash");
        if (pod->status.containerStatuses.empty() || statusOf(pod).restartCount.value == seen || statusOf(pod).containerID.empty())
            continue;
        seen = statusOf(pod).restartCount.value;
        starts.push_back(lab.world.now());
    }
    ASSERT_GE(starts.size(), 8u);
    const int expected[] = {0, 10, 20, 40, 80, 160, 300};
    for (std::size_t i = 0; i < std::size(expected); ++i)
        EXPECT_NEAR(toSeconds(starts[i + 1] - starts[i]), expected[i], 3) << "before restart " << i + 1;
    const auto pod = lab.pod("crash");
    EXPECT_EQ(statusOf(pod).state.waiting->reason, "CrashLoopBackOff");
    EXPECT_EQ(statusOf(pod).state.waiting->message.find("back-off 5m0s restarting failed container=app pod=crash_shop("), 0u);
    EXPECT_EQ(statusOf(pod).lastState.terminated->exitCode.value, 1);
}

TEST(ContainerLife, ALimitBelowTheNeedEndsInOomKilled)
{
    NodeLab lab;
    lab.create(checkoutPod("small", {{"resources", {{"limits", {{"memory", "128Mi"}}}}}}));
    lab.run(60s);
    const auto pod = lab.pod("small");
    ASSERT_TRUE(statusOf(pod).lastState.terminated);
    EXPECT_EQ(statusOf(pod).lastState.terminated->reason, "OOMKilled");
    EXPECT_EQ(statusOf(pod).lastState.terminated->exitCode.value, 137);
    std::string kernel;
    for (const auto& entry : lab.world.machine(pod->spec.nodeName)->journal)
        if (entry.identifier == "kernel")
            kernel += entry.message + "\n";
    EXPECT_NE(kernel.find("Memory cgroup out of memory: Killed process"), std::string::npos);
}

TEST(ContainerLife, ALivenessProbeAtTheWrongPathKillsAHealthyContainer)
{
    NodeLab lab;
    lab.create(checkoutPod("probed", {{"livenessProbe", probe("/health", 8080)}}));
    lab.run(45s);
    const std::string events = lab.events("probed");
    EXPECT_NE(events.find("Unhealthy: Liveness probe failed: HTTP probe failed with statuscode: 404"), std::string::npos) << events;
    EXPECT_NE(events.find("Killing: Container app failed liveness probe, will be restarted"), std::string::npos) << events;
    EXPECT_GE(statusOf(lab.pod("probed")).restartCount.value, 1);
}

TEST(ContainerLife, ProbesSayWhatTheyMet)
{
    NodeLab lab;
    lab.create(checkoutPod("grpc", {{"readinessProbe", {{"grpc", {{"port", 9090}}}, {"periodSeconds", 5}, {"timeoutSeconds", 2}}}}));
    lab.create(checkoutPod("https", {{"readinessProbe", {{"httpGet", {{"path", "/x"}, {"port", 9443}, {"scheme", "HTTPS"}}}, {"periodSeconds", 5}}}}));
    lab.create(checkoutPod("tcp", {{"readinessProbe", {{"tcpSocket", {{"port", 9090}}}, {"periodSeconds", 5}}}}));
    lab.run(20s);
    const auto ip = [&](const char* name) { return lab.pod(name)->status.podIP; };
    EXPECT_NE(lab.events("grpc").find(fmt::format("Readiness probe failed: timeout: failed to connect service \"{}:9090\" within 2s: context deadline exceeded", ip("grpc"))),
              std::string::npos)
        << lab.events("grpc");
    EXPECT_NE(lab.events("https").find(fmt::format("Get \"https://{0}:9443/x\": dial tcp {0}:9443: connect: connection refused", ip("https"))), std::string::npos);
    EXPECT_NE(lab.events("tcp").find(fmt::format("Readiness probe failed: dial tcp {}:9090: connect: connection refused", ip("tcp"))), std::string::npos);
    EXPECT_FALSE(statusOf(lab.pod("tcp")).ready.value);
}

TEST(ContainerLife, AProbeThatIsTooEarlyEndsInKill)
{
    NodeLab lab;
    json early = probe("/healthz", 8080, 1); // fails at 10 s when nothing listens
    early["initialDelaySeconds"] = 1;
    lab.create(checkoutPod("early", {{"livenessProbe", early}}, {{"terminationGracePeriodSeconds", 2}}));
    lab.run(20s);
    const auto pod = lab.pod("early");
    ASSERT_TRUE(statusOf(pod).lastState.terminated);
    EXPECT_EQ(statusOf(pod).lastState.terminated->exitCode.value, 137) << "process 1 without a handler does not take SIGTERM";
}

TEST(ContainerLife, OomScoresFollowTheClassOfService)
{
    NodeLab lab;
    lab.create(checkoutPod("best-effort"));
    lab.create(checkoutPod("guaranteed", {{"resources", {{"limits", {{"cpu", "100m"}, {"memory", "512Mi"}}}}}}));
    lab.run(40s);
    const auto scoreOf = [&](const std::string& name) {
        const auto pod = lab.pod(name);
        const auto* container = lab.world.containerOf(*pod, "app");
        return lab.world.hosts().at(container->host).processes.at(container->pid).oomScoreAdjust;
    };
    EXPECT_EQ(scoreOf("best-effort"), 1000);
    EXPECT_EQ(scoreOf("guaranteed"), -997);
}

json cartContainer(const std::string& name, json more = json::object())
{
    more["name"] = name;
    more["image"] = "registry.lab:5000/shop/cart:3.1.0";
    return more;
}

TEST(ContainerOrder, ASidecarIsUpBeforeTheOthersStartAndEndsAfterThem)
{
    NodeLab lab;
    json startup = probe("/healthz", 8080, 30);
    startup["periodSeconds"] = 1;
    startup["initialDelaySeconds"] = 0;
    const json sidecar = cartContainer("proxy", {{"restartPolicy", "Always"}, {"startupProbe", startup}});
    lab.create(checkoutPod("meshed", {{"args", {"--listen=:8081"}}}, {{"initContainers", {sidecar}}}));
    lab.run(3s);
    ASSERT_FALSE(lab.pod("meshed")->status.initContainerStatuses.empty());
    EXPECT_TRUE(lab.pod("meshed")->status.initContainerStatuses.front().state.running);
    EXPECT_FALSE(statusOf(lab.pod("meshed")).state.running) << "the sidecar takes 3 s to listen";
    lab.run(30s);
    const auto pod = lab.pod("meshed");
    EXPECT_TRUE(statusOf(pod).state.running);
    EXPECT_TRUE(pod->status.initContainerStatuses.front().ready.value) << "a sidecar's readiness counts";
    EXPECT_EQ(pod->status.phase, "Running");
    kube::Request remove;
    remove.verb = kube::Verb::Delete;
    remove.resource = "pods";
    remove.namespace_ = "shop";
    remove.name = "meshed";
    lab.world.apply(Command{command::ApiCall{remove}});
    lab.run(100ms);
    EXPECT_NE(lab.events("meshed").find("Killing: Stopping container app"), std::string::npos);
    EXPECT_EQ(lab.events("meshed").find("Killing: Stopping container proxy"), std::string::npos) << "not while the other runs";
    lab.run(10s);
    EXPECT_NE(lab.events("meshed").find("Killing: Stopping container proxy"), std::string::npos);
    EXPECT_FALSE(lab.pod("meshed"));
}

TEST(ContainerOrder, ASidecarDoesNotKeepAJobFromEnding)
{
    NodeLab lab;
    const json sidecar = cartContainer("proxy", {{"restartPolicy", "Always"}});
    lab.create(checkoutPod("batch", {{"command", {"sh", "-c", "sleep 5"}}}, {{"initContainers", {sidecar}}, {"restartPolicy", "OnFailure"}}));
    lab.run(40s);
    EXPECT_EQ(lab.pod("batch")->status.phase, "Succeeded");
    EXPECT_NE(lab.events("batch").find("Killing: Stopping container proxy"), std::string::npos);
}

TEST(ContainerOrder, AFailedInitContainerFailsAPodThatIsNeverRestarted)
{
    NodeLab lab;
    const json init = cartContainer("migrate", {{"command", {"sh", "-c", "exit 3"}}});
    lab.create(checkoutPod("once", json::object(), {{"initContainers", {init}}, {"restartPolicy", "Never"}}));
    lab.create(checkoutPod("again", json::object(), {{"initContainers", {init}}}));
    lab.run(60s);
    EXPECT_EQ(lab.pod("once")->status.phase, "Failed");
    EXPECT_FALSE(statusOf(lab.pod("once")).state.running);
    EXPECT_EQ(lab.pod("again")->status.phase, "Pending");
    EXPECT_GT(lab.pod("again")->status.initContainerStatuses.front().restartCount.value, 1);
}

TEST(ContainerOrder, APreStopHookRunsInsideTheGracePeriod)
{
    NodeLab lab;
    lab.create(checkoutPod("slow", {{"lifecycle", {{"preStop", {{"sleep", {{"seconds", 8}}}}}}}}));
    lab.run(30s);
    ASSERT_TRUE(statusOf(lab.pod("slow")).state.running);
    kube::Request remove;
    remove.verb = kube::Verb::Delete;
    remove.resource = "pods";
    remove.namespace_ = "shop";
    remove.name = "slow";
    lab.world.apply(Command{command::ApiCall{remove}});
    lab.run(7s);
    EXPECT_TRUE(lab.pod("slow")) << "the hook sleeps for 8 s before TERM";
    lab.run(4s);
    EXPECT_FALSE(lab.pod("slow"));
}

TEST(ContainerOrder, AFailedPostStartHookEndsTheContainer)
{
    NodeLab lab;
    lab.create(checkoutPod("hooked", {{"lifecycle", {{"postStart", {{"exec", {{"command", {"/app/warm-up"}}}}}}}}}, {{"terminationGracePeriodSeconds", 1}}));
    lab.run(20s);
    EXPECT_NE(lab.events("hooked").find("FailedPostStartHook: PostStartHook failed"), std::string::npos) << lab.events("hooked");
    EXPECT_GE(statusOf(lab.pod("hooked")).restartCount.value, 1);
}

TEST(Volumes, APodWaitsUntilItsVolumeIsAttached)
{
    NodeLab lab;
    kube::Request claim;
    claim.verb = kube::Verb::Create;
    claim.resource = "persistentvolumeclaims";
    claim.namespace_ = "shop";
    claim.body = {{"apiVersion", "v1"}, {"kind", "PersistentVolumeClaim"}, {"metadata", {{"name", "data"}, {"namespace", "shop"}}},
                  {"spec", {{"accessModes", {"ReadWriteOnce"}}, {"storageClassName", "lab-block"}, {"resources", {{"requests", {{"storage", "1Gi"}}}}}}}};
    ASSERT_TRUE(lab.world.apply(Command{command::ApiCall{claim}}).ok);
    lab.create(checkoutPod("stateful", json::object(),
                           {{"volumes", json::array({{{"name", "data"}, {"persistentVolumeClaim", {{"claimName", "data"}}}}})}}));
    for (int i = 0; i < 60; ++i) {
        lab.run(1s);
        bool attached = false;
        for (const auto& [key, one] : lab.world.cluster().store().all<kube::VolumeAttachment>())
            attached = attached || one->status.attached.value;
        const auto pod = lab.pod("stateful");
        if (!attached && !pod->status.containerStatuses.empty())
            ASSERT_FALSE(statusOf(pod).state.running) << "after " << i << " s";
    }
    EXPECT_EQ(lab.pod("stateful")->status.phase, "Running");
    EXPECT_TRUE(lab.world.cluster().store().get<kube::CSINode>({"", lab.pod("stateful")->spec.nodeName}));
}

} // namespace
