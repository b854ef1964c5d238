#include "sim/kube/controllers/namespace_controller.h"

#include "sim/kube/controllers/any_kind.h"
#include "sim/kube/controllers/api_service.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace sim::kube {

namespace {

constexpr const char* kFinalizer = "kubernetes";
// pkg/controller/namespace/namespace_controller.go: namespaceDeletionGracePeriod
constexpr Duration kContentGrace = 5s;

/// client-go/discovery: ErrGroupDiscoveryFailed, as aggregated discovery words each group.
std::string discoveryFailure(const std::vector<std::string>& groupVersions)
{
    std::string list;
    for (const std::string& one : groupVersions)
        list += fmt::format("{}{}: stale GroupVersion discovery: {}", list.empty() ? "" : ", ", one, one);
    return fmt::format("Discovery failed for some groups, {} failing: unable to retrieve the complete list of server APIs: {}",
                       groupVersions.size(), list);
}

struct Remaining {
    std::map<std::string, std::int64_t> byResource;   ///< "configmaps." -> objects left
    std::map<std::string, std::int64_t> byFinalizer;
    std::int64_t estimateSeconds = 0;                 ///< until the slowest pod has stopped
};

Remaining deleteContent(ControllerContext& context, const std::string& ns)
{
    Remaining remaining;
    const bool podsLeft = !context.store().inNamespace<Pod>(ns).empty();
    forEachKind([&]<class T>() {
        const KindInfo& info = kindInfo(kindIdOf<T>);
        if (!info.namespaced)
            return;
        // Pods go before all else (OrderedNamespaceDeletion).
        if (std::is_same_v<T, Pod> || !podsLeft)
            for (const auto& object : context.store().template inNamespace<T>(ns))
                if (!object->metadata.deletionTimestamp)
                    context.store().template remove<T>(keyOf(*object), context.now());
        for (const auto& object : context.store().template inNamespace<T>(ns)) {
            if constexpr (std::is_same_v<T, CustomObject>)
                remaining.byResource[fmt::format("{}.{}", object->plural, object->group)] += 1;
            else
                remaining.byResource[fmt::format("{}.{}", info.plural, info.group)] += 1;
            for (const std::string& finalizer : object->metadata.finalizers)
                remaining.byFinalizer[finalizer] += 1;
            if constexpr (std::is_same_v<T, Pod>)
                remaining.estimateSeconds = std::max(remaining.estimateSeconds,
                                                     object->metadata.deletionGracePeriodSeconds.value_or(0));
        }
    });
    return remaining;
}

void setNamespaceCondition(NamespaceStatus& status, const char* type, bool value, const char* reason, const std::string& message,
                  Instant now)
{
    Condition* condition = findCondition(status.conditions, type);
    if (!condition) {
        status.conditions.push_back({});
        condition = &status.conditions.back();
        condition->type = std::string(type);
    } else if (condition->status.value == (value ? kTrue : kFalse) && condition->reason == reason
               && condition->message == message) {
        return;
    }
    if (condition->status.value != (value ? kTrue : kFalse))
        condition->lastTransitionTime = Time{now};
    condition->status = std::string(value ? kTrue : kFalse);
    condition->reason = reason;
    condition->message = message;
}

std::string countsListed(const std::map<std::string, std::int64_t>& counts, const char* format)
{
    std::string text;
    for (const auto& [name, count] : counts)
        text += (text.empty() ? "" : ", ") + fmt::format(fmt::runtime(format), name, count);
    return text;
}

/// pkg/controller/namespace/deletion/status_condition_utils.go
void describe(NamespaceStatus& status, const Remaining& remaining, const std::vector<std::string>& undiscovered, Instant now)
{
    if (undiscovered.empty())
        setNamespaceCondition(status, "NamespaceDeletionDiscoveryFailure", false, "ResourcesDiscovered",
                     "All resources successfully discovered", now);
    else
        setNamespaceCondition(status, "NamespaceDeletionDiscoveryFailure", true, "DiscoveryFailed", discoveryFailure(undiscovered), now);
    setNamespaceCondition(status, "NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
                 "All legacy kube types successfully parsed", now);
    setNamespaceCondition(status, "NamespaceDeletionContentFailure", false, "ContentDeleted",
                 "All content successfully deleted, may be waiting on finalization", now);
    if (remaining.byResource.empty())
        setNamespaceCondition(status, "NamespaceContentRemaining", false, "ContentRemoved", "All content successfully removed", now);
    else
        setNamespaceCondition(status, "NamespaceContentRemaining", true, "SomeResourcesRemain",
                     "Some resources are remaining: " + countsListed(remaining.byResource, "{} has {} resource instances"), now);
    if (remaining.byFinalizer.empty())
        setNamespaceCondition(status, "NamespaceFinalizersRemaining", false, "ContentHasNoFinalizers",
                     "All content-preserving finalizers finished", now);
    else
        setNamespaceCondition(status, "NamespaceFinalizersRemaining", true, "SomeFinalizersRemain",
                     "Some content in the namespace has finalizers remaining: "
                         + countsListed(remaining.byFinalizer, "{} in {} resource instances"),
                     now);
}

} // namespace

void NamespaceController::relist(const Store& store)
{
    for (const auto& [key, ns] : store.all<Namespace>())
        if (ns->metadata.deletionTimestamp)
            queue.add(key);
}

void NamespaceController::observe(const WatchEvent& event, const Store&, const PodIndex&)
{
    if (event.kind != kindIdOf<Namespace> || event.type == WatchEvent::Type::Deleted)
        return;
    const Namespace& ns = event.as<Namespace>();
    // Other controllers get a moment to see that the namespace is going.
    if (ns.metadata.deletionTimestamp)
        queue.addAfter(event.key, kContentGrace);
}

void NamespaceController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    const auto ns = context.store().get<Namespace>(key);
    if (!ns || !ns->metadata.deletionTimestamp) {
        queue.forget(key);
        return;
    }
    if (context.now() < ns->metadata.deletionTimestamp->at + kContentGrace) {
        queue.addAt(key, ns->metadata.deletionTimestamp->at + kContentGrace);
        return;
    }
    const Remaining remaining = deleteContent(context, key.name);
    Namespace copy = *ns;
    copy.status.phase = "Terminating";
    // What cannot be listed might still be there, so the namespace stays.
    const std::vector<std::string> undiscovered = unavailableGroupVersions(context.store());
    describe(copy.status, remaining, undiscovered, context.now());
    if (remaining.byResource.empty() && undiscovered.empty()) {
        std::erase(copy.spec.finalizers, kFinalizer);
        context.store().update(std::move(copy), context.now());
        queue.forget(key);
        return;
    }
    context.store().update(std::move(copy), context.now());
    if (remaining.estimateSeconds > 0)
        queue.addAt(key, context.now() + std::chrono::seconds(remaining.estimateSeconds / 2 + 1));
    else
        queue.addAt(key, context.now() + kContentGrace);
}

} // namespace sim::kube
