#pragma once

#include <optional>
#include <string>

namespace sim::kube {

/// What an API server's health paths answer (k8s.io/apiserver/pkg/server/healthz, v1.33).
struct HealthAnswer {
    int status = 200;
    std::string text;
};
/// `path`: "/livez", "/readyz/etcd"; without the leading path of a check all are told. `verbose`: one line a check,
/// which a failure always has. `etcdAnswers`: nothing when its storage is somebody else's to watch. Nothing: no such check.
std::optional<HealthAnswer> apiHealth(const std::string& path, bool verbose, std::optional<bool> etcdAnswers);

} // namespace sim::kube
