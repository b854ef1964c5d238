#include "sim/kube/controllers/job_indexes.h"

#include <fmt/core.h>

#include <charconv>
#include <limits>

namespace sim::kube {

namespace {

std::optional<std::int64_t> numberIn(const StringMap& map, const char* key)
{
    const auto found = map.find(key);
    if (found == map.end())
        return std::nullopt;
    std::int64_t value = 0;
    const char* end = found->second.data() + found->second.size();
    const auto [last, error] = std::from_chars(found->second.data(), end, value);
    if (error != std::errc() || last != end || value < 0)
        return std::nullopt;
    return value;
}

} // namespace

JobIndexes parseIndexes(const std::string& text)
{
    JobIndexes indexes;
    const char* at = text.data();
    const char* end = at + text.size();
    while (at < end) {
        std::int64_t first = 0;
        const auto [afterFirst, error] = std::from_chars(at, end, first);
        if (error != std::errc())
            return indexes;
        std::int64_t last = first;
        at = afterFirst;
        if (at < end && *at == '-') {
            const auto [afterLast, lastError] = std::from_chars(at + 1, end, last);
            if (lastError != std::errc())
                return indexes;
            at = afterLast;
        }
        for (std::int64_t i = first; i <= last; ++i)
            indexes.insert(indexes.end(), i);
        if (at < end)
            ++at; // the comma
    }
    return indexes;
}

std::string indexesText(const JobIndexes& indexes)
{
    std::string text;
    for (auto it = indexes.begin(); it != indexes.end();) {
        const std::int64_t first = *it;
        std::int64_t last = first;
        for (++it; it != indexes.end() && *it == last + 1; ++it)
            last = *it;
        text += fmt::format("{}{}", text.empty() ? "" : ",", first);
        if (last != first)
            text += fmt::format("{}{}", last == first + 1 ? "," : "-", last);
    }
    return text;
}

bool isIndexed(const Job& job)
{
    return job.spec.completionMode == "Indexed";
}

std::optional<std::int64_t> completionIndex(const Pod& pod)
{
    return numberIn(pod.metadata.annotations, kCompletionIndex);
}

bool hasValidIndex(const Job& job, const Pod& pod)
{
    const auto index = completionIndex(pod);
    return index && *index < job.spec.completions.value_or(std::numeric_limits<std::int64_t>::max());
}

std::int64_t indexFailures(const Pod& pod)
{
    return numberIn(pod.metadata.annotations, kIndexFailureCount).value_or(0);
}

std::optional<std::string> metSuccessPolicy(const Job& job, const JobIndexes& succeeded)
{
    if (!job.spec.successPolicy)
        return std::nullopt;
    int number = 0;
    for (const SuccessPolicyRule& rule : job.spec.successPolicy->rules) {
        const JobIndexes listed = rule.succeededIndexes ? parseIndexes(*rule.succeededIndexes) : JobIndexes();
        std::int64_t count = 0;
        for (const std::int64_t index : succeeded)
            count += !rule.succeededIndexes || listed.count(index) != 0 ? 1 : 0;
        const std::int64_t wanted = rule.succeededCount.value_or(static_cast<std::int64_t>(listed.size()));
        if (count >= wanted)
            return fmt::format("Matched rules at index {}", number);
        ++number;
    }
    return std::nullopt;
}

} // namespace sim::kube
