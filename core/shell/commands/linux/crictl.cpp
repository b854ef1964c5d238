// crictl v1.33: the container runtime of a node, over the CRI.
#include "core/shell/commands/linux/crictl.h"
#include "core/shell/commands/linux/linux_commands.h"
#include "core/shell/text/dates.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::node {

namespace {

using sim::container::Container;

constexpr sim::Duration kCall = std::chrono::milliseconds(8);
constexpr sim::Duration kPoll = std::chrono::milliseconds(100);
/// crictl.yaml's timeout.
constexpr sim::Duration kTimeout = std::chrono::seconds(10);
constexpr const char* kEndpoint = "unix:///run/containerd/containerd.sock";

/// klog's header: "E0302 09:00:00.123456    4321 log.go:32]".
std::string klog(Invocation& inv, const char* where)
{
    const std::int64_t micro = inv.now().time_since_epoch().count() / 1000 % 1'000'000;
    return fmt::format("E{}.{:06} {:7} {}]", formatDate(inv.now(), "%m%d %H:%M:%S"), micro,
                       machineOf(inv).nextPid, where);
}

int fatal(Invocation& inv, sim::Duration took, const std::string& text)
{
    inv.err().write(fmt::format("FATA[{:04}] {}\n", took.count() / 1'000'000'000, text));
    return 1;
}

/// The gRPC status that meets a call now; empty when containerd answers. Spends what the call costs.
std::string callError(Invocation& inv)
{
    const sim::World& world = inv.door().world();
    if (world.hosts().unitResponds(inv.place().host, "containerd.service")) {
        inv.sleep(kCall);
        return {};
    }
    if (world.hosts().unitActive(inv.place().host,
                                 "containerd.service")) { // stopped by a signal: it takes calls, answers none
        inv.sleep(kTimeout);
        return "rpc error: code = DeadlineExceeded desc = context deadline exceeded";
    }
    const auto& units = machineOf(inv).units;
    const auto unit = units.find("containerd.service");
    // A daemon that ends by itself removes its socket; one that was killed leaves it behind.
    const bool killed = unit != units.end()
        && (unit->second.exitSignal != 0 || unit->second.state == sim::host::Unit::State::Activating);
    return fmt::format("rpc error: code = Unavailable desc = connection error: desc = \"transport: Error "
                       "while dialing: dial unix "
                       "/run/containerd/containerd.sock: connect: {}\"",
                       killed ? "connection refused" : "no such file or directory");
}

/// Containers and sandboxes of this machine, newest first.
std::vector<const Container*> containersHere(Invocation& inv, bool sandboxes)
{
    std::vector<const Container*> found;
    for (const auto& [id, container] : inv.door().world().runtimes().containers())
        if (container.host == inv.place().host && container.sandbox == sandboxes)
            found.push_back(&container);
    std::stable_sort(found.begin(), found.end(),
                     [](const Container* a, const Container* b) { return a->created > b->created; });
    return found;
}

const char* containerStateWord(const Container& c)
{
    return c.state == Container::State::Running ? "Running"
        : c.state == Container::State::Exited   ? "Exited"
                                                : "Created";
}

const Container* sandboxOf(Invocation& inv, const Container& c)
{
    return inv.door().world().runtimes().find(c.sandboxId);
}

std::string imageIdOf(Invocation& inv, const Container& c)
{
    const auto image = inv.door().world().runtimes().image(inv.place().host, c.image);
    return shortId(image != nullptr ? image->configDigest : c.imageDigest);
}

void notePod(Invocation& inv, const Container& c)
{
    inv.noteRead("pod/" + c.podNamespace + "/" + c.podName);
}

int ps(Invocation& inv)
{
    std::vector<std::vector<std::string>> rows;
    rows.push_back(
        {"CONTAINER", "IMAGE", "CREATED", "STATE", "NAME", "ATTEMPT", "POD ID", "POD", "NAMESPACE"});
    const std::string name = inv.options.value("name"), state = inv.options.value("state"),
                      pod = inv.options.value("pod");
    for (const Container* c : containersHere(inv, false)) {
        std::string lower = containerStateWord(*c);
        lower[0] = static_cast<char>(lower[0] + 32);
        if (!state.empty() ? state != lower && state != containerStateWord(*c)
                           : c->state != Container::State::Running && !inv.options.has("all"))
            continue;
        if (!name.empty() && c->name.find(name) == std::string::npos)
            continue;
        const Container* sandbox = sandboxOf(inv, *c);
        const std::string podId = sandbox == nullptr ? "" : sandbox->hexId;
        if (!pod.empty() && podId.rfind(pod, 0) != 0)
            continue;
        if (inv.options.has("quiet")) {
            inv.print(c->hexId + "\n");
            continue;
        }
        notePod(inv, *c);
        rows.push_back({shortId(c->hexId), imageIdOf(inv, *c), roughAgo(inv.now() - c->created),
                        containerStateWord(*c), c->name, std::to_string(c->attempt), shortId(podId), c->podName,
                        c->podNamespace});
    }
    if (!inv.options.has("quiet"))
        inv.print(tabTable(rows));
    return 0;
}

int pods(Invocation& inv)
{
    std::vector<std::vector<std::string>> rows;
    rows.push_back({"POD ID", "CREATED", "STATE", "NAME", "NAMESPACE", "ATTEMPT", "RUNTIME"});
    for (const Container* c : containersHere(inv, true)) {
        const std::string name = inv.options.value("name"), space = inv.options.value("namespace");
        if ((!name.empty() && c->podName.find(name) == std::string::npos)
            || (!space.empty() && c->podNamespace != space))
            continue;
        if (inv.options.has("quiet")) {
            inv.print(c->hexId + "\n");
            continue;
        }
        notePod(inv, *c);
        rows.push_back({shortId(c->hexId), roughAgo(inv.now() - c->created),
                        c->state == Container::State::Running ? "Ready" : "NotReady", c->podName,
                        c->podNamespace, std::to_string(c->attempt), "(default)"});
    }
    if (!inv.options.has("quiet"))
        inv.print(tabTable(rows));
    return 0;
}

int images(Invocation& inv, const std::vector<std::string>& words)
{
    std::vector<std::vector<std::string>> rows;
    rows.push_back({"IMAGE", "TAG", "IMAGE ID", "SIZE"});
    if (inv.options.has("digests"))
        rows[0].insert(rows[0].begin() + 2, "DIGEST");
    for (const auto& [reference, image] : inv.door().world().runtimes().images(inv.place().host)) {
        const auto parsed = sim::container::Reference::parse(reference);
        const std::string name = parsed ? parsed->registry + "/" + parsed->repository : reference;
        if (!words.empty() && reference.find(words[0]) == std::string::npos)
            continue;
        if (inv.options.has("quiet")) {
            inv.print(image->configDigest + "\n");
            continue;
        }
        rows.push_back({name, parsed && !parsed->tag.empty() ? parsed->tag : "<none>",
                        shortId(image->configDigest), roughSize(image->bytes())});
        if (inv.options.has("digests"))
            rows.back().insert(rows.back().begin() + 2, shortId(image->digest));
    }
    inv.noteRead("image/" + machineOf(inv).name);
    if (!inv.options.has("quiet"))
        inv.print(tabTable(rows));
    return 0;
}

/// What the pull ended with, as far as it can still be told once containerd has forgotten the pull.
int pull(Invocation& inv, const std::vector<std::string>& words)
{
    if (words.empty())
        return fatal(inv, {}, "image cannot be empty");
    const std::string& name = words[0];
    const auto reference = sim::container::Reference::parse(name);
    sim::command::PullImage command{inv.place().host, name, std::nullopt};
    if (inv.options.has("creds")) {
        const std::string text = inv.options.value("creds");
        const std::size_t colon = text.find(':');
        if (text.empty() || colon == 0)
            return fatal(inv, {}, "username can't be empty");
        command.credentials = sim::container::Credentials{
            text.substr(0, colon), colon == std::string::npos ? "" : text.substr(colon + 1)};
    }
    const sim::Instant start = inv.now();
    const auto complain = [&](const std::string& code, const std::string& error) {
        const std::string text = fmt::format("rpc error: code = {} desc = {}", code, error);
        std::string quoted = Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
        inv.err().write(fmt::format("{} \"PullImage from image service failed\" err={} image=\"{}\"\n",
                                    klog(inv, "log.go:32"), quoted, name));
        return fatal(inv, inv.now() - start, "pulling image: " + text);
    };
    inv.noteRead("image/" + machineOf(inv).name + "/" + (reference ? reference->text() : name));
    inv.noteRead("from/" + machineOf(inv).name);
    if (!reference)
        return complain(
            "Unknown", fmt::format("failed to parse image reference \"{}\": invalid reference format", name));
    const sim::CommandResult begun = inv.door().apply(sim::Command{command});
    if (!begun.ok)
        return complain("Unknown", begun.error);
    const sim::PullId id{static_cast<std::uint32_t>(begun.id)};
    const auto running = [&] {
        const auto* now = inv.door().world().runtimes().findPull(id);
        return now != nullptr && !now->ended();
    };
    while (running())
        inv.sleep(kPoll);
    const auto* ended = inv.door().world().runtimes().findPull(id);
    const auto image = inv.door().world().runtimes().image(inv.place().host, name);
    if (ended == nullptr || !ended->error.empty() || image == nullptr) {
        const std::string error = ended ? ended->error : fmt::format("failed to pull and unpack image \"{}\"", reference->text());
        const bool missing = error.find("not found") != std::string::npos;
        return complain(missing ? "NotFound" : "Unknown", error);
    }
    inv.print("Image is up to date for " + image->configDigest + "\n");
    return 0;
}

int logs(Invocation& inv, const std::vector<std::string>& words)
{
    if (words.empty())
        return fatal(inv, {}, "container ID cannot be empty");
    const Container* c = findById(inv, words[0], false);
    if (c == nullptr)
        return fatal(
            inv, {},
            fmt::format(
                "rpc error: code = NotFound desc = an error occurred when try to find container \"{0}\": not "
                "found",
                words[0]));
    notePod(inv, *c);
    const sim::ContainerId id = c->id;
    const auto show = [&](const std::pair<sim::Instant, std::string>& line) {
        inv.print((inv.options.has("timestamps") ? stampNano(line.first) + " " : std::string()) + line.second
                  + "\n");
    };
    std::size_t first = 0;
    if (const auto tail = parseNumber(inv.options.value("tail")); tail && *tail >= 0)
        first = c->log.size() - std::min(c->log.size(), static_cast<std::size_t>(*tail));
    for (std::size_t i = first; i < c->log.size(); ++i)
        show(c->log[i]);
    sim::Instant seen = c->log.empty() ? sim::Instant{} : c->log.back().first;
    while (inv.options.has("follow")) {
        inv.sleep(kPoll);
        const Container* now = inv.door().world().runtimes().find(id);
        if (now == nullptr)
            return 0;
        for (const auto& line : now->log)
            if (line.first > seen && line.first < inv.now())
                show(line);
        seen = std::max(seen, inv.now() - sim::Duration{1});
        if (now->state != Container::State::Running)
            return 0;
    }
    return 0;
}

int inspect(Invocation& inv, const std::string& verb, const std::vector<std::string>& words)
{
    if (words.empty())
        return fatal(inv, {}, "ID cannot be empty");
    for (const std::string& word : words) {
        Json json;
        if (verb == "inspecti") {
            const auto image = findImage(inv, word);
            if (!image)
                return fatal(inv, {}, fmt::format("no such image \"{}\" present", word));
            inv.noteRead("image/" + machineOf(inv).name + "/" + image->first);
            json = imageStatus(image->first, *image->second);
        } else {
            const bool sandbox = verb == "inspectp";
            const Container* c = findById(inv, word, sandbox);
            if (c == nullptr)
                return fatal(
                    inv, {},
                    fmt::format(
                        "getting the status of the {0} \"{1}\": rpc error: code = NotFound desc = an error "
                        "occurred when try to find {0} \"{1}\": not found",
                        sandbox ? "pod sandbox" : "container", word));
            notePod(inv, *c);
            json = sandbox ? sandboxStatus(inv, *c) : containerStatus(inv, *c);
            if (!sandbox)
                if (const Container* pod = sandboxOf(inv, *c))
                    json["info"]["sandboxID"] = pod->hexId;
        }
        inv.print(json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
    }
    return 0;
}

int changeContainers(Invocation& inv, const std::string& verb, const std::vector<std::string>& words)
{
    using Verb = sim::command::ContainerAction::Verb;
    const bool sandbox = verb == "stopp" || verb == "rmp";
    const bool removes = verb == "rm" || verb == "rmp";
    if (words.empty())
        return fatal(inv, {}, "ID cannot be empty");
    int status = 0;
    for (const std::string& word : words) {
        const Container* c = findById(inv, word, sandbox);
        if (c == nullptr) {
            status = fatal(
                inv, {},
                fmt::format(
                    "{} container \"{}\": rpc error: code = NotFound desc = an error occurred when try to "
                    "find container \"{}\": not found",
                    removes ? "removing" : "stopping", word, word));
            continue;
        }
        const sim::ContainerId id = c->id;
        const std::string shown = c->hexId;
        if (removes && c->state == Container::State::Running) {
            if (!inv.options.has("force")) {
                status = fatal(inv, {},
                               fmt::format("removing container \"{}\": rpc error: code = Unknown desc = "
                                           "container {} is in running "
                                           "state, please stop it first",
                                           word, shown));
                continue;
            }
            inv.door().apply(sim::Command{sim::command::ContainerAction{id, Verb::Stop, {}}});
            inv.sleep(kPoll);
        }
        const auto grace = std::chrono::seconds(parseNumber(inv.options.value("timeout", "0")).value_or(0));
        const auto result = inv.door().apply(
            sim::Command{sim::command::ContainerAction{id,
                                                       removes               ? Verb::Remove
                                                           : verb == "start" ? Verb::Start
                                                                             : Verb::Stop,
                                                       grace}});
        if (!result.ok) {
            status = fatal(inv, {}, result.error);
            continue;
        }
        const sim::Instant limit = inv.now() + std::chrono::seconds(60);
        const auto stillRuns = [&] {
            const Container* now = inv.door().world().runtimes().find(id);
            return now != nullptr && now->state == Container::State::Running;
        };
        while ((verb == "stop" || verb == "stopp") && stillRuns() && inv.now() < limit)
            inv.sleep(kPoll);
        inv.print(sandbox ? fmt::format("{} sandbox {}\n", removes ? "Removed" : "Stopped", shown)
                          : shown + "\n");
    }
    return status;
}

int removeImages(Invocation& inv, std::vector<std::string> words)
{
    if (inv.options.has("prune") || inv.options.has("all")) {
        words.clear();
        for (const auto& [reference, image] : inv.door().world().runtimes().images(inv.place().host)) {
            const bool used = std::any_of(
                inv.door().world().runtimes().containers().begin(),
                inv.door().world().runtimes().containers().end(), [&, digest = image->digest](const auto& c) {
                    return c.second.host == inv.place().host && c.second.imageDigest == digest;
                });
            if (!used || inv.options.has("all"))
                words.push_back(reference);
        }
    }
    int status = 0;
    for (const std::string& word : words) {
        const auto image = findImage(inv, word);
        if (!image) {
            inv.err().write(fmt::format("ERRO[0000] no such image {}\n", word));
            status = fatal(inv, {}, "unable to remove the image(s)");
            continue;
        }
        const auto result = inv.door().apply(
            sim::Command{sim::command::RemoveImage{inv.place().host, image->first}});
        if (result.ok)
            inv.print("Deleted: " + image->first + "\n");
        else
            status = fatal(inv, {}, result.error);
    }
    return status;
}

int stats(Invocation& inv)
{
    std::vector<std::vector<std::string>> rows;
    rows.push_back({"CONTAINER", "NAME", "CPU %", "MEM", "DISK", "INODES"});
    for (const Container* c : containersHere(inv, false)) {
        const auto process = machineOf(inv).processes.find(c->pid);
        if (c->state != Container::State::Running || process == machineOf(inv).processes.end())
            continue;
        notePod(inv, *c);
        std::int64_t written = 0; // the container's own layer
        for (const auto& [path, content] : c->files)
            written += static_cast<std::int64_t>(content.size());
        rows.push_back({shortId(c->hexId), c->name, fmt::format("{:.2f}", process->second.cpuGranted * 100),
                        roughSize(process->second.residentBytes), roughSize(written), std::to_string(c->files.size())});
    }
    inv.print(tabTable(rows));
    return 0;
}

int runCrictl(Invocation& inv)
{
    std::vector<std::string> words = inv.operands;
    if (words.empty()) {
        inv.print("NAME:\n   crictl - client for CRI\n\nUSAGE:\n   crictl [global options] command [command "
                  "options] [arguments...]\n\n"
                  "COMMANDS:\n   images, image, img  List images\n   info                Display information "
                  "of the container runtime\n"
                  "   inspect             Display the status of one or more containers\n"
                  "   inspecti            Return the status of one or more images\n   logs                "
                  "Fetch the logs of a container\n"
                  "   pods                List pods\n   ps                  List containers\n   pull         "
                  "       Pull an image from a registry\n"
                  "   rm                  Remove one or more containers\n   rmi                 Remove one "
                  "or more images\n"
                  "   stats               List container(s) resource usage statistics\n   stop               "
                  " Stop one or more running containers\n"
                  "   version             Display runtime version information\n");
        return 0;
    }
    const std::string verb = words.front();
    words.erase(words.begin());
    if (!isRoot(inv))
        return fatal(
            inv, {},
            fmt::format(
                "validate service connection: validate CRI v1 runtime API for endpoint \"{}\": rpc error: "
                "code = "
                "Unavailable desc = connection error: desc = \"transport: Error while dialing: dial unix "
                "/run/containerd/containerd.sock: connect: permission denied\"",
                kEndpoint));
    const sim::Instant start = inv.now();
    if (const std::string error = callError(inv); !error.empty()) {
        inv.noteRead("unit/" + machineOf(inv).name + "/containerd.service");
        const std::string quoted = Json(error).dump();
        inv.err().write(fmt::format("{} \"Status from runtime service failed\" err={}\n",
                                    klog(inv, "log.go:32"), quoted));
        return fatal(
            inv, inv.now() - start,
            fmt::format("validate service connection: validate CRI v1 runtime API for endpoint \"{}\": {}",
                        kEndpoint, error));
    }
    if (verb == "ps")
        return ps(inv);
    if (verb == "pods" || verb == "sandboxes")
        return pods(inv);
    if (verb == "images" || verb == "image" || verb == "img")
        return images(inv, words);
    if (verb == "pull")
        return pull(inv, words);
    if (verb == "logs")
        return logs(inv, words);
    if (verb == "inspect" || verb == "inspecti" || verb == "inspectp")
        return inspect(inv, verb, words);
    if (verb == "stop" || verb == "rm" || verb == "stopp" || verb == "rmp" || verb == "start")
        return changeContainers(inv, verb, words);
    if (verb == "rmi")
        return removeImages(inv, words);
    if (verb == "stats")
        return stats(inv);
    if (verb == "info") {
        inv.noteRead("unit/" + machineOf(inv).name + "/containerd.service");
        inv.print(runtimeInfo(inv).dump(2) + "\n");
        return 0;
    }
    if (verb == "version") {
        inv.print(
            "Version:  0.1.0\nRuntimeName:  containerd\nRuntimeVersion:  v1.7.24\nRuntimeApiVersion:  v1\n");
        return 0;
    }
    if (verb == "exec" && words.size() > 1) {
        const Container* c = findById(inv, words[0], false);
        if (c == nullptr || c->state != Container::State::Running)
            return fatal(
                inv, {},
                fmt::format(
                    "execing command in container: rpc error: code = NotFound desc = container \"{}\" is not "
                    "running",
                    words[0]));
        Place place = inv.place();
        place.container = c->id;
        std::string line;
        for (std::size_t i = 1; i < words.size(); ++i)
            line += (i > 1 ? " " : "") + words[i];
        return inv.runAt(place, line);
    }
    inv.err().write(fmt::format("No help topic for '{}'\n", verb));
    return 3;
}

} // namespace

void addCrictl(CommandTable& table)
{
    CommandSpec spec;
    spec.name = "crictl";
    spec.summary = "client for CRI";
    spec.usage = "crictl [global options] command [command options] [arguments...]";
    spec.options = {{'a', "all", "", "Show all containers"},
                    {'q', "quiet", "", "Only display IDs"},
                    {0, "name", "NAME", "Filter by name"},
                    {0, "namespace", "NAMESPACE", "Filter by pod namespace"},
                    {'s', "state", "STATE", "Filter by state"},
                    {'p', "pod", "POD-ID", "Filter by pod id"},
                    {0, "creds", "USERNAME[:PASSWORD]", "Use USERNAME[:PASSWORD] for accessing the registry"},
                    {'f', "follow", "", "Follow log output; with rm: see --force"},
                    {0, "force", "", "Force removal of a running container"},
                    {0, "tail", "N", "Number of lines to show from the end of the logs"},
                    {'t', "timestamps", "", "Show timestamps"},
                    {0, "timeout", "SECONDS", "Seconds to wait to kill the container after a graceful stop"},
                    {0, "digests", "", "Show digests"},
                    {0, "prune", "", "Remove all unused images"},
                    {'i', "interactive", "", "Keep STDIN open"},
                    {'o', "output", "FORMAT", "Output format"},
                    {'r', "runtime-endpoint", "ENDPOINT", "Endpoint of CRI container runtime service"},
                    {0, "no-trunc", "", "Show output without truncating the ID"},
                    {'v', "verbose", "", "Show verbose information"}};
    spec.run = runCrictl;
    table.add(std::move(spec));
}

} // namespace core::shell::node
