#pragma once

#include "core/shell/commands/kubectl/json_text.h"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

// The objects that a kustomization works on, and the places in them that its fields mean
// (kustomize/api/internal/konfig/builtinpluginconsts).
namespace core::shell::kubectl {

/// An object on its way through kustomizations.
struct KustomizedResource {
    Json object;
    std::vector<std::string> earlierNames; ///< which others may call it by
    bool hashed = false;                   ///< generated: its name ends in a digest of its content

    std::string name() const { return textAt(object, {"metadata", "name"}); }
    std::string kind() const { return textAt(object, {"kind"}); }
    std::string nameSpace() const { return textAt(object, {"metadata", "namespace"}); }
    std::string group() const;
    std::string version() const;
    /// "Deployment.v1.apps/web.[noNs]"
    std::string id() const;
    bool isCalled(std::string_view text) const;
    void rename(std::string name);
};

/// Calls `visit` with each value at "spec/template/metadata"; lists on the way are gone through. With `create` objects
/// that are missing are made, the last one included.
void visitPath(Json& object, std::string_view path, bool create, const std::function<void(Json&)>& visit);

/// Where the kind keeps its pod's spec: "spec/template/spec"; empty for kinds without pods.
std::string podSpecPath(std::string_view kind);

/// Which labels of an object a kustomization adds to.
enum class LabelReach : std::uint8_t { Metadata, Templates, Selectors };
void addLabels(KustomizedResource& resource, const Json& labels, LabelReach reach);
void addAnnotations(KustomizedResource& resource, const Json& annotations);

/// Makes references follow what was renamed: ConfigMaps, Secrets, Services, accounts, claims, roles and so on.
void fixReferences(std::vector<KustomizedResource>& resources);

/// The digest at the end of generated names.
std::string contentHash(const Json& object);

/// kustomize's own order: what others need comes first.
void sortForOutput(std::vector<KustomizedResource>& resources);

} // namespace core::shell::kubectl
