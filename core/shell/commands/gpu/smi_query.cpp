// nvidia-smi -q as text and as XML.
#include "core/shell/commands/gpu/smi_document.h"
#include "core/shell/commands/gpu/smi_figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace core::shell::gpu {

namespace {

constexpr std::size_t kLabelWidth = 55;
constexpr std::size_t kNarrowLabelWidth = 42;

void addText(std::string& text, const SmiItem& item, std::size_t indent)
{
    const std::string line = std::string(indent, ' ') + item.label;
    if (item.value.empty())
        text += line + "\n";
    else
        text += fmt::format("{:<{}}: {}\n", line, item.narrow ? kNarrowLabelWidth : kLabelWidth, item.value);
    for (const SmiItem& below : item.items)
        if (below.form != SmiItem::Form::Xml)
            addText(text, below, indent + 4);
}

void addXml(std::string& text, const SmiItem& item, std::size_t depth)
{
    const std::string indent(depth, '\t');
    const auto inner = [&] {
        for (const SmiItem& below : item.items)
            if (below.form != SmiItem::Form::Text)
                addXml(text, below, depth + 1);
    };
    if (item.tag == "supported_mem_clock") { // the one element with a value and children
        text += fmt::format("{0}<{1}>\n{0}\t<value>{2}</value>\n", indent, item.tag, item.value);
        inner();
        text += fmt::format("{}</{}>\n", indent, item.tag);
        return;
    }
    if (item.tag == "clocks_event_reason_hw_slowdown") { // its parts stand beside it
        text += fmt::format("{0}<{1}>{2}</{1}>\n", indent, item.tag, item.value);
        for (const SmiItem& below : item.items)
            addXml(text, below, depth);
        return;
    }
    const bool list = item.tag == "mig_devices" || item.tag == "processes" || item.tag == "accounted_processes";
    if (!item.items.empty() || list) {
        text += fmt::format("{}<{}>\n", indent, item.tag);
        if (item.tag == "mig_devices" && item.items.empty())
            text += indent + "\tNone\n";
        inner();
        text += fmt::format("{}</{}>\n", indent, item.tag);
        return;
    }
    text += fmt::format("{0}<{1}>{2}</{1}>\n", indent, item.tag, item.xmlValue.empty() ? item.value : item.xmlValue);
}

bool shown(const SmiItem& item, unsigned sections)
{
    if (item.form == SmiItem::Form::Xml)
        return false;
    return sections == 0 ? (item.sections & section::kOnlyAsked) == 0 : (item.sections & sections) != 0;
}

} // namespace

std::optional<unsigned> sectionsOf(const std::string& names)
{
    static const std::map<std::string, unsigned, std::less<>> kSections{
        {"MEMORY", section::kMemory},           {"UTILIZATION", section::kUtilization},
        {"ECC", section::kEcc},                 {"TEMPERATURE", section::kTemperature},
        {"POWER", section::kPower},             {"CLOCK", section::kClock},
        {"COMPUTE", section::kCompute},         {"PIDS", section::kPids},
        {"PERFORMANCE", section::kPerformance}, {"SUPPORTED_CLOCKS", section::kSupportedClocks},
        {"PAGE_RETIREMENT", section::kPageRetirement}, {"ACCOUNTING", section::kAccounting},
        {"ENCODER_STATS", section::kEncoderStats},     {"ROW_REMAPPER", section::kRowRemapper},
        {"VOLTAGE", section::kVoltage},         {"FBC_STATS", section::kFbcStats}};
    unsigned bits = 0;
    for (std::string name : commaSeparated(names)) {
        std::transform(name.begin(), name.end(), name.begin(), [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
        const auto found = kSections.find(name);
        if (found == kSections.end())
            return std::nullopt;
        bits |= found->second;
    }
    return bits == 0 ? std::nullopt : std::optional(bits);
}

std::string queryText(const SmiState& state, const std::vector<SmiDevice>& devices, unsigned sections)
{
    const auto head = [](std::string_view label, std::string_view value) { return fmt::format("{:<{}}: {}\n", label, kLabelWidth, value); };
    std::string text = "\n==============NVSMI LOG==============\n\n";
    text += head("Timestamp", stampLong(state.now)) + head("Driver Version", state.node->driver.version) + head("CUDA Version", sim::gpu::kCudaVersion);
    text += "\n" + head("Attached GPUs", std::to_string(state.devices.size()));
    for (const SmiDevice& device : devices) {
        if (!isRow(device))
            continue;
        const SmiItem tree = describe(state, device);
        text += "GPU " + tree.value + "\n";
        for (const SmiItem& item : tree.items)
            if (shown(item, sections))
                addText(text, item, 4);
        text += "\n";
    }
    return text;
}

std::string queryXml(const SmiState& state, const std::vector<SmiDevice>& devices)
{
    std::string text = "<?xml version=\"1.0\" ?>\n<!DOCTYPE nvidia_smi_log SYSTEM \"nvsmi_device_v13.dtd\">\n<nvidia_smi_log>\n";
    const auto head = [](std::string_view tag, std::string_view value) { return fmt::format("\t<{0}>{1}</{0}>\n", tag, value); };
    text += head("timestamp", stampLong(state.now)) + head("driver_version", state.node->driver.version) + head("cuda_version", sim::gpu::kCudaVersion)
        + head("attached_gpus", std::to_string(state.devices.size()));
    for (const SmiDevice& device : devices) {
        if (!isRow(device))
            continue;
        const SmiItem tree = describe(state, device);
        text += "\t<gpu id=\"" + tree.value + "\">\n";
        for (const SmiItem& item : tree.items)
            if (item.form != SmiItem::Form::Text)
                addXml(text, item, 2);
        text += "\t</gpu>\n\n";
    }
    return text + "</nvidia_smi_log>\n";
}

const SmiItem* itemAt(const SmiItem& item, std::string_view path)
{
    const std::size_t slash = path.find('/');
    const std::string_view first = path.substr(0, slash);
    for (const SmiItem& below : item.items) {
        if (below.tag == first && (below.form != SmiItem::Form::Text || below.items.empty()))
            return slash == std::string_view::npos ? &below : itemAt(below, path.substr(slash + 1));
        if (below.tag == "clocks_event_reason_hw_slowdown" && first.starts_with("clocks_event_reason_hw_"))
            if (const SmiItem* part = itemAt(below, path))
                return part;
    }
    return nullptr;
}

} // namespace core::shell::gpu
