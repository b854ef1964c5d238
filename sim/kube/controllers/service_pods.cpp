#include "sim/kube/controllers/service_pods.h"

#include "sim/kube/api/time_text.h"
#include "sim/kube/controllers/endpoint_slice.h"

#include <algorithm>

namespace sim::kube {

bool selects(const Service& service, const StringMap& labels)
{
    if (service.spec.selector.empty())
        return false;
    return std::all_of(service.spec.selector.begin(), service.spec.selector.end(), [&](const auto& wanted) {
        const auto it = labels.find(wanted.first);
        return it != labels.end() && it->second == wanted.second;
    });
}

void enqueueServices(WorkQueue& queue, const WatchEvent& event, const Store& store)
{
    if (event.kind == kindIdOf<Service>) {
        queue.add(event.key);
        return;
    }
    if (event.kind != kindIdOf<Pod>)
        return;
    const Pod& pod = event.as<Pod>();
    const Pod* before = event.before<Pod>();
    if (event.type == WatchEvent::Type::Modified && before) {
        const bool same = before->metadata.labels == pod.metadata.labels
            && before->metadata.deletionTimestamp.has_value() == pod.metadata.deletionTimestamp.has_value()
            && before->status.podIP == pod.status.podIP && before->spec.nodeName == pod.spec.nodeName
            && isReady(*before) == isReady(pod) && isTerminal(*before) == isTerminal(pod);
        if (same)
            return;
    }
    const auto& services = store.all<Service>();
    for (auto it = services.lower_bound({event.key.namespace_, {}});
         it != services.end() && it->first.namespace_ == event.key.namespace_; ++it)
        if (selects(*it->second, pod.metadata.labels) || (before && selects(*it->second, before->metadata.labels)))
            queue.add(it->first);
}

std::vector<std::shared_ptr<const Pod>> servicePods(const Store& store, const Service& service, bool withTerminating)
{
    std::vector<std::shared_ptr<const Pod>> found;
    const auto& pods = store.all<Pod>();
    const std::string& ns = service.metadata.namespace_;
    for (auto it = pods.lower_bound({ns, {}}); it != pods.end() && it->first.namespace_ == ns; ++it) {
        const Pod& pod = *it->second;
        if (pod.status.podIP.empty() || isTerminal(pod) || !selects(service, pod.metadata.labels))
            continue;
        if (pod.metadata.deletionTimestamp && !withTerminating)
            continue;
        found.push_back(it->second);
    }
    return found;
}

std::vector<EndpointPort> endpointPorts(const Service& service, const Pod& pod)
{
    std::vector<EndpointPort> ports;
    for (const ServicePort& p : service.spec.ports) {
        EndpointPort out;
        out.name = p.name;
        out.protocol = p.protocol.empty() ? "TCP" : p.protocol;
        if (const auto* number = std::get_if<std::int64_t>(&p.targetPort.value)) {
            out.port = *number != 0 ? *number : p.port.value;
        } else {
            const std::string& name = std::get<std::string>(p.targetPort.value);
            for (const Container& c : pod.spec.containers)
                for (const ContainerPort& cp : c.ports)
                    if (cp.name == name && (cp.protocol.empty() || cp.protocol == out.protocol))
                        out.port = cp.containerPort.value;
            if (out.port == 0)
                continue;
        }
        ports.push_back(std::move(out));
    }
    return ports;
}

std::optional<Instant> TriggerTimes::changed(const Service& service, const std::vector<std::shared_ptr<const Pod>>& pods)
{
    const ObjectKey key = keyOf(service);
    const Instant created = service.metadata.creationTimestamp ? service.metadata.creationTimestamp->at : Instant{};
    const auto [it, fresh] = m_known.try_emplace(key);
    Known& known = it->second;
    std::optional<Instant> earliest;
    const auto note = [&](Instant at, Instant before) {
        if (at > before && (!earliest || at < *earliest))
            earliest = at;
    };
    std::map<std::string, Instant> now;
    for (const auto& pod : pods) {
        const Condition* ready = findCondition(pod->status.conditions, "Ready");
        if (ready == nullptr || !ready->lastTransitionTime)
            continue;
        const Instant at = ready->lastTransitionTime->at;
        const auto before = known.pods.find(pod->metadata.name);
        note(at, before == known.pods.end() ? Instant{} : before->second);
        now[pod->metadata.name] = at;
    }
    note(created, known.service);
    known.pods = std::move(now);
    known.service = created;
    return fresh ? created : earliest;
}

void TriggerTimes::addTo(Fingerprint& f) const
{
    for (const auto& [key, known] : m_known) {
        f.add(key.namespace_);
        f.add(key.name);
        sim::addTo(f, known.service);
        for (const auto& [pod, at] : known.pods) {
            f.add(pod);
            sim::addTo(f, at);
        }
    }
}

void setTriggerTime(ObjectMeta& meta, std::optional<Instant> at)
{
    if (at)
        meta.annotations[kLastChangeTriggerTime] = rfc3339(*at);
    else
        meta.annotations.erase(kLastChangeTriggerTime);
}

} // namespace sim::kube
