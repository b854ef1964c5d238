#include "sim/faults/image_pull.h"

#include "sim/container/registry.h"
#include "sim/engine/base64.h"
#include "sim/faults/checkout_release.h"
#include "sim/faults/requests.h"

#include <fmt/format.h>

#include <algorithm>

// Every cause begins with the same release, so that all look alike from afar; only what is broken
// underneath differs. Variants of different causes share their error text on purpose.
namespace sim::faults {

namespace {

constexpr const char* kSecret = "regcred";

const Variants& imagePullVariants()
{
    static const Variants kVariants{
        {"wrong-tag", {"tag", "name"}},
        {"bad-pull-secret", {"wrong-robot", "other-registry"}},
        {"node-egress", {"firewall-reject", "firewall-drop", "dead-route", "stale-hosts"}},
        {"registry-down", {"stopped", "powered-off", "firewall", "storage-error", "storage-path"}},
        {"no-fault", {"large-layer"}},
    };
    return kVariants;
}

void setPullSecret(Context& context, const std::string& server, const std::string& user, const std::string& password)
{
    const std::string config = nlohmann::json{{"auths", {{server, {{"username", user}, {"password", password},
                                              {"auth", encodeBase64(user + ":" + password)}}}}}}.dump();
    patch(context, "secrets", kShop, kSecret, {{"data", {{".dockerconfigjson", encodeBase64(config)}}}});
}

/// A worker that runs the service now, by the seed.
HostId chooseNode(Context& context, const nlohmann::json& parameters)
{
    std::vector<std::string> names;
    for (const auto& [key, pod] : context.cluster.store().all<kube::Pod>()) {
        const auto app = pod->metadata.labels.find("app");
        if (key.namespace_ == kShop && app != pod->metadata.labels.end() && app->second == kCheckout
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

constexpr const char* kPrepared = "prepared"; // the parameter by which inject() knows

} // namespace

Result<nlohmann::json> prepareImagePull(Context& context, const nlohmann::json& parameters)
{
    const auto chosen = choose(context, imagePullVariants(), parameters);
    if (!chosen)
        return chosen.error();
    nlohmann::json decided = parameters;
    decided.erase("stage");
    decided["variant"] = chosen->variant;
    if (!chosen->is("storage-path"))
        return decided;
    const auto registry = checkoutRegistry(context);
    if (!registry)
        return registry.error();
    if (const auto pushed = pushCheckout(context, **registry, kNewTag); !pushed)
        return pushed.error();
    breakRegistry(context, **registry, chosen->variant);
    decided[kPrepared] = true;
    return decided;
}

Result<nlohmann::json> injectImagePull(Context& context, const nlohmann::json& parameters)
{
    kube::Context& parts = context.parts;
    const auto chosen = choose(context, imagePullVariants(), parameters);
    if (!chosen)
        return chosen.error();
    const std::string& cause = chosen->cause;
    const std::string& variant = chosen->variant;
    const auto found = checkoutRegistry(context);
    if (!found)
        return found.error();
    container::Registry* registry = *found;
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
    const bool prepared = parameters.value(kPrepared, false);
    if (!prepared)
        if (const auto pushed = pushCheckout(context, *registry, pushedTag, cause == "no-fault" ? kLargeLayer : 0); !pushed)
            return pushed.error();

    std::string released = checkoutImage(kNewTag);
    if (cause == "wrong-tag" && variant == "name") {
        released = fmt::format("{}/shop/chekout:{}", kLabRegistry, kNewTag);
    } else if (cause == "bad-pull-secret") {
        const auto password = [&](const std::string& user) {
            const auto account = registry->accounts.find(user);
            return account == registry->accounts.end() ? std::string{} : account->second.password;
        };
        if (variant == "wrong-robot")
            setPullSecret(context, kLabRegistry, "robot$llm", password("robot$llm"));
        else
            setPullSecret(context, "registry-old.lab:5000", "robot$shop", password("robot$shop"));
    } else if (cause == "node-egress") {
        breakEgress(context, node, variant, *address);
    } else if (cause == "registry-down" && !prepared) {
        breakRegistry(context, *registry, variant);
    }
    releaseCheckout(context, released);

    return nlohmann::json{{"cause", cause}, {"variant", variant}, {"node", parts.hosts.at(node).name},
                          {"registry", kLabRegistry}, {"registry_host", registryMachine.name}, {"registry_address", address->text()},
                          {"namespace", kShop}, {"deployment", kCheckout}, {"secret", kSecret}, {"image", released},
                          {"good_image", checkoutImage(pushedTag)},
                          {"old_image", checkoutImage(kOldTag)}, {"good_tag", pushedTag}};
}

} // namespace sim::faults
