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

    bool operator==(const Place&) const = default;
};

} // namespace core::shell
