#include "sim/world/rdma_streams.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string_view>

namespace sim {

namespace {

using net::rdma::DeviceId;
using net::rdma::Fabric;
using net::rdma::TransferRequest;

constexpr std::string_view kCache = "shard-cache";
constexpr std::string_view kBandwidthTest = "ib_write_bw";
constexpr std::string_view kForEver = "--run_infinitely";
/// Options of perftest that take no value (core/shell/commands/fabric/perftest_tool.cpp); the cache has none.
constexpr std::array<std::string_view, 6> kFlags{"-a", "--all", "-F", "--CPU-freq", "--report_gbits", kForEver};
/// perftest takes more, one machine's port is full with fewer.
constexpr int kMostQueuePairs = 64;

/// The words of a command line, read as getopt_long does where each option but kFlags takes a value.
struct Words {
    std::multimap<std::string, std::string, std::less<>> options; ///< by name with its dashes
    std::string operand;                                          ///< the last word that belongs to no option
    std::string value(std::string_view name, std::string_view fallback = {}) const
    {
        const auto found = options.find(name);
        return found == options.end() ? std::string(fallback) : found->second;
    }
};

Words read(const std::vector<std::string>& command)
{
    Words words;
    for (std::size_t i = 1; i < command.size(); ++i) {
        const std::string& word = command[i];
        if (word.size() < 2 || word[0] != '-') {
            words.operand = word;
        } else if (const std::size_t equals = word.find('='); equals != std::string::npos) {
            words.options.emplace(word.substr(0, equals), word.substr(equals + 1));
        } else if (std::find(kFlags.begin(), kFlags.end(), word) != kFlags.end()) {
            words.options.emplace(word, "");
        } else if (i + 1 < command.size()) {
            words.options.emplace(word, command[i + 1]);
            ++i;
        }
    }
    return words;
}

const host::Process* processNamed(const host::Machine& machine, std::string_view name)
{
    if (machine.power != host::Machine::Power::On)
        return nullptr;
    const auto found = std::ranges::find_if(machine.processes, [&](const auto& one) { return one.second.name == name && one.second.runs(); });
    return found == machine.processes.end() ? nullptr : &found->second;
}

std::vector<TransferRequest> pulls(const host::Hosts& hosts, const Fabric& fabric, HostId host, const host::Process& process)
{
    const Words words = read(process.command);
    std::vector<TransferRequest> requests;
    const DeviceId own = fabric.find(host, words.value("--device"));
    const auto [first, last] = words.options.equal_range("--pull");
    for (auto pull = first; pull != last; ++pull) {
        const std::size_t colon = pull->second.find(':');
        const host::Machine* peer = hosts.find(pull->second.substr(0, colon));
        if (colon == std::string::npos || peer == nullptr || peer->id == host || processNamed(*peer, kCache) == nullptr)
            continue;
        TransferRequest request;
        request.from = fabric.find(peer->id, pull->second.substr(colon + 1));
        request.to = own;
        request.trafficClass = static_cast<std::uint8_t>(std::atoi(words.value("--tclass", "0").c_str()));
        requests.push_back(request);
    }
    return requests;
}

std::vector<TransferRequest> bandwidthTest(const host::Hosts& hosts, const Fabric& fabric, HostId host, const host::Process& process)
{
    const Words words = read(process.command);
    const host::Machine* peer = hosts.find(words.operand);
    const host::Process* server = peer == nullptr || peer->id == host ? nullptr : processNamed(*peer, kBandwidthTest);
    if (server == nullptr || !words.options.contains(kForEver))
        return {};
    TransferRequest request;
    request.from = fabric.find(host, words.value("-d"));
    request.to = fabric.find(peer->id, read(server->command).value("-d"));
    request.trafficClass = static_cast<std::uint8_t>(std::atoi(words.value("--tclass", "0").c_str()));
    std::vector<TransferRequest> requests(static_cast<std::size_t>(std::clamp(std::atoi(words.value("-q", "1").c_str()), 1, kMostQueuePairs)), request);
    for (std::size_t i = 0; i < requests.size(); ++i)
        requests[i].entropy = static_cast<std::uint32_t>(i);
    return requests;
}

} // namespace

RdmaStreams::Wanted RdmaStreams::wanted(const host::Hosts& hosts, const Fabric& fabric)
{
    Wanted wanted;
    for (const auto& [host, settings] : fabric.hosts()) {
        const host::Machine& machine = hosts.at(host);
        if (machine.power != host::Machine::Power::On)
            continue;
        for (const auto& [pid, process] : machine.processes) {
            if ((process.name != kCache && process.name != kBandwidthTest) || !process.runs())
                continue;
            std::vector<TransferRequest> requests = process.name == kCache ? pulls(hosts, fabric, host, process) : bandwidthTest(hosts, fabric, host, process);
            for (std::size_t i = 0; i < requests.size(); ++i) {
                requests[i].gpuMemory = false;
                if (requests[i].from.valid() && requests[i].to.valid())
                    wanted.emplace(Stream{host, pid, static_cast<int>(i)}, requests[i]);
            }
        }
    }
    return wanted;
}

void RdmaStreams::follow(Instant now, const host::Hosts& hosts, Fabric& fabric)
{
    if (fabric.layer() != net::rdma::LinkLayer::Ethernet)
        return;
    const Wanted wanted = RdmaStreams::wanted(hosts, fabric);
    std::vector<net::rdma::TransferId> over;
    for (auto stream = m_running.begin(); stream != m_running.end();) {
        const auto still = wanted.find(stream->first);
        if (still != wanted.end() && still->second == fabric.transfers().at(stream->second).request) {
            if (fabric.transfers().at(stream->second).state == net::rdma::TransferState::Failed)
                fabric.restart(now, stream->second); // the program connects again
            ++stream;
            continue;
        }
        over.push_back(stream->second);
        stream = m_running.erase(stream);
    }
    if (!over.empty())
        fabric.stop(now, over);
    std::vector<Stream> fresh;
    std::vector<TransferRequest> requests;
    for (const auto& [stream, request] : wanted)
        if (!m_running.contains(stream)) {
            fresh.push_back(stream);
            requests.push_back(request);
        }
    if (fresh.empty())
        return;
    const std::vector<net::rdma::TransferId> ids = fabric.start(now, requests);
    for (std::size_t i = 0; i < fresh.size(); ++i)
        m_running.emplace(fresh[i], ids[i]);
}

void RdmaStreams::addTo(Fingerprint& f) const
{
    for (const auto& [stream, transfer] : m_running) {
        sim::addTo(f, stream.host);
        f.add(static_cast<std::uint64_t>(stream.pid));
        f.add(static_cast<std::uint64_t>(stream.number));
        sim::addTo(f, transfer);
    }
}

} // namespace sim
