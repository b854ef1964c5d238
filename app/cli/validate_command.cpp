#include "app/cli/commands.h"
#include "app/cli/main_command.h"
#include "core/validation/nccl.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>

namespace app::cli {

namespace {

using core::validation::Figure;

sim::Result<std::string> textOf(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    if (!file)
        return sim::Error{"cannot be opened; check that it exists and may be read", path};
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    if (file.bad())
        return sim::Error{"cannot be read to its end; check the disk", path};
    return text;
}

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
    nccl->callback([&environment, &status, path] { status = validateNccl(environment, *path); });
}

} // namespace app::cli
