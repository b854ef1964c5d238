#include "sim/faults/container_network.h"

#include "sim/faults/checkout_release.h"
#include "sim/faults/docker_door.h"
#include "sim/faults/requests.h"
#include "sim/net/changes.h"

#include <algorithm>

// web asks api, api asks redis, each by a name of the network "shop". What a caller meets is shared on purpose: no such name
// (different-networks), refused (stale-address), silence (host-firewall; in the cluster cni-down too).
namespace sim::faults {

namespace {

constexpr const char* kShopNetwork = "shop";
constexpr const char* kSystemNamespace = "kube-system";
constexpr const char* kCalico = "calico-node";
constexpr const char* kCniLabel = "lab.example/cni";

const Variants& networkVariants()
{
    static const Variants kVariants{
        {"different-networks", {"default-bridge", "split-network"}},
        {"stale-address", {"env-address", "hosts-entry"}},
        {"host-firewall", {"user-chain", "accept-missing", "node-rules"}},
        {"cni-down", {"not-scheduled", "frozen"}},
        {"no-fault", {"restarting"}},
    };
    return kVariants;
}

bool isOfCluster(const Choice& choice) { return choice.cause == "cni-down" || choice.is("node-rules"); }

/// One that needs no neighbours and takes the first free address.
container::docker::CreateContainer reportContainer()
{
    container::docker::CreateContainer create;
    create.name = "report";
    create.settings.image = "registry.lab:5000/shop/worker:0.9";
    create.settings.network = kShopNetwork;
    create.settings.restart.name = "unless-stopped";
    return create;
}

/// The container is made anew while another one takes the address that it had.
void moveAddress(DockerDoor& door, const container::docker::CreateContainer& create)
{
    door.remove(create.name);
    door.run(reportContainer());
    door.run(create);
}

const container::docker::Network* networkNamed(const DockerDoor& door, const std::string& name)
{
    for (const auto& [id, network] : door.docker().networks)
        if (network.name == name)
            return &network;
    return nullptr;
}

nlohmann::json breakDocker(DockerDoor& door, const Choice& choice)
{
    nlohmann::json chosen{{"machine", kDockerMachine}};
    const container::docker::Network* shop = networkNamed(door, kShopNetwork);
    chosen["bridge"] = shop->bridge;
    if (choice.is("default-bridge")) {
        container::docker::CreateContainer api = apiContainer();
        api.settings.network = "bridge";
        door.remove("api");
        door.run(api, "run-api.sh");
    } else if (choice.is("split-network")) {
        container::docker::CreateContainer redis = redisContainer();
        redis.settings.network = "data";
        door.call(container::docker::CreateNetwork{.name = "data"});
        door.remove("redis");
        door.run(redis, "run-redis.sh");
    } else if (choice.is("env-address")) {
        container::docker::CreateContainer web = webContainer();
        chosen["address"] = door.addressOf("api");
        web.settings.environment = {"API_URL=http://" + door.addressOf("api") + ":9000"};
        door.remove("web");
        door.run(web, "run-web.sh");
        moveAddress(door, apiContainer());
        chosen["new_address"] = door.addressOf("api");
    } else if (choice.is("hosts-entry")) {
        container::docker::CreateContainer api = apiContainer();
        chosen["address"] = door.addressOf("redis");
        api.settings.extraHosts = {"redis:" + door.addressOf("redis")};
        door.remove("api");
        door.run(api, "run-api.sh");
        moveAddress(door, redisContainer());
        chosen["new_address"] = door.addressOf("redis");
    } else if (choice.is("user-chain")) {
        net::FirewallRule rule;
        rule.target = "DROP";
        rule.protocol = net::Protocol::Tcp;
        rule.inInterface = rule.outInterface = shop->bridge;
        constexpr std::int64_t kApiPort = 9000;
        rule.destinationPort = kApiPort;
        net::insertRule(door.machineStack(), "filter", "DOCKER-USER", 1, rule);
    } else if (choice.is("accept-missing")) {
        std::erase_if(door.machineStack().filter["FORWARD"].rules, [&](const net::FirewallRule& one) {
            return one.target == "ACCEPT" && one.inInterface == shop->bridge && one.outInterface == shop->bridge;
        });
    } else {
        container::docker::CreateContainer api = apiContainer("2.3.1"); // a release that takes its time
        door.remove("api");
        door.run(api, "run-api.sh");
    }
    return chosen;
}

/// The worker with most of the pods that users need, of those that DNS does not live on.
std::string victimOf(const Context& context)
{
    std::string victim;
    int most = -1;
    for (const std::string& node : workers(context)) {
        int pods = 0;
        for (const auto& [key, pod] : context.cluster.store().all<kube::Pod>())
            if (pod->spec.nodeName == node)
                pods += key.namespace_ == "shop" && key.name.rfind(kCheckout, 0) == 0 ? 1 : key.name.rfind("coredns", 0) == 0 ? -100 : 0;
        if (pods > most || victim.empty()) {
            most = pods;
            victim = node;
        }
    }
    return victim;
}

std::string calicoPodOn(const Context& context, const std::string& node)
{
    for (const auto& [key, pod] : context.cluster.store().all<kube::Pod>())
        if (key.namespace_ == kSystemNamespace && pod->spec.nodeName == node && key.name.rfind(kCalico, 0) == 0)
            return key.name;
    return {};
}

nlohmann::json breakCluster(Context& context, const Choice& choice)
{
    const std::string node = victimOf(context);
    const std::string range = context.cluster.store().get<kube::Node>({"", node})->spec.podCIDR;
    nlohmann::json chosen{{"node", node}, {"agent", calicoPodOn(context, node)}, {"range", range}};
    host::Hosts& hosts = context.parts.hosts;
    const host::Machine* machine = hosts.find(node);
    if (choice.is("node-rules")) {
        net::FirewallRule rule;
        rule.target = "DROP";
        rule.destination = net::Prefix::parse(range);
        net::insertRule(context.parts.network.stack(machine->stack), "filter", "FORWARD", 1, rule);
        context.parts.network.changed(context.parts.engine);
    } else if (choice.is("not-scheduled")) {
        for (const auto& [key, one] : context.cluster.store().all<kube::Node>())
            if (key.name != node)
                labelNode(context, key.name, kCniLabel, kCalico);
        patch(context, "daemonsets.apps", kSystemNamespace, kCalico,
              {{"spec", {{"template", {{"spec", {{"nodeSelector", {{kCniLabel, kCalico}}}}}}}}}});
    } else {
        constexpr int kStop = 19;
        for (const auto& [id, container] : context.parts.runtimes.containers())
            if (container.host == machine->id && !container.sandbox && container.program.name == kCalico)
                hosts.signal(context.parts.engine, context.parts.network, machine->id, container.pid, kStop);
    }
    return chosen;
}

} // namespace

Result<nlohmann::json> injectContainerNetwork(Context& context, const nlohmann::json& parameters)
{
    const auto choice = choose(context, networkVariants(), parameters);
    if (!choice)
        return choice.error();
    nlohmann::json chosen;
    if (isOfCluster(*choice)) {
        if (workers(context).empty())
            return Error{"the topology has no cluster", choice->variant};
        chosen = breakCluster(context, *choice);
    } else {
        const auto host = findDockerHost(context);
        if (!host)
            return host.error();
        DockerDoor door(context, *host);
        chosen = breakDocker(door, *choice);
    }
    context.parts.network.changed(context.parts.engine);
    chosen["cause"] = choice->cause;
    chosen["variant"] = choice->variant;
    return chosen;
}

} // namespace sim::faults
