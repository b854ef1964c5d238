#pragma once

#include "sim/engine/assert.h"
#include "sim/kube/api/kinds.h"
#include "sim/kube/api/quantity.h"
#include "sim/kube/api/schema_names.h"
#include "sim/kube/api/time_text.h"

#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <nlohmann/json.hpp>

#include <limits>
#include <string>
#include <type_traits>
#include <vector>

// The reflection behind toJson and fromJson. Costly to compile: only json.cpp and patches of parts of
// objects include it.
namespace sim::kube {

using Json = nlohmann::json;

namespace detail {

template <class T> struct IsAlways : std::false_type { };
template <class T> struct IsAlways<Always<T>> : std::true_type { };
template <class T> struct IsVector : std::false_type { };
template <class T> struct IsVector<std::vector<T>> : std::true_type { };
template <class T> struct IsCopyOnWrite : std::false_type { };
template <class C> struct IsCopyOnWrite<CopyOnWrite<C>> : std::true_type { using Content = C; };
template <class T> struct IsStringMap : std::false_type { };
template <class V> struct IsStringMap<std::map<std::string, V>> : std::true_type { };

template <class T>
using MembersOf = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;

/// Calls f(member) for each described member of T.
template <class T, class F>
void forEachMember(F&& f)
{
    boost::mp11::mp_for_each<MembersOf<T>>(std::forward<F>(f));
}

// ---- writing ---------------------------------------------------------------------------------------

/// Go prints null for these unset times: their type is a struct, which omitempty does not leave out.
template <class Owner>
bool printsNull(std::string_view field)
{
    if constexpr (std::is_same_v<Owner, ObjectMeta>)
        return field == "creationTimestamp";
    else if constexpr (std::is_same_v<Owner, Condition>)
        return field == "lastTransitionTime";
    else
        return std::is_same_v<Owner, ContainerStateRunning> || std::is_same_v<Owner, ContainerStateTerminated>
            || std::is_same_v<Owner, KubeEvent> || std::is_same_v<Owner, EventSeries>;
}

template <class T>
Json writeValue(const T& value);

template <class T>
bool isLeftOut(const T& value)
{
    if constexpr (sim::detail::IsOptional<T>::value)
        return !value.has_value();
    else if constexpr (std::is_same_v<T, bool>)
        return !value;
    else if constexpr (std::is_integral_v<T>)
        return value == 0;
    else if constexpr (std::is_same_v<T, std::string> || IsVector<T>::value || IsStringMap<T>::value || IsCopyOnWrite<T>::value)
        return value.empty();
    else if constexpr (std::is_same_v<T, RawJson>)
        return value.text.empty();
    else
        return false; // structs, Always, IntOrString
}

/// Slices without omitempty: Go prints null when they are empty.
template <class Owner>
bool printsNullList(std::string_view field)
{
    if constexpr (std::is_same_v<Owner, Role> || std::is_same_v<Owner, ClusterRole>)
        return field == "rules";
    else if constexpr (std::is_same_v<Owner, HpaStatus>)
        return field == "currentMetrics";
    else if constexpr (std::is_same_v<Owner, CrdStatus>)
        return field == "conditions" || field == "storedVersions";
    else if constexpr (std::is_same_v<Owner, PolicyRule>)
        return field == "verbs";
    else
        return (std::is_same_v<Owner, CsiNodeSpec> && field == "drivers") || (std::is_same_v<Owner, LimitRangeSpec> && field == "limits")
            || (std::is_same_v<Owner, HttpIngressRuleValue> && field == "paths")
            || (std::is_same_v<Owner, AdmissionWebhook> && field == "admissionReviewVersions");
}

inline void addNulls(Json& object, const char* list, const char* field)
{
    const auto it = object.find(list);
    if (it == object.end())
        return;
    for (Json& item : *it)
        item.emplace(field, nullptr);
}

template <class T>
Json writeStruct(const T& value)
{
    Json out = Json::object();
    forEachMember<T>([&](auto member) {
        const auto& field = value.*member.pointer;
        using Field = std::remove_cvref_t<decltype(field)>;
        const std::string_view name = jsonName(member.name);
        if (std::is_same_v<T, NodeSystemInfo> || !isLeftOut(field)) // no omitempty in NodeSystemInfo
            out.emplace(name, writeValue(field));
        else if constexpr (std::is_same_v<Field, std::optional<Time>> || std::is_same_v<Field, std::optional<MicroTime>>) {
            if (printsNull<T>(name))
                out.emplace(name, nullptr);
        } else if constexpr (IsVector<Field>::value) {
            if (printsNullList<T>(name))
                out.emplace(name, nullptr);
        }
    });
    // One Condition stands for several Go types, which differ in the times that they always print.
    if constexpr (std::is_same_v<T, PodStatus>)
        addNulls(out, "conditions", "lastProbeTime");
    if constexpr (std::is_same_v<T, NodeStatus>)
        addNulls(out, "conditions", "lastHeartbeatTime");
    if constexpr (std::is_same_v<T, DeploymentStatus>)
        addNulls(out, "conditions", "lastUpdateTime");
    if constexpr (std::is_same_v<T, PvcStatus>)
        addNulls(out, "conditions", "lastProbeTime");
    if constexpr (std::is_same_v<T, PdbStatus>) { // metav1.Condition prints its message though empty
        const auto conditions = out.find("conditions");
        if (conditions != out.end())
            for (Json& condition : *conditions)
                condition.emplace("message", "");
    }
    if constexpr (std::is_same_v<T, EndpointSlice>) {
        out.emplace("endpoints", nullptr);
        out.emplace("ports", nullptr);
        for (Json& port : out["ports"])
            port.emplace("name", ""); // a pointer in Go: printed though empty
    }
    return out;
}

template <class T>
Json writeValue(const T& value)
{
    if constexpr (IsAlways<T>::value) {
        return writeValue(value.value);
    } else if constexpr (IsCopyOnWrite<T>::value) {
        return writeValue(*value);
    } else if constexpr (sim::detail::IsOptional<T>::value) {
        return writeValue(*value);
    } else if constexpr (std::is_same_v<T, std::string> || std::is_arithmetic_v<T>) {
        return value;
    } else if constexpr (std::is_same_v<T, Time>) {
        return rfc3339(value.at);
    } else if constexpr (std::is_same_v<T, MicroTime>) {
        return rfc3339Micro(value.at);
    } else if constexpr (std::is_same_v<T, Quantity>) {
        return value.text.empty() ? std::string("0") : value.text;
    } else if constexpr (std::is_same_v<T, RawJson>) {
        return value.text.empty() ? Json() : Json::parse(value.text);
    } else if constexpr (std::is_same_v<T, IntOrString>) {
        return std::visit([](const auto& v) { return Json(v); }, value.value);
    } else if constexpr (IsVector<T>::value) {
        Json out = Json::array();
        for (const auto& item : value)
            out.push_back(writeValue(item));
        return out;
    } else if constexpr (IsStringMap<T>::value) {
        Json out = Json::object();
        for (const auto& [key, item] : value)
            out.emplace(key, writeValue(item));
        return out;
    } else {
        return writeStruct(value);
    }
}

// ---- reading ---------------------------------------------------------------------------------------

template <class T>
std::string goTypeName(std::string_view field)
{
    if constexpr (IsAlways<T>::value)
        return goTypeName<decltype(T::value)>(field);
    else if constexpr (IsCopyOnWrite<T>::value)
        return goTypeName<typename IsCopyOnWrite<T>::Content>(field);
    else if constexpr (sim::detail::IsOptional<T>::value)
        return goTypeName<typename T::value_type>(field);
    else if constexpr (std::is_same_v<T, std::string>)
        return "string";
    else if constexpr (std::is_same_v<T, bool>)
        return "bool";
    else if constexpr (std::is_integral_v<T>)
        return isInt64Field(field) ? "int64" : "int32";
    else if constexpr (std::is_same_v<T, ResourceList>)
        return "v1.ResourceList";
    else if constexpr (std::is_same_v<T, RawJson>)
        return "v1.FieldsV1";
    else if constexpr (IsStringMap<T>::value)
        return "map[string]" + goTypeName<typename T::mapped_type>(field);
    else if constexpr (IsVector<T>::value)
        return "[]" + goTypeName<typename T::value_type>(field);
    else
        return "v1." + structName<T>();
}

/// Walks a JSON document into a typed object and collects what does not fit.
class Reader {
public:
    std::vector<std::string> unknownFields; ///< with the words of strict decoding
    std::string fatal;                      ///< the first wrong type or unreadable value

