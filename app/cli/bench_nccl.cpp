#include "app/cli/bench_nccl.h"

#include "app/cli/main_command.h"
#include "sim/training/collectives/schedule.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>

namespace app::cli {

namespace {

namespace collectives = sim::training::collectives;
namespace fs = std::filesystem;
using collectives::Collective;
using nlohmann::json;

/// The peer takes GB for 2^30 bytes (its NetworkFunction.cpp).
constexpr double kPeerGiga = 1.073741824;

enum class Network { Hgx, Ring50, Hier };

struct BenchCase {
    Network network;
    int gpus;
    std::int64_t bytes;
};

std::string_view labelOf(Network network)
{
    return network == Network::Hgx ? "hgx" : network == Network::Ring50 ? "ring50" : "hier";
}

/// One node of GPUs on a switch, 400 GB/s each; a message passes two links of 936.25 ns.
constexpr double kSwitchHop = 2 * 0.93625;
constexpr double kRingHop = 0.5;
constexpr double kRailHop = 2 * 2.0;

collectives::System switchedNode()
{
    collectives::System system = collectives::standardSystem(collectives::NodeType::H100Sxm, 1, 8);
    for (collectives::Gpu& gpu : system.nodes[0].gpus) {
        gpu.nvlinks = 1;
        gpu.nvlinkGigabytesPerSecond = 400 * kPeerGiga;
    }
    return system;
}

/// Nodes of one GPU with one port of 50 GB/s; nothing else limits.
collectives::System singles(int nodes)
{
    collectives::System system = collectives::standardSystem(collectives::NodeType::H100Sxm, nodes, 1);
    for (collectives::Node& node : system.nodes) {
        node.gpus[0].pcieGigabytesPerSecond = 1000;
        node.nics[0].gigabytesPerSecond = 50 * kPeerGiga;
    }
    return system;
}

double ringMicroseconds(const collectives::System& system, Collective collective, double bytes, double hop)
{
    const collectives::Communicator communicator = collectives::connect(system, {});
    const collectives::Schedule schedule(system, {}, communicator, collective, collectives::Algorithm::Ring, 1, bytes);
    return collectives::timeOfAll(schedule, hop);
}

double simulatedMicroseconds(const BenchCase& one)
{
    const auto bytes = static_cast<double>(one.bytes);
    switch (one.network) {
    case Network::Hgx: return ringMicroseconds(switchedNode(), Collective::AllReduce, bytes, kSwitchHop);
    case Network::Ring50: return ringMicroseconds(singles(one.gpus), Collective::AllReduce, bytes, kRingHop);
    case Network::Hier: break;
    }
    // As the peer does it: scatter in the node, reduce along the rails, gather in the node.
    const collectives::System node = switchedNode();
    return ringMicroseconds(node, Collective::ReduceScatter, bytes, kSwitchHop)
        + ringMicroseconds(singles(one.gpus / 8), Collective::AllReduce, bytes / 8, kRailHop)
        + ringMicroseconds(node, Collective::AllGather, bytes, kSwitchHop);
}

struct Measured {
    double microseconds = 0;
    double wallSeconds = 0;
};

double wallSince(std::chrono::steady_clock::time_point begin)
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Measured ours(const BenchCase& one)
{
    const auto begin = std::chrono::steady_clock::now();
    const double microseconds = simulatedMicroseconds(one);
    return {microseconds, wallSince(begin)};
}

/// A built tree of the peer, and a folder of ours that its inputs and logs go to.
class Peer {
public:
    explicit Peer(const fs::path& tree) : m_bin(fs::absolute(tree) / "build/astra_analytical/build/bin")
    {
        std::error_code ignored;
        m_folder = fs::temp_directory_path(ignored) / fmt::format("faultline-bench-nccl-{}", std::chrono::steady_clock::now().time_since_epoch().count());
        fs::create_directories(m_folder, ignored);
        write("memory.json", R"({"memory-type": "NO_MEMORY_EXPANSION"})");
    }
    Peer(const Peer&) = delete;
    Peer& operator=(const Peer&) = delete;
    ~Peer()
    {
        std::error_code ignored;
        fs::remove_all(m_folder, ignored);
    }

