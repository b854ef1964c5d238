#pragma once

#include <nlohmann/json.hpp>

namespace app::cli {

/// `faultctl bench serving`: 1,000 and 10,000 requests of Llama-3-8B on an A100 (Poisson, 6.45 a second, about 1,165 tokens in
/// and 220 out), as Vidur was measured (facts in sim/serving/README.md), beside its figures.
nlohmann::json benchServing();

} // namespace app::cli
