#pragma once

#include "sim/host/machine.h"

#include <map>
#include <string>

namespace sim::kube {

/// The settings of /var/lib/kubelet/config.yaml that this model follows, read when the process starts. What the file
/// does not say has the default of kubelet.config.k8s.io/v1beta1 in v1.33.
struct KubeletConfig {
    std::map<std::string, std::string> evictionHard; ///< signal -> "100Mi" or "10%"; all of them or the file's
    std::map<std::string, std::string> minimumReclaim;
    Duration pressureTransition = 300s; ///< evictionPressureTransitionPeriod
    std::int64_t imageGcHighPercent = 85;
    std::int64_t imageGcLowPercent = 80;
    std::int64_t maxPods = 110;
    bool rotateCertificates = false;
    bool operator==(const KubeletConfig&) const = default;
};
BOOST_DESCRIBE_STRUCT(KubeletConfig, (), (evictionHard, minimumReclaim, pressureTransition, imageGcHighPercent, imageGcLowPercent,
    maxPods, rotateCertificates))

/// Of the file that the unit's --config names; defaults when it cannot be read.
KubeletConfig readKubeletConfig(const host::Machine& machine);

/// The bytes (or counts) of "100Mi" or "10%" of `capacity`; 0 for what is neither.
std::int64_t thresholdOf(const std::string& text, std::int64_t capacity);

} // namespace sim::kube
