#include "core/shell/command_table.h"

#include <algorithm>
#include <utility>

namespace core::shell {

namespace {

/// Edit distance with transpositions of neighbours ("kubeclt" is one slip away from "kubectl").
std::size_t editDistance(std::string_view a, std::string_view b)
{
    std::vector<std::vector<std::size_t>> d(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i)
        d[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j)
        d[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + cost});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[a.size()][b.size()];
}

} // namespace

void CommandTable::add(CommandSpec spec)
{
    std::string name = spec.name;
    m_commands.insert_or_assign(std::move(name), std::move(spec));
}

void CommandTable::add(std::string name, std::string summary, std::string usage, std::vector<OptionSpec> options,
                       int (*run)(Invocation&))
{
    CommandSpec spec;
    spec.name = std::move(name);
    spec.summary = std::move(summary);
    spec.usage = std::move(usage);
    spec.options = std::move(options);
    spec.run = run;
    add(std::move(spec));
}

void CommandTable::addRaw(std::string name, std::string summary, std::string usage, int (*run)(Invocation&))
{
    CommandSpec spec;
    spec.name = std::move(name);
    spec.summary = std::move(summary);
    spec.usage = std::move(usage);
    spec.parseOptions = false;
    spec.run = run;
    add(std::move(spec));
}

const CommandSpec* CommandTable::find(std::string_view name) const
{
    const auto it = m_commands.find(name);
    return it == m_commands.end() ? nullptr : &it->second;
}

std::vector<std::string> CommandTable::names() const
{
    std::vector<std::string> result;
    result.reserve(m_commands.size());
    for (const auto& [name, spec] : m_commands)
        result.push_back(name);
    return result;
}

std::string CommandTable::nearest(std::string_view name) const
{
    return nearestName(name, names());
}

std::string nearestName(std::string_view name, const std::vector<std::string>& candidates)
{
    if (name.empty() || name.size() > 64)
        return {};
    // A two-letter word is two edits away from every other: only longer words may be off by two.
    std::size_t best = name.size() <= 3 ? 2 : 3;
    std::string result;
    for (const std::string& candidate : candidates) {
        const std::size_t longer = std::max(candidate.size(), name.size());
        const std::size_t shorter = std::min(candidate.size(), name.size());
        if (longer - shorter > 2)
            continue;
        const std::size_t distance = editDistance(name, candidate);
        if (distance < best) {
            best = distance;
            result = candidate;
        }
    }
    return result;
}

} // namespace core::shell
