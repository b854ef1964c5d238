#pragma once

#include "core/session/session.h"
#include "tests/support/content.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace tests {

/// A started session, or a failed test.
inline std::unique_ptr<core::session::Session> lab(const std::string& incident = {}, const std::string& cause = {},
                                                   std::uint64_t seed = 1, const std::string& variant = {})
{
    core::session::StartRequest request;
    request.incident = incident;
    request.cause = cause;
    request.variant = variant;
    request.seed = seed;
    auto started = core::session::Session::start(library(), request);
    EXPECT_TRUE(started) << (started ? "" : started.error().text());
    return started ? std::move(*started) : nullptr;
}

/// What a line prints.
inline std::string output(core::session::Session& session, core::session::TerminalId terminal, const std::string& line)
{
    return session.runLine(terminal, line).output;
}

} // namespace tests
