#pragma once

#include "sim/engine/result.h"
#include "sim/engine/time.h"
#include "sim/kube/fake/fake_node.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace core::golden {

/// One command or HTTP call of a recorded case, and what the real control plane answered.
struct Step {
    enum class Kind : std::uint8_t { Command, Http, Note };
    Kind kind = Kind::Command;
    double at = 0;            ///< seconds since the case began
    double took = 0;          ///< seconds, start of the program included
    std::string user;         ///< "admin", "alice", "bob"; HTTP: the token's name, "admin-token"
    std::string command;      ///< Command: "kubectl -n c01 get pods"; Http: "GET /api/v1/nodes"; Note: the remark
    std::string input;        ///< standard input's text, or the HTTP body
    std::string contentType;  ///< of the HTTP body
    int status = 0;           ///< exit status or HTTP status
    std::string output;
    std::string errors;
    nlohmann::json response;  ///< Http
};

/// One line of watch.jsonl or of what our store tells its watchers, in the same form.
struct WatchLine {
    double at = 0;
    std::string kind;         ///< "pods", "events"
    std::string name;
    nlohmann::json body;      ///< the whole line
};

/// A recorded case: a folder of golden/kubernetes (its INDEX.md tells what is in one).
struct Recording {
    std::string name;         ///< the folder's name
    sim::Instant start{};     ///< wall-clock time of second 0
    std::vector<sim::kube::FakeNode> nodes;
    std::vector<Step> steps;
    std::vector<WatchLine> watch;
    nlohmann::json objects;   ///< namespace -> plural -> objects; "nodes" -> objects
    nlohmann::json placement; ///< node -> pods; null where the case has none
    nlohmann::json scores;    ///< null where the case has none
    nlohmann::json trace;     ///< [second, [autoscaler, current, wanted, percent of the request]] lists; null where there is none

    /// The namespaces that were there when the case began: those objects.json tells of.
    std::vector<std::string> namespaces() const;
    /// Whether objects.json tells of an object of that kind and name.
    bool lists(const std::string& plural, const std::string& object) const;
};

/// Folders below (or equal to) `folder` that hold a case, by name.
std::vector<std::string> casesIn(const std::string& folder);
sim::Result<Recording> readRecording(const std::string& folder);

} // namespace core::golden
