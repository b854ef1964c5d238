#pragma once

#include "core/shell/commands/vllm/bench_words.h"
#include "core/shell/invocation.h"

namespace core::shell::vllm {

/// Sends the requests from where the command runs, spends the virtual time that they take, and prints the table. The exit status.
int benchServe(Invocation& inv, const BenchWords& words);

} // namespace core::shell::vllm
