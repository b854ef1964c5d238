#include "sim/kube/scheduler/pod_counts.h"

#include <algorithm>
#include <utility>

namespace sim::kube {

namespace {

// More questions than this at once means that workloads come and go: start over.
constexpr std::size_t kMostCounters = 1024;
constexpr std::size_t kMostTallies = 4096;
constexpr std::size_t kFewestUses = 1024;

std::int32_t valueNumber(PodCounts::Key& key, const Node& node)
{
    const auto label = node.metadata.labels.find(key.name);
    if (label == node.metadata.labels.end())
        return -1;
    return key.values.try_emplace(label->second, static_cast<std::int32_t>(key.values.size())).first->second;
}

bool looksTheSame(const Node& a, const Node& b)
{
    return a.metadata.labels == b.metadata.labels && a.spec.taints == b.spec.taints
        && a.spec.unschedulable == b.spec.unschedulable;
}

} // namespace

void PodCounts::setNode(int slot, std::shared_ptr<const Node> node)
{
    const auto index = static_cast<std::size_t>(slot);
    if (index >= m_nodes.size()) {
        m_nodes.resize(index + 1);
        for (Key& k : m_keys)
            k.bySlot.resize(index + 1, -1);
        for (Counter& c : m_counters)
            c.bySlot.resize(index + 1, 0);
    }
    const std::shared_ptr<const Node> before = std::exchange(m_nodes[index], std::move(node));
    const Node* now = m_nodes[index].get();
    if (before && now && looksTheSame(*before, *now))
        return;
    for (Key& k : m_keys)
        k.bySlot[index] = now ? valueNumber(k, *now) : -1;
    forgetTallies();
}

void PodCounts::setNamespace(const std::string& name, const StringMap* labels)
{
    const auto it = m_namespaces.find(name);
    if (labels ? it != m_namespaces.end() && it->second == *labels : it == m_namespaces.end())
        return;
    if (labels)
        m_namespaces[name] = *labels;
    else
        m_namespaces.erase(it);
    startOver();
}

void PodCounts::forgetTallies()
{
    ++m_epoch;
    m_tallies.clear();
    m_tallyNumbers.clear();
    m_inclusions.clear();
    m_inclusionNumbers.clear();
    for (Counter& c : m_counters)
        c.tallies.clear();
}

void PodCounts::startOver()
{
    forgetTallies();
    m_counters.clear();
    m_counterNumbers.clear();
    for (auto& [serial, use] : m_uses)
        use.counters.clear();
}

bool PodCounts::matches(const PodTerm& term, const PodShape& shape) const
{
    bool inNamespace = std::find(term.namespaces.begin(), term.namespaces.end(), shape.namespaceName()) != term.namespaces.end();
    if (!inNamespace && term.namespaceSelector) {
        const auto labels = m_namespaces.find(shape.namespaceName());
        inNamespace = term.namespaceSelector->matches(labels == m_namespaces.end() ? StringMap() : labels->second);
    }
    return inNamespace && term.selector && term.selector->matches(shape.labels());
}

bool PodCounts::isAbout(const Question& question, const Use& use) const
{
    const PodShape& shape = *use.shape;
    if (question.carried >= 0)
        return std::find(use.carries.begin(), use.carries.end(), question.carried) != use.carries.end();
    if (question.selector)
        return shape.namespaceName() == question.namespace_ && question.selector->matches(shape.labels());
    return std::all_of(question.terms.begin(), question.terms.end(), [&](const PodTerm& t) { return matches(t, shape); });
}

PodCounts::Use& PodCounts::use(const PodShapePtr& shape)
{
    const auto it = m_uses.find(shape->serial);
    if (it != m_uses.end())
        return it->second;
    if (m_uses.size() >= m_forgetAt) {
        std::erase_if(m_uses, [](const auto& entry) { return entry.second.bySlot.empty(); });
        m_forgetAt = std::max(kFewestUses, 2 * m_uses.size());
    }
    Use& fresh = m_uses[shape->serial];
    fresh.shape = shape;
    carry(fresh, CarriedTerm::Kind::Affinity, shape->affinity, 1);
    carry(fresh, CarriedTerm::Kind::AntiAffinity, shape->antiAffinity, 1);
    carry(fresh, CarriedTerm::Kind::Preferred, shape->preferredAffinity, 1);
    carry(fresh, CarriedTerm::Kind::Preferred, shape->preferredAntiAffinity, -1);
    for (std::size_t i = 0; i < m_counters.size(); ++i)
        if (isAbout(m_counters[i].question, fresh))
            fresh.counters.push_back(static_cast<int>(i));
    return fresh;
}

void PodCounts::carry(Use& use, CarriedTerm::Kind kind, const std::vector<PodTerm>& terms, std::int64_t sign)
{
    for (const PodTerm& term : terms) {
        const std::int64_t weight = sign * term.weight;
        const std::string text = std::to_string(static_cast<int>(kind)) + '|' + std::to_string(weight) + '|'
            + term.topologyKey + '|' + term.text();
        const auto [it, inserted] = m_carriedNumbers.try_emplace(text, static_cast<int>(m_carried.size()));
        if (inserted) {
            m_carried.push_back({kind, term});
            m_carried.back().term.weight = weight;
            ++m_epoch;
        }
        use.carries.push_back(it->second);
    }
}

void PodCounts::count(const PodShapePtr& shape, int slot, bool terminating, int sign)
{
    Use& u = use(shape);
    const auto here = u.bySlot.try_emplace(slot).first;
    (terminating ? here->second.terminating : here->second.living) += sign;
    if (here->second.living == 0 && here->second.terminating == 0)
        u.bySlot.erase(here);
    for (const int number : u.counters) {
        Counter& c = m_counters[static_cast<std::size_t>(number)];
        if (terminating && c.question.selector)
            continue;
        c.bySlot[static_cast<std::size_t>(slot)] += sign;
        c.total += sign;
        for (const int t : c.tallies) {
            Tally& tally = m_tallies[static_cast<std::size_t>(t)];
            const std::int32_t value = valueOf(tally.key, slot);
            if (value >= 0 && included(tally, slot))
                tally.byValue[static_cast<std::size_t>(value)] += sign;
        }
    }
}

int PodCounts::key(const std::string& name)
{
    const auto [it, inserted] = m_keyNumbers.try_emplace(name, static_cast<int>(m_keys.size()));
    if (inserted) {
        Key& k = m_keys.emplace_back();
        k.name = name;
        for (const auto& node : m_nodes)
            k.bySlot.push_back(node ? valueNumber(k, *node) : -1);
    }
    return it->second;
}

int PodCounts::counter(const std::string& text, Question question)
{
    const auto known = m_counterNumbers.find(text);
    if (known != m_counterNumbers.end())
        return known->second;
    const int number = static_cast<int>(m_counters.size());
    Counter& c = m_counters.emplace_back();
    c.question = std::move(question);
    c.bySlot.assign(m_nodes.size(), 0);
    for (auto& [serial, use] : m_uses) {
        if (!isAbout(c.question, use))
            continue;
        use.counters.push_back(number);
        for (const auto& [slot, here] : use.bySlot) {
            const std::int32_t pods = here.living + (c.question.selector ? 0 : here.terminating);
            c.bySlot[static_cast<std::size_t>(slot)] += pods;
            c.total += pods;
        }
    }
    m_counterNumbers.emplace(text, number);
    return number;
}

int PodCounts::selected(const std::string& namespace_, const LabelSelector& selector)
{
    Question q;
    q.namespace_ = namespace_;
    q.selector = selector;
    return counter(namespace_ + '/' + textOf(selector), std::move(q));
}

int PodCounts::matchingAll(const std::vector<PodTerm>& terms)
{
    std::string text = "terms";
    for (const PodTerm& t : terms)
        text += '&' + t.text();
    Question q;
    q.terms = terms;
    return counter(text, std::move(q));
}

int PodCounts::carrying(int term)
{
    Question q;
    q.carried = term;
    return counter("carried " + std::to_string(term), std::move(q));
}

int PodCounts::inclusion(const std::string& text, const std::function<bool(const Node&)>& includes)
{
    const auto [it, inserted] = m_inclusionNumbers.try_emplace(text, static_cast<int>(m_inclusions.size()) + 1);
    if (inserted) {
        std::vector<std::uint8_t>& bySlot = m_inclusions.emplace_back(m_nodes.size(), 0);
        for (std::size_t slot = 0; slot < m_nodes.size(); ++slot)
            bySlot[slot] = m_nodes[slot] && includes(*m_nodes[slot]) ? 1 : 0;
    }
    return it->second;
}

int PodCounts::tally(int counter, int key, int inclusion)
{
    const auto [it, inserted] = m_tallyNumbers.try_emplace({counter, key, inclusion}, static_cast<int>(m_tallies.size()));
    if (!inserted)
        return it->second;
    Tally tally;
    tally.key = key;
    tally.inclusion = inclusion;
    const Key& k = keyAt(key);
    tally.byValue.assign(k.values.size(), 0);
    tally.nodes.assign(k.values.size(), 0);
    for (std::size_t slot = 0; slot < m_nodes.size(); ++slot) {
        const std::int32_t value = k.bySlot[slot];
        if (value < 0 || !included(tally, static_cast<int>(slot)))
            continue;
        tally.byValue[static_cast<std::size_t>(value)] += counterAt(counter).bySlot[slot];
        tally.nodes[static_cast<std::size_t>(value)] += 1;
    }
    m_counters[static_cast<std::size_t>(counter)].tallies.push_back(it->second);
    m_tallies.push_back(std::move(tally));
    return it->second;
}

void PodCounts::trim()
{
    if (m_counters.size() > kMostCounters)
        startOver();
    else if (m_tallies.size() > kMostTallies)
        forgetTallies();
}

} // namespace sim::kube
