#include "core/session/training_detail.h"
#include "sim/world/world.h"

#include <algorithm>
#include <cmath>

namespace core::session {

namespace {

namespace nccl = sim::training::collectives;

/// RingHoldings has a bit for each rank.
constexpr int kMostRanks = 64;
/// Chunks that follow each other along a tree or a chain, and through the switch.
constexpr int kPieces = 8;
constexpr int kSwitchPieces = 2;

std::size_t indexOf(int i)
{
    return static_cast<std::size_t>(i);
}

bool reducesData(nccl::Collective collective)
{
    return collective == nccl::Collective::AllReduce || collective == nccl::Collective::ReduceScatter || collective == nccl::Collective::Reduce;
}

bool isSwitched(nccl::Algorithm algorithm)
{
    return algorithm == nccl::Algorithm::Nvls || algorithm == nccl::Algorithm::NvlsTree;
}

/// Numbers of GPUs that a learner may choose: within a machine, then whole machines.
std::vector<int> choicesOf(int perMachine, int machines)
{
    std::vector<int> choices;
    for (int count = 2; count < perMachine; count *= 2)
        choices.push_back(count);
    for (int count = 1; count <= machines && count * perMachine <= kMostRanks; ++count)
        if (count * perMachine > 1)
            choices.push_back(count * perMachine);
    return choices;
}

nccl::System systemOf(const sim::training::ClusterKind& kind, int machines, int gpus)
{
    nccl::System system = nccl::standardSystem(kind.node, machines, gpus);
    const int nics = kind.nics == 0 ? 0 : std::max(1, kind.nics * gpus / std::max(1, kind.gpusPerMachine));
    for (nccl::Node& node : system.nodes)
        nccl::setNics(node, nics, kind.network, kind.nicGigabytesPerSecond);
    return system;
}

void addRanks(RingDetail& detail, const nccl::System& system, const nccl::Communicator& communicator)
{
    std::vector<int> order(indexOf(communicator.ranks));
    const std::vector<int> ring = nccl::ringOf(system, communicator, 0);
    for (int i = 0; i < communicator.ranks; ++i)
        order[indexOf(ring[indexOf(i)])] = i;
    std::vector<int> first(system.nodes.size(), communicator.ranks);
    for (int rank = 0; rank < communicator.ranks; ++rank) {
        int& least = first[indexOf(communicator.places[indexOf(rank)].node)];
        least = std::min(least, order[indexOf(rank)]);
    }
    const bool along = !isSwitched(detail.timing.choice.algorithm) && detail.timing.choice.algorithm != nccl::Algorithm::Tree;
    for (int rank = 0; rank < communicator.ranks; ++rank) {
        const nccl::Place place = communicator.places[indexOf(rank)];
        detail.ranks.push_back({place.node, place.gpu, along ? order[indexOf(rank)] - first[indexOf(place.node)] : place.gpu});
    }
}

RingStep stepOf(const RingDetail& detail, const nccl::Schedule& schedule, int number, const nccl::StepTime& time)
{
    RingStep step;
    step.microseconds = time.microseconds;
    const std::vector<nccl::Move> moves = schedule.moves(number);
    for (std::size_t i = 0; i < moves.size(); ++i) {
        const nccl::Move& move = moves[i];
        if (move.channel != 0)
            continue;
        RingMove one{move.from, move.to, move.chunk, move.kind};
        if (detail.collective == nccl::Collective::AllToAll)
            one.chunk = move.from; // the receiver keeps one place for each sender
        one.leavesMachine = detail.ranks[indexOf(move.from)].machine != detail.ranks[indexOf(move.to)].machine;
        one.gigabytesPerSecond = time.rates[i];
        if (time.rates[i] > 0 && time.microseconds > 0)
            one.share = std::min(1.0, move.bytes / (time.rates[i] * 1000) / time.microseconds);
        step.moves.push_back(one);
    }
    return step;
}

void addSteps(RingDetail& detail, const nccl::Schedule& schedule)
{
    const nccl::Algorithm algorithm = detail.timing.choice.algorithm;
    const bool alike = (algorithm == nccl::Algorithm::Ring || algorithm == nccl::Algorithm::Pat)
        && (detail.collective == nccl::Collective::AllReduce || detail.collective == nccl::Collective::AllGather || detail.collective == nccl::Collective::ReduceScatter);
    nccl::StepTime time;
    double sum = 0;
    for (int i = 0; i < schedule.steps(); ++i) {
        if (i == 0 || !alike) // a ring's steps move over the same links
            time = nccl::timeOfStep(schedule, i);
        detail.steps.push_back(stepOf(detail, schedule, i, time));
        sum += time.microseconds;
    }
    // Hops take their part of every step, bytes as much as the step has of them.
    const double transfer = std::min(detail.timing.transferMicroseconds, detail.timing.microseconds);
    const double rest = (detail.timing.microseconds - transfer) / std::max(1, schedule.steps());
    for (RingStep& step : detail.steps)
        step.microseconds = rest + (sum > 0 ? transfer * step.microseconds / sum : 0);
}

} // namespace

std::optional<sim::training::ClusterKind> soundKindOf(const sim::World& world, sim::HostId host)
{
    const std::vector<sim::GpuId> gpus = world.gpus().of(host);
    if (gpus.empty())
        return std::nullopt;
    const auto node = sim::training::nodeTypeOf(world.gpus().at(gpus.front()).kind());
    if (!node)
        return std::nullopt;
    sim::training::ClusterKind kind;
    kind.node = *node;
    kind.gpusPerMachine = static_cast<int>(gpus.size());
    const auto adapters = world.rdma().devicesOf(host);
    kind.nics = static_cast<int>(adapters.size());
    if (!adapters.empty()) {
        const sim::net::rdma::Port& port = world.rdma().port(adapters.front());
        kind.nicGigabytesPerSecond = sim::net::rdma::laneBitsPerSecond(port.maxSpeed) * port.maxLanes / 8e9;
    }
    kind.network = world.rdma().layer() == sim::net::rdma::LinkLayer::InfiniBand ? nccl::NetworkKind::InfiniBand : nccl::NetworkKind::Roce;
    return kind;
}

std::optional<RingDetail> ringOf(const sim::World& world, const sim::training::Job* job, const TrainingInterest& interest)
{
    const auto& nodes = world.gpus().nodes();
    if (nodes.empty())
        return std::nullopt;
    const auto kind = soundKindOf(world, nodes.front().host);
    if (!kind)
        return std::nullopt;
    RingDetail detail;
    detail.collective = interest.collective;
    detail.bytes = interest.bytes;
    detail.choices = choicesOf(kind->gpusPerMachine, static_cast<int>(nodes.size()));
    int perMachine = kind->gpusPerMachine;
    if (job != nullptr && job->run->settings.worldSize() <= kMostRanks)
        detail.jobGpus = static_cast<int>(job->run->settings.worldSize());
    if (interest.gpus == 0 && detail.jobGpus > 1) {
        perMachine = static_cast<int>(job->run->settings.processesPerNode);
        for (const sim::training::Member& member : job->run->members)
            detail.machines.push_back(world.hosts().at(member.worker.host).name);
    } else {
        const int wished = interest.gpus > 1 ? interest.gpus : detail.choices.empty() ? 1 : detail.choices.back();
        const int count = std::clamp(wished / std::max(1, perMachine), 1, static_cast<int>(nodes.size()));
        perMachine = std::min(perMachine, wished);
        for (int i = 0; i < count; ++i)
            detail.machines.push_back(world.hosts().at(nodes[indexOf(i)].host).name);
    }
    const nccl::System system = systemOf(*kind, static_cast<int>(detail.machines.size()), perMachine);
    const nccl::Environment environment = nccl::readEnvironment({});
    const nccl::Communicator communicator = nccl::connect(system, environment);
    if (communicator.failure || communicator.ranks < 2) {
        detail.problem = communicator.failure ? communicator.failure->text : std::string();
        return detail;
    }
    nccl::Forced forced;
    forced.algorithm = interest.algorithm;
    if (forced.algorithm == nccl::Algorithm::Nvls && detail.machines.size() > 1)
        forced.algorithm = nccl::Algorithm::NvlsTree; // what NCCL makes of the switches of several machines
    detail.timing = nccl::timeOf(system, environment, communicator, nccl::tune(system, environment, communicator), interest.collective, interest.bytes, forced);
    detail.throughSwitch = system.nodes.front().fabric == nccl::GpuFabric::Switch;
    addRanks(detail, system, communicator);
    if (detail.timing.failure) {
        detail.problem = detail.timing.failure->text;
        return detail;
    }
    const nccl::Choice& choice = detail.timing.choice;
    const nccl::Schedule schedule(system, environment, communicator, interest.collective, choice.algorithm, std::max(1, choice.channels),
                            static_cast<double>(interest.bytes), isSwitched(choice.algorithm) ? kSwitchPieces : kPieces);
    detail.chunks = schedule.chunks();
    detail.chunkBytes = static_cast<double>(interest.bytes) / schedule.channels() / std::max(1, schedule.chunks());
    addSteps(detail, schedule);
    return detail;
}

RingHoldings holdingsBefore(const RingDetail& detail, int step)
{
    const auto ranks = detail.ranks.size();
    RingHoldings held(ranks, std::vector<std::uint64_t>(indexOf(detail.chunks), 0));
    const auto bit = [](int rank) {
        return std::uint64_t{1} << rank;
    };
    if (reducesData(detail.collective)) {
        for (std::size_t rank = 0; rank < ranks; ++rank)
            std::fill(held[rank].begin(), held[rank].end(), bit(static_cast<int>(rank)));
    } else if (detail.collective == nccl::Collective::AllToAll) {
        for (std::size_t rank = 0; rank < ranks; ++rank)
            held[rank][rank] = bit(static_cast<int>(rank)); // its own stays with it
    } else { // whoever sends a chunk first has had it from the start
        std::vector<bool> known(indexOf(detail.chunks), false);
        for (const RingStep& one : detail.steps)
            for (const RingMove& move : one.moves)
                if (!known[indexOf(move.chunk)]) {
                    known[indexOf(move.chunk)] = true;
                    held[indexOf(move.from)][indexOf(move.chunk)] = bit(move.from);
                }
    }
    for (int i = 0; i < step && i < static_cast<int>(detail.steps.size()); ++i) {
        const RingHoldings before = held;
        std::vector<std::pair<int, int>> pulled; ///< by a head from the switch: a sum that replaces what it had
        for (const RingMove& move : detail.steps[indexOf(i)].moves) {
            const std::uint64_t sent = detail.collective == nccl::Collective::AllToAll ? bit(move.from) : before[indexOf(move.from)][indexOf(move.chunk)];
            std::uint64_t& there = held[indexOf(move.to)][indexOf(move.chunk)];
            if (move.kind == nccl::MoveKind::SwitchReduce && std::find(pulled.begin(), pulled.end(), std::pair(move.to, move.chunk)) == pulled.end()) {
                pulled.emplace_back(move.to, move.chunk);
                there = 0;
            }
            const bool adds = move.kind == nccl::MoveKind::Reduce || move.kind == nccl::MoveKind::SwitchReduce;
            there = adds ? there | sent : sent;
        }
    }
    return held;
}

bool isComplete(const RingDetail& detail, std::uint64_t held)
{
    if (!reducesData(detail.collective))
        return held != 0;
    const auto ranks = detail.ranks.size();
    return held == (ranks >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << ranks) - 1);
}

std::vector<int> chunksAtEnd(const RingDetail& detail)
{
    std::vector<int> chunks;
    for (const std::vector<std::uint64_t>& held : holdingsBefore(detail, static_cast<int>(detail.steps.size())))
        chunks.push_back(static_cast<int>(std::count_if(held.begin(), held.end(), [&](std::uint64_t one) { return isComplete(detail, one); })));
    return chunks;
}

} // namespace core::session
