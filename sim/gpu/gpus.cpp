#include "sim/gpu/gpus.h"

#include "sim/engine/assert.h"

#include <cmath>

namespace sim::gpu {

namespace {

constexpr Duration kStep = 1s; // nvidia-smi's own sampling is about this coarse
constexpr std::uint16_t kTick = 0;
// An H100 SXM slows its clocks from 87 °C on (GPU T.Limit 0); below that power follows the load.
constexpr double kSlowdownC = 87.0;
constexpr double kWattsPerDegreeOver = 40.0;

} // namespace

GpuId Gpus::add(Gpu gpu)
{
    gpu.id = GpuId(m_gpus.size());
    m_gpus.push_back(std::move(gpu));
    return m_gpus.back().id;
}

std::vector<GpuId> Gpus::of(HostId host) const
{
    std::vector<GpuId> ids;
    for (const Gpu& gpu : m_gpus)
        if (gpu.host == host)
            ids.push_back(gpu.id);
    return ids;
}

void Gpus::start(Engine& engine)
{
    if (!m_gpus.empty())
        engine.after(kStep, {.part = Part::Gpu, .type = kTick});
}

void Gpus::handle(Engine& engine, const Event& event)
{
    FL_ASSERT(event.type == kTick);
    RandomStream& random = engine.random("gpu/noise");
    const double share = 1.0 - std::exp(-toSeconds(kStep) / 20.0);
    for (Gpu& gpu : m_gpus) {
        const double wanted = gpu.idleW + (gpu.powerLimitW - gpu.idleW) * gpu.utilisation;
        const double over = std::max(0.0, gpu.temperatureC - kSlowdownC);
        const double target = std::min(gpu.powerLimitW, std::max(gpu.idleW, wanted - over * kWattsPerDegreeOver));
        gpu.powerW = target * (1.0 + 0.01 * (random.unit() - 0.5));
        // First order: the chip tends to inlet + R * P with time constant thermalSeconds.
        const double settled = gpu.inletC + gpu.thermalResistance * gpu.powerW;
        gpu.temperatureC += (settled - gpu.temperatureC) * share * 20.0 / gpu.thermalSeconds;
    }
    engine.after(kStep, {.part = Part::Gpu, .type = kTick});
}

void Gpus::addTo(Fingerprint& f) const
{
    sim::addTo(f, m_gpus);
}

} // namespace sim::gpu
