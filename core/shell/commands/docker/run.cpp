// docker run and docker create: from words to Settings; what runs in the foreground.
#include "core/shell/commands/docker/client.h"

#include "core/shell/commands/container_files.h"
#include "core/shell/quoting.h"
#include "sim/engine/split.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::docker {

namespace {

using namespace sim::container::docker;

constexpr int kDaemonFailed = 125;
constexpr int kCannotRun = 126;
constexpr int kNotFound = 127;

/// Empty, or what is wrong with a -p.
std::string addPorts(Settings& settings, const std::string& text)
{
    Publish publish;
    const std::string bare = text.substr(0, text.find('/'));
    const std::string protocol = text.find('/') == std::string::npos ? "tcp" : text.substr(text.find('/') + 1);
    if (protocol != "tcp" && protocol != "udp")
        return fmt::format("invalid proto: {}", protocol);
    publish.udp = protocol == "udp";
    const std::vector<std::string> parts = sim::split(bare, ':');
    const auto range = [](const std::string& part, std::int64_t& first, std::int64_t& last) {
        first = last = std::atoll(part.c_str());
        if (const auto dash = part.find('-'); dash != std::string::npos)
            last = std::atoll(part.c_str() + dash + 1);
        return !part.empty() && part.find_first_not_of("0123456789-") == std::string::npos && first > 0 && last >= first && last < 65536;
    };
    std::int64_t inside = 0, insideLast = 0, outside = 0, outsideLast = 0;
    if (!range(parts.back(), inside, insideLast))
        return fmt::format("invalid containerPort: {}", parts.back());
    if (parts.size() > 1 && !parts[parts.size() - 2].empty() && !range(parts[parts.size() - 2], outside, outsideLast))
        return fmt::format("invalid hostPort: {}", parts[parts.size() - 2]);
    if (parts.size() > 2 && !parts.front().empty()) {
        publish.address = sim::net::Ipv4::parse(parts.front());
        if (!publish.address)
            return fmt::format("invalid IP address: {}", parts.front());
        if (publish.address->value == 0)
            publish.address.reset();
    }
    if (outside != 0 && outsideLast - outside != insideLast - inside)
        return fmt::format("invalid ranges specified for container and host Ports: {} and {}", parts.back(), parts[parts.size() - 2]);
    for (std::int64_t port = inside; port <= insideLast; ++port) {
        publish.containerPort = port;
        publish.hostPort = outside == 0 ? 0 : outside + port - inside;
        settings.ports.push_back(publish);
        const std::string exposed = fmt::format("{}/{}", port, protocol);
        if (std::find(settings.exposed.begin(), settings.exposed.end(), exposed) == settings.exposed.end())
            settings.exposed.push_back(exposed);
    }
    return {};
}

std::string addMount(Client& client, Settings& settings, const std::string& text)
{
    const std::vector<std::string> parts = sim::split(text, ':');
    MountPoint mount;
    if (parts.size() == 1) {
        mount.target = parts[0];
    } else {
        mount.source = parts[0];
        mount.target = parts[1];
        if (parts.size() > 2)
            mount.readOnly = parts[2] == "ro" || parts[2].rfind("ro,", 0) == 0;
        if (mount.source.empty() || parts.size() > 3)
            return fmt::format("invalid spec: {}: empty section between colons", text);
        if (mount.source.front() == '/' || mount.source.front() == '.' || mount.source.front() == '~') {
            mount.kind = MountPoint::Kind::Bind;
            mount.source = client.inv.absolutePath(mount.source);
        }
    }
    if (mount.target.empty() || mount.target.front() != '/')
        return fmt::format("invalid volume specification: '{}': invalid mount config for type \"{}\": invalid mount path: '{}' mount path must be absolute", text,
                           mount.kind == MountPoint::Kind::Bind ? "bind" : "volume", mount.target);
    settings.mounts.push_back(std::move(mount));
    return {};
}

std::string addLongMount(Client& client, Settings& settings, const std::string& text)
{
    MountPoint mount;
    for (const std::string& field : sim::split(text, ',')) {
        const auto equals = field.find('=');
        const std::string key = field.substr(0, equals);
        const std::string value = equals == std::string::npos ? std::string() : field.substr(equals + 1);
        if (key == "type")
            mount.kind = value == "bind" ? MountPoint::Kind::Bind : value == "tmpfs" ? MountPoint::Kind::Tmpfs : MountPoint::Kind::Volume;
        else if (key == "source" || key == "src")
            mount.source = value;
        else if (key == "target" || key == "dst" || key == "destination")
            mount.target = value;
        else if (key == "readonly" || key == "ro")
            mount.readOnly = value.empty() || value == "true";
    }
    if (mount.target.empty())
        return fmt::format("invalid argument \"{}\" for \"--mount\" flag: target is required", text);
    if (mount.kind == MountPoint::Kind::Bind) {
        mount.mustExist = true;
        mount.source = client.inv.absolutePath(mount.source);
    }
    settings.mounts.push_back(std::move(mount));
    return {};
}

std::optional<sim::Duration> durationOf(const std::string& text)
{
    sim::Duration sum{};
    for (std::size_t i = 0; i < text.size();) {
        std::size_t used = 0;
        double n = 0;
        try {
            n = std::stod(text.substr(i), &used);
        } catch (const std::exception&) {
            return std::nullopt;
        }
        i += used;
        std::string unit;
        while (i < text.size() && std::isalpha(static_cast<unsigned char>(text[i])))
            unit += text[i++];
        const double scale = unit == "ms" ? 1e-3 : unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : -1;
        if (scale < 0)
            return std::nullopt;
        sum += sim::fromSeconds(n * scale);
    }
    return sum;
}

/// What is wrong with the words; empty: `create` is filled.
std::string settingsOf(Client& client, const Call& call, CreateContainer& create)
{
    const Options& o = call.options;
    Settings& s = create.settings;
    create.name = o.value("name");
    s.image = call.operands.front();
    s.command.assign(call.operands.begin() + 1, call.operands.end());
    if (o.has("entrypoint"))
        s.entrypoint = std::vector<std::string>{o.value("entrypoint")};
    for (const std::string& path : o.values("env-file")) {
        const ReadFile file = client.inv.system().readFile(client.inv.place(), client.inv.absolutePath(path));
        if (file.error != Errno::None)
            return fmt::format("open {}: no such file or directory", path);
        for (const std::string& line : sim::split(file.text, '\n'))
            if (!line.empty() && line.front() != '#')
                s.environment.push_back(line);
    }
    for (const std::string& one : o.values("env")) {
        if (one.find('=') != std::string::npos)
            s.environment.push_back(one);
        else if (const auto value = client.inv.variable(one))
            s.environment.push_back(one + "=" + *value);
    }
    for (const std::string& one : o.values("label"))
        s.labels[one.substr(0, one.find('='))] = one.find('=') == std::string::npos ? std::string() : one.substr(one.find('=') + 1);
    s.hostname = o.value("hostname");
    s.user = o.value("user");
    s.workingDirectory = o.value("workdir");
    s.terminal = o.has("tty");
    s.interactive = o.has("interactive");
    s.autoRemove = o.has("rm");
    s.privileged = o.has("privileged");
    s.readOnly = o.has("read-only");
    s.init = o.has("init");
    s.network = o.value("network", o.value("net", "bridge"));
    if (s.network == "default")
        s.network = "bridge";
    s.aliases = o.values("network-alias");
    if (o.has("ip")) {
        s.fixedAddress = sim::net::Ipv4::parse(o.value("ip"));
        if (!s.fixedAddress)
            return fmt::format("invalid IPv4 address: {}", o.value("ip"));
    }
    for (const std::string& one : o.values("publish"))
        if (std::string wrong = addPorts(s, one); !wrong.empty())
            return fmt::format("{}", wrong);
    for (const std::string& one : o.values("expose"))
        s.exposed.push_back(one.find('/') == std::string::npos ? one + "/tcp" : one);
    s.publishAll = o.has("publish-all");
    for (const std::string& one : o.values("volume"))
        if (std::string wrong = addMount(client, s, one); !wrong.empty())
            return wrong;
    for (const std::string& one : o.values("mount"))
        if (std::string wrong = addLongMount(client, s, one); !wrong.empty())
            return wrong;
    for (const std::string& one : o.values("tmpfs"))
        s.mounts.push_back({.kind = MountPoint::Kind::Tmpfs, .target = one.substr(0, one.find(':'))});
    for (const auto& [option, value] : {std::pair("memory", &s.limits.memoryBytes), std::pair("memory-swap", &s.limits.memorySwapBytes)})
        if (o.has(option)) {
            const std::string text = o.value(option);
            const auto bytes = text == "-1" ? std::optional<std::int64_t>(-1) : bytesOf(text);
            if (!bytes)
                return fmt::format("invalid argument \"{}\" for \"{}--{}\" flag: invalid size: '{}'", text, std::string(option) == "memory" ? "-m, " : "", option, text);
            *value = *bytes;
        }
    if (o.has("cpus")) {
        s.limits.cpus = std::strtod(o.value("cpus").c_str(), nullptr);
        if (s.limits.cpus <= 0)
            return fmt::format("invalid argument \"{0}\" for \"--cpus\" flag: failed to parse {0} as a rational number", o.value("cpus"));
    }
    s.limits.pids = std::atoll(o.value("pids-limit", "0").c_str());
    s.limits.cpuShares = std::atoll(o.value("cpu-shares", "0").c_str());
    if (o.has("restart")) {
        const std::string text = o.value("restart");
        const auto colon = text.find(':');
        s.restart.name = text.substr(0, colon);
        if (colon != std::string::npos) {
            s.restart.maximumRetries = std::atoll(text.c_str() + colon + 1);
            if (s.restart.name != "on-failure")
                return "invalid restart policy: maximum retry count can only be used with 'on-failure'";
        }
        if (s.restart.name != "no" && s.restart.name != "always" && s.restart.name != "unless-stopped" && s.restart.name != "on-failure")
            return fmt::format("invalid restart policy: unknown policy '{}'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'", s.restart.name);
        if (s.autoRemove && s.restart.name != "no")
            return "conflicting options: cannot specify both --restart and --rm";
    }
    if (o.has("health-cmd") || o.has("no-healthcheck")) {
        sim::container::HealthCheck check;
        check.test = o.has("no-healthcheck") ? std::vector<std::string>{"NONE"} : std::vector<std::string>{"CMD-SHELL", o.value("health-cmd")};
        for (const auto& [option, value] : {std::pair("health-interval", &check.interval), std::pair("health-timeout", &check.timeout), std::pair("health-start-period", &check.startPeriod)})
            if (o.has(option)) {
                const auto parsed = durationOf(o.value(option));
                if (!parsed)
                    return fmt::format("invalid argument \"{0}\" for \"--{1}\" flag: time: invalid duration \"{0}\"", o.value(option), option);
                *value = *parsed;
            }
        if (o.has("health-retries"))
            check.retries = std::atoll(o.value("health-retries").c_str());
        s.health = check;
    }
    s.extraHosts = o.values("add-host");
    s.logDriver = o.value("log-driver", "json-file");
    for (const std::string& one : o.values("log-opt")) {
        if (one.rfind("max-size=", 0) == 0)
            s.logMaxBytes = bytesOf(one.substr(9)).value_or(0);
        if (one.rfind("max-file=", 0) == 0)
            s.logMaxFiles = std::max(1LL, std::atoll(one.c_str() + 9));
    }
    s.stopSignal = o.value("stop-signal", "SIGTERM");
    s.stopTimeout = std::atoll(o.value("stop-timeout", "10").c_str());
    return {};
}

/// "docker: ....\nSee 'docker run --help'."
int runError(Client& client, const Call& call, const std::string& text, int status = kDaemonFailed)
{
    client.inv.err().write(fmt::format("docker: {}{}\nSee '{} --help'.\n", text, text.empty() || text.back() == '.' ? "" : ".", call.shownAs));
    return status;
}

int statusOf(const std::string& error)
{
    if (error.find("executable file not found") != std::string::npos || error.find("no such file or directory") != std::string::npos)
        return kNotFound;
    return error.find("permission denied") != std::string::npos ? kCannotRun : kDaemonFailed;
}

/// What is no program of the image but a tool that containers have runs at the learner's terminal: a shell, a ping, an ls.
bool runsHere(const Client& client, const Settings& settings)
{
    const StoredImage* stored = client.findImage(settings.image);
    if (stored == nullptr)
        return false;
    const sim::container::ImageConfig defaults = sim::container::defaultsOf(*stored->image);
    std::vector<std::string> words = settings.entrypoint ? *settings.entrypoint : defaults.entrypoint;
    const auto& command = settings.command.empty() && !settings.entrypoint ? defaults.command : settings.command;
    words.insert(words.end(), command.begin(), command.end());
    if (words.empty() || words.front().empty())
        return false;
    const auto lastPart = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
    const std::string name = lastPart(words.front());
    const auto& own = stored->image->program.command;
    if (!own.empty() && lastPart(own.front()) == name)
        return false;
    sim::container::Container sample;
    sample.program = stored->image->program;
    return containerHasCommand(sample, name);
}

/// Creates the container, pulling its image first where need be. Empty id: it was said why. `here`: what it runs in the
/// foreground runs at this terminal.
std::string created(Client& client, const Call& call, CreateContainer& create, int& status, bool& here)
{
    if (const std::string wrong = settingsOf(client, call, create); !wrong.empty()) {
        status = runError(client, call, wrong);
        return {};
    }
    if (!sim::container::Reference::parse(create.settings.image)) {
        status = runError(client, call, "invalid reference format" + std::string(create.settings.image.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos
                                                                                     ? ": repository name (" + create.settings.image + ") must be lowercase" : ""));
        return {};
    }
    if (const std::string problem = client.unreachable("HEAD", "/_ping"); !problem.empty()) {
        status = runError(client, call, problem);
        return {};
    }
    const std::string pull = call.options.value("pull", "missing");
    if (client.findImage(create.settings.image) == nullptr || pull == "always") {
        if (pull == "never") {
            status = runError(client, call, "Error response from daemon: No such image: " + familiar(sim::container::Reference::parse(create.settings.image)->text()));
            return {};
        }
        if (pull != "always")
            client.inv.err().write(fmt::format("Unable to find image '{}' locally\n", familiar(sim::container::Reference::parse(create.settings.image)->text())));
        if (const std::string error = pullWithProgress(client, create.settings.image, call.options.has("quiet")); !error.empty()) {
            status = runError(client, call, "Error response from daemon: " + error);
            return {};
        }
    }
    here = runsHere(client, create.settings);
    const bool detached = call.options.has("detach") || call.shownAs.ends_with("create");
    create.settings.interactive = here && (!detached || create.settings.interactive);
    const Outcome outcome = client.call(create);
    if (!outcome.ok()) {
        status = runError(client, call, "Error response from daemon: " + outcome.error);
        return {};
    }
    return outcome.id;
}

int createOnly(Client& client, const Call& call)
{
    CreateContainer create;
    int status = 0;
    bool here = false;
    const std::string id = created(client, call, create, status, here);
    if (id.empty())
        return status == kDaemonFailed ? 1 : status;
    client.inv.print(id + "\n");
    return 0;
}

int inForeground(Client& client, const std::string& id, bool interactive)
{
    const Container container = *client.find(id);
    Place place = client.inv.place();
    place.container = container.task;
    place.user = container.settings.user.empty() ? "root" : container.settings.user;
    std::vector<std::string> words = *container.settings.entrypoint;
    words.insert(words.end(), container.settings.command.begin(), container.settings.command.end());
    const std::string name = words.front().substr(words.front().rfind('/') + 1);
    int status = 0;
    if ((name == "sh" || name == "bash" || name == "ash") && words.size() == 1) {
        status = interactive ? client.inv.openShellAt(place) : 0;
    } else {
        std::string line;
        if ((name == "sh" || name == "bash" || name == "ash") && words.size() > 2 && words[1] == "-c")
            line = words[2];
        else
            for (const std::string& word : words)
                line += (line.empty() ? "" : " ") + shellQuoted(word);
        status = client.inv.runAt(place, line);
    }
    client.call(EndContainer{id, status});
    return status;
}

int run(Client& client, const Call& call)
{
    CreateContainer create;
    int status = 0;
    const bool detached = call.options.has("detach");
    if (!detached && call.options.has("tty") && call.options.has("interactive") && !client.inv.in().isTerminal() && !client.inv.out().isTerminal()) {
        client.inv.err().write("the input device is not a TTY\n");
        return 1;
    }
    bool here = false;
    const std::string id = created(client, call, create, status, here);
    if (id.empty())
        return status;
    // A tool in the foreground runs at this terminal for as long as it takes.
    Outcome started = client.call(StartContainer{id});
    if (!started.ok()) {
        status = runError(client, call, "Error response from daemon: " + started.error, statusOf(started.error));
        if (const auto* known = client.find(id); known != nullptr && known->settings.autoRemove)
            client.call(RemoveContainer{id, true, true});
        return status;
    }
    const auto* container = client.find(id);
    if (container != nullptr)
        client.noteContainer(*container);
    if (detached) {
        client.inv.print(id + "\n");
        return 0;
    }
    if (container == nullptr)
        return 0;
    const bool removed = create.settings.autoRemove;
    const auto gone = [&](int code) {
        if (removed)
            waitWhile(client.inv, [&] { return client.docker().up && client.docker().containers.count(id) > 0; });
        return code;
    };
    if (client.running(id) && here) {
        try {
            return gone(inForeground(client, id, call.options.has("interactive")));
        } catch (const Interrupted&) {
            client.inv.door().apply(sim::Command{sim::command::DockerCall{client.inv.place().host, EndContainer{id, 130}}});
            throw;
        }
    }
    try {
        return gone(streamLogs(client, id, 0, true, false));
    } catch (const Interrupted&) { // --sig-proxy: Ctrl-C goes to the container
        client.inv.door().apply(sim::Command{sim::command::DockerCall{client.inv.place().host, KillContainer{id, 2}}});
        throw;
    }
}

std::vector<OptionSpec> settingsOptions()
{
    return {{0, "add-host", "list", "Add a custom host-to-IP mapping (host:ip)"}, {'c', "cpu-shares", "int", "CPU shares (relative weight)"},
            {0, "cpus", "decimal", "Number of CPUs"}, {0, "entrypoint", "string", "Overwrite the default ENTRYPOINT of the image"},
            {'e', "env", "list", "Set environment variables"}, {0, "env-file", "list", "Read in a file of environment variables"},
            {0, "expose", "list", "Expose a port or a range of ports"}, {0, "health-cmd", "string", "Command to run to check health"},
            {0, "health-interval", "duration", "Time between running the check (ms|s|m|h) (default 0s)"}, {0, "health-retries", "int", "Consecutive failures needed to report unhealthy"},
            {0, "health-start-period", "duration", "Start period for the container to initialize before starting health-retries countdown (ms|s|m|h) (default 0s)"},
            {0, "health-timeout", "duration", "Maximum time to allow one check to run (ms|s|m|h) (default 0s)"}, {0, "no-healthcheck", "", "Disable any container-specified HEALTHCHECK"},
            {'h', "hostname", "string", "Container host name"}, {0, "init", "", "Run an init inside the container that forwards signals and reaps processes"},
            {'i', "interactive", "", "Keep STDIN open even if not attached"}, {0, "ip", "string", "IPv4 address (e.g., 172.30.100.104)"},
            {'l', "label", "list", "Set meta data on a container"}, {0, "log-driver", "string", "Logging driver for the container"}, {0, "log-opt", "list", "Log driver options"},
            {'m', "memory", "bytes", "Memory limit"}, {0, "memory-swap", "bytes", "Swap limit equal to memory plus swap: '-1' to enable unlimited swap"},
            {0, "mount", "mount", "Attach a filesystem mount to the container"}, {0, "name", "string", "Assign a name to the container"},
            {0, "network", "network", "Connect a container to a network"}, {0, "net", "network", "Connect a container to a network"}, {0, "network-alias", "list", "Add network-scoped alias for the container"},
            {0, "pids-limit", "int", "Tune container pids limit (set -1 for unlimited)"}, {0, "privileged", "", "Give extended privileges to this container"},
            {'p', "publish", "list", "Publish a container's port(s) to the host"}, {'P', "publish-all", "", "Publish all exposed ports to random ports"},
            {0, "pull", "string", "Pull image before running (\"always\", \"missing\", \"never\") (default \"missing\")"}, {'q', "quiet", "", "Suppress the pull output"},
            {0, "read-only", "", "Mount the container's root filesystem as read only"}, {0, "restart", "string", "Restart policy to apply when a container exits (default \"no\")"},
            {0, "rm", "", "Automatically remove the container and its associated anonymous volumes when it exits"}, {0, "stop-signal", "string", "Signal to stop the container"},
            {0, "stop-timeout", "int", "Timeout (in seconds) to stop a container"}, {0, "tmpfs", "list", "Mount a tmpfs directory"}, {'t', "tty", "", "Allocate a pseudo-TTY"},
            {'u', "user", "string", "Username or UID (format: <name|uid>[:<group|gid>])"}, {'v', "volume", "list", "Bind mount a volume"},
            {'w', "workdir", "string", "Working directory inside the container"}, {0, "ulimit", "ulimit", "Ulimit options"}, {0, "cap-add", "list", "Add Linux capabilities"},
            {0, "cap-drop", "list", "Drop Linux capabilities"}, {0, "platform", "string", "Set platform if server is multi-platform capable"}, {0, "gpus", "gpu-request", "GPU devices to add to the container ('all' to pass all GPUs)"}};
}

} // namespace

void addRunVerbs(std::vector<Verb>& all)
{
    Verb verb{"container run", "run", "[OPTIONS] IMAGE [COMMAND] [ARG...]", "Create and run a new container from an image", settingsOptions(), 1, Verb::kMany, true, run, Verb::Names::Images};
    verb.options.push_back({'d', "detach", "", "Run container in background and print container ID"});
    verb.options.push_back({0, "sig-proxy", "", "Proxy received signals to the process (default true)"});
    all.push_back(std::move(verb));
    all.push_back({"container create", "create", "[OPTIONS] IMAGE [COMMAND] [ARG...]", "Create a new container", settingsOptions(), 1, Verb::kMany, true, createOnly, Verb::Names::Images});
}

} // namespace core::shell::docker
