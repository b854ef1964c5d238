#pragma once

#include "core/content/library.h"

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <string>

namespace app::cli {

/// What every command can use. The library is loaded on first use: `--help` needs none.
struct Environment {
    std::vector<std::string> contentFolders;
    bool json = false;
    /// How much is said of bad content files: a line a file, or every place in each.
    enum class Problems { Briefly, All };
    std::shared_ptr<const core::content::Library> library(Problems told = Problems::Briefly);

private:
    std::shared_ptr<const core::content::Library> m_library;
};

/// Each adds its subcommand to `root`; the callback stores the exit status.
void addCatalogueCommands(CLI::App& root, Environment& environment, int& status);
void addPlayCommands(CLI::App& root, Environment& environment, int& status);
void addVerifyCommand(CLI::App& root, Environment& environment, int& status);
void addReplayCommand(CLI::App& root, Environment& environment, int& status);
void addReportCommand(CLI::App& root, Environment& environment, int& status);
void addServeCommand(CLI::App& root, Environment& environment, int& status);
void addGoldenCommand(CLI::App& root, Environment& environment, int& status);
void addValidateCommand(CLI::App& root, Environment& environment, int& status);
void addTraceCommand(CLI::App& root, Environment& environment, int& status);
void addBenchCommand(CLI::App& root, Environment& environment, int& status);

/// A file's bytes; an Error says why not.
sim::Result<std::string> textOf(const std::string& path);

/// Prints "faultctl: place: message" on standard error and returns kFailed.
int fail(const std::string& message);

} // namespace app::cli
