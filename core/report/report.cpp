#include "core/report/report.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace core::report {

using progress::Attempt;

namespace {

Summary summaryOf(const std::vector<Attempt>& attempts)
{
    Summary summary;
    summary.attempts = static_cast<int>(attempts.size());
    std::vector<double> mitigated;
    double sum = 0;
    for (const Attempt& attempt : attempts) {
        summary.solved += attempt.solved ? 1 : 0;
        summary.bestScore = std::max(summary.bestScore, attempt.score);
        summary.durationSeconds += attempt.durationSeconds;
        summary.hintsTaken += attempt.hintsTaken;
        sum += attempt.score;
        const auto clock = attempt.clocksSeconds.find("mitigate");
        if (clock != attempt.clocksSeconds.end() && clock->second)
            mitigated.push_back(*clock->second);
    }
    if (!attempts.empty())
        summary.meanScore = sum / static_cast<double>(attempts.size());
    if (!mitigated.empty()) {
        std::sort(mitigated.begin(), mitigated.end());
        const std::size_t half = mitigated.size() / 2;
        summary.medianMitigateSeconds = mitigated.size() % 2 == 1
            ? mitigated[half]
            : (mitigated[half - 1] + mitigated[half]) / 2;
    }
    return summary;
}

std::vector<IncidentSummary> incidentsOf(const std::vector<Attempt>& oldestFirst)
{
    std::map<std::string, IncidentSummary> byId;
    for (const Attempt& attempt : oldestFirst) {
        IncidentSummary& incident = byId[attempt.incident];
        incident.id = attempt.incident;
        incident.title = attempt.title;
        incident.area = attempt.area;
        incident.attempts += 1;
        incident.solved += attempt.solved ? 1 : 0;
        incident.best = std::max(incident.best, attempt.score);
        incident.latest = attempt.score;
        incident.latestAt = attempt.startedAt;
    }
    std::vector<IncidentSummary> incidents;
    for (auto& [id, incident] : byId)
        incidents.push_back(std::move(incident));
    std::stable_sort(incidents.begin(), incidents.end(),
                     [](const auto& a, const auto& b) { return a.latestAt > b.latestAt; });
    return incidents;
}

std::vector<PartSummary> partsOf(const std::vector<Attempt>& attempts)
{
    struct Sums {
        PartSummary part;
        double points = 0;
        double outOf = 0;
    };
    std::vector<Sums> sums;
    for (const Attempt& attempt : attempts) {
        for (const progress::AttemptPart& part : attempt.parts) {
            auto found = std::find_if(sums.begin(), sums.end(),
                                      [&](const Sums& s) { return s.part.id == part.id; });
            if (found == sums.end())
                found = sums.insert(sums.end(), {{part.id, part.title, 0}, 0, 0});
            found->points += part.points;
            found->outOf += part.outOf;
        }
    }
    std::vector<PartSummary> parts;
    for (Sums& each : sums) {
        each.part.share = each.outOf > 0 ? std::clamp(each.points / each.outOf, 0.0, 1.0) : 0;
        parts.push_back(std::move(each.part));
    }
    return parts;
}

} // namespace

Report makeReport(std::vector<Attempt> attempts, ReportOptions options)
{
    Report report;
    report.options = std::move(options);
    std::erase_if(attempts,
                  [](const Attempt& attempt) { return !attempt.finished || !attempt.deletedAt.empty(); });
    std::sort(attempts.begin(), attempts.end(), [](const Attempt& a, const Attempt& b) {
        return std::tie(a.startedAt, a.id) < std::tie(b.startedAt, b.id);
    });
    report.attempts = std::move(attempts);
    report.summary = summaryOf(report.attempts);
    report.directions = progress::directionSkills(report.attempts);
    report.areas = progress::areaSkills(report.attempts);
    report.incidents = incidentsOf(report.attempts);
    report.parts = partsOf(report.attempts);
    return report;
}

} // namespace core::report
