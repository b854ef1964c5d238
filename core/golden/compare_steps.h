#pragma once

#include "core/golden/kubectl_run.h"
#include "core/golden/masking.h"
#include "core/golden/text_difference.h"

namespace core::golden {

/// Exit status, standard output and standard error of one command.
void compareCommand(const Step& step, int index, const Ran& ran, const Masking& masking, std::vector<Difference>& differences);
/// Status and body of one HTTP call.
void compareHttp(const Step& step, int index, int status, const nlohmann::json& response, const Masking& masking,
                 std::vector<Difference>& differences);

} // namespace core::golden
