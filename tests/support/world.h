#pragma once

#include "sim/world/world.h"
#include "tests/support/content.h"

#include <gtest/gtest.h>

namespace tests {

/// The mini topology, warmed up.
inline sim::World miniWorld(std::uint64_t seed = 1)
{
    auto built = sim::World::build(library()->topologies.at("mini"), seed);
    EXPECT_TRUE(built) << (built ? "" : built.error().text());
    built->runUntil(built->now() + std::chrono::minutes(6));
    return std::move(*built);
}

} // namespace tests
