#pragma once

#include <boost/describe.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sim::training::collectives {

/// Of nccl-tests; sizes are counted as they count them: the whole array, of all ranks for AllGather and
/// ReduceScatter, what one rank sends in all for AllToAll and SendReceive (to the next rank, from the one before).
enum class Collective { AllReduce, AllGather, ReduceScatter, Broadcast, Reduce, AllToAll, SendReceive };

/// In NCCL's order. CollNet needs a network that reduces (SHARP's plugin), which no lab has.
enum class Algorithm { Tree, Ring, CollNetDirect, CollNetChain, Nvls, NvlsTree, Pat };
enum class Protocol { LL, LL128, Simple };

BOOST_DESCRIBE_ENUM(Collective, AllReduce, AllGather, ReduceScatter, Broadcast, Reduce, AllToAll, SendReceive)
BOOST_DESCRIBE_ENUM(Algorithm, Tree, Ring, CollNetDirect, CollNetChain, Nvls, NvlsTree, Pat)
BOOST_DESCRIBE_ENUM(Protocol, LL, LL128, Simple)

constexpr std::size_t kCollectives = 7;
constexpr std::size_t kAlgorithms = 7;
constexpr std::size_t kProtocols = 3;

constexpr std::size_t index(Collective c) { return static_cast<std::size_t>(c); }
constexpr std::size_t index(Algorithm a) { return static_cast<std::size_t>(a); }
constexpr std::size_t index(Protocol p) { return static_cast<std::size_t>(p); }

/// NCCL's own spelling: "AllReduce", "NVLSTree", "LL128", "SendRecv".
std::string_view nameOf(Collective collective);
std::string_view nameOf(Algorithm algorithm);
std::string_view nameOf(Protocol protocol);

/// NCCL's spelling in any case, and nccl-tests' ("all_reduce", "all_reduce_perf", "all-reduce").
std::optional<Collective> collectiveNamed(std::string_view text);
std::optional<Algorithm> algorithmNamed(std::string_view text);
std::optional<Protocol> protocolNamed(std::string_view text);

/// busbw / algbw of nccl-tests (doc/PERFORMANCE.md); 0 for one rank.
double busFactor(Collective collective, int ranks);

/// ncclResult_t (src/nccl.h.in), as far as this model comes to it.
inline constexpr int kUnhandledCudaError = 1;
inline constexpr int kInternalError = 3;
inline constexpr int kInvalidUsage = 5;
inline constexpr int kRemoteError = 6;

/// How NCCL ends a call that it cannot serve.
struct Failure {
    int code = 0;     ///< ncclResult_t
    std::string text; ///< as the library says it
    bool operator==(const Failure&) const = default;
};
BOOST_DESCRIBE_STRUCT(Failure, (), (code, text))

} // namespace sim::training::collectives
