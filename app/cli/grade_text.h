#pragma once

#include "core/session/session.h"

#include <nlohmann/json.hpp>

namespace app::cli {

/// {incident, cause, solved, diagnosis, score, parts{}, clocks{}, facts[], actions[], fingerprint}. The cause is
/// told only once the incident is closed.
nlohmann::json gradeJson(const core::session::Session& session);
/// The same for people: score, parts with reasons, clocks, cause, what was known when.
void printGrade(const core::session::Session& session, core::content::Language language);
/// The one of two texts that the language asks for.
const char* say(core::content::Language language, const char* en, const char* zh);
/// "14:06:18" of the simulated world.
std::string clockText(sim::Instant at);

} // namespace app::cli