    template <class T>
    void readRoot(const Json& json, T& out)
    {
        if (!json.is_object()) {
            fatal = "json: cannot unmarshal " + goKind(json) + " into Go value of type v1." + structName<T>();
            return;
        }
        readStruct(json, out, true);
    }

    /// Only the metadata of a custom object.
    void readMetadata(const Json& json, ObjectMeta& out)
    {
        if (!json.is_object() || !json.contains("metadata"))
            return;
        m_owner = "CustomObject";
        m_path = "metadata";
        m_keys = {"metadata"};
        readValue(json.at("metadata"), out);
    }

private:
    std::string m_owner;              ///< Go struct around the field being read
    std::vector<std::string> m_keys;  ///< field names from the root, without list indexes
    std::string m_path;               ///< "spec.containers[0].image"

    static std::string goKind(const Json& json)
    {
        switch (json.type()) {
        case Json::value_t::string: return "string";
        case Json::value_t::boolean: return "bool";
        case Json::value_t::array: return "array";
        case Json::value_t::object: return "object";
        case Json::value_t::null: return "null";
        default: return "number";
        }
    }
    void fail(std::string text)
    {
        if (fatal.empty())
            fatal = std::move(text);
    }
    void wrongType(const std::string& what, const std::string& goType)
    {
        std::string path;
        for (const std::string& key : m_keys)
            path += "." + key;
        fail("json: cannot unmarshal " + what + " into Go struct field " + m_owner + path + " of type " + goType);
    }

