#include "tests/sim/kube_operators/operator_lab.h"

namespace sim::kube {
namespace {

void removeJob(OperatorLab& lab, const std::string& name)
{
    lab.remove(kJobs, name);
}

TEST(PyTorchJobs, NothingHappensWithoutTheOperatorAndIsMadeUpForLater)
{
    OperatorLab lab;
    lab.install("training-operator");
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 3, 8)).ok());
    lab.run(30s);
    EXPECT_TRUE(lab.pods().empty());
    EXPECT_EQ(lab.state("llm"), "");
    lab.start("training-operator");
    lab.run(5s);
    EXPECT_EQ(lab.podNames(), (std::vector<std::string>{"llm-master-0", "llm-worker-0", "llm-worker-1"}));
    EXPECT_EQ(lab.state("llm"), "Running");
}

TEST(PyTorchJobs, RunsWithServicesConditionsAndEvents)
{
    OperatorLab lab;
    lab.training();
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 3, 8)).ok());
    lab.run(10s);
    EXPECT_EQ(lab.row(kJobs, "llm"), (std::vector<std::string>{"llm", "Running", "10s"}));
    const json created = lab.condition(kPyTorchJobs, "llm", "Created");
    EXPECT_EQ(created.value("reason", ""), "PyTorchJobCreated");
    EXPECT_EQ(created.value("message", ""), "PyTorchJob llm is created.");
    const json running = lab.condition(kPyTorchJobs, "llm", "Running");
    EXPECT_EQ(running.value("reason", ""), "PyTorchJobRunning");
    EXPECT_EQ(running.value("message", ""), "PyTorchJob llm is running.");
    const json replicas = lab.object(kPyTorchJobs, "llm")["status"]["replicaStatuses"];
    EXPECT_EQ(replicas["Worker"]["active"], 2);
    EXPECT_EQ(replicas["Worker"]["selector"],
              "training.kubeflow.org/job-name=llm,training.kubeflow.org/operator-name=pytorchjob-controller,training.kubeflow.org/replica-type=worker");
    for (const char* name : {"llm-master-0", "llm-worker-0", "llm-worker-1"}) {
        const auto service = lab.get<Service>(name);
        ASSERT_TRUE(service) << name;
        EXPECT_EQ(service->spec.clusterIP, "None");
        ASSERT_EQ(service->spec.ports.size(), 1U);
        EXPECT_EQ(service->spec.ports[0].port.value, 23456);
        EXPECT_TRUE(lab.hasEvent("llm", std::string("SuccessfulCreatePod: Created pod: ") + name));
        EXPECT_TRUE(lab.hasEvent("llm", std::string("SuccessfulCreateService: Created service: ") + name));
    }
}

TEST(PyTorchJobs, EndsWithItsMasterAndCleansUpAsToldTo)
{
    for (const char* policy : {"None", "Running", "All"}) {
        OperatorLab lab;
        lab.training();
        ASSERT_TRUE(lab.make(kJobs, pytorchJob("llm", {{"Master", replica(1, 1, "OnFailure", {{"sim/run-seconds", "20"}})}, {"Worker", replica(2, 1)}},
                                               {{"cleanPodPolicy", policy}})).ok());
        lab.run(60s);
        EXPECT_EQ(lab.state("llm"), "Succeeded");
        EXPECT_EQ(lab.condition(kPyTorchJobs, "llm", "Succeeded").value("message", ""), "PyTorchJob llm is successfully completed.");
        EXPECT_EQ(lab.condition(kPyTorchJobs, "llm", "Running").value("status", ""), "False");
        EXPECT_TRUE(lab.object(kPyTorchJobs, "llm")["status"].contains("completionTime"));
        EXPECT_EQ(lab.object(kPyTorchJobs, "llm")["status"]["replicaStatuses"]["Worker"].value("succeeded", 0), 2);
        EXPECT_EQ(lab.pods().size(), policy == std::string("None") ? 3U : policy == std::string("Running") ? 1U : 0U) << policy;
    }
}

