#pragma once

#include "sim/engine/ids.h"

#include <optional>
#include <string>

namespace core::shell {

/// Where a shell or a command runs: a machine, or a container on it, as a user.
struct Place {
    sim::HostId host;
    std::optional<sim::ContainerId> container;
    std::string user = "ops";
    bool console = false; ///< at the machine's serial console: works without its network and its services

    bool operator==(const Place&) const = default;
};

} // namespace core::shell
