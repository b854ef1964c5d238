#pragma once

#include "sim/kube/api/store.h"

#include <cstdint>
#include <deque>

namespace sim::kube {

/// The key space as etcd's mvcc backend stores it, by size: every revision of a key stays until it is compacted.
/// All members hold the same; what differs between them is their files' size (EtcdMember::fileBytes).
class EtcdBackend {
public:
    /// Takes in what was written since the last call. Reads the store's history; a gap in it is made up for by
    /// counting the live objects anew.
    void observe(const Store& store);

    /// The newest revision, and the one up to which history is gone.
    std::uint64_t revision() const { return m_seen; }
    std::uint64_t compacted() const { return m_compacted; }
    /// Bytes of keys as they are, and with their history.
    std::int64_t liveBytes() const { return kOtherBytes + m_liveBytes; }
    std::int64_t inUseBytes() const;
    /// Drops history up to and including a revision. Requires: compacted() < revision <= this->revision().
    void compact(std::uint64_t revision);
    /// Revisions that somebody wrote and overwrote before the lab began to watch: history as of now.
    void addHistory(std::int64_t bytes);

    bool operator==(const EtcdBackend&) const = default;
    void addTo(Fingerprint& f) const;

private:
    struct History {
        std::uint64_t from = 0;    ///< revisions
        std::uint64_t upTo = 0;
        std::int64_t bytes = 0;
        bool operator==(const History&) const = default;
        void addTo(Fingerprint& f) const { f.add(from); f.add(upTo); sim::addTo(f, bytes); }
    };
    /// What the lab does not model as objects: other teams' custom resources, api-server bookkeeping, B+tree pages.
    static constexpr std::int64_t kOtherBytes = 56'000'000;

    std::int64_t m_liveBytes = 0;
    std::deque<History> m_history; ///< oldest first
    std::uint64_t m_seen = 0;
    std::uint64_t m_compacted = 0;
};

} // namespace sim::kube
