#include "sim/kube/operators/pytorch_pods.h"
#include "tests/sim/kube_operators/operator_lab.h"

#include <fmt/format.h>

namespace sim::kube {
namespace {

PyTorchJob jobOf(const json& manifest)
{
    CustomObject object;
    object.group = "kubeflow.org";
    object.version = "v1";
    object.kind = "PyTorchJob";
    object.plural = "pytorchjobs";
    object.metadata.name = manifest["metadata"]["name"];
    object.metadata.namespace_ = "shop";
    object.metadata.uid = "u1";
    object.content.text = json{{"spec", manifest["spec"]}}.dump();
    return readPyTorchJob(std::make_shared<const CustomObject>(std::move(object)));
}

std::string environmentOf(const Pod& pod)
{
    std::string text;
    for (const EnvVar& one : pod.spec.containers[0].env)
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", one.name, one.value);
    return text;
}

TEST(PyTorchPods, AreNamedLabelledAndOwned)
{
    const PyTorchJob job = jobOf(gangJob("llm", 3, 8));
    const Pod pod = podOf(job, job.replicas[1], 1, PyTorchPodOptions::of({}));
    EXPECT_EQ(pod.metadata.name, "llm-worker-1");
    EXPECT_EQ(pod.metadata.labels.at("training.kubeflow.org/replica-index"), "1");
    EXPECT_EQ(pod.metadata.labels.at("training.kubeflow.org/replica-type"), "worker");
    EXPECT_EQ(pod.metadata.labels.count("training.kubeflow.org/job-role"), 0U);
    EXPECT_EQ(pod.metadata.ownerReferences[0].kind, "PyTorchJob");
    EXPECT_EQ(pod.metadata.ownerReferences[0].apiVersion, "kubeflow.org/v1");
    EXPECT_EQ(podOf(job, job.replicas[0], 0, {}).metadata.labels.at("training.kubeflow.org/job-role"), "master");
}

TEST(PyTorchPods, GetTheEnvironmentThatTorchrunReads)
{
    json manifest = gangJob("llm", 3, 8);
    manifest["spec"]["nprocPerNode"] = "8";
    const PyTorchJob job = jobOf(manifest);
    EXPECT_EQ(environmentOf(podOf(job, job.replicas[1], 1, {})),
              "PYTHONUNBUFFERED=1 MASTER_PORT=23456 PET_MASTER_PORT=23456 MASTER_ADDR=llm-master-0 PET_MASTER_ADDR=llm-master-0 "
              "WORLD_SIZE=24 RANK=2 PET_NODE_RANK=2 PET_NPROC_PER_NODE=8 PET_NNODES=3");
    const PyTorchJob automatic = jobOf(gangJob("llm", 3, 8));
    EXPECT_EQ(environmentOf(podOf(automatic, automatic.replicas[0], 0, {})),
              "PYTHONUNBUFFERED=1 MASTER_PORT=23456 PET_MASTER_PORT=23456 MASTER_ADDR=llm-master-0 PET_MASTER_ADDR=llm-master-0 "
              "WORLD_SIZE=3 RANK=0 PET_NODE_RANK=0 PET_NPROC_PER_NODE=auto PET_NNODES=3");
}

TEST(PyTorchPods, ElasticJobsMeetAtTheFirstWorker)
{
    json manifest = pytorchJob("llm", {{"Worker", replica(2, 8)}});
    manifest["spec"]["elasticPolicy"] = {{"minReplicas", 1}, {"maxReplicas", 4}, {"maxRestarts", 10}, {"rdzvBackend", "c10d"},
                                         {"rdzvConf", {{{"key", "timeout"}, {"value", "600"}}}}};
    const PyTorchJob job = jobOf(manifest);
    EXPECT_EQ(environmentOf(podOf(job, job.replicas[0], 1, {})),
              "PYTHONUNBUFFERED=1 PET_NPROC_PER_NODE=auto PET_RDZV_ENDPOINT=llm-worker-0:23456 PET_RDZV_BACKEND=c10d PET_NNODES=1:4 "
              "PET_MAX_RESTARTS=10 PET_RDZV_CONF=timeout=600");
    EXPECT_EQ(podOf(job, job.replicas[0], 0, {}).metadata.labels.at("training.kubeflow.org/job-role"), "master");
}

TEST(PyTorchPods, WorkersWaitForTheirMaster)
{
    const PyTorchJob job = jobOf(gangJob("llm", 2, 8));
    const Pod worker = podOf(job, job.replicas[1], 0, PyTorchPodOptions::of({{"pytorch-init-container-image", "registry.lab:5000/alpine:3.10"}}));
    ASSERT_EQ(worker.spec.initContainers.size(), 1U);
    EXPECT_EQ(worker.spec.initContainers[0].name, "init-pytorch");
    EXPECT_EQ(worker.spec.initContainers[0].image, "registry.lab:5000/alpine:3.10");
    EXPECT_EQ(worker.spec.initContainers[0].command[2],
              "err=1;for i in $(seq 100); do if nslookup llm-master-0; then err=0 && break; fi;echo waiting for master; sleep 2; done; exit $err");
    EXPECT_TRUE(podOf(job, job.replicas[0], 0, PyTorchPodOptions::of({})).spec.initContainers.empty());
    EXPECT_TRUE(podOf(job, job.replicas[1], 0, PyTorchPodOptions::of({{"pytorch-init-container-image", ""}})).spec.initContainers.empty());
    EXPECT_EQ(podOf(job, job.replicas[1], 0, PyTorchPodOptions::of({})).spec.initContainers[0].image, "alpine:3.10");
}

TEST(PyTorchPods, OfAGangNameTheirSchedulerAndGroup)
{
    const PyTorchJob job = jobOf(pytorchJob("llm", {{"Worker", replica(2, 8, "ExitCode")}}));
    const Pod pod = podOf(job, job.replicas[0], 0, PyTorchPodOptions::of({{"gang-scheduler-name", "volcano"}}));
    EXPECT_EQ(pod.spec.schedulerName, "volcano");
    EXPECT_EQ(pod.spec.restartPolicy, "Never");
    EXPECT_EQ(pod.metadata.annotations.at("scheduling.k8s.io/group-name"), "llm");
    EXPECT_EQ(pod.metadata.annotations.at("volcano.sh/task-spec"), "worker");
}

} // namespace
} // namespace sim::kube
