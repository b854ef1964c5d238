#pragma once

#include <string>
#include <utility>
#include <variant>

namespace sim {

/// What went wrong, where, and what to do about it: shown to a person as it stands.
struct Error {
    std::string message; ///< one sentence, with the remedy where there is one
    std::string where;   ///< file, line, URL or field; may be empty
    std::string text() const { return where.empty() ? message : where + ": " + message; }
};

/// An expected failure of our own program (file, JSON, SQL, socket). Simulated failures are data.
template <class T>
class [[nodiscard]] Result {
public:
    Result(T value) : m_value(std::in_place_index<0>, std::move(value)) { }
    Result(Error error) : m_value(std::in_place_index<1>, std::move(error)) { }
    explicit operator bool() const { return m_value.index() == 0; }
    T& operator*() { return std::get<0>(m_value); }
    const T& operator*() const { return std::get<0>(m_value); }
    T* operator->() { return &std::get<0>(m_value); }
    const T* operator->() const { return &std::get<0>(m_value); }
    const Error& error() const { return std::get<1>(m_value); }

private:
    std::variant<T, Error> m_value;
};

/// A Result without a value.
struct Done { };

} // namespace sim
