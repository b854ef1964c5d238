#pragma once

#include "sim/training/collectives/collective.h"
#include "sim/training/collectives/system.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sim::training::collectives {

/// What NCCL_ALGO or NCCL_PROTO say of each collective. NCCL 2.24 and later: a list without ring leaves ring out.
template <std::size_t N>
struct Choices {
    enum class Word : std::uint8_t { Default, No, Yes };
    std::string asGiven; ///< empty: not set
    std::array<std::array<Word, N>, kCollectives> words{};
    bool operator==(const Choices&) const = default;
};

/// The NCCL_* variables that change what a communicator does, read as NCCL reads them. Names that NCCL does not
/// know (NCCL_TIMEOUT is one) are passed over without a word, as there.
struct Environment {
    int minChannels = 0; ///< NCCL_MIN_CTAS, NCCL_MIN_NCHANNELS, NCCL_MIN_NRINGS
    int maxChannels = 64;
    Choices<kAlgorithms> algorithms; ///< NCCL_ALGO
    Choices<kProtocols> protocols;   ///< NCCL_PROTO
    std::optional<PathType> p2pLevel; ///< NCCL_P2P_LEVEL; NCCL_P2P_DISABLE=1 is LOC
    bool shmDisable = false;
    bool ibDisable = false;
    std::string ibHca; ///< NCCL_IB_HCA
    std::optional<PathType> gdrLevel; ///< NCCL_NET_GDR_LEVEL
    int nvlsEnable = 2;
    int crossNic = 2;
    bool pxnDisable = false;
    std::int64_t bufferBytes = 4 << 20; ///< NCCL_BUFFSIZE
    std::optional<int> threads;         ///< NCCL_NTHREADS
    std::optional<int> ll128Threads;
    std::int64_t nvlsChunkBytes = 128 << 10; ///< NCCL_NVLS_CHUNKSIZE
    bool cumem = true;                       ///< NCCL_CUMEM_ENABLE
    /// A value that NCCL refuses ends every later call with this.
    std::optional<Failure> failure;
    bool operator==(const Environment&) const = default;
};

Environment readEnvironment(const std::vector<std::pair<std::string, std::string>>& variables);

/// Whether NCCL_IB_HCA takes a port, NCCL_SOCKET_IFNAME an interface: a comma list of prefixes ("mlx5"), "=" exact,
/// "^" all but these, and a ":port" behind a name. An empty list takes all. `mlx5_1` takes mlx5_10 as well: that is the trap.
bool listSelects(std::string_view list, std::string_view name, int port = 1);

} // namespace sim::training::collectives
