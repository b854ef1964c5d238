#pragma once

#include "sim/kube/api/component_fields.h"
#include "sim/kube/client/client.h"
#include "sim/kube/client/objects.h"
#include "sim/kube/client/request_rate.h"
#include "sim/kube/client/work_queue.h"
#include "sim/kube/controllers/pod_index.h"

namespace sim::kube {

/// What every controller of kube-controller-manager gets while it reconciles.
struct ControllerContext {
    const Client& client;
    const PodIndex& pods;
    RequestRate& rate;      ///< of the controller's client
    RandomStream& random;   ///< the controller's
    RateLimit limit;
    std::int64_t asked = 0; ///< changes written in this round that asked for their requests before
    Store& store() const { return client.store; }
    Instant now() const { return client.now(); }
    /// Asks for a request: when the API server will have done it.
    Instant request();
};

// Each controller is a struct with
//   static constexpr const char* kStream   its random stream, for the latency of informer and work
//   static constexpr int kWorkers          keys handled at once (--concurrent-*-syncs)
//   WorkQueue queue
//   void relist(store)                     everything, after a start or a lost watch
//   void observe(event, store, pods)       one change: which keys it concerns
//   void reconcile(context, key)           brings one key's world closer to what is wanted
// and where its client may ask more often than the others' (kube-controller-manager's app/core.go)
//   static constexpr RateLimit kMoreRequests   factors of the two limits
// where it says or does something before its first request is answered
//   static constexpr bool kPrompt
// and where it asks for its requests itself and writes when they are done (prompt as well)
//   static constexpr bool kAsksItself
// and nothing shared between controllers but the pod index.

/// Writes the pods/status-like part of an object at once with the newest version, as controllers do that
/// patch. False: the object is gone.
template <ApiObject T, class Change>
bool patchObject(const Client& client, const ObjectKey& key, Change change)
{
    const auto stored = client.store.get<T>(key);
    if (!stored)
        return false;
    T copy = *stored;
    change(copy);
    return static_cast<bool>(client.store.update(std::move(copy), client.now()));
}

/// Marks that the controller manager writes the object's status now.
inline void markStatus(ObjectMeta& metadata, Instant now) { markWritten(metadata, kControllerManager, "status", now); }

/// See createObject.
std::string createPod(const Client& client, Pod pod, const std::string& controller, std::shared_ptr<const Pod>& created);

/// Creates an object as that controller's service account would: defaulted, admitted and validated. Returns the
/// error's text, empty when created; `created` gets the object.
template <ApiObject T>
std::string createObject(const Client& client, const T& object, const std::string& controller, std::shared_ptr<const T>& created)
{
    Request request;
    request.namespace_ = object.metadata.namespace_;
    request.user = "system:serviceaccount:kube-system:" + controller;
    request.fieldManager = kControllerManager;
    Created<T> made = ApiServer::create(client.store, client.context.engine, object, request, client.webhooks);
    if (!made)
        return made.refusal.body.value("message", std::string("unknown error"));
    created = std::move(made.object);
    return {};
}

/// Whether an error of createObject is the refusal of a namespace that is being deleted. Controllers do nothing about
/// it: all further creations would fail as well.
bool refusedByNamespace(const std::string& error);

/// The namespace takes no new objects any more: NamespaceLifecycle admission's words; empty when it does.
std::string namespaceRefusal(const Client& client, const std::string& resource, const std::string& name,
                             const std::string& namespace_);

/// True, and the condition on the pod, when it was not there before (DisruptionTarget).
void setPodCondition(Pod& pod, const char* type, const char* status, const std::string& reason,
                     const std::string& message, Instant now);

} // namespace sim::kube