    bool isBuilt() const { return fs::exists(binary(true)) && fs::exists(binary(false)); }
    std::optional<Measured> run(const BenchCase& one) const
    {
        writeInputs(one);
        const bool aware = one.network != Network::Hier; // its aware backend knows one dimension only
        const std::string command = fmt::format(
            "cd '{0}' && '{1}' --workload-configuration='{0}/work' --system-configuration='{0}/system.json' "
            "--remote-memory-configuration='{0}/memory.json' --network-configuration='{0}/network.yml' 2>&1",
            m_folder.string(), binary(aware).string());
        const auto begin = std::chrono::steady_clock::now();
        FILE* const output = popen(command.c_str(), "r");
        if (output == nullptr)
            return std::nullopt;
        Measured measured;
        char line[512];
        while (std::fgets(line, sizeof line, output) != nullptr) {
            double cycles = 0; // nanoseconds
            const char* const found = std::strstr(line, "finished, ");
            if (found != nullptr && std::sscanf(found, "finished, %lf cycles", &cycles) == 1)
                measured.microseconds = std::max(measured.microseconds, cycles / 1000);
        }
        const int status = pclose(output);
        measured.wallSeconds = wallSince(begin);
        return status == 0 && measured.microseconds > 0 ? std::optional(measured) : std::nullopt;
    }

private:
    fs::path binary(bool aware) const
    {
        return m_bin / (aware ? "AstraSim_Analytical_Congestion_Aware" : "AstraSim_Analytical_Congestion_Unaware");
    }
    void write(const std::string& name, const std::string& text) const
    {
        std::ofstream file(m_folder / name, std::ios::binary);
        file << text;
    }

    void writeInputs(const BenchCase& one) const
    {
        const bool two = one.network == Network::Hier;
        if (one.network == Network::Hgx)
            write("network.yml", "topology: [ Switch ]\nnpus_count: [ 8 ]\nbandwidth: [ 400.0 ]\nlatency: [ 936.25 ]\n");
        else if (one.network == Network::Ring50)
            write("network.yml", fmt::format("topology: [ Ring ]\nnpus_count: [ {} ]\nbandwidth: [ 50.0 ]\nlatency: [ 500.0 ]\n", one.gpus));
        else
            write("network.yml", fmt::format("topology: [ Switch, Switch ]\nnpus_count: [ 8, {} ]\nbandwidth: [ 400.0, 50.0 ]\n"
                                             "latency: [ 936.25, 2000.0 ]\n",
                                             one.gpus / 8));
        const json rings = two ? json::array({"ring", "ring"}) : json::array({"ring"});
        write("system.json",
              json{{"scheduling-policy", "LIFO"}, {"endpoint-delay", 10},
                   {"active-chunks-per-dimension", one.network == Network::Hgx ? 2 : 1}, {"preferred-dataset-splits", 4},
                   {"all-reduce-implementation", rings}, {"all-gather-implementation", rings},
                   {"reduce-scatter-implementation", rings}, {"all-to-all-implementation", rings},
                   {"collective-optimization", "localBWAware"}, {"local-mem-bw", one.network == Network::Hgx ? 3350 : 1600},
                   {"boost-mode", 0}, {"roofline-enabled", 0}, {"peak-perf", 900}}
                  .dump());
        for (int npu = 0; npu < one.gpus; ++npu)
            write(fmt::format("work.{}.et", npu), traceOf(npu, one.bytes));
    }

    static std::string varint(std::uint64_t value)
    {
        std::string bytes;
        for (; value > 0x7f; value >>= 7)
            bytes += static_cast<char>((value & 0x7f) | 0x80);
        return bytes + static_cast<char>(value);
    }
    static std::string field(int number, const std::string& text)
    {
        return varint(static_cast<std::uint64_t>(number) << 3 | 2) + varint(text.size()) + text;
    }
    static std::string attribute(const std::string& name, int number, std::uint64_t value)
    {
        return field(10, field(1, name) + varint(static_cast<std::uint64_t>(number) << 3) + varint(value));
    }

    /// A Chakra trace (protobuf messages, each behind its length): version, then one all-reduce.
    static std::string traceOf(int npu, std::int64_t bytes)
    {
        constexpr std::uint64_t kCollectiveNode = 7;
        constexpr std::uint64_t kAllReduce = 0;
        const std::string version = field(1, "0.0.4");
        const std::string node = varint(1 << 3) + varint(static_cast<std::uint64_t>(npu)) + field(2, "all_reduce")
            + varint(3 << 3) + varint(kCollectiveNode) + attribute("is_cpu_op", 27, 0) + attribute("comm_type", 9, kAllReduce)
            + attribute("comm_size", 9, static_cast<std::uint64_t>(bytes));
        return varint(version.size()) + version + varint(node.size()) + node;
    }

