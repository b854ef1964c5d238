#pragma once

#include "sim/serving/model.h"

namespace sim::serving {

/// Which attention kernels serve the device. FlashAttention-2 gives each decoding sequence of a mixed batch a whole tile of
/// query rows and launches tiles for the longest prompt of the batch; later ones pack the heads of a group and skip.
enum class AttentionKernel : std::uint8_t { Flash2, Flash3 };

/// One GPU as a serving step sees it: the data sheet, and what kernels were measured to make of it. Efficiencies are of the
/// data sheet's figure, 0 to 1. Sources: README.md.
struct Device {
    std::string name;      ///< short: "H100"
    std::string boardName; ///< as nvidia-smi prints it
    double memoryBytes = 0; ///< that CUDA reports as total
    double bandwidthBytesPerSecond = 0;
    double bf16Flops = 0; ///< dense
    double fp8Flops = 0;  ///< dense; 0: no such units, weights are widened before the product
    double fp4Flops = 0;
    int multiprocessors = 0;

    // Matrix products: seconds = floor + (memory^sharpness + compute^sharpness)^(1/sharpness).
    double weightReadEfficiency = 0.9;
    double computeEfficiency = 0.7;
    double floorSeconds = 4e-6;
    double sharpness = 4;
    double rereadTokens = 1000; ///< rows at which reading the activations again for every tile costs as much as the weights

    AttentionKernel attention = AttentionKernel::Flash2;
    double kvReadEfficiency = 0.93;  ///< decoding
    double prefillEfficiency = 0.55; ///< attention over a long context
    double attentionFloorSeconds = 8e-6;
    double attentionPerSequenceSeconds = 0.33e-6; ///< up to kAttentionSequences
    double elementwiseFloorSeconds = 2.4e-6;
    double elementwiseBandwidthFactor = 1.7; ///< of weightReadEfficiency: part of it stays in the second-level cache

    // All-reduce inside a machine: seconds = latency + 2 (n-1)/n bytes / rate.
    double linkBytesPerSecond = 0; ///< bus bandwidth of large all-reduces
    double linkLatencySeconds = 0;
    bool operator==(const Device&) const = default;
};
BOOST_DESCRIBE_STRUCT(Device, (),
                      (name, boardName, memoryBytes, bandwidthBytesPerSecond, bf16Flops, fp8Flops, fp4Flops, multiprocessors,
                       weightReadEfficiency, computeEfficiency, floorSeconds, sharpness, rereadTokens, attention, kvReadEfficiency,
                       prefillEfficiency, attentionFloorSeconds, attentionPerSequenceSeconds, elementwiseFloorSeconds,
                       elementwiseBandwidthFactor, linkBytesPerSecond, linkLatencySeconds))

std::span<const Device> knownDevices();
/// By the short name in any spelling people use: "RTXPRO6000", "h100 sxm", "NVIDIA H100 80GB HBM3". Null: unknown.
const Device* deviceNamed(std::string_view name);
/// Dense FLOP/s of products whose weights are kept like this: of the units of that width, or, where the device has none and for whole
/// numbers of four bits, of those for bfloat16, to which the weights are widened.
double peakFlops(const Device& device, Precision weights);

} // namespace sim::serving
