#include "app/cli/main_command.h"

#include "app/cli/commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string_view>
#include <system_error>

namespace app::cli {

namespace {

/// The installed content, or the source tree's while developing; then the user's own packs.
std::vector<std::string> defaultContent()
{
    std::vector<std::string> folders;
    std::error_code ignored;
    for (const char* folder : {FAULTLINE_SOURCE_CONTENT, FAULTLINE_INSTALLED_CONTENT})
        if (folders.empty() && std::filesystem::is_directory(folder, ignored))
            folders.emplace_back(folder);
    const char* data = std::getenv("XDG_DATA_HOME");
    const char* home = std::getenv("HOME");
    const std::string own = data != nullptr && *data != '\0' ? std::string(data) + "/faultline/content"
        : home != nullptr                                    ? std::string(home) + "/.local/share/faultline/content"
                                                             : std::string();
    if (!own.empty() && std::filesystem::is_directory(own, ignored))
        folders.push_back(own);
    return folders;
}

/// "/my/pack/incidents/mine.json:3 /area" names this file; empty: the problem is of the library as a whole.
std::string fileOf(const sim::Error& problem)
{
    constexpr std::string_view kExtension = ".json";
    const auto at = problem.where.find(kExtension);
    return at == std::string::npos ? std::string() : problem.where.substr(0, at + kExtension.size());
}

/// The first thing wrong with each file. What the whole lacks because a file was left out is no news beside that.
std::vector<std::string> briefly(const std::vector<sim::Error>& problems)
{
    std::vector<std::string> lines;
    std::map<std::string, int> places;
    for (const sim::Error& problem : problems)
        ++places[fileOf(problem)];
    const bool filesLeftOut = places.size() > places.count("");
    std::set<std::string> told;
    for (const sim::Error& problem : problems) {
        const std::string file = fileOf(problem);
        if (file.empty() ? filesLeftOut : !told.insert(file).second)
            continue;
        const int more = file.empty() ? 0 : places[file] - 1;
        lines.push_back(problem.text() + (more == 0 ? "" : fmt::format(" ({} more: `faultctl incidents`)", more)));
    }
    return lines;
}

std::vector<std::string> inFull(const std::vector<sim::Error>& problems)
{
    std::vector<std::string> lines;
    for (const sim::Error& problem : problems)
        lines.push_back(problem.text());
    return lines;
}

} // namespace

std::shared_ptr<const core::content::Library> Environment::library(Problems told)
{
    if (!m_library) {
        auto loaded = std::make_shared<core::content::Library>(core::content::load(contentFolders));
        for (const std::string& line : told == Problems::All ? inFull(loaded->problems) : briefly(loaded->problems))
            fmt::print(stderr, "faultctl: content: {}\n", line);
        m_library = std::move(loaded);
    }
    return m_library;
}

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

int fail(const std::string& message)
{
    fmt::print(stderr, "faultctl: {}\n", message);
    return kFailed;
}

int run(int argc, char** argv)
{
    CLI::App root("Faultline without a screen: a simulated data centre to learn AI infrastructure operations in", "faultctl");
    root.set_version_flag("--version", "faultctl " FAULTLINE_VERSION);
    root.require_subcommand(0, 1); // none is told below: CLI11 would say so of a misspelt one as well
    root.fallthrough();
    Environment environment;
    environment.contentFolders = defaultContent();
    std::vector<std::string> more;
    root.add_option("--content", more, "Further content folders (a pack of incidents or topologies)")->check(CLI::ExistingDirectory);
    root.add_flag("--json", environment.json, "Print JSON");
    root.parse_complete_callback([&] {
        environment.contentFolders.insert(environment.contentFolders.end(), more.begin(), more.end());
    });
    int status = kRan;
    addCatalogueCommands(root, environment, status);
    addPlayCommands(root, environment, status);
    addVerifyCommand(root, environment, status);
    addReplayCommand(root, environment, status);
    addReportCommand(root, environment, status);
    addServeCommand(root, environment, status);
    addGoldenCommand(root, environment, status);
    addValidateCommand(root, environment, status);
    addTraceCommand(root, environment, status);
    addBenchCommand(root, environment, status);
    try {
        root.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return root.exit(problem) == 0 ? kRan : kUsage;
    } catch (const std::system_error& problem) { // a full disk under standard output
        return fail(problem.what());
    }
    if (root.get_subcommands().empty()) {
        fail("a command is required; faultctl --help lists them");
        return kUsage;
    }
    // What is still in the buffer can fail as well, and what was flushed on the way may have failed before.
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
        return fail("standard output: could not be written; check free space");
    return status;
}

} // namespace app::cli
