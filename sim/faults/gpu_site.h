#pragma once

#include "sim/faults/catalogue.h"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace sim::faults {

/// One GPU, or a machine of them, by name as content says it.
struct GpuPlace {
    std::string machine; ///< "gpu-3"
    std::int64_t slot = 0;
    gpu::Gpu* gpu = nullptr;
    gpu::Node* node = nullptr;
};

/// A GPU that trains, by the seed; the parameters may name "machine" and "gpu". Nothing: the topology has none.
std::optional<GpuPlace> trainingGpu(Context& context, const nlohmann::json& parameters);
/// What content may name of a place: "cause", "variant", "machine", "gpu" (slot), "bus" ("0000:1B:00"), "pci" ("1b:00.0"),
/// "serial", "worker" (the pod that trains there), "other" (a further machine that trains) and "spare" (one with GPUs that does not,
/// and that the scheduler is not told to avoid).
nlohmann::json described(const Context& context, const GpuPlace& place, const std::string& cause, const std::string& variant);

/// The compute network's adapter beside the GPU; nothing without one.
std::optional<net::rdma::DeviceId> railOf(const Context& context, const GpuPlace& place);

/// The annotation by which people say on a node what they do with it.
inline constexpr const char* kMaintenanceNote = "ops.lab/maintenance";
/// Work that was announced in this way is over: takes each announcement away and ends the work on its machine. `also`: what else the
/// node is patched with.
void endAnnouncedWork(Context& context, const std::function<void(const host::Machine&)>& end, nlohmann::json also = nlohmann::json::object());

/// The training job of the topology.
inline constexpr const char* kTrainingNamespace = "ml";
inline constexpr const char* kTrainingJob = "llama-7b";
/// Deletes the job and creates it anew, as `kubectl replace --force` does; `change` gets each replica's template.
/// False: the topology has no such job.
bool replaceTraining(Context& context, const std::function<void(nlohmann::json& podTemplate, const std::string& replicaType)>& change);

/// Deletes one of its pods; the operator makes another.
void deleteTrainingPod(Context& context, const std::string& name);
/// The trainer of the machine ends, and its kubelet starts it anew in its place: what is read at the start is read again.
void restartTrainer(Context& context, HostId host);
/// Names of the machines that jobs train on now.
std::vector<std::string> trainingMachineNames(const Context& context);

} // namespace sim::faults
