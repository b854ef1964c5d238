#include "sim/kube/controllers/selected_pods.h"

namespace sim::kube {

void SelectedPods::select(const ObjectKey& object, const LabelSelector& selector, const Store& store)
{
    const auto known = m_choices.find(object);
    if (known != m_choices.end() && known->second.selector == selector)
        return;
    Choice choice{selector, {}};
    const auto& pods = store.all<Pod>();
    for (auto it = pods.lower_bound({object.namespace_, {}}); it != pods.end() && it->first.namespace_ == object.namespace_; ++it)
        if (selector.matches(it->second->metadata.labels))
            choice.pods.insert(choice.pods.end(), it->first);
    m_choices[object] = std::move(choice);
}

std::vector<ObjectKey> SelectedPods::observe(const WatchEvent& event)
{
    std::vector<ObjectKey> concerned;
    const bool gone = event.type == WatchEvent::Type::Deleted;
    const StringMap& labels = event.as<Pod>().metadata.labels;
    for (auto it = m_choices.lower_bound({event.key.namespace_, {}});
         it != m_choices.end() && it->first.namespace_ == event.key.namespace_; ++it) {
        const bool chosen = !gone && it->second.selector.matches(labels);
        const bool was = it->second.pods.count(event.key) != 0;
        if (chosen && !was)
            it->second.pods.insert(event.key);
        if (!chosen && was)
            it->second.pods.erase(event.key);
        if (chosen || was)
            concerned.push_back(it->first);
    }
    return concerned;
}

const SelectedPods::Keys& SelectedPods::of(const ObjectKey& object) const
{
    static const Keys kNone;
    const auto found = m_choices.find(object);
    return found == m_choices.end() ? kNone : found->second.pods;
}

} // namespace sim::kube
