#pragma once

#include "sim/engine/fingerprint.h"
#include "sim/engine/ids.h"
#include "sim/engine/time.h"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace sim::host {

using Pid = std::int64_t;

/// A task of a process beside its main one: a line of `top -H`, a folder of /proc/PID/task.
struct Thread {
    Pid tid = 0;
    std::string name; ///< comm, at most 15 bytes
    char state = 'S';
    double cpuCores = 0;     ///< what it wants now; part of the process's cpuCores
    std::string waitChannel; ///< kernel function it sleeps in: "futex_wait_queue"; empty: "0"
    bool operator==(const Thread&) const = default;
};
BOOST_DESCRIBE_STRUCT(Thread, (), (tid, name, state, cpuCores, waitChannel))

/// An entry of /proc/PID/fd. Sockets that listen or are connected are the network stack's and not repeated here.
struct OpenFile {
    enum class Kind : std::uint8_t { Regular, Directory, Pipe, Socket, EventPoll, Device };
    std::int64_t descriptor = 3;
    Kind kind = Kind::Regular;
    std::string path;        ///< when it was opened; of other kinds what readlink prints: "anon_inode:[eventpoll]"
    std::uint64_t inode = 0; ///< of a regular file
    bool writes = false;
    double growthBytesPerSecond = 0; ///< what the process appends, until the filesystem is full
    bool inPlace = false;            ///< it fills blocks that the file has already: only the time of change moves
    bool operator==(const OpenFile&) const = default;
};
BOOST_DESCRIBE_STRUCT(OpenFile, (), (descriptor, kind, path, inode, writes, growthBytesPerSecond, inPlace))

/// Inode numbers of /proc/PID/ns; 0: the machine's own (see namespaceInode()).
struct Namespaces {
    std::uint64_t mount = 0, uts = 0, ipc = 0, pid = 0, net = 0, user = 0, cgroup = 0;
    bool operator==(const Namespaces&) const = default;
};
BOOST_DESCRIBE_STRUCT(Namespaces, (), (mount, uts, ipc, pid, net, user, cgroup))

/// A process. What it *wants* of the machine stands in rates; what it gets follows from its neighbours and its control
/// group (RateChange, Hosts::grow). Counters hold up to `cpuSince`.
struct Process {
    Pid pid = 0;
    Pid parent = 1;
    std::string name;                 ///< comm, at most 15 bytes
    std::vector<std::string> command; ///< argv
    std::string user = "root";
    char state = 'S'; ///< as ps prints: R S D Z T I
    Instant started{};
    std::int64_t residentBytes = 0; ///< of this filePages() are file pages, the rest is anonymous
    std::int64_t virtualBytes = 0;
    double cpuCores = 0;   ///< what it wants now, in cores; at most its threads
    double cpuGranted = 0; ///< what it gets now
    double cpuSeconds = 0; ///< used up to `cpuSince`, user and system
    Instant cpuSince{};
    std::string unit; ///< systemd unit it belongs to
    std::optional<ContainerId> container;
    bool kernelThread = false;
    std::int64_t oomScoreAdjust = 0; ///< -1000 (never) .. 1000
    int pendingSignal = 0;           ///< waits until a stopped process continues
    double syncedBytesPerSecond = 0; ///< what it wants to write to the machine's disk and flush, now
    std::string cgroup;              ///< "/system.slice/ssh.service"; set at spawn when empty
    double systemShare = 0.25;       ///< of its CPU time, in the kernel
    double systemSeconds = 0;        ///< part of cpuSeconds
    std::int64_t threadCount = 1;    ///< with those of `threads`, which names only the ones worth naming
    std::vector<Thread> threads;
    std::vector<OpenFile> openFiles; ///< beyond the three standard streams
    double growthBytesPerSecond = 0; ///< anonymous memory it takes and never gives back
    double readBytesPerSecond = 0;   ///< from the disk, past the page cache
    double readBytes = 0;            ///< counters of /proc/PID/io
    double writtenBytes = 0;
    std::int64_t fileBytes = 0;      ///< file-backed part of residentBytes; 0: as filePages() has it for such a program
    double switchesPerSecond = 0;    ///< voluntary context switches
    std::map<std::string, double> systemCalls; ///< by name, per second while it runs: what strace and perf count
    Namespaces namespaces;
    std::string workingDirectory = "/";
    std::map<std::string, std::string> environment;
    std::int64_t openFilesLimit = 1024; ///< RLIMIT_NOFILE, soft
    std::int64_t exitCode = 0;          ///< of a zombie: what its parent has not asked for
    bool ignoresChildren = false;       ///< its dead children stay zombies until it ends
    std::int64_t nice = 0;              ///< -20 .. 19
    bool tells = false;                 ///< prints its unit's Workload::logLines
    bool operator==(const Process&) const = default;

    bool runs() const { return state != 'T' && state != 'Z'; }
    /// Program text, libraries and mapped files that are resident: RssFile, top's SHR.
    std::int64_t filePages() const;
    std::int64_t anonymousPages() const { return residentBytes - filePages(); } ///< RssAnon
    /// CPU seconds up to `now`.
    double cpuSecondsAt(Instant now) const;
};
BOOST_DESCRIBE_STRUCT(Process, (),
                      (pid, parent, name, command, user, state, started, residentBytes, virtualBytes,
                       cpuCores, cpuGranted, cpuSeconds, cpuSince, unit, container, kernelThread, oomScoreAdjust,
                       pendingSignal, syncedBytesPerSecond, cgroup, systemShare, systemSeconds, threadCount, threads,
                       openFiles, growthBytesPerSecond, readBytesPerSecond, readBytes, writtenBytes, fileBytes,
                       switchesPerSecond, systemCalls, namespaces, workingDirectory, environment, openFilesLimit,
                       exitCode, ignoresChildren, nice, tells))

} // namespace sim::host
