#pragma once

#include "sim/engine/time.h"
#include "sim/kube/scheduler/decision.h"
#include "sim/world/frame.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sim {
class World;
}

// What the window's Kubernetes views show. None of it is in a frame unless a view asks: a frame stays cheap.
namespace core::session {

/// What the open views want to see.
struct KubeInterest {
    bool owners = false;
    bool controllers = false;
    std::string controller;   ///< the one to look into: "deployment"; empty: none
    std::string key;          ///< the key to compare, "shop/checkout"; empty: the one handled last
    bool decisions = false;
    std::string pod;          ///< whose decision to show, "shop/checkout-..."; empty: the latest one
    bool etcd = false;
    std::string etcdMember;   ///< whose log to show; empty: the leader's
    bool path = false;
    std::string pathFrom;     ///< "shop/checkout-..." (a pod) or "worker-1" (a machine); empty: no path yet
    std::string pathTo;       ///< name, address or pod, with or without ":port"
    bool pathUdp = false;
    bool operator==(const KubeInterest&) const = default;
};

/// An object in the tree of owners, or a container of a pod.
struct OwnedObject {
    std::string kind;         ///< "Deployment"; "Container"
    std::string nameSpace;    ///< empty: cluster-scoped
    std::string name;
    std::string uid;          ///< of a container: its pod's uid, "/" and its name
    int parent = -1;          ///< index of the owner, which comes before; -1: nobody owns it
    std::string state;        ///< as kubectl words it: "2/3", "CrashLoopBackOff", "Bound"
    sim::Health health = sim::Health::Unknown;
    std::vector<std::string> finalizers;
    bool deleting = false;    ///< has a deletionTimestamp
    bool ownerGone = false;   ///< names an owner that no longer exists
};

/// Depth first: an object's dependents follow it.
struct OwnersDetail {
    std::vector<OwnedObject> objects;
};

/// A change of an object as a watch tells it.
struct ChangeDetail {
    sim::Instant at{};
    std::string type;         ///< "ADDED", "MODIFIED", "DELETED"
    std::string kind;
    std::string object;       ///< "shop/checkout"
    std::string what;         ///< of MODIFIED: "spec", "status", "deletion" (was asked for), "metadata"
};

struct ControllerRow {
    std::string id;           ///< "deployment"
    std::string name;         ///< "deployment-controller"
    std::size_t waiting = 0;
    std::size_t delayed = 0;
    std::size_t failing = 0;
    std::uint64_t turns = 0;  ///< keys handled since it started
};

struct DelayedKey {
    std::string key;
    sim::Instant due{};
    std::int64_t failures = 0;
};

struct TurnDetail {
    sim::Instant at{};
    std::string key;
    std::vector<ChangeDetail> writes;
    bool forgotten = false;   ///< the store no longer remembers what was written
};

/// What is wanted beside what is, in one respect.
struct Difference {
    std::string what;         ///< the field: "status.readyReplicas"
    std::string wanted;
    std::string actual;
    bool met = false;
};

struct ControllerDetail {
    std::string id;
    std::string name;
    std::string keyKind;      ///< kind of the objects that keys name; empty: several
    std::vector<ChangeDetail> arrivals; ///< newest first
    std::vector<std::string> waiting;   ///< in order, the first ones
    std::size_t waitingInAll = 0;
    std::vector<DelayedKey> delayed;    ///< by time, the first ones
    std::size_t delayedInAll = 0;
    std::vector<TurnDetail> turns;      ///< newest first
    std::string key;                    ///< whose differences these are; empty: nothing to compare
    bool keyGone = false;               ///< the object does not exist (any more)
    std::vector<Difference> differences;
};

struct ControllersDetail {
    bool running = false;     ///< kube-controller-manager holds its lease
    std::vector<ControllerRow> rows;
    std::optional<ControllerDetail> chosen;
};

/// A scheduling attempt in the list of the latest.
struct DecisionHead {
    sim::Instant at{};
    std::string pod;          ///< "shop/checkout-..."
    std::string node;         ///< empty: none was found
    std::int64_t attempt = 0;
    bool preempts = false;
};

struct PluginColumn {
    std::string name;
    std::int64_t weight = 0;  ///< of a score plugin
};

struct DecisionsDetail {
    bool running = false;     ///< kube-scheduler holds its lease
    std::vector<DecisionHead> latest; ///< newest first, one for each pod
    std::shared_ptr<const sim::kube::Decision> chosen; ///< null: none is kept
    std::string place;        ///< of a pod in the scheduling queue: "active", "backoff", "unschedulable", "gated"
    std::optional<sim::Instant> backoffEnd;
    std::vector<PluginColumn> filters; ///< in the order in which they are asked
    std::vector<PluginColumn> scores;
};

struct EtcdMemberDetail {
    std::string name;         ///< "cp-1"
    std::string id;           ///< as etcdctl prints it
    std::string address;
    bool serving = false;
    bool leader = false;
    bool majority = false;    ///< exchanges messages with a majority
    std::vector<std::string> peers; ///< names of those it reaches
    sim::Duration sync{};     ///< a flush of its log
    std::uint64_t applied = 0;
    std::int64_t fileBytes = 0;
    std::int64_t quotaBytes = 0;
    bool noSpace = false;
};

/// A revision as the log holds it.
struct EtcdEntry {
    std::uint64_t revision = 0;
    std::string operation;    ///< "PUT", "DELETE"
    std::string key;          ///< "/registry/pods/shop/checkout-..."
};

struct EtcdDetail {
    std::vector<EtcdMemberDetail> members; ///< none: a hosted control plane
    std::string leader;       ///< empty: none
    std::uint64_t term = 0;
    std::uint64_t index = 0;  ///< of the latest committed entry
    std::uint64_t revision = 0;
    std::uint64_t compacted = 0;
    std::int64_t liveBytes = 0;
    std::int64_t inUseBytes = 0;
    std::optional<sim::Duration> commitLatency; ///< nothing without a leader
    std::string refusal;      ///< etcd's words for a write it does not take now; empty: it takes them
    std::vector<EtcdEntry> entries; ///< newest first
    std::string logOf;        ///< member whose log this is
    std::vector<std::string> log; ///< its latest lines, newest last
};

struct PathStation {
    std::string kind;         ///< "pod", "machine", "service", "masquerade", "overlay", "switch", "policy", "firewall", "stop"
    std::string name;
    std::string device;
    std::string detail;
    std::string about;        ///< a Service's or policy's name
    std::string source;       ///< addresses after this hop
    std::string destination;  ///< with the port
};

struct PathLeg {
    std::string asked;        ///< "10.96.0.10:53/udp"
    std::string verdict;      ///< "delivered", "refused", "timed out", ...
    bool delivered = false;
    std::string stoppedBy;
    std::vector<PathStation> stations;
    double rttMilliseconds = 0;
    double lossRatio = 0;
};

struct PathDetail {
    std::vector<std::string> destinations; ///< of the cluster's Services: "checkout.shop:8080"
    std::string problem;      ///< "no such source", "no name server", ...: one of the constants below; empty: none
    std::string resolved;     ///< "checkout.shop.svc.cluster.local → 10.96.31.4"
    std::optional<PathLeg> question;   ///< to the name server
    std::optional<PathLeg> connection;

