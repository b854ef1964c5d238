#include "core/shell/commands/docker/client.h"

#include "sim/engine/base64.h"
#include "sim/engine/letters.h"
#include "sim/host/accounts.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::shell::docker {

namespace {

constexpr const char* kSocket = "/run/docker.sock";
constexpr sim::Duration kRequest = std::chrono::milliseconds(6);
constexpr const char* kNoDaemon = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?";

} // namespace

std::string Client::unreachable(const std::string& method, const std::string& path)
{
    inv.sleep(kRequest);
    const auto socket = world().hosts().read(inv.place().host, kSocket, inv.now());
    const bool root = inv.place().user == "root" || inv.place().user.empty();
    constexpr std::uint32_t kReadWrite = 6;
    if (socket && !root && !sim::host::mayAccess(machine(), *socket, inv.place().user, kReadWrite))
        return fmt::format("permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: {}{} "
                           "\"http://%2Fvar%2Frun%2Fdocker.sock{}\": dial unix /var/run/docker.sock: connect: permission denied",
                           method.substr(0, 1), method.size() > 1 ? std::string(1, sim::lowered(method[1])) + [&] {
                               std::string rest = method.substr(2);
                               rest = sim::lowered(rest);
                               return rest;
                           }() : std::string(), path == "/_ping" ? path : "/v1.47" + path);
    if (!socket)
        return kNoDaemon;
    // A stopped daemon's socket takes connections and answers none: the client waits for ever.
    while (world().dockers().find(inv.place().host) != nullptr && world().hosts().unitActive(inv.place().host, sim::container::docker::kUnit)
           && !world().dockers().responds(world().hosts(), inv.place().host) && world().dockers().find(inv.place().host)->up)
        inv.sleep(std::chrono::milliseconds(200));
    return world().dockers().responds(world().hosts(), inv.place().host) ? std::string() : std::string(kNoDaemon);
}

Outcome Client::call(const Request& request)
{
    const sim::CommandResult result = inv.door().apply(sim::Command{sim::command::DockerCall{inv.place().host, request}});
    inv.sleep(kRequest);
    Outcome outcome = result.docker;
    if (!result.ok && outcome.error.empty())
        outcome.error = result.error;
    return outcome;
}

const Container* Client::find(const std::string& name, std::string* error) const
{
    const std::string wanted = !name.empty() && name.front() == '/' ? name.substr(1) : name;
    const auto& all = docker().containers;
    for (const auto& [id, container] : all)
        if (container.name == wanted || id == wanted)
            return &container;
    const Container* found = nullptr;
    for (auto it = all.lower_bound(wanted); !wanted.empty() && it != all.end() && it->first.rfind(wanted, 0) == 0; ++it) {
        if (found != nullptr) {
            if (error != nullptr)
                *error = "Multiple IDs found with provided prefix: " + wanted;
            return nullptr;
        }
        found = &it->second;
    }
    if (found == nullptr && error != nullptr)
        *error = "No such container: " + wanted;
    return found;
}

const Container* Client::named(const std::string& name)
{
    if (const std::string problem = unreachable(); !problem.empty()) {
        error(problem);
        return nullptr;
    }
    std::string problem;
    const Container* container = find(name, &problem);
    if (container == nullptr)
        daemonError(problem);
    return container;
}

const StoredImage* Client::findImage(const std::string& name, std::string* id) const
{
    const auto& images = docker().images;
    const auto reference = sim::container::Reference::parse(name);
    for (const auto& [key, image] : images) {
        bool same = reference && image.references.count(reference->text()) > 0;
        if (reference && !reference->digest.empty())
            for (const auto& [repository, digest] : image.digests)
                same = same || (digest == reference->digest && repository == reference->registry + "/" + reference->repository);
        const std::string bare = name.rfind("sha256:", 0) == 0 ? name : "sha256:" + name;
        if (same || key == bare) {
            if (id != nullptr)
                *id = key;
            return &image;
        }
    }
    const StoredImage* found = nullptr;
    for (const auto& [key, image] : images)
        if (!name.empty() && key.rfind("sha256:" + name, 0) == 0) {
            if (found != nullptr)
                return nullptr;
            found = &image;
            if (id != nullptr)
                *id = key;
        }
    return found;
}

const Network* Client::findNetwork(const std::string& name) const
{
    const auto& networks = docker().networks;
    for (const auto& [id, network] : networks)
        if (network.name == name || id == name)
            return &network;
    const Network* found = nullptr;
    for (const auto& [id, network] : networks)
        if (!name.empty() && id.rfind(name, 0) == 0)
            found = found == nullptr ? &network : nullptr;
    return found;
}

bool Client::running(const std::string& id) const
{
    const auto* known = world().dockers().find(inv.place().host);
    const auto found = known->containers.find(id);
    return found != known->containers.end() && found->second.runs();
}

int Client::daemonError(const std::string& text)
{
    return error("Error response from daemon: " + text);
}

int Client::error(const std::string& text)
{
    inv.err().write(text + "\n");
    return 1;
}

bool Client::confirm(const std::string& warning)
{
    inv.print(warning + " [y/N] ");
    const auto line = inv.in().readLine();
    return line && (*line == "y" || *line == "Y");
}

sim::container::Credentials Client::credentialsFor(const std::string& reference) const
{
    const auto parsed = sim::container::Reference::parse(reference);
    if (!parsed)
        return {};
    const std::string server = parsed->registry == "docker.io" ? "https://index.docker.io/v1/" : parsed->registry;
    const std::string home = inv.system().homeDirectory(inv.place());
    const ReadFile file = inv.system().readFile(inv.place(), home + "/.docker/config.json");
    const Json config = Json::parse(file.text, nullptr, false);
    if (!config.is_object() || !config.contains("auths") || !config["auths"].contains(server))
        return {};
    const auto decoded = sim::decodeBase64(config["auths"][server].value("auth", std::string()));
    if (!decoded || decoded->find(':') == std::string::npos)
        return {};
    return {decoded->substr(0, decoded->find(':')), decoded->substr(decoded->find(':') + 1)};
}

} // namespace core::shell::docker
