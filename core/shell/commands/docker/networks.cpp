// docker network and docker volume.
#include "core/shell/commands/docker/client.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::docker {

namespace {

using namespace sim::container::docker;

constexpr const char* kPruneNetworks = "WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue?";
constexpr const char* kPruneVolumes = "WARNING! This will remove anonymous local volumes not used by at least one container.\nAre you sure you want to continue?";
constexpr const char* kPruneAllVolumes = "WARNING! This will remove all local volumes not used by at least one container.\nAre you sure you want to continue?";

std::map<std::string, std::string> labelsFrom(const Call& call)
{
    std::map<std::string, std::string> labels;
    for (const std::string& one : call.options.values("label"))
        labels[one.substr(0, one.find('='))] = one.find('=') == std::string::npos ? std::string() : one.substr(one.find('=') + 1);
    return labels;
}

int networkList(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("GET", "/networks"); !problem.empty())
        return client.error(problem);
    client.note("docker");
    std::vector<const Network*> all;
    for (const auto& [id, network] : client.docker().networks)
        all.push_back(&network);
    std::sort(all.begin(), all.end(), [](const Network* a, const Network* b) { return a->name < b->name; });
    std::vector<Json> rows;
    for (const Network* network : all) {
        bool passes = true;
        for (const std::string& filter : call.options.values("filter")) {
            if (filter.rfind("name=", 0) == 0)
                passes = passes && network->name.find(filter.substr(5)) != std::string::npos;
            if (filter.rfind("driver=", 0) == 0)
                passes = passes && network->driver == filter.substr(7);
        }
        if (!passes)
            continue;
        if (call.options.has("quiet"))
            client.inv.print(shortId(network->id) + "\n");
        rows.push_back({{"ID", call.options.has("no-trunc") ? network->id : shortId(network->id)}, {"Name", network->name}, {"Driver", network->driver}, {"Scope", "local"}, {"Internal", network->internal ? "true" : "false"}});
    }
    if (call.options.has("quiet"))
        return 0;
    std::string error;
    const auto text = formatted(call.options.value("format", "table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}"), rows, {{"ID", "NETWORK ID"}, {"Name", "NAME"}, {"Driver", "DRIVER"}, {"Scope", "SCOPE"}, {"Internal", "INTERNAL"}}, error);
    if (!text)
        return client.error(error);
    client.inv.print(*text);
    return 0;
}

int networkCreate(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("POST", "/networks/create"); !problem.empty())
        return client.error(problem);
    CreateNetwork request;
    request.name = call.operands[0];
    request.driver = call.options.value("driver", "bridge");
    request.internal = call.options.has("internal");
    request.labels = labelsFrom(call);
    if (call.options.has("subnet")) {
        request.subnet = sim::net::Prefix::parse(call.options.value("subnet"));
        if (!request.subnet)
            return client.daemonError(fmt::format("invalid network config:\ninvalid subnet {}: invalid CIDR block notation", call.options.value("subnet")));
    }
    if (call.options.has("gateway"))
        request.gateway = sim::net::Ipv4::parse(call.options.value("gateway"));
    const Outcome outcome = client.call(request);
    if (!outcome.ok())
        return client.daemonError(outcome.error);
    client.inv.print(outcome.id + "\n");
    return 0;
}

int networkRemove(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("DELETE"); !problem.empty())
        return client.error(problem);
    int status = 0;
    for (const std::string& name : call.operands) {
        const Outcome outcome = client.call(RemoveNetwork{name});
        if (outcome.ok())
            client.inv.print(name + "\n");
        else if (!(call.options.has("force") && outcome.status == 404))
            status = client.daemonError(outcome.error);
    }
    return status;
}

int networkConnect(Client& client, const Call& call, bool connect)
{
    if (const std::string problem = client.unreachable("POST"); !problem.empty())
        return client.error(problem);
    ConnectNetwork request{call.operands[0], call.operands[1], call.options.values("alias"), std::nullopt, connect, call.options.has("force")};
    if (call.options.has("ip"))
        request.address = sim::net::Ipv4::parse(call.options.value("ip"));
    const Outcome outcome = client.call(request);
    return outcome.ok() ? 0 : client.daemonError(outcome.error);
}

int networkPrune(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("POST", "/networks/prune"); !problem.empty())
        return client.error(problem);
    if (!call.options.has("force") && !client.confirm(kPruneNetworks))
        return 0;
    const Outcome outcome = client.call(PruneNetworks{});
    if (!outcome.removed.empty()) {
        client.inv.print("Deleted Networks:\n");
        for (const std::string& name : outcome.removed)
            client.inv.print(name + "\n");
        client.inv.print("\n");
    }
    return 0;
}

int volumeList(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("GET", "/volumes"); !problem.empty())
        return client.error(problem);
    client.note("docker");
    std::vector<Json> rows;
    for (const auto& [name, volume] : client.docker().volumes) {
        const auto& all = client.docker().containers;
        const bool used = std::any_of(all.begin(), all.end(), [&](const auto& entry) {
            const auto& mounts = entry.second.settings.mounts;
            return std::any_of(mounts.begin(), mounts.end(), [&](const MountPoint& m) { return m.source == name; });
        });
        bool passes = true;
        for (const std::string& filter : call.options.values("filter")) {
            if (filter.rfind("dangling=", 0) == 0)
                passes = passes && (filter == "dangling=true" || filter == "dangling=1") == !used;
            if (filter.rfind("name=", 0) == 0)
                passes = passes && name.find(filter.substr(5)) != std::string::npos;
        }
        if (!passes)
            continue;
        if (call.options.has("quiet"))
            client.inv.print(name + "\n");
        rows.push_back({{"Driver", "local"}, {"Name", name}, {"Mountpoint", volume.path()}, {"Scope", "local"}});
    }
    if (call.options.has("quiet"))
        return 0;
    std::string error;
    const auto text = formatted(call.options.value("format", "table {{.Driver}}\t{{.Name}}"), rows, {{"Driver", "DRIVER"}, {"Name", "VOLUME NAME"}, {"Mountpoint", "MOUNTPOINT"}, {"Scope", "SCOPE"}}, error);
    if (!text)
        return client.error(error);
    client.inv.print(*text);
    return 0;
}

