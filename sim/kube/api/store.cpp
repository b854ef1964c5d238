#include "sim/kube/api/store.h"

#include "sim/engine/assert.h"
#include "sim/engine/random.h"
#include "sim/kube/api/times.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>

// Metadata rules: k8s.io/apiserver/pkg/registry/rest/{create,update,delete}.go and
// registry/generic/registry/store.go; pods: pkg/registry/core/pod/strategy.go.
namespace sim::kube {

namespace {

/// Kinds whose strategy counts generations; the rest (ConfigMap, Node, Service, ...) have none.
template <class T>
constexpr bool kHasGeneration = std::is_same_v<T, Pod> || std::is_same_v<T, Deployment>
    || std::is_same_v<T, ReplicaSet> || std::is_same_v<T, DaemonSet> || std::is_same_v<T, EndpointSlice>
    || std::is_same_v<T, StatefulSet> || std::is_same_v<T, Job> || std::is_same_v<T, CronJob>
    || std::is_same_v<T, PodDisruptionBudget> || std::is_same_v<T, NetworkPolicy> || std::is_same_v<T, Ingress>
    || std::is_same_v<T, IngressClass> || std::is_same_v<T, PriorityClass> || std::is_same_v<T, CustomResourceDefinition>
    || std::is_same_v<T, CustomObject> || std::is_same_v<T, MutatingWebhookConfiguration>
    || std::is_same_v<T, ValidatingWebhookConfiguration> || std::is_same_v<T, FlowSchema>
    || std::is_same_v<T, PriorityLevelConfiguration>;

template <ApiObject T>
std::string quotedResource(const std::string& name)
{
    return kindInfo(kindIdOf<T>).groupResource() + " \"" + name + "\"";
}

template <ApiObject T>
StoreError notFound(const std::string& name)
{
    return {404, "NotFound", quotedResource<T>(name) + " not found"};
}

template <ApiObject T>
StoreError alreadyExists(const std::string& name)
{
    return {409, "AlreadyExists", quotedResource<T>(name) + " already exists"};
}

template <ApiObject T>
StoreError conflict(const std::string& name, const std::string& why)
{
    return {409, "Conflict", "Operation cannot be fulfilled on " + quotedResource<T>(name) + ": " + why};
}

} // namespace

std::string newUid(RandomStream& random)
{
    constexpr std::string_view kHex = "0123456789abcdef";
    std::uint64_t high = random.next();
    std::uint64_t low = random.next();
    high = (high & ~std::uint64_t{0xf000}) | 0x4000;                          // version 4
    low = (low & ~(std::uint64_t{3} << 62)) | (std::uint64_t{2} << 62);       // variant 10
    std::string out(36, '-');
    char* at = out.data();
    for (int i = 0; i < 32; ++i) {
        at += i == 8 || i == 12 || i == 16 || i == 20 ? 1 : 0;
        const std::uint64_t word = i < 16 ? high : low;
        *at++ = kHex[(word >> (60 - 4 * (i % 16))) & 0xf];
    }
    return out;
}

std::string generatedName(std::string_view base, RandomStream& random)
{
    constexpr std::string_view kAlphabet = "bcdfghjklmnpqrstvwxz2456789";
    std::string name(base.substr(0, 58));
    for (int i = 0; i < 5; ++i)
        name += kAlphabet[random.below(kAlphabet.size())];
    return name;
}

namespace {

nlohmann::json withoutStatus(const RawJson& content)
{
    nlohmann::json parsed = nlohmann::json::parse(content.text, nullptr, false);
    if (parsed.is_object())
        parsed.erase("status");
    return parsed;
}

/// Whether an update is one that the kind's strategy counts as a new generation.
template <ApiObject T>
bool bumpsGeneration(const T& before, T& after)
{
    if constexpr (std::is_same_v<T, Pod>) {
        // Binding is not a change of the specification: nodeName is left out of the comparison.
        if (before.spec.nodeName.empty() && !after.spec.nodeName.empty()) {
            std::string bound;
            bound.swap(after.spec.nodeName);
            const bool changed = !(before.spec == after.spec);
            bound.swap(after.spec.nodeName);
            return changed;
        }
        return !(before.spec == after.spec);
    } else if constexpr (std::is_same_v<T, Deployment>) {
        // The controller writes the revision with the status, which is no update of the specification.
        const auto counted = [](const Deployment& deployment) {
            StringMap annotations = deployment.metadata.annotations;
            annotations.erase("deployment.kubernetes.io/revision");
            return annotations;
        };
        return !(before.spec == after.spec) || counted(before) != counted(after); // pkg/registry/apps/deployment/strategy.go
    } else if constexpr (std::is_same_v<T, EndpointSlice>) {
        return !(before.endpoints == after.endpoints) || !(before.ports == after.ports)
            || before.metadata.labels != after.metadata.labels;
    } else if constexpr (std::is_same_v<T, CustomObject>) {
        return before.content != after.content && withoutStatus(before.content) != withoutStatus(after.content);
    } else if constexpr (std::is_same_v<T, PriorityClass>) {
        return before.value != after.value || before.description != after.description;
    } else if constexpr (std::is_same_v<T, MutatingWebhookConfiguration> || std::is_same_v<T, ValidatingWebhookConfiguration>) {
        return !(before.webhooks == after.webhooks);
    } else {
        return !(before.spec == after.spec);
    }
}

constexpr const char* kTemplateGenerationAnnotation = "deprecated.daemonset.template.generation";

/// How often a DaemonSet's template was changed: a field of the older API that v1 shows as an annotation
/// (pkg/registry/apps/daemonset/strategy.go). Only the server counts it.
void countTemplates(DaemonSet& set, const DaemonSet* before)
{
    const auto known = before == nullptr ? StringMap::const_iterator{} : before->metadata.annotations.find(kTemplateGenerationAnnotation);
    std::int64_t count = 1;
    if (before != nullptr && known != before->metadata.annotations.end())
        count = std::atoll(known->second.c_str()) + (before->spec.template_ == set.spec.template_ ? 0 : 1);
    set.metadata.annotations[kTemplateGenerationAnnotation] = std::to_string(count);
}

/// An object being deleted goes when nothing holds it any more.
template <ApiObject T>
bool isReleased(const T& object)
{
    const ObjectMeta& meta = object.metadata;
    if (!meta.deletionTimestamp || !meta.finalizers.empty())
        return false;
    if constexpr (std::is_same_v<T, Namespace>)
        return object.spec.finalizers.empty();
    else
        return meta.deletionGracePeriodSeconds.value_or(0) == 0;
}

/// Seconds a pod is given to stop, as podStrategy.CheckGracefulDelete decides.
std::int64_t graceOf(const Pod& pod, std::optional<std::int64_t> asked)
{
    if (pod.spec.nodeName.empty() || pod.status.phase == "Failed" || pod.status.phase == "Succeeded")
        return 0;
    const std::int64_t grace = asked.value_or(pod.spec.terminationGracePeriodSeconds.value_or(0));
    return grace < 0 ? 1 : grace;
}

} // namespace

template <ApiObject T>
std::vector<std::shared_ptr<const T>> Store::inNamespace(const std::string& ns) const
{
    std::vector<std::shared_ptr<const T>> out;
    const auto& objects = all<T>();
    for (auto it = objects.lower_bound({ns, {}}); it != objects.end() && it->first.namespace_ == ns; ++it)
        out.push_back(it->second);
    return out;
}

template <ApiObject T>
std::shared_ptr<const T> Store::put(typename Table<T>::value_type& place, T&& object)
{
    object.metadata.resourceVersion = std::to_string(++m_resourceVersion);
    auto stored = std::make_shared<const T>(std::move(object));
    auto& [key, slot] = place;
    WatchEvent event;
    event.resourceVersion = m_resourceVersion;
    event.type = slot ? WatchEvent::Type::Modified : WatchEvent::Type::Added;
    event.kind = kindIdOf<T>;
    event.key = key;
    event.object = stored;
    event.previous = std::move(slot);
    slot = stored;
    record(std::move(event));
    return stored;
}

template <ApiObject T>
std::shared_ptr<const T> Store::erase(const ObjectKey& key, T&& last)
{
    last.metadata.resourceVersion = std::to_string(++m_resourceVersion);
    auto gone = std::make_shared<const T>(std::move(last));
    table<T>().erase(key);
    WatchEvent event;
    event.resourceVersion = m_resourceVersion;
    event.type = WatchEvent::Type::Deleted;
    event.kind = kindIdOf<T>;
    event.key = key;
    event.object = gone;
    record(std::move(event));
    return gone;
}

template <ApiObject T>
Written<T> Store::create(T object, Instant now, RandomStream& random)
{
    ObjectMeta& meta = object.metadata;
    if constexpr (!std::is_same_v<T, CustomObject>) // its definition says whether it has a namespace
        FL_ASSERT(kindInfo(kindIdOf<T>).namespaced == !meta.namespace_.empty());
    if (meta.name.empty()) {
        FL_ASSERT(!meta.generateName.empty());
        // The server tries again on a clash, eight times in all (RetryGenerateName).
        for (int attempt = 0; attempt < 8; ++attempt) {
            meta.name = generatedName(meta.generateName, random);
            if (all<T>().find(keyOf(object)) == all<T>().end())
                break;
        }
    }
    const ObjectKey key = keyOf(object);
    if (all<T>().find(key) != all<T>().end())
        return {nullptr, alreadyExists<T>(meta.name)};
    if (meta.uid.empty())
        meta.uid = newUid(random);
    meta.creationTimestamp = Time{now};
    meta.deletionTimestamp.reset();
    meta.deletionGracePeriodSeconds.reset();
    meta.generation = kHasGeneration<T> ? 1 : 0;
    if constexpr (std::is_same_v<T, DaemonSet>)
        countTemplates(object, nullptr);
    truncateTimes(object);
    return {put<T>(*table<T>().try_emplace(key).first, std::move(object)), {}};
}

template <ApiObject T>
Written<T> Store::update(T object, Instant)
{
    ObjectMeta& meta = object.metadata;
    const ObjectKey key = keyOf(object);
    const auto place = table<T>().find(key);
    if (place == table<T>().end())
        return {nullptr, notFound<T>(meta.name)};
    const std::shared_ptr<const T> before = place->second;
    const ObjectMeta& old = before->metadata;
    if (!meta.uid.empty() && meta.uid != old.uid) {
        return {nullptr, conflict<T>(key.name, "Precondition failed: UID in precondition: " + meta.uid
                                                   + ", UID in object meta: " + old.uid)};
    }
    if (!meta.resourceVersion.empty() && meta.resourceVersion != old.resourceVersion) {
        return {nullptr, conflict<T>(key.name, "the object has been modified; please apply your changes to the "
                                               "latest version and try again")};
    }
    meta.uid = old.uid;
    meta.resourceVersion = old.resourceVersion;
    meta.creationTimestamp = old.creationTimestamp;
    meta.deletionTimestamp = old.deletionTimestamp;
    meta.deletionGracePeriodSeconds = old.deletionGracePeriodSeconds;
    meta.generation = old.generation;
    if constexpr (std::is_same_v<T, DaemonSet>)
        countTemplates(object, before.get());
    truncateTimes(object);
    if constexpr (kHasGeneration<T>) {
        if (bumpsGeneration(*before, object))
            ++meta.generation;
    }
    if (object == *before)
        return {before, {}};
    if (isReleased(object))
        return {erase<T>(key, std::move(object)), {}};
    return {put<T>(*place, std::move(object)), {}};
}

template <ApiObject T>
Written<T> Store::remove(const ObjectKey& key, Instant now, std::optional<std::int64_t> graceSeconds)
{
    const auto place = table<T>().find(key);
    if (place == table<T>().end())
        return {nullptr, notFound<T>(key.name)};
    const std::shared_ptr<const T> before = place->second;
    const ObjectMeta& old = before->metadata;
    std::int64_t grace = 0;
    if constexpr (std::is_same_v<T, Pod>) {
        grace = graceOf(*before, graceSeconds);
        // A second deletion can only shorten what is left of the first.
        const std::int64_t left = old.deletionGracePeriodSeconds.value_or(0);
        if (old.deletionTimestamp && grace > 0 && (!graceSeconds || grace >= left))
            return {before, {}};
    }
    bool held = grace > 0 || !old.finalizers.empty();
    if constexpr (std::is_same_v<T, Namespace>)
        held = held || !before->spec.finalizers.empty();
    if (!held) {
        T last = *before;
        if constexpr (std::is_same_v<T, Pod>) {
            // A pod's deletion without grace is written before it is done, so watchers see both.
            last.metadata.deletionTimestamp = Time{now};
            last.metadata.deletionGracePeriodSeconds = 0;
            truncateTimes(last);
            if (!(last == *before))
                last = *put<T>(*place, std::move(last));
        }
        return {erase<T>(key, std::move(last)), {}};
    }

    T object = *before;
    ObjectMeta& meta = object.metadata;
    if (meta.deletionTimestamp && grace > 0) {
        const auto asked = meta.deletionTimestamp->at - std::chrono::seconds(meta.deletionGracePeriodSeconds.value_or(0));
        meta.deletionTimestamp = Time{asked + std::chrono::seconds(grace)};
    } else if (!meta.deletionTimestamp || meta.deletionTimestamp->at > now) {
        meta.deletionTimestamp = Time{now + std::chrono::seconds(grace)};
    }
    if (!old.deletionTimestamp && meta.generation > 0)
        ++meta.generation;
    if constexpr (std::is_same_v<T, Namespace>)
        object.status.phase = "Terminating";
    else
        meta.deletionGracePeriodSeconds = grace;
    truncateTimes(object);
    if (object == *before)
        return {before, {}};
    return {put<T>(*place, std::move(object)), {}};
}

void Store::record(WatchEvent event)
{
    if (m_history.size() == kHistory) {
        m_compacted = m_history.front().resourceVersion;
        m_history.pop_front();
    }
    m_history.push_back(std::move(event));
}

std::optional<std::vector<const WatchEvent*>> Store::changesAfter(std::uint64_t resourceVersion) const
{
    if (resourceVersion < m_compacted)
        return std::nullopt;
    // Each change has the version after that of the one before.
    FL_ASSERT(m_history.empty() || m_history.back().resourceVersion == m_resourceVersion);
    const std::uint64_t behind = m_resourceVersion - std::min(resourceVersion, m_resourceVersion);
    std::vector<const WatchEvent*> out(std::min<std::size_t>(behind, m_history.size()));
    std::transform(m_history.end() - static_cast<std::ptrdiff_t>(out.size()), m_history.end(), out.begin(),
                   [](const WatchEvent& event) { return &event; });
    return out;
}

namespace {

template <class Table>
bool sameObjects(const Table& a, const Table& b)
{
    // Copies of a world share most objects, so pointers are compared first.
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
        return x.first == y.first && (x.second == y.second || *x.second == *y.second);
    });
}

} // namespace

