#include "core/incident/evidence.h"

#include <algorithm>

namespace core::incident {

namespace {

bool contains(const std::vector<std::string>& list, std::string_view value)
{
    return std::find(list.begin(), list.end(), value) != list.end();
}

} // namespace

std::set<std::string> excludedCauses(const content::Incident& incident, const KnownFacts& known)
{
    std::set<std::string> excluded;
    for (const content::Fact& fact : incident.facts)
        if (known.count(fact.id) != 0)
            excluded.insert(fact.refutes.begin(), fact.refutes.end());
    for (const content::Inference& inference : incident.inferences) {
        const bool complete = std::all_of(inference.facts.begin(), inference.facts.end(), [&](const auto& anyOf) {
            return std::any_of(anyOf.begin(), anyOf.end(), [&](const std::string& id) { return known.count(id) != 0; });
        });
        if (complete)
            excluded.insert(inference.refutes.begin(), inference.refutes.end());
    }
    return excluded;
}

std::vector<std::string> consistentCauses(const content::Incident& incident, const KnownFacts& known)
{
    const std::set<std::string> excluded = excludedCauses(incident, known);
    std::vector<std::string> fitting;
    for (const content::Cause& cause : incident.causes)
        if (excluded.count(cause.id) == 0)
            fitting.push_back(cause.id);
    return fitting;
}

double exclusion(const content::Incident& incident, const std::string& truth, const KnownFacts& known)
{
    if (incident.causes.size() < 2)
        return 1;
    const std::set<std::string> excluded = excludedCauses(incident, known);
    const auto rivals = static_cast<double>(incident.causes.size() - 1);
    return static_cast<double>(excluded.size() - excluded.count(truth)) / rivals;
}

const content::Fact* nextFact(const content::Incident& incident, const std::string& truth, const std::string& variant,
                              const KnownFacts& known)
{
    // Every fact narrows a uniform belief over n causes to m of them: the gain is log2(n / m), so the most
    // informative fact is the one that leaves fewest.
    std::vector<const content::Fact*> candidates;
    for (const content::Fact& fact : incident.facts) {
        const bool here = fact.variants.empty() || contains(fact.variants, variant);
        if (known.count(fact.id) == 0 && fact.recovery == content::Fact::Recovery::No && here
            && contains(fact.supports, truth) && !fact.command.empty())
            candidates.push_back(&fact);
    }
    const content::Fact* best = nullptr;
    std::size_t bestExcluded = excludedCauses(incident, known).size();
    const auto consider = [&](const content::Fact& first, const content::Fact& second) {
        KnownFacts then = known;
        then.insert(first.id);
        then.insert(second.id);
        const std::size_t excluded = excludedCauses(incident, then).size();
        if (excluded > bestExcluded) {
            best = &first;
            bestExcluded = excluded;
        }
    };
    for (const content::Fact* fact : candidates)
        consider(*fact, *fact);
    // Some facts tell something only together: then the first of the best pair.
    if (best == nullptr)
        for (const content::Fact* first : candidates)
            for (const content::Fact* second : candidates)
                consider(*first, *second);
    return best;
}

} // namespace core::incident
