#include "app/cli/commands.h"
#include "app/cli/main_command.h"
#include "core/golden/replay.h"

#include <fmt/format.h>

#include <algorithm>

namespace app::cli {

namespace {

using core::golden::CaseResult;
using core::golden::Recording;

struct GoldenOptions {
    std::vector<std::string> folders;
    bool verbose = false;
    std::uint64_t seed = 1;
};

void printDifference(const Recording& recording, const core::golden::Difference& one, bool verbose)
{
    if (one.step < 0)
        fmt::print("  {}\n", one.where);
    else
        fmt::print("  step {}: {}\n    {}\n", one.step, recording.steps[static_cast<std::size_t>(one.step)].command, one.where);
    fmt::print("    expected: {}\n    got:      {}\n", one.expected, one.got);
    if (!verbose || one.unified.empty())
        return;
    for (std::size_t begin = 0; begin < one.unified.size();) {
        const std::size_t end = std::min(one.unified.find('\n', begin), one.unified.size());
        fmt::print("      {}\n", one.unified.substr(begin, end - begin));
        begin = end + 1;
    }
}

void printCase(const Recording& recording, const CaseResult& result, bool verbose)
{
    for (const auto& one : result.differences)
        printDifference(recording, one, verbose);
    fmt::print("{} {}: {} of {} steps as recorded", result.passed() ? "ok  " : "FAIL", result.name, result.stepsPassed, result.steps);
    const auto beside = std::count_if(result.differences.begin(), result.differences.end(), [](const auto& d) { return d.step < 0; });
    fmt::print("{}\n", beside > 0 ? fmt::format(", {} differences beside the steps", beside) : std::string());
}

int golden(const Environment& environment, const GoldenOptions& options)
{
    std::vector<std::string> cases;
    for (const std::string& folder : options.folders) {
        const auto found = core::golden::casesIn(folder);
        if (found.empty())
            return fail(folder + ": holds no recorded case (a folder with a steps.json)");
        cases.insert(cases.end(), found.begin(), found.end());
    }
    nlohmann::json all = nlohmann::json::array();
    std::size_t passed = 0;
    for (const std::string& folder : cases) {
        const auto recording = core::golden::readRecording(folder);
        if (!recording)
            return fail(recording.error().text());
        const auto result = core::golden::replayCase(*recording, options.seed);
        if (!result)
            return fail(result.error().text());
        passed += result->passed() ? 1 : 0;
        if (environment.json)
            all.push_back({{"case", result->name}, {"steps", result->steps}, {"passed", result->passed()}});
        else
            printCase(*recording, *result, options.verbose);
    }
    if (environment.json)
        fmt::print("{}\n", nlohmann::json{{"cases", all}}.dump(2));
    else
        fmt::print("{} of {} cases as recorded\n", passed, cases.size());
    return passed == cases.size() ? kRan : kFailed;
}

} // namespace

void addGoldenCommand(CLI::App& root, Environment& environment, int& status)
{
    auto options = std::make_shared<GoldenOptions>();
    auto* command = root.add_subcommand("golden", "Replay recorded control-plane cases and report each difference");
    command->add_option("DIR", options->folders, "A recorded case, or a folder of them")->required()->check(CLI::ExistingDirectory);
    command->add_flag("--verbose", options->verbose, "Show each difference whole");
    command->add_option("--seed", options->seed, "Of the simulated control plane");
    command->callback([&environment, &status, options] { status = golden(environment, *options); });
}

} // namespace app::cli
