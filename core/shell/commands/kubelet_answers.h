#pragma once

#include "core/shell/system.h"
#include "sim/world/world.h"

#include <string>
#include <vector>

// What a kubelet, and the runtime below it, answer to logs and exec: the lab's kubectl and the API's own door ask here.
namespace core::shell {

inline constexpr std::int64_t kKubeletPort = 10250;

/// Why the API server cannot reach the kubelet of a pod's node, and how long it takes to find out.
struct KubeletProblem {
    std::string text;        ///< "dial tcp 10.0.0.11:10250: connect: connection refused"; empty: it can
    sim::Duration took{};
};
KubeletProblem kubeletProblem(const sim::World& world, const sim::kube::Pod& pod);

/// Why there is no log to read; empty when there is one.
std::string logRefusal(const sim::kube::Pod& pod, const std::string& container, bool previous);

/// Why containerd does not run the program in the container: its words with runc's; empty when it does.
std::string execProblem(System& system, const Place& place, const sim::container::Container& container, sim::Instant now,
                        const std::string& program);

/// A shell that only reads what is typed ("sh", "/bin/bash", "bash -l", "sh -i").
bool isPlainShell(const std::vector<std::string>& command);
/// The container's environment as shell commands.
std::string exportsOf(const sim::container::Container& container);
/// The command as the container's shell is given it, with a space behind.
std::string lineOf(const std::vector<std::string>& command);

} // namespace core::shell
