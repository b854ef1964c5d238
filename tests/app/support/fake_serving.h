#pragma once

#include "core/session/serving_detail.h"

#include <memory>

namespace app::desktop::testing {

/// What a sketch is of: an engine that runs under a chat load, and around it what a lab could have.
struct ServingSketch {
    std::uint32_t blocks = 240;      ///< 0: as many as the GPU has room for
    double seconds = 20;
    double requestsPerSecond = 8;
    bool contiguous = false;
    bool twin = false;
};

/// The same at each call.
std::shared_ptr<const core::session::ServingDetail> sketchServing(const ServingSketch& sketch = {});
/// A replica that crashes, and no other.
std::shared_ptr<const core::session::ServingDetail> sketchDownServing();

} // namespace app::desktop::testing
