#include "core/shell/commands/nccl/fr_trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace core::shell::nccl {

namespace {

using nlohmann::json;
using Ranks = std::set<std::int64_t>;

/// "{0, 1, 2}"
std::string python(const Ranks& ranks)
{
    std::string text;
    for (const std::int64_t rank : ranks)
        text += (text.empty() ? "" : ", ") + std::to_string(rank);
    return ranks.empty() ? "set()" : "{" + text + "}";
}

/// "[[65536]]", "['Float']"
std::string python(const json& value)
{
    if (value.is_string())
        return "'" + value.get<std::string>() + "'";
    if (!value.is_array())
        return value.dump();
    std::string text;
    for (const json& item : value)
        text += (text.empty() ? "" : ", ") + python(item);
    return "[" + text + "]";
}

std::string kindOf(const json& entry)
{
    const auto name = entry.at("profiling_name").get<std::string>();
    return name.substr(name.find(':') + 1);
}

/// Why two entries of one number do not fit; nothing: they do.
std::optional<std::string> misfit(const json& mine, const json& other)
{
    const auto differ = [&](const char* type, const std::string& what, const std::string& a, const std::string& b) {
        return fmt::format("Error type: {}, Expected {}: '{}' does not match found {}: '{}'", type, what, a, what, b);
    };
    if (kindOf(mine) != kindOf(other))
        return differ("COLLECTIVE_TYPE_MISMATCH", "collective type", kindOf(mine), kindOf(other));
    if (mine.at("state") != other.at("state"))
        return differ("COLLECTIVE_STATE_MISMATCH", "state", mine.at("state").get<std::string>(), other.at("state").get<std::string>());
    if (mine.at("input_dtypes") != other.at("input_dtypes"))
        return fmt::format("Error type: COLLECTIVE_DTYPE_MISMATCH, Expected dtypes: '{}/{}' does not match found dtype: '{}/{}'",
                           python(mine.at("input_dtypes")), python(other.at("input_dtypes")), python(mine.at("output_dtypes")),
                           python(other.at("output_dtypes")));
    if (mine.at("input_sizes") != other.at("input_sizes"))
        return differ("SIZE_OR_SYNTAX_MISMATCH", "input sizes", python(mine.at("input_sizes")), python(other.at("input_sizes")));
    if (mine.at("output_sizes") != other.at("output_sizes"))
        return differ("SIZE_OR_SYNTAX_MISMATCH", "output sizes", python(mine.at("output_sizes")), python(other.at("output_sizes")));
    return std::nullopt;
}

void describe(std::vector<std::string>& lines, const std::string& first, const json& entry, const Ranks& expected, const Ranks& missing,
              const std::string& errors)
{
    lines.push_back(first + std::to_string(entry.at("collective_seq_id").get<std::int64_t>()) + (errors.empty() ? "" : " has errors"));
    lines.push_back(fmt::format("internal record id: {}", entry.at("record_id").get<std::int64_t>()));
    lines.push_back(
        fmt::format("group info: {}:{}", entry.at("process_group").at(0).get<std::string>(), entry.at("process_group").at(1).get<std::string>()));
    lines.push_back("collective: " + entry.at("profiling_name").get<std::string>());
    if (!missing.empty())
        lines.push_back("missing ranks: " + python(missing));
    lines.push_back("input sizes: " + python(entry.at("input_sizes")));
    lines.push_back("output sizes: " + python(entry.at("output_sizes")));
    lines.push_back(fmt::format("world size: {}", expected.size()));
    lines.push_back("expected ranks: " + python(expected));
    lines.push_back("collective state: " + entry.at("state").get<std::string>());
    if (!errors.empty())
        lines.push_back("error msg: " + errors);
    lines.emplace_back("collective stack trace: ");
    std::string indent = " ";
    for (const json& frame : entry.at("frames")) {
        lines.push_back(fmt::format("{}{} at {}:{}", indent, frame.at("name").get<std::string>(), frame.at("filename").get<std::string>(),
                                    frame.at("line").get<int>()));
        indent.clear();
    }
}

/// All members of the group, as the dumps list them.
Ranks membersOf(const std::map<std::int64_t, json>& dumps)
{
    Ranks members;
    for (const auto& [rank, dump] : dumps)
        for (const json& group : dump.at("pg_config"))
            for (const json& member : json::parse(group.at("ranks").get<std::string>()))
                members.insert(member.get<std::int64_t>());
    return members;
}

} // namespace

