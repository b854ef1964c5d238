#include "sim/faults/go_cpu.h"

#include "sim/faults/program_release.h"
#include "sim/faults/requests.h"

#include <algorithm>
#include <array>

// Either a release brings the code that burns the processors, or somebody changed a setting and restarted the service.
namespace sim::faults {

namespace {

constexpr const char* kCatalogueMachine = "cat-1";
constexpr const char* kCatalogueProgram = "catalog-api";
constexpr const char* kCatalogueRelease = "1.9.4";

const Variants& cpuVariants()
{
    static const Variants kVariants{
        {"busy-loop", {"spinning-refresh", "prefetch-unpaced"}},
        {"lock-contention", {"hot-stats", "one-shard"}},
        {"gc-pressure", {"string-pages", "no-pool"}},
        {"goroutine-leak", {"leaking-suggest", "price-polling"}},
        {"no-fault", {"first-index"}},
    };
    return kVariants;
}

struct CatalogueSetting {
    const char* variant;
    const char* name;
    const char* usual;
    const char* now;
};
constexpr std::array<CatalogueSetting, 4> kCatalogueSettings{{{"prefetch-unpaced", "PREFETCH_INTERVAL", "30s", "0s"},
                                                              {"one-shard", "CACHE_SHARDS", "64", "1"},
                                                              {"no-pool", "BUFFER_POOL", "on", "off"},
                                                              {"price-polling", "PRICE_WATCH", "push", "poll"}}};

} // namespace

Result<nlohmann::json> injectGoCpu(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, cpuVariants(), parameters);
    if (!choice)
        return choice.error();
    auto release = ProgramRelease::find(context, kCatalogueMachine, kCatalogueProgram);
    if (!release)
        return Error{"the topology does not run this program there; use the topology catalogue", kCatalogueProgram};
    nlohmann::json chosen{{"cause", choice->cause},
                          {"variant", choice->variant},
                          {"machine", kCatalogueMachine},
                          {"good", release->current()}};
    const auto setting = std::find_if(kCatalogueSettings.begin(), kCatalogueSettings.end(),
                                      [&](const CatalogueSetting& one) { return choice->is(one.variant); });
    if (setting != kCatalogueSettings.end()) {
        release->prune();
        release->set(std::string(setting->name) + "=" + setting->now);
        chosen["setting"] = setting->name;
        chosen["value"] = setting->usual;
    } else {
        release->deploy(std::string(kCatalogueRelease) + "+" + choice->variant, kCatalogueRelease);
    }
    release->restart();
    return chosen;
}

} // namespace sim::faults
