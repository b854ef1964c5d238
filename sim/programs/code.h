#pragma once

#include "sim/engine/result.h"
#include "sim/engine/time.h"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sim::programs {

/// Which runtime a program runs on: it decides how memory is won back, what its threads are called, and which tools
/// can look inside.
enum class Language : std::uint8_t { Go, Java, Python, Native };

/// One function on a stack and the line in it that is being executed.
struct Frame {
    std::string function; ///< as the language's tools print it: "main.(*server).list", "com.lab.orders.Cart.add"
    std::string file;     ///< "catalog/list.go"; empty: no debug information
    std::int64_t line = 0;
    bool operator==(const Frame&) const = default;
    auto operator<=>(const Frame&) const = default;
};
using Stack = std::vector<Frame>; ///< root first
inline constexpr double kBytesPerMiB = 1024.0 * 1024.0;

/// In which variants a part of the program exists. Both lists empty: always.
struct Scope {
    std::vector<std::string> in;    ///< in any of these
    std::vector<std::string> notIn; ///< in none of these
};

/// What one call takes from the heap. Without retention and holding time it is garbage when the call returns.
struct Allocation {
    std::string type;       ///< "[]uint8", "[B", "dict"
    double bytes = 0;       ///< per call
    double objects = 1;     ///< per call
    double retained = 0;    ///< share that something keeps for good: 0 .. 1
    double heldSeconds = 0; ///< how long the rest stays reachable
    Scope scope;
};

/// A descriptor that a call opens and nobody closes.
struct OpenedFile {
    std::string path; ///< "{n}" is the running number
    double perCall = 0;
};

/// A way through the program that is taken again and again.
struct CodePath {
    std::string name;
    Stack stack;
    double perRequest = 0; ///< calls for each request
    double perSecond = 0;  ///< calls whatever the requests
    double cpuSeconds = 0; ///< of one call, in its leaf; without the allocator's and the locks' own
    double spins = 0;      ///< so many threads do nothing but this: each wants a whole core
    double firstSeconds = 0; ///< taken only so long after the start; 0: always
    std::vector<Allocation> allocations;
    std::string lock;        ///< held meanwhile
    double holdSeconds = 0;  ///< of one call
    double waitSeconds = 0;  ///< of one call, for the network or the disk
    std::map<std::string, double> systemCalls; ///< of one call, by name
    std::vector<OpenedFile> opens;
    Scope scope;
};

/// Goroutines or threads that wait, most of the time.
struct Waiting {
    std::string thread;      ///< Java, native: "http-nio-8080-exec-{n}"
    std::string state;       ///< as the runtime's dump has it: "chan receive", "IO wait", "TIMED_WAITING (parking)"
    double count = 1;
    double perRequest = 0;   ///< new ones that never end
    double pollsPerSecond = 0; ///< each wakes up so often and takes its `works` once
    std::string waitChannel = "futex_wait_queue"; ///< of /proc/PID/wchan
    std::vector<std::string> works; ///< names of the code paths that these threads take when they do not wait
    bool daemon = true;
    Stack stack;
    std::string createdBy;   ///< Go: "net/http.(*Server).Serve@net/http/server.go:3285"
    double stackBytes = 8192; ///< memory of each
    Scope scope;
};

/// A way in which builds or settings of one program differ.
struct Variant {
    std::string name;
    std::vector<std::string> versions; ///< exists in these
    std::string file;                  ///< or when this file of the installed version ...
    std::string contains;              ///< ... has this text
    std::vector<std::string> startLog; ///< what it prints then, beside the program's own
    std::string environment;           ///< or when it was started with this, "NAME=VALUE"; with `file`: and that has the text
};

struct SourceText {
    std::int64_t first = 1; ///< number of the first line
    std::vector<std::string> lines;
};

struct Version {
    std::string version;
    std::map<std::string, std::string> files; ///< by path below the version's folder
    bool kept = false;                        ///< not on a machine's disk from the start: a fault brings it
};

/// A program as its developers wrote it: content/programs/NAME.json.
struct Code {
    std::string name;       ///< of its unit and of the folder below /opt
    Language language = Language::Native;
    std::string executable; ///< file of the version's folder that is started: "orders.jar", "etl.py", "catalog-api"
    std::string command;    ///< ExecStart=
    std::string description;
    std::string user = "root";
    std::vector<std::string> environment; ///< lines of /etc/default/NAME
    std::int64_t port = 0;
    std::int64_t profilePort = 0; ///< net/http/pprof
    double requestsPerSecond = 0; ///< what it gets where nothing else is said
    std::int64_t workers = 1;     ///< threads that can work at once (native), or requests in flight (Java)
    double baseBytes = 0;         ///< resident without the heap: code, runtime, stacks of the fixed threads
    double baseHeapBytes = 0;     ///< live after the start
    double baseHeapObjects = 0;
    std::vector<Allocation> baseHeap; ///< the same by type: shares in `bytes` and `objects`
    Duration startTime{};
    std::vector<std::string> startLog;
    std::vector<Version> versions; ///< oldest first; the first is installed where nothing else is said
    std::vector<Variant> variants;
    std::vector<CodePath> paths;
    std::vector<Waiting> waiting;
    std::map<std::string, SourceText> sources; ///< by the file names of frames

    std::string folder() const { return "/opt/" + name; }
    const Version* version(const std::string& text) const;
    const CodePath* path(const std::string& pathName) const;
};

/// Reads a document of content/programs. Throws json::exception where it does not fit its schema.
Code codeOf(const nlohmann::json& from);
/// "main.run@main.go:12" in its parts.
Frame frameOf(const std::string& text);

} // namespace sim::programs
