#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// docker 27.5, ctr, runc and trivy, on machines that have docker.service.
void addDocker(CommandTable& table);

} // namespace core::shell
