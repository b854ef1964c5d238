#pragma once

#include "core/shell/commands/gpu/smi_state.h"

#include <string>
#include <vector>

namespace core::shell::gpu {

constexpr const char* kDcgmVersion = "4.4.2"; ///< the release that goes with driver 580.105.08

/// Something that a health watch or a diagnostic found about one GPU.
struct DcgmFinding {
    int gpu = 0;
    std::string system; ///< of health: "Memory system"; of a diagnostic: the test
    bool failure = false; ///< else a warning
    std::string message;
};

/// What `dcgmi health -c` knows of the state.
std::vector<DcgmFinding> healthFindings(const SmiState& state);
std::string healthReport(const SmiState& state);

/// What `dcgmi diag -r LEVEL` finds. Tests that need the whole device are skipped where a program holds it.
struct DcgmDiagnostic {
    std::vector<DcgmFinding> findings;
    std::vector<int> skipped; ///< devices in use, or that take no program
};
DcgmDiagnostic diagnose(const SmiState& state, int level);
std::string diagnosticReport(const SmiState& state, int level, const DcgmDiagnostic& found);

/// `dcgmi nvlink -s` and `-e -g GPU`. The second is empty when there is no such device.
std::string nvlinkStatus(const SmiState& state);
std::string nvlinkErrors(const SmiState& state, std::int64_t gpu);

/// What a diagnostic has a device do for a while, while nothing else uses it.
struct DcgmPhase {
    sim::Duration takes{};
    sim::gpu::Activity activity;
    double memoryShare = 0; ///< of the device's memory
};
/// In the order of its tests; docs.nvidia.com, DCGM diagnostics: seconds, about 2 minutes, about 15 minutes; level 4 adds an hour.
std::vector<DcgmPhase> diagnosticPhases(int level);

/// `dcgmi discovery -l`
std::string discoveryList(const SmiState& state);

/// A field that `dcgmi dmon` prints.
struct DcgmField {
    int id = 0;
    const char* name; ///< "TMPTR"
    const char* unit; ///< "C", or empty
    int width = 0;
    std::string (*value)(const sim::gpu::Gpu&);
};
const DcgmField* dcgmField(int id); ///< null: not a field that the lab knows
std::string monitorHeader(const std::vector<const DcgmField*>& fields);
std::string monitorRow(const SmiDevice& device, const std::vector<const DcgmField*>& fields);

} // namespace core::shell::gpu
