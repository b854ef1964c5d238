#pragma once

#include "sim/container/docker/docker.h"
#include "sim/engine/result.h"
#include "sim/kube/cluster.h"
#include "sim/net/rdma/fabric.h"
#include "sim/programs/programs.h"
#include "sim/serving/fleet/fleet.h"
#include "sim/storage/ceph/cluster.h"
#include "sim/training/jobs/jobs.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sim::faults {

/// What a fault may change: everything below the world, by the same doors as an operator.
struct Context {
    kube::Context& parts;
    kube::Cluster& cluster;
    programs::Programs& programs;
    container::docker::Daemons& dockers;
    net::rdma::Fabric& rdma;
    training::Jobs& training;
    storage::ceph::Cluster& ceph; ///< may be none: Cluster::exists()
    serving::Fleet& serving;
};

/// One entry of the catalogue.
struct Fault {
    std::string id;                        ///< as in coverage.json
    std::vector<std::string> causes;
    /// Changes the world's state. Returns the parameters that were chosen: cause, variant and the values that
    /// content uses as placeholders (node, image, registry, ...).
    Result<nlohmann::json> (*inject)(Context& context, const nlohmann::json& parameters);
    /// Puts into place what has to be there and at rest before anything breaks (a full cluster, a webhook in use).
    /// Returns the parameters for inject(), the variant among them. Null: nothing is needed.
    Result<nlohmann::json> (*prepare)(Context& context, const nlohmann::json& parameters) = nullptr;
    /// What the fault does later, `proceedAfter` after inject(), with the parameters that inject() returned: a control
    /// plane that breaks while a release is under way. Null: nothing.
    void (*proceed)(Context& context, const nlohmann::json& parameters) = nullptr;
    Duration proceedAfter{};
};

const std::vector<Fault>& catalogue();

/// Puts a fault into the world. An unknown id or parameter is an Error naming what is known. With the parameter
/// "stage": "prepare" only prepares it; then the answer is what to inject with, or null when there is nothing to wait for.
Result<nlohmann::json> inject(Context& context, const std::string& id, const nlohmann::json& parameters);
/// How long after its injection a fault goes on; nothing when it does not, or is not known.
std::optional<Duration> proceedsAfter(const std::string& id);
/// Its second part. Requires: proceedsAfter(id).
void proceed(Context& context, const std::string& id, const nlohmann::json& parameters);
/// Whether the parameters ask for preparation only.
bool isPreparation(const nlohmann::json& parameters);

} // namespace sim::faults
