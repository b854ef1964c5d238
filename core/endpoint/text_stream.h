#pragma once

#include "core/session/session.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace core::endpoint {

/// An answer that goes on: a watch, a followed log. The connection asks for what is new, some times a second.
class TextStream {
public:
    virtual ~TextStream() = default;
    virtual std::string contentType() const = 0;
    /// Text since the last call; empty when nothing happened.
    virtual std::string take(const session::Session& lab) = 0;
    /// Nothing will come any more.
    virtual bool ended() const = 0;
    /// How long the client wants it at most, on its own clock.
    virtual std::optional<std::chrono::seconds> limit() const { return std::nullopt; }
};

} // namespace core::endpoint
