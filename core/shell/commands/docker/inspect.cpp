// docker inspect: what dockerd knows of a container, an image, a network or a volume, as its API gives it.
#include "core/shell/commands/docker/client.h"
#include "sim/engine/letters.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::docker {

namespace {

using sim::container::docker::familiar;
using sim::container::docker::kRoot;
using sim::container::docker::MountPoint;

Json healthConfig(const sim::container::HealthCheck& check)
{
    return {{"Test", check.test}, {"Interval", check.interval.count()}, {"Timeout", check.timeout.count()}, {"StartPeriod", check.startPeriod.count()}, {"Retries", check.retries}};
}

Json labelsOf(const std::map<std::string, std::string>& labels)
{
    Json json = Json::object();
    for (const auto& [key, value] : labels)
        json[key] = value;
    return json;
}

int inspect(Client& client, const Call& call, const std::string& only)
{
    if (const std::string problem = client.unreachable(); !problem.empty())
        return client.error(problem);
    const std::string type = call.options.value("type", only);
    Json all = Json::array();
    int status = 0;
    std::string errors;
    for (const std::string& name : call.operands) {
        const bool any = type.empty();
        std::string id;
        if (const Container* container = any || type == "container" ? client.find(name) : nullptr) {
            client.noteContainer(*container);
            all.push_back(inspectContainer(client, *container));
        } else if (const StoredImage* image = any || type == "image" ? client.findImage(name, &id) : nullptr) {
            client.note("image");
            all.push_back(inspectImage(client, id, *image));
        } else if (const Network* network = any || type == "network" ? client.findNetwork(name) : nullptr) {
            client.note("docker");
            all.push_back(inspectNetwork(client, *network));
        } else if ((any || type == "volume") && client.docker().volumes.count(name) > 0) {
            client.note("docker");
            all.push_back(inspectVolume(client, name));
        } else {
            status = 1;
            errors += any ? fmt::format("Error: No such object: {}\n", name)
                : type == "network" ? fmt::format("Error response from daemon: network {} not found\n", name)
                : type == "volume"  ? fmt::format("Error response from daemon: get {0}: no such volume\n", name)
                                    : fmt::format("Error response from daemon: No such {}: {}\n", type, name);
        }
    }
    if (const std::string format = call.options.value("format"); !format.empty()) {
        for (const Json& one : all) {
            std::string error;
            const auto text = byTemplate(format, one, error);
            if (!text)
                return client.error(error);
            client.inv.print(*text + "\n");
        }
    } else {
        client.inv.print(all.empty() ? "[]\n" : all.dump(4, ' ', false, Json::error_handler_t::replace) + "\n");
    }
    if (!errors.empty())
        client.inv.err().write(errors);
    return status;
}

} // namespace