    static constexpr const char* kNoSource = "source";
    static constexpr const char* kNoDestination = "destination";
    static constexpr const char* kNoName = "name";
};

/// All that was asked for; the rest is null.
struct KubeDetail {
    std::shared_ptr<const OwnersDetail> owners;
    std::shared_ptr<const ControllersDetail> controllers;
    std::shared_ptr<const DecisionsDetail> decisions;
    std::shared_ptr<const EtcdDetail> etcd;
    std::shared_ptr<const PathDetail> path;
};

// One function for each view.
OwnersDetail ownersOf(const sim::World& world);
ControllersDetail controllersOf(const sim::World& world, const KubeInterest& interest);
DecisionsDetail decisionsOf(const sim::World& world, const KubeInterest& interest);
EtcdDetail etcdOf(const sim::World& world, const KubeInterest& interest);
PathDetail pathOf(const sim::World& world, const KubeInterest& interest);

/// Builds what is asked for, and again only what may have changed since.
class KubeDetailer {
public:
    /// `still`: time stands still, so that nothing may be left for the next frame.
    std::shared_ptr<const KubeDetail> look(const sim::World& world, const KubeInterest& interest, bool still);
    /// Another world: nothing built so far counts.
    void forget() { *this = KubeDetailer(); }

private:
    std::shared_ptr<const OwnersDetail> m_owners;
    std::uint64_t m_ownersVersion = 0;
    sim::Instant m_ownersAt{};
    std::size_t m_framesToWait = 0;
};

} // namespace core::session
