#include "core/incident/sim_world_probe.h"
#include "sim/training/jobs/jobs.h"
#include "sim/world/world.h"

#include <algorithm>

// What predicates ask of a RoCE network.
namespace core::incident {

using namespace sim;

std::optional<RoceState> SimWorldProbe::roce() const
{
    const net::rdma::Fabric& fabric = m_world.rdma();
    if (fabric.layer() != net::rdma::LinkLayer::Ethernet || fabric.switches().empty())
        return std::nullopt;
    const net::rdma::Qos& design = fabric.switches().front().designedQos;
    RoceState state;
    for (const net::rdma::Port& port : fabric.ports()) {
        if (!port.cable.valid())
            continue;
        state.trusts = state.trusts && port.qos.trust == design.trust;
        state.pauses = state.pauses && port.qos.pfc == design.pfc;
        state.marks = state.marks && port.qos.ecn == design.ecn;
    }
    for (std::size_t i = 0; i < fabric.devices().size(); ++i) {
        const net::rdma::Device& device = fabric.devices()[i];
        const net::rdma::PortId port{i};
        const bool hangs = device.receiveStalled || device.stalls.planned();
        state.receiversDrain = state.receiversDrain && !(hangs && device.powered && fabric.linkUp(port));
    }
    bool sends = false;
    for (const auto& [key, job] : m_world.training().all())
        if (job.run)
            for (const net::rdma::TransferId id : job.run->transfers)
                if (const auto transfer = fabric.transfers().find(id); transfer != fabric.transfers().end()) {
                    sends = true;
                    state.jobLossless = state.jobLossless && (design.pfc >> net::rdma::priorityOf(design, transfer->second.request.trafficClass) & 1) != 0;
                }
    state.jobLossless = state.jobLossless && sends;
    return state;
}

} // namespace core::incident