Json inspectContainer(const Client& client, const Container& container)
{
    const auto& s = container.settings;
    const auto* task = client.task(container);
    const bool runs = container.runs();
    Json state{{"Status", stateWord(container)}, {"Running", runs}, {"Paused", container.state == Container::State::Paused},
               {"Restarting", container.state == Container::State::Restarting}, {"OOMKilled", container.outOfMemory}, {"Dead", false},
               {"Pid", runs && task != nullptr ? task->pid : 0}, {"ExitCode", container.exitCode}, {"Error", container.error}, {"StartedAt", stamp(container.started)},
               {"FinishedAt", stamp(container.finished)}};
    if (!container.health.status.empty()) {
        Json log = Json::array();
        for (const auto& probe : container.health.probes)
            log.push_back({{"Start", stamp(probe.start)}, {"End", stamp(probe.end)}, {"ExitCode", probe.exitCode}, {"Output", probe.output}});
        state["Health"] = {{"Status", container.health.status}, {"FailingStreak", container.health.failingStreak}, {"Log", log}};
    }
    std::vector<std::string> words = *s.entrypoint;
    words.insert(words.end(), s.command.begin(), s.command.end());
    std::string lower = fmt::format("{}/overlay2/{}-init/diff", kRoot, container.upper);
    for (auto chain = container.layers.rbegin(); chain != container.layers.rend(); ++chain)
        if (const auto layer = client.docker().layers.find(*chain); layer != client.docker().layers.end())
            lower += fmt::format(":{}/overlay2/{}/diff", kRoot, layer->second.folder);
    Json mounts = Json::array();
    Json binds = Json::array();
    for (const MountPoint& mount : s.mounts) {
        const bool volume = mount.kind == MountPoint::Kind::Volume;
        if (mount.kind != MountPoint::Kind::Tmpfs)
            binds.push_back(fmt::format("{}:{}{}", mount.source, mount.target, mount.readOnly ? ":ro" : ""));
        Json one{{"Type", volume ? "volume" : mount.kind == MountPoint::Kind::Bind ? "bind" : "tmpfs"}};
        if (volume)
            one["Name"] = mount.source;
        one["Source"] = volume ? fmt::format("{}/volumes/{}/_data", kRoot, mount.source) : mount.source;
        one["Destination"] = mount.target;
        if (volume)
            one["Driver"] = "local";
        one["Mode"] = mount.readOnly ? "ro" : volume ? "z" : "";
        one["RW"] = !mount.readOnly;
        one["Propagation"] = volume ? "" : "rprivate";
        mounts.push_back(std::move(one));
    }
    Json bindings = Json::object();
    for (const auto& port : s.ports)
        bindings[fmt::format("{}/{}", port.containerPort, port.udp ? "udp" : "tcp")].push_back(
            {{"HostIp", port.address ? port.address->text() : ""}, {"HostPort", port.hostPort == 0 ? "" : std::to_string(port.hostPort)}});
    Json ports = Json::object();
    for (const std::string& exposed : s.exposed)
        if (runs)
            ports[exposed] = nullptr;
    for (const auto& binding : container.bindings) {
        Json& list = ports[fmt::format("{}/{}", binding.wanted.containerPort, binding.wanted.udp ? "udp" : "tcp")];
        if (list.is_null())
            list = Json::array();
        list.push_back({{"HostIp", binding.wanted.address.value_or(sim::net::Ipv4{}).text()}, {"HostPort", std::to_string(binding.hostPort)}});
    }
    Json networks = Json::object();
    std::string firstAddress, firstGateway, firstMac;
    for (const auto& endpoint : container.endpoints) {
        const Network* network = client.findNetwork(endpoint.networkId);
        if (network == nullptr)
            continue;
        const std::string address = endpoint.address ? endpoint.address->text() : "";
        const std::string gateway = endpoint.address ? network->gateway.text() : "";
        if (network->name == "bridge") {
            firstAddress = address;
            firstGateway = gateway;
            firstMac = endpoint.address ? endpoint.mac : "";
        }
        Json aliases = endpoint.aliases.empty() ? Json(nullptr) : Json(endpoint.aliases);
        Json names = nullptr;
        if (network->hasNameServer()) {
            names = Json::array({container.name, sim::container::docker::shortId(container.id)});
            for (const std::string& alias : endpoint.aliases)
                names.push_back(alias);
        }
        networks[network->name] = {{"IPAMConfig", endpoint.fixedAddress ? Json{{"IPv4Address", endpoint.fixedAddress->text()}} : Json(nullptr)}, {"Links", nullptr}, {"Aliases", aliases},
                                   {"MacAddress", endpoint.address ? endpoint.mac : ""}, {"DriverOpts", nullptr}, {"NetworkID", network->id}, {"EndpointID", endpoint.address ? endpoint.endpointId : ""},
                                   {"Gateway", gateway}, {"IPAddress", address}, {"IPPrefixLen", endpoint.address ? network->subnet.length : 0}, {"DNSNames", names}};
    }
    Json logConfig = Json::object();
    if (s.logMaxBytes > 0) {
        logConfig["max-file"] = std::to_string(s.logMaxFiles);
        logConfig["max-size"] = s.logMaxBytes % (1 << 20) == 0 ? fmt::format("{}m", s.logMaxBytes >> 20) : fmt::format("{}k", s.logMaxBytes >> 10);
    }
    Json json{{"Id", container.id}, {"Created", stamp(container.created)}, {"Path", words.empty() ? "" : words.front()},
              {"Args", words.empty() ? std::vector<std::string>{} : std::vector<std::string>(words.begin() + 1, words.end())}, {"State", state}, {"Image", container.imageId},
              {"ResolvConfPath", fmt::format("{}/containers/{}/resolv.conf", kRoot, container.id)}, {"HostnamePath", fmt::format("{}/containers/{}/hostname", kRoot, container.id)},
              {"HostsPath", fmt::format("{}/containers/{}/hosts", kRoot, container.id)}, {"LogPath", s.logDriver == "json-file" ? fmt::format("{0}/containers/{1}/{1}-json.log", kRoot, container.id) : ""},
              {"Name", "/" + container.name}, {"RestartCount", container.restartCount}, {"Driver", "overlay2"}, {"Platform", "linux"}};
    json["HostConfig"] = {{"Binds", binds.empty() ? Json(nullptr) : binds}, {"LogConfig", {{"Type", s.logDriver}, {"Config", logConfig}}}, {"NetworkMode", s.network}, {"PortBindings", bindings},
                          {"RestartPolicy", {{"Name", s.restart.name}, {"MaximumRetryCount", s.restart.maximumRetries}}}, {"AutoRemove", s.autoRemove},
                          {"ExtraHosts", s.extraHosts.empty() ? Json(nullptr) : Json(s.extraHosts)}, {"Privileged", s.privileged}, {"PublishAllPorts", s.publishAll}, {"ReadonlyRootfs", s.readOnly},
                          {"Runtime", "runc"}, {"CpuShares", s.limits.cpuShares}, {"Memory", s.limits.memoryBytes}, {"NanoCpus", static_cast<std::int64_t>(s.limits.cpus * 1e9)},
                          {"MemorySwap", s.limits.memorySwapBytes != 0 ? s.limits.memorySwapBytes : s.limits.memoryBytes * 2}, {"OomKillDisable", nullptr},
                          {"PidsLimit", s.limits.pids == 0 ? Json(nullptr) : Json(s.limits.pids)}};
    json["GraphDriver"] = {{"Data", {{"ID", container.id}, {"LowerDir", lower}, {"MergedDir", fmt::format("{}/overlay2/{}/merged", kRoot, container.upper)},
                                     {"UpperDir", fmt::format("{}/overlay2/{}/diff", kRoot, container.upper)}, {"WorkDir", fmt::format("{}/overlay2/{}/work", kRoot, container.upper)}}}, {"Name", "overlay2"}};
    json["Mounts"] = mounts;
    Json config{{"Hostname", s.hostname}, {"Domainname", ""}, {"User", s.user}, {"Tty", s.terminal}, {"OpenStdin", s.interactive}, {"Env", s.environment},
                {"Cmd", s.command.empty() ? Json(nullptr) : Json(s.command)}, {"Image", s.image}, {"WorkingDir", s.workingDirectory}, {"Entrypoint", s.entrypoint->empty() ? Json(nullptr) : Json(*s.entrypoint)},
                {"Labels", labelsOf(s.labels)}};
    if (s.health)
        config["Healthcheck"] = healthConfig(*s.health);
    json["Config"] = std::move(config);
    json["NetworkSettings"] = {{"Bridge", ""}, {"SandboxID", runs ? sim::container::digestOf("sandbox " + container.id).substr(7) : ""}, {"Ports", ports}, {"Gateway", firstGateway},
                               {"IPAddress", firstAddress}, {"IPPrefixLen", firstAddress.empty() ? 0 : 16}, {"MacAddress", firstMac}, {"Networks", networks}};
    return json;
}

