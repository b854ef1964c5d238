#include "sim/container/registry.h"

#include "sim/engine/assert.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace sim::container {

namespace {

constexpr std::string_view kRepositories = "/docker/registry/v2/repositories/";

std::string tagLink(const Registry& registry, const std::string& repository, const std::string& tag)
{
    return registry.root + std::string(kRepositories) + repository + "/_manifests/tags/" + tag + "/current/link";
}

/// The daemon runs as its own user: it must own the storage folder or be let in by the mode's last digit.
bool storageReadable(const host::Machine& machine, const Registry& registry)
{
    const auto it = machine.files.find(registry.root);
    if (it == machine.files.end())
        return true; // it creates a missing folder itself
    const host::File& folder = *it->second;
    const std::uint32_t bits = folder.owner == registry.user ? (folder.mode >> 6) & 7 : folder.mode & 7;
    return (bits & 5) == 5;
}

bool mayPull(const Registry& registry, const std::string& user, const std::string& repository)
{
    const auto it = registry.accounts.find(user);
    if (it == registry.accounts.end())
        return false;
    const std::string project = repository.substr(0, repository.find('/'));
    const auto& projects = it->second.projects;
    return std::any_of(projects.begin(), projects.end(), [&](const std::string& p) { return p == "*" || p == project; });
}

/// An operator's account, with rights on every project.
bool seesAll(const Registry& registry, const std::string& user)
{
    const auto it = registry.accounts.find(user);
    return it != registry.accounts.end() && std::find(it->second.projects.begin(), it->second.projects.end(), "*") != it->second.projects.end();
}

/// A token service hides what exists: a project without that repository grants no scope on it either.
bool repositoryExists(const host::Machine& machine, const Registry& registry, const std::string& repository)
{
    const std::string prefix = registry.root + std::string(kRepositories) + repository + "/_manifests/tags/";
    const auto it = machine.files.lower_bound(prefix);
    return it != machine.files.end() && it->first.compare(0, prefix.size(), prefix) == 0;
}

RegistryAnswer error(int status, std::string_view code, std::string_view message, std::string_view detail = "null")
{
    RegistryAnswer answer;
    answer.status = status;
    answer.headers["Content-Type"] = "application/json; charset=utf-8";
    answer.body = fmt::format(R"({{"errors":[{{"code":"{}","message":"{}","detail":{}}}]}})" "\n", code, message, detail);
    return answer;
}

RegistryAnswer unauthorized(const Registry& registry, const std::string& scope)
{
    RegistryAnswer answer = error(401, "UNAUTHORIZED", "authentication required");
    std::string challenge = fmt::format(R"(Bearer realm="https://{}/service/token",service="{}")", registry.name,
                                        registry.name.substr(0, registry.name.find(':')));
    if (!scope.empty())
        challenge += fmt::format(R"(,scope="{}",error="insufficient_scope")", scope);
    answer.headers["Www-Authenticate"] = challenge;
    return answer;
}

std::string rootDirectoryIn(const std::string& config)
{
    constexpr std::string_view kKey = "rootdirectory:";
    const auto at = config.find(kKey);
    if (at == std::string::npos)
        return "/var/lib/registry"; // distribution's default
    auto begin = config.find_first_not_of(" \t", at + kKey.size());
    if (begin == std::string::npos)
        return "/var/lib/registry";
    const auto end = config.find_first_of(" \t\r\n", begin);
    std::string root = config.substr(begin, end == std::string::npos ? end : end - begin);
    while (root.size() > 1 && root.back() == '/')
        root.pop_back();
    return root;
}

} // namespace

bool Registry::operator==(const Registry& other) const
{
    return name == other.name && root == other.root && accounts == other.accounts && host == other.host;
}

void Registries::add(Registry registry)
{
    m_registries.push_back(std::move(registry));
}

Registry* Registries::find(std::string_view name)
{
    const auto it = std::find_if(m_registries.begin(), m_registries.end(), [&](const Registry& r) { return r.name == name; });
    return it == m_registries.end() ? nullptr : &*it;
}

const Registry* Registries::find(std::string_view name) const
{
    return const_cast<Registries*>(this)->find(name);
}

