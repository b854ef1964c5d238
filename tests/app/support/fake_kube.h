#pragma once

#include "core/session/kube_detail.h"

#include <memory>

namespace app::desktop::testing {

/// A decision over four nodes: worker-1 wins, worker-3 comes second, two are filtered out.
std::shared_ptr<const core::session::DecisionsDetail> sketchDecisions();
/// A pod that no node takes.
std::shared_ptr<const core::session::DecisionsDetail> sketchPending();
/// shop/checkout with a ReplicaSet of two pods, one of them failing; a pod of ml whose owner is gone.
std::shared_ptr<const core::session::OwnersDetail> sketchOwners();
/// The deployment controller with one key waiting, one delayed after failures, and two turns.
std::shared_ptr<const core::session::ControllersDetail> sketchControllers();
/// Three members, cp-1 leads, cp-3 is cut off.
std::shared_ptr<const core::session::EtcdDetail> sketchEtcd();
/// From a pod by a Service to another node, where a NetworkPolicy stops it.
std::shared_ptr<const core::session::PathDetail> sketchPath();
/// All of it.
std::shared_ptr<const core::session::KubeDetail> sketchKube();

} // namespace app::desktop::testing
