#include "core/golden/compare_placement.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace core::golden {

namespace {

std::vector<std::string> countLines(const std::map<std::string, std::int64_t>& pods, const Masking& masking)
{
    std::map<std::string, std::vector<std::int64_t>> classes;
    for (const auto& [node, count] : pods)
        classes[masking.nodeClass(node)].push_back(count);
    std::vector<std::string> lines;
    for (auto& [name, counts] : classes) {
        std::sort(counts.begin(), counts.end());
        lines.push_back(fmt::format("{}: {}", name, fmt::join(counts, " ")));
    }
    return lines;
}

/// The weighted scores of the nodes for one pod, by node and plugin.
using NodeScores = std::map<std::string, std::map<std::string, std::int64_t>>;

NodeScores scoresOf(const sim::kube::Decision& decision)
{
    NodeScores scores;
    for (const auto& row : decision.rows) {
        for (const auto& points : row.points)
            scores[row.node][points.plugin] = points.weighted;
        if (!row.points.empty())
            scores[row.node]["FINAL"] = row.total;
    }
    return scores;
}

std::vector<std::string> scoreLines(const std::vector<NodeScores>& pods)
{
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < pods.size(); ++i) {
        std::vector<std::string> vectors;
        for (const auto& [node, scores] : pods[i]) {
            std::string text;
            for (const auto& [plugin, score] : scores)
                text += fmt::format(" {}={}", plugin, score);
            vectors.push_back(std::move(text));
        }
        std::sort(vectors.begin(), vectors.end());
        for (const std::string& one : vectors)
            lines.push_back(fmt::format("pod {}:{}", i, one));
    }
    return lines;
}

} // namespace

void comparePlacement(const Recording& recording, const sim::kube::Store& store, const Masking& masking,
                      std::vector<Difference>& differences)
{
    if (recording.placement.is_null())
        return;
    std::map<std::string, std::int64_t> expected;
    std::map<std::string, std::int64_t> got;
    for (const auto& [node, pods] : recording.placement.items())
        expected[node] = static_cast<std::int64_t>(pods.size());
    for (const auto& node : recording.nodes) {
        expected.try_emplace(node.name, 0);
        got[node.name] = 0;
    }
    const auto namespaces = recording.namespaces();
    for (const auto& [key, pod] : store.all<sim::kube::Pod>())
        if (std::find(namespaces.begin(), namespaces.end(), key.namespace_) != namespaces.end())
            ++got[pod->spec.nodeName.empty() ? "<pending>" : pod->spec.nodeName];
    compareLines(countLines(expected, masking), countLines(got, masking), -1, "placement", differences);
}

void compareScores(const Recording& recording, const sim::kube::Scheduler& scheduler, std::vector<Difference>& differences)
{
    if (recording.scores.is_null())
        return;
    std::vector<NodeScores> expected;
    for (const auto& pod : recording.scores)
        expected.push_back(pod.at("scores").get<NodeScores>());
    std::vector<NodeScores> got;
    for (const auto& decision : scheduler.decisions())
        if (!decision->node.empty())
            if (NodeScores scores = scoresOf(*decision); !scores.empty())
                got.push_back(std::move(scores));
    compareLines(scoreLines(expected), scoreLines(got), -1, "scores", differences);
}

} // namespace core::golden
