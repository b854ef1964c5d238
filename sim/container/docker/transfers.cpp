// docker pull and docker push, step by step: name, SYN retries, TLS, the registry's answer, layers over shared links. The texts
// are dockerd 27's.
#include "sim/container/docker/daemon.h"
#include "sim/container/machine_names.h"

#include <fmt/format.h>

#include <algorithm>

namespace sim::container::docker {

namespace {

// distribution's dialer
constexpr Duration kConnectTimeout = 30s;
constexpr Duration kFirstRetry = 1s;
constexpr double kStreamRate = 80e6;
constexpr double kUnpackRate = 250e6;
constexpr Duration kRequests = 60ms;
constexpr Duration kOldTransfersKept = 60s;

/// Docker Hub's registry has a name of its own.
std::string serverOf(const Reference& reference)
{
    return reference.registry == "docker.io" ? "registry-1.docker.io" : reference.registry;
}

std::string getFailed(const Reference& reference, const std::string& what)
{
    return fmt::format("Get \"https://{}/v2/\": {}", serverOf(reference), what);
}

} // namespace

Outcome Daemon::operator()(const PullImage& request)
{
    Outcome outcome;
    const auto reference = Reference::parse(request.reference);
    if (!reference) {
        outcome.status = 400;
        outcome.error = "invalid reference format";
        return outcome;
    }
    std::erase_if(docker.transfers, [&](const auto& entry) { return entry.second.over() && context.now() - entry.second.ended > kOldTransfersKept; });
    Transfer transfer;
    transfer.id = docker.nextTransfer++;
    transfer.reference = *reference;
    transfer.credentials = request.credentials;
    transfer.started = context.now();
    outcome.id = std::to_string(transfer.id);
    later(DockerEvent::TransferStep, 5ms, transfer.id, transfer.generation);
    docker.transfers.emplace(transfer.id, std::move(transfer));
    return outcome;
}

Outcome Daemon::operator()(const PushImage& request)
{
    Outcome outcome;
    const auto reference = Reference::parse(request.reference);
    std::string id;
    const StoredImage* image = reference ? findImage(reference->text(), &id) : nullptr;
    if (image == nullptr) {
        outcome.status = 404;
        outcome.error = reference ? fmt::format("An image does not exist locally with the tag: {}", familiar(repositoryOf(reference->text())))
                                  : "invalid reference format";
        return outcome;
    }
    outcome = (*this)(PullImage{request.reference, request.credentials});
    Transfer& transfer = docker.transfers.at(static_cast<std::uint32_t>(std::stoul(outcome.id)));
    transfer.push = true;
    transfer.image = image->image;
    return outcome;
}

void Daemon::end(Transfer& transfer, std::string error)
{
    transfer.phase = error.empty() ? Transfer::Phase::Done : Transfer::Phase::Failed;
    transfer.error = std::move(error);
    transfer.ended = context.now();
    ++transfer.generation;
    if (!transfer.error.empty())
        log("error", fmt::format("msg=\"Not continuing with {} after error: {}\"", transfer.push ? "push" : "pull", transfer.error));
}

void Daemon::step(Transfer& transfer)
{
    if (transfer.phase == Transfer::Phase::Moving) { // the layers are there: unpacked, or taken in
        if (transfer.push) {
            Registry* registry = context.parts.registries.find(transfer.reference.registry);
            if (registry == nullptr)
                return end(transfer, "unexpected status from PUT request: 404 Not Found");
            context.parts.registries.push(context.engine(), context.hosts(), *registry, transfer.reference.repository, transfer.reference.tag, transfer.image);
            std::string id;
            if (StoredImage* stored = findImage(transfer.reference.text(), &id))
                stored->digests[transfer.reference.registry + "/" + transfer.reference.repository] = transfer.image->digest;
            happen("image", "push", id, {{"name", familiar(transfer.reference.text())}});
            return end(transfer, {});
        }
        const std::string problem = store(transfer.reference.digest.empty() ? transfer.reference.text() : std::string(), transfer.image,
                                          transfer.reference.registry + "/" + transfer.reference.repository);
        if (!problem.empty())
            return end(transfer, "failed to register layer: " + problem);
        happen("image", "pull", familiar(transfer.reference.text()), {{"name", familiar(transfer.reference.text())}});
        return end(transfer, {});
    }
    const std::string server = serverOf(transfer.reference);
    const std::string name = server.substr(0, server.find(':'));
    const auto colon = server.find(':');
    const std::int64_t port = colon == std::string::npos ? 443 : std::atoll(server.c_str() + colon + 1);
    const MachineName found = resolveOnMachine(context.hosts(), context.network(), docker.host, name);
    if (found.status != MachineName::Status::Found)
        return end(transfer, getFailed(transfer.reference, found.status == MachineName::Status::NoAnswer
                ? fmt::format("dial tcp: lookup {} on {}:53: read udp: i/o timeout", name, found.server)
                : fmt::format("dial tcp: lookup {} on {}:53: no such host", name, found.server)));
    const net::Ipv4 address = found.addresses.front();
    const std::string target = fmt::format("{}:{}", address.text(), port);
    const net::PathResult path = context.network().send(machine().stack, address, net::Protocol::Tcp, port);
    switch (path.verdict) {
    case net::Verdict::Delivered: break;
    case net::Verdict::NotPermitted:
    case net::Verdict::TimedOut: {
        const Duration waited = context.now() - transfer.started;
        if (waited >= kConnectTimeout)
            return end(transfer, getFailed(transfer.reference, "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)"));
        const Duration next = std::min(kConnectTimeout, waited < kFirstRetry ? kFirstRetry : waited * 2 + kFirstRetry);
        later(DockerEvent::TransferStep, next - waited, transfer.id, transfer.generation);
        return;
    }
    case net::Verdict::HostUnreachable: return end(transfer, getFailed(transfer.reference, "dial tcp " + target + ": connect: no route to host"));
    case net::Verdict::NetworkUnreachable: return end(transfer, getFailed(transfer.reference, "dial tcp " + target + ": connect: network is unreachable"));
    case net::Verdict::InvalidArgument: return end(transfer, getFailed(transfer.reference, "dial tcp " + target + ": connect: invalid argument"));
    case net::Verdict::MessageTooLong: return end(transfer, getFailed(transfer.reference, "dial tcp " + target + ": connect: message too long"));
    case net::Verdict::PermissionDenied: return end(transfer, getFailed(transfer.reference, "dial tcp " + target + ": connect: permission denied"));
    case net::Verdict::Refused:
    case net::Verdict::Prohibited: return end(transfer, getFailed(transfer.reference, "dial tcp " + target + ": connect: connection refused"));
    }
    const HostId host = context.network().stack(path.target).host;
    Registry* registry = nullptr;
    if (const Registry* there = context.parts.registries.onHost(host); there != nullptr && there->port == port)
        registry = context.parts.registries.find(there->name);
    if (registry == nullptr)
        return end(transfer, getFailed(transfer.reference, "http: server gave HTTP response to HTTPS client"));
    if (!context.hosts().unitResponds(host, registry->unit))
        return end(transfer, getFailed(transfer.reference, "net/http: TLS handshake timeout"));

    const Reference& wanted = transfer.reference;
    const auto account = registry->accounts.find(transfer.credentials.user);
    const bool known = account != registry->accounts.end() && account->second.password == transfer.credentials.password;
    if (!transfer.credentials.user.empty() && !known)
        return end(transfer, fmt::format("Head \"https://{}/v2/{}/manifests/{}\": unauthorized: incorrect username or password", wanted.registry,
                                         wanted.repository, wanted.digest.empty() ? wanted.tag : wanted.digest));
    if (transfer.push) {
        if (!known)
            return end(transfer, "no basic auth credentials");
        const std::string project = wanted.repository.substr(0, wanted.repository.find('/'));
        const auto& projects = account->second.projects;
        if (std::none_of(projects.begin(), projects.end(), [&](const std::string& p) { return p == "*" || p == project; }))
            return end(transfer, "denied: requested access to the resource is denied");
        std::set<std::string> there;
        for (const auto& [digest, image] : registry->images)
            for (const Layer& layer : image->layers)
                there.insert(layer.digest);
        std::int64_t bytes = 0;
        for (const Layer& layer : transfer.image->layers)
            if (there.count(layer.digest) > 0)
                transfer.present.push_back(layer.digest);
            else
                bytes += layer.compressedBytes;
        const host::Machine& store = context.hosts().at(host);
        if (const host::Mount& mount = store.mountOf(registry->root); store.usedBytes(mount) + bytes > mount.sizeBytes)
            return end(transfer, "received unexpected HTTP status: 500 Internal Server Error");
        transfer.phase = Transfer::Phase::Moving;
        ++transfer.generation;
        if (bytes == 0)
            later(DockerEvent::TransferStep, kRequests, transfer.id, transfer.generation);
        else
            transfer.flow = context.network().startFlow(context.engine(), machine().stack, path.target, static_cast<double>(bytes), kStreamRate, transfer.id);
        return;
    }
    const RegistryAnswer answer = context.parts.registries.answer(context.hosts(), *registry, context.now(), "HEAD",
        fmt::format("/v2/{}/manifests/{}", wanted.repository, wanted.digest.empty() ? wanted.tag : wanted.digest), transfer.credentials.user,
        transfer.credentials.password);
    constexpr int kUnauthorized = 401, kNotFound = 404, kOk = 200;
    if (answer.status == kUnauthorized)
        return end(transfer, transfer.credentials.user.empty()
            ? fmt::format("Head \"https://{}/v2/{}/manifests/{}\": no basic auth credentials", wanted.registry, wanted.repository, wanted.tag)
            : fmt::format("pull access denied for {}, repository does not exist or may require 'docker login': denied: requested access to the "
                          "resource is denied", familiar(repositoryOf(wanted.text()))));
    if (answer.status == kNotFound)
        return end(transfer, fmt::format("manifest for {} not found: manifest unknown: manifest unknown", familiar(wanted.text())));
    if (answer.status != kOk)
        return end(transfer, fmt::format("received unexpected HTTP status: {} Service Unavailable", answer.status));
    if (!context.parts.registries.countPull(*registry, transfer.credentials.user.empty() ? path.source.text() : transfer.credentials.user, context.now()))
        return end(transfer, "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: "
                             "https://www.docker.com/increase-rate-limit");
    transfer.image = answer.image;
    std::string parent;
    std::int64_t bytes = 0;
    for (const Layer& layer : answer.image->layers) {
        parent = parent.empty() ? layer.digest : digestOf(parent + " " + layer.digest);
        if (docker.layers.count(parent) > 0)
            transfer.present.push_back(layer.digest);
        else
            bytes += layer.compressedBytes;
    }
    const auto stored = docker.images.find(answer.image->configDigest);
    transfer.upToDate = stored != docker.images.end() && stored->second.references.count(wanted.text()) > 0;
    transfer.phase = Transfer::Phase::Moving;
    ++transfer.generation;
    if (bytes == 0)
        later(DockerEvent::TransferStep, kRequests, transfer.id, transfer.generation);
    else
        transfer.flow = context.network().startFlow(context.engine(), path.target, machine().stack, static_cast<double>(bytes), kStreamRate, transfer.id, port);
}

void Daemon::moved(Transfer& transfer, bool completed)
{
    if (!completed)
        return end(transfer, transfer.push ? "write: connection timed out" : "unexpected EOF");
    std::int64_t bytes = 0;
    if (!transfer.push)
        for (const Layer& layer : transfer.image->layers)
            if (std::find(transfer.present.begin(), transfer.present.end(), layer.digest) == transfer.present.end())
                bytes += layer.bytes;
    ++transfer.generation;
    later(DockerEvent::TransferStep, kRequests + fromSeconds(static_cast<double>(bytes) / kUnpackRate), transfer.id, transfer.generation);
}

} // namespace sim::container::docker
