#pragma once

#include "core/golden/control_plane_lab.h"

namespace core::golden {

/// What a command printed and how it ended.
struct Ran {
    int status = 0;
    std::string output;
    std::string errors;
};

/// Runs one command of the lab to its end, virtual time passing as it waits.
Ran runCommand(ControlPlaneLab& lab, const Step& step);

} // namespace core::golden
