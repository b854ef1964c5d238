#pragma once

#include "sim/engine/result.h"
#include "sim/world/command.h"

#include <string>

namespace core::session {

/// A request to a language model that came from outside a shell, as one line of JSON for the input log.
std::string askText(const sim::command::AskModel& ask);
sim::Result<sim::command::AskModel> askOf(const std::string& text);
/// The same of a request that changes a server: POST /reset_prefix_cache.
std::string callText(const sim::command::HttpCall& call);
sim::Result<sim::command::HttpCall> callOf(const std::string& text);

} // namespace core::session
