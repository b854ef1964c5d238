#pragma once

#include "sim/engine/engine.h"
#include "sim/engine/ids.h"

#include <string>
#include <vector>

namespace sim::gpu {

struct Gpu {
    GpuId id;
    HostId host;
    std::int64_t index = 0;           ///< as nvidia-smi numbers them
    std::string model;                ///< "NVIDIA H100 80GB HBM3"
    std::string uuid;                 ///< "GPU-..."
    std::string busId;                ///< "00000000:19:00.0"
    double powerLimitW = 700;
    double idleW = 70;
    double utilisation = 0;           ///< 0..1, from the programs that use it
    double powerW = 70;
    double temperatureC = 30;
    double inletC = 24;
    double thermalResistance = 0;     ///< °C per W from chip to inlet at full fans
    double thermalSeconds = 20;       ///< time constant
    std::int64_t memoryTotalBytes = 0;
    std::int64_t memoryUsedBytes = 0;
    ContainerId owner;                ///< the container it is assigned to; none when free
    bool operator==(const Gpu&) const = default;
};
BOOST_DESCRIBE_STRUCT(Gpu, (), (id, host, index, model, uuid, busId, powerLimitW, idleW, utilisation, powerW, temperatureC, inletC,
    thermalResistance, thermalSeconds, memoryTotalBytes, memoryUsedBytes, owner))

/// The GPUs of all machines. Temperature follows power by a first-order model, updated each second.
class Gpus {
public:
    GpuId add(Gpu gpu);
    const std::vector<Gpu>& all() const { return m_gpus; }
    Gpu& at(GpuId id) { return m_gpus[id.value]; }
    const Gpu& at(GpuId id) const { return m_gpus[id.value]; }
    std::vector<GpuId> of(HostId host) const;

    void start(Engine& engine);
    void handle(Engine& engine, const Event& event); ///< events of Part::Gpu

    bool operator==(const Gpus&) const = default;
    void addTo(Fingerprint& f) const;

private:
    std::vector<Gpu> m_gpus;
};

} // namespace sim::gpu
