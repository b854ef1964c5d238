// rdma of iproute2 6.1: link, dev and statistic.
#include "core/shell/commands/fabric/rdma_tool.h"

#include <fmt/format.h>

namespace core::shell::fabric {

using namespace rdma;

namespace {

bool names(const Device& device, const std::string& link)
{
    return link.empty() || link == device.name || link == device.name + "/1" || link == device.name + "/-";
}

Text unknownLink(Text text, const std::string& link)
{
    if (!link.empty() && text.out.empty()) {
        text.errors = "Wrong device name\n";
        text.status = 234; // -EINVAL, of which the shell sees the lower eight bits
    }
    return text;
}

} // namespace

std::vector<std::pair<std::string, std::uint64_t>> hardwareCounters(const Fabric& fabric, DeviceId device)
{
    const auto value = [&](DeviceCounter counter) {
        return fabric.counter(device, counter);
    };
    std::vector<std::pair<std::string, std::uint64_t>> counters = {
        {"rx_write_requests", value(DeviceCounter::RxWriteRequests)},
        {"rx_read_requests", value(DeviceCounter::RxReadRequests)},
        {"rx_atomic_requests", 0},
        {"out_of_buffer", 0},
        {"out_of_sequence", value(DeviceCounter::OutOfSequence)},
        {"duplicate_request", 0},
        {"rnr_nak_retry_err", 0},
        {"packet_seq_err", value(DeviceCounter::PacketSeqErr)},
        {"implied_nak_seq_err", 0},
        {"local_ack_timeout_err", value(DeviceCounter::LocalAckTimeoutErr)},
        {"resp_local_length_error", 0},
        {"resp_cqe_error", 0},
        {"req_cqe_error", value(DeviceCounter::ReqCqeError)},
        {"req_remote_invalid_request", 0},
        {"req_remote_access_errors", 0},
        {"resp_remote_access_errors", 0},
        {"resp_cqe_flush_error", 0},
        {"req_cqe_flush_error", 0},
        {"roce_adp_retrans", 0},
        {"roce_adp_retrans_to", 0},
        {"roce_slow_restart", 0},
        {"roce_slow_restart_cnps", 0},
        {"roce_slow_restart_trans", 0},
    };
    if (fabric.layer() == LinkLayer::Ethernet)
        counters.insert(counters.end(),
                        {{"rp_cnp_ignored", 0},
                         {"rp_cnp_handled", value(DeviceCounter::RpCnpHandled)},
                         {"np_ecn_marked_roce_packets", value(DeviceCounter::NpEcnMarkedRocePackets)},
                         {"np_cnp_sent", value(DeviceCounter::NpCnpSent)},
                         {"rx_icrc_encapsulated", 0}});
    return counters;
}

Text rdmaLinkText(const Fabric& fabric, sim::HostId host, const std::string& link)
{
    Text text;
    for (const DeviceId id : fabric.devicesOf(host)) {
        const Device& d = fabric.device(id);
        const Port& port = fabric.port(id);
        if (!names(d, link))
            continue;
        const std::string state = stateInSysfs(port).substr(3);
        const char* physical = port.physical == PhysicalState::LinkUp ? "LINK_UP"
            : port.physical == PhysicalState::Disabled                ? "DISABLED"
                                                                      : "POLLING";
        text.out += fabric.layer() == LinkLayer::InfiniBand
            ? fmt::format("link {}/1 subnet_prefix fe80:0000:0000:0000 lid {} sm_lid {} lmc 0 state {} "
                          "physical_state {} \n",
                          d.name, port.lid, port.smLid, state, physical)
            : fmt::format("link {}/1 state {} physical_state {} netdev {} \n", d.name, state, physical,
                          d.netdev);
    }
    return unknownLink(std::move(text), link);
}

Text rdmaDevText(const Fabric& fabric, sim::HostId host, const std::string& device)
{
    Text text;
    int index = 0;
    for (const DeviceId id : fabric.devicesOf(host)) {
        const Device& d = fabric.device(id);
        if (device.empty() || device == d.name)
            text.out += fmt::format("{}: {}: node_type ca fw {} node_guid {} sys_image_guid {} \n", index,
                                    d.name, d.firmware, guidInSysfs(d.nodeGuid), guidInSysfs(d.nodeGuid));
        ++index;
    }
    return unknownLink(std::move(text), device);
}

Text rdmaStatisticText(const Fabric& fabric, sim::HostId host, const std::string& link)
{
    Text text;
    for (const DeviceId id : fabric.devicesOf(host)) {
        if (!names(fabric.device(id), link))
            continue;
        text.out += fmt::format("link {}/1 ", fabric.device(id).name);
        for (const auto& [name, value] : hardwareCounters(fabric, id))
            text.out += fmt::format("{} {} ", name, value);
        text.out += "\n";
    }
    return unknownLink(std::move(text), link);
}

} // namespace core::shell::fabric
