#pragma once

#include "sim/world/sockets.h"

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace core::shell::node {

/// ss(8)'s FILTER: "state established", "exclude time-wait", "( sport = :22 or dport = :22 )", "dst 10.0.0.0/24",
/// "not dport = :5000".
class SocketFilter {
public:
    /// Nothing when an address or port cannot be read.
    static std::optional<SocketFilter> parse(const std::vector<std::string>& words);

    bool namesStates() const { return m_named; }
    /// One state only: ss then leaves out its column.
    bool namesOneState() const { return m_named && m_states.size() == 1; }
    bool wantsState(const std::string& shown) const { return m_states.count(shown) > 0; }
    /// Ports or addresses are asked for, not states alone.
    bool testsAddresses() const { return static_cast<bool>(m_test); }
    bool matches(const sim::Socket& socket) const { return !m_test || m_test(socket); }

private:
    using Test = std::function<bool(const sim::Socket&)>;
    friend class SocketFilterReader;
    std::set<std::string> m_states; ///< as ss shows them
    bool m_named = false;
    Test m_test;
};

} // namespace core::shell::node