    template <class T>
    void readStruct(const Json& json, T& out, bool root = false)
    {
        const std::string outer = std::exchange(m_owner, structName<T>());
        for (const auto& [key, value] : json.items()) {
            if (root && (key == "apiVersion" || key == "kind"))
                continue;
            const std::size_t length = m_path.size();
            m_path += m_path.empty() ? key : "." + key;
            m_keys.push_back(key);
            bool found = false;
            forEachMember<T>([&, &key = key, &value = value](auto member) { // clang 14 takes no structured binding by [&]
                if (!found && jsonName(member.name) == key) {
                    found = true;
                    readValue(value, out.*member.pointer);
                }
            });
            if (!found)
                unknown(key);
            m_keys.pop_back();
            m_path.resize(length);
        }
        m_owner = outer;
    }
    void unknown(const std::string& key)
    {
        if (isDroppedField(m_owner, key))
            return;
        if (isUnmodelledField(m_owner, key))
            unknownFields.push_back("field \"" + m_path + "\" is not modelled by this lab");
        else
            unknownFields.push_back("unknown field \"" + m_path + "\"");
    }

    template <class T>
    void readValue(const Json& json, T& out)
    {
        const std::string_view field = m_keys.back();
        if (json.is_null()) {
            out = T{};
        } else if constexpr (IsAlways<T>::value) {
            readValue(json, out.value);
        } else if constexpr (IsCopyOnWrite<T>::value) {
            readValue(json, out.edit());
        } else if constexpr (sim::detail::IsOptional<T>::value) {
            readValue(json, out.emplace());
        } else if constexpr (std::is_same_v<T, std::string>) {
            if (json.is_string())
                out = json.template get_ref<const std::string&>();
            else
                wrongType(goKind(json), "string");
        } else if constexpr (std::is_same_v<T, bool>) {
            if (json.is_boolean())
                out = json.template get<bool>();
            else
                wrongType(goKind(json), "bool");
        } else if constexpr (std::is_integral_v<T>) {
            readInteger(json, out, field);
        } else if constexpr (std::is_same_v<T, Time> || std::is_same_v<T, MicroTime>) {
            readTime(json, out.at);
        } else if constexpr (std::is_same_v<T, Quantity>) {
            ParsedQuantity parsed = parseQuantity(json.is_string() ? json.template get<std::string>() : json.dump());
            if (!parsed.error.empty())
                fail(parsed.error);
            out = std::move(parsed.quantity);
        } else if constexpr (std::is_same_v<T, IntOrString>) {
            if (json.is_string())
                out.value = json.template get<std::string>();
            else if (json.is_number_integer())
                out.value = json.template get<std::int64_t>();
            else
                fail("json: cannot unmarshal " + goKind(json) + " into Go value of type int32");
        } else if constexpr (std::is_same_v<T, RawJson>) {
            out.text = json.dump();
        } else if constexpr (IsVector<T>::value) {
            if (!json.is_array())
                return wrongType(goKind(json), goTypeName<T>(field));
            out.clear();
            out.reserve(json.size());
            for (std::size_t i = 0; i < json.size(); ++i) {
                const std::size_t length = m_path.size();
                m_path += "[" + std::to_string(i) + "]";
                readValue(json[i], out.emplace_back());
                m_path.resize(length);
            }
        } else if constexpr (IsStringMap<T>::value) {
            if (!json.is_object())
                return wrongType(goKind(json), goTypeName<T>(field));
            out.clear();
            for (const auto& [key, value] : json.items())
                readValue(value, out[key]);
        } else {
            if (!json.is_object())
                return wrongType(goKind(json), goTypeName<T>(field));
            readStruct(json, out);
        }
    }
    void readInteger(const Json& json, std::int64_t& out, std::string_view field)
    {
        const bool wide = isInt64Field(field);
        const std::string type = wide ? "int64" : "int32";
        if (!json.is_number())
            return wrongType(goKind(json), type);
        const bool tooBig = json.is_number_unsigned()
            && json.get<std::uint64_t>() > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
        if (!json.is_number_integer() || tooBig)
            return wrongType("number " + json.dump(), type);
        const auto value = json.get<std::int64_t>();
        if (!wide && (value > std::numeric_limits<std::int32_t>::max() || value < std::numeric_limits<std::int32_t>::min()))
            return wrongType("number " + json.dump(), type);
        out = value;
    }
    void readTime(const Json& json, Instant& out)
    {
        if (!json.is_string())
            return fail("json: cannot unmarshal " + goKind(json) + " into Go value of type string");
        const std::string& text = json.get_ref<const std::string&>();
        if (const auto at = parseRfc3339(text))
            out = *at;
        else
            fail("parsing time \"" + text + "\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"" + text
                 + "\" as \"2006\"");
    }
};

} // namespace detail
} // namespace sim::kube
