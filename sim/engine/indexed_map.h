#pragma once

#include "sim/engine/fingerprint.h"
#include "sim/engine/text_hash.h"

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstddef>
#include <map>
#include <utility>

namespace sim {

/// A std::map that also finds its keys by hash: for large tables that are looked up far more often than they change
/// members. It is walked and compared in order of the keys: nothing shows of the hash.
template <class Key, class Value, class Hash = TextHash>
class IndexedMap {
    using Ordered = std::map<Key, Value>;

public:
    using value_type = typename Ordered::value_type;
    using size_type = typename Ordered::size_type;
    using iterator = typename Ordered::iterator;
    using const_iterator = typename Ordered::const_iterator;

    IndexedMap() = default;
    IndexedMap(const IndexedMap& other)
        : m_entries(other.m_entries)
    {
        m_index.reserve(m_entries.size());
        for (auto it = m_entries.begin(); it != m_entries.end(); ++it)
            m_index.insert({Hash()(it->first), it});
    }
    IndexedMap& operator=(const IndexedMap& other)
    {
        if (this != &other)
            *this = IndexedMap(other);
        return *this;
    }
    IndexedMap(IndexedMap&&) = default;
    IndexedMap& operator=(IndexedMap&&) = default;

    bool empty() const { return m_entries.empty(); }
    size_type size() const { return m_entries.size(); }
    const_iterator begin() const { return m_entries.begin(); }
    const_iterator end() const { return m_entries.end(); }
    const_iterator lower_bound(const Key& key) const { return m_entries.lower_bound(key); }
    const_iterator find(const Key& key) const
    {
        const auto found = m_index.find(Sought{Hash()(key), key});
        return found == m_index.end() ? m_entries.end() : const_iterator(found->at);
    }
    size_type count(const Key& key) const { return m_index.contains(Sought{Hash()(key), key}) ? 1 : 0; }

    iterator find(const Key& key)
    {
        const auto found = m_index.find(Sought{Hash()(key), key});
        return found == m_index.end() ? m_entries.end() : found->at;
    }
    /// The key's value and whether it is a new one.
    std::pair<iterator, bool> try_emplace(const Key& key)
    {
        const std::size_t hash = Hash()(key);
        if (const auto found = m_index.find(Sought{hash, key}); found != m_index.end())
            return {found->at, false};
        const iterator fresh = m_entries.try_emplace(key).first;
        m_index.insert({hash, fresh});
        return {fresh, true};
    }
    Value& operator[](const Key& key) { return try_emplace(key).first->second; }
    void erase(iterator at)
    {
        m_index.erase(Place{Hash()(at->first), at});
        m_entries.erase(at);
    }
    void erase(const Key& key)
    {
        if (const iterator at = find(key); at != m_entries.end())
            erase(at);
    }
    void clear()
    {
        m_index.clear();
        m_entries.clear();
    }

    bool operator==(const IndexedMap& other) const { return m_entries == other.m_entries; }
    void addTo(Fingerprint& f) const { sim::addTo(f, m_entries); }

private:
    struct Place {
        std::size_t hash;
        iterator at;
    };
    struct Sought {
        std::size_t hash;
        const Key& key;
    };
    struct HashOf {
        using is_transparent = void;
        std::size_t operator()(const Place& place) const { return place.hash; }
        std::size_t operator()(const Sought& sought) const { return sought.hash; }
    };
    struct Same {
        using is_transparent = void;
        bool operator()(const Place& a, const Place& b) const { return a.at == b.at; }
        bool operator()(const Sought& sought, const Place& place) const
        {
            return sought.hash == place.hash && sought.key == place.at->first;
        }
        bool operator()(const Place& place, const Sought& sought) const { return (*this)(sought, place); }
    };

    Ordered m_entries;
    boost::unordered_flat_set<Place, HashOf, Same> m_index;
};

} // namespace sim
