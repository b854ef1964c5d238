#pragma once

#include "sim/container/runtime.h"
#include "sim/engine/engine.h"
#include "sim/gpu/gpus.h"
#include "sim/host/hosts.h"
#include "sim/kube/client/pod_metrics.h"
#include "sim/kube/client/request_rate.h"
#include "sim/net/network.h"

#include <string>
#include <vector>

namespace sim::kube {

/// What cluster code may touch besides its own state. Built by the world for each event; never stored.
struct Context {
    Engine& engine;
    net::Network& network;
    host::Hosts& hosts;
    container::Registries& registries;
    container::Runtimes& runtimes;
    gpu::Gpus& gpus;
    const PodSeriesSource* series = nullptr; ///< null: nobody scrapes
    container::Context runtimeContext() { return {engine, network, hosts, registries}; }
};

struct ClusterSettings {
    std::string version = "v1.33.1";
    net::Prefix podNetwork;      ///< "10.244.0.0/16": each node gets a /24
    net::Prefix serviceNetwork;  ///< "10.96.0.0/12"
    net::Ipv4 dnsAddress;        ///< 10.96.0.10, the kube-dns Service
    std::string dnsDomain = "cluster.local";
    /// The control plane is somebody else's and always serves, as a cloud's managed one: it runs on no machine
    /// here, and its address is always reached.
    bool hosted = false;
    RateLimit controllerRate;         ///< of each controller's client
    Duration fakeKubeletPace{};       ///< between two writes of the fake kubelets, which are one process; zero: no wait
    std::vector<HostId> controlPlane; ///< none when hosted
    std::vector<HostId> nodes;   ///< all, control plane included
    bool operator==(const ClusterSettings&) const = default;
};

} // namespace sim::kube
