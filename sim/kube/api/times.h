#pragma once

#include "sim/kube/api/meta.h"

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <chrono>
#include <map>
#include <optional>
#include <type_traits>
#include <vector>

// What goes over the wire carries whole seconds (metav1.Time) or microseconds (MicroTime). The store cuts
// times down on each write, so that an object read, sent back unchanged and decoded again is the same object.
namespace sim::kube {

namespace detail {

template <class T>
constexpr bool holdsTimes();

template <class T>
struct HoldsTimes : std::bool_constant<false> { };
template <>
struct HoldsTimes<Time> : std::bool_constant<true> { };
template <>
struct HoldsTimes<MicroTime> : std::bool_constant<true> { };
template <class T>
struct HoldsTimes<std::optional<T>> : std::bool_constant<holdsTimes<T>()> { };
template <class T>
struct HoldsTimes<std::vector<T>> : std::bool_constant<holdsTimes<T>()> { };
template <class T>
struct HoldsTimes<SharedOptional<T>> : std::bool_constant<holdsTimes<T>()> { };
template <class C>
struct HoldsTimes<CopyOnWrite<C>> : HoldsTimes<C> { };

template <class Members>
struct AnyMemberHoldsTimes;
template <template <class...> class List, class... Member>
struct AnyMemberHoldsTimes<List<Member...>> {
    template <class C, class M>
    static M memberType(M C::*);
    static constexpr bool value = (holdsTimes<decltype(memberType(Member::pointer))>() || ...);
};

template <class T>
constexpr bool holdsTimes()
{
    if constexpr (boost::describe::has_describe_members<T>::value)
        return AnyMemberHoldsTimes<boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>>::value;
    else
        return HoldsTimes<T>::value;
}

} // namespace detail

template <class T>
void truncateTimes(T& value)
{
    if constexpr (std::is_same_v<T, Time>) {
        value.at = std::chrono::floor<std::chrono::seconds>(value.at);
    } else if constexpr (std::is_same_v<T, MicroTime>) {
        value.at = std::chrono::floor<std::chrono::microseconds>(value.at);
    } else if constexpr (!detail::holdsTimes<T>()) {
        // nothing below
    } else if constexpr (sim::detail::IsOptional<T>::value) {
        if (value)
            truncateTimes(*value);
    } else if constexpr (requires { value.edit(); }) {
        if (auto cut = *value; truncateTimes(cut), cut != *value) // else it stays shared
            value = std::move(cut);
    } else if constexpr (sim::detail::IsRange<T>::value) {
        for (auto& item : value)
            truncateTimes(item);
    } else {
        using Members = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;
        boost::mp11::mp_for_each<Members>([&](auto member) { truncateTimes(value.*member.pointer); });
    }
}

} // namespace sim::kube
