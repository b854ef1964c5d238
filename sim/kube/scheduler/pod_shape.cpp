#include "sim/kube/scheduler/pod_shape.h"

#include "sim/engine/fingerprint.h"
#include "sim/kube/client/objects.h"

#include <algorithm>

namespace sim::kube {

namespace {

constexpr const char* kAnyAddress = "0.0.0.0";

std::string controllerUidOf(const Pod& pod)
{
    const OwnerReference* owner = controllerOf(pod.metadata);
    return owner ? owner->uid : std::string();
}

void addContainers(Fingerprint& f, const std::vector<Container>& containers)
{
    f.add(containers.size());
    for (const Container& c : containers) {
        f.add(c.image);
        for (const auto& [name, quantity] : c.resources.requests) {
            f.add(name);
            f.add(quantity.text);
        }
    }
}

/// Of the fields that differ most; sameShape() has the last word.
std::uint64_t hashOf(const Pod& pod)
{
    Fingerprint f;
    f.add(pod.metadata.namespace_);
    addTo(f, pod.metadata.labels);
    addContainers(f, pod.spec.containers);
    addContainers(f, pod.spec.initContainers);
    f.add(static_cast<std::uint64_t>(pod.spec.priority.value_or(0)));
    const auto& affinity = pod.spec.affinity;
    if (affinity && affinity->nodeAffinity && affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution)
        for (const NodeSelectorTerm& term : affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution->nodeSelectorTerms)
            for (const LabelSelectorRequirement& r : term.matchFields)
                addTo(f, r.values); // a DaemonSet's pods differ in nothing else
    return f.value();
}

bool sameContainers(const std::vector<Container>& a, const std::vector<Container>& b)
{
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Container& x, const Container& y) {
        return x.image == y.image && x.restartPolicy == y.restartPolicy && x.ports == y.ports
            && x.resources.requests == y.resources.requests;
    });
}

std::vector<std::string> claimsOf(const PodSpec& spec)
{
    std::vector<std::string> claims;
    for (const Volume& v : spec.volumes)
        if (v.persistentVolumeClaim)
            claims.push_back(v.persistentVolumeClaim->claimName);
    return claims;
}

std::string withTag(const std::string& image)
{
    const auto colon = image.rfind(':');
    const auto slash = image.rfind('/');
    const bool tagged = colon != std::string::npos && (slash == std::string::npos || colon > slash);
    return tagged ? image : image + ":latest";
}

PodTerm termOf(const PodAffinityTerm& term, const Pod& owner, std::int64_t weight)
{
    PodTerm t;
    t.namespaces = term.namespaces;
    t.namespaceSelector = term.namespaceSelector;
    if (t.namespaces.empty() && !t.namespaceSelector)
        t.namespaces = {owner.metadata.namespace_};
    t.selector = term.labelSelector;
    if (t.selector) {
        addLabelKeys(*t.selector, owner.metadata.labels, term.matchLabelKeys, "In");
        addLabelKeys(*t.selector, owner.metadata.labels, term.mismatchLabelKeys, "NotIn");
    }
    t.topologyKey = term.topologyKey;
    t.weight = weight;
    return t;
}

void readTerms(const std::optional<PodAffinity>& affinity, const Pod& pod, std::vector<PodTerm>& required,
               std::vector<PodTerm>& preferred)
{
    if (!affinity)
        return;
    for (const PodAffinityTerm& term : affinity->requiredDuringSchedulingIgnoredDuringExecution)
        required.push_back(termOf(term, pod, 1));
    for (const WeightedPodAffinityTerm& term : affinity->preferredDuringSchedulingIgnoredDuringExecution)
        preferred.push_back(termOf(term.podAffinityTerm, pod, term.weight));
}

