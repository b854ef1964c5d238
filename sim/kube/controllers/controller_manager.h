#pragma once

#include "sim/kube/client/client.h"
#include "sim/kube/controllers/api_service.h"
#include "sim/kube/controllers/attach_detach.h"
#include "sim/kube/controllers/controller_trace.h"
#include "sim/kube/controllers/cron_job.h"
#include "sim/kube/controllers/csi_provisioner.h"
#include "sim/kube/controllers/daemon_set.h"
#include "sim/kube/controllers/deployment.h"
#include "sim/kube/controllers/disruption.h"
#include "sim/kube/controllers/endpoint_slice.h"
#include "sim/kube/controllers/garbage_collector.h"
#include "sim/kube/controllers/horizontal.h"
#include "sim/kube/controllers/job.h"
#include "sim/kube/controllers/namespace_controller.h"
#include "sim/kube/controllers/node_lifecycle.h"
#include "sim/kube/controllers/node_ttl.h"
#include "sim/kube/controllers/persistent_volume.h"
#include "sim/kube/controllers/pod_gc.h"
#include "sim/kube/controllers/replica_set.h"
#include "sim/kube/controllers/resource_quota.h"
#include "sim/kube/controllers/service_account.h"
#include "sim/kube/controllers/stateful_set.h"
#include "sim/kube/controllers/taint_eviction.h"
#include "sim/kube/controllers/ttl_after_finished.h"
#include "sim/kube/controllers/volume_protection.h"

#include <array>
#include <tuple>

namespace sim::kube {

/// kube-controller-manager: all controllers, one watch cursor, and the pod index that they share. Works
/// between start() and stop(), that is while its process holds the lease.
class ControllerManager {
public:
    bool running() const { return m_running; }
    /// Lists everything, as informers do when they start.
    void start(Context& context, const Store& store);
    void stop();

    /// Changes after the cursor, oldest first. No-op when not running.
    void observe(const std::vector<const WatchEvent*>& changes, const Store& store, Instant now);
    /// The history no longer reaches back to the cursor.
    void relist(const Store& store);
    const WatchCursor& cursor() const { return m_cursor; }
    void setCursor(std::uint64_t resourceVersion) { m_cursor.resourceVersion = resourceVersion; }

    /// Plans a wake-up for each controller that has something in its queue.
    void schedule(Context& context);
    /// EventType::ControllerWake.
    void wake(const Client& client, std::uint32_t controller, std::uint64_t generation);
    /// EventType::NodeMonitor: every 5 s while running.
    void monitorNodes(const Client& client);
    void scheduleMonitor(Context& context);

    /// One controller to be looked at (the window's reconcile loop).
    struct View {
        const char* name;  ///< "deployment"
        const WorkQueue& queue;
        const ControllerTrace& trace;
        std::optional<Instant> wakesAt;
    };
    static constexpr std::size_t count() { return kCount; }
    /// Requires: index < count().
    View look(std::size_t index) const;

    bool operator==(const ControllerManager&) const = default;
    void addTo(Fingerprint& f) const;

private:
    using Controllers = std::tuple<DeploymentController, ReplicaSetController, DaemonSetController,
        EndpointSliceController, EndpointsController, NodeLifecycleController, TaintEvictionController,
        NamespaceController, GarbageCollector, PodGarbageCollector, ServiceAccountController,
        StatefulSetController, JobController, TtlAfterFinishedController, CronJobController, HorizontalController,
        DisruptionController, ResourceQuotaController, PersistentVolumeController, VolumeProtectionController,
        CsiProvisioner, AttachDetachController, NodeTtlController, ApiServiceController>;
    static constexpr std::size_t kCount = std::tuple_size_v<Controllers>;

    struct Wake {
        std::optional<Instant> at;
        std::optional<Instant> work;  ///< when the keys that wait are taken up
        std::uint32_t generation = 0;
        bool operator==(const Wake&) const = default;
        void addTo(Fingerprint& f) const { sim::addTo(f, at); sim::addTo(f, work); sim::addTo(f, generation); }
    };
    /// What goes through one controller's client.
    struct Requests {
        RequestRate rate;
        EventPosts posts;
        bool operator==(const Requests&) const = default;
        void addTo(Fingerprint& f) const { rate.addTo(f); posts.addTo(f); }
    };

    template <class C, class F>
    void withRequests(const Client& client, std::uint32_t index, F work);
    template <class C>
    void work(C& controller, ControllerContext& context, std::uint32_t index);

    Controllers m_controllers;
    std::array<Wake, kCount> m_wakes;
    std::array<Requests, kCount> m_requests;
    std::array<ControllerTrace, kCount> m_traces; ///< not part of the fingerprint
    PodIndex m_pods;
    WatchCursor m_cursor;
    bool m_running = false;
    bool m_monitorScheduled = false;
};

} // namespace sim::kube
