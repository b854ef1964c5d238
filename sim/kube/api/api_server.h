#pragma once

#include "sim/engine/engine.h"
#include "sim/kube/api/store.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sim::kube {

enum class Verb : std::uint8_t { Get, List, Create, Update, Patch, Delete, DeleteCollection };
enum class PatchType : std::uint8_t { StrategicMerge, Merge, Json, Apply };

/// One request to the API server, as data: kubectl, the HTTP endpoint and the window all build these.
struct Request {
    Verb verb = Verb::Get;
    std::string resource;             ///< plural with group: "deployments.apps", "pods"
    std::string namespace_;
    std::string name;
    std::string subresource;          ///< "", "status", "scale", "log", "eviction", "binding"
    nlohmann::json body;
    PatchType patchType = PatchType::StrategicMerge;
    std::string labelSelector;
    std::string fieldSelector;
    std::string user = "kubernetes-admin";
    std::string fieldManager;
    std::string fieldValidation = "Strict"; ///< Strict, Warn, Ignore
    std::optional<std::int64_t> gracePeriodSeconds;
    std::string propagationPolicy;    ///< Background, Foreground, Orphan; empty: the kind's default
    bool dryRun = false;
};

struct Response {
    int code = 200;
    nlohmann::json body;              ///< the object, a List, or a Status
    std::vector<std::string> warnings;
    bool ok() const { return code < 400; }
};

/// A server-side table (meta.k8s.io/v1 Table): what `kubectl get` prints. Built from the typed objects
/// without JSON in between: 10,000 pods must list in well under 50 ms.
struct Table {
    struct Column {
        std::string name;   ///< "NAME"
        bool wide = false;  ///< only with -o wide
    };
    struct Row {
        std::vector<std::string> cells;
        std::string namespace_;
        std::string name;
        const ObjectMeta* metadata = nullptr; ///< valid until the next write
        std::shared_ptr<const void> object;   ///< keeps metadata alive
    };
    std::vector<Column> columns;
    std::vector<Row> rows;
};

/// The front of the Store: names, defaulting, validation, admission, patches, tables, discovery.
/// Stateless; the rules are in the code, the data in the store.
class ApiServer {
public:
    /// Reading never changes the store. Requires: verb is Get or List.
    static Response read(const Store& store, const Request& request, Instant now);
    /// Any verb. Errors are Status objects with the real texts.
    static Response handle(Store& store, Engine& engine, const Request& request);
    /// The rows that the request's List (or Get) would print; an error Response when it fails.
    static std::variant<Table, Response> table(const Store& store, const Request& request, Instant now);
    /// One object's row (watches).
    static Table::Row row(const WatchEvent& event, Instant now);
    static std::vector<Table::Column> columns(KindId kind);
};

/// JSON of a typed object, apiVersion and kind included.
template <ApiObject T>
nlohmann::json toJson(const T& object);
nlohmann::json toJson(KindId kind, const void* object);
/// Strict decoding: unknown fields and wrong types are listed with their path, as the API server words
/// them ("unknown field \"spec.replica\"").
template <ApiObject T>
T fromJson(const nlohmann::json& json, std::vector<std::string>& errors);

/// A field of a kind for `kubectl explain`, completion and schema checks.
struct FieldInfo {
    std::string name;
    std::string type;       ///< "string", "integer", "[]Container", "map[string]string", "PodSpec"
    std::string description;
    bool required = false;
    std::vector<FieldInfo> (*children)() = nullptr; ///< of structs
};
std::vector<FieldInfo> fieldsOf(KindId kind);

} // namespace sim::kube
