#pragma once

#include "sim/engine/copy_on_write.h"
#include "sim/engine/time.h"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

// API objects are plain structs described once. The member name is the JSON name; a trailing underscore
// (namespace_, template_, operator_) is dropped. What is written out follows Go's rules as kube uses
// them: a scalar, string, vector or map is left out when empty; std::optional when not set; a struct held
// by value is always written ("resources: {}"); Always<T> is written even when zero.
namespace sim::kube {

/// A scalar that is written even when it is zero (a Go field without omitempty).
template <class T>
struct Always {
    T value{};
    Always() = default;
    Always(T v) : value(std::move(v)) { }
    operator const T&() const { return value; }
    bool operator==(const Always&) const = default;
    void addTo(Fingerprint& f) const { sim::addTo(f, value); }
};

/// metav1.Time: RFC 3339 in whole seconds.
struct Time {
    Instant at{};
    auto operator<=>(const Time&) const = default;
    void addTo(Fingerprint& f) const { sim::addTo(f, at); }
};

/// metav1.MicroTime: RFC 3339 in microseconds (leases, events.k8s.io).
struct MicroTime {
    Instant at{};
    auto operator<=>(const MicroTime&) const = default;
    void addTo(Fingerprint& f) const { sim::addTo(f, at); }
};

/// resource.Quantity in canonical text ("500m", "128Mi", "8").
struct Quantity {
    std::string text;
    bool operator==(const Quantity&) const = default;
    void addTo(Fingerprint& f) const { f.add(text); }
    /// Rounded up, as Quantity.MilliValue() and .Value() do. Text must be valid (the decoder checks).
    std::int64_t milliValue() const;
    std::int64_t value() const;
    static Quantity ofMilli(std::int64_t milli);
    static Quantity ofBytes(std::int64_t bytes); ///< binary suffix when it divides evenly
};
/// "cpu" -> "500m"
using ResourceList = std::map<std::string, Quantity>;
using StringMap = std::map<std::string, std::string>;

/// intstr.IntOrString.
struct IntOrString {
    std::variant<std::int64_t, std::string> value = std::int64_t{0};
    bool operator==(const IntOrString&) const = default;
    void addTo(Fingerprint& f) const { sim::addTo(f, value); }
};

/// JSON that the lab does not look into: schemas of custom resources, revisions' data, field sets.
struct RawJson {
    std::string text; ///< compact JSON; empty: null
    bool operator==(const RawJson&) const = default;
    void addTo(Fingerprint& f) const { f.add(text); }
};

/// Who owns which fields (server-side apply).
struct ManagedFieldsEntry {
    std::string apiVersion;
    std::string fieldsType; ///< "FieldsV1"
    RawJson fieldsV1;
    std::string manager;
    std::string operation;  ///< Apply, Update
    std::string subresource;
    std::optional<Time> time;
    bool operator==(const ManagedFieldsEntry&) const = default;
};
BOOST_DESCRIBE_STRUCT(ManagedFieldsEntry, (), (apiVersion, fieldsType, fieldsV1, manager, operation, subresource, time))

struct OwnerReference {
    std::string apiVersion;
    std::optional<bool> blockOwnerDeletion;
    std::optional<bool> controller;
    std::string kind;
    std::string name;
    std::string uid;
    bool operator==(const OwnerReference&) const = default;
};
BOOST_DESCRIBE_STRUCT(OwnerReference, (), (apiVersion, blockOwnerDeletion, controller, kind, name, uid))

struct ObjectMeta {
    CopyOnWrite<StringMap> annotations;
    std::optional<Time> creationTimestamp;
    std::optional<std::int64_t> deletionGracePeriodSeconds;
    std::optional<Time> deletionTimestamp;
    std::vector<std::string> finalizers;
    std::string generateName;
    std::int64_t generation = 0;
    CopyOnWrite<StringMap> labels;
    CopyOnWrite<std::vector<ManagedFieldsEntry>> managedFields;
    std::string name;
    std::string namespace_;
    CopyOnWrite<std::vector<OwnerReference>> ownerReferences;
    std::string resourceVersion; ///< decimal; rises with each write of any object
    std::string uid;
    bool operator==(const ObjectMeta&) const = default;
};
BOOST_DESCRIBE_STRUCT(ObjectMeta, (), (annotations, creationTimestamp, deletionGracePeriodSeconds, deletionTimestamp,
    finalizers, generateName, generation, labels, managedFields, name, namespace_, ownerReferences, resourceVersion, uid))

struct LabelSelectorRequirement {
    std::string key;
    std::string operator_; ///< In, NotIn, Exists, DoesNotExist (node affinity also Gt, Lt)
    std::vector<std::string> values;
    bool operator==(const LabelSelectorRequirement&) const = default;
};
BOOST_DESCRIBE_STRUCT(LabelSelectorRequirement, (), (key, operator_, values))

struct LabelSelector {
    std::vector<LabelSelectorRequirement> matchExpressions;
    StringMap matchLabels;
    bool operator==(const LabelSelector&) const = default;
    /// An empty selector matches everything.
    bool matches(const StringMap& labels) const;
};
BOOST_DESCRIBE_STRUCT(LabelSelector, (), (matchExpressions, matchLabels))

/// metav1.Condition and the older per-kind conditions, which are the same but for the probe times.
struct Condition {
    std::optional<Time> lastHeartbeatTime;  ///< nodes
    std::optional<Time> lastProbeTime;      ///< pods (null when not set)
    std::optional<Time> lastTransitionTime;
    std::optional<Time> lastUpdateTime;     ///< deployments
    std::string message;
    std::int64_t observedGeneration = 0;    ///< metav1.Condition
    std::string reason;
    Always<std::string> status;             ///< True, False, Unknown
    Always<std::string> type;
    bool operator==(const Condition&) const = default;
};
BOOST_DESCRIBE_STRUCT(Condition, (), (lastHeartbeatTime, lastProbeTime, lastTransitionTime, lastUpdateTime, message,
    observedGeneration, reason, status, type))

struct LocalObjectReference {
    std::string name;
    bool operator==(const LocalObjectReference&) const = default;
};
BOOST_DESCRIBE_STRUCT(LocalObjectReference, (), (name))

struct ObjectReference {
    std::string apiVersion;
    std::string fieldPath;
    std::string kind;
    std::string name;
    std::string namespace_;
    std::string resourceVersion;
    std::string uid;
    bool operator==(const ObjectReference&) const = default;
};
BOOST_DESCRIBE_STRUCT(ObjectReference, (), (apiVersion, fieldPath, kind, name, namespace_, resourceVersion, uid))

} // namespace sim::kube
