#pragma once

#include "core/golden/recording.h"
#include "sim/world/command.h"

namespace core::golden {

/// What the recordings' script did beside its commands, as far as the case tells: nodes that joined on the way,
/// kubelets that it stopped and started (notes), the status it wrote into pods that it held (sim/hold), what its
/// metrics server said of pods and nodes, and which of equally good nodes its scheduler drew.
struct SideAction {
    double at = 0;
    sim::Command command;
};
std::vector<SideAction> sideActions(const Recording& recording);

} // namespace core::golden
