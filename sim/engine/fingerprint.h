#pragma once

#include <boost/describe.hpp>
#include <boost/mp11.hpp>

#include <bit>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace sim {

/// A 64-bit hash that is the same in every build type, compiler and machine. Not cryptographic.
class Fingerprint {
public:
    void add(std::uint64_t word)
    {
        // splitmix64's finaliser over a running state: cheap, and every bit of the input matters.
        m_state += word + 0x9e3779b97f4a7c15ULL;
        std::uint64_t z = m_state;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        m_state = z ^ (z >> 31);
    }
    void add(std::string_view text)
    {
        add(text.size());
        std::uint64_t h = 0xcbf29ce484222325ULL;
        for (const char c : text)
            h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        add(h);
    }
    std::uint64_t value() const { return m_state; }
    bool operator==(const Fingerprint&) const = default;

private:
    std::uint64_t m_state = 0x6661756c746c696eULL;
};

// addTo(fingerprint, value) walks any value made of scalars, strings, containers, optionals, variants,
// shared constants and structs with BOOST_DESCRIBE_STRUCT. A type may provide its own member
// `void addTo(Fingerprint&) const`.

template <class T>
void addTo(Fingerprint& f, const T& value);

namespace detail {
template <class T> struct IsRange : std::false_type { };
template <class T> struct IsRange<std::vector<T>> : std::true_type { };
template <class T> struct IsRange<std::deque<T>> : std::true_type { };
template <class K, class V, class C> struct IsRange<std::map<K, V, C>> : std::true_type { };
template <class K, class C> struct IsRange<std::set<K, C>> : std::true_type { };
template <class T> struct IsPair : std::false_type { };
template <class A, class B> struct IsPair<std::pair<A, B>> : std::true_type { };
template <class T> struct IsOptional : std::false_type { };
template <class T> struct IsOptional<std::optional<T>> : std::true_type { };
template <class T> struct IsShared : std::false_type { };
template <class T> struct IsShared<std::shared_ptr<T>> : std::true_type { };
template <class T> struct IsVariant : std::false_type { };
template <class... T> struct IsVariant<std::variant<T...>> : std::true_type { };
template <class T> struct IsTime : std::false_type { };
template <class C, class D> struct IsTime<std::chrono::time_point<C, D>> : std::true_type { };
template <class R, class P> struct IsTime<std::chrono::duration<R, P>> : std::true_type { };
} // namespace detail

template <class T>
void addTo(Fingerprint& f, const T& value)
{
    if constexpr (requires { value.addTo(f); }) {
        value.addTo(f);
    } else if constexpr (std::is_enum_v<T>) {
        f.add(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_floating_point_v<T>) {
        f.add(std::bit_cast<std::uint64_t>(static_cast<double>(value)));
    } else if constexpr (std::is_integral_v<T>) {
        f.add(static_cast<std::uint64_t>(value));
    } else if constexpr (std::is_convertible_v<const T&, std::string_view>) {
        f.add(std::string_view(value));
    } else if constexpr (detail::IsTime<T>::value) {
        if constexpr (requires { value.time_since_epoch(); })
            f.add(static_cast<std::uint64_t>(value.time_since_epoch().count()));
        else
            f.add(static_cast<std::uint64_t>(value.count()));
    } else if constexpr (requires { T::kNone; value.value; }) { // an Id<Tag>
        f.add(std::uint64_t{value.value});
    } else if constexpr (detail::IsRange<T>::value) {
        f.add(value.size());
        for (const auto& item : value)
            sim::addTo(f, item);
    } else if constexpr (detail::IsPair<T>::value) {
        sim::addTo(f, value.first);
        sim::addTo(f, value.second);
    } else if constexpr (detail::IsOptional<T>::value || detail::IsShared<T>::value) {
        f.add(std::uint64_t{value ? 1u : 0u});
        if (value)
            sim::addTo(f, *value);
    } else if constexpr (detail::IsVariant<T>::value) {
        f.add(value.index());
        std::visit([&](const auto& v) { sim::addTo(f, v); }, value);
    } else if constexpr (std::is_same_v<T, std::monostate>) {
        f.add(std::uint64_t{0});
    } else {
        static_assert(boost::describe::has_describe_members<T>::value,
                      "describe the struct (BOOST_DESCRIBE_STRUCT) or give it addTo(Fingerprint&)");
        using Members = boost::describe::describe_members<T, boost::describe::mod_public | boost::describe::mod_inherited>;
        boost::mp11::mp_for_each<Members>([&](auto member) { sim::addTo(f, value.*member.pointer); });
    }
}

template <class T>
std::uint64_t fingerprintOf(const T& value)
{
    Fingerprint f;
    addTo(f, value);
    return f.value();
}

} // namespace sim
