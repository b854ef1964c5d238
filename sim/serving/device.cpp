#include "sim/serving/device.h"

#include "sim/engine/letters.h"
#include "sim/gpu/board.h"

#include <vector>

namespace sim::serving {

namespace {

constexpr double kGiga = 1e9;
constexpr double kTera = 1e12;

/// A module with NVLink: what its board is, sim/gpu says.
Device module(std::string name, std::string_view board)
{
    const gpu::Board& sheet = *gpu::boardNamed(board);
    Device d;
    d.name = std::move(name);
    d.boardName = sheet.name;
    d.memoryBytes = static_cast<double>(sheet.memoryMiB - sheet.reservedMiB) * kMiB;
    d.bandwidthBytesPerSecond = sheet.hbmGBs * kGiga;
    d.bf16Flops = sheet.bf16TflopsPeak * kTera;
    d.multiprocessors = sheet.multiprocessors;
    return d;
}

Device ampere(std::string name, std::string_view board)
{
    Device d = module(std::move(name), board);
    d.weightReadEfficiency = 0.87;
    d.computeEfficiency = 0.78;
    d.kvReadEfficiency = 0.84;
    d.prefillEfficiency = 0.58;
    d.linkBytesPerSecond = 230e9;
    d.linkLatencySeconds = 9e-6;
    return d;
}

Device hopper(std::string name, std::string_view board)
{
    Device d = module(std::move(name), board);
    d.fp8Flops = 2 * d.bf16Flops;
    d.weightReadEfficiency = 0.90;
    d.computeEfficiency = 0.70;
    d.attention = AttentionKernel::Flash3;
    d.kvReadEfficiency = 0.93;
    d.prefillEfficiency = 0.57;
    d.linkBytesPerSecond = 370e9;
    d.linkLatencySeconds = 8e-6;
    return d;
}

/// Boards without NVLink: what crosses between them goes through the host's memory.
Device card(std::string name, std::string board, double memoryGiB, double bandwidth, double tera, int multiprocessors)
{
    Device d;
    d.name = std::move(name);
    d.boardName = std::move(board);
    d.memoryBytes = memoryGiB * kGiB;
    d.bandwidthBytesPerSecond = bandwidth * kTera;
    d.bf16Flops = tera * kTera;
    d.multiprocessors = multiprocessors;
    d.weightReadEfficiency = 0.93;
    d.linkBytesPerSecond = 16e9;
    d.linkLatencySeconds = 20e-6;
    return d;
}

std::vector<Device> makeDevices()
{
    std::vector<Device> devices;
    devices.push_back(ampere("A100-80", "A100"));
    Device small = ampere("A100-40", "A100");
    small.boardName = "NVIDIA A100-SXM4-40GB";
    small.memoryBytes = 39.39 * kGiB;
    small.bandwidthBytesPerSecond = 1.555 * kTera;
    devices.push_back(small);
    devices.push_back(hopper("H100", "H100"));
    Device pcie = hopper("H100-PCIe", "H100");
    pcie.boardName = "NVIDIA H100 PCIe";
    pcie.bandwidthBytesPerSecond = 2.0 * kTera;
    pcie.bf16Flops = 756 * kTera;
    pcie.fp8Flops = 1513 * kTera;
    pcie.multiprocessors = 114;
    pcie.linkBytesPerSecond = 110e9;
    devices.push_back(pcie);
    devices.push_back(hopper("H200", "H200"));

    Device b200 = hopper("B200", "B200");
    b200.fp4Flops = 4 * b200.bf16Flops;
    b200.computeEfficiency = 0.58; // narrow formats at 1 kW do not hold the data sheet's clock
    b200.linkBytesPerSecond = 680e9;
    devices.push_back(b200);

    Device l40s = card("L40S", "NVIDIA L40S", 44.53, 0.864, 362.05, 142);
    l40s.fp8Flops = 733 * kTera;
    l40s.computeEfficiency = 0.62;
    l40s.prefillEfficiency = 0.42;
    devices.push_back(l40s);
    Device a30 = card("A30", "NVIDIA A30", 23.50, 0.933, 165, 56);
    a30.weightReadEfficiency = 0.87;
    a30.kvReadEfficiency = 0.84;
    a30.computeEfficiency = 0.78;
    devices.push_back(a30);
    Device rtx4090 = card("RTX4090", "NVIDIA GeForce RTX 4090", 23.52, 1.008, 165.2, 128);
    rtx4090.fp8Flops = 330.3 * kTera;
    rtx4090.weightReadEfficiency = 0.936;
    rtx4090.computeEfficiency = 0.98; // the clock runs above the one that the peak is told at
    rtx4090.floorSeconds = 5e-6;
    rtx4090.sharpness = 8;
    rtx4090.rereadTokens = 790;
    rtx4090.kvReadEfficiency = 0.95;
    rtx4090.prefillEfficiency = 0.84;
    devices.push_back(rtx4090);
    Device pro = card("RTXPRO6000", "NVIDIA RTX PRO 6000 Blackwell Server Edition", 94.97, 1.597, 503.8, 188);
    pro.fp8Flops = 1007.6 * kTera;
    pro.fp4Flops = 2015.2 * kTera;
    pro.weightReadEfficiency = 0.926;
    pro.computeEfficiency = 0.78;
    pro.floorSeconds = 4.3e-6;
    pro.sharpness = 3.1;
    pro.rereadTokens = 1220;
    pro.kvReadEfficiency = 0.955;
    pro.prefillEfficiency = 0.545;
    devices.push_back(pro);
    return devices;
}

const std::vector<Device>& devices()
{
    static const std::vector<Device> kDevices = makeDevices();
    return kDevices;
}

/// Letters and digits only, in lower case, without the words that add nothing.
std::string plain(std::string_view name)
{
    std::string letters = lowered(name);
    std::erase_if(letters, [](char c) { return (c < 'a' || c > 'z') && (c < '0' || c > '9'); });
    for (const std::string_view word : {"nvidia", "geforce", "blackwell", "serveredition", "sxm4", "sxm5", "sxm", "hbm3e", "hbm3", "gb"})
        if (const auto at = letters.find(word); at != std::string::npos)
            letters.erase(at, word.size());
    return letters;
}

} // namespace

std::span<const Device> knownDevices() { return devices(); }

const Device* deviceNamed(std::string_view name)
{
    const std::string wanted = plain(name);
    for (const Device& device : devices())
        if (wanted == plain(device.name) || wanted == plain(device.boardName))
            return &device;
    if (wanted == "a100")
        return deviceNamed("A100-80");
    return nullptr;
}

double peakFlops(const Device& device, Precision weights)
{
    const bool eight = weights == Precision::Float8 || weights == Precision::Int8; // as fast as one another on all boards here
    const double narrow = weights == Precision::Float4 ? device.fp4Flops : eight ? device.fp8Flops : 0;
    return narrow > 0 ? narrow : device.bf16Flops;
}

} // namespace sim::serving
