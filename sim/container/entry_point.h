#pragma once

#include "sim/engine/time.h"
#include "sim/programs/program.h"

#include <optional>
#include <string>
#include <vector>

namespace sim::container {

/// What becomes of a container's command line once runc has it: found from the image and the words alone.
struct EntryPoint {
    std::string startError;               ///< runc's words; empty: the process starts
    bool program = false;                 ///< it is the image's program and serves
    std::int64_t port = 0;                ///< on which the program listens as told by its arguments; 0: none
    std::int64_t extraBytes = 0;          ///< memory that its arguments ask for beyond those of the image
    bool clearsEnvironment = false;       ///< env -i
    std::vector<std::string> output;      ///< printed at once
    std::int64_t exitCode = 0;            ///< of a process that is not the program, or a program that gives up
    std::optional<Duration> endsAfter;    ///< nothing: it runs until it is killed
};

/// `image` is the image's own program; its command is entry point and arguments. Requires: `words` not empty.
/// `env [-i] [NAME=VALUE].. COMMAND` becomes the command. A shell ("sh -c SCRIPT") ends as its last command does; of commands it knows exit, true, false, sleep, echo and
/// the image's program. Services know the flags of their image's command line and no others (as with Go's package
/// flag); what daemons, databases and model servers are told is taken as it is.
/// A flag whose value is a size ("--cache=64MiB") takes that much memory. `stdinOpen`: a shell without a script waits for
/// what is typed, for ever; else it reads the end of the file.
EntryPoint entryPointOf(const programs::Program& image, const std::vector<std::string>& words, bool stdinOpen = false);
/// A shell that reads its commands from its input.
bool readsCommands(const std::vector<std::string>& words);

} // namespace sim::container
