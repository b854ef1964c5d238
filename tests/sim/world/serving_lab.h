#pragma once

#include "tests/support/world.h"

// The data centre `serving` with its models under load.
namespace sim::testing {

inline World warmServingLab(std::uint64_t seed, Duration age)
{
    auto built = World::build(tests::library()->topologies.at("serving"), seed);
    EXPECT_TRUE(built) << (built ? "" : built.error().text());
    built->runUntil(built->now() + age);
    return std::move(*built);
}

inline const World& servingLab()
{
    static const World kWorld = warmServingLab(3, 10min);
    return kWorld;
}

/// Of all clients, over the last half minute, 0..1.
inline double served(const World& world) { return world.telemetry().mean("sli.success", 30s); }

/// The servers whose pods' names begin so.
inline std::vector<const serving::Server*> serversOf(const World& world, std::string_view deployment)
{
    std::vector<const serving::Server*> found;
    for (const auto& [id, server] : world.serving().servers())
        if (server.pod.starts_with(std::string(deployment) + "-"))
            found.push_back(&server);
    return found;
}

} // namespace sim::testing
