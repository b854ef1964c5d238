#include "core/session/host_detail.h"

#include "sim/container/docker/docker.h"
#include "sim/world/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace core::session {

namespace {

using sim::container::Image;
using sim::container::LayerFile;
using sim::host::Machine;

constexpr std::size_t kPathsNamed = 40;

std::string shortDigest(const std::string& digest)
{
    const std::size_t colon = digest.find(':');
    return digest.substr(colon == std::string::npos ? 0 : colon + 1, 12);
}

/// An image of the machine, whoever keeps it.
struct StoredHere {
    std::string reference;
    std::string id;
    std::shared_ptr<const Image> image;
    std::vector<std::string> chain; ///< names of its layers on this disk, lowest first
};

/// Two images share a layer when all below it is the same too; the name says so.
std::vector<std::string> chainNames(const Image& image)
{
    std::vector<std::string> names;
    std::string below;
    for (const sim::container::Layer& layer : image.layers)
        names.push_back(below = sim::container::digestOf(below + " " + layer.digest));
    return names;
}

std::vector<StoredHere> imagesHere(const sim::World& world, const Machine& machine, ImagesDetail::Store& store)
{
    std::vector<StoredHere> all;
    if (const auto* docker = world.dockers().find(machine.id)) {
        store = ImagesDetail::Store::Docker;
        for (const auto& [id, stored] : docker->images)
            all.push_back({stored.references.empty() ? "<none> " + shortDigest(id) : *stored.references.begin(), id,
                           stored.image, stored.chain});
    } else if (machine.units.count("containerd.service") > 0) {
        store = ImagesDetail::Store::Containerd;
        std::set<std::string> known;
        for (const auto& [reference, image] : world.runtimes().images(machine.id))
            if (known.insert(image->digest).second)
                all.push_back({reference, image->configDigest, image, chainNames(*image)});
    }
    std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.reference < b.reference; });
    return all;
}

/// `path` is the file, or lies below the folder, that a layer above replaces or takes away.
bool covers(const LayerFile& above, const std::string& path)
{
    return above.path == path
        || (above.whiteout && path.size() > above.path.size() && path.compare(0, above.path.size(), above.path) == 0
            && path[above.path.size()] == '/');
}

void addLayers(ImagesDetail& detail, const StoredHere& chosen, const std::vector<StoredHere>& all,
               const sim::container::docker::Docker* docker)
{
    const auto& layers = chosen.image->layers;
    std::vector<std::string> steps;
    for (const sim::container::BuildStep& step : chosen.image->history)
        if (!step.emptyLayer)
            steps.push_back(step.createdBy);
    for (std::size_t i = 0; i < layers.size(); ++i) {
        LayerDetail one;
        one.digest = shortDigest(layers[i].digest);
        one.bytes = layers[i].bytes;
        if (steps.size() == layers.size())
            one.createdBy = steps[i];
        const std::string chain = i < chosen.chain.size() ? chosen.chain[i] : std::string();
        one.images = std::count_if(all.begin(), all.end(), [&](const StoredHere& other) {
            return i < other.chain.size() && other.chain[i] == chain;
        });
        if (docker != nullptr)
            if (const auto folder = docker->layers.find(chain); folder != docker->layers.end())
                one.folder = folder->second.folder;
        for (const LayerFile& file : layers[i].files) {
            const auto inLower = [&](const std::string& path) {
                for (std::size_t below = 0; below < i; ++below)
                    for (const LayerFile& lower : layers[below].files)
                        if (lower.path == path)
                            return true;
                return false;
            };
            std::vector<std::string>& list = file.whiteout ? one.hides : inLower(file.path) ? one.shadows : one.adds;
            if (list.size() < kPathsNamed)
                list.push_back(file.path);
            bool covered = false;
            for (std::size_t above = i + 1; above < layers.size() && !file.whiteout; ++above)
                covered = covered
                    || std::any_of(layers[above].files.begin(), layers[above].files.end(),
                                   [&](const LayerFile& upper) { return covers(upper, file.path); });
            if (covered)
                one.shadowedBytes += file.bytes;
        }
        detail.wastedBytes += one.shadowedBytes;
        detail.layers.push_back(std::move(one));
    }
}

std::string stateWord(sim::container::docker::Container::State state)
{
    using State = sim::container::docker::Container::State;
    switch (state) {
    case State::Created: return "created";
    case State::Running: return "running";
    case State::Paused: return "paused";
    case State::Restarting: return "restarting";
    case State::Exited: return "exited";
    case State::Dead: return "dead";
    }
    return {};
}

std::int64_t bytesBelow(const Machine& machine, const std::string& folder)
{
    std::int64_t bytes = 0;
    for (auto file = machine.files.lower_bound(folder + "/");
         file != machine.files.end() && file->first.compare(0, folder.size() + 1, folder + "/") == 0; ++file)
        if (file->second->type == sim::host::File::Type::Regular)
            bytes += file->second->size;
    return bytes;
}

