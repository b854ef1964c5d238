#include "sim/faults/image_pull.h"

#include "sim/container/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

// Every cause begins with the same release, so that all look alike from afar; only what is broken
// underneath differs. Variants of different causes share their error text on purpose.
namespace sim::faults {

namespace {

constexpr const char* kNamespace = "shop";
constexpr const char* kDeployment = "checkout";
constexpr const char* kSecret = "regcred";
constexpr const char* kRegistry = "registry.lab:5000";
constexpr const char* kRepository = "shop/checkout";
constexpr const char* kOldTag = "1.8.3";
constexpr const char* kNewTag = "1.8.4";

const std::map<std::string, std::vector<std::string>>& variants()
{
    static const std::map<std::string, std::vector<std::string>> kVariants{
        {"wrong-tag", {"tag", "name"}},
        {"bad-pull-secret", {"wrong-robot", "other-registry"}},
        {"node-egress", {"firewall-reject", "firewall-drop", "dead-route", "stale-hosts"}},
        {"registry-down", {"stopped", "powered-off", "firewall", "storage-error", "storage-path"}},
        {"no-fault", {"large-layer"}},
    };
    return kVariants;
}

std::string base64(std::string_view text)
{
    static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (std::size_t i = 0; i < text.size(); i += 3) {
        std::uint32_t bits = static_cast<unsigned char>(text[i]) << 16;
        if (i + 1 < text.size()) bits |= static_cast<std::uint32_t>(static_cast<unsigned char>(text[i + 1])) << 8;
        if (i + 2 < text.size()) bits |= static_cast<unsigned char>(text[i + 2]);
        out += kAlphabet[bits >> 18 & 63];
        out += kAlphabet[bits >> 12 & 63];
        out += i + 1 < text.size() ? kAlphabet[bits >> 6 & 63] : '=';
        out += i + 2 < text.size() ? kAlphabet[bits & 63] : '=';
    }
    return out;
}

kube::Response call(Context& context, kube::Request request)
{
    return context.cluster.handle(context.parts, request);
}

/// The image of the new release: the old one with fresh upper layers.
std::shared_ptr<const container::Image> newRelease(Context& context, const container::Registry& registry, std::int64_t extraBytes)
{
    const auto link = context.parts.hosts.at(registry.host).files.find(
        registry.root + "/docker/registry/v2/repositories/" + kRepository + "/_manifests/tags/" + kOldTag + "/current/link");
    if (link == context.parts.hosts.at(registry.host).files.end() || registry.images.count(link->second->content) == 0)
        return nullptr;
    auto image = std::make_shared<container::Image>(*registry.images.at(link->second->content));
    RandomStream& random = context.parts.engine.random("faults/release");
    const auto digest = [&] {
        return fmt::format("sha256:{:016x}{:016x}{:016x}{:016x}", random.next(), random.next(), random.next(), random.next());
    };
    image->digest = digest();
    image->configDigest = digest();
    container::Layer& top = image->layers.back();
    top.digest = digest();
    top.compressedBytes += extraBytes;
    top.bytes += extraBytes * 3 / 2;
    return image;
}

void setPullSecret(Context& context, const std::string& server, const std::string& user, const std::string& password)
{
    const std::string config = nlohmann::json{{"auths", {{server, {{"username", user}, {"password", password},
                                              {"auth", base64(user + ":" + password)}}}}}}.dump();
    kube::Request patch;
    patch.verb = kube::Verb::Patch;
    patch.patchType = kube::PatchType::Merge;
    patch.resource = "secrets";
    patch.namespace_ = kNamespace;
    patch.name = kSecret;
    patch.body = {{"data", {{".dockerconfigjson", base64(config)}}}};
    call(context, patch);
}

void release(Context& context, const std::string& image)
{
    kube::Request patch;
    patch.verb = kube::Verb::Patch;
    patch.resource = "deployments.apps";
    patch.namespace_ = kNamespace;
    patch.name = kDeployment;
    patch.user = "system:serviceaccount:ci:deployer";
    patch.body = {{"metadata", {{"annotations", {{"kubernetes.io/change-cause", "ci: release checkout " + std::string(kNewTag)}}}}},
                  {"spec", {{"template", {{"spec", {{"containers", {{{"name", kDeployment}, {"image", image}}}}}}}}}}};
    call(context, patch);
}

/// A worker that runs the service now, by the seed.
HostId chooseNode(Context& context, const nlohmann::json& parameters)
{
    std::vector<std::string> names;
    for (const auto& [key, pod] : context.cluster.store().all<kube::Pod>()) {
        const auto app = pod->metadata.labels.find("app");
        if (key.namespace_ == kNamespace && app != pod->metadata.labels.end() && app->second == kDeployment
            && std::find(names.begin(), names.end(), pod->spec.nodeName) == names.end() && !pod->spec.nodeName.empty())
            names.push_back(pod->spec.nodeName);
    }
    std::sort(names.begin(), names.end());
    const std::string asked = parameters.value("node", std::string{});
    if (!asked.empty())
        names = {asked};
    if (names.empty())
        return {};
    const auto pick = context.parts.engine.random("faults/node").below(names.size());
    const host::Machine* machine = context.parts.hosts.find(names[pick]);
    return machine == nullptr ? HostId{} : machine->id;
}

void addRule(Context& context, HostId host, const std::string& chain, net::FirewallRule rule)
{
    context.parts.network.stack(context.parts.hosts.at(host).stack).filter[chain].rules.push_back(std::move(rule));
    context.parts.network.changed(context.parts.engine);
}

void breakEgress(Context& context, HostId node, const std::string& variant, net::Ipv4 registryAddress)
{
    host::Machine& machine = context.parts.hosts.at(node);
    if (variant == "firewall-reject" || variant == "firewall-drop") {
        net::FirewallRule rule;
        rule.protocol = net::Protocol::Tcp;
        rule.destination = net::Prefix{registryAddress, 32};
        rule.destinationPort = 5000;
        rule.target = variant == "firewall-drop" ? "DROP" : "REJECT";
        rule.targetOptions = variant == "firewall-drop" ? "" : "--reject-with icmp-port-unreachable";
        rule.comment = "hardening-2026-02";
        addRule(context, node, "OUTPUT", std::move(rule));
    } else if (variant == "dead-route") {
        // Left over from a migration: the next hop was switched off.
        auto& routes = context.parts.network.stack(machine.stack).routes;
        routes.insert(routes.begin(), net::Route{.destination = {registryAddress, 32}, .via = net::Ipv4{0x0a0000fd},
                                                 .device = "eth0", .protocol = "static", .scope = "global"});
        context.parts.network.changed(context.parts.engine);
    } else {
        // The old registry's address, pinned by hand and never taken out.
        const auto file = machine.files.find("/etc/hosts");
        const std::string text = file == machine.files.end() ? std::string{} : file->second->content;
        context.parts.hosts.writeFile(context.parts.engine, node, "/etc/hosts", text + "10.0.0.19 registry.lab\n", false);
    }
}

void breakRegistry(Context& context, const container::Registry& registry, const std::string& variant)
{
    kube::Context& parts = context.parts;
    host::Machine& machine = parts.hosts.at(registry.host);
    if (variant == "stopped") {
        // Killed for memory with a unit that is not restarted.
        const auto unit = machine.units.find(registry.unit);
        if (unit == machine.units.end())
            return;
        unit->second.restart = "no";
        const auto process = machine.processes.find(unit->second.mainPid);
        if (process == machine.processes.end())
            return;
        process->second.residentBytes = machine.memoryBytes * 9 / 10; // a leak, and the kernel's answer
        process->second.virtualBytes = machine.memoryBytes;
        parts.hosts.killForMemory(parts.engine, parts.network, registry.host, process->first, {});
    } else if (variant == "powered-off") {
        parts.hosts.powerOff(parts.engine, parts.network, registry.host);
    } else if (variant == "firewall") {
        net::FirewallRule rule;
        rule.protocol = net::Protocol::Tcp;
        rule.destinationPort = registry.port;
        rule.target = "DROP";
        rule.comment = "hardening-2026-02";
        addRule(context, registry.host, "INPUT", std::move(rule));
    } else if (variant == "storage-error") {
        // A restore ran as root and left the folder to root alone.
        const auto folder = machine.files.find(registry.root);
        auto file = std::make_shared<host::File>(folder == machine.files.end() ? host::File{} : *folder->second);
        file->type = host::File::Type::Directory;
        file->owner = file->group = "root";
        file->mode = 0700;
        machine.files[registry.root] = std::move(file);
    } else {
        // An upgrade shipped a new configuration that points at an empty folder.
        const auto config = machine.files.find(registry.config);
        std::string text = config == machine.files.end() ? std::string{} : config->second->content;
        const auto at = text.find(registry.root);
        if (at != std::string::npos)
            text.replace(at, registry.root.size(), "/srv/registry");
        parts.hosts.makeDirectory(parts.engine, registry.host, "/srv/registry", true);
        auto folder = std::make_shared<host::File>(*machine.files.at("/srv/registry"));
        folder->owner = folder->group = registry.user;
        machine.files["/srv/registry"] = std::move(folder);
        parts.hosts.writeFile(parts.engine, registry.host, registry.config, text, false);
        parts.hosts.restartUnit(parts.engine, parts.network, registry.host, registry.unit);
    }
}

} // namespace

Result<nlohmann::json> injectImagePull(Context& context, const nlohmann::json& parameters)
{
    kube::Context& parts = context.parts;
    const std::string cause = parameters.value("cause", std::string{});
    const auto known = variants().find(cause);
    if (known == variants().end())
        return Error{"the parameter \"cause\" must be one of wrong-tag, bad-pull-secret, node-egress, registry-down, no-fault", cause};
    std::string variant = parameters.value("variant", std::string{});
    const auto& options = known->second;
    if (variant.empty())
        variant = options[parts.engine.random("faults/variant").below(options.size())];
    else if (std::find(options.begin(), options.end(), variant) == options.end())
        return Error{"cause " + cause + " has no such variant", variant};

    container::Registry* registry = parts.registries.find(kRegistry);
    if (registry == nullptr)
        return Error{"this topology has no registry " + std::string(kRegistry) + "; use the topology mini", cause};
    if (!context.cluster.store().get<kube::Deployment>({kNamespace, kDeployment}))
        return Error{"this topology runs no deployment shop/checkout; use the topology mini", cause};
    const host::Machine& registryMachine = parts.hosts.at(registry->host);
    const auto address = parts.network.stack(registryMachine.stack).primaryAddress();
    if (!address)
        return Error{"the registry's machine has no address", registryMachine.name};
    const HostId node = chooseNode(context, parameters);
    if (!node.valid())
        return Error{"no node runs shop/checkout, or the node asked for does not exist", parameters.value("node", std::string{})};

    // The tag the pipeline meant: with a wrong tag it exists under another spelling.
    const bool wrongTag = cause == "wrong-tag" && variant == "tag";
    const std::string pushedTag = wrongTag ? "v" + std::string(kNewTag) : kNewTag;
    constexpr std::int64_t kLargeLayer = 7'200'000'000; // a model baked into the image: minutes at one stream's rate
    const auto image = newRelease(context, *registry, cause == "no-fault" ? kLargeLayer : 0);
    if (image == nullptr)
        return Error{"the registry does not hold shop/checkout:" + std::string(kOldTag), cause};
    parts.registries.push(parts.engine, parts.hosts, *registry, kRepository, pushedTag, image);

    std::string released = fmt::format("{}/{}:{}", kRegistry, kRepository, kNewTag);
    if (cause == "wrong-tag" && variant == "name") {
        released = fmt::format("{}/shop/chekout:{}", kRegistry, kNewTag);
    } else if (cause == "bad-pull-secret") {
        const auto password = [&](const std::string& user) {
            const auto account = registry->accounts.find(user);
            return account == registry->accounts.end() ? std::string{} : account->second.password;
        };
        if (variant == "wrong-robot")
            setPullSecret(context, kRegistry, "robot$llm", password("robot$llm"));
        else
            setPullSecret(context, "registry-old.lab:5000", "robot$shop", password("robot$shop"));
    } else if (cause == "node-egress") {
        breakEgress(context, node, variant, *address);
    } else if (cause == "registry-down") {
        breakRegistry(context, *registry, variant);
    }
    release(context, released);

    return nlohmann::json{{"cause", cause}, {"variant", variant}, {"node", parts.hosts.at(node).name},
                          {"registry", kRegistry}, {"registry_host", registryMachine.name}, {"registry_address", address->text()},
                          {"namespace", kNamespace}, {"deployment", kDeployment}, {"secret", kSecret}, {"image", released},
                          {"good_image", fmt::format("{}/{}:{}", kRegistry, kRepository, pushedTag)},
                          {"old_image", fmt::format("{}/{}:{}", kRegistry, kRepository, kOldTag)}, {"good_tag", pushedTag}};
}

} // namespace sim::faults
