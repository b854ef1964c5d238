#include "core/session/gpu_detail.h"

#include "sim/world/world.h"

#include <algorithm>

namespace core::session {

namespace {

std::shared_ptr<const GpuDetail> detailOf(const sim::World& world, const GpuInterest& interest)
{
    auto detail = std::make_shared<GpuDetail>();
    for (const sim::gpu::Node& node : world.gpus().nodes())
        detail->machines.push_back(world.hosts().at(node.host).name);
    if (detail->machines.empty())
        return detail;
    if (interest.racks)
        detail->racks = std::make_shared<const RacksDetail>(racksOf(world));
    if (interest.node) {
        const sim::host::Machine* machine = world.machine(interest.host.empty() ? detail->machines.front() : interest.host);
        if (machine != nullptr && world.gpus().nodeOf(machine->id) != nullptr)
            detail->node = std::make_shared<const NodeDetail>(nodeOf(world, *machine));
    }
    if (interest.fabric)
        detail->fabric = std::make_shared<const FabricDetail>(fabricOf(world, interest));
    if (interest.training != TrainingInterest())
        detail->training = std::make_shared<const TrainingDetail>(trainingOf(world, interest.training));
    return detail;
}

} // namespace

int ChassisReading::fansStill() const
{
    return static_cast<int>(std::count_if(fans.begin(), fans.end(), [](const FanReading& fan) { return !fan.ok; }));
}

int ChassisReading::suppliesOut() const
{
    return static_cast<int>(std::count_if(supplies.begin(), supplies.end(), [](const SupplyReading& one) { return !one.ok; }));
}

std::shared_ptr<const GpuDetail> GpuDetailer::look(const sim::World& world, const GpuInterest& interest, bool still)
{
    if (interest == GpuInterest()) {
        forget();
        return nullptr;
    }
    const bool same = m_asked && *m_asked == interest;
    if (!m_pace.due(world.now(), same, still))
        return m_last;
    if (!same)
        m_asked = std::make_shared<const GpuInterest>(interest);
    m_last = detailOf(world, interest);
    return m_last;
}

} // namespace core::session
