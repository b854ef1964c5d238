#pragma once

#include "core/golden/control_plane_lab.h"

namespace core::golden {

struct HttpAnswered {
    int status = 0;
    nlohmann::json body; ///< a text that is no JSON as {"text": ...}, as recordings have it
};

/// Sends one recorded HTTP call to the lab's API server.
HttpAnswered runHttp(ControlPlaneLab& lab, const Step& step);

} // namespace core::golden
