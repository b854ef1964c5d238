#pragma once

#include "core/session/runner.h"
#include "sim/engine/result.h"
#include "sim/engine/time.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace core::session {

/// One thing done from outside, at a virtual instant.
struct Input {
    enum class Kind { OpenTerminal, CloseTerminal, Line, Key, Interrupt, EndOfInput, Acknowledge, Hint, Diagnose, Close,
                      Observe, ApiCall, ModelAsk, ModelLeave, HttpCall };
    sim::Instant at{};
    Kind kind = Kind::Line;
    TerminalId terminal = 0;
    std::string text;          ///< the line, keys, host, cause
    double number = 0;         ///< confidence
    std::string note;
    std::vector<std::string> reads;
};

/// A session as a file of a few KB: what to build and what was done, nothing of what followed.
struct ReplayFile {
    static constexpr int kFormat = 1;
    StartRequest start;
    std::string programVersion;
    std::uint64_t contentHash = 0;
    std::vector<Input> inputs;
    sim::Instant end{};
    std::uint64_t fingerprint = 0; ///< at `end`, as it was when saved

    std::string text() const;      ///< JSON, one input a line
    /// Says file, line and remedy for damaged, truncated or newer files.
    static sim::Result<ReplayFile> parse(const std::string& text, const std::string& path);
};

sim::Result<ReplayFile> readReplay(const std::string& path);
sim::Result<sim::Done> writeReplay(const ReplayFile& file, const std::string& path);

} // namespace core::session
