#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// What vLLM's image brings along beside its server: `vllm bench serve`.
void addVllm(CommandTable& table);

} // namespace core::shell
