#pragma once

#include "core/session/session.h"

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace core::endpoint {

/// The lab being served now; null while the window starts another one.
using LabSource = std::function<session::Session*()>;

/// A connection that was upgraded: exec, attach, port-forward. Plain data in and out; the connection carries
/// it, as raw bytes or as WebSocket messages.
class Tunnel {
public:
    virtual ~Tunnel() = default;
    virtual void received(std::string_view bytes) = 0;
    /// The other side sends no more.
    virtual void closed() { }
    /// Called some times a second.
    virtual void tick() = 0;
    /// Everything was said; the connection can be closed once what is outgoing has been sent.
    virtual bool finished() const = 0;
    std::vector<std::string> takeOutgoing() { return std::exchange(m_outgoing, {}); }

protected:
    void send(std::string message) { m_outgoing.push_back(std::move(message)); }

private:
    std::vector<std::string> m_outgoing;
};

} // namespace core::endpoint
