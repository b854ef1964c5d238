#pragma once

#include "sim/kube/client/client.h"

#include <map>
#include <optional>
#include <string>

namespace sim::kube {

/// An operator's process, as its pod describes it.
struct OperatorProcess {
    ObjectKey pod;
    Instant since{};                            ///< it serves from then on; may lie ahead
    std::map<std::string, std::string> flags;   ///< command line of its container: "gang-scheduler-name" -> "volcano"
    bool operator==(const OperatorProcess&) const = default;
    void addTo(Fingerprint& f) const { pod.addTo(f); sim::addTo(f, since); sim::addTo(f, flags); }
};

/// The running container whose program has that name; of several the one that has served longest, which holds the
/// leader's lease. On nodes without machines a container of that name in a ready pod. Nothing: no such process.
std::optional<OperatorProcess> findOperator(const Context& context, const Store& store, const ClusterSettings& settings,
                                            const std::string& program);

} // namespace sim::kube
