#include "core/progress/skills.h"

#include <algorithm>
#include <functional>
#include <tuple>

namespace core::progress {

namespace {

struct IncidentScore {
    const Attempt* newest = nullptr;
    double best = 0;
    int attempts = 0;
};

std::vector<IncidentScore> scoresByIncident(const std::vector<Attempt>& attempts)
{
    std::map<std::string, std::vector<const Attempt*>> byIncident;
    for (const Attempt& attempt : attempts) {
        if (attempt.finished && attempt.deletedAt.empty())
            byIncident[attempt.incident].push_back(&attempt);
    }
    std::vector<IncidentScore> scores;
    for (auto& [incident, list] : byIncident) {
        std::sort(list.begin(), list.end(), [](const Attempt* a, const Attempt* b) {
            return std::tie(a->startedAt, a->id) > std::tie(b->startedAt, b->id);
        });
        IncidentScore score{list.front(), 0, static_cast<int>(list.size())};
        const std::size_t recent = std::min<std::size_t>(list.size(), kRecentAttempts);
        for (std::size_t i = 0; i < recent; ++i)
            score.best = std::max(score.best, list[i]->score);
        scores.push_back(score);
    }
    return scores;
}

std::vector<Skill> skillsOn(const std::vector<Axis>& axes, const std::vector<Attempt>& attempts,
                            const std::function<double(const Attempt&, const std::string& axis)>& weightOf)
{
    const std::vector<IncidentScore> incidents = scoresByIncident(attempts);
    std::vector<Skill> skills;
    for (const Axis& axis : axes) {
        Skill skill{axis, std::nullopt, 0, 0};
        double sum = 0;
        double weights = 0;
        for (const IncidentScore& incident : incidents) {
            const double weight = weightOf(*incident.newest, axis.id);
            if (weight <= 0)
                continue;
            sum += weight * incident.best;
            weights += weight;
            skill.incidents += 1;
            skill.attempts += incident.attempts;
        }
        if (weights > 0)
            skill.score = sum / weights;
        skills.push_back(std::move(skill));
    }
    return skills;
}

} // namespace

std::vector<Skill> directionSkills(const std::vector<Attempt>& attempts)
{
    return skillsOn(directions(), attempts, [](const Attempt& attempt, const std::string& axis) {
        const auto weight = attempt.directionWeights.find(axis);
        return weight == attempt.directionWeights.end() ? 0.0 : weight->second;
    });
}

std::vector<Skill> areaSkills(const std::vector<Attempt>& attempts)
{
    return skillsOn(areas(), attempts, [](const Attempt& attempt, const std::string& axis) {
        return areaOf(attempt.area) == axis ? 1.0 : 0.0;
    });
}

} // namespace core::progress
