#pragma once

#include "sim/host/machine.h"

namespace sim::host {

/// A file or directory of /proc or /sys, made up from the machine's state; nothing when there is none.
std::optional<File> virtualFile(const Machine& machine, const std::string& path, Instant now);
std::optional<std::vector<std::string>> virtualDirectory(const Machine& machine, const std::string& path);

/// Whose folder a path below /proc is ("/proc/1234/fd/3": 1234 and "fd/3"); null process: nobody's.
struct ProcessPath {
    const Process* process = nullptr;
    std::string rest;
};
ProcessPath processPathOf(const Machine& machine, const std::string& path);
/// What lies in /proc/PID: a text, the target of a link, or a folder's names.
std::optional<File> processFile(const Machine& machine, const Process& process, const std::string& name, Instant now);
std::optional<std::vector<std::string>> processDirectory(const Machine& machine, const Process& process, const std::string& name);

/// /sys, with the control groups below /sys/fs/cgroup.
std::optional<std::string> sysText(const Machine& machine, const std::string& path, Instant now);
std::optional<std::vector<std::string>> sysDirectory(const Machine& machine, const std::string& path);

/// Inode number of a namespace of a process, as /proc/PID/ns/KIND shows it: "mnt", "uts", "ipc", "pid", "net", "user",
/// "cgroup", "time". 0 for another word.
std::uint64_t namespaceInode(const Process& process, const std::string& kind);
const std::vector<std::string>& namespaceKinds();

/// "socket:[12345]", "/var/log/app.log (deleted)": what readlink prints of an open file.
std::string openFileText(const Machine& machine, const OpenFile& open);

} // namespace sim::host