    fs::path m_bin;
    fs::path m_folder;
};

std::vector<BenchCase> casesOfBench()
{
    std::vector<BenchCase> cases;
    const std::pair<Network, int> systems[] = {{Network::Hgx, 8},   {Network::Ring50, 8},  {Network::Ring50, 64},
                                               {Network::Hier, 64}, {Network::Ring50, 512}, {Network::Hier, 512}};
    for (const auto& [network, gpus] : systems)
        for (const std::int64_t mebibytes : {1, 16, 64, 256, 1024})
            cases.push_back({network, gpus, mebibytes << 20});
    return cases;
}

double busOf(double bytes, double microseconds, int gpus)
{
    return bytes / microseconds / 1000 * collectives::busFactor(Collective::AllReduce, gpus);
}

/// 512 H100 on rails, every edge of every channel sharing the links it uses.
Measured largeRing()
{
    const auto begin = std::chrono::steady_clock::now();
    const collectives::System system = collectives::standardSystem(collectives::NodeType::H100Sxm, 64, 8);
    const collectives::Communicator communicator = collectives::connect(system, {});
    const collectives::Schedule schedule(system, {}, communicator, Collective::AllReduce, collectives::Algorithm::Ring,
                                         communicator.channels, 1 << 30);
    const double microseconds = collectives::timeOfAll(schedule, 0);
    return {microseconds, wallSince(begin)};
}

void addRows(json& rows, const std::string& prefix, const Measured& measured, const json& params, double bus)
{
    rows.push_back({{"name", prefix + "simulated_microseconds"}, {"value", measured.microseconds}, {"unit", "us"}, {"params", params}});
    rows.push_back({{"name", prefix + "busbw"}, {"value", bus}, {"unit", "GB/s"}, {"params", params}});
    rows.push_back({{"name", prefix + "wall_seconds"}, {"value", measured.wallSeconds}, {"unit", "s"}, {"params", params}});
}

} // namespace

int benchNccl(Environment& environment, const std::string& peerFolder)
{
    const char* const variable = std::getenv("FAULTLINE_ASTRA_SIM");
    const std::string folder = !peerFolder.empty() ? peerFolder : variable != nullptr ? variable : "";
    std::optional<Peer> peer;
    if (!folder.empty()) {
        peer.emplace(folder);
        if (!peer->isBuilt())
            return fail(folder + ": holds no built ASTRA-sim (build/astra_analytical/build/bin)");
    }
    json rows = json::array();
    const bool text = !environment.json;
    if (text)
        fmt::print("{:<8}{:>5}{:>9}{:>13}{:>9}{:>13}{}\n", "network", "GPUs", "MiB", "simulated us", "busbw", "wall s",
                   peer ? "      peer us    busbw   peer wall s    ratio" : "");
    for (const BenchCase& one : casesOfBench()) {
        const json params{{"network", labelOf(one.network)}, {"gpus", one.gpus}, {"bytes", one.bytes}};
        const Measured mine = ours(one);
        const double bus = busOf(static_cast<double>(one.bytes), mine.microseconds, one.gpus);
        addRows(rows, "", mine, params, bus);
        if (text)
            fmt::print("{:<8}{:>5}{:>9}{:>13.1f}{:>9.2f}{:>13.6f}", labelOf(one.network), one.gpus, one.bytes >> 20, mine.microseconds,
                       bus, mine.wallSeconds);
        if (peer) {
            const auto theirs = peer->run(one);
            if (!theirs)
                return fail("ASTRA-sim did not run; try one of its examples in " + folder);
            const double peerBus = busOf(static_cast<double>(one.bytes), theirs->microseconds, one.gpus);
            addRows(rows, "peer_", *theirs, params, peerBus);
            const double ratio = theirs->wallSeconds / mine.wallSeconds;
            rows.push_back({{"name", "ratio_to_peer"}, {"value", ratio}, {"unit", "x"}, {"params", params}});
            if (text)
                fmt::print("{:>13.1f}{:>9.2f}{:>14.4f}{:>9.0f}", theirs->microseconds, peerBus, theirs->wallSeconds, ratio);
        }
        if (text) {
            fmt::print("\n");
            std::fflush(stdout);
        }
    }
    const Measured large = largeRing();
    const json params{{"network", "h100-rails"}, {"gpus", 512}, {"bytes", 1 << 30}};
    addRows(rows, "", large, params, busOf(1 << 30, large.microseconds, 512));
    if (!text)
        fmt::print("{}\n", json{{"suite", "nccl"}, {"rows", rows}}.dump(2));
    else
        fmt::print("512 H100 on 8 rails, 1 GiB, link sharing: {:.1f} us, busbw {:.1f} GB/s, wall {:.6f} s\n", large.microseconds,
                   busOf(1 << 30, large.microseconds, 512), large.wallSeconds);
    if (!peer)
        fmt::print(text ? stdout : stderr,
                   "without ASTRA-sim beside it: name the folder of a built one with --peer\n");
    return kRan;
}

} // namespace app::cli
