#pragma once

#include "sim/kube/api/schema.h"

#include <nlohmann/json.hpp>

#include <map>
#include <string>
#include <vector>

namespace sim::kube {

/// A set of paths into an object, as FieldsV1 writes it: "f:name" for a field, `k:{"name":"c"}` for an item of a
/// list that is a map, `v:"x"` for one of a set.
struct FieldSet {
    bool member = false; ///< the path itself belongs to the set
    std::map<std::string, FieldSet, std::less<>> children;

    bool empty() const { return !member && children.empty(); }
    bool operator==(const FieldSet&) const = default;

    nlohmann::json toJson() const;
    static FieldSet fromJson(const nlohmann::json& json);
    /// Every path, as messages print it: `.spec.containers[name="c"].image`.
    std::vector<std::string> paths() const;

    void unite(const FieldSet& other);
    FieldSet intersection(const FieldSet& other) const;
    FieldSet difference(const FieldSet& other) const;
};

/// The paths that a configuration sets (structured-merge-diff's ToFieldSet): what an apply owns.
FieldSet fieldsSetBy(const nlohmann::json& object, const StructSchema* schema);

/// What differs between two versions of an object.
struct Comparison {
    FieldSet changed; ///< added or modified
    FieldSet removed;
};
Comparison compareObjects(const nlohmann::json& before, const nlohmann::json& after, const StructSchema* schema);

/// `live` with what the configuration sets (server-side apply's merge).
nlohmann::json mergeApplied(const nlohmann::json& live, const nlohmann::json& applied, const StructSchema* schema);
/// Takes the fields out of the object.
void removeFields(nlohmann::json& object, const FieldSet& fields, const StructSchema* schema);

} // namespace sim::kube
