#pragma once

#include <boost/core/type_name.hpp>

#include <string>
#include <string_view>

// What the fields are called outside: our C++ names against Go's and the OpenAPI document's.
namespace sim::kube {

/// "template_" -> "template"
constexpr std::string_view jsonName(std::string_view member)
{
    return !member.empty() && member.back() == '_' ? member.substr(0, member.size() - 1) : member;
}

/// The Go name for one of our struct names: "HttpGetAction" -> "HTTPGetAction".
std::string_view goStructName(std::string_view ours);

/// Name of a described struct as Kubernetes spells it.
template <class T>
std::string structName()
{
    std::string name = boost::core::type_name<T>();
    return std::string(goStructName(name.substr(name.rfind(':') + 1)));
}

/// int64 or int32, as Go declares the field.
bool isInt64Field(std::string_view field);

/// Whether Kubernetes v1.33 has a field that this lab leaves out, so that a manifest using it can be told
/// apart from a misspelt one.
bool isUnmodelledField(std::string_view goStruct, std::string_view field);

/// Bookkeeping that clients send back and nobody misses: accepted and dropped.
bool isDroppedField(std::string_view goStruct, std::string_view field);

} // namespace sim::kube
