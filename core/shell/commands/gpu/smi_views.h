#pragma once

#include "core/shell/commands/gpu/smi_state.h"

#include <string>
#include <vector>

namespace core::shell::gpu {

// One file each.
/// What nvidia-smi prints without options.
std::string summaryTable(const SmiState& state, const std::vector<SmiDevice>& devices);
/// -L
std::string deviceList(const std::vector<SmiDevice>& devices);

struct CsvFormat {
    bool header = true;
    bool units = true;
};
/// --query-gpu=FIELDS; on an unknown field the message and nvml::kInvalidArgument.
int queryDevices(SmiPlace& place, const SmiState& state, const std::vector<SmiDevice>& devices, const std::string& fields, CsvFormat format);
int queryPrograms(SmiPlace& place, const SmiState& state, const std::vector<SmiDevice>& devices, const std::string& fields, CsvFormat format);
int queryRemappedRows(SmiPlace& place, const SmiState& state, const std::vector<SmiDevice>& devices, const std::string& fields, CsvFormat format);
int queryClocks(SmiPlace& place, const SmiState& state, const std::vector<SmiDevice>& devices, const std::string& fields, CsvFormat format);
/// Names that --query-gpu takes, in the order of --help-query-gpu.
std::vector<std::string> deviceFieldNames();

int topologyCommand(SmiPlace& place, const std::vector<std::string>& arguments);
int nvlinkCommand(SmiPlace& place, const std::vector<std::string>& arguments);
int deviceMonitor(SmiPlace& place, const std::vector<std::string>& arguments); ///< dmon
int programMonitor(SmiPlace& place, const std::vector<std::string>& arguments); ///< pmon
/// Small subcommands: compute-policy, boost-slider, conf-compute, vgpu, c2c.
int smallCommand(SmiPlace& place, const std::string& name);

/// A change that an option asks for: "-pl" with "500".
struct SmiChange {
    std::string option; ///< the long name
    std::string value;
};
int changeDevices(SmiPlace& place, const SmiState& state, const std::vector<SmiDevice>& devices, const SmiChange& change);

} // namespace core::shell::gpu