const Registry* Registries::onHost(HostId host) const
{
    const auto it = std::find_if(m_registries.begin(), m_registries.end(), [&](const Registry& r) { return r.host == host; });
    return it == m_registries.end() ? nullptr : &*it;
}

void Registries::push(Engine& engine, host::Hosts& hosts, Registry& registry, const std::string& repository,
                      const std::string& tag, std::shared_ptr<const Image> image)
{
    const std::string link = tagLink(registry, repository, tag);
    const std::string folder = link.substr(0, link.rfind('/'));
    hosts.makeDirectory(engine, registry.host, folder, true);
    hosts.writeFile(engine, registry.host, link, image->digest, false);
    for (const Layer& layer : image->layers) {
        const std::string hex = layer.digest.substr(7);
        const std::string blob = fmt::format("{}/docker/registry/v2/blobs/sha256/{}/{}", registry.root, hex.substr(0, 2), hex);
        hosts.makeDirectory(engine, registry.host, blob, true);
        hosts.writeFile(engine, registry.host, blob + "/data", "", false, 0644, layer.compressedBytes);
    }
    registry.images[image->digest] = std::move(image);
}

RegistryAnswer Registries::answer(const host::Hosts& hosts, const Registry& registry, Instant, const std::string& method,
                                  const std::string& path, const std::string& user, const std::string& password) const
{
    const host::Machine& machine = hosts.at(registry.host);
    const std::string bare = path.substr(0, path.find('?'));
    if (bare == "/" || bare.empty())
        return {.status = 200, .headers = {{"Content-Length", "0"}}, .body = {}, .image = nullptr};
    // With health.storagedriver on, distribution answers 503 to everything while its storage check fails.
    if (!storageReadable(machine, registry))
        return error(503, "UNAVAILABLE", "service unavailable", R"("health check failed: please see /debug/health")");

    const auto account = registry.accounts.find(user);
    if (!user.empty() && (account == registry.accounts.end() || account->second.password != password))
        return unauthorized(registry, {});
    if (bare == "/v2/" || bare == "/v2") {
        if (user.empty())
            return unauthorized(registry, {});
        return {.status = 200, .headers = {{"Content-Type", "application/json; charset=utf-8"}}, .body = "{}", .image = nullptr};
    }
    if (bare.rfind("/v2/", 0) != 0)
        return {.status = 404, .headers = {{"Content-Type", "text/plain; charset=utf-8"}}, .body = "404 page not found\n", .image = nullptr};

    const std::string prefix = registry.root + std::string(kRepositories);
    if (bare == "/v2/_catalog") {
        if (user.empty())
            return unauthorized(registry, "registry:catalog:*");
        std::set<std::string> names;
        for (auto it = machine.files.lower_bound(prefix); it != machine.files.end() && it->first.rfind(prefix, 0) == 0; ++it) {
            const auto cut = it->first.find("/_manifests/tags/");
            if (cut != std::string::npos && mayPull(registry, user, it->first.substr(prefix.size(), cut - prefix.size())))
                names.insert(it->first.substr(prefix.size(), cut - prefix.size()));
        }
        std::string list;
        for (const auto& name : names)
            list += (list.empty() ? "\"" : ",\"") + name + "\"";
        return {.status = 200, .headers = {{"Content-Type", "application/json; charset=utf-8"}},
                .body = "{\"repositories\":[" + list + "]}\n", .image = nullptr};
    }

    constexpr std::string_view kTags = "/tags/list";
    constexpr std::string_view kManifests = "/manifests/";
    const std::string rest = bare.substr(4);
    const auto manifestAt = rest.rfind(kManifests);
    const bool tags = rest.size() > kTags.size() && rest.compare(rest.size() - kTags.size(), kTags.size(), kTags) == 0;
    if (!tags && manifestAt == std::string::npos)
        return error(404, "UNSUPPORTED", "The operation is unsupported.");
    const std::string repository = tags ? rest.substr(0, rest.size() - kTags.size()) : rest.substr(0, manifestAt);
    // The token service of this registry grants a robot pull only on repositories that it knows.
    const auto first = machine.files.lower_bound(prefix);
    const bool storageEmpty = first == machine.files.end() || first->first.rfind(prefix, 0) != 0;
    const bool scoped = storageEmpty || seesAll(registry, user) || repositoryExists(machine, registry, repository);
    if (!mayPull(registry, user, repository) || !scoped)
        return unauthorized(registry, "repository:" + repository + ":pull");

    if (tags) {
        if (!repositoryExists(machine, registry, repository))
            return error(404, "NAME_UNKNOWN", "repository name not known to registry",
                         fmt::format(R"({{"name":"{}"}})", repository));
        const std::string folder = prefix + repository + "/_manifests/tags/";
        std::string list;
        for (auto it = machine.files.lower_bound(folder); it != machine.files.end() && it->first.rfind(folder, 0) == 0; ++it) {
            const auto cut = it->first.find("/current/link");
            if (cut != std::string::npos)
                list += (list.empty() ? "\"" : ",\"") + it->first.substr(folder.size(), cut - folder.size()) + "\"";
        }
        return {.status = 200, .headers = {{"Content-Type", "application/json; charset=utf-8"}},
                .body = fmt::format("{{\"name\":\"{}\",\"tags\":[{}]}}\n", repository, list.empty() ? "null" : list), .image = nullptr};
    }

    const std::string wanted = rest.substr(manifestAt + kManifests.size());
    std::string digest = wanted;
    if (wanted.rfind("sha256:", 0) != 0) {
        const auto link = machine.files.find(tagLink(registry, repository, wanted));
        if (link == machine.files.end()) {
            return error(404, "MANIFEST_UNKNOWN", "manifest unknown", fmt::format("\"unknown tag={}\"", wanted));
        }
        digest = link->second->content;
    }
    const auto image = registry.images.find(digest);
    if (image == registry.images.end())
        return error(404, "MANIFEST_UNKNOWN", "manifest unknown");
    RegistryAnswer ok;
    ok.status = 200;
    ok.headers["Content-Type"] = "application/vnd.oci.image.manifest.v1+json";
    ok.headers["Docker-Content-Digest"] = digest;
    ok.image = image->second;
    if (method == "GET") {
        std::string layers;
        for (const Layer& layer : image->second->layers)
            layers += fmt::format("{}{{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"{}\",\"size\":{}}}",
                                  layers.empty() ? "" : ",", layer.digest, layer.compressedBytes);
        ok.body = fmt::format("{{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":{{\"mediaType\":"
                              "\"application/vnd.oci.image.config.v1+json\",\"digest\":\"{}\",\"size\":7023}},\"layers\":[{}]}}",
                              image->second->configDigest, layers);
    }
    return ok;
}

bool Registries::countPull(Registry& registry, const std::string& client, Instant now) const
{
    constexpr Duration kWindow = 6h; // Docker Hub's
    if (registry.pullLimit <= 0)
        return true;
    std::vector<Instant>& pulls = registry.pulls[client];
    std::erase_if(pulls, [&](Instant at) { return now - at >= kWindow; });
    if (static_cast<std::int64_t>(pulls.size()) >= registry.pullLimit)
        return false;
    pulls.push_back(now);
    return true;
}

void Registries::keep(std::shared_ptr<const Image> image)
{
    m_archived[image->configDigest] = std::move(image);
}

std::shared_ptr<const Image> Registries::kept(const std::string& configDigest) const
{
    const auto found = m_archived.find(configDigest);
    return found == m_archived.end() ? nullptr : found->second;
}

void Registries::on(const host::Hosts& hosts, const host::Notice& notice)
{
    const auto* unit = std::get_if<host::UnitChanged>(&notice);
    if (unit == nullptr || unit->state != host::Unit::State::Active)
        return;
    for (Registry& registry : m_registries) {
        if (registry.host != unit->host || registry.unit != unit->unit)
            continue;
        const auto& files = hosts.at(registry.host).files;
        const auto config = files.find(registry.config);
        registry.root = rootDirectoryIn(config == files.end() ? std::string{} : config->second->content);
    }
}

} // namespace sim::container
