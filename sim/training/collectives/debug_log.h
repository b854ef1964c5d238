#pragma once

#include "sim/training/collectives/tuning.h"

#include <map>
#include <string>
#include <vector>

/// What NCCL prints with NCCL_DEBUG about a communicator of this model: 2.28.9's lines in its order (src/init.cc, src/graph,
/// src/transport, src/plugin of that release).
namespace sim::training::collectives {

inline constexpr const char* kNcclVersion = "2.28.9";
inline constexpr int kNcclVersionCode = 22809;
inline constexpr const char* kNcclVersionLine = "NCCL version 2.28.9+cuda13.0";

/// ncclGetErrorString's words for an ncclResult_t, and torch's for what it means.
std::string_view errorText(int code);
std::string_view errorMeaning(int code);

using Variables = std::map<std::string, std::string>;
/// Names that do or say something here.
const std::vector<std::string>& knownVariables();

/// NCCL_DEBUG and NCCL_DEBUG_SUBSYS: who is heard.
class DebugLevel {
public:
    enum Subsystem : std::uint32_t {
        Init = 1,
        Coll = 2,
        P2p = 4,
        Shm = 8,
        Net = 16,
        Graph = 32,
        Tuning = 64,
        Env = 128,
        Nvls = 256,
        Bootstrap = 512,
        Ras = 1024,
        Profile = 2048,
        All = ~0U
    };

    explicit DebugLevel(const Variables& variables);
    bool version() const { return m_level >= Level::Version; }
    bool warns() const { return m_level >= Level::Warn; }
    bool informs(std::uint32_t subsystems) const { return m_level >= Level::Info && (subsystems & m_subsystems) != 0; }

private:
    enum class Level { None, Version, Warn, Info };
    Level m_level = Level::None;
    std::uint32_t m_subsystems = Init | Bootstrap | Env;
};

/// A rank's process and device, as NCCL names them.
struct DebugPlace {
    std::string host; ///< the container's name of itself: its pod
    std::int64_t process = 0;
    std::int64_t thread = 0; ///< that makes the communicator
    int device = 0;          ///< CUDA's number
    std::string busId;       ///< "18000"
    std::string affinity;    ///< processors near the device: "0-55"
    std::string processors;  ///< that the process may use: "0-111"
    int core = 0;            ///< where its proxy thread started
    std::string interface;   ///< of the bootstrap: "eth0"
    std::string address;     ///< of it
};
/// "pod:212:340 [3] NCCL INFO "
std::string debugPrefix(const DebugPlace& place, std::int64_t thread);
/// "[2026-03-02 09:31:05] pod:212:340 [3] bootstrap.cc:115 NCCL WARN ...", after an empty line. `stamp`: date and time.
std::vector<std::string> warningLines(const DebugPlace& place, std::int64_t thread, const std::string& stamp, const std::string& where,
                                      const std::string& text);

/// One communicator as its ranks tell of it.
class DebugLog {
public:
    struct Subject {
        const System& system;
        const Environment& environment;
        const Communicator& communicator;
        const Tuner& tuner;
        const Variables& variables; ///< of the ranks' processes
        std::string function;       ///< "ncclCommInitRankConfig"
        std::uint64_t id = 0;       ///< commId
        int cudaDriver = 0;         ///< 13000
        bool fabricReady = true;    ///< the fabric manager has told the GPUs so
        double waited = 0;          ///< seconds that the bootstrap waited for the last rank
    };
    explicit DebugLog(Subject subject);
    bool speaks() const { return m_level.version(); }

    /// From the first call to "Init START": what is printed before any other rank has to be there.
    std::vector<std::string> start(const DebugPlace& place, int rank) const;
    /// From there to "Init COMPLETE".
    std::vector<std::string> complete(const DebugPlace& place, int rank) const;
    /// Ring or Tree connect when a call first takes them (NCCL_RUNTIME_CONNECT). Others print nothing by default.
    std::vector<std::string> connect(const DebugPlace& place, int rank, Algorithm algorithm) const;
    /// NCCL_DEBUG_SUBSYS=TUNING: what a call of rank 0 chose.
    std::vector<std::string> chosen(const DebugPlace& place, int rank, Collective collective, std::int64_t bytes, const Choice& choice) const;

private:
    struct Lines;
    std::string pointer(int rank) const;
    bool leads(int rank) const;
    bool begin(Lines& lines, const DebugPlace& place, int rank) const;
    void network(Lines& lines, const DebugPlace& place, int rank) const;
    void graphs(Lines& lines, int rank) const;
    void costs(Lines& lines) const;
    void edges(Lines& lines, int rank, const std::vector<std::vector<int>>& from, const std::vector<std::vector<int>>& to) const;
    bool transportsWithin(int node, TransportKind kind) const;
    Transport receiving(int channel, int from, int to) const;
    std::string via(const Transport& transport) const;

    Subject m_subject;
    DebugLevel m_level;
    int m_channels = 0;                    ///< of rings and trees, those copied for NVLS included
    std::vector<std::vector<int>> m_rings; ///< by channel
    std::vector<std::vector<TreeLinks>> m_trees;
};

} // namespace sim::training::collectives
