#pragma once

#include "core/shell/command_table.h"
#include "core/shell/numbers.h"
#include "sim/world/world.h"

#include <string>

namespace core::shell::node {

/// The machine a command runs on (of a container: the one below it).
const sim::host::Machine& machineOf(Invocation& inv);
/// The container it runs in; null on a machine.
const sim::container::Container* containerOf(Invocation& inv);
/// The network namespace it sees.
sim::StackId stackIdOf(Invocation& inv);
const sim::net::Stack& stackOf(Invocation& inv);
bool isRoot(Invocation& inv);
/// The machine is up and, for a container, its process runs.
bool alive(Invocation& inv);
/// How grading names the place: the machine's name, or the pod's.
std::string placeName(Invocation& inv);
/// Says that what is printed comes from the machine as a whole ("host/worker-1").
void noteHost(Invocation& inv);

/// Processes that a `ps` here sees: all of the machine, or those of the container.
std::vector<const sim::host::Process*> visibleProcesses(Invocation& inv);
/// CPU time used until now, in seconds.
double cpuSeconds(const sim::host::Process& process, sim::Instant now);

/// "Mar 02 09:00:00".
std::string stampShort(sim::Instant at);
/// "Mon 2026-03-02 09:00:00 UTC".
std::string stampSystemd(sim::Instant at);
/// systemd's "3min 2s ago", "2 days ago", "1h 5min ago".
std::string agoSystemd(sim::Duration age);
/// "96.3M", "1.2G" as systemctl prints memory.
std::string memoryText(std::int64_t bytes);
/// systemd's span with milliseconds: "1min 2.345s", "12ms".
std::string spanText(double seconds);

/// Seconds with an optional fraction: "2", "0.5".
std::optional<sim::Duration> parseSeconds(std::string_view text);
/// Bytes with dd's and fallocate's suffixes: "10M", "1GiB", "512".
std::optional<std::int64_t> parseBytes(std::string_view text);

/// "0644", "u+x", "go-w,a=r" applied to `mode`, as chmod(1) reads them; nothing for nonsense.
std::optional<std::uint32_t> fileModeAfter(const std::string& text, std::uint32_t mode, bool directory);

/// Splits on blanks, quotes not minded.
std::vector<std::string> splitWords(std::string_view text);

} // namespace core::shell::node
