#include "sim/world/topology_builder.h"

#include "sim/container/registry.h"
#include "sim/engine/assert.h"
#include "sim/host/standard_machine.h"
#include "sim/kube/api/custom_resources.h"
#include "sim/kube/api/time_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>

namespace sim {

namespace {

using nlohmann::json;

constexpr std::int64_t kMiB = 1024 * 1024;
constexpr std::int64_t kGiB = 1024 * kMiB;
// In-rack copper and one switch: a round trip of about 40 us between machines of one leaf.
constexpr Duration kCableLatency = 5us;
// Longer than any control plane takes to answer after its machines are up.
constexpr Duration kControlPlaneStart = 120s;
// Compressed layers are about 45 % of what they unpack to.
constexpr double kCompression = 0.45;

net::Ipv4 address(const json& value)
{
    return net::Ipv4::parse(value.get<std::string>()).value_or(net::Ipv4{});
}

net::Prefix prefix(const json& value)
{
    return net::Prefix::parse(value.get<std::string>()).value_or(net::Prefix{});
}

/// Stable made-up digests: the same image has the same digest in every world.
std::string digestOf(std::string_view what)
{
    std::string hex;
    for (int i = 0; i < 4; ++i) {
        Fingerprint f;
        f.add(static_cast<std::uint64_t>(i));
        f.add(what);
        hex += fmt::format("{:016x}", f.value());
    }
    return "sha256:" + hex;
}

std::vector<std::string> strings(const json& object, const char* key)
{
    const auto it = object.find(key);
    return it == object.end() ? std::vector<std::string>{} : it->get<std::vector<std::string>>();
}

programs::Program programOf(const json& from)
{
    static const std::map<std::string, programs::Program::Kind> kKinds{{"Service", programs::Program::Kind::Service},
        {"Database", programs::Program::Kind::Database}, {"LlmServer", programs::Program::Kind::LlmServer},
        {"LlmRouter", programs::Program::Kind::LlmRouter},
        {"Daemon", programs::Program::Kind::Daemon}, {"Pause", programs::Program::Kind::Pause},
        {"PolicyWebhook", programs::Program::Kind::PolicyWebhook},
        {"Trainer", programs::Program::Kind::Trainer}};
    programs::Program program;
    program.name = from.at("name");
    program.kind = kKinds.at(from.value("kind", "Service"));
    program.command = strings(from, "command");
    program.user = from.value("user", "root");
    program.port = from.value("port", 0);
    program.startup = fromSeconds(from.value("startupSeconds", 1.0));
    program.memoryBytes = static_cast<std::int64_t>(from.value("memoryMiB", 32.0) * kMiB);
    program.idleCores = from.value("idleCores", 0.01);
    program.coresPerRequest = from.value("coresPerRequest", 0.0);
    program.requestsPerSecond = from.value("requestsPerSecond", 0.0);
    program.serviceTime = fromSeconds(from.value("serviceMilliseconds", 1.0) / 1e3);
    program.readyPath = from.value("readyPath", "");
    program.dependsOn = strings(from, "dependsOn");
    program.requiredEnv = strings(from, "requiredEnv");
    program.settingsFile = from.value("settingsFile", "");
    program.leakBytesPerSecond = from.value("leakMiBPerSecond", 0.0) * kMiB;
    program.faultySteps = from.value("faultySteps", std::int64_t{0});
    program.heapBytesPerSecond = from.value("heapMiBPerSecond", 0.0) * kMiB;
    program.gpuMemoryBytes = static_cast<std::int64_t>(from.value("gpuMemoryMiB", 0.0) * kMiB);
    program.gpuWork = from.value("gpuWork", 0.0);
    program.startLog = strings(from, "startLog");
    program.requestLog = from.value("requestLog", "");
    return program;
}

/// A text, or an object with text, MiB, mode and owner.
host::File fileOf(const json& from)
{
    host::File file;
    if (from.is_string()) {
        file.content = from.get<std::string>();
    } else {
        const std::string owner = from.value("owner", "root:root");
        file.content = from.value("text", "");
        file.size = static_cast<std::int64_t>(from.value("MiB", 0.0) * kMiB);
        file.mode = static_cast<std::uint32_t>(std::stoul(from.value("mode", "0644"), nullptr, 8));
        file.owner = owner.substr(0, owner.find(':'));
        file.group = owner.substr(owner.find(':') + 1);
    }
    file.size = std::max(file.size, static_cast<std::int64_t>(file.content.size()));
    return file;
}

host::StandardUnit unitOf(const json& from)
{
    host::StandardUnit unit;
    unit.name = from.at("name");
    for (const std::string& line : strings(from, "text"))
        unit.text += line + "\n";
    unit.memoryBytes = static_cast<std::int64_t>(from.value("memoryMiB", 16.0) * kMiB);
    unit.cpuCores = from.value("cores", 0.0);
    if (const auto ports = from.find("listens"); ports != from.end())
        unit.listens = ports->get<std::vector<std::int64_t>>();
    unit.startTime = fromSeconds(from.value("startSeconds", 0.5));
    unit.enabled = from.value("enabled", true);
    return unit;
}

/// The image's own config, and which files its layers hold: {"3": {"/app/main.py": 0.1}} in MiB.
void addConfig(container::Image& image, const json& from)
{
    container::ImageConfig& config = image.config;
    config.environment = strings(from, "environment");
    config.entrypoint = strings(from, "entrypoint");
    config.command = strings(from, "command");
    config.exposed = strings(from, "exposed");
    config.volumes = strings(from, "volumes");
    config.workingDirectory = from.value("workingDirectory", "");
    config.user = from.value("user", "");
    config.logBytesPerSecond = from.value("logKiBPerSecond", 0.0) * 1024;
    if (const auto check = from.find("health"); check != from.end())
        config.health = healthCheckOf(*check);
    const json layers = from.value("files", json::object());
    for (const auto& [layer, files] : layers.items())
        for (const auto& [path, size] : files.items())
            image.layers.at(std::stoul(layer)).files.push_back({.path = path, .bytes = static_cast<std::int64_t>(size.get<double>() * kMiB)});
    for (const std::string& step : strings(from, "history"))
        image.history.push_back({.created = image.created, .createdBy = step, .comment = "buildkit.dockerfile.v0"});
}

/// What is wrong with the first machine whose GPUs nobody knows; empty: nothing.
std::string unknownBoard(const json& topology)
{
    for (const json& machine : topology.at("machines")) {
        const std::string model = machine.value(json::json_pointer("/gpus/model"), "");
        if (!machine.contains("gpus") || gpu::boardNamed(model) != nullptr)
            continue;
        std::vector<std::string_view> known;
        for (const gpu::Board& board : gpu::boards())
            known.push_back(board.name);
        return fmt::format("machine {} has GPUs of the model \"{}\"; known are {}", machine.at("name").get<std::string>(), model, fmt::join(known, ", "));
    }
    return {};
}

/// The first machine that a service, an installed program, the load, a label or a taint names and the topology doesn't define.
std::string unknownMachine(const json& topology)
{
    std::set<std::string> known;
    for (const json& machine : topology.at("machines"))
        known.insert(machine.at("name"));
    std::vector<std::string> named;
    for (const json& one : topology.value("installed", json::array()))
        named.push_back(one.at("machine"));
    for (const json& service : topology.value("services", json::array()))
        for (std::string& machine : strings(service, "machines"))
            named.push_back(std::move(machine));
    if (const std::string users = topology.at("load").value("users", ""); !users.empty())
        named.push_back(users);
    for (const char* list : {"nodeLabels", "nodeTaints"}) {
        const json all = topology.value(list, json::object());
        for (const auto& [whom, unused] : all.items())
            if (whom != "control-plane" && whom != "worker" && whom != "gpu")
                named.push_back(whom);
    }
    const auto unknown = std::find_if(named.begin(), named.end(), [&](const std::string& name) { return known.count(name) == 0; });
    return unknown == named.end() ? std::string() : *unknown;
}

std::shared_ptr<const container::Image> imageOf(const json& from, const std::string& tag, Instant now)
{
    auto image = std::make_shared<container::Image>();
    const std::string repository = from.at("repository");
    image->digest = digestOf(repository + ":" + tag);
    image->configDigest = digestOf(repository + ":" + tag + " config");
    const auto& layers = from.at("layersMiB");
    for (std::size_t i = 0; i < layers.size(); ++i) {
        container::Layer layer;
        // Lower layers are shared between the tags of a repository, the last is each build's own.
        const bool own = i + 1 == layers.size();
        layer.digest = digestOf(fmt::format("{} layer {} {}", repository, i, own ? tag : ""));
        layer.bytes = static_cast<std::int64_t>(layers[i].get<double>() * kMiB);
        layer.compressedBytes = static_cast<std::int64_t>(static_cast<double>(layer.bytes) * kCompression);
        image->layers.push_back(std::move(layer));
    }
    image->program = programOf(from.at("program"));
    constexpr double kAge = 30; // days
    image->created = now - fromSeconds(from.value("ageDays", kAge) * 86'400);
    addConfig(*image, from.value("config", json::object()));
    for (const json& one : from.value("vulnerabilities", json::array()))
        image->vulnerabilities.push_back({one.at("id"), one.at("package"), one.at("installed"), one.value("fixed", ""), one.at("severity"),
                                          one.value("title", ""), image->layers.at(one.value("layer", std::size_t{0})).digest});
    return image;
}

/// A rule over the user load, or over one machine: {"machine": .., "memoryFreeBelow": percent}, {.., "loadPerCpuAbove": ..} or
/// {.., "memoryKillsAbove": ..}.
telemetry::Rule ruleOf(const json& from)
{
    telemetry::Rule rule;
    rule.name = from.at("name");
    rule.severity = from.at("severity");
    rule.summary = from.at("summary");
    rule.pendingFor = fromSeconds(from.at("pendingSeconds").get<double>());
    if (!from.contains("objective")) {
        static const std::pair<const char*, telemetry::Measure> kMeasures[]{{"memoryFreeBelow", telemetry::Measure::MemoryFreePercent},
            {"loadPerCpuAbove", telemetry::Measure::LoadPerCpu}, {"memoryKillsAbove", telemetry::Measure::OutOfMemoryKills},
            {"gpuTemperatureAbove", telemetry::Measure::GpuTemperature}, {"gpusAbsentAbove", telemetry::Measure::GpusAbsent},
            {"cephHealthAbove", telemetry::Measure::CephHealth}};
        rule.machine = from.value("machine", "");
        rule.window = fromSeconds(from.value("windowSeconds", 60.0));
        for (const auto& [key, measure] : kMeasures)
            if (from.contains(key)) {
                rule.measure = measure;
                rule.threshold = from.at(key);
            }
        return rule;
    }
    rule.objective = from.at("objective");
    rule.burn = from.at("burn");
    rule.window = fromSeconds(from.at("windowSeconds").get<double>());
    return rule;
}

serving::ClientSettings clientOf(const json& from)
{
    using serving::ArrivalKind;
    using serving::LoadKind;
    static const std::map<std::string, LoadKind> kKinds{{"chat", LoadKind::Chat}, {"agents", LoadKind::Agents}, {"retrieval", LoadKind::Retrieval},
                                                        {"documents", LoadKind::Documents}, {"batch", LoadKind::Batch}};
    static const std::map<std::string, ArrivalKind> kArrivals{{"poisson", ArrivalKind::Poisson}, {"bursty", ArrivalKind::Bursty}, {"diurnal", ArrivalKind::Diurnal}};
    serving::ClientSettings client;
    client.name = from.at("name");
    client.service = from.at("service");
    client.model = from.value("model", "");
    client.load.kind = kKinds.at(from.at("kind"));
    client.load.arrivals = kArrivals.at(from.value("arrivals", "poisson"));
    client.load.requestsPerSecond = from.at("requestsPerSecond");
    client.load.maxTokens = from.value("maxTokens", 0U);
    client.load.sharedTokens = from.value("sharedTokens", 0U);
    client.load.questionTokens = from.value("questionTokens", 0U);
    client.load.answerTokens = from.value("answerTokens", 0U);
    client.load.conversations = from.value("conversations", 0U);
    client.gateway = from.value("gateway", "");
    client.hangUpShare = from.value("hangUpShare", 0.0);
    client.hangUpSeconds = from.value("hangUpSeconds", client.hangUpSeconds);
    client.load.burstiness = from.value("burstiness", client.load.burstiness);
    client.priority = from.value("priority", 0);
    client.interactive = from.value("interactive", true);
    client.firstTokenGoal = from.value("firstTokenGoalSeconds", client.firstTokenGoal);
    client.tokenGoal = from.value("tokenGoalMilliseconds", client.tokenGoal * 1e3) / 1e3;
    client.pauseGoal = from.value("pauseGoalMilliseconds", client.pauseGoal * 1e3) / 1e3;
    client.patience = from.value("patienceSeconds", client.patience);
    return client;
}

/// The topology with the machines of its series written out: each is as the one it is like, files too, but for name, address and leaf.
Result<json> withSeries(json topology, const std::string& id)
{
    for (const json& series : topology.value("machineSeries", json::array())) {
        const std::string like = series.at("like");
        json& machines = topology.at("machines");
        const auto model = std::find_if(machines.begin(), machines.end(), [&](const json& machine) { return machine.at("name") == like; });
        if (model == machines.end())
            return Error{"\"machineSeries\" is like the machine " + like + ", which is not among its machines", "topology " + id};
        json machine = *model;
        const std::vector<std::string> leaves = strings(series, "leaves");
        const std::size_t count = series.at("count"), first = series.at("first");
        const net::Ipv4 base = address(series.at("address"));
        for (std::size_t i = 0; i < count; ++i) {
            const std::string name = series.at("prefix").get<std::string>() + std::to_string(first + i);
            machine["name"] = name;
            machine["address"] = net::Ipv4{base.value + static_cast<std::uint32_t>(i)}.text();
            machine["leaf"] = leaves.at(i * leaves.size() / count);
            machines.push_back(machine);
            if (json& files = topology["files"]; files.contains(like))
                files[name] = files[like];
        }
    }
    return topology;
}

} // namespace

Result<World> TopologyBuilder::build(const json& described, std::uint64_t seed)
{
    const bool named = described.is_object() && described.contains("id") && described["id"].is_string();
    const std::string id = named ? described["id"].get<std::string>() : "(no id)";
    try {
        std::optional<json> whole;
        if (described.contains("machineSeries")) {
            Result<json> written = withSeries(described, id);
            if (!written)
                return written.error();
            whole = std::move(*written);
        }
        const json& topology = whole ? *whole : described;
        const json& network = topology.at("network");
        kube::ClusterSettings settings;
        settings.podNetwork = prefix(network.at("pods"));
        settings.serviceNetwork = prefix(network.at("services"));
        settings.dnsAddress = address(network.at("dns"));
        settings.dnsDomain = network.value("domain", "cluster.local");
        settings.hosted = topology.value("hostedControlPlane", false);
        settings.version = topology.value("kubernetesVersion", settings.version);
        if (const auto rate = topology.find("controllerRate"); rate != topology.end())
            settings.controllerRate = {rate->at("perSecond").get<std::int64_t>(), rate->at("burst").get<std::int64_t>()};
        settings.fakeKubeletPace = std::chrono::milliseconds(topology.value("fakeKubeletPaceMillis", 0));
        if (const std::string machine = unknownMachine(topology); !machine.empty())
            return Error{"it names the machine " + machine + ", which is not among its machines", "topology " + id};
        if (std::string problem = unknownBoard(topology); !problem.empty())
            return Error{std::move(problem), "topology " + id};
        if (std::string problem = cephProblem(topology); !problem.empty())
            return Error{std::move(problem), "topology " + id};
        // Hosts are numbered in the order of the file.
        const json& machines = topology.at("machines");
        for (std::size_t i = 0; i < machines.size(); ++i) {
            const std::string role = machines[i].at("role");
            if (role == "control-plane")
                settings.controlPlane.push_back(HostId(i));
            if (role == "control-plane" || role == "worker" || role == "gpu")
                settings.nodes.push_back(HostId(i));
        }
        const auto start = kube::parseRfc3339(topology.at("start").get_ref<const std::string&>());
        if (!start)
            return Error{"\"start\" is not a time such as 2026-03-02T09:00:00Z", "topology " + id};
        World world(*start, seed, std::move(settings));
        world.m_topology = id;
        TopologyBuilder builder(world, topology);
        builder.addSwitches();
        builder.addMachines();
        builder.addCeph();
        if (!builder.addPrograms())
            return Error{"\"installed\" names a program or version that content/programs does not have", "topology " + id};
        if (!builder.addRegistry())
            return Error{"the registry's machine is not among the machines", "topology " + id};
        builder.addImages();
        builder.expectDevicePlugins();
        if (const auto fabric = topology.find("computeFabric"); fabric != topology.end())
            if (const std::string problem = builder.addComputeFabric(*fabric); !problem.empty())
                return Error{problem, "topology " + id};
        if (const std::string problem = builder.addDockers(); !problem.empty())
            return Error{problem, "topology " + id};
        if (world.m_cluster.settings().hosted || !world.m_cluster.settings().nodes.empty())
            builder.startCluster();
        builder.addLoad();
        builder.addCheckpoints();
        builder.addFakeNodes();
        builder.addPodRoutes();
        if (const std::string problem = builder.applyManifests(); !problem.empty())
            return Error{problem, "topology " + id};
        world.settle();
        return world;
    } catch (const json::exception& problem) {
        return Error{std::string("the topology does not fit its schema: ") + problem.what(), "topology " + id};
    } catch (const std::out_of_range&) {
        return Error{"the topology names something that it does not define (a switch, machine, program or program kind)", "topology " + id};
    }
}

void TopologyBuilder::addSwitches()
{
    for (const json& one : m_topology.at("switches")) {
        net::Switch sw;
        sw.name = one.at("name");
        sw.spine = one.value("spine", false);
        sw.bitsPerSecond = one.value("gbit", 100.0) * 1e9;
        sw.mtu = one.value("mtu", sw.mtu);
        m_switches[sw.name] = m_world.m_network.addSwitch(sw);
        for (const std::string& up : strings(one, "uplinks")) {
            net::Link link;
            link.upper = m_switches.at(up);
            link.lower = m_switches.at(sw.name);
            link.bitsPerSecond = sw.bitsPerSecond;
            link.latency = kCableLatency;
            m_world.m_network.addLink(link);
        }
    }
}

void TopologyBuilder::addMachines()
{
    for (const json& machine : m_topology.at("machines"))
        addMachine(machine);
    addCooling();
    m_world.m_gpus.start(m_world.m_engine);
    for (const gpu::Node& node : m_world.m_gpus.nodes())
        m_world.onGpuUnits(node.host);
}

bool TopologyBuilder::addPrograms()
{
    const json catalogue = m_topology.value("programs", json::object());
    for (const json& document : catalogue)
        m_world.m_programs.add(std::make_shared<const programs::Code>(programs::codeOf(document)));
    for (const json& one : m_topology.value("installed", json::array())) {
        const HostId host = hostNamed(one.at("machine"));
        const std::string name = one.at("program");
        if (!m_world.m_programs.install(m_world.m_hosts, host, name, one.value("version", ""), m_world.now()))
            return false;
        if (one.contains("requestsPerSecond"))
            m_world.m_programs.setRequestRate(host, name, one.at("requestsPerSecond"));
        m_world.m_hosts.startUnit(m_world.m_engine, m_world.m_network, host, name + ".service");
    }
    return true;
}

void TopologyBuilder::addMachine(const json& machine)
{
    const json& network = m_topology.at("network");
    const net::Prefix nodes = prefix(network.at("nodes"));
    host::StandardMachine description;
    description.name = machine.at("name");
    description.role = machine.at("role");
    description.cpus = machine.value("cpus", 4);
    description.memoryBytes = static_cast<std::int64_t>(machine.value("memoryGiB", 16.0) * kGiB);
    description.diskBytes = static_cast<std::int64_t>(machine.value("diskGiB", 80.0) * kGiB);
    description.address = address(machine.at("address"));
    description.prefixLength = static_cast<std::uint8_t>(machine.value("prefixLength", int{nodes.length}));
    description.gateway = address(machine.contains("gateway") ? machine.at("gateway") : network.at("gateway"));
    if (description.gateway == description.address) // a router has no other one
        description.gateway.reset();
    description.forwards = machine.value("forwards", false);
    description.dataDiskBytes = static_cast<std::int64_t>(machine.value("dataDiskGiB", 0.0) * kGiB);
    description.dataMount = machine.value("dataMount", "");
    description.dataInodes = machine.value("dataInodes", std::int64_t{0});
    for (const json& card : machine.value("cards", json::array()))
        description.cards.push_back({card.at("name"), prefix(card.at("address"))});
    for (const json& route : machine.value("routes", json::array()))
        description.routes.emplace_back(prefix(route.at("to")), address(route.at("via")));
    for (const json& unit : machine.value("units", json::array()))
        description.ownUnits.push_back(unitOf(unit));
    description.nameserver = address(network.at("nameserver"));
    description.apiServer = "https://api.lab:6443";
    description.clusterDns = address(network.at("dns"));
    if (description.isNode())
        description.podNetwork = prefix(network.at("pods"));
    if (description.role == "control-plane")
        for (const json& other : m_topology.at("machines"))
            if (other.at("role") == description.role)
                description.controlPlane.emplace_back(address(other.at("address")), other.at("name").get<std::string>());
    // The site nameserver serves its own /etc/hosts: every machine and every service name is in it.
    const bool nameserver = description.address == description.nameserver;
    for (const json& other : m_topology.at("machines"))
        if (nameserver || description.role == "bastion")
            description.hosts.emplace_back(address(other.at("address")), other.at("name").get<std::string>());
    if (nameserver)
        for (const auto& [name, targets] : m_topology.at("names").items())
            for (const json& target : targets.is_array() ? targets : json::array({targets}))
                description.hosts.emplace_back(address(target), name);

    if (const auto files = m_topology.find("files"); files != m_topology.end())
        if (const auto own = files->find(description.name); own != files->end())
            for (const auto& [path, file] : own->items())
                description.files[path] = std::make_shared<host::File>(fileOf(file));

    if (machine.contains("gpus"))
        description.files.merge(gpu::driverFiles(gpu::kDriverVersion));
    addCephUnits(description);

    RandomStream& random = m_world.m_engine.random("host/build/" + description.name);
    host::Machine built = host::standardMachine(description, m_world.now(), random);
    const HostId id = m_world.m_hosts.add(std::move(built));
    for (auto& [unitName, unit] : m_world.m_hosts.at(id).units)
        m_world.m_hosts.armTimer(m_world.m_engine, id, unit);
    m_world.m_hosts.watchCron(m_world.m_engine, id);

    net::Stack stack = host::standardStack(description);
    stack.host = id;
    host::Machine& stored = m_world.m_hosts.at(id);
    stack.listeners = host::listenersOf(stored);
    stored.stack = m_world.m_network.addStack(std::move(stack));

    const auto cable = [&](const std::string& card, const std::string& leaf) {
        net::Link link;
        link.machine = stored.stack;
        link.interface = card;
        link.upper = m_switches.at(leaf);
        link.bitsPerSecond = machine.value("linkGbit", 25.0) * 1e9;
        link.latency = kCableLatency;
        m_world.m_network.addLink(link);
    };
    cable("eth0", machine.at("leaf"));
    for (const json& card : machine.value("cards", json::array()))
        cable(card.at("name"), card.at("leaf"));

    if (machine.contains("gpus"))
        addGpus(id, machine.at("gpus"));
}

void TopologyBuilder::addGpus(HostId host, const json& gpus)
{
    // An HGX board's bus addresses, in the order nvidia-smi lists them.
    static constexpr const char* kBus[] = {"1B", "43", "52", "61", "9D", "C3", "D1", "DF"};
    const gpu::Board* board = gpu::boardNamed(gpus.at("model").get_ref<const std::string&>());
    FL_ASSERT(board != nullptr); // unknownBoard refused it
    RandomStream& random = m_world.m_engine.random("gpu/build");
    const int count = gpus.value("count", 8);
    for (int i = 0; i < count; ++i) {
        gpu::Gpu gpu;
        gpu.host = host;
        gpu.index = i;
        gpu.board = board - gpu::boards().data();
        gpu.slot.busId = fmt::format("00000000:{}:00.0", kBus[i % 8]);
        gpu.card = gpu::newCard(random);
        m_world.m_gpus.add(std::move(gpu));
    }
    gpu::Node& node = *m_world.m_gpus.nodeOf(host);
    node.usualLimitW = gpus.value("powerLimitW", node.usualLimitW);
    node.chassis.recirculation = gpus.value("recirculation", node.chassis.recirculation);
    node.cooling.sinkOhms = gpus.value("sinkOhms", node.cooling.sinkOhms);
    node.chassis.fullFlow = gpus.value("airflow", node.chassis.fullFlow);
}

void TopologyBuilder::expectDevicePlugins()
{
    for (const json& image : m_topology.at("images"))
        if (image.contains("program") && image.at("program").value("name", "") == "nvidia-device-plugin")
            for (const gpu::Node& node : m_world.m_gpus.nodes())
                m_world.m_gpus.nodeOf(node.host)->pluginManaged = true;
}

void TopologyBuilder::addCooling()
{
    gpu::Row row;
    const json from = m_topology.value("cooling", json::object());
    row.name = from.value("row", row.name);
    row.joulesPerKelvin = from.value("kJPerKelvin", row.joulesPerKelvin / 1e3) * 1e3;
    for (const json& unit : from.value("units", json::array()))
        row.units.push_back({unit.at("name"), unit.at("kW").get<double>() * 1e3, true, {}});
    if (row.units.empty())
        row.units = {{"crac-1"}, {"crac-2"}};
    m_world.m_gpus.addRow(std::move(row));
}

std::string TopologyBuilder::addComputeFabric(const json& fabric)
{
    static const std::map<std::string, net::rdma::LaneSpeed> kSpeeds{{"EDR", net::rdma::LaneSpeed::Edr}, {"HDR", net::rdma::LaneSpeed::Hdr},
                                                                      {"NDR", net::rdma::LaneSpeed::Ndr}, {"XDR", net::rdma::LaneSpeed::Xdr}};
    net::rdma::FabricSpec spec;
    const std::string kind = fabric.value("kind", "infiniband");
    spec.layer = kind == "roce" ? net::rdma::LinkLayer::Ethernet : net::rdma::LinkLayer::InfiniBand;
    spec.speed = kSpeeds.at(fabric.value("speed", "NDR"));
    spec.nodesPerUnit = fabric.value("nodesPerUnit", spec.nodesPerUnit);
    spec.spines = fabric.value("spines", 0);
    spec.oversubscription = fabric.value("oversubscription", 1.0);
    spec.switchPrefix = fabric.value("switchPrefix", "");
    for (const gpu::Node& node : m_world.m_gpus.nodes())
        spec.nodes.push_back({node.host, m_world.m_hosts.at(node.host).name});
    if (spec.layer == net::rdma::LinkLayer::Ethernet) { // RoCE v2 as it is meant to be set: DSCP 26 is lossless
        spec.qos = {net::rdma::Trust::Dscp, 1 << 3, 1 << 3};
        spec.watchdog.on = fabric.value("pauseWatchdog", false);
    }
    constexpr int kRails = 8;
    const auto nodes = static_cast<int>(spec.nodes.size());
    const int unit = std::min(spec.nodesPerUnit, std::max(1, nodes));
    const int leaves = kRails * ((nodes + unit - 1) / unit);
    spec.nodesPerUnit = unit;
    const int uplinks = static_cast<int>(std::ceil(unit / spec.oversubscription));
    if (spec.spines > 0 && leaves * uplinks > spec.spines * spec.switchPorts)
        return fmt::format("\"computeFabric\": {} leaves with {} uplinks each do not fit into {} spines of {} ports; add spines, or oversubscription", leaves, uplinks,
                           spec.spines, spec.switchPorts);
    m_world.m_rdma = net::rdma::Fabric::build(spec, m_world.now());
    return {};
}

bool TopologyBuilder::addRegistry()
{
    const json& from = m_topology.at("registry");
    container::Registry registry;
    registry.name = from.at("name");
    const host::Machine* machine = m_world.m_hosts.find(from.at("machine").get<std::string>());
    if (machine == nullptr)
        return false;
    registry.host = machine->id;
    registry.root = "/var/lib/registry";
    registry.pullLimit = from.value("pullLimit", std::int64_t{0});
    for (const auto& [user, account] : from.at("accounts").items())
        registry.accounts[user] = {account.at("password"), account.at("projects").get<std::vector<std::string>>()};
    m_world.m_registries.add(std::move(registry));
    return true;
}

void TopologyBuilder::addImages()
{
    kube::Context context = m_world.kubeContext();
    container::Context runtime = context.runtimeContext();
    container::Registry* registry = m_world.m_registries.find(m_topology.at("registry").at("name").get<std::string>());
    for (const json& from : m_topology.at("images")) {
        const std::string where = from.value("registry", "lab");
        const std::string repository = from.at("repository");
        const std::vector<std::string> tags = strings(from, "tags");
        for (const std::string& tag : tags) {
            const auto image = imageOf(from, tag, m_world.now());
            m_images[(where == "lab" ? registry->name : where) + "/" + repository + ":" + tag] = image;
            if (where == "lab")
                m_world.m_registries.push(m_world.m_engine, m_world.m_hosts, *registry, repository, tag, image);
            // The nodes have been running for days: what runs now is on their disks already.
            if (&tag == &tags.back())
                for (const HostId node : m_world.m_cluster.settings().nodes)
                    m_world.m_runtimes.preload(runtime, node, (where == "lab" ? registry->name : where) + "/" + repository + ":" + tag, image);
        }
    }
}

void TopologyBuilder::addCheckpoints()
{
    for (const json& one : m_topology.value("checkpoints", json::array()))
        m_world.m_training.addCheckpoint(one.at("folder"), one.at("iteration"));
}

void TopologyBuilder::addLoad()
{
    LoadProfile profile;
    const json& load = m_topology.at("load");
    profile.chain = strings(load, "chain");
    profile.hostChain = strings(load, "hostChain");
    profile.training = load.value("training", false);
    profile.serving = load.value("serving", false);
    profile.requestsPerSecond = profile.training || profile.serving ? 0.0 : load.at("requestsPerSecond").get<double>();
    if (load.contains("users"))
        profile.users = m_world.m_hosts.at(hostNamed(load.at("users"))).stack;
    m_world.m_load.setProfile(std::move(profile));
    for (const json& from : m_topology.value("modelClients", json::array()))
        m_world.m_serving.addClient(clientOf(from), m_world.m_engine.random("serving/clients").next(), m_world.now());
    for (const json& from : m_topology.value("services", json::array())) {
        HostService service;
        service.name = from.at("name");
        for (const std::string& machine : strings(from, "machines"))
            service.machines.push_back(hostNamed(machine));
        service.port = from.at("port");
        service.requestsPerSecond = from.value("requestsPerSecond", 0.0);
        service.serviceTime = fromSeconds(from.value("serviceMilliseconds", 1.0) / 1e3);
        service.coresPerRequest = from.value("coresPerRequest", 0.0);
        service.upstreamFile = from.value("settings", "");
        service.upstreamKey = from.value("upstreamKey", "");
        service.outsideKey = from.value("outsideKey", "");
        service.outsideShare = from.value("outsideShare", 0.0);
        service.retries = from.value("retries", false);
        service.dataFolder = from.value("dataFolder", "");
        service.writeShare = from.value("writeShare", 0.0);
        for (const HostId machine : service.machines) // its program does not start without its data
            for (auto& [name, unit] : m_world.m_hosts.at(machine).units)
                if (std::find(unit.listens.begin(), unit.listens.end(), service.port) != unit.listens.end())
                    unit.folders.data = service.dataFolder;
        service.log = from.value("log", "");
        m_world.m_load.addService(std::move(service));
    }
    for (const std::string& name : m_world.m_load.profile().hostChain)
        m_world.m_load.services().at(name);
    for (const json& rule : m_topology.at("alerts"))
        m_world.m_telemetry.addRule(ruleOf(rule));
}

HostId TopologyBuilder::hostNamed(const std::string& name) const
{
    const host::Machine* machine = m_world.m_hosts.find(name);
    FL_ASSERT(machine != nullptr); // unknownMachine refused it
    return machine->id;
}

void TopologyBuilder::startCluster()
{
    kube::Context context = m_world.kubeContext();
    m_world.m_cluster.start(context);
    // The control plane comes up and the nodes register: what follows goes through the API.
    const Instant latest = m_world.now() + kControlPlaneStart;
    const auto registered = [&] {
        return m_world.m_cluster.apiAvailable(context)
            && m_world.m_cluster.store().all<kube::Node>().size() == m_world.m_cluster.settings().nodes.size();
    };
    while (!registered() && m_world.now() < latest)
        m_world.runUntil(m_world.now() + 1s);
    const auto labels = m_topology.value("nodeLabels", json::object());
    const auto taints = m_topology.value("nodeTaints", json::object());
    for (const HostId id : m_world.m_cluster.settings().nodes) {
        const host::Machine& machine = m_world.m_hosts.at(id);
        kube::Request patch;
        patch.verb = kube::Verb::Patch;
        patch.patchType = kube::PatchType::Merge;
        patch.resource = "nodes";
        patch.name = machine.name;
        for (const std::string& whom : {machine.role, machine.name}) {
            if (labels.contains(whom))
                patch.body["metadata"]["labels"].update(labels.at(whom));
            if (taints.contains(whom))
                for (const json& taint : taints.at(whom))
                    patch.body["spec"]["taints"].push_back(taint);
        }
        if (!patch.body.is_null())
            m_world.m_cluster.handle(context, patch);
    }
}

void TopologyBuilder::addFakeNodes()
{
    const auto found = m_topology.find("fakeNodes");
    if (found == m_topology.end())
        return;
    kube::Context context = m_world.kubeContext();
    const std::int64_t count = found->at("count");
    for (std::int64_t i = 1; i <= count; ++i) {
        kube::FakeNode node;
        node.name = found->at("prefix").get<std::string>() + std::to_string(i);
        node.capacity["cpu"] = kube::Quantity::ofMilli(1000 * found->value("cpus", std::int64_t{16}));
        node.capacity["memory"] = kube::Quantity::ofBytes(found->value("memoryGiB", std::int64_t{64}) << 30);
        node.labels["lab.example/fake"] = "true";
        kube::Taint taint; // nothing gets here by accident: nobody would run it
        taint.key = "lab.example/fake";
        taint.value = "true";
        taint.effect = "NoSchedule";
        node.taints.push_back(std::move(taint));
        m_world.m_cluster.joinFakeNode(context, node);
    }
}

void TopologyBuilder::addPodRoutes()
{
    // Calico without encapsulation: each node routes every other node's pod range to that node, and drops what is for an
    // address of its own range that no pod has.
    const auto& nodes = m_world.m_cluster.store().all<kube::Node>();
    for (const auto& [key, node] : nodes) {
        const auto range = net::Prefix::parse(node->spec.podCIDR);
        const host::Machine* owner = m_world.m_hosts.find(key.name);
        if (!range || owner == nullptr)
            continue;
        const auto via = m_world.m_network.stack(owner->stack).primaryAddress();
        for (const auto& [otherKey, other] : nodes) {
            const host::Machine* machine = m_world.m_hosts.find(otherKey.name);
            if (machine == nullptr)
                continue;
            auto& routes = m_world.m_network.stack(machine->stack).routes;
            if (machine->id == owner->id)
                routes.push_back({.destination = *range, .type = net::Route::Type::Blackhole, .protocol = "bird"});
            else
                routes.push_back({.destination = *range, .via = via, .device = "eth0", .protocol = "bird", .scope = "global"});
            std::stable_sort(routes.begin(), routes.end(),
                             [](const net::Route& a, const net::Route& b) { return a.destination.length > b.destination.length; });
        }
    }
    m_world.m_network.changed(m_world.m_engine);
}

std::string TopologyBuilder::applyManifests()
{
    kube::Context context = m_world.kubeContext();
    for (const json& manifest : m_topology.at("manifests")) {
        const std::string kind = manifest.at("kind");
        const kube::KindInfo* info = kube::findKind(kind);
        const auto custom = info == nullptr ? kube::findCustomResource(m_world.m_cluster.store(), kind) : std::nullopt;
        if (info == nullptr && !custom)
            return "unknown kind " + kind;
        kube::Request create;
        create.verb = kube::Verb::Create;
        create.resource = custom ? custom->definition->metadata.name : info->groupResource();
        const json& metadata = manifest.at("metadata");
        create.namespace_ = metadata.value("namespace", "");
        create.name = metadata.at("name");
        create.body = manifest;
        const kube::Response response = m_world.m_cluster.handle(context, create);
        if (!response.ok())
            return kind + " " + create.name + ": " + response.body.value("message", std::string("refused"));
    }
    return {};
}

} // namespace sim
