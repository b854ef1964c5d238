#pragma once

#include "sim/kube/api/kinds.h"

#include <string>
#include <string_view>
#include <vector>

namespace core::shell::kubectl {

/// A resource type as discovery tells it. Types of a real cluster that this one never holds any object of are
/// known too, so that asking for them finds nothing instead of failing; `info` is null for these.
struct ResourceKind {
    std::string group;    ///< "" for core
    std::string version;
    std::string kind;
    std::string plural;
    std::string singular;
    std::vector<std::string> shortNames;
    bool namespaced = true;
    std::vector<std::string> verbs;      ///< "get", "list", ...
    std::vector<std::string> categories; ///< "all"
    const sim::kube::KindInfo* info = nullptr;
    std::string keyPrefix;               ///< custom kinds: what their objects' keys in the store begin with

    std::string apiVersion() const { return group.empty() ? version : group + "/" + version; }
    std::string groupResource() const { return group.empty() ? plural : plural + "." + group; }
    /// "deployment.apps": what results are reported as.
    std::string typeName() const { return group.empty() ? singular : singular + "." + group; }
};

/// The built-in ones, in the order of `kubectl api-resources`.
const std::vector<ResourceKind>& resourceKinds();
/// What a metrics-server serves.
const std::vector<ResourceKind>& metricsKinds();
/// Whether a word means the kind, as findResource() takes it.
bool isCalled(const ResourceKind& kind, std::string_view word);
/// By plural, singular, short name or kind, with ".group" or ".version.group" behind it; any case.
const ResourceKind* findResource(std::string_view name);
/// By what a manifest says.
const ResourceKind* findResource(std::string_view apiVersion, std::string_view kind);
/// What `all` stands for.
std::vector<const ResourceKind*> allCategory();
template <class T>
const ResourceKind& resourceOf()
{
    return *findResource(sim::kube::kindInfo(sim::kube::kindIdOf<T>).groupResource());
}

} // namespace core::shell::kubectl
