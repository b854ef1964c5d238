#include "sim/kube/controllers/endpoint_slice.h"

#include "sim/kube/controllers/service_pods.h"

#include <algorithm>

namespace sim::kube {

namespace {

constexpr std::size_t kMostEndpoints = 100; // --max-endpoints-per-slice
constexpr const char* kSliceManagedBy = "endpointslice.kubernetes.io/managed-by";
constexpr const char* kSliceManager = "endpointslice-controller.k8s.io";

using SlicePtr = std::shared_ptr<const EndpointSlice>;

ObjectReference podReference(const Pod& pod)
{
    ObjectReference r;
    r.kind = "Pod";
    r.namespace_ = pod.metadata.namespace_;
    r.name = pod.metadata.name;
    r.uid = pod.metadata.uid;
    return r;
}

SliceEndpoint endpointOf(const Store& store, const Service& service, const Pod& pod)
{
    SliceEndpoint e;
    e.addresses.push_back(pod.status.podIP);
    const bool terminating = pod.metadata.deletionTimestamp.has_value();
    const bool ready = isReady(pod);
    e.conditions.ready = service.spec.publishNotReadyAddresses || (ready && !terminating);
    e.conditions.serving = ready;
    e.conditions.terminating = terminating;
    e.nodeName = pod.spec.nodeName;
    e.targetRef = podReference(pod);
    // A pod that names the Service as its subdomain can be looked up by name.
    if (!pod.spec.hostname.empty() && pod.spec.subdomain == service.metadata.name)
        e.hostname = pod.spec.hostname;
    if (const auto node = store.get<Node>({"", pod.spec.nodeName}))
        if (const auto zone = node->metadata.labels.find(kLabelZone); zone != node->metadata.labels.end())
            e.zone = zone->second;
    return e;
}

struct Group {
    std::vector<EndpointPort> ports;
    std::map<std::string, SliceEndpoint> endpoints; ///< by pod uid
    std::vector<std::string> order;                 ///< uids as the pods came
};

EndpointSlice newSlice(const Service& service, const std::vector<EndpointPort>& ports)
{
    EndpointSlice slice;
    slice.metadata.namespace_ = service.metadata.namespace_;
    slice.metadata.generateName = service.metadata.name + "-";
    slice.metadata.ownerReferences.push_back(controllerReference(service));
    slice.addressType = "IPv4";
    slice.ports = ports;
    return slice;
}

StringMap sliceLabels(const Service& service)
{
    StringMap labels = service.metadata.labels;
    labels[kServiceNameLabel] = service.metadata.name;
    labels[kSliceManagedBy] = kSliceManager;
    if (service.spec.clusterIP == kNoClusterIp)
        labels[kHeadlessLabel] = "";
    else
        labels.erase(kHeadlessLabel);
    return labels;
}

/// Keeps what is right in the slices that are there, fills up, and opens new ones.
std::vector<EndpointSlice> placed(const Service& service, const Group& group, std::vector<EndpointSlice> slices)
{
    std::map<std::string, SliceEndpoint> missing = group.endpoints;
    for (EndpointSlice& slice : slices) {
        std::vector<SliceEndpoint> kept;
        for (const SliceEndpoint& e : slice.endpoints) {
            const auto it = e.targetRef ? missing.find(e.targetRef->uid) : missing.end();
            if (it == missing.end())
                continue;
            kept.push_back(it->second);
            missing.erase(it);
        }
        slice.endpoints = std::move(kept);
    }
    for (const std::string& uid : group.order) {
        const auto it = missing.find(uid);
        if (it == missing.end())
            continue;
        auto room = std::find_if(slices.begin(), slices.end(),
                                 [](const EndpointSlice& s) { return s.endpoints.size() < kMostEndpoints; });
        if (room == slices.end()) {
            slices.push_back(newSlice(service, group.ports));
            room = slices.end() - 1;
        }
        room->endpoints.push_back(it->second);
        missing.erase(it);
    }
    return slices;
}

/// New slices take the place of those that would go: an update each instead of a removal and a creation
/// (endpointslice/reconciler.go, finalize).
void reuse(std::vector<EndpointSlice>& wanted, const std::vector<SlicePtr>& existing)
{
    const auto isWanted = [&](const SlicePtr& slice) {
        return std::any_of(wanted.begin(), wanted.end(), [&](const EndpointSlice& one) { return one.metadata.name == slice->metadata.name; });
    };
    auto fresh = wanted.rbegin(); // the last made is the first to be placed
    for (const SlicePtr& slice : existing) {
        if (isWanted(slice))
            continue;
        fresh = std::find_if(fresh, wanted.rend(), [](const EndpointSlice& one) { return one.metadata.name.empty(); });
        if (fresh == wanted.rend())
            return;
        fresh->metadata = slice->metadata;
    }
}

} // namespace

void EndpointSliceController::relist(const Store& store)
{
    for (const auto& [key, service] : store.all<Service>())
        queue.add(key);
}

void EndpointSliceController::observe(const WatchEvent& event, const Store& store, const PodIndex&)
{
    enqueueServices(queue, event, store);
    if (event.kind != kindIdOf<EndpointSlice> || event.type == WatchEvent::Type::Added)
        return;
    // Somebody else's hand on a slice, or its deletion.
    const StringMap& labels = event.as<EndpointSlice>().metadata.labels;
    const auto name = labels.find(kServiceNameLabel);
    const auto manager = labels.find(kSliceManagedBy);
    if (name != labels.end() && manager != labels.end() && manager->second == kSliceManager)
        if (store.get<Service>({event.key.namespace_, name->second}))
            queue.add({event.key.namespace_, name->second});
}

void EndpointSliceController::reconcile(ControllerContext& context, const ObjectKey& key)
{
    queue.forget(key);
    Store& store = context.store();
    const auto service = store.get<Service>(key);
    if (!service)
        triggers.forget(key);
    if (!service || service->metadata.deletionTimestamp || service->spec.selector.empty()
        || service->spec.type == "ExternalName")
        return;
    const auto pods = servicePods(store, *service, true);
    std::vector<Group> groups;
    for (const auto& pod : pods) {
        const auto ports = endpointPorts(*service, *pod);
        auto it = std::find_if(groups.begin(), groups.end(), [&](const Group& g) { return g.ports == ports; });
        if (it == groups.end()) {
            groups.push_back({ports, {}, {}});
            it = groups.end() - 1;
        }
        it->endpoints[pod->metadata.uid] = endpointOf(store, *service, *pod);
        it->order.push_back(pod->metadata.uid);
    }

    std::vector<SlicePtr> existing;
    for (const auto& slice : store.inNamespace<EndpointSlice>(key.namespace_))
        if (isControlledBy(slice->metadata, service->metadata.uid) && !slice->metadata.deletionTimestamp)
            existing.push_back(slice);
    std::vector<EndpointSlice> wanted;
    for (const Group& group : groups) {
        std::vector<EndpointSlice> mine;
        for (const SlicePtr& slice : existing)
            if (slice->ports == group.ports)
                mine.push_back(*slice);
        for (EndpointSlice& slice : placed(*service, group, std::move(mine)))
            if (!slice.endpoints.empty())
                wanted.push_back(std::move(slice));
    }
    if (wanted.empty()) {
        // A Service without endpoints keeps one empty slice.
        EndpointSlice empty = existing.empty() ? newSlice(*service, {}) : *existing.front();
        empty.endpoints.clear();
        empty.ports.clear();
        wanted.push_back(std::move(empty));
    }

    const StringMap labels = sliceLabels(*service);
    const std::optional<Instant> trigger = triggers.changed(*service, pods);
    reuse(wanted, existing);
    for (EndpointSlice& slice : wanted) {
        slice.metadata.labels = labels;
        if (slice.metadata.name.empty()) {
            if (!namespaceRefusal(context.client, "endpointslices.discovery.k8s.io", key.name, key.namespace_).empty())
                continue;
            setTriggerTime(slice.metadata, trigger);
            store.create(std::move(slice), context.now(), context.client.random(kIdentityStream));
            continue;
        }
        std::erase_if(existing, [&](const SlicePtr& s) { return s->metadata.name == slice.metadata.name; });
        const auto stored = store.get<EndpointSlice>(keyOf(slice.metadata));
        if (stored && stored->endpoints == slice.endpoints && stored->ports == slice.ports
            && stored->metadata.labels == slice.metadata.labels)
            continue;
        setTriggerTime(slice.metadata, trigger);
        store.update(std::move(slice), context.now());
    }
    for (const SlicePtr& surplus : existing)
        store.remove<EndpointSlice>(keyOf(surplus->metadata), context.now());
}

} // namespace sim::kube
