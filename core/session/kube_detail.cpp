#include "core/session/kube_detail.h"

#include "sim/world/world.h"

namespace core::session {

namespace {

// Drawing the tree anew costs about a microsecond an object; a large one is drawn every few frames only.
constexpr std::size_t kObjectsPerFrame = 2000;

} // namespace

std::shared_ptr<const KubeDetail> KubeDetailer::look(const sim::World& world, const KubeInterest& interest, bool still)
{
    if (interest == KubeInterest())
        return nullptr;
    auto detail = std::make_shared<KubeDetail>();
    if (interest.owners) {
        const std::uint64_t version = world.cluster().store().resourceVersion();
        const bool same = m_owners && version == m_ownersVersion && m_ownersAt <= world.now();
        const bool rewound = m_ownersAt > world.now();
        if (!m_owners || rewound || (!same && (still || m_framesToWait == 0))) {
            m_owners = std::make_shared<const OwnersDetail>(ownersOf(world));
            m_ownersVersion = version;
            m_framesToWait = m_owners->objects.size() / kObjectsPerFrame;
        } else if (m_framesToWait > 0) {
            --m_framesToWait;
        }
        m_ownersAt = world.now();
        detail->owners = m_owners;
    }
    if (interest.controllers)
        detail->controllers = std::make_shared<const ControllersDetail>(controllersOf(world, interest));
    if (interest.decisions)
        detail->decisions = std::make_shared<const DecisionsDetail>(decisionsOf(world, interest));
    if (interest.etcd)
        detail->etcd = std::make_shared<const EtcdDetail>(etcdOf(world, interest));
    if (interest.path)
        detail->path = std::make_shared<const PathDetail>(pathOf(world, interest));
    return detail;
}

} // namespace core::session
