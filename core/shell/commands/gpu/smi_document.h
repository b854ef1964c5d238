#pragma once

#include "core/shell/commands/gpu/smi_state.h"

#include <string>
#include <vector>

namespace core::shell::gpu {

/// Sections that -d picks.
namespace section {
constexpr unsigned kMemory = 1U << 0;
constexpr unsigned kUtilization = 1U << 1;
constexpr unsigned kEcc = 1U << 2;
constexpr unsigned kTemperature = 1U << 3;
constexpr unsigned kPower = 1U << 4;
constexpr unsigned kClock = 1U << 5;
constexpr unsigned kCompute = 1U << 6;
constexpr unsigned kPids = 1U << 7;
constexpr unsigned kPerformance = 1U << 8;
constexpr unsigned kSupportedClocks = 1U << 9;
constexpr unsigned kPageRetirement = 1U << 10;
constexpr unsigned kAccounting = 1U << 11;
constexpr unsigned kEncoderStats = 1U << 12;
constexpr unsigned kRowRemapper = 1U << 13;
constexpr unsigned kVoltage = 1U << 14;
constexpr unsigned kFbcStats = 1U << 15;
/// Not of `nvidia-smi -q` without -d.
constexpr unsigned kOnlyAsked = 1U << 31;
} // namespace section

/// What `nvidia-smi -q` says about a device, once: the text, the XML and the columns of --query-gpu come from the same tree.
struct SmiItem {
    enum class Form : std::uint8_t { Both, Text, Xml };
    std::string label; ///< in the text; empty with `tag`: only in the XML
    std::string tag;   ///< in the XML
    std::string value; ///< empty: a heading
    std::string xmlValue; ///< where it differs
    std::vector<SmiItem> items;
    unsigned sections = 0;
    Form form = Form::Both;
    bool narrow = false; ///< processes are still set as the releases before 580 set everything
};

SmiItem describe(const SmiState& state, const SmiDevice& device);

/// The bits of "MEMORY,ECC"; nothing: one of them is no section.
std::optional<unsigned> sectionsOf(const std::string& names);

std::string queryText(const SmiState& state, const std::vector<SmiDevice>& devices, unsigned sections);
std::string queryXml(const SmiState& state, const std::vector<SmiDevice>& devices);

/// The value at a path of tags ("fb_memory_usage/total"); null: there is none.
const SmiItem* itemAt(const SmiItem& item, std::string_view path);

} // namespace core::shell::gpu