bool Store::operator==(const Store& other) const
{
    if (m_resourceVersion != other.m_resourceVersion || m_compacted != other.m_compacted
        || m_history.size() != other.m_history.size())
        return false;
    const bool sameHistory = std::equal(m_history.begin(), m_history.end(), other.m_history.begin(),
                                        [](const WatchEvent& a, const WatchEvent& b) {
                                            return a.resourceVersion == b.resourceVersion && a.type == b.type
                                                && a.kind == b.kind && a.key == b.key;
                                        });
    if (!sameHistory)
        return false;
    bool same = true;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, AllKinds>>([&](auto kind) {
        using T = typename decltype(kind)::type;
        same = same && sameObjects(all<T>(), other.all<T>());
    });
    return same;
}

void Store::addTo(Fingerprint& f) const
{
    f.add(m_resourceVersion);
    f.add(m_compacted);
    boost::mp11::mp_for_each<boost::mp11::mp_transform<std::type_identity, AllKinds>>([&](auto kind) {
        using T = typename decltype(kind)::type;
        sim::addTo(f, all<T>());
    });
    // The objects of past changes follow from the commands that made them; their order is what counts here.
    for (const WatchEvent& event : m_history) {
        f.add(event.resourceVersion);
        sim::addTo(f, event.type);
        f.add(std::uint64_t{event.kind});
        event.key.addTo(f);
    }
}

#define FAULTLINE_STORE_KIND(T)                                                                             \
    template std::vector<std::shared_ptr<const T>> Store::inNamespace<T>(const std::string&) const;         \
    template Written<T> Store::create<T>(T, Instant, RandomStream&);                                        \
    template Written<T> Store::update<T>(T, Instant);                                                       \
    template Written<T> Store::remove<T>(const ObjectKey&, Instant, std::optional<std::int64_t>);

FAULTLINE_FOR_EACH_KIND(FAULTLINE_STORE_KIND)
#undef FAULTLINE_STORE_KIND

} // namespace sim::kube
