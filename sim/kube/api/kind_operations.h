#pragma once

#include "sim/kube/api/field_errors.h"
#include "sim/kube/api/json.h"

#include <functional>
#include <memory>

namespace sim::kube {

/// Outcome of a store's write, of any kind.
struct AnyWritten {
    std::shared_ptr<const void> object;
    StoreError error;
    explicit operator bool() const { return object != nullptr; }
};

/// What the API server does with objects without knowing their type: one row of functions for each kind. The
/// pointers to void are objects of that kind.
struct KindOperations {
    std::shared_ptr<void> (*decode)(const nlohmann::json& json, DecodeProblems& problems);
    std::shared_ptr<void> (*copy)(const void* object);
    ObjectMeta& (*metadata)(void* object);
    bool (*equal)(const void* a, const void* b);
    void (*applyDefaults)(void* object);
    void (*admitNew)(void* object, const Store& store, RandomStream& random);
    FieldErrors (*validate)(const void* object);
    FieldErrors (*validateUpdate)(const void* object, const void* old);
    /// Takes status, or everything but metadata and status, from another object. Null: the kind has no status.
    void (*takeStatus)(void* object, const void* from);
    std::int64_t* (*replicas)(void* object);                  ///< spec.replicas; null function: no scale
    nlohmann::json (*scale)(const void* object);              ///< autoscaling/v1 Scale

    std::shared_ptr<const void> (*get)(const Store& store, const ObjectKey& key);
    AnyWritten (*create)(Store& store, void* object, Instant now, RandomStream& random);
    AnyWritten (*update)(Store& store, void* object, Instant now);
    AnyWritten (*remove)(Store& store, const ObjectKey& key, Instant now, std::optional<std::int64_t> graceSeconds);
    /// Objects in the order of their keys, from `first` on, until the visitor says false.
    void (*visit)(const Store& store, const ObjectKey& first,
                  const std::function<bool(const ObjectKey&, const std::shared_ptr<const void>&)>& visitor);

    const ObjectMeta& metadataOf(const void* object) const { return metadata(const_cast<void*>(object)); }
};

const KindOperations& operationsOf(KindId kind);

} // namespace sim::kube
