#pragma once

#include "core/shell/commands/kubectl/client.h"
#include "core/shell/commands/kubectl/flags.h"
#include "core/shell/commands/kubectl/verb.h"
#include "core/shell/invocation.h"

#include <string>
#include <string_view>
#include <vector>

namespace core::shell::kubectl {

/// One run of kubectl: its words taken apart, the connection, and how results and failures are told.
struct Call {
    Invocation& inv;
    const Verb& verb;
    std::string path; ///< "kubectl rollout status"
    Flags flags;
    std::vector<std::string> words;
    std::vector<std::string> afterDash;
    bool dash = false;
    Client client;

    const std::string& nameSpace() const { return client.config().nameSpace; }
    bool allNamespaces() const { return flags.on("all-namespaces"); }
    /// The namespace a request for this kind goes to: none for cluster-scoped kinds and with -A.
    std::string scope(const ResourceKind& kind) const
    {
        return kind.namespaced && !allNamespaces() ? nameSpace() : std::string();
    }
    /// Objects come from -f or -k.
    bool namesFiles() const { return flags.given("filename") || flags.given("kustomize"); }
    /// Nothing is asked of the server: the objects are those of files, and are printed as they would become.
    bool isLocal() const { return flags.on("local"); }
    bool dryRun() const { return clientDryRun() || serverDryRun(); }
    bool clientDryRun() const { return flags.text("dry-run") == "client" || flags.text("dry-run") == "true"; }
    bool serverDryRun() const { return flags.text("dry-run") == "server"; }

    void out(std::string_view text) { inv.out().write(text); }
    void err(std::string_view text) { inv.err().write(text); }
    void warn(std::string_view text);
    /// "error: TEXT" on standard error; returns 1.
    int fail(std::string_view text);
    /// The same with the pointer to the verb's help.
    int failUsage(std::string_view text);
    /// A failed request in kubectl's words; returns 1.
    int refused(const sim::kube::Response& response, const std::string& doing = {},
                const std::string& source = {});
    /// Tells grading which object the output shows.
    void saw(const ResourceKind& kind, const std::string& ns, const std::string& name);
    void sawList(const ResourceKind& kind, const std::string& ns);
};

/// How often loops that wait for the cluster look again.
inline constexpr sim::Duration kPollInterval = std::chrono::milliseconds(200);

} // namespace core::shell::kubectl
