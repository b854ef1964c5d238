#include "core/golden/compare_steps.h"

namespace core::golden {

namespace {

/// What `rollout status` says while it waits tells how far the rollout was whenever it looked. How often it
/// looked is chance, so all that is said in a row counts as one line.
std::vector<std::string> withoutProgress(std::vector<std::string> lines)
{
    std::vector<std::string> out;
    std::size_t begin = 0;
    while (begin < lines.size()) {
        std::size_t end = begin;
        while (end < lines.size() && lines[end].starts_with("Waiting for ") && lines[end].ends_with("..."))
            ++end;
        if (end == begin) {
            out.push_back(std::move(lines[begin++]));
            continue;
        }
        out.push_back("Waiting for ...");
        begin = end;
    }
    return out;
}

/// Descriptions are everybody's own words: what explain and options tell is structure, names and types.
std::vector<std::string> withoutDescriptions(const std::string& command, std::vector<std::string> lines)
{
    const bool told = command.find(" explain ") != std::string::npos || command == "kubectl options";
    if (told)
        std::erase_if(lines, [](const std::string& line) { return line.empty() || line.starts_with("    ") || line.starts_with("\t"); });
    return lines;
}

} // namespace

void compareCommand(const Step& step, int index, const Ran& ran, const Masking& masking, std::vector<Difference>& differences)
{
    if (step.status != ran.status)
        differences.push_back({index, "exit status", std::to_string(step.status), std::to_string(ran.status), ran.output + ran.errors});
    const double end = step.at + step.took;
    const auto shown = [&](const std::string& text) { return withoutDescriptions(step.command, withoutProgress(masking.lines(text, end))); };
    compareLines(shown(step.output), shown(ran.output), index, "stdout", differences);
    compareLines(masking.lines(step.errors, end), masking.lines(ran.errors, end), index, "stderr", differences);
}

void compareHttp(const Step& step, int index, int status, const nlohmann::json& response, const Masking& masking,
                 std::vector<Difference>& differences)
{
    if (step.status != status)
        differences.push_back({index, "HTTP status", std::to_string(step.status), std::to_string(status), response.dump(1)});
    compareLines(masking.jsonLines(step.response), masking.jsonLines(response), index, "HTTP body", differences);
}

} // namespace core::golden
