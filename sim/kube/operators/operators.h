#pragma once

#include "sim/kube/client/client.h"
#include "sim/kube/client/event_posts.h"
#include "sim/kube/controllers/pod_index.h"
#include "sim/kube/operators/kueue.h"
#include "sim/kube/operators/operator_pods.h"
#include "sim/kube/operators/training_operator.h"
#include "sim/kube/operators/volcano.h"

#include <memory>
#include <optional>
#include <tuple>
#include <vector>

namespace sim::kube {

/// The batch operators of a GPU cluster: training-operator, vc-scheduler and Kueue. Each works while its
/// definitions are in the store and a container that runs its program serves; all it knows is in the store, so it goes on
/// where its last process has stopped. A cluster without their definitions does not notice them.
class Operators {
public:
    /// What changed since the last call, oldest first; null: the history is gone.
    void settle(Context& context, const Store& store, const ClusterSettings& settings, const std::vector<const WatchEvent*>* changes);
    /// EventType::OperatorWake. `which`: place in the list below.
    void wake(const Client& client, std::uint32_t which, std::uint64_t generation);
    /// The operators' admission webhooks: may change what is to be created, or refuse it.
    std::optional<Response> admit(const Context& context, const Store& store, const ClusterSettings& settings, Request& request) const;
    /// Whether admit() looks at the request at all.
    static bool admits(const Request& request);

    bool watching() const { return m_watching; }
    void addTo(Fingerprint& f) const;

private:
    /// One operator's process and what goes through its client.
    template <class O>
    struct Runner {
        O state;
        std::optional<OperatorProcess> process; ///< none: it does not run
        std::optional<Instant> startsAt;        ///< its process will serve then
        RequestRate rate;
        EventPosts posts;
        std::optional<Instant> wakeAt;
        std::uint32_t generation = 0;
        void addTo(Fingerprint& f) const;
    };
    using Runners = std::tuple<Runner<TrainingOperator>, Runner<VolcanoScheduler>, Runner<KueueManager>>;

    template <class O>
    void lookForProcess(Runner<O>& runner, const Context& context, const Store& store, const ClusterSettings& settings);
    template <class O>
    void stop(Runner<O>& runner);
    template <class O>
    void schedule(Runner<O>& runner, std::uint32_t which, Context& context);
    template <class O>
    void work(Runner<O>& runner, const Client& client);

    Runners m_runners;
    PodIndex m_pods;
    bool m_watching = false;
};

} // namespace sim::kube
