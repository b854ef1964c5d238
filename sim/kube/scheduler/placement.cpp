#include "sim/kube/scheduler/placement.h"

#include "sim/engine/assert.h"
#include "sim/kube/scheduler/reasons.h"

#include <fmt/core.h>

#include <algorithm>

namespace sim::kube {

namespace {

// schedule_one.go
constexpr std::size_t kFewestFeasible = 100;
constexpr std::size_t kFewestPercent = 5;
constexpr std::size_t kMostPercent = 50;
constexpr std::size_t kNodesPerPercent = 125;

constexpr const char* kNodeAffinity = "NodeAffinity";

} // namespace

std::size_t feasibleNodesWanted(std::size_t nodes, std::int64_t percentage)
{
    if (nodes < kFewestFeasible || percentage >= 100)
        return nodes;
    std::size_t percent = static_cast<std::size_t>(percentage);
    if (percent == 0) {
        const std::size_t less = std::min(nodes / kNodesPerPercent, kMostPercent - kFewestPercent);
        percent = kMostPercent - less;
    }
    return std::max(nodes * percent / 100, kFewestFeasible);
}

PlacementRun::PlacementRun(Cycle& cycle, const Plugins& plugins, ShapeMemory& memory, const Nominations& nominations)
    : m_cycle(cycle), m_plugins(plugins), m_memory(memory), m_nominations(nominations), m_skipped(plugins.size(), 0)
{
    PodCounts& counts = m_cycle.cache.counts();
    if (m_memory.planEpoch != counts.epoch()) {
        for (const Plugin& p : m_plugins)
            if (p.prepare)
                p.prepare(m_cycle);
        m_memory.planEpoch = counts.epoch();
    }
    if (m_memory.active.size() != m_plugins.size()) {
        for (const Plugin& p : m_plugins) {
            m_memory.active.push_back(p.nodeLocal && p.score && (!p.preScore || p.preScore(m_cycle, {})) ? 1 : 0);
            const bool idle = p.nodeLocal && p.preFilter && p.preFilter(m_cycle).code == PreFilterStatus::Code::Skip;
            m_memory.idle.push_back(idle ? 1 : 0);
        }
    }
    if (m_memory.imageEpoch != m_cycle.cache.imageEpoch()) {
        m_memory.imageEpoch = m_cycle.cache.imageEpoch();
        m_memory.verdicts.clear();
        m_memory.generations.clear();
    }
    if (!m_cycle.shape().pinned) {
        m_memory.verdicts.resize(m_cycle.cache.slotCount());
        m_memory.generations.resize(m_cycle.cache.slotCount(), 0);
    }
    for (std::size_t i = 0; i < m_plugins.size(); ++i) {
        const Plugin& p = m_plugins[i];
        PreFilterStatus status;
        if (p.preFilter)
            status = p.preFilter(m_cycle);
        if (status.code == PreFilterStatus::Code::Reject) {
            m_rejectedBy = p.name;
            m_rejection = status.text;
            return;
        }
        m_skipped[i] = status.code == PreFilterStatus::Code::Skip ? 1 : 0;
        if (p.filter && !p.nodeLocal && m_skipped[i] == 0)
            m_crossing.push_back(&p);
    }
}

void PlacementRun::judge(const NodeInfo& node, NodeVerdict& verdict)
{
    verdict.rejectedBy = -1;
    for (std::size_t i = 0; i < m_plugins.size(); ++i) {
        const Plugin& p = m_plugins[i];
        if (p.nodeLocal && p.filter && m_memory.idle[i] == 0 && p.filter(m_cycle, node, nullptr) != FilterCode::Success) {
            verdict.rejectedBy = static_cast<std::int16_t>(i);
            return;
        }
    }
    verdict.fixed = 0;
    std::size_t raw = 0;
    for (std::size_t i = 0; i < m_plugins.size(); ++i) {
        if (m_memory.active[i] == 0)
            continue;
        const Plugin& p = m_plugins[i];
        const std::int64_t points = p.score(m_cycle, node);
        if (p.normalizeScore) {
            FL_ASSERT(raw < NodeVerdict::kMostRaw);
            verdict.raw[raw++] = static_cast<std::int32_t>(points);
        } else {
            verdict.fixed += points * p.weight;
        }
    }
}

const NodeVerdict& PlacementRun::lookAnew(int slot)
{
    const NodeInfo& node = m_cycle.cache.at(slot);
    if (m_memory.verdicts.empty()) {
        judge(node, m_passing);
        return m_passing;
    }
    NodeVerdict& verdict = m_memory.verdicts[static_cast<std::size_t>(slot)];
    judge(node, verdict);
    m_memory.generations[static_cast<std::size_t>(slot)] = m_cycle.cache.generationAt(slot);
    return verdict;
}

bool PlacementRun::passes(int slot)
{
    if (look(slot).rejectedBy >= 0)
        return false;
    for (const Plugin* p : m_crossing)
        if (p->filter(m_cycle, m_cycle.cache.at(slot), nullptr) != FilterCode::Success)
            return false;
    return true;
}

void PlacementRun::podsChanged()
{
    for (const Plugin* p : m_crossing)
        if (p->podsChanged)
            p->podsChanged(m_cycle);
}

/// Runs the filters as though the pods for which room is being made there were there already, those of equal
/// or higher priority (runtime/framework.go, RunFilterPluginsWithNominatedPods).
template <class Ask>
auto PlacementRun::withNominated(int slot, Ask ask) -> decltype(ask())
{
    std::vector<PodId> added;
    if (m_nominations.any())
        if (const auto* there = m_nominations.on(m_cycle.cache.at(slot).node->metadata.name))
            for (const PodId id : *there)
                if (id != m_cycle.id && m_cycle.cache.slotOf(id) == kNoSlot
                    && m_cycle.cache.podAt(id).shape->priority >= m_cycle.shape().priority)
                    added.push_back(id);
    if (added.empty())
        return ask();
    for (const PodId id : added)
        m_cycle.cache.attach(id, slot);
    podsChanged();
    auto answer = ask();
    for (const PodId id : added)
        m_cycle.cache.detach(id);
    podsChanged();
    return answer;
}

bool PlacementRun::fits(int slot)
{
    if (!m_nominations.any())
        return passes(slot);
    return withNominated(slot, [&] { return passes(slot); }) && passes(slot);
}

bool PlacementRun::skipsFilter(std::size_t plugin) const
{
    return m_plugins[plugin].filter == nullptr || m_skipped[plugin] != 0;
}

Diagnosis::NodeStatus PlacementRun::explain(int slot)
{
    const auto ask = [&] {
        Diagnosis::NodeStatus status;
        status.slot = slot;
        for (std::size_t i = 0; i < m_plugins.size(); ++i) {
            if (skipsFilter(i))
                continue;
            status.code = m_plugins[i].filter(m_cycle, m_cycle.cache.at(slot), &status.reasons);
            if (status.code != FilterCode::Success) {
                status.plugin = m_plugins[i].name;
                break;
            }
        }
        return status;
    };
    Diagnosis::NodeStatus status = withNominated(slot, ask);
    return status.plugin ? status : ask();
}

std::vector<int> PlacementRun::findFeasible(std::size_t& nextStart, Decision& decision)
{
    std::vector<int> found;
    if (rejected())
        return found;
    if (decision.tabled)
        for (std::size_t i = 0; i < m_plugins.size(); ++i)
            if (m_plugins[i].filter && m_skipped[i] != 0)
                decision.skipped.push_back(m_plugins[i].name);
    const SchedulerCache& cache = m_cycle.cache;
    const std::string& nominated = m_cycle.object().status.nominatedNodeName;
    if (!nominated.empty())
        if (const NodeInfo* node = cache.find(nominated); node && fits(node->slot)) {
            found.push_back(node->slot);
            decision.offered = decision.looked = 1;
            return found;
        }
    std::vector<int> pinned;
    if (m_cycle.plan.onlyNodes)
        for (const std::string& name : *m_cycle.plan.onlyNodes)
            if (const NodeInfo* node = cache.find(name))
                pinned.push_back(node->slot);
    const std::vector<int>& order = m_cycle.plan.onlyNodes ? pinned : cache.order();
    const std::size_t wanted = feasibleNodesWanted(order.size(), m_cycle.profile.percentageOfNodesToScore);
    std::size_t looked = 0;
    if (!order.empty()) {
        found.resize(wanted);
        std::size_t feasible = 0;
        const bool alone = m_crossing.empty() && !m_nominations.any(); // the node's verdict is all there is to ask
        std::size_t at = nextStart % order.size();
        for (; looked < order.size() && feasible < wanted; ++looked) {
            const int slot = order[at];
            at = at + 1 == order.size() ? 0 : at + 1;
            if (alone ? look(slot).rejectedBy < 0 : fits(slot))
                found[feasible++] = slot;
            else if (decision.tabled) {
                const Diagnosis::NodeStatus status = explain(slot);
                decision.rows.push_back({cache.at(slot).node->metadata.name, status.plugin, status.reasons, {}, 0});
            }
        }
        found.resize(feasible);
        nextStart = (nextStart + looked) % cache.nodeCount();
    }
    decision.offered = order.size();
    decision.looked = looked;
    return found;
}

void PlacementRun::tabulate(const std::vector<int>& slots, std::size_t plugin, const std::vector<std::int64_t>& normalized,
                            Decision& decision) const
{
    const std::size_t first = decision.rows.size() - slots.size();
    for (std::size_t i = 0; i < slots.size(); ++i) {
        Decision::Row& row = decision.rows[first + i];
        row.points.push_back({m_plugins[plugin].name, normalized[i], normalized[i] * m_plugins[plugin].weight});
        row.total += row.points.back().weighted;
    }
}

int PlacementRun::choose(const std::vector<int>& slots, RandomStream& random, Decision& decision)
{
    if (decision.tabled)
        for (const int slot : slots)
            decision.rows.push_back({m_cycle.cache.at(slot).node->metadata.name, nullptr, {}, {}, 0});
    if (slots.size() == 1)
        return slots.front();
    std::vector<std::int64_t> totals(slots.size());
    std::vector<std::int64_t> scores(slots.size());
    std::size_t raws = 0;
    for (std::size_t p = 0; p < m_plugins.size(); ++p)
        raws += m_memory.active[p] != 0 && m_plugins[p].normalizeScore ? 1 : 0;
    std::vector<std::vector<std::int64_t>> raw(raws, scores);
    for (std::size_t i = 0; i < slots.size(); ++i) {
        const NodeVerdict& verdict = look(slots[i]);
        totals[i] = verdict.fixed;
        for (std::size_t r = 0; r < raws; ++r)
            raw[r][i] = verdict.raw[r];
    }
    std::size_t next = 0;
    for (std::size_t p = 0; p < m_plugins.size(); ++p) {
        const Plugin& plugin = m_plugins[p];
        const bool fixed = plugin.nodeLocal && !plugin.normalizeScore;
        if (m_memory.active[p] != 0) {
            if (fixed && !decision.tabled)
                continue; // in the totals already
            if (fixed)
                for (std::size_t i = 0; i < slots.size(); ++i)
                    scores[i] = plugin.score(m_cycle, m_cycle.cache.at(slots[i]));
            else
                scores.swap(raw[next++]);
        } else if (plugin.scoreAll && (!plugin.preScore || plugin.preScore(m_cycle, slots))) {
            plugin.scoreAll(m_cycle, slots, scores);
        } else {
            continue;
        }
        if (plugin.normalizeScore)
            plugin.normalizeScore(m_cycle, slots, scores);
        if (!fixed)
            for (std::size_t i = 0; i < slots.size(); ++i)
                totals[i] += scores[i] * plugin.weight;
        if (decision.tabled)
            tabulate(slots, p, scores, decision);
    }
    // One draw among the best: as likely as the real one's reservoir.
    std::int64_t best = totals.front();
    std::uint64_t ties = 0;
    for (const std::int64_t total : totals) {
        ties = total > best ? 1 : ties + (total == best ? 1 : 0);
        best = std::max(best, total);
    }
    std::uint64_t skip = ties > 1 ? random.below(ties) : 0;
    if (ties > 1 && !m_cycle.profile.draws.empty()) {
        const ObjectMeta& pod = m_cycle.object().metadata;
        const auto drawn = m_cycle.profile.draws.find(pod.namespace_ + "/" + pod.name);
        for (std::size_t i = 0; i < slots.size() && drawn != m_cycle.profile.draws.end(); ++i)
            if (totals[i] == best && m_cycle.cache.at(slots[i]).node->metadata.name == drawn->second)
                return slots[i];
    }
    for (std::size_t i = 0; i < slots.size(); ++i)
        if (totals[i] == best && skip-- == 0)
            return slots[i];
    FL_ASSERT(false);
    return kNoSlot;
}

Diagnosis PlacementRun::diagnose()
{
    Diagnosis diagnosis;
    diagnosis.allNodes = m_cycle.cache.nodeCount();
    if (rejected()) {
        diagnosis.preFilter = m_rejection;
        diagnosis.rejectedBy.insert(m_rejectedBy);
        return diagnosis;
    }
    if (m_cycle.plan.onlyNodes) {
        diagnosis.absent = fmt::format(fmt::runtime(reasons::kNotSatisfied), kNodeAffinity);
        diagnosis.rejectedBy.insert(kNodeAffinity);
    }
    const auto ask = [&](int slot) {
        diagnosis.nodes.push_back(explain(slot));
        diagnosis.rejectedBy.insert(diagnosis.nodes.back().plugin);
    };
    if (m_cycle.plan.onlyNodes) {
        for (const std::string& name : *m_cycle.plan.onlyNodes)
            if (const NodeInfo* node = m_cycle.cache.find(name))
                ask(node->slot);
    } else {
        for (const int slot : m_cycle.cache.order())
            ask(slot);
    }
    return diagnosis;
}

} // namespace sim::kube
