#pragma once

#include "sim/kube/controllers/deployment.h"

#include <memory>
#include <string>
#include <vector>

namespace sim::kube {

using ReplicaSetPtr = std::shared_ptr<const ReplicaSet>;

/// One round of the Deployment controller over one Deployment. Sets are re-read after each write, as the
/// real controller uses what the API answered.
class DeploymentSync {
public:
    DeploymentSync(ControllerContext& context, WorkQueue& queue, const ObjectKey& key, Deployment deployment);
    /// False: to be tried again after a while (a write was refused).
    bool run();

private:
    // deployment.cpp
    void claimSets();
    void splitSets();
    bool syncRevision(bool createIfMissing);
    bool createNewSet();
    bool updateNewSetAnnotations();
    bool isScaling() const;
    void scale();
    bool scaleSet(const ReplicaSetPtr& set, std::int64_t size);
    void rollRolling();
    void rollRecreate();
    bool oldPodsRunning() const;
    void cleanUpHistory();
    // deployment_status.cpp
    void checkPaused();
    DeploymentStatus calculateStatus() const;
    void writeStatus(DeploymentStatus status);
    void syncStatus();
    void syncRolloutStatus();
    void setCondition(DeploymentStatus& status, const char* type, const char* value, const char* reason,
                      const std::string& message) const;
    bool isComplete(const DeploymentStatus& status) const;

    std::int64_t replicas() const { return m_deployment.spec.replicas.value_or(1); }
    /// Zero or the largest number: not set.
    bool hasDeadline() const;
    std::vector<ReplicaSetPtr> allSets() const;

    ControllerContext& m_context;
    WorkQueue& m_queue;
    ObjectKey m_key;
    Deployment m_deployment;
    std::vector<ReplicaSetPtr> m_sets;   ///< owned, oldest first
    ReplicaSetPtr m_new;                 ///< of the present template, if there is one
    std::vector<ReplicaSetPtr> m_old;    ///< the rest, oldest first
    bool m_failed = false;
};

} // namespace sim::kube