int volumeCreate(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("POST", "/volumes/create"); !problem.empty())
        return client.error(problem);
    const Outcome outcome = client.call(CreateVolume{call.operands.empty() ? call.options.value("name") : call.operands[0], labelsFrom(call)});
    if (!outcome.ok())
        return client.daemonError(outcome.error);
    client.inv.print(outcome.id + "\n");
    return 0;
}

int volumeRemove(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("DELETE"); !problem.empty())
        return client.error(problem);
    int status = 0;
    for (const std::string& name : call.operands) {
        const Outcome outcome = client.call(RemoveVolume{name, call.options.has("force")});
        if (outcome.ok())
            client.inv.print(name + "\n");
        else
            status = client.daemonError(outcome.error);
    }
    return status;
}

int volumePrune(Client& client, const Call& call)
{
    if (const std::string problem = client.unreachable("POST", "/volumes/prune"); !problem.empty())
        return client.error(problem);
    const bool whole = call.options.has("all");
    if (!call.options.has("force") && !client.confirm(whole ? kPruneAllVolumes : kPruneVolumes))
        return 0;
    const Outcome outcome = client.call(PruneVolumes{whole});
    if (!outcome.removed.empty()) {
        client.inv.print("Deleted Volumes:\n");
        for (const std::string& name : outcome.removed)
            client.inv.print(name + "\n");
        client.inv.print("\n");
    }
    client.inv.print("Total reclaimed space: " + humanSize(static_cast<double>(outcome.reclaimedBytes)) + "\n");
    return 0;
}

} // namespace

void addNetworkVerbs(std::vector<Verb>& all)
{
    const OptionSpec force{'f', "force", "", "Do not prompt for confirmation"};
    const OptionSpec format{0, "format", "string", "Format output using a custom template"};
    const OptionSpec filter{'f', "filter", "filter", "Provide filter values (e.g. \"driver=bridge\")"};
    all.push_back({"network ls", "", "[OPTIONS]", "List networks", {filter, format, {0, "no-trunc", "", "Do not truncate the output"}, {'q', "quiet", "", "Only display network IDs"}}, 0, 0, false, networkList});
    all.push_back({"network create", "", "[OPTIONS] NETWORK", "Create a network",
                   {{'d', "driver", "string", "Driver to manage the Network (default \"bridge\")"}, {0, "gateway", "strings", "IPv4 or IPv6 Gateway for the master subnet"}, {0, "internal", "", "Restrict external access to the network"},
                    {0, "label", "list", "Set metadata on a network"}, {'o', "opt", "map", "Set driver specific options"}, {0, "subnet", "strings", "Subnet in CIDR format that represents a network segment"}}, 1, 1, false, networkCreate});
    all.push_back({"network rm", "", "NETWORK [NETWORK...]", "Remove one or more networks", {{'f', "force", "", "Do not error if the network does not exist"}}, 1, Verb::kMany, false, networkRemove, Verb::Names::Networks});
    all.push_back({"network connect", "", "[OPTIONS] NETWORK CONTAINER", "Connect a container to a network", {{0, "alias", "strings", "Add network-scoped alias for the container"}, {0, "ip", "string", "IPv4 address (e.g., \"172.30.100.104\")"}}, 2, 2,
                   false, [](Client& client, const Call& call) { return networkConnect(client, call, true); }, Verb::Names::Networks});
    all.push_back({"network disconnect", "", "[OPTIONS] NETWORK CONTAINER", "Disconnect a container from a network", {{'f', "force", "", "Force the container to disconnect from a network"}}, 2, 2, false,
                   [](Client& client, const Call& call) { return networkConnect(client, call, false); }, Verb::Names::Networks});
    all.push_back({"network prune", "", "[OPTIONS]", "Remove all unused networks", {force, {0, "filter", "filter", "Provide filter values (e.g. \"until=<timestamp>\")"}}, 0, 0, false, networkPrune});
}

void addVolumeVerbs(std::vector<Verb>& all)
{
    const OptionSpec format{0, "format", "string", "Format output using a custom template"};
    all.push_back({"volume ls", "", "[OPTIONS]", "List volumes", {{'f', "filter", "filter", "Provide filter values (e.g. \"dangling=true\")"}, format, {'q', "quiet", "", "Only display volume names"}}, 0, 0, false, volumeList});
    all.push_back({"volume create", "", "[OPTIONS] [VOLUME]", "Create a volume", {{'d', "driver", "string", "Specify volume driver name (default \"local\")"}, {0, "label", "list", "Set metadata for a volume"}, {0, "name", "string", "Specify volume name"}}, 0, 1, false, volumeCreate});
    all.push_back({"volume rm", "", "[OPTIONS] VOLUME [VOLUME...]", "Remove one or more volumes", {{'f', "force", "", "Force the removal of one or more volumes"}}, 1, Verb::kMany, false, volumeRemove, Verb::Names::Volumes});
    all.push_back({"volume prune", "", "[OPTIONS]", "Remove unused local volumes", {{'a', "all", "", "Remove all unused volumes, not just anonymous ones"}, {0, "filter", "filter", "Provide filter values (e.g. \"label=<label>\")"}, {'f', "force", "", "Do not prompt for confirmation"}}, 0, 0, false, volumePrune});
}

} // namespace core::shell::docker
