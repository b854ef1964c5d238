#pragma once

#include "core/shell/commands/kubectl/flags.h"
#include "core/shell/commands/kubectl/json_text.h"
#include "core/shell/place.h"
#include "core/shell/system.h"

#include <optional>
#include <string>
#include <vector>

namespace core::shell::kubectl {

/// The configuration of one call: the file, and what its context says.
struct KubeConfig {
    std::string path;            ///< the file that is read and written
    Json document;               ///< its content; an empty object when there is no file
    bool present = false;        ///< a context with a server was found
    std::string context;
    std::string nameSpace = "default";
    bool nameSpaceGiven = false; ///< by --namespace
    std::string server;          ///< "https://10.0.0.10:6443"
    std::string user = "kubernetes-admin";
    /// Who the server takes the user for. The lab's kubeconfigs tell it themselves (`groups`, `uid` of the user):
    /// there are no certificates to read it from.
    std::vector<std::string> groups{"system:masters", "system:authenticated"};
    std::string uid;
    std::string impersonator;    ///< who asks when --as is given; empty without it
    std::vector<std::string> impersonatorGroups;
    std::string error;           ///< why the file cannot be used; empty when all is well
};

/// --kubeconfig, else $KUBECONFIG, else ~/.kube/config; then --context, --namespace, --user, --as, --server.
/// In a container without a file the pod's own namespace is taken.
KubeConfig loadKubeConfig(System& system, const Place& place, const std::optional<std::string>& variable,
                          const Flags& flags);
/// The entry of a named list ("contexts", "clusters", "users") of a kubeconfig; null when there is none.
const Json* namedEntry(const Json& document, const std::string& list, const std::string& name);

} // namespace core::shell::kubectl