TEST(PyTorchJobs, AFailedPodIsReplacedAsItsPolicySays)
{
    struct Case {
        const char* policy;
        int exitCode;
        bool replaced;
        const char* state;
    };
    for (const Case& one : {Case{"OnFailure", 1, true, "Running"}, Case{"Always", 1, true, "Running"}, Case{"ExitCode", 137, true, "Running"},
                            Case{"ExitCode", 1, false, "Failed"}, Case{"Never", 1, false, "Failed"}}) {
        OperatorLab lab;
        lab.training();
        ASSERT_TRUE(lab.make(kJobs, pytorchJob("llm", {{"Master", replica(1, 1, one.policy)}, {"Worker", replica(2, 1, one.policy)}})).ok());
        lab.run(10s);
        const std::string uid = lab.get<Pod>("llm-worker-1")->metadata.uid;
        lab.fail("llm-worker-1", one.exitCode);
        lab.run(10s);
        EXPECT_EQ(lab.get<Pod>("llm-worker-1")->metadata.uid != uid, one.replaced) << one.policy;
        EXPECT_EQ(lab.state("llm"), one.state) << one.policy << one.exitCode;
        EXPECT_TRUE(lab.hasEvent("llm", "ExitedWithCode: Pod: shop.llm-worker-1 exited with code " + std::to_string(one.exitCode)));
        EXPECT_EQ(lab.hasEvent("llm", "PyTorchJobRestarting: job llm is restarting because Worker replica(s) failed."), one.replaced);
    }
}

TEST(PyTorchJobs, BackoffLimitOfZeroAllowsNoFailure)
{
    OperatorLab lab;
    lab.training();
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 3, 1, {{"backoffLimit", 0}})).ok());
    lab.run(10s);
    lab.fail("llm-worker-0", 1);
    lab.run(10s);
    EXPECT_EQ(lab.state("llm"), "Failed");
    EXPECT_EQ(lab.condition(kPyTorchJobs, "llm", "Failed").value("message", ""), "Job llm has failed because it has reached the specified backoff limit");
    EXPECT_TRUE(lab.pods().empty());
}

// kubeflow/trainer#3358: nobody looks at the deadline by itself.
TEST(PyTorchJobs, ADeadlineIsNoticedWithTheNextChange)
{
    OperatorLab lab;
    lab.training();
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 2, 1, {{"activeDeadlineSeconds", 30}})).ok());
    lab.run(60s);
    EXPECT_EQ(lab.state("llm"), "Running");
    lab.patch(kJobs, "llm", {{"metadata", {{"labels", {{"look", "now"}}}}}});
    lab.run(10s);
    EXPECT_EQ(lab.state("llm"), "Failed");
    EXPECT_EQ(lab.condition(kPyTorchJobs, "llm", "Failed").value("message", ""), "Job llm has failed because it was active longer than specified deadline");
    EXPECT_TRUE(lab.pods().empty());
}

TEST(PyTorchJobs, GoSomeTimeAfterTheirEnd)
{
    OperatorLab lab;
    lab.training();
    ASSERT_TRUE(lab.make(kJobs, pytorchJob("llm", {{"Master", replica(1, 1, "OnFailure", {{"sim/run-seconds", "5"}})}}, {{"ttlSecondsAfterFinished", 30}})).ok());
    lab.run(20s);
    EXPECT_EQ(lab.state("llm"), "Succeeded");
    lab.run(30s);
    EXPECT_TRUE(lab.object(kPyTorchJobs, "llm").is_null());
    EXPECT_TRUE(lab.pods().empty());
}

TEST(PyTorchJobs, SuspendingTakesThePodsAndResumingBringsThem)
{
    OperatorLab lab;
    lab.training();
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 3, 1)).ok());
    lab.run(10s);
    lab.patch(kJobs, "llm", {{"spec", {{"runPolicy", {{"suspend", true}}}}}});
    lab.run(10s);
    EXPECT_EQ(lab.state("llm"), "Suspended");
    EXPECT_EQ(lab.condition(kPyTorchJobs, "llm", "Running").value("reason", ""), "PyTorchJobSuspended");
    EXPECT_TRUE(lab.pods().empty());
    lab.patch(kJobs, "llm", {{"spec", {{"runPolicy", {{"suspend", false}}}}}});
    lab.run(10s);
    EXPECT_EQ(lab.state("llm"), "Running");
    EXPECT_EQ(lab.condition(kPyTorchJobs, "llm", "Suspended").value("reason", ""), "PyTorchJobResumed");
    EXPECT_TRUE(lab.hasEvent("llm", "PyTorchJobResumed: PyTorchJob llm is resumed."));
}

TEST(PyTorchJobs, ScalesWorkers)
{
    OperatorLab lab;
    lab.training();
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 4, 1)).ok());
    lab.run(10s);
    lab.patch(kJobs, "llm", {{"spec", {{"pytorchReplicaSpecs", {{"Worker", {{"replicas", 1}}}}}}}});
    lab.run(10s);
    EXPECT_EQ(lab.podNames(), (std::vector<std::string>{"llm-master-0", "llm-worker-0"}));
    EXPECT_FALSE(lab.get<Service>("llm-worker-2"));
}

