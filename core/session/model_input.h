#pragma once

#include "sim/engine/result.h"
#include "sim/world/command.h"

#include <string>

namespace core::session {

/// A request to a language model that came from outside a shell, as one line of JSON for the input log.
std::string askText(const sim::command::AskModel& ask);
sim::Result<sim::command::AskModel> askOf(const std::string& text);

} // namespace core::session