void addDockerUsers(ImagesDetail& detail, const sim::container::docker::Docker& docker, const Machine& machine,
                    const std::string& imageId)
{
    for (const auto& [id, container] : docker.containers) {
        if (container.imageId != imageId)
            continue;
        const std::string folder = fmt::format("{}/overlay2/{}", sim::container::docker::kRoot, container.upper);
        detail.users.push_back(
            {container.name, stateWord(container.state), bytesBelow(machine, folder + "/diff"), container.upper});
        const auto mount = std::find_if(machine.mounts.begin(), machine.mounts.end(),
                                        [&](const auto& m) { return m.path == folder + "/merged"; });
        if (mount != machine.mounts.end() && detail.mountOptions.empty())
            detail.mountOptions = mount->options;
    }
}

void addPodUsers(ImagesDetail& detail, const sim::World& world, const Machine& machine, const std::string& digest)
{
    for (const auto& [id, container] : world.runtimes().containers()) {
        if (container.host != machine.id || container.sandbox || container.imageDigest != digest)
            continue;
        const bool runs = container.state == sim::container::Container::State::Running;
        std::int64_t written = 0;
        for (const auto& [path, content] : container.files)
            written += static_cast<std::int64_t>(content.size());
        if (runs)
            detail.users.push_back({container.podName + "/" + container.name, "running", written, {}});
    }
}

void tellImages(ImagesDetail& detail, const Machine& machine)
{
    Reading& read = detail.read;
    read.what = "images";
    read.reads = {"image/" + machine.name};
    if (!detail.chosen.empty())
        read.reads.push_back("image/" + machine.name + "/" + detail.chosen);
    read.text = "REPOSITORY:TAG   IMAGE ID   SIZE   UNIQUE SIZE   CONTAINERS\n";
    for (const ImageHead& image : detail.images)
        read.text += fmt::format("{}   {}   {}   {}   {}\n", image.reference, image.id, image.bytes, image.ownBytes,
                                 image.containers);
    for (auto layer = detail.layers.rbegin(); layer != detail.layers.rend(); ++layer)
        read.text += fmt::format("{}   {}   {}B   shadowed {}B\n", layer->digest, layer->createdBy, layer->bytes,
                                 layer->shadowedBytes);
    for (const ImageUser& user : detail.users) {
        read.text += fmt::format("{}   {}   {}B written\n", user.name, user.state, user.writableBytes);
        if (detail.store == ImagesDetail::Store::Docker)
            read.reads.push_back("container/" + machine.name + "/" + user.name);
    }
    read.shape = fmt::format("{} {} {}", detail.chosen, detail.images.size(), detail.bytes);
    for (const ImageUser& user : detail.users)
        read.shape += fmt::format(" {}{}{}", user.name, user.state, user.writableBytes >> 24);
}

} // namespace

ImagesDetail imagesOf(const sim::World& world, const Machine& machine, const HostInterest& interest)
{
    ImagesDetail detail;
    const std::vector<StoredHere> all = imagesHere(world, machine, detail.store);
    const auto* docker = world.dockers().find(machine.id);
    std::map<std::string, std::pair<std::int64_t, int>> layers; ///< bytes, images that have it
    for (const StoredHere& one : all)
        for (std::size_t i = 0; i < std::min(one.chain.size(), one.image->layers.size()); ++i) {
            auto& layer = layers[one.chain[i]];
            layer = {one.image->layers[i].bytes, layer.second + 1};
        }
    for (const auto& [name, layer] : layers)
        detail.bytes += layer.first;
    const StoredHere* chosen = nullptr;
    for (const StoredHere& one : all) {
        ImageHead head;
        head.reference = one.reference;
        head.id = shortDigest(one.id);
        head.bytes = one.image->bytes();
        for (const std::string& name : one.chain)
            if (const auto layer = layers.find(name); layer != layers.end() && layer->second.second == 1)
                head.ownBytes += layer->second.first;
        if (docker != nullptr)
            head.containers = std::count_if(docker->containers.begin(), docker->containers.end(),
                                            [&](const auto& c) { return c.second.imageId == one.id; });
        else
            for (const auto& [id, container] : world.runtimes().containers())
                head.containers += container.host == machine.id && !container.sandbox
                    && container.imageDigest == one.image->digest
                    && container.state == sim::container::Container::State::Running;
        detail.images.push_back(std::move(head));
        if (one.reference == interest.image)
            chosen = &one;
    }
    if (chosen == nullptr && !all.empty()) {
        // The one with most containers has most to show.
        const auto most = std::max_element(detail.images.begin(), detail.images.end(),
                                           [](const auto& a, const auto& b) { return a.containers < b.containers; });
        chosen = &all[static_cast<std::size_t>(most - detail.images.begin())];
    }
    if (chosen != nullptr) {
        detail.chosen = chosen->reference;
        addLayers(detail, *chosen, all, docker);
        if (docker != nullptr)
            addDockerUsers(detail, *docker, machine, chosen->id);
        else
            addPodUsers(detail, world, machine, chosen->image->digest);
    }
    tellImages(detail, machine);
    return detail;
}

} // namespace core::session