FrReport analysed(const std::map<std::int64_t, json>& dumps, bool allowIncomplete, std::size_t mismatchCap)
{
    FrReport report;
    const Ranks expected = membersOf(dumps);
    Ranks present, absent;
    for (const auto& [rank, dump] : dumps)
        present.insert(rank);
    std::set_difference(expected.begin(), expected.end(), present.begin(), present.end(), std::inserter(absent, absent.end()));
    if (!absent.empty() && !allowIncomplete) {
        report.assertion = "Missing dump files from ranks " + python(absent);
        return report;
    }
    // By number, what each rank calls. Recorders that began later say nothing of what was before.
    std::int64_t begin = 0;
    for (const auto& [rank, dump] : dumps)
        if (!dump.at("entries").empty())
            begin = std::max(begin, dump.at("entries").front().at("record_id").get<std::int64_t>());
    std::map<std::int64_t, std::map<std::int64_t, const json*>> calls;
    for (const auto& [rank, dump] : dumps)
        for (const json& entry : dump.at("entries"))
            if (entry.at("record_id").get<std::int64_t>() >= begin)
                calls[entry.at("collective_seq_id").get<std::int64_t>()][rank] = &entry;
    std::size_t mismatches = 0;
    for (const auto& [number, byRank] : calls) {
        const json& first = *byRank.begin()->second;
        Ranks joined, missing;
        std::string errors;
        for (const auto& [rank, entry] : byRank) {
            joined.insert(rank);
            if (const auto why = misfit(first, *entry))
                errors += fmt::format("{}Culprit rank {}; {}", errors.empty() ? "" : ", ", rank, *why);
        }
        std::set_difference(present.begin(), present.end(), joined.begin(), joined.end(), std::inserter(missing, missing.end()));
        if (!missing.empty() && absent.empty()) {
            ++mismatches;
            describe(report.lines, "Not all ranks joining collective, sequence number: ", first, expected, missing, {});
        } else if (!errors.empty()) {
            ++mismatches;
            describe(report.lines, "Collective sequence number: ", first, expected, {}, errors);
        } else if (!absent.empty()) {
            ++mismatches;
            report.lines.push_back(fmt::format("We cannot decide what's wrong with this collective entry because we missed FR dumps from ranks ({}) "
                                               "so we don't have enough information. If you want "
                                               "to debug further use -j to dump all raw trace",
                                               python(absent)));
        } else if (mismatches > 0) {
            report.lines.emplace_back("No errors found for this collective entry, There could be some other reasons why we see collective timeout.");
        }
        if (mismatches >= mismatchCap) {
            report.lines.push_back(fmt::format("Too many mismatches for process_group {}: {} aborting",
                                               first.at("process_group").at(0).get<std::string>(),
                                               first.at("process_group").at(1).get<std::string>()));
            break;
        }
    }
    return report;
}

FrReport entriesTable(const std::map<std::int64_t, json>& dumps, const std::set<std::int64_t>& selected)
{
    FrReport report;
    std::vector<std::vector<std::string>> columns;
    std::size_t rows = 0;
    for (const auto& [rank, dump] : dumps) {
        if (!selected.empty() && !selected.contains(rank))
            continue;
        columns.push_back({fmt::format("Rank {}", rank)});
        for (const json& entry : dump.at("entries"))
            columns.back().push_back(
                fmt::format("{}(input_sizes={}, state={})", kindOf(entry), python(entry.at("input_sizes")), entry.at("state").get<std::string>()));
        rows = std::max(rows, columns.back().size());
    }
    std::string rule;
    for (std::size_t row = 0; row < rows; ++row) {
        std::string line;
        for (const std::vector<std::string>& column : columns) {
            std::size_t width = 0;
            for (const std::string& cell : column)
                width = std::max(width, cell.size());
            line += (line.empty() ? "" : "  ") + fmt::format("{:<{}}", row < column.size() ? column[row] : "", width);
            if (row == 0)
                rule += (rule.empty() ? "" : "  ") + std::string(width, '-');
        }
        report.lines.push_back(line);
        if (row == 0)
            report.lines.push_back(rule);
    }
    return report;
}

} // namespace core::shell::nccl
