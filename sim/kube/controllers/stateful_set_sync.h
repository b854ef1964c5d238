#pragma once

#include "sim/kube/controllers/controller_history.h"
#include "sim/kube/controllers/stateful_set.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sim::kube {

/// One round of the StatefulSet controller over one set (pkg/controller/statefulset/stateful_set_control.go).
class StatefulSetSync {
public:
    StatefulSetSync(ControllerContext& context, std::shared_ptr<const StatefulSet> set);
    /// The first error's text; empty when all writes were taken.
    std::string run();
    const StatefulSetStatus& status() const { return m_status; }

private:
    using PodPtr = std::shared_ptr<const Pod>;

    // stateful_set_sync.cpp
    void claimPods();
    bool findRevisions();
    void countPods();
    void arrange();
    void completeUpdate();
    void writeStatus();
    // stateful_set_update.cpp
    void scaleUp();
    void scaleDown();
    void update();
    bool processReplica(std::int64_t index);
    bool processCondemned(const PodPtr& pod, const PodPtr& firstUnhealthy);
    bool createReplica(std::int64_t index);
    bool createClaims(std::int64_t ordinal, const std::string& podName);
    bool deletePod(const Pod& pod);
    void alignClaims(const Pod& pod, bool condemned);
    void recordClaim(const std::string& claim, const std::string& pod, const std::string& error);
    void recordPod(const char* verb, const std::string& pod, const std::string& error);

    bool inOrder() const { return m_set->spec.podManagementPolicy != "Parallel"; }
    bool isHealthy(const Pod& pod) const;
    bool isSteady(const Pod& pod) const;

    ControllerContext& m_context;
    std::shared_ptr<const StatefulSet> m_set;
    std::vector<RevisionPtr> m_revisions;
    RevisionPtr m_current;
    RevisionPtr m_update;
    std::vector<PodPtr> m_pods;
    std::vector<PodPtr> m_replicas;   ///< by ordinal from the first one; null: to be created
    std::vector<PodPtr> m_condemned;  ///< highest ordinal first
    StatefulSetStatus m_status;
    std::string m_error;
};

} // namespace sim::kube
