#pragma once

#include "sim/engine/engine.h"
#include "sim/kube/api/store.h"

#include <nlohmann/json.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
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
    std::string userUid;              ///< of users that have one: service accounts, token files
    /// Groups of the user. A member of system:masters may do everything, without a look at the roles.
    std::vector<std::string> groups{"system:masters", "system:authenticated"};
    std::string fieldManager;               ///< who owns the fields this request sets; empty: nobody is recorded
    std::string fieldValidation = "Strict"; ///< Strict, Warn, Ignore
    std::optional<std::int64_t> gracePeriodSeconds;
    std::string propagationPolicy;    ///< Background, Foreground, Orphan; empty: the kind's default
    std::string preconditionUid;      ///< DeleteOptions.preconditions
    std::string preconditionResourceVersion;
    bool force = false;               ///< server-side apply: take over the fields of others
    bool dryRun = false;
    std::int64_t limit = 0;           ///< of a List: at most so many objects; 0: all
    std::string continue_;            ///< of a List: the token that the page before ended with
};

struct Response {
    int code = 200;
    nlohmann::json body;              ///< the object, a List, or a Status
    std::vector<std::string> warnings;
    Duration took{};                  ///< what webhooks made the client wait
    bool ok() const { return code < 400; }
};

/// An admission webhook to be asked.
struct WebhookCall {
    std::string url;              ///< "https://gate.ops.svc:443/validate?timeout=10s"
    std::string serviceNamespace; ///< empty: the webhook has a URL of its own
    std::string serviceName;
    std::int64_t servicePort = 443;
    std::string path;
    std::string caBundle;         ///< base64 of the PEM that the server's certificate is judged by
    nlohmann::json review;        ///< admission.k8s.io/v1 AdmissionReview with its request
    Duration timeout{};
};

/// What came back.
struct WebhookAnswer {
    nlohmann::json review; ///< AdmissionReview with its response; null when there was none
    std::string failure;   ///< "dial tcp 10.96.3.1:443: connect: connection refused"; empty when it answered well
    bool answered = false; ///< the failure is an HTTP status and not one of the connection
    Duration took{};
};

/// How the API server reaches admission webhooks. Without one, a Service is looked up in the store and nobody
/// listens behind it.
class WebhookCaller {
public:
    virtual ~WebhookCaller() = default;
    virtual WebhookAnswer call(const Store& store, const WebhookCall& call) = 0;
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
    std::string continue_;            ///< token of the next page; empty: this is the last
    std::int64_t remainingItems = 0;  ///< after this page, when there are no selectors
    std::vector<std::string> warnings; ///< for the client to print
};

/// Outcome of creating a typed object: the stored one, or the Status that refuses it.
template <ApiObject T>
struct Created {
    std::shared_ptr<const T> object;
    Response refusal;
    explicit operator bool() const { return object != nullptr; }
};

/// The front of the Store: authorisation, names, defaulting, validation, admission, patches, tables.
/// Stateless; the rules are in the code, the data in the store.
class ApiServer {
public:
    /// Reading never changes the store. Requires: verb is Get or List.
    static Response read(const Store& store, const Request& request, Instant now);
    /// Any verb. Errors are Status objects with the real texts.
    static Response handle(Store& store, Engine& engine, const Request& request, WebhookCaller* webhooks = nullptr);
    /// What Create of the object's JSON would do, without the JSON: for controllers that make many. Of the
    /// request, user, groups, namespace and dryRun count.
    template <ApiObject T>
    static Created<T> create(Store& store, Engine& engine, T object, const Request& request, WebhookCaller* webhooks = nullptr);
    /// The rows that the request's List (or Get) would print; an error Response when it fails.
    static std::variant<Table, Response> table(const Store& store, const Request& request, Instant now);
    /// One object's row (watches). Custom objects have the columns of their definition.
    static Table::Row row(const Store& store, const WatchEvent& event, Instant now);
    static Table::Row row(const WatchEvent& event, Instant now);
    static std::vector<Table::Column> columns(KindId kind);
    /// Columns of a resource by any of its names, custom ones included. Requires: findResource(store, resource).
    static std::vector<Table::Column> columns(const Store& store, const std::string& resource);
    /// 403 when the user may not do that; nothing when it is allowed. `verb` is the API's word where the
    /// request has none of its own: "watch", "impersonate".
    static std::optional<Response> forbidden(const Store& store, const Request& request, std::string_view verb = {});
};

/// A resource that is served: a built-in kind or a custom one, whose names are its definition's.
struct Resource {
    KindInfo info;
    std::shared_ptr<const CustomResourceDefinition> definition; ///< null: built in; owns the names otherwise
};
/// Accepts what findKind accepts, for built-in and for established custom resources.
std::optional<Resource> findResource(const Store& store, std::string_view name);

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
    std::vector<std::string> values;                ///< of enumerations, sorted
};
std::vector<FieldInfo> fieldsOf(KindId kind);

} // namespace sim::kube
