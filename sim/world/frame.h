#pragma once

#include "sim/engine/time.h"
#include "sim/training/jobs/job.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sim {

namespace kube {
struct Pod;
}

/// How a thing is, as monitoring would know it; drawn as shape + colour + word.
enum class Health : std::uint8_t { Ok, Warn, Critical, Unknown };

/// A pod by its STATUS word (kube::podStatusWord).
Health healthOf(const kube::Pod& pod, const std::string& word);

struct GpuView {
    int index = 0;               ///< as nvidia-smi numbers them
    std::string model;           ///< "H100"
    double temperatureC = 0;
    double powerW = 0;
    double powerLimitW = 0;
    bool present = true;         ///< false: fell off the bus, or was not found at boot
    int smMHz = 0;
    int maxSmMHz = 0;
    std::uint64_t reasons = 0;   ///< why the clock is not higher (sim/gpu/operating_point.h)
    double utilisation = 0;      ///< 0..1
    std::int64_t memoryUsedBytes = 0;
    std::int64_t memoryTotalBytes = 0;
    Health health = Health::Ok;
};

struct PodView {
    std::string nameSpace;
    std::string name;
    std::string app;       ///< label "app", else the name
    std::string node;      ///< empty while unscheduled
    std::string status;    ///< the STATUS column of kubectl get pods: "Running", "ImagePullBackOff"
    std::string ip;
    int readyContainers = 0;
    int containers = 0;
    int restarts = 0;
    Instant created{};
    Health health = Health::Ok;
};

struct MachineView {
    enum class Role : std::uint8_t { ControlPlane, Worker, Gpu, Registry, Infra, Bastion, Server, Router, Outside };
    std::string name;
    Role role = Role::Worker;
    std::string address;
    std::string status;    ///< "Ready", "NotReady", "NotReady,SchedulingDisabled"; "Up"/"Down" outside the cluster
    Health health = Health::Ok;
    bool etcdLeader = false;
    double cpuCores = 0;
    double cpuUsed = 0;    ///< cores
    std::int64_t memoryBytes = 0;
    std::int64_t memoryUsedBytes = 0;
    double diskUsed = 0;   ///< fraction of the root filesystem
    std::vector<GpuView> gpus;
    std::vector<int> pods; ///< indices into Frame::pods, by namespace and name
};

struct SwitchView {
    std::string name;      ///< "leaf-1", "spine-1"
    bool spine = false;
    double bitsPerSecond = 0; ///< port rate
};

struct LinkView {
    std::string from;      ///< machine or switch name
    std::string to;
    bool up = true;
    double bitsPerSecond = 0;
    double load = 0;       ///< 0..1 of the busier direction
};

struct EventView {
    Instant at{};
    Health level = Health::Ok; ///< Ok = Normal, Warn = Warning, Critical = alert firing
    std::string source;    ///< "event", "alert", "you"
    std::string reason;    ///< "Failed", "BackOff", "CheckoutErrorBudgetBurn"
    std::string object;    ///< "pod/shop/checkout-..."
    std::string message;
    int count = 1;
};

struct AlertView {
    std::string name;
    std::string severity;  ///< "critical", "warning"
    std::string summary;
    Instant since{};
    bool firing = false;   ///< false: pending
};

/// Samples at a fixed step, oldest first. The values' unit is in the name's own comment.
struct SeriesView {
    std::string id;        ///< "sli.success" (0..1), "sli.p99" (s), "pods.running", "pods.waiting" (count),
                           ///< "gpu.temperature" (°C, hottest), "gpu.power" (W, sum), "sli.rate" (requests/s)
    Instant start{};
    Duration step{};
    std::shared_ptr<const std::vector<float>> values;
};

/// A training job as its logs and its machines' metrics show it.
struct TrainingJobView {
    std::string nameSpace;
    std::string name;          ///< "llama-7b"
    std::string phase;         ///< "rendezvous", "bootstrap", "loading", "training", "stalled", "down"
    Health health = Health::Ok;
    std::int64_t iteration = 0;
    std::int64_t iterations = 0;
    double stepSeconds = 0;    ///< of the step that runs; 0: none does
    double usualStepSeconds = 0; ///< on sound machines
    double modelUtilisation = 0; ///< MFU, 0..1
    training::Goodput goodput;
};

TrainingJobView trainingView(const training::Job& job);

/// Everything the window draws of the world at one instant, and nothing that monitoring would not know.
struct Frame {
    Instant now{};
    Instant start{};       ///< of the world
    std::string topology;  ///< "mini"
    std::vector<MachineView> machines;
    std::vector<SwitchView> switches;
    std::vector<LinkView> links;
    std::vector<PodView> pods;
    std::vector<EventView> events;   ///< the latest 200, oldest first
    std::vector<AlertView> alerts;
    std::vector<SeriesView> series;
    std::vector<TrainingJobView> training;
    bool trains = false;             ///< the service level is the training jobs' progress, nobody calls
    double successRatio = 1;         ///< of the user load over the last 30 s
    double p99Seconds = 0;
    double sliTarget = 0.99;
};

} // namespace sim
