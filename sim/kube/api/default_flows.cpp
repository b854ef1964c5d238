#include "sim/kube/api/default_flows.h"

#include <fmt/format.h>

// pkg/apis/flowcontrol/bootstrap/default.go.
namespace sim::kube {

namespace {

using Names = std::vector<std::string>;

constexpr const char* kAll = "*";
constexpr const char* kControllerManager = "system:kube-controller-manager";
constexpr const char* kSchedulerUser = "system:kube-scheduler";

struct LevelRow {
    const char* name;
    std::int64_t shares;
    std::int64_t lendable;
    std::int64_t queues; ///< 0: what does not fit is rejected
    std::int64_t hand;
};
constexpr LevelRow kLevels[] = {
    {"catch-all", 5, 0, 0, 0},        {"global-default", 20, 50, 128, 6}, {"leader-election", 10, 0, 16, 4}, {"node-high", 40, 25, 64, 6},
    {"system", 30, 33, 64, 6},        {"workload-high", 40, 50, 128, 6},  {"workload-low", 100, 90, 128, 6},
};
constexpr std::int64_t kQueueLength = 50;

FlowSubject group(std::string name)
{
    FlowSubject subject;
    subject.kind = std::string("Group");
    subject.group = FlowNamedSubject{std::move(name)};
    return subject;
}
FlowSubject user(std::string name)
{
    FlowSubject subject;
    subject.kind = std::string("User");
    subject.user = FlowNamedSubject{std::move(name)};
    return subject;
}
/// Of kube-system.
FlowSubject account(std::string name)
{
    FlowSubject subject;
    subject.kind = std::string("ServiceAccount");
    subject.serviceAccount = ServiceAccountSubject{std::move(name), std::string("kube-system")};
    return subject;
}

ResourcePolicyRule resources(Names verbs, std::string group, Names names, Names namespaces, bool clusterScope = false)
{
    return {{std::move(group)}, clusterScope, std::move(namespaces), std::move(names), std::move(verbs)};
}

/// Whatever they ask for.
PolicyRulesWithSubjects everything(std::vector<FlowSubject> subjects)
{
    return {{{{kAll}, {kAll}}}, {resources({kAll}, kAll, {kAll}, {kAll}, true)}, std::move(subjects)};
}
PolicyRulesWithSubjects only(std::vector<FlowSubject> subjects, std::vector<ResourcePolicyRule> rules)
{
    return {{}, std::move(rules), std::move(subjects)};
}

struct SchemaRow {
    const char* name;
    const char* level;
    std::int64_t precedence;
    const char* distinguishes; ///< "": nothing
    std::vector<PolicyRulesWithSubjects> rules;
};

std::vector<SchemaRow> schemas()
{
    const Names lock{"get", "create", "update"};
    const std::vector<FlowSubject> anybody{group("system:unauthenticated"), group("system:authenticated")};
    const auto leases = [&](Names namespaces) { return resources(lock, "coordination.k8s.io", {"leases"}, std::move(namespaces)); };
    return {
        {"exempt", "exempt", 1, "", {everything({group("system:masters")})}},
        {"probes", "exempt", 2, "", {{{{{"/healthz", "/readyz", "/livez"}, {"get"}}}, {}, anybody}}},
        {"system-leader-election", "leader-election", 100, "ByUser",
         {only({user(kControllerManager), user(kSchedulerUser), account(kAll)}, {leases({"kube-system"})})}},
        {"endpoint-controller", "workload-high", 150, "ByUser",
         {only({user(kControllerManager), account("endpoint-controller"), account("endpointslicemirroring-controller")},
               {resources(lock, "", {"endpoints"}, {kAll})})}},
        {"workload-leader-election", "leader-election", 200, "ByUser", {only({account(kAll)}, {leases({kAll})})}},
        {"system-node-high", "node-high", 400, "ByUser",
         {only({group("system:nodes")}, {resources({kAll}, "", {"nodes", "nodes/status"}, {kAll}, true),
                                         resources({kAll}, "coordination.k8s.io", {"leases"}, {kAll})})}},
        {"system-nodes", "system", 500, "ByUser", {everything({group("system:nodes")})}},
        {"kube-controller-manager", "workload-high", 800, "ByNamespace", {everything({user(kControllerManager)})}},
        {"kube-scheduler", "workload-high", 800, "ByNamespace", {everything({user(kSchedulerUser)})}},
        {"kube-system-service-accounts", "workload-high", 900, "ByNamespace", {everything({account(kAll)})}},
        {"service-accounts", "workload-low", 9000, "ByUser", {everything({group("system:serviceaccounts")})}},
        {"global-default", "global-default", 9900, "ByUser", {everything(anybody)}},
        {"catch-all", "catch-all", 10000, "ByUser", {everything(anybody)}},
    };
}

void mark(ObjectMeta& metadata, const char* name)
{
    metadata.name = name;
    metadata.annotations["apf.kubernetes.io/autoupdate-spec"] = "true";
}

void createLevel(Store& store, PriorityLevelConfiguration level, const char* name, Instant now, RandomStream& random)
{
    mark(level.metadata, name);
    store.create(std::move(level), now, random);
}

} // namespace

void createDefaultFlows(Store& store, Instant now, RandomStream& random)
{
    PriorityLevelConfiguration exempt;
    exempt.spec.type = std::string("Exempt");
    exempt.spec.exempt = ExemptPriorityLevelConfiguration{0, 0};
    createLevel(store, std::move(exempt), "exempt", now, random);
    for (const LevelRow& row : kLevels) {
        PriorityLevelConfiguration level;
        level.spec.type = std::string("Limited");
        LimitedPriorityLevelConfiguration& limited = level.spec.limited.emplace();
        limited.nominalConcurrencyShares = row.shares;
        limited.lendablePercent = row.lendable;
        limited.limitResponse.type = std::string(row.queues == 0 ? "Reject" : "Queue");
        if (row.queues != 0)
            limited.limitResponse.queuing = QueuingConfiguration{row.hand, kQueueLength, row.queues};
        createLevel(store, std::move(level), row.name, now, random);
    }
    for (SchemaRow& row : schemas()) {
        FlowSchema schema;
        mark(schema.metadata, row.name);
        schema.spec.matchingPrecedence = row.precedence;
        schema.spec.priorityLevelConfiguration.name = std::string(row.level);
        if (*row.distinguishes != '\0')
            schema.spec.distinguisherMethod = FlowDistinguisherMethod{std::string(row.distinguishes)};
        schema.spec.rules = std::move(row.rules);
        Condition dangling;
        dangling.type = std::string("Dangling");
        dangling.status = std::string("False");
        dangling.reason = "Found";
        dangling.message = fmt::format("This FlowSchema references the PriorityLevelConfiguration object named \"{}\" and it exists", row.level);
        dangling.lastTransitionTime = Time{now};
        schema.status.conditions.push_back(std::move(dangling));
        store.create(std::move(schema), now, random);
    }
}

} // namespace sim::kube
