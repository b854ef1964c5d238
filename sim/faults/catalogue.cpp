#include "sim/faults/catalogue.h"

#include "sim/faults/image_pull.h"

#include <algorithm>

namespace sim::faults {

const std::vector<Fault>& catalogue()
{
    static const std::vector<Fault> kFaults{
        {"image-pull-backoff", {"wrong-tag", "bad-pull-secret", "node-egress", "registry-down", "no-fault"}, &injectImagePull},
    };
    return kFaults;
}

Result<nlohmann::json> inject(Context& context, const std::string& id, const nlohmann::json& parameters)
{
    const auto& all = catalogue();
    const auto it = std::find_if(all.begin(), all.end(), [&](const Fault& fault) { return fault.id == id; });
    if (it == all.end()) {
        std::string known;
        for (const Fault& fault : all)
            known += (known.empty() ? "" : ", ") + fault.id;
        return Error{"no such fault; known: " + known, id};
    }
    return it->inject(context, parameters);
}

} // namespace sim::faults
