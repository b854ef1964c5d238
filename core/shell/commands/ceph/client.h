#pragma once

#include "core/shell/commands/ceph/text.h"
#include "core/shell/invocation.h"
#include "sim/world/command.h"

#include <optional>

namespace core::shell::cephtool {

inline constexpr sim::Duration kPatience = std::chrono::seconds(300); ///< client_mount_timeout

const ceph::Cluster& clusterOf(Invocation& inv);
/// Reads the configuration and the key, and finds monitors that answer, as librados does; prints what it prints when that fails.
/// The exit status then; nothing: connected.
std::optional<int> connect(Invocation& inv, sim::Duration patience = kPatience);
/// "Error ENOENT: ..." on standard error; the exit status.
int fail(Invocation& inv, int error, const std::string& text);
/// Prints in the format asked for: "" or "plain", "json", "json-pretty". Returns the exit status.
int print(Invocation& inv, const Shown& shown, const std::string& format);
/// Sends it to the monitors and prints their answer; the exit status.
int administer(Invocation& inv, const ceph::Change& change);
/// "3", "osd.3"; nothing when it is no OSD's name.
std::optional<std::int32_t> osdNamed(const std::string& word);

} // namespace core::shell::cephtool
