#pragma once

#include "core/session/frame.h"

#include <memory>

namespace app::desktop::testing {

/// The mini topology as the sketch shows it: two pods of shop/checkout in ImagePullBackOff on worker-2.
std::shared_ptr<const sim::Frame> sketchWorld();
/// The incident on it, under investigation, with a branch B and marks.
core::session::Frame sketchFrame();
/// The same incident, closed and graded.
core::session::Frame gradedFrame();
/// `nodes` GPU machines of 8 GPUs, for layout and drawing speed.
std::shared_ptr<const sim::Frame> largeWorld(int nodes);

} // namespace app::desktop::testing
