#pragma once

#include "sim/engine/fingerprint.h"

#include <initializer_list>
#include <memory>
#include <optional>
#include <utility>

namespace sim {

namespace detail {

/// Makes `shared` the only owner of its value. Requires: not null.
template <class T>
void makeUnique(std::shared_ptr<T>& shared)
{
    if (shared.use_count() != 1)
        shared = std::make_shared<T>(std::as_const(*shared));
    else // The last other owner may have been another thread: counting up and down takes in what it did before.
        std::shared_ptr<T>(shared).reset();
}

} // namespace detail

/// A vector or map that the copies of its owner share until one of them changes it: Qt's implicit sharing. A member
/// function that is not const makes the content its own first, so read through a const owner where copies are many.
/// References and iterators into it must not outlive a copy of the owner that is made meanwhile.
template <class Container>
class CopyOnWrite {
public:
    using value_type = typename Container::value_type;
    using size_type = typename Container::size_type;
    using iterator = typename Container::iterator;
    using const_iterator = typename Container::const_iterator;

    CopyOnWrite() = default;
    CopyOnWrite(Container content)
        : m_content(content.empty() ? nullptr : std::make_shared<Container>(std::move(content)))
    {
    }
    CopyOnWrite(std::initializer_list<value_type> items)
        : CopyOnWrite(Container(items))
    {
    }

    const Container& operator*() const { return m_content ? *m_content : empty_(); }
    const Container* operator->() const { return &**this; }
    operator const Container&() const { return **this; }
    bool operator==(const CopyOnWrite& other) const { return m_content == other.m_content || **this == *other; }
    bool operator==(const Container& other) const { return **this == other; }
    /// nlohmann::json: as the content, not as any range.
    template <class Json>
    friend void to_json(Json& json, const CopyOnWrite& content) { json = *content; }
    void addTo(Fingerprint& f) const { sim::addTo(f, **this); }

    bool empty() const { return !m_content || m_content->empty(); }
    size_type size() const { return m_content ? m_content->size() : 0; }
    const_iterator begin() const { return (**this).begin(); }
    const_iterator end() const { return (**this).end(); }
    const_iterator cbegin() const { return begin(); }
    const_iterator cend() const { return end(); }
    decltype(auto) rbegin() const { return (**this).rbegin(); }
    decltype(auto) rend() const { return (**this).rend(); }
    const auto& front() const { return (**this).front(); }
    const auto& back() const { return (**this).back(); }
    template <class Key>
    const auto& operator[](const Key& key) const { return (**this)[key]; }
    template <class Key>
    const auto& at(const Key& key) const { return (**this).at(key); }
    template <class Key>
    const_iterator find(const Key& key) const { return (**this).find(key); }
    template <class Key>
    size_type count(const Key& key) const { return (**this).count(key); }
    template <class Key>
    bool contains(const Key& key) const { return (**this).contains(key); }

    /// The content, of this copy alone.
    Container& edit()
    {
        if (m_content)
            detail::makeUnique(m_content);
        else
            m_content = std::make_shared<Container>();
        return *m_content;
    }
    // Walking or searching what is empty allocates nothing.
    iterator begin() { return m_content ? edit().begin() : iterator(); }
    iterator end() { return m_content ? edit().end() : iterator(); }
    auto& front() { return edit().front(); }
    auto& back() { return edit().back(); }
    template <class Key>
    auto& operator[](Key&& key) { return edit()[std::forward<Key>(key)]; }
    template <class Key>
    auto& at(const Key& key) { return edit().at(key); }
    template <class Key>
    iterator find(const Key& key) { return m_content ? edit().find(key) : iterator(); }
    void clear() { m_content.reset(); }
    void reserve(size_type size) { edit().reserve(size); }
    void resize(size_type size) { edit().resize(size); }
    void pop_back() { edit().pop_back(); }
    void push_back(value_type item) { edit().push_back(std::move(item)); }
    template <class... Args>
    decltype(auto) emplace_back(Args&&... args) { return edit().emplace_back(std::forward<Args>(args)...); }
    template <class... Args>
    decltype(auto) emplace(Args&&... args) { return edit().emplace(std::forward<Args>(args)...); }
    template <class... Args>
    decltype(auto) try_emplace(Args&&... args) { return edit().try_emplace(std::forward<Args>(args)...); }
    template <class... Args>
    decltype(auto) insert_or_assign(Args&&... args) { return edit().insert_or_assign(std::forward<Args>(args)...); }
    template <class... Args>
    decltype(auto) insert(Args&&... args) { return edit().insert(std::forward<Args>(args)...); }
    template <class... Args>
    decltype(auto) erase(Args&&... args) { return edit().erase(std::forward<Args>(args)...); }

private:
    static const Container& empty_()
    {
        static const Container kEmpty;
        return kEmpty;
    }

    std::shared_ptr<Container> m_content; ///< null: empty
};

/// std::optional whose value lives elsewhere and is shared likewise: for large parts that few objects have.
template <class T>
class SharedOptional {
public:
    using value_type = T;

    SharedOptional() = default;
    SharedOptional(std::nullopt_t) { }
    SharedOptional(T value)
        : m_value(std::make_shared<T>(std::move(value)))
    {
    }

    bool has_value() const { return m_value != nullptr; }
    explicit operator bool() const { return has_value(); }
    const T& operator*() const { return *m_value; }
    const T* operator->() const { return m_value.get(); }
    T value_or(T other) const { return m_value ? *m_value : std::move(other); }
    bool operator==(const SharedOptional& other) const
    {
        return m_value == other.m_value || (m_value && other.m_value && *m_value == *other.m_value);
    }

    /// Requires: has_value().
    T& edit()
    {
        detail::makeUnique(m_value);
        return *m_value;
    }
    T& operator*() { return edit(); }
    T* operator->() { return &edit(); }
    template <class... Args>
    T& emplace(Args&&... args)
    {
        m_value = std::make_shared<T>(std::forward<Args>(args)...);
        return *m_value;
    }
    void reset() { m_value.reset(); }

private:
    std::shared_ptr<T> m_value;
};

namespace detail {
template <class T> struct IsOptional<SharedOptional<T>> : std::true_type { };
} // namespace detail

} // namespace sim
