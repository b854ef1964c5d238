#pragma once

#include "sim/engine/fingerprint.h"
#include "sim/engine/ids.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

namespace sim::training {

/// A container that trains: one machine's share of a job, with one process for each of its GPUs.
struct Worker {
    ContainerId container;
    HostId host;
    StackId stack;
    std::int64_t pid = 0;
    std::string nameSpace;
    std::string pod;
    std::vector<std::string> commandLine;
    std::map<std::string, std::string> environment;
    std::vector<GpuId> gpus;
    std::map<std::string, std::string> volumes; ///< of CSI drivers, by where they are mounted: "cephfs.csi.ceph.com/pvc-..."
    std::int64_t faultySteps = 0; ///< a kernel of its program reads beyond its buffer after so many steps; 0: none does
    bool operator==(const Worker&) const = default;

    std::string variable(const std::string& name, std::string fallback = {}) const
    {
        const auto found = environment.find(name);
        return found == environment.end() ? std::move(fallback) : found->second;
    }
    /// Workers with one key look for each other: "ml/llama-7b-master-0:23456".
    std::string key() const { return nameSpace + "/" + variable("MASTER_ADDR", pod) + ":" + variable("MASTER_PORT", "29500"); }
};
/// "ml/llama-7b-master-0:23456" as "ml/llama-7b": the PyTorchJob whose operator named the master, or the master itself.
inline std::string jobName(const std::string& key) { return key.substr(0, std::min(key.find("-master-0:"), key.rfind(':'))); }

BOOST_DESCRIBE_STRUCT(Worker, (), (container, host, stack, pid, nameSpace, pod, commandLine, environment, gpus, volumes, faultySteps))

} // namespace sim::training
