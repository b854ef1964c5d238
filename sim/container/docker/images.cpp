// The image store: references to images, images to layers, layers to folders; and BuildKit's cache, which holds layers too.
#include "sim/container/docker/daemon.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

namespace sim::container::docker {

namespace {

Outcome imageError(int status, std::string error)
{
    Outcome outcome;
    outcome.status = status;
    outcome.error = std::move(error);
    return outcome;
}

/// BuildKit's ids: 25 letters and digits.
std::string recordId(RandomStream& random)
{
    constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
    std::string id;
    for (int i = 0; i < 25; ++i)
        id += kDigits[random.below(kDigits.size())];
    return id;
}

} // namespace

std::string familiar(const std::string& reference)
{
    for (const std::string prefix : {"docker.io/library/", "docker.io/"})
        if (reference.rfind(prefix, 0) == 0)
            return reference.substr(prefix.size());
    return reference;
}

std::string repositoryOf(const std::string& reference)
{
    const std::string bare = reference.substr(0, reference.find('@'));
    const auto colon = bare.rfind(':');
    return colon == std::string::npos || bare.find('/', colon) != std::string::npos ? bare : bare.substr(0, colon);
}

StoredImage* Daemon::findImage(const std::string& nameOrId, std::string* id)
{
    const auto found = [&](auto& entry) -> StoredImage* {
        if (id != nullptr)
            *id = entry.first;
        return &entry.second;
    };
    if (const auto parsed = Reference::parse(nameOrId)) {
        for (auto& entry : docker.images) {
            if (entry.second.references.count(parsed->text()) > 0)
                return found(entry);
            if (!parsed->digest.empty())
                for (const auto& [repository, digest] : entry.second.digests)
                    if (repository == parsed->registry + "/" + parsed->repository && digest == parsed->digest)
                        return found(entry);
        }
    }
    const std::string wanted = nameOrId.rfind("sha256:", 0) == 0 ? nameOrId : "sha256:" + nameOrId;
    const auto first = docker.images.lower_bound(wanted);
    if (nameOrId.empty() || first == docker.images.end() || first->first.rfind(wanted, 0) != 0)
        return nullptr;
    const auto second = std::next(first);
    if (second != docker.images.end() && second->first.rfind(wanted, 0) == 0)
        return nullptr; // ambiguous
    return found(*first);
}

std::string Daemon::store(const std::string& reference, const std::shared_ptr<const Image>& image, const std::string& digestFor)
{
    std::vector<std::string> chain;
    for (const Layer& layer : image->layers) {
        std::string next = addLayer(chain.empty() ? std::string() : chain.back(), std::make_shared<const Layer>(layer));
        if (next.empty()) {
            dropUnusedLayers();
            return fmt::format("write /{}: no space left on device", layer.files.empty() ? std::string("usr/share/misc/rest") : layer.files.front().path.substr(1));
        }
        chain.push_back(std::move(next));
    }
    StoredImage& stored = docker.images[image->configDigest];
    if (!stored.image)
        stored.image = image;
    stored.chain = std::move(chain);
    if (!digestFor.empty())
        stored.digests[digestFor] = image->digest;
    if (!reference.empty()) {
        for (auto& [id, other] : docker.images)
            other.references.erase(reference); // the older image stays, without a name
        stored.references.insert(reference);
        stored.tagged = context.now();
    }
    return {};
}

std::vector<std::string> Daemon::deleteImage(const std::string& id)
{
    std::vector<std::string> lines;
    const StoredImage gone = docker.images.at(id);
    docker.images.erase(id);
    lines.push_back("Deleted: " + id);
    std::set<std::string> before;
    for (const auto& [chain, layer] : docker.layers)
        before.insert(chain);
    dropUnusedLayers();
    for (auto it = gone.chain.rbegin(); it != gone.chain.rend(); ++it)
        if (before.count(*it) > 0 && docker.layers.count(*it) == 0)
            lines.push_back("Deleted: " + *it);
    happen("image", "delete", id, {{"name", id}});
    return lines;
}

Outcome Daemon::operator()(const StoreImage& request)
{
    Outcome outcome;
    outcome.error = store(request.reference, request.image, request.digestFor);
    outcome.id = request.image->configDigest;
    return outcome;
}

Outcome Daemon::operator()(const TagImage& request)
{
    const auto parsed = Reference::parse(request.reference);
    if (!parsed || !parsed->digest.empty())
        return imageError(400, "invalid reference format");
    std::string id;
    if (findImage(request.image, &id) == nullptr)
        return imageError(404, fmt::format("No such image: {}", request.image));
    for (auto& [other, image] : docker.images)
        image.references.erase(parsed->text());
    docker.images.at(id).references.insert(parsed->text());
    docker.images.at(id).tagged = context.now();
    happen("image", "tag", id, {{"name", familiar(parsed->text())}});
    return {};
}

Outcome Daemon::operator()(const RemoveImage& request)
{
    std::string id;
    StoredImage* image = findImage(request.image, &id);
    if (image == nullptr)
        return imageError(404, fmt::format("No such image: {}", request.image));
    const bool byId = id.rfind("sha256:" + request.image, 0) == 0 || id == request.image || id.rfind(request.image, 0) == 0;
    const Container* user = nullptr;
    for (const auto& [containerId, container] : docker.containers)
        if (container.imageId == id && (user == nullptr || container.runs()))
            user = &container;
    Outcome outcome;
    const auto untag = [&](const std::string& reference) {
        image->references.erase(reference);
        outcome.removed.push_back("Untagged: " + familiar(reference));
        const std::string repository = repositoryOf(reference);
        if (std::none_of(image->references.begin(), image->references.end(), [&](const std::string& r) { return repositoryOf(r) == repository; }))
            if (const auto digest = image->digests.find(repository); digest != image->digests.end()) {
                outcome.removed.push_back(fmt::format("Untagged: {}@{}", familiar(repository), digest->second));
                image->digests.erase(digest);
            }
        happen("image", "untag", id, {{"name", id}});
    };
    if (!byId) {
        const std::string reference = Reference::parse(request.image)->text();
        if (image->references.size() > 1) {
            untag(reference);
            return outcome;
        }
        if (user != nullptr && !request.force)
            return imageError(409, fmt::format("conflict: unable to remove repository reference \"{}\" (must force) - container {} is using its "
                                               "referenced image {}", request.image, shortId(user->id), shortId(id)));
        untag(reference);
        if (user != nullptr) // the layers stay with the container
            return outcome;
    } else {
        std::set<std::string> repositories;
        for (const std::string& reference : image->references)
            repositories.insert(repositoryOf(reference));
        if (user != nullptr && user->runs())
            return imageError(409, fmt::format("conflict: unable to delete {} (cannot be forced) - image is being used by running container {}",
                                               shortId(id), shortId(user->id)));
        if (user != nullptr && !request.force)
            return imageError(409, fmt::format("conflict: unable to delete {} (must be forced) - image is being used by stopped container {}",
                                               shortId(id), shortId(user->id)));
        if (repositories.size() > 1 && !request.force)
            return imageError(409, fmt::format("conflict: unable to delete {} (must be forced) - image is referenced in multiple repositories",
                                               shortId(id)));
        const std::set<std::string> references = image->references;
        for (const std::string& reference : references)
            untag(reference);
    }
    const auto deleted = deleteImage(id);
    outcome.removed.insert(outcome.removed.end(), deleted.begin(), deleted.end());
    return outcome;
}

Outcome Daemon::operator()(const PruneImages& request)
{
    Outcome outcome;
    std::vector<std::string> unused;
    for (const auto& [id, image] : docker.images) {
        const bool used = std::any_of(docker.containers.begin(), docker.containers.end(), [&](const auto& entry) { return entry.second.imageId == id; });
        if (!used && (request.all || image.references.empty()))
            unused.push_back(id);
    }
    const auto layerBytes = [&] {
        std::int64_t bytes = 0;
        for (const auto& [chain, layer] : docker.layers)
            bytes += layer.layer->bytes;
        return bytes;
    };
    const std::int64_t before = layerBytes();
    for (const std::string& id : unused) {
        StoredImage& image = docker.images.at(id);
        for (const std::string& reference : image.references)
            outcome.removed.push_back("untagged: " + familiar(reference));
        for (const auto& [repository, digest] : image.digests)
            outcome.removed.push_back(fmt::format("untagged: {}@{}", familiar(repository), digest));
        for (const std::string& line : deleteImage(id))
            outcome.removed.push_back("deleted" + line.substr(7));
    }
    outcome.reclaimedBytes = before - layerBytes();
    return outcome;
}

Outcome Daemon::operator()(const SaveImages& request)
{
    Outcome outcome;
    nlohmann::json manifest = nlohmann::json::array();
    std::int64_t bytes = 0;
    for (const std::string& name : request.images) {
        std::string id;
        const StoredImage* image = findImage(name, &id);
        if (image == nullptr)
            return imageError(404, fmt::format("reference does not exist: {}", name));
        nlohmann::json tags = nlohmann::json::array();
        for (const std::string& reference : image->references)
            tags.push_back(familiar(reference));
        manifest.push_back({{"Config", "blobs/sha256/" + id.substr(7)}, {"RepoTags", tags}});
        bytes += image->image->bytes();
        // Whoever loads the archive finds the image here; the archive's bytes themselves are not kept.
        context.parts.registries.keep(image->image);
    }
    const std::string text = manifest.dump();
    const host::FileError error = context.hosts().writeFile(context.engine(), docker.host, request.path, text, false, 0600, bytes);
    if (error == host::FileError::NoSpace)
        return imageError(500, fmt::format("write {}: no space left on device", request.path));
    if (error != host::FileError::None)
        return imageError(500, fmt::format("invalid output path: directory \"{}\" does not exist", request.path.substr(0, request.path.rfind('/'))));
    return outcome;
}

Outcome Daemon::operator()(const LoadImages& request)
{
    Outcome outcome;
    const auto file = context.hosts().read(docker.host, request.path, context.now());
    if (!file)
        return imageError(404, fmt::format("open {}: no such file or directory", request.path));
    const auto manifest = nlohmann::json::parse(file->content, nullptr, false);
    if (!manifest.is_array())
        return imageError(400, "open /var/lib/docker/tmp/docker-import-" + hexId().substr(0, 9) + "/repositories: no such file or directory");
    for (const auto& one : manifest) {
        const std::string id = "sha256:" + one.value("Config", std::string("blobs/sha256/")).substr(13);
        const auto image = context.parts.registries.kept(id);
        if (!image)
            return imageError(400, "invalid archive: does not contain a manifest.json");
        for (const auto& tag : one.value("RepoTags", nlohmann::json::array())) {
            if (std::string problem = store(Reference::parse(tag.get<std::string>())->text(), image, {}); !problem.empty())
                return imageError(500, "Error processing tar file(exit status 1): " + problem);
            outcome.removed.push_back("Loaded image: " + tag.get<std::string>());
        }
        if (one.value("RepoTags", nlohmann::json::array()).empty()) {
            store({}, image, {});
            outcome.removed.push_back("Loaded image ID: " + id);
        }
    }
    return outcome;
}

Outcome Daemon::operator()(const KeepCache& request)
{
    Outcome outcome;
    if (request.hit) {
        if (const auto found = docker.cache.find(request.key); found != docker.cache.end()) {
            found->second.lastUsed = context.now();
            ++found->second.usageCount;
        }
        return outcome;
    }
    CacheRecord record;
    record.id = recordId(context.engine().random("docker/cache"));
    record.parent = request.parent;
    record.type = request.type;
    record.description = request.description;
    record.bytes = request.bytes;
    record.layer = request.layer;
    record.created = record.lastUsed = context.now();
    record.usageCount = 1;
    if (request.layer) {
        const auto parent = docker.cache.find(request.parent);
        record.chain = addLayer(parent == docker.cache.end() ? request.parent : parent->second.chain, request.layer);
        if (record.chain.empty())
            return imageError(500, "no space left on device");
    } else if (const auto parent = docker.cache.find(request.parent); parent != docker.cache.end()) {
        record.chain = parent->second.chain; // an instruction that changes no file
    } else if (request.type == "regular") {
        record.chain = request.parent;
    }
    outcome.id = record.chain;
    docker.cache[request.key] = std::move(record);
    return outcome;
}

Outcome Daemon::operator()(const PruneCache& request)
{
    Outcome outcome;
    std::set<std::string> images;
    for (const auto& [id, image] : docker.images)
        images.insert(image.chain.begin(), image.chain.end());
    for (auto it = docker.cache.begin(); it != docker.cache.end();) {
        // What an image holds as well is shared and stays, unless all is asked for.
        const bool shared = images.count(it->second.chain) > 0;
        if (shared && !request.all) {
            ++it;
            continue;
        }
        outcome.removed.push_back(it->second.id);
        if (!shared)
            outcome.reclaimedBytes += it->second.bytes;
        it = docker.cache.erase(it);
    }
    dropUnusedLayers();
    return outcome;
}

} // namespace sim::container::docker
