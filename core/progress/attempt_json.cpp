#include "core/progress/attempt_json.h"

#include <fmt/format.h>

namespace core::progress {

using nlohmann::json;

namespace {

json textJson(const content::Text& text)
{
    return {{"en", text.en}, {"zh", text.zh}};
}

content::Text textFromJson(const json& value)
{
    return {value.at("en").get<std::string>(), value.at("zh").get<std::string>()};
}

} // namespace

json partsJson(const std::vector<AttemptPart>& parts)
{
    json list = json::array();
    for (const AttemptPart& part : parts) {
        list.push_back({{"id", part.id},
                        {"title", textJson(part.title)},
                        {"points", part.points},
                        {"out_of", part.outOf},
                        {"reason", textJson(part.reason)}});
    }
    return list;
}

json clocksJson(const std::map<std::string, std::optional<double>>& clocks)
{
    json object = json::object();
    for (const auto& [name, seconds] : clocks)
        object[name] = seconds ? json(*seconds) : json(nullptr);
    return object;
}

json attemptJson(const Attempt& attempt)
{
    json object = {{"id", attempt.id},
                   {"incident", attempt.incident},
                   {"title", textJson(attempt.title)},
                   {"area", attempt.area},
                   {"directions", attempt.directionWeights},
                   {"cause", attempt.cause},
                   {"answered_cause", attempt.answeredCause},
                   {"seed", attempt.seed},
                   {"topology", attempt.topology},
                   {"started_at", attempt.startedAt},
                   {"language", languageName(attempt.language)},
                   {"mode", modeName(attempt.mode)},
                   {"finished", attempt.finished},
                   {"solved", attempt.solved},
                   {"score", attempt.score},
                   {"parts", partsJson(attempt.parts)},
                   {"clocks_seconds", clocksJson(attempt.clocksSeconds)},
                   {"hints_taken", attempt.hintsTaken},
                   {"duration_seconds", attempt.durationSeconds},
                   {"fingerprint", fmt::format("{:016x}", attempt.fingerprint)},
                   {"notes", attempt.notes}};
    if (!attempt.replay.empty())
        object["replay"] = attempt.replay;
    return object;
}

std::vector<AttemptPart> partsFromJson(const json& value)
{
    std::vector<AttemptPart> parts;
    for (const auto& part : value) {
        parts.push_back({part.at("id").get<std::string>(), textFromJson(part.at("title")),
                         part.at("points").get<double>(), part.at("out_of").get<double>(),
                         textFromJson(part.at("reason"))});
    }
    return parts;
}

std::map<std::string, std::optional<double>> clocksFromJson(const json& value)
{
    std::map<std::string, std::optional<double>> clocks;
    for (const auto& [name, seconds] : value.items())
        clocks[name] = seconds.is_null() ? std::nullopt : std::optional(seconds.get<double>());
    return clocks;
}

std::string dumped(const json& value)
{
    return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

const char* languageName(content::Language language)
{
    return language == content::Language::Chinese ? "zh" : "en";
}

const char* modeName(Mode mode)
{
    return mode == Mode::Exam ? "exam" : "study";
}

} // namespace core::progress
