#include "app/cli/commands.h"
#include "app/cli/main_command.h"
#include "core/validation/nccl.h"
#include "core/validation/vllm.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>

namespace app::cli {

namespace {

using core::validation::Figure;

/// The suites share how figures are told.
int printFigures(const Environment& environment, const std::vector<Figure>& figures)
{
    if (environment.json) {
        nlohmann::json rows = nlohmann::json::array();
        for (const Figure& one : figures)
            rows.push_back({{"name", one.name}, {"expected", one.expected}, {"simulated", one.simulated}, {"error", one.error()}});
        fmt::print("{}\n", nlohmann::json{{"rows", rows}}.dump(2));
        return kRan;
    }
    std::size_t width = 4;
    double sum = 0;
    double worst = 0;
    for (const Figure& one : figures) {
        width = std::max(width, one.name.size());
        sum += std::abs(one.error());
        worst = std::max(worst, std::abs(one.error()));
    }
    fmt::print("{:<{}}  {:>10}  {:>10}  {:>8}\n", "name", width, "expected", "simulated", "error");
    for (const Figure& one : figures)
        fmt::print("{:<{}}  {:>10.4g}  {:>10.4g}  {:>+7.1f}%\n", one.name, width, one.expected, one.simulated, 100 * one.error());
    fmt::print("{} rows, mean error {:.1f} %, worst {:.1f} %\n", figures.size(), 100 * sum / static_cast<double>(figures.size()),
               100 * worst);
    return kRan;
}

int validateNccl(const Environment& environment, const std::string& path)
{
    const auto text = textOf(path);
    if (!text)
        return fail(text.error().text());
    const auto rows = core::validation::readNcclRows(*text, path);
    if (!rows)
        return fail(rows.error().text());
    std::vector<Figure> figures;
    for (const core::validation::NcclRow& row : *rows) {
        const auto figure = core::validation::simulate(row);
        if (!figure)
            return fail(figure.error().text());
        figures.push_back(*figure);
    }
    return printFigures(environment, figures);
}

/// Running and waiting requests of a run, measured and simulated, every few seconds.
void printSeconds(const core::validation::VllmRun& run, const core::validation::VllmComparison& comparison)
{
    constexpr std::size_t kRows = 24;
    const std::size_t step = std::max<std::size_t>(1, run.seconds.size() / kRows);
    fmt::print("\n{}: {} blocks, {} preemptions\n{:>8}  {:>18}  {:>18}\n", run.name, comparison.memory.blocks, comparison.preemptions, "second",
               "running meas. sim.", "waiting meas. sim.");
    for (std::size_t i = 0; i < run.seconds.size(); i += step) {
        const core::validation::MeasuredSecond& measured = run.seconds[i];
        const bool over = i >= comparison.simulatedSeconds.size();
        const core::validation::MeasuredSecond simulated = over ? core::validation::MeasuredSecond{} : comparison.simulatedSeconds[i];
        fmt::print("{:>8.0f}  {:>12.0f} {:>5.0f}  {:>12.0f} {:>5.0f}\n", measured.second, measured.running, simulated.running, measured.waiting,
                   simulated.waiting);
    }
}

int validateVllm(const Environment& environment, const std::vector<std::string>& folders)
{
    std::vector<Figure> figures;
    std::vector<std::pair<core::validation::VllmRun, core::validation::VllmComparison>> runs;
    for (const std::string& folder : folders) {
        const std::filesystem::path path(folder);
        core::validation::VllmFiles files;
        for (const auto& [name, text] : {std::pair("config.json", &files.config), std::pair("meta.json", &files.meta),
                                         std::pair("requests.jsonl", &files.requests)}) {
            auto read = textOf((path / name).string());
            if (!read)
                return fail(read.error().text());
            *text = std::move(*read);
        }
        if (auto series = textOf((path / "timeseries.csv").string()))
            files.timeseries = std::move(*series);
        const std::string name = (path.has_filename() ? path : path.parent_path()).filename().string();
        auto run = core::validation::readVllmRun(name, files);
        if (!run)
            return fail(run.error().text());
        auto comparison = core::validation::simulate(*run);
        if (!comparison)
            return fail(comparison.error().text());
        figures.insert(figures.end(), comparison->figures.begin(), comparison->figures.end());
        runs.emplace_back(std::move(*run), std::move(*comparison));
    }
    const int status = printFigures(environment, figures);
    if (!environment.json)
        for (const auto& [run, comparison] : runs)
            printSeconds(run, comparison);
    return status;
}

} // namespace

void addValidateCommand(CLI::App& root, Environment& environment, int& status)
{
    auto* command = root.add_subcommand("validate", "Simulate measured runs and print the error of each figure");
    command->require_subcommand(1);
    auto path = std::make_shared<std::string>();
    auto* nccl = command->add_subcommand("nccl", "Bus bandwidths of nccl-tests (GB/s)");
    nccl->add_option("FILE", *path,
                     "CSV with a header, or JSON: system, nodes, gpus (per node), collective, algorithm (or auto), bytes, busbw")
        ->required();
    auto folders = std::make_shared<std::vector<std::string>>();
    auto* vllm = command->add_subcommand("vllm", "Runs of a vLLM server: latencies (ms), throughput (tokens/s), queues");
    vllm->add_option("DIR", *folders, "folders with config.json, meta.json, requests.jsonl and, if there is one, timeseries.csv")->required();
    vllm->callback([&environment, &status, folders] { status = validateVllm(environment, *folders); });
    nccl->callback([&environment, &status, path] { status = validateNccl(environment, *path); });
}

} // namespace app::cli