TEST(PyTorchJobs, DeletionTakesPodsAndServicesAndTheNameMayBeUsedAgain)
{
    OperatorLab lab;
    lab.training();
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 3, 1)).ok());
    lab.run(10s);
    const std::string uid = lab.get<Pod>("llm-master-0")->metadata.uid;
    // replace --force: gone and made anew while the old pods still end.
    removeJob(lab, "llm");
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 2, 1)).ok());
    lab.run(60s);
    EXPECT_EQ(lab.podNames(), (std::vector<std::string>{"llm-master-0", "llm-worker-0"}));
    EXPECT_NE(lab.get<Pod>("llm-master-0")->metadata.uid, uid);
    EXPECT_EQ(lab.state("llm"), "Running");
    removeJob(lab, "llm");
    lab.run(60s);
    EXPECT_TRUE(lab.pods().empty());
    EXPECT_FALSE(lab.get<Service>("llm-master-0"));
}

TEST(PyTorchJobs, AnOperatorThatRestartsLosesNothing)
{
    OperatorLab lab;
    lab.training();
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 3, 1)).ok());
    lab.run(10s);
    lab.scale("training-operator", 0);
    lab.run(5s);
    const std::string uid = lab.get<Pod>("llm-worker-0")->metadata.uid;
    lab.fail("llm-worker-1", 1);
    lab.run(30s);
    EXPECT_EQ(lab.get<Pod>("llm-worker-1")->status.phase, "Failed");
    lab.scale("training-operator", 1);
    lab.run(10s);
    EXPECT_EQ(lab.get<Pod>("llm-worker-1")->status.phase, "Running");
    EXPECT_EQ(lab.get<Pod>("llm-worker-0")->metadata.uid, uid);
    EXPECT_EQ(lab.state("llm"), "Running");
}

TEST(PyTorchJobs, TheWebhookRefusesWhatTheOperatorCannotRun)
{
    OperatorLab lab;
    lab.training();
    json twoMasters = gangJob("llm", 1, 1);
    twoMasters["spec"]["pytorchReplicaSpecs"]["Master"]["replicas"] = 2;
    Response response = lab.make(kJobs, twoMasters);
    EXPECT_EQ(response.code, 403);
    EXPECT_EQ(response.body.value("message", ""),
              "admission webhook \"validator.pytorchjob.training-operator.kubeflow.org\" denied the request: "
              "spec.pytorchReplicaSpecs[Master].replicas: Forbidden: must be 1");
    json misnamed = gangJob("llm", 1, 1);
    misnamed["spec"]["pytorchReplicaSpecs"]["Master"]["template"]["spec"]["containers"][0]["name"] = "main";
    response = lab.make(kJobs, misnamed);
    EXPECT_EQ(response.body.value("message", ""),
              "admission webhook \"validator.pytorchjob.training-operator.kubeflow.org\" denied the request: "
              "spec.pytorchReplicaSpecs[Master].template.spec.containers: Required value: must have at least one container with name pytorch");
}

TEST(PyTorchJobs, PodsThatAreRefusedAreToldAndTriedAgain)
{
    OperatorLab lab;
    lab.training();
    lab.apply("resourcequotas", {{"apiVersion", "v1"}, {"kind", "ResourceQuota"}, {"metadata", {{"name", "few"}}}, {"spec", {{"hard", {{"pods", "1"}}}}}});
    lab.run(2s);
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 2, 1)).ok());
    lab.run(10s);
    EXPECT_EQ(lab.podNames(), (std::vector<std::string>{"llm-master-0"}));
    const auto events = lab.events("llm");
    EXPECT_TRUE(std::any_of(events.begin(), events.end(), [](const std::string& text) {
        return text.starts_with("FailedCreatePod: Error creating: pods \"llm-worker-0\" is forbidden: exceeded quota: few");
    }));
    lab.remove("resourcequotas", "few");
    lab.run(60s);
    EXPECT_EQ(lab.pods().size(), 2U);
}

TEST(PyTorchJobs, GoWithTheirDefinitionAndComeBackWithIt)
{
    OperatorLab lab;
    lab.training();
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 2, 1)).ok());
    lab.run(10s);
    lab.remove("customresourcedefinitions.apiextensions.k8s.io", kJobs);
    lab.run(60s);
    EXPECT_TRUE(lab.pods().empty());
    lab.install("training-operator");
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 2, 1)).ok());
    lab.run(10s);
    EXPECT_EQ(lab.state("llm"), "Running");
}

TEST(PyTorchJobs, ACopyGoesOnTheSameWay)
{
    OperatorLab lab;
    lab.training();
    ASSERT_TRUE(lab.make(kJobs, gangJob("llm", 4, 2)).ok());
    lab.run(20ms);
    OperatorLab copy = lab;
    lab.run(20s);
    copy.run(20s);
    EXPECT_EQ(copy.state("llm"), "Running");
    EXPECT_TRUE(lab.cluster() == copy.cluster());
}

} // namespace
} // namespace sim::kube
