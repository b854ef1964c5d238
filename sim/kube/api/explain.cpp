#include "sim/kube/api/api_server.h"
#include "sim/kube/api/field_facts.h"
#include "sim/kube/api/field_sentences.h"
#include "sim/kube/api/schema_names.h"

#include <array>
#include <utility>

// The fields of every kind, read off the described structs; field_facts and field_sentences say what these do not show.
namespace sim::kube {

namespace {

template <class T>
struct Element {
    using type = T;
    static std::string prefix() { return {}; }
};
template <class T>
struct Element<std::optional<T>> : Element<T> { };
template <class T>
struct Element<SharedOptional<T>> : Element<T> { };
template <class T>
struct Element<Always<T>> : Element<T> { };
template <class T>
struct Element<std::vector<T>> {
    using type = typename Element<T>::type;
    static std::string prefix() { return "[]" + Element<T>::prefix(); }
};
template <class C>
struct Element<CopyOnWrite<C>> : Element<C> { };
template <class V>
struct Element<std::map<std::string, V>> {
    using type = typename Element<V>::type;
    static std::string prefix() { return "map[string]" + Element<V>::prefix(); }
};

template <class T>
std::vector<FieldInfo> fieldsAs(std::string_view goStruct);

template <class T>
std::vector<FieldInfo> fieldsOfStruct() { return fieldsAs<T>(structName<T>()); }
template <class T, std::size_t Place>
std::vector<FieldInfo> fieldsAt() { return fieldsAs<T>(placeStruct(Place)); }

/// Those that stand for several of Go's.
using SharedStructs = boost::mp11::mp_list<AdmissionWebhook, Condition, EnvSourceRef, FlowNamedSubject, FlowSchemaStatus, IpAddress, KeyRef,
    LabelSelectorRequirement, LoadBalancerIngress, LoadBalancerStatus, ResourceRequirements, RollingUpdate, SecurityContext, UpdateStrategy>;

using Children = std::vector<FieldInfo> (*)();

template <class T>
Children childrenOf(std::string_view goStruct)
{
    if constexpr (boost::mp11::mp_contains<SharedStructs, T>::value) {
        static constexpr auto kAt = []<std::size_t... Place>(std::index_sequence<Place...>) {
            return std::array<Children, kPlaceCount>{&fieldsAt<T, Place>...};
        }(std::make_index_sequence<kPlaceCount>());
        if (const std::size_t place = placeOf(goStruct); place != kPlaceCount)
            return kAt[place];
    }
    return &fieldsOfStruct<T>;
}

template <class T>
std::string leafName()
{
    if constexpr (std::is_same_v<T, bool>) return "boolean";
    else if constexpr (std::is_integral_v<T>) return "integer";
    else if constexpr (std::is_same_v<T, Quantity>) return "Quantity";
    else if constexpr (std::is_same_v<T, Time> || std::is_same_v<T, MicroTime> || std::is_same_v<T, std::string>) return "string";
    else if constexpr (std::is_same_v<T, IntOrString>) return "IntOrString";
    else return structName<T>();
}

template <class T>
std::vector<FieldInfo> fieldsAs(std::string_view goStruct)
{
    std::vector<FieldInfo> fields;
    const std::string owner(goStruct);
    boost::mp11::mp_for_each<boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>>([&](auto member) {
        using Member = std::remove_cvref_t<decltype(std::declval<T>().*member.pointer)>;
        using Leaf = typename Element<Member>::type;
        FieldInfo field;
        field.name = jsonName(member.name);
        if (!hasFieldOf(owner, field.name))
            return;
        const std::string usual = leafName<Leaf>();
        const std::string_view leaf = structAt(owner, field.name, usual);
        field.type = Element<Member>::prefix() + std::string(leaf);
        field.description = sentenceAbout(owner, field.name);
        field.required = isRequired(owner, field.name);
        field.values = valuesOf(owner, field.name);
        if constexpr (boost::describe::has_describe_members<Leaf>::value)
            field.children = childrenOf<Leaf>(leaf);
        fields.push_back(std::move(field));
    });
    for (const UnmodelledField& one : unmodelledFields(owner))
        fields.push_back({std::string(one.name), std::string(one.type), "Accepted and left out: this lab has nothing that acts on it.", false, nullptr, {}});
    return fields;
}

} // namespace

std::vector<FieldInfo> fieldsOf(KindId kind)
{
    std::vector<FieldInfo> fields;
    boost::mp11::mp_for_each<boost::mp11::mp_transform<boost::mp11::mp_identity, AllKinds>>([&](auto identity) {
        using T = typename decltype(identity)::type;
        if (kindIdOf<T> == kind)
            fields = fieldsOfStruct<T>();
    });
    fields.insert(fields.begin(), {{"apiVersion", "string", "Group and version of the schema: apps/v1.", false, nullptr},
                                   {"kind", "string", "Name of the kind: Deployment.", false, nullptr}});
    return fields;
}

} // namespace sim::kube
