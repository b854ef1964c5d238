#include "app/cli/commands.h"
#include "app/cli/main_command.h"

#include <fmt/format.h>

#include <algorithm>

namespace app::cli {

namespace {

using core::content::Text;
using nlohmann::json;

json textJson(const Text& text) { return {{"en", text.en}, {"zh", text.zh}}; }

void listIncidents(Environment& environment)
{
    const auto library = environment.library(Environment::Problems::All);
    if (environment.json) {
        json out = json::array();
        for (const auto& one : library->incidents)
            out.push_back({{"id", one.id}, {"area", one.area}, {"module", one.module}, {"topology", one.topology},
                           {"title", textJson(one.title)}, {"causes", one.causes.size()}});
        fmt::print("{}\n", out.dump(2));
        return;
    }
    fmt::print("{:<24}{:<14}{:<8}{}\n", "INCIDENT", "AREA", "CAUSES", "TITLE");
    for (const auto& one : library->incidents)
        fmt::print("{:<24}{:<14}{:<8}{}\n", one.id, one.area, one.causes.size(), one.title.en);
}

int listCauses(Environment& environment, const std::string& id)
{
    const auto* incident = environment.library()->incident(id);
    if (incident == nullptr)
        return fail("no such incident: " + id + "; `faultctl incidents` lists them");
    if (environment.json) {
        json out = json::array();
        for (const auto& cause : incident->causes)
            out.push_back({{"id", cause.id}, {"means", textJson(cause.means)}});
        fmt::print("{}\n", out.dump(2));
        return kRan;
    }
    fmt::print("{:<20}{}\n", "CAUSE", "MEANS");
    for (const auto& cause : incident->causes)
        fmt::print("{:<20}{}\n", cause.id, cause.means.en);
    return kRan;
}

void listTopologies(Environment& environment)
{
    const auto& topologies = environment.library()->topologies;
    json out = json::array();
    if (!environment.json)
        fmt::print("{:<15}{:<10}{}\n", "TOPOLOGY", "MACHINES", "SUMMARY");
    for (const auto& [id, topology] : topologies.items()) {
        std::size_t machines = topology.value("machines", json::array()).size();
        for (const json& series : topology.value("machineSeries", json::array()))
            machines += series.value("count", std::size_t{0});
        const std::string summary = topology.contains("summary") ? topology.at("summary").value("en", "") : std::string();
        if (environment.json)
            out.push_back({{"id", id}, {"machines", machines}, {"summary", topology.value("summary", json::object())}});
        else
            fmt::print("{:<15}{:<10}{}\n", id, machines, summary);
    }
    if (environment.json)
        fmt::print("{}\n", out.dump(2));
}

void listModules(Environment& environment)
{
    const auto library = environment.library();
    json out = json::array();
    if (!environment.json)
        fmt::print("{:<4}{:<7}{:<28}{}\n", "N", "PHASE", "MODULE", "TITLE");
    for (const auto& module : library->modules) {
        if (environment.json)
            out.push_back({{"n", module.number}, {"phase", module.phase}, {"id", module.id}, {"title", textJson(module.title)},
                           {"incidents", module.incidents}});
        else
            fmt::print("{:<4}{:<7}{:<28}{}\n", module.number, module.phase, module.id, module.title.en);
    }
    if (environment.json)
        fmt::print("{}\n", out.dump(2));
}

} // namespace

void addCatalogueCommands(CLI::App& root, Environment& environment, int& status)
{
    root.add_subcommand("incidents", "List the incidents")->callback([&] { listIncidents(environment); });
    auto* causes = root.add_subcommand("causes", "List the causes an incident can have");
    auto id = std::make_shared<std::string>();
    causes->add_option("INCIDENT", *id)->required();
    causes->callback([&environment, &status, id] { status = listCauses(environment, *id); });
    root.add_subcommand("topologies", "List the data centres")->callback([&] { listTopologies(environment); });
    root.add_subcommand("modules", "List the curriculum")->callback([&] { listModules(environment); });
}

} // namespace app::cli
