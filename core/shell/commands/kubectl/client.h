#pragma once

#include "core/shell/commands/kubectl/json_text.h"
#include "core/shell/commands/kubectl/kubeconfig.h"
#include "core/shell/commands/kubectl/resource_kind.h"
#include "core/shell/invocation.h"
#include "sim/kube/api/api_server.h"

#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace core::shell::kubectl {

/// Which objects a list asks for.
struct ListQuery {
    std::string labels;
    std::string fields;
};

/// The connection to the API server. Each request costs some milliseconds of virtual time; a request that
/// meets a dead network costs what the real client would wait.
class Client {
public:
    Client(Invocation& inv, KubeConfig config) : m_inv(inv), m_config(std::move(config)) { }

    const KubeConfig& config() const { return m_config; }

    sim::kube::Response read(sim::kube::Request request);
    std::variant<sim::kube::Table, sim::kube::Response> table(sim::kube::Request request);
    /// Sends a write; prints the server's warnings.
    sim::kube::Response write(sim::kube::Request request);

    sim::kube::Response get(const ResourceKind& kind, const std::string& ns, const std::string& name);
    /// The items of a list; the response when it fails. An empty namespace means all.
    std::variant<std::vector<Json>, sim::kube::Response> list(const ResourceKind& kind, const std::string& ns,
                                                              const ListQuery& query = {});
    sim::kube::Response patch(const ResourceKind& kind, const std::string& ns, const std::string& name,
                              Json body, sim::kube::PatchType type, bool dryRun = false,
                              std::string fieldManager = {});

    /// A request for the kind, with namespace and user filled in.
    sim::kube::Request request(sim::kube::Verb verb, const ResourceKind& kind, const std::string& ns,
                               std::string name = {}) const;
    /// A kind by a word or by what a manifest says, the custom kinds of the server included.
    const ResourceKind* find(std::string_view word);
    const ResourceKind* find(std::string_view apiVersion, std::string_view kind);
    /// All kinds of the server, in the order of `kubectl api-resources`.
    std::vector<const ResourceKind*> kinds();
    /// False when nothing was written to the cluster since the last call: a poll may be left out.
    bool somethingChanged();

private:
    /// The custom kinds that are served now.
    std::vector<const ResourceKind*> discovered();
    /// Custom kinds that are gone and still in kubectl's discovery cache, latest first.
    std::vector<const ResourceKind*> remembered();
    const ResourceKind* custom(const sim::kube::CustomResourceDefinition& definition, const std::string& version);
    /// Why no request gets through, and the time spent finding out; nothing when the way is free.
    std::optional<sim::kube::Response> unreachable();
    void spend(const sim::kube::Response& response);
    /// What a read costs, a slow etcd included.
    void waitForRead();
    void noteTrouble(const sim::kube::Response& response);
    /// Why the user may not act as the one --as names; nothing when they may, or without --as.
    std::optional<sim::kube::Response> mayNotImpersonate() const;

    Invocation& m_inv;
    KubeConfig m_config;
    std::uint64_t m_seenVersion = 0;
    std::deque<ResourceKind> m_custom; ///< handed out by address, so they stay where they are
};

/// The server was reached (code 0 says it was not) and did what was asked.
bool succeeded(const sim::kube::Response& response);
/// What kubectl prints for a failed request, without a newline: "Error from server (NotFound): ...". With
/// `doing` ("creating") and `source` ("STDIN") as for manifests.
std::string errorText(const sim::kube::Response& response, const std::string& doing = {},
                      const std::string& source = {});
/// The server's own message.
std::string messageOf(const sim::kube::Response& response);
std::string reasonOf(const sim::kube::Response& response);

} // namespace core::shell::kubectl
