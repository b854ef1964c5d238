#pragma once

#include "sim/kube/scheduler/pod_shape.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sim::kube {

/// How many pods of some kind run on each node and in each topology domain, kept up to date pod by pod:
/// spreading and pod affinity ask for these numbers and never walk pods. Nodes are slots of the cache.
class PodCounts {
public:
    /// A term that placed pods have, each distinct one once.
    struct CarriedTerm {
        enum class Kind : std::uint8_t { Affinity, AntiAffinity, Preferred };
        Kind kind = Kind::Affinity;
        PodTerm term; ///< weight: negative for preferred anti-affinity
    };
    /// Which pods a question is about: those that carry a term (its number), those of a namespace that a
    /// selector matches and that are not being deleted, or those that match all of the terms.
    struct Question {
        int carried = -1;
        std::string namespace_;
        std::optional<LabelSelector> selector;
        std::vector<PodTerm> terms;
    };
    /// Pods per node.
    struct Counter {
        Question question;
        std::vector<std::int32_t> bySlot;
        std::int64_t total = 0;
        std::vector<int> tallies;
    };
    /// The same per value of a node label.
    struct Tally {
        int key = 0;
        int inclusion = 0;
        std::vector<std::int64_t> byValue;
        std::vector<std::int32_t> nodes; ///< counted nodes that have the value
    };
    struct Key {
        std::string name;
        std::vector<std::int32_t> bySlot; ///< number of the node's value; -1: the node has no such label
        std::map<std::string, std::int32_t> values;
    };

    void setNode(int slot, std::shared_ptr<const Node> node); ///< null: the slot is free
    void setNamespace(const std::string& name, const StringMap* labels);
    void count(const PodShapePtr& shape, int slot, bool terminating, int sign);

    /// Rises when numbers of tallies may mean something else or carriedTerms() has grown.
    std::uint64_t epoch() const { return m_epoch; }
    /// Services or owners changed what a pod's default selector is.
    void forgetTallies();

    /// Drops what has piled up. Between cycles only: numbers given out before are void after it.
    void trim();
    int key(const std::string& name);
    /// Pods of a namespace that a selector matches; being deleted ones do not count.
    int selected(const std::string& namespace_, const LabelSelector& selector);
    /// Pods that match all of the terms.
    int matchingAll(const std::vector<PodTerm>& terms);
    /// Pods that carry a term, by its place in carriedTerms().
    int carrying(int term);
    /// Nodes that a tally counts, by a text that says which. Number 0: all.
    int inclusion(const std::string& text, const std::function<bool(const Node&)>& includes);
    int tally(int counter, int key, int inclusion);

    const Counter& counterAt(int i) const { return m_counters[static_cast<std::size_t>(i)]; }
    const Tally& tallyAt(int i) const { return m_tallies[static_cast<std::size_t>(i)]; }
    const Key& keyAt(int i) const { return m_keys[static_cast<std::size_t>(i)]; }
    std::int32_t valueOf(int key, int slot) const
    {
        return m_keys[static_cast<std::size_t>(key)].bySlot[static_cast<std::size_t>(slot)];
    }
    std::int64_t inDomainOf(const Tally& tally, int slot) const
    {
        const std::int32_t value = valueOf(tally.key, slot);
        return value < 0 ? 0 : tally.byValue[static_cast<std::size_t>(value)];
    }
    bool matches(const PodTerm& term, const PodShape& shape) const;
    const std::vector<CarriedTerm>& carriedTerms() const { return m_carried; }

private:
    struct Here {
        std::int32_t living = 0;
        std::int32_t terminating = 0;
    };
    struct Use {
        PodShapePtr shape;
        boost::unordered_flat_map<int, Here> bySlot;
        std::vector<int> carries;
        std::vector<int> counters;
    };
    int counter(const std::string& text, Question question);
    bool isAbout(const Question& question, const Use& use) const;
    void carry(Use& use, CarriedTerm::Kind kind, const std::vector<PodTerm>& terms, std::int64_t sign);
    void startOver();
    Use& use(const PodShapePtr& shape);
    bool included(const Tally& tally, int slot) const
    {
        return tally.inclusion == 0 || m_inclusions[static_cast<std::size_t>(tally.inclusion - 1)][static_cast<std::size_t>(slot)] != 0;
    }

    std::vector<std::shared_ptr<const Node>> m_nodes;
    std::vector<Key> m_keys;
    std::map<std::string, int> m_keyNumbers;
    std::vector<Counter> m_counters;
    std::map<std::string, int> m_counterNumbers;
    std::vector<Tally> m_tallies;
    std::map<std::vector<int>, int> m_tallyNumbers;
    std::vector<std::vector<std::uint8_t>> m_inclusions;
    std::map<std::string, int> m_inclusionNumbers;
    std::map<std::uint64_t, Use> m_uses;
    std::size_t m_forgetAt = 1024;
    std::vector<CarriedTerm> m_carried;
    std::map<std::string, int> m_carriedNumbers;
    std::map<std::string, StringMap> m_namespaces;
    std::uint64_t m_epoch = 1;
};

} // namespace sim::kube