Json inspectImage(const Client& client, const std::string& id, const StoredImage& image)
{
    Json tags = Json::array();
    for (const std::string& reference : image.references)
        tags.push_back(familiar(reference));
    Json digests = Json::array();
    for (const auto& [repository, digest] : image.digests)
        digests.push_back(familiar(repository) + "@" + digest);
    Json layers = Json::array();
    for (const auto& layer : image.image->layers)
        layers.push_back(layer.digest);
    const sim::container::ImageConfig config = sim::container::defaultsOf(*image.image);
    Json exposed = Json::object();
    for (const std::string& port : config.exposed)
        exposed[port] = Json::object();
    Json inner{{"Env", config.environment}, {"Cmd", config.command.empty() ? Json(nullptr) : Json(config.command)}, {"User", config.user}, {"ExposedPorts", exposed},
               {"WorkingDir", config.workingDirectory}, {"Entrypoint", config.entrypoint.empty() ? Json(nullptr) : Json(config.entrypoint)}, {"Labels", labelsOf(config.labels)}};
    if (config.health)
        inner["Healthcheck"] = healthConfig(*config.health);
    Json data = Json::object();
    if (!image.chain.empty())
        if (const auto top = client.docker().layers.find(image.chain.back()); top != client.docker().layers.end())
            data = {{"UpperDir", fmt::format("{}/overlay2/{}/diff", kRoot, top->second.folder)}, {"MergedDir", fmt::format("{}/overlay2/{}/merged", kRoot, top->second.folder)},
                    {"WorkDir", fmt::format("{}/overlay2/{}/work", kRoot, top->second.folder)}};
    return {{"Id", id}, {"RepoTags", tags}, {"RepoDigests", digests}, {"Parent", ""}, {"Comment", image.image->history.empty() ? "" : image.image->history.back().comment},
            {"Created", stamp(image.image->created)}, {"DockerVersion", ""}, {"Author", ""}, {"Config", inner}, {"Architecture", "amd64"}, {"Os", "linux"}, {"Size", imageBytes(image)},
            {"GraphDriver", {{"Data", data}, {"Name", "overlay2"}}}, {"RootFS", {{"Type", "layers"}, {"Layers", layers}}}};
}

