#include "core/report/report.h"

#include "core/progress/attempt_json.h"

namespace core::report {

using nlohmann::json;

namespace {

json optionalNumber(const std::optional<double>& value)
{
    return value ? json(*value) : json(nullptr);
}

json textJson(const content::Text& text)
{
    return {{"en", text.en}, {"zh", text.zh}};
}

json skillsJson(const std::vector<progress::Skill>& skills)
{
    json list = json::array();
    for (const progress::Skill& skill : skills) {
        list.push_back({{"id", skill.axis.id},
                        {"title", textJson(skill.axis.title)},
                        {"score", optionalNumber(skill.score)},
                        {"incidents", skill.incidents},
                        {"attempts", skill.attempts}});
    }
    return list;
}

} // namespace

std::string toJson(const Report& report)
{
    constexpr int kFormat = 1;
    const Summary& summary = report.summary;
    json object = {
        {"format", kFormat},
        {"program", "faultline"},
        {"version", report.options.programVersion},
        {"generated_at", report.options.generatedAt},
        {"language", progress::languageName(report.options.language)},
        {"learner", report.options.learner},
        {"summary",
         {{"attempts", summary.attempts},
          {"solved", summary.solved},
          {"mean_score", summary.meanScore},
          {"best_score", summary.bestScore},
          {"duration_seconds", summary.durationSeconds},
          {"hints_taken", summary.hintsTaken},
          {"median_mitigate_seconds", optionalNumber(summary.medianMitigateSeconds)}}},
        {"skills", {{"directions", skillsJson(report.directions)}, {"areas", skillsJson(report.areas)}}},
        {"parts", json::array()},
        {"incidents", json::array()},
        {"attempts", json::array()}};
    for (const PartSummary& part : report.parts)
        object["parts"].push_back({{"id", part.id}, {"title", textJson(part.title)}, {"share", part.share}});
    for (const IncidentSummary& incident : report.incidents) {
        object["incidents"].push_back({{"id", incident.id},
                                       {"title", textJson(incident.title)},
                                       {"area", incident.area},
                                       {"attempts", incident.attempts},
                                       {"solved", incident.solved},
                                       {"best", incident.best},
                                       {"latest", incident.latest},
                                       {"latest_at", incident.latestAt}});
    }
    for (const progress::Attempt& attempt : report.attempts)
        object["attempts"].push_back(progress::attemptJson(attempt));
    return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

} // namespace core::report
