#pragma once

#include "sim/engine/time.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace sim::kube {

/// One line of etcd's log: zap's JSON encoder as etcd 3.5 sets it up (level, ts in microseconds, caller, msg, then the
/// fields in their order).
class EtcdLine {
public:
    EtcdLine(std::string_view level, Instant at, std::string_view caller, std::string_view message);
    /// A line of the raft library, which logs through zap by its own name.
    static EtcdLine raft(Instant at, std::string_view message);

    EtcdLine& add(std::string_view name, std::string_view value);
    EtcdLine& add(std::string_view name, std::int64_t value);
    EtcdLine& add(std::string_view name, Duration value); ///< "2.413s", as Go prints it
    std::string text() const { return m_text + "}"; }

private:
    std::string m_text;
};

/// go-humanize's Bytes, with powers of 1000: "74 MB", "2.1 GB".
std::string humanBytes(std::int64_t bytes);
/// A member's id as etcd prints it.
std::string memberText(std::uint64_t id);

} // namespace sim::kube
