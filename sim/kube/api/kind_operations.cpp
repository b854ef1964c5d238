#include "sim/kube/api/kind_operations.h"

#include "sim/kube/api/defaults.h"
#include "sim/kube/api/validation.h"

#include <array>

namespace sim::kube {

namespace {

template <class T>
concept HasStatus = requires(T object) { object.status; };
template <class T>
concept HasScale = (std::is_same_v<T, Deployment> || std::is_same_v<T, ReplicaSet> || std::is_same_v<T, StatefulSet>);

template <class T>
T& as(void* object) { return *static_cast<T*>(object); }
template <class T>
const T& as(const void* object) { return *static_cast<const T*>(object); }

std::string selectorOf(const LabelSelector& selector)
{
    std::string text;
    for (const auto& [key, value] : selector.matchLabels)
        text += (text.empty() ? "" : ",") + key + "=" + value;
    return text;
}

template <class T>
nlohmann::json scaleOf(const T& object)
{
    const ObjectMeta& meta = object.metadata;
    nlohmann::json scale{{"kind", "Scale"}, {"apiVersion", "autoscaling/v1"},
                         {"metadata", {{"name", meta.name}, {"namespace", meta.namespace_}, {"resourceVersion", meta.resourceVersion},
                                       {"uid", meta.uid}}},
                         {"spec", {{"replicas", object.spec.replicas.value_or(1)}}}};
    if (meta.creationTimestamp)
        scale["metadata"]["creationTimestamp"] = toJson(object)["metadata"]["creationTimestamp"];
    const std::int64_t replicas = object.status.replicas;
    scale["status"] = {{"replicas", replicas}, {"selector", selectorOf(object.spec.selector)}};
    return scale;
}

template <class T>
AnyWritten any(Written<T> written)
{
    return {std::move(written.object), std::move(written.error)};
}

template <class T>
KindOperations operations()
{
    KindOperations row{};
    row.decode = [](const nlohmann::json& json, DecodeProblems& problems) -> std::shared_ptr<void> {
        return std::make_shared<T>(decode<T>(json, problems));
    };
    row.copy = [](const void* object) -> std::shared_ptr<void> { return std::make_shared<T>(as<T>(object)); };
    row.metadata = [](void* object) -> ObjectMeta& { return as<T>(object).metadata; };
    row.equal = [](const void* a, const void* b) { return as<T>(a) == as<T>(b); };
    row.applyDefaults = [](void* object) { applyDefaults(as<T>(object)); };
    row.admitNew = [](void* object, const Store& store, RandomStream& random) { admitNew(as<T>(object), store, random); };
    row.validate = [](const void* object) { return validate(as<T>(object)); };
    row.validateUpdate = [](const void* object, const void* old) { return validateUpdate(as<T>(object), as<T>(old)); };
    if constexpr (HasStatus<T>)
        row.takeStatus = [](void* object, const void* from) { as<T>(object).status = as<T>(from).status; };
    if constexpr (HasScale<T>) {
        row.replicas = [](void* object) -> std::int64_t* {
            auto& replicas = as<T>(object).spec.replicas;
            return replicas ? &*replicas : &replicas.emplace(1);
        };
        row.scale = [](const void* object) { return scaleOf(as<T>(object)); };
    }
    row.get = [](const Store& store, const ObjectKey& key) -> std::shared_ptr<const void> { return store.get<T>(key); };
    row.create = [](Store& store, void* object, Instant now, RandomStream& random) {
        return any(store.create<T>(std::move(as<T>(object)), now, random));
    };
    row.update = [](Store& store, void* object, Instant now) { return any(store.update<T>(std::move(as<T>(object)), now)); };
    row.remove = [](Store& store, const ObjectKey& key, Instant now, std::optional<std::int64_t> grace) {
        return any(store.remove<T>(key, now, grace));
    };
    row.visit = [](const Store& store, const ObjectKey& first,
                   const std::function<bool(const ObjectKey&, const std::shared_ptr<const void>&)>& visitor) {
        const auto& table = store.all<T>();
        for (auto it = table.lower_bound(first); it != table.end(); ++it)
            if (!visitor(it->first, it->second))
                return;
    };
    return row;
}

template <class... T>
std::array<KindOperations, sizeof...(T)> rows(boost::mp11::mp_list<T...>)
{
    return {operations<T>()...};
}

} // namespace

const KindOperations& operationsOf(KindId kind)
{
    static const auto table = rows(AllKinds{});
    FL_ASSERT(kind < table.size());
    return table[kind];
}

} // namespace sim::kube
