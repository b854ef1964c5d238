#pragma once

#include "core/shell/commands/gpu/smi_state.h"
#include "sim/gpu/memory_figures.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core::shell::gpu {

using sim::gpu::MemoryFigures;
using sim::gpu::memoryFigures;

/// One instance of a divided device, with the number that -L gives it.
struct MigDevice {
    int number = 0;
    const sim::gpu::MigInstance* instance = nullptr;
};
/// Those with a compute instance, in the order of -L: larger ones first.
std::vector<MigDevice> migDevices(const sim::gpu::Gpu& gpu);

bool isRow(const SmiDevice& device); ///< answers: neither lost nor absent
/// The system processor does not answer (Xid 119, 120): figures that it keeps are "ERR!".
bool isSick(const sim::gpu::Gpu& gpu);

int wholeC(double celsius);
int percent(double share);
/// Watts of the HBM alone.
double memoryPowerW(const sim::gpu::Gpu& gpu);
int videoMHz(const sim::gpu::Gpu& gpu);
/// Module on the baseboard, from 1.
int moduleId(const SmiDevice& device);
/// "Completed", "In Progress" or "N/A".
std::string fabricState(const SmiState& state, const SmiDevice& device);

/// "C", of an MPS client "M+C".
const char* typeOf(const sim::gpu::GpuProcess& process);
std::string stampLong(sim::Instant at);     ///< "Thu Nov 26 10:00:45 2026"
std::string stampDetailed(sim::Instant at); ///< "2026/11/26 10:00:55.402"
/// "--name=value" or "--name value" handled alike; splits at commas, drops blanks.
std::vector<std::string> commaSeparated(std::string_view text);
/// Devices that -i names by number, UUID, serial number or bus id; all when the list is empty. Nothing: one of them does not exist.
std::optional<std::vector<SmiDevice>> chosen(const SmiState& state, const std::string& list);

/// "Unable to determine the device handle ...": one line for each lost device in the list.
std::string lostLines(const std::vector<SmiDevice>& devices);

} // namespace core::shell::gpu
