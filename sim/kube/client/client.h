#pragma once

#include "sim/kube/api/api_server.h"
#include "sim/kube/client/context.h"
#include "sim/kube/client/event_posts.h"
#include "sim/kube/client/pod_metrics.h"
#include "sim/kube/client/recorder.h"

#include <string_view>

namespace sim::kube {

/// What a component holds of the API while it handles an event: the store behind the API server, the event
/// recorder and the world around. Never stored. Components get one only while the API answers.
struct Client {
    Context& context;
    Store& store;
    Recorder& recorder;
    const ClusterSettings& settings;
    const PodMetricsSource* metrics = nullptr; ///< null: none in this event
    WebhookCaller* webhooks = nullptr;         ///< null: see WebhookCaller
    EventPosts* posts = nullptr;               ///< null: events are written at once

    Instant now() const { return context.engine.now(); }
    RandomStream& random(std::string_view name) const { return context.engine.random(name); }

    template <ApiObject T>
    void event(const Reporter& reporter, const T& object, const char* type, const std::string& reason,
               const std::string& message) const
    {
        event(reporter, referenceTo(object), type, reason, message);
    }
    void event(const Reporter& reporter, const ObjectReference& object, const char* type, const std::string& reason,
               const std::string& message) const
    {
        if (posts)
            posts->add({reporter, object, type, reason, message, now()});
        else
            recorder.record(context, store, reporter, object, type, reason, message);
    }
};

inline constexpr const char* kNormal = "Normal";
inline constexpr const char* kWarning = "Warning";

/// Names of random streams that are not a component's own.
inline constexpr const char* kIdentityStream = "kube/store";

} // namespace sim::kube
