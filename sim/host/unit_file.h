#pragma once

#include "sim/host/machine.h"

#include <string>
#include <string_view>

namespace sim::host {

/// Reads the settings that this model knows from the text of a unit file or drop-in into `unit`; the rest is
/// left out silently, as systemd does with sections of other programs. "ExecStart=" alone resets. Variables
/// ("$KUBELET_EXTRA_ARGS") are taken from Environment= and EnvironmentFile= of `machine`.
struct UnitFileReader {
    explicit UnitFileReader(const Machine& m) : machine(m) { }
    void read(std::string_view text, Unit& unit);
    /// Splits and expands ExecStart after every text was read.
    void finish(Unit& unit) const;

    const Machine& machine;
    std::map<std::string, std::string> environment;
    std::string execStart;
};

/// ExecStart as it would be expanded now: of the files that systemd has read, with the environment files as they
/// are. The unit's own command when its file is gone.
std::vector<std::string> commandOf(const Machine& machine, const Unit& unit);

/// "service" of "cron.service"; empty for a name without a suffix that this model knows.
std::string unitType(const std::string& name);

/// "100ms", "5s", "1min 30s", "10" (seconds), "infinity".
std::optional<Duration> parseSpan(std::string_view text);

/// Words of a command line with single and double quotes.
std::vector<std::string> commandWords(std::string_view line);

} // namespace sim::host
