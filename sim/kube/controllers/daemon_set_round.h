#pragma once

#include "sim/kube/controllers/daemon_set.h"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

// What the files of the DaemonSet controller share.
namespace sim::kube {

struct DaemonFit {
    bool shouldRun = false;      ///< a pod belongs here
    bool shouldContinue = false; ///< a pod that is here may stay
};

/// What one round over one DaemonSet has found and decided.
struct DaemonRound {
    ControllerContext& context;
    const DaemonSet& set;
    std::map<std::string, DaemonBackoff>& failedPods;            ///< the controller's
    SlowStart& creation;                                         ///< the controller's
    std::string hash;
    std::map<std::string, DaemonFit> fits;                       ///< by node
    std::map<std::string, std::vector<std::shared_ptr<const Pod>>> podsByNode; ///< not terminal-and-gone, by node
    std::vector<std::string> nodesNeedingPods;
    std::vector<std::shared_ptr<const Pod>> toDelete;
    std::set<std::string> hashesInUse = {};                ///< of the pods
    std::int64_t granted = 0;                              ///< creations that were asked for and are let through by now
    std::optional<Instant> lookAgain = {};                 ///< a failed pod is left alone until then
};

bool isOld(const DaemonRound& round, const Pod& pod);

// daemon_set_update.cpp
/// Decides which of several running pods of a node are too many.
void pruneNode(DaemonRound& round, std::vector<std::shared_ptr<const Pod>> running);
/// Decides which old pods are replaced in this round (pkg/controller/daemon/update.go).
void planUpdate(DaemonRound& round);

} // namespace sim::kube