PodShapePtr shapeOf(std::shared_ptr<const Pod> pod, std::uint64_t serial)
{
    auto shape = std::make_shared<PodShape>();
    const PodSpec& spec = pod->spec;
    shape->serial = serial;
    shape->controllerUid = controllerUidOf(*pod);
    shape->priority = spec.priority.value_or(0);
    shape->preempts = spec.preemptionPolicy != "Never";
    shape->requests = podRequests(spec);
    shape->nonZero = podNonZeroRequests(spec);
    shape->claims = claimsOf(spec);
    for (const Container& c : spec.initContainers)
        shape->images.push_back(withTag(c.image));
    for (const Container& c : spec.containers) {
        shape->images.push_back(withTag(c.image));
        for (const ContainerPort& port : c.ports)
            if (port.hostPort > 0)
                shape->hostPorts.push_back({port.hostIP.empty() ? kAnyAddress : port.hostIP,
                                            port.protocol.empty() ? "TCP" : port.protocol, port.hostPort});
    }
    if (spec.affinity && spec.affinity->nodeAffinity && spec.affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution) {
        const auto& terms = spec.affinity->nodeAffinity->requiredDuringSchedulingIgnoredDuringExecution->nodeSelectorTerms;
        shape->pinned = std::any_of(terms.begin(), terms.end(), [](const NodeSelectorTerm& t) { return !t.matchFields.empty(); });
    }
    if (spec.affinity) {
        readTerms(spec.affinity->podAffinity, *pod, shape->affinity, shape->preferredAffinity);
        readTerms(spec.affinity->podAntiAffinity, *pod, shape->antiAffinity, shape->preferredAntiAffinity);
    }
    shape->model = std::move(pod);
    return shape;
}

} // namespace

bool HostPort::conflictsWith(const HostPort& other) const
{
    return port == other.port && protocol == other.protocol
        && (ip == other.ip || ip == kAnyAddress || other.ip == kAnyAddress);
}

std::string PodTerm::text() const
{
    std::string all;
    for (const std::string& ns : namespaces)
        all += ns + ',';
    if (namespaceSelector)
        all += '{' + textOf(*namespaceSelector) + '}';
    return all + '|' + (selector ? textOf(*selector) : std::string("none"));
}

std::string textOf(const LabelSelector& selector)
{
    std::string text;
    for (const auto& [key, value] : selector.matchLabels)
        text += key + '=' + value + ';';
    for (const LabelSelectorRequirement& r : selector.matchExpressions) {
        text += r.key + ' ' + r.operator_;
        for (const std::string& value : r.values)
            text += ' ' + value;
        text += ';';
    }
    return text;
}

void addLabelKeys(LabelSelector& selector, const StringMap& labels, const std::vector<std::string>& keys, const char* operator_)
{
    for (const std::string& key : keys)
        if (const auto it = labels.find(key); it != labels.end())
            selector.matchExpressions.push_back({key, operator_, {it->second}});
}

bool sameShape(const Pod& a, const Pod& b)
{
    const PodSpec& x = a.spec;
    const PodSpec& y = b.spec;
    return a.metadata.namespace_ == b.metadata.namespace_ && a.metadata.labels == b.metadata.labels
        && sameContainers(x.containers, y.containers) && sameContainers(x.initContainers, y.initContainers)
        && x.priority == y.priority && x.preemptionPolicy == y.preemptionPolicy && x.nodeSelector == y.nodeSelector
        && x.tolerations == y.tolerations && x.affinity == y.affinity
        && x.topologySpreadConstraints == y.topologySpreadConstraints && x.overhead == y.overhead
        && claimsOf(x) == claimsOf(y) && controllerUidOf(a) == controllerUidOf(b);
}

PodInfo PodShapes::describe(std::shared_ptr<const Pod> pod)
{
    std::vector<PodShapePtr>& candidates = m_byHash[hashOf(*pod)];
    for (const PodShapePtr& shape : candidates)
        if (shape->model == pod || sameShape(*shape->model, *pod))
            return {std::move(pod), shape};
    const PodShapePtr shape = shapeOf(pod, m_nextSerial++);
    candidates.push_back(shape);
    if (++m_size >= m_forgetAt)
        forgetUnused();
    return {std::move(pod), shape};
}

void PodShapes::forgetUnused()
{
    m_size = 0;
    for (auto it = m_byHash.begin(); it != m_byHash.end();) {
        std::erase_if(it->second, [](const PodShapePtr& shape) { return shape.use_count() == 1; });
        m_size += it->second.size();
        it = it->second.empty() ? m_byHash.erase(it) : std::next(it);
    }
    m_forgetAt = std::max<std::size_t>(1024, 2 * m_size);
}

} // namespace sim::kube
