#include "tests/tidy/layers.h"

#include "tests/tidy/source_text.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <set>

namespace tidy {

namespace {

using Parts = std::set<std::string_view>;

/// What a part may include besides itself. A part that is not in the table is new: give it a row.
const std::map<std::string_view, Parts>& allowedParts()
{
    // engine <- {net, host} <- {container, gpu, programs, storage} <- {kube, training, serving, telemetry} <- faults <- world
    static const Parts kBase = {"sim/engine", "sim/net", "sim/host"};
    static const Parts kMachines = {"sim/engine",    "sim/net", "sim/host",
                                    "sim/container", "sim/gpu", "sim/programs", "sim/storage"};
    static const std::map<std::string_view, Parts> kAllowed = {
        {"sim/engine", {}},
        {"sim/net", {"sim/engine"}},
        {"sim/host", {"sim/engine", "sim/net"}},
        {"sim/programs", kBase},
        {"sim/gpu", kBase},
        {"sim/storage", kBase},
        {"sim/container", {"sim/engine", "sim/net", "sim/host", "sim/programs"}},
        {"sim/kube", kMachines},
        {"sim/training", kMachines},
        {"sim/serving", kMachines},
        {"sim/telemetry", kMachines},
        {"sim/faults",
         {"sim/engine", "sim/net", "sim/host", "sim/container", "sim/gpu", "sim/programs", "sim/storage", "sim/kube",
          "sim/training", "sim/serving", "sim/telemetry"}},
        {"sim/world",
         {"sim/engine", "sim/net", "sim/host", "sim/container", "sim/gpu", "sim/programs", "sim/storage", "sim/kube",
          "sim/training", "sim/serving", "sim/telemetry", "sim/faults"}},
        // core's parts may include any of sim. frame.h, which shows a session, names an incident's grade:
        // that is why incident and session know each other.
        {"core/content", {}},
        {"core/shell", {"core/content"}},
        {"core/incident", {"core/content", "core/session", "core/shell"}},
        {"core/session", {"core/content", "core/incident", "core/shell"}},
        {"core/progress", {"core/content", "core/session"}},
        {"core/report", {"core/content", "core/progress"}},
        {"core/endpoint", {"core/session", "core/shell"}},
        {"core/golden", {"core/endpoint", "core/shell"}},
        {"core/validation", {}},
    };
    return kAllowed;
}

/// Layers from the bottom; each may include itself and those below.
constexpr std::array<std::string_view, 3> kLayers = {"sim", "core", "app"};

/// Standard headers that bring threads, files, chance or the environment into the simulation.
const std::set<std::string_view>& headersBannedInSim()
{
    static const std::set<std::string_view> kBanned = {
        "atomic",     "barrier", "condition_variable", "filesystem",
        "fstream",    "future",  "iostream",           "latch",
        "mutex",      "random",  "semaphore",          "shared_mutex",
        "stop_token", "thread",  "unordered_map",      "unordered_set"};
    return kBanned;
}

std::string_view layerOf(std::string_view path)
{
    return path.substr(0, path.find('/'));
}

/// "sim/kube/api/store.h" → "sim/kube"
std::string_view partOf(std::string_view path)
{
    const std::size_t first = path.find('/');
    return path.substr(0, first == std::string_view::npos ? first : path.find('/', first + 1));
}

bool isQt(std::string_view header)
{
    return header.size() > 1 && header[0] == 'Q'
        && (std::isupper(static_cast<unsigned char>(header[1])) != 0 || header[1] == 't');
}

struct Include {
    int line = 0;
    std::string_view name;
    bool quoted = false;
};

std::vector<Include> includesOf(std::string_view text)
{
    std::vector<Include> includes;
    int number = 0;
    for (std::string_view line : linesOf(text)) {
        ++number;
        line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
        if (!line.starts_with("#include"))
            continue;
        const std::size_t open = line.find_first_of("<\"");
        if (open == std::string_view::npos)
            continue;
        const std::size_t end = line.find(line[open] == '<' ? '>' : '"', open + 1);
        if (end != std::string_view::npos)
            includes.push_back({number, line.substr(open + 1, end - open - 1), line[open] == '"'});
    }
    return includes;
}

std::string quotedName(std::string_view name)
{
    return "\"" + std::string(name) + "\"";
}

void checkOwnInclude(const std::string& path, const Include& include, Findings& findings)
{
    const std::string_view layer = layerOf(path);
    const std::string_view target = layerOf(include.name);
    const auto add = [&](std::string message) {
        findings.push_back({path, include.line, std::move(message)});
    };
    if (include.name.ends_with(".moc"))
        return;
    const auto level = [](std::string_view name) {
        return std::find(kLayers.begin(), kLayers.end(), name) - kLayers.begin();
    };
    if (target == "tests") {
        if (layer != "tests")
            add("the program must not include tests: " + quotedName(include.name));
        return;
    }
    if (level(target) == static_cast<long>(kLayers.size())) {
        add("write the path from the tree's root, \"" + std::string(partOf(path))
            + "/...\": " + quotedName(include.name));
        return;
    }
    if (layer == "tests")
        return;
    if (level(target) > level(layer)) {
        add(std::string(layer) + " must not include " + std::string(target)
            + " (app -> core -> sim): " + quotedName(include.name));
        return;
    }
    const std::string_view from = partOf(path);
    const std::string_view to = partOf(include.name);
    if (target != layer || from == to || layer == "app")
        return;
    const auto row = allowedParts().find(from);
    if (row == allowedParts().end())
        add(std::string(from) + " has no row in tests/tidy/layers.cpp that says what it may include");
    else if (!row->second.contains(to))
        add(std::string(from) + " must not include " + std::string(to) + ": " + quotedName(include.name));
}

} // namespace

void checkIncludes(const std::string& path, std::string_view text, Findings& findings)
{
    const std::string_view layer = layerOf(path);
    for (const Include& include : includesOf(text)) {
        const auto add = [&, line = include.line](std::string message) {
            findings.push_back({path, line, std::move(message)});
        };
        if (include.quoted) {
            checkOwnInclude(path, include, findings);
            continue;
        }
        if ((layer == "sim" || layer == "core") && isQt(include.name))
            add(std::string(layer) + " must not use Qt: <" + std::string(include.name) + ">");
        if (layer != "sim")
            continue;
        if (headersBannedInSim().contains(include.name))
            add("the simulation has no threads, files, chance or hash order of its own: <"
                + std::string(include.name) + ">");
        if (include.name.starts_with("boost/asio") || include.name.starts_with("boost/beast")
            || include.name.starts_with("sys/") || include.name == "unistd.h")
            add("the simulation does no I/O: <" + std::string(include.name) + ">");
    }
}

void checkDeterminism(const std::string& path, std::string_view text, std::string_view code,
                      Findings& findings)
{
    if (layerOf(path) != "sim")
        return;
    struct Ban {
        std::string_view word;
        std::string_view reason;
    };
    static constexpr std::array<Ban, 12> kBans = {{
        {"system_clock", "use the engine's instant"},
        {"steady_clock", "use the engine's instant"},
        {"high_resolution_clock", "use the engine's instant"},
        {"time(nullptr)", "use the engine's instant"},
        {"rand(", "draw from a named stream (sim/engine/random.h)"},
        {"srand(", "draw from a named stream (sim/engine/random.h)"},
        {"random_device", "draw from a named stream (sim/engine/random.h)"},
        {"std::hash", "its values differ between standard libraries; use sim::Fingerprint"},
        {"unordered_map", "its order differs between standard libraries; use std::map or a sorted vector"},
        {"unordered_set", "its order differs between standard libraries; use std::set or a sorted vector"},
        {"throw", "a simulated failure is data, our own is a Result, a bug asserts"},
        {"getenv(", "the simulation does not know its host"},
    }};
    int number = 0;
    for (const std::string_view line : linesOf(code)) {
        ++number;
        for (const Ban& ban : kBans) {
            if (hasWord(line, ban.word))
                findings.push_back(
                    {path, number, std::string(ban.word) + " in the simulation: " + std::string(ban.reason)});
        }
    }
    number = 0;
    for (const std::string_view line : linesOf(text)) {
        ++number;
        if (hasWord(line, "%p"))
            findings.push_back({path, number, "%p in the simulation: addresses differ from run to run"});
    }
}

} // namespace tidy