Json inspectNetwork(const Client& client, const Network& network)
{
    Json containers = Json::object();
    for (const auto& [id, container] : client.docker().containers)
        for (const auto& endpoint : container.endpoints)
            if (endpoint.networkId == network.id && endpoint.address)
                containers[id] = {{"Name", container.name}, {"EndpointID", endpoint.endpointId}, {"MacAddress", endpoint.mac},
                                  {"IPv4Address", fmt::format("{}/{}", endpoint.address->text(), network.subnet.length)}, {"IPv6Address", ""}};
    Json pools = Json::array();
    if (network.driver == "bridge")
        pools.push_back({{"Subnet", sim::net::Prefix{network.subnet.network(), network.subnet.length}.text()}, {"Gateway", network.gateway.text()}});
    Json options = Json::object();
    if (network.name == "bridge")
        options = {{"com.docker.network.bridge.default_bridge", "true"}, {"com.docker.network.bridge.enable_icc", "true"}, {"com.docker.network.bridge.enable_ip_masquerade", "true"},
                   {"com.docker.network.bridge.host_binding_ipv4", "0.0.0.0"}, {"com.docker.network.bridge.name", "docker0"}, {"com.docker.network.driver.mtu", "1500"}};
    return {{"Name", network.name}, {"Id", network.id}, {"Created", stamp(network.created)}, {"Scope", "local"}, {"Driver", network.driver}, {"EnableIPv4", true}, {"EnableIPv6", false},
            {"IPAM", {{"Driver", "default"}, {"Options", nullptr}, {"Config", pools}}}, {"Internal", network.internal}, {"Attachable", false}, {"Ingress", false},
            {"Containers", containers}, {"Options", options}, {"Labels", labelsOf(network.labels)}};
}

Json inspectVolume(const Client& client, const std::string& name)
{
    const auto& volume = client.docker().volumes.at(name);
    Json labels = labelsOf(volume.labels);
    if (volume.anonymous)
        labels["com.docker.volume.anonymous"] = "";
    return {{"CreatedAt", stamp(volume.created).substr(0, 19) + "Z"}, {"Driver", "local"}, {"Labels", labels.empty() ? Json(nullptr) : labels}, {"Mountpoint", volume.path()}, {"Name", name},
            {"Options", nullptr}, {"Scope", "local"}};
}

void addInspectVerbs(std::vector<Verb>& all)
{
    const OptionSpec format{'f', "format", "string", "Format output using a custom template"};
    all.push_back({"inspect", "", "[OPTIONS] NAME|ID [NAME|ID...]", "Return low-level information on Docker objects",
                   {format, {'s', "size", "", "Display total file sizes if the type is container"}, {0, "type", "string", "Return JSON for specified type"}}, 1, Verb::kMany, false,
                   [](Client& client, const Call& call) { return inspect(client, call, ""); }, Verb::Names::Containers});
    for (const auto& [kind, names] : {std::pair("container", Verb::Names::Containers), std::pair("image", Verb::Names::Images), std::pair("network", Verb::Names::Networks), std::pair("volume", Verb::Names::Volumes)}) {
        const std::string type = kind;
        std::string upper = type;
        for (char& c : upper)
            c = sim::raised(c);
        all.push_back({type + " inspect", "", fmt::format("[OPTIONS] {0} [{0}...]", upper), fmt::format("Display detailed information on one or more {}s", type), {format}, 1, Verb::kMany, false,
                       [type](Client& client, const Call& call) { return inspect(client, call, type); }, names});
    }
}

} // namespace core::shell::docker
