#pragma once

#include "sim/kube/controllers/controller.h"

namespace sim::kube {

/// pkg/controller/cronjob: makes Jobs on a schedule.
struct CronJobController {
    static constexpr const char* kStream = "kube/cronjob";
    static constexpr int kWorkers = 5; // --concurrent-cron-job-syncs
    static constexpr bool kPrompt = true;
    WorkQueue queue;

    void relist(const Store& store);
    void observe(const WatchEvent& event, const Store& store, const PodIndex& pods);
    void reconcile(ControllerContext& context, const ObjectKey& key);

    bool operator==(const CronJobController&) const = default;
    void addTo(Fingerprint& f) const { queue.addTo(f); }
};

} // namespace sim::kube
