#pragma once

#include "core/shell/commands/kubectl/manifests.h"

#include <deque>
#include <optional>

namespace core::shell::kubectl {

/// Follows one object as a client's informer does: first what it is, then each change. While no API server
/// answers nothing arrives; what happened meanwhile comes afterwards.
class ObjectWatch {
public:
    struct Change {
        bool deleted = false;
        Json object; ///< the last known state when deleted
    };

    ObjectWatch(Call& call, const Manifest& target);

    /// The next change, waiting for it until `end` (without one, for as long as it takes). Nothing at the end.
    std::optional<Change> next(const std::optional<sim::Instant>& end);

private:
    void collect();

    Call& m_call;
    sim::kube::Request m_read;
    sim::kube::KindId m_kind;
    std::string m_keyName;
    std::uint64_t m_version = 0;
    std::deque<Change> m_changes;
};

} // namespace core::shell::kubectl
