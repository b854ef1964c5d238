#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

// What Kubernetes v1.33 says of its fields beside their types, by Go's names. `explain`, the OpenAPI document and the
// YAML editor all show these.
namespace sim::kube {

/// What the struct in a field is called there, where one struct of ours stands for several; else `usual`.
std::string_view structAt(std::string_view owner, std::string_view field, std::string_view usual);
/// Whether a Go struct has a field of the one of ours that stands for it.
bool hasFieldOf(std::string_view goStruct, std::string_view field);
bool isRequired(std::string_view goStruct, std::string_view field);
/// The values of an enumeration, sorted; empty for other fields.
std::vector<std::string> valuesOf(std::string_view goStruct, std::string_view field);

struct UnmodelledField {
    std::string_view name;
    std::string_view type; ///< as in FieldInfo
};
/// The fields that this lab leaves out, so that a manifest with one can be told apart from a misspelt one.
std::vector<UnmodelledField> unmodelledFields(std::string_view goStruct);

/// The rows of structAt()'s table, for who needs one function for each.
inline constexpr std::size_t kPlaceCount = 31;
std::string_view placeStruct(std::size_t place);
/// kPlaceCount when the struct is in no row.
std::size_t placeOf(std::string_view goStruct);

} // namespace sim::kube
