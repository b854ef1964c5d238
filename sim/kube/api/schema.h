#pragma once

#include "sim/kube/api/kinds.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sim::kube {

struct StructSchema;

/// A field as patches and server-side apply see it: its shape and how lists of it merge (the patchStrategy,
/// patchMergeKey, listType, listMapKey, mapType and structType tags of k8s.io/api/*/types.go).
struct FieldSchema {
    enum class Shape : std::uint8_t { Scalar, Struct, List, Map };
    Shape shape = Shape::Scalar;
    std::string type;                      ///< of the element: "string", "integer", "boolean", "Quantity", "Container"
    const StructSchema* element = nullptr; ///< of structs, and of lists and maps of them
    std::string mergeKey;                  ///< strategic merge of a list of objects; empty: the list is replaced
    bool mergeValues = false;              ///< strategic merge of a list of texts
    bool retainKeys = false;
    std::vector<std::string> listKeys;     ///< server-side apply: the list is a map by these; empty: atomic
    bool set = false;                      ///< server-side apply: a set of values
    bool atomic = false;                   ///< server-side apply: a map or struct owned as a whole
    bool always = false;                   ///< Go writes it even when nobody set it
};

struct StructSchema {
    std::string name; ///< Go's: "PodSpec"
    std::map<std::string, FieldSchema, std::less<>> fields;
    const FieldSchema* find(std::string_view field) const;
};

/// Null for custom objects: their fields are not described, objects merge and lists are replaced.
const StructSchema* schemaOf(KindId kind);

/// How a list of that name merges where its struct is not known.
const FieldSchema* listNamed(std::string_view field);

} // namespace sim::kube
