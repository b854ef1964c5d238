#pragma once

#include "sim/faults/model_site.h"
#include "tests/support/world.h"

#include <functional>

// The data centre `serving` and those that extend it, with their models under load.
namespace sim::testing {

inline World labOf(const char* topology, std::uint64_t seed = 3, Duration age = 10min)
{
    auto built = World::build(tests::library()->topologies.at(topology), seed);
    EXPECT_TRUE(built) << (built ? "" : built.error().text());
    built->runUntil(built->now() + age);
    return std::move(*built);
}

inline const World& servingLab()
{
    static const World kWorld = labOf("serving");
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

/// kubectl edit: another argument, variable or number of replicas.
inline void edit(World& world, const std::string& deployment, const std::function<void(nlohmann::json& spec, nlohmann::json& container)>& change)
{
    kube::Request get;
    get.verb = kube::Verb::Get;
    get.resource = "deployments.apps";
    get.namespace_ = faults::kModels;
    get.name = deployment;
    nlohmann::json spec = world.apiRead(get).body.at("spec");
    change(spec, spec.at("template").at("spec").at("containers").at(0));
    kube::Request patch = get;
    patch.verb = kube::Verb::Patch;
    patch.patchType = kube::PatchType::Merge;
    patch.body = {{"spec", spec}};
    const CommandResult done = world.apply(Command{command::ApiCall{patch}});
    ASSERT_TRUE(done.response.ok()) << done.response.body.dump();
}

} // namespace sim::testing
