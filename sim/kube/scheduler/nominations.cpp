#include "sim/kube/scheduler/nominations.h"

namespace sim::kube {

void Nominations::set(PodId id, const std::string& node)
{
    const auto known = m_nodes.find(id);
    if (known != m_nodes.end()) {
        if (known->second == node)
            return;
        const auto there = m_byNode.find(known->second);
        std::erase(there->second, id);
        if (there->second.empty())
            m_byNode.erase(there);
        m_nodes.erase(known);
    }
    if (node.empty())
        return;
    m_nodes[id] = node;
    m_byNode[node].push_back(id);
}

const std::vector<PodId>* Nominations::on(const std::string& node) const
{
    const auto it = m_byNode.find(node);
    return it == m_byNode.end() ? nullptr : &it->second;
}

} // namespace sim::kube
