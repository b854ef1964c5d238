#include "sim/training/collectives/collective.h"

#include <cctype>

namespace sim::training::collectives {

namespace {

constexpr std::array<std::string_view, kCollectives> kCollectiveNames = {
    "AllReduce", "AllGather", "ReduceScatter", "Broadcast", "Reduce", "AlltoAll", "SendRecv"};
constexpr std::array<std::string_view, kAlgorithms> kAlgorithmNames = {
    "Tree", "Ring", "CollNetDirect", "CollNetChain", "NVLS", "NVLSTree", "PAT"};
constexpr std::array<std::string_view, kProtocols> kProtocolNames = {"LL", "LL128", "Simple"};

/// Letters and digits alone, in lower case: "all_reduce_perf" and "AllReduce" have the first nine in common.
std::string plain(std::string_view text)
{
    std::string letters;
    for (const char c : text)
        if (std::isalnum(static_cast<unsigned char>(c)) != 0)
            letters += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return letters;
}

template <std::size_t N>
std::optional<std::size_t> find(const std::array<std::string_view, N>& names, std::string_view wanted)
{
    for (std::size_t i = 0; i < N; ++i)
        if (plain(names[i]) == wanted)
            return i;
    return std::nullopt;
}

} // namespace

std::string_view nameOf(Collective collective)
{
    return kCollectiveNames[index(collective)];
}

std::string_view nameOf(Algorithm algorithm)
{
    return kAlgorithmNames[index(algorithm)];
}

std::string_view nameOf(Protocol protocol)
{
    return kProtocolNames[index(protocol)];
}

std::optional<Collective> collectiveNamed(std::string_view text)
{
    std::string wanted = plain(text);
    if (wanted.ends_with("perf"))
        wanted.resize(wanted.size() - 4);
    if (wanted == "sendreceive" || wanted == "p2p" || wanted == "pointtopoint")
        return Collective::SendReceive;
    const auto at = find(kCollectiveNames, wanted);
    return at ? std::optional(static_cast<Collective>(*at)) : std::nullopt;
}

std::optional<Algorithm> algorithmNamed(std::string_view text)
{
    const auto at = find(kAlgorithmNames, plain(text));
    return at ? std::optional(static_cast<Algorithm>(*at)) : std::nullopt;
}

std::optional<Protocol> protocolNamed(std::string_view text)
{
    const auto at = find(kProtocolNames, plain(text));
    return at ? std::optional(static_cast<Protocol>(*at)) : std::nullopt;
}

double busFactor(Collective collective, int ranks)
{
    if (ranks < 2)
        return 0;
    const double n = ranks;
    switch (collective) {
    case Collective::AllReduce: return 2 * (n - 1) / n;
    case Collective::AllGather:
    case Collective::ReduceScatter:
    case Collective::AllToAll: return (n - 1) / n;
    case Collective::Broadcast:
    case Collective::Reduce:
    case Collective::SendReceive: break;
    }
    return 1;
}

} // namespace sim::training::collectives
