#pragma once

#include "sim/engine/event_queue.h"

#include <cstdint>

namespace sim::kube {

/// Event::type of Part::Kube. The values are part of the fingerprint: append only.
enum class EventType : std::uint16_t {
    ControllerWake,   ///< target: index of the controller; argument: generation
    SchedulerWake,    ///< argument: generation
    LeaderElection,   ///< every retry period of the control plane's leases
    EtcdElection,     ///< argument: generation
    NodeMonitor,      ///< the node life-cycle controller's look at the leases
    EventExpiry,      ///< Events past their time to live
    PodGc,            ///< the pod garbage collector's loop
    KubeletPodSync,   ///< target: kubelet; argument: pod serial << 32 | generation
    KubeletProbe,     ///< target: kubelet; argument: see ProbeAddress
    KubeletLease,     ///< target: kubelet; argument: generation of the kubelet's process
    KubeletStatus,    ///< target: kubelet; argument: generation of the kubelet's process
    ControlPlaneReady, ///< a static pod's program has come up
    FakeKubeletDue,   ///< fake kubelets have something to do
    FakeKubeletLeases, ///< fake kubelets renew their leases
    NetworkTick,      ///< the programs of the cluster's network look what they owe, once a second
    OperatorWake      ///< target: operator; argument: generation
};

inline Event kubeEvent(EventType type, std::uint32_t target = 0, std::uint64_t argument = 0)
{
    return Event{Part::Kube, static_cast<std::uint16_t>(type), target, argument};
}

} // namespace sim::kube
