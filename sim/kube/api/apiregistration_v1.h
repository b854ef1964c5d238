#pragma once

#include "sim/kube/api/meta.h"

namespace sim::kube {

// ---- apiregistration.k8s.io/v1 -------------------------------------------------------------------

struct ApiServiceReference {
    std::string name;
    std::string namespace_;
    std::optional<std::int64_t> port; ///< 443 by default
    bool operator==(const ApiServiceReference&) const = default;
};
BOOST_DESCRIBE_STRUCT(ApiServiceReference, (), (name, namespace_, port))

struct ApiServiceSpec {
    std::string caBundle;
    std::string group;
    Always<std::int64_t> groupPriorityMinimum;
    bool insecureSkipTLSVerify = false;
    std::optional<ApiServiceReference> service; ///< none: served by the API server itself
    std::string version;
    Always<std::int64_t> versionPriority;
    bool operator==(const ApiServiceSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(ApiServiceSpec, (), (caBundle, group, groupPriorityMinimum, insecureSkipTLSVerify, service, version,
    versionPriority))

struct ApiServiceStatus {
    std::vector<Condition> conditions;
    bool operator==(const ApiServiceStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(ApiServiceStatus, (), (conditions))

struct APIService {
    ObjectMeta metadata;
    ApiServiceSpec spec;
    ApiServiceStatus status;
    bool operator==(const APIService&) const = default;
};
BOOST_DESCRIBE_STRUCT(APIService, (), (metadata, spec, status))

} // namespace sim::kube
