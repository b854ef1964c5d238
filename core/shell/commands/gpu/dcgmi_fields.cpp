// Fields of dcgmi dmon: numbers, short names, units and widths as dcgm_fields.h and dcgm_fields.cpp of DCGM list them.
#include "core/shell/commands/gpu/dcgmi.h"
#include "core/shell/commands/gpu/smi_figures.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::gpu {

namespace {

using sim::gpu::Gpu;

// Column widths: the device's first, then each field's own plus six and a gap of two.
constexpr int kEntityWidth = 11;
constexpr int kExtraWidth = 8;

std::string whole(double value)
{
    return fmt::format("{:.0f}", value);
}

std::string share(double value)
{
    return fmt::format("{:.3f}", value);
}

std::string counted(std::int64_t value)
{
    return std::to_string(value);
}

constexpr DcgmField kDcgmFields[]{
    {100, "SMCLK", "", 5, [](const Gpu& g) { return counted(g.now.smMHz); }},
    {101, "MMCLK", "", 5, [](const Gpu& g) { return counted(g.kind().memoryMHz); }},
    {112, "DVCCTR", "", 20, [](const Gpu& g) { return counted(static_cast<std::int64_t>(g.now.reasons)); }},
    {140, "MMTMP", "C", 10, [](const Gpu& g) { return counted(wholeC(g.card.heat.memoryC)); }},
    {150, "TMPTR", "C", 5, [](const Gpu& g) { return counted(wholeC(g.temperatureC())); }},
    {153, "GTLIMIT", "C", 5, [](const Gpu& g) { return whole(g.kind().maxOperatingC - wholeC(g.temperatureC())); }},
    {155, "POWER", "W", 10, [](const Gpu& g) { return share(g.now.powerW); }},
    {156, "TOTEC", "mJ", 16, [](const Gpu& g) { return whole(g.now.energyJ * 1000); }},
    {157, "POWINST", "W", 10, [](const Gpu& g) { return share(g.now.powerW); }},
    {158, "SDTMP", "C", 5, [](const Gpu& g) { return whole(g.kind().slowdownC); }},
    {159, "SHTMP", "C", 5, [](const Gpu& g) { return whole(g.kind().shutdownC); }},
    {160, "PMLMT", "W", 10, [](const Gpu& g) { return share(g.settings.powerLimitW); }},
    {202, "RPCTR", "#", 5, [](const Gpu& g) { return counted(g.slot.replays); }},
    {203, "GPUTL", "", 10, [](const Gpu& g) { return counted(percent(g.now.activity.kernel)); }},
    {204, "MCUTL", "", 10, [](const Gpu& g) { return counted(percent(g.now.activity.dram)); }},
    {230, "XIDER", "", 5, [](const Gpu& g) { return counted(g.lastXid); }},
    {250, "FBTTL", "", 10, [](const Gpu& g) { return counted(memoryFigures(g).total); }},
    {251, "FBFRE", "", 10, [](const Gpu& g) { return counted(memoryFigures(g).free); }},
    {252, "FBUSD", "", 10, [](const Gpu& g) { return counted(memoryFigures(g).used); }},
    {253, "FBRSV", "", 10, [](const Gpu& g) { return counted(memoryFigures(g).reserved); }},
    {310, "ESVTL", "", 5, [](const Gpu& g) { return counted(g.card.errors.volatile_.sramCorrectable + g.card.errors.volatile_.dramCorrectable); }},
    {311, "EDVTL", "", 5, [](const Gpu& g) { return counted(g.card.errors.volatile_.uncorrectable()); }},
    {312, "ESATL", "", 5, [](const Gpu& g) { return counted(g.card.errors.aggregate.sramCorrectable + g.card.errors.aggregate.dramCorrectable); }},
    {313, "EDATL", "", 5, [](const Gpu& g) { return counted(g.card.errors.aggregate.uncorrectable()); }},
    {393, "URMPS", "", 10, [](const Gpu& g) { return counted(g.card.errors.remapper.uncorrectable); }},
    {394, "CRMPS", "", 10, [](const Gpu& g) { return counted(g.card.errors.remapper.correctable); }},
    {395, "RRF", "", 20, [](const Gpu& g) { return counted(g.card.errors.remapper.failed); }},
    {396, "RRP", "", 20, [](const Gpu& g) { return counted(g.card.errors.remapper.pending()); }},
    {1001, "GRACT", "", 5, [](const Gpu& g) { return share(g.now.activity.kernel); }},
    {1002, "SMACT", "", 5, [](const Gpu& g) { return share(g.now.activity.sm); }},
    {1004, "TENSO", "", 5, [](const Gpu& g) { return share(g.now.activity.tensor); }},
    {1005, "DRAMA", "", 5, [](const Gpu& g) { return share(g.now.activity.dram); }},
    {1009, "PCITX", "", 20, [](const Gpu& g) { return whole(g.now.activity.pcieTxBytesPerSecond); }},
    {1010, "PCIRX", "", 20, [](const Gpu& g) { return whole(g.now.activity.pcieRxBytesPerSecond); }},
    {1011, "NVLTX", "", 20, [](const Gpu& g) { return whole(g.now.activity.nvlinkTxBytesPerSecond); }},
    {1012, "NVLRX", "", 20, [](const Gpu& g) { return whole(g.now.activity.nvlinkRxBytesPerSecond); }},
};

} // namespace

const DcgmField* dcgmField(int id)
{
    const auto found = std::find_if(std::begin(kDcgmFields), std::end(kDcgmFields), [&](const DcgmField& f) { return f.id == id; });
    return found == std::end(kDcgmFields) ? nullptr : found;
}

std::string monitorHeader(const std::vector<const DcgmField*>& fields)
{
    std::string names = fmt::format("{:<{}}", "#Entity", kEntityWidth);
    std::string units = fmt::format("{:<{}}", "ID", kEntityWidth);
    for (const DcgmField* field : fields) {
        names += fmt::format("{:<{}}", field->name, field->width + kExtraWidth);
        units += fmt::format("{:<{}}", field->unit, field->width + kExtraWidth);
    }
    return names + "\n" + units + "\n";
}

std::string monitorRow(const SmiDevice& device, const std::vector<const DcgmField*>& fields)
{
    std::string row = fmt::format("{:<{}}", fmt::format("GPU {}", device.number), kEntityWidth);
    for (const DcgmField* field : fields)
        row += fmt::format("{:<{}}", isRow(device) ? field->value(*device.gpu) : std::string("N/A"), field->width + kExtraWidth);
    return row + "\n";
}

} // namespace core::shell::gpu
