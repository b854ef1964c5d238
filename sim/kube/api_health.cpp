#include "sim/kube/api_health.h"

#include <fmt/format.h>

#include <string_view>

namespace sim::kube {

namespace {

struct HealthCheck {
    const char* name;
    bool etcd = false;       ///< asks etcd
    bool readinessOnly = false;
};

constexpr HealthCheck kHealthChecks[] = {
    {"ping"}, {"log"}, {"etcd", true}, {"etcd-readiness", true, true}, {"informer-sync", false, true},
    {"poststarthook/start-apiserver-admission-initializer"}, {"poststarthook/generic-apiserver-start-informers"},
    {"poststarthook/priority-and-fairness-config-consumer"}, {"poststarthook/priority-and-fairness-filter"},
    {"poststarthook/storage-object-count-tracker-hook"}, {"poststarthook/start-apiextensions-informers"},
    {"poststarthook/start-apiextensions-controllers"}, {"poststarthook/crd-informer-synced"},
    {"poststarthook/start-system-namespaces-controller"}, {"poststarthook/start-cluster-authentication-info-controller"},
    {"poststarthook/start-kube-apiserver-identity-lease-controller"},
    {"poststarthook/start-kube-apiserver-identity-lease-garbage-collector"},
    {"poststarthook/start-legacy-token-tracking-controller"}, {"poststarthook/start-service-ip-repair-controllers"},
    {"poststarthook/rbac/bootstrap-roles"}, {"poststarthook/scheduling/bootstrap-system-priority-classes"},
    {"poststarthook/priority-and-fairness-config-producer"}, {"poststarthook/bootstrap-controller"},
    {"poststarthook/start-kubernetes-service-cidr-controller"}, {"poststarthook/start-kube-aggregator-informers"},
    {"poststarthook/apiservice-status-local-available-controller"},
    {"poststarthook/apiservice-status-remote-available-controller"}, {"poststarthook/apiservice-registration-controller"},
    {"poststarthook/apiservice-wait-for-first-sync"}, {"poststarthook/apiservice-discovery-controller"},
    {"poststarthook/kube-apiserver-autoregistration"}, {"autoregister-completion"},
    {"poststarthook/apiservice-openapi-controller"}, {"poststarthook/apiservice-openapiv3-controller"}, {"shutdown", false, true},
};

} // namespace

std::optional<HealthAnswer> apiHealth(const std::string& path, bool verbose, std::optional<bool> etcdAnswers)
{
    const std::size_t slash = path.find('/', 1);
    const std::string group = path.substr(1, slash == std::string::npos ? std::string::npos : slash - 1);
    const std::string one = slash == std::string::npos ? std::string() : path.substr(slash + 1);
    std::string lines;
    bool failed = false;
    bool found = one.empty();
    for (const HealthCheck& check : kHealthChecks) {
        if ((check.readinessOnly && group != "readyz") || (check.etcd && !etcdAnswers) || (!one.empty() && one != check.name))
            continue;
        found = true;
        const bool fails = check.etcd && !*etcdAnswers;
        failed = failed || fails;
        lines += fails ? fmt::format("[-]{} failed: reason withheld\n", check.name) : fmt::format("[+]{} ok\n", check.name);
    }
    if (!found)
        return std::nullopt;
    if (!one.empty())
        return failed ? HealthAnswer{500, "internal server error: reason withheld\n"} : HealthAnswer{200, "ok"};
    if (failed)
        return HealthAnswer{500, lines + group + " check failed\n"};
    return verbose ? HealthAnswer{200, lines + group + " check passed\n"} : HealthAnswer{200, "ok"};
}

} // namespace sim::kube
