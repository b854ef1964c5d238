#pragma once

#include "core/endpoint/request_parser.h"
#include "sim/world/world.h"

namespace core::endpoint {

/// Where in the lab a request about models goes.
struct ModelTarget {
    sim::HttpQuestion question;          ///< to be asked in the world
    std::optional<sim::HttpAnswer> page; ///< or what is answered without asking: the list of all models
    std::string refusal;                 ///< or why it goes nowhere, with `status`
    int status = 404;
};

/// The paths of ModelEndpoint.
ModelTarget modelTarget(const sim::World& world, const RequestMessage& message);

} // namespace core::endpoint
