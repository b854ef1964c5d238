#include "sim/engine/assert.h"
#include "sim/kube/api/yaml.h"
#include "tests/fuzz/fuzz_target.h"

#include <string_view>

/// Any bytes are documents or an error, and what was read is read again from what is written of it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const auto documents = sim::kube::parseYaml({reinterpret_cast<const char*>(data), size});
    if (!documents) {
        FL_ASSERT(documents.error().message.rfind("yaml: ", 0) == 0);
        return 0;
    }
    for (const nlohmann::json& document : *documents) {
        const auto again = sim::kube::parseYaml(sim::kube::toYaml(document));
        FL_ASSERT(again && again->size() == 1 && again->front() == document);
    }
    return 0;
}
