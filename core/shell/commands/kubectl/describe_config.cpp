#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/describe.h"
#include "sim/engine/base64.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

void describeHead(TabText& out, const ObjectMeta& metadata)
{
    out.line(0, "Name:\t" + metadata.name);
    if (!metadata.namespace_.empty())
        out.line(0, "Namespace:\t" + metadata.namespace_);
    describeLabels(out, "Labels", metadata.labels);
    describeAnnotations(out, "Annotations", metadata.annotations);
}

std::size_t decodedSize(const std::string& base64)
{
    const auto bytes = sim::decodeBase64(base64);
    return bytes ? bytes->size() : base64.size();
}

void describeNames(TabText& out, const std::string& title, const std::vector<std::string>& names,
                   const std::vector<Secret>& secrets)
{
    if (names.empty())
        out.line(0, title + ":\t<none>");
    for (std::size_t i = 0; i < names.size(); ++i) {
        const bool found = std::any_of(secrets.begin(), secrets.end(),
                                       [&](const Secret& s) { return s.metadata.name == names[i]; });
        out.line(0, (i == 0 ? title + ":" : std::string()) + "\t" + names[i] + (found ? "" : " (not found)"));
    }
}

} // namespace

std::string describeConfigMap(const ConfigMap& map, const EventList& events, sim::Instant now)
{
    TabText out;
    describeHead(out, map.metadata);
    out.add("\nData\n====\n");
    for (const auto& [key, value] : map.data)
        out.add(key + ":\n----\n" + value + "\n\n");
    out.add("\nBinaryData\n====\n");
    for (const auto& [key, value] : map.binaryData)
        out.add(fmt::format("{}: {} bytes\n", key, decodedSize(value)));
    out.add("\n");
    describeEvents(out, events, now);
    return out.aligned();
}

std::string describeSecret(const Secret& secret)
{
    TabText out;
    describeHead(out, secret.metadata);
    out.add("\nType:\t" + secret.type + "\n\nData\n====\n");
    for (const auto& [key, value] : secret.data) {
        if (key == "token" && secret.type == "kubernetes.io/service-account-token")
            out.line(0, key + ":\t" + sim::decodeBase64(value).value_or(""));
        else
            out.line(0, fmt::format("{}:\t{} bytes", key, decodedSize(value)));
    }
    return out.aligned();
}

std::string describeServiceAccount(const ServiceAccount& account, const std::vector<Secret>& secrets,
                                   const EventList& events, sim::Instant now)
{
    TabText out;
    describeHead(out, account.metadata);
    std::vector<std::string> pulls, mountable, tokens;
    for (const LocalObjectReference& reference : account.imagePullSecrets)
        pulls.push_back(reference.name);
    for (const ObjectReference& reference : account.secrets)
        mountable.push_back(reference.name);
    for (const Secret& secret : secrets) {
        const auto owner = secret.metadata.annotations.find("kubernetes.io/service-account.name");
        if (secret.type == "kubernetes.io/service-account-token" && owner != secret.metadata.annotations.end()
            && owner->second == account.metadata.name)
            tokens.push_back(secret.metadata.name);
    }
    describeNames(out, "Image pull secrets", pulls, secrets);
    describeNames(out, "Mountable secrets", mountable, secrets);
    describeNames(out, "Tokens", tokens, secrets);
    describeEvents(out, events, now);
    return out.aligned();
}

} // namespace core::shell::kubectl
