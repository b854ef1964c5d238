#pragma once

#include "tests/support/world.h"

// The data centre `training` with its job under way, and what a fault makes of it.
namespace sim::testing {

inline World warmLab(std::uint64_t seed, Duration age)
{
    auto built = World::build(tests::library()->topologies.at("training"), seed);
    EXPECT_TRUE(built) << (built ? "" : built.error().text());
    built->runUntil(built->now() + age);
    return std::move(*built);
}

inline const World& soundLab()
{
    static const World kWorld = warmLab(3, 10min);
    return kWorld;
}

/// As a session does it: what the fault prepares comes a minute before.
inline World hurt(World world, const char* fault, nlohmann::json parameters)
{
    nlohmann::json preparation = parameters;
    preparation["stage"] = "prepare";
    const CommandResult prepared = world.apply(Command{command::InjectFault{fault, preparation}});
    EXPECT_TRUE(prepared.ok) << prepared.error;
    if (prepared.response.body.is_object()) {
        parameters = prepared.response.body;
        world.runUntil(world.now() + 60s);
    }
    const CommandResult done = world.apply(Command{command::InjectFault{fault, std::move(parameters)}});
    EXPECT_TRUE(done.ok) << done.error;
    return world;
}

inline World hurt(const char* fault, nlohmann::json parameters) { return hurt(soundLab(), fault, std::move(parameters)); }

/// Of the last half minute, 0..1.
inline double progress(const World& world) { return world.telemetry().mean("sli.success", 30s); }

} // namespace sim::testing
