#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace app::cli {

/// `faultctl bench serving`: 1,000 and 10,000 requests of Llama-3-8B on an A100 (Poisson, 6.45 a second, about 1,165 tokens in
/// and 220 out), as Vidur was measured (facts in sim/serving/README.md), beside its figures. `peer`: a command that runs Vidur for the file
/// of requests which is added to it, and prints a line {"requests": N, "seconds": S} (packaging/vidur_bench.py is one); empty: its figures
/// are quoted. `problem`: that it failed.
nlohmann::json benchServing(const std::string& peer, std::string& problem);

} // namespace app::cli
