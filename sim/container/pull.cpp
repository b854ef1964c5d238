#include "sim/container/machine_names.h"
#include "sim/container/registry.h"
#include "sim/container/runtime.h"
#include "sim/container/runtime_events.h"
#include "sim/engine/assert.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <set>

// An image pull, step by step as containerd 1.7 does it: name, TCP and TLS, manifest by tag, layers,
// unpacking. Every failure is what that step meets in the world's state; the texts are containerd's.
namespace sim::container {

namespace {

// containerd's resolver dials with a 30 s timeout (remotes/docker/config: net.Dialer{Timeout: 30s}).
constexpr Duration kDialTimeout = 30s;
// Linux sends SYN again after 1 s, then doubles.
constexpr Duration kFirstSynRetry = 1s;
// TLS, token and manifest: four round trips and the registry's own work.
constexpr Duration kManifestWork = 40ms;
// One registry worker reading from disk and encrypting one stream.
constexpr double kStreamBytesPerSecond = 80e6;
// gunzip and untar to overlayfs on NVMe, bytes on disk per second.
constexpr double kUnpackBytesPerSecond = 250e6;
// How long whoever asked may look up how a pull ended.
constexpr Duration kEndedPullsKept = 60s;

std::string prefix(const Reference& reference)
{
    return fmt::format("failed to pull and unpack image \"{0}\": failed to resolve reference \"{0}\": ", reference.text());
}

std::string manifestUrl(const Reference& reference)
{
    return fmt::format("https://{}/v2/{}/manifests/{}", reference.registry, reference.repository,
                       reference.digest.empty() ? reference.tag : reference.digest);
}

/// logrus' text format, as containerd and the registry write it.
std::string logrus(Instant at, std::string_view level, const std::string& fields)
{
    const auto seconds = std::chrono::floor<std::chrono::seconds>(at);
    return fmt::format("time=\"{:%Y-%m-%dT%H:%M:%S}.{:09}Z\" level={} {}", fmt::gmtime(seconds.time_since_epoch().count()),
                       (at - seconds).count(), level, fields);
}

/// Go's %q of a text without control characters.
std::string goQuoted(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        out += c;
    }
    return out + "\"";
}

void containerdLog(Context& context, HostId host, std::string_view level, const std::string& fields)
{
    const auto& units = context.hosts.at(host).units;
    const auto unit = units.find("containerd.service");
    context.hosts.log(context.engine, host, "containerd", "containerd.service", unit == units.end() ? 0 : unit->second.mainPid,
                      level == "error" ? 3 : 6, logrus(context.engine.now(), level, fields));
}

/// What the registry writes about one request: its storage's trouble first, then the access log's line
/// (Apache's combined format).
void registryLog(Context& context, const Registry& registry, net::Ipv4 client, const std::string& request, int status)
{
    const Instant now = context.engine.now();
    const auto& units = context.hosts.at(registry.host).units;
    const auto unit = units.find(registry.unit);
    const auto write = [&](std::uint8_t priority, std::string text) {
        context.hosts.log(context.engine, registry.host, "registry", registry.unit, unit == units.end() ? 0 : unit->second.mainPid,
                          priority, std::move(text));
    };
    if (status == 503)
        write(3, logrus(now, "error", "msg=" + goQuoted(fmt::format("storage driver health check: filesystem: open {}/docker: permission denied",
                                                                  registry.root))));
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    write(6, fmt::format("{} - - [{:%d/%b/%Y:%H:%M:%S +0000}] {} {} 0 \"\" \"containerd/v1.7.24\"", client.text(),
                         fmt::gmtime(seconds.time_since_epoch().count()), goQuoted(request + " HTTP/1.1"), status));
}

std::string requestFailed(const Reference& reference, const std::string& what)
{
    return prefix(reference) + fmt::format("failed to do request: Head \"{}\": {}", manifestUrl(reference), what);
}

} // namespace

PullId Runtimes::pull(Context& context, HostId host, const Reference& reference, std::optional<Credentials> credentials)
{
    std::erase_if(m_pulls, [&](const auto& entry) {
        return entry.second.ended() && context.engine.now() - entry.second.endedAt > kEndedPullsKept;
    });
    Pull pull;
    pull.id = PullId(m_nextPull++);
    pull.host = host;
    pull.reference = reference;
    pull.credentials = std::move(credentials);
    pull.started = context.engine.now();
    const PullId id = pull.id;
    containerdLog(context, host, "info", "msg=" + goQuoted("PullImage " + goQuoted(reference.text())));
    m_pulls.emplace(id, std::move(pull));
    context.engine.after(2ms, runtimeEvent(RuntimeEvent::PullStep, id.value, 0));
    return id;
}

const Pull* Runtimes::findPull(PullId id) const
{
    const auto it = m_pulls.find(id);
    return it == m_pulls.end() ? nullptr : &it->second;
}

void Runtimes::handlePull(Context& context, const Event& event)
{
    const auto it = m_pulls.find(PullId(event.target));
    if (it == m_pulls.end() || it->second.generation != event.argument)
        return;
    Pull& pull = it->second;
    if (static_cast<RuntimeEvent>(event.type) == RuntimeEvent::PullUnpacked)
        unpacked(context, pull);
    else if (pull.phase == Pull::Phase::Resolving)
        resolve(context, pull);
}

void Runtimes::resolve(Context& context, Pull& pull)
{
    const Instant now = context.engine.now();
    const std::string host = pull.reference.registry.substr(0, pull.reference.registry.find(':'));
    const auto colon = pull.reference.registry.find(':');
    const std::int64_t port = colon == std::string::npos ? 443 : std::atoll(pull.reference.registry.c_str() + colon + 1);
    const host::Machine& machine = context.hosts.at(pull.host);

    const MachineName name = resolveOnMachine(context.hosts, context.network, pull.host, host);
    if (name.status != MachineName::Status::Found) {
        const bool silent = name.status == MachineName::Status::NoAnswer;
        endPull(context, pull, requestFailed(pull.reference,
            silent ? fmt::format("dial tcp: lookup {} on {}:53: read udp: i/o timeout", host, name.server)
                   : fmt::format("dial tcp: lookup {} on {}:53: no such host", host, name.server)));
        return;
    }
    const net::Ipv4 address = name.addresses.front();
    const std::string target = fmt::format("{}:{}", address.text(), port);
    const net::PathResult path = context.network.send(machine.stack, address, net::Protocol::Tcp, port);
    switch (path.verdict) {
    case net::Verdict::Delivered:
        break;
    case net::Verdict::NotPermitted: // dropped by our own OUTPUT chain: connect() goes on trying
    case net::Verdict::TimedOut: {
        // The kernel sends SYN again after 1, 3, 7, 15 s; the dialler gives up at 30 s.
        const Duration waited = now - pull.started;
        const Duration next = std::min(kDialTimeout, waited < kFirstSynRetry ? kFirstSynRetry : waited * 2 + kFirstSynRetry);
        if (waited >= kDialTimeout)
            endPull(context, pull, requestFailed(pull.reference, "dial tcp " + target + ": i/o timeout"));
        else
            context.engine.at(pull.started + next, runtimeEvent(RuntimeEvent::PullStep, pull.id.value, pull.generation));
        return;
    }
    case net::Verdict::Refused:
    case net::Verdict::Prohibited:
        endPull(context, pull, requestFailed(pull.reference, "dial tcp " + target + ": connect: connection refused"));
        return;
    case net::Verdict::NetworkUnreachable:
        endPull(context, pull, requestFailed(pull.reference, "dial tcp " + target + ": connect: network is unreachable"));
        return;
    case net::Verdict::InvalidArgument:
        endPull(context, pull, requestFailed(pull.reference, "dial tcp " + target + ": connect: invalid argument"));
        return;
    case net::Verdict::MessageTooLong:
        endPull(context, pull, requestFailed(pull.reference, "dial tcp " + target + ": connect: message too long"));
        return;
    case net::Verdict::PermissionDenied:
        endPull(context, pull, requestFailed(pull.reference, "dial tcp " + target + ": connect: permission denied"));
        return;
    case net::Verdict::HostUnreachable:
        endPull(context, pull, requestFailed(pull.reference, "dial tcp " + target + ": connect: no route to host"));
        return;
    }

    const HostId server = context.network.stack(path.target).host;
    const Registry* registry = context.registries.onHost(server);
    if (registry == nullptr || registry->port != port) {
        endPull(context, pull, requestFailed(pull.reference, "http: server gave HTTP response to HTTPS client"));
        return;
    }
    if (!context.hosts.unitResponds(server, registry->unit)) {
        endPull(context, pull, requestFailed(pull.reference, "net/http: TLS handshake timeout"));
        return;
    }
    const Credentials credentials = pull.credentials.value_or(Credentials{});
    const std::string wanted = pull.reference.digest.empty() ? pull.reference.tag : pull.reference.digest;
    const RegistryAnswer answer = context.registries.answer(context.hosts, *registry, now, "HEAD",
        fmt::format("/v2/{}/manifests/{}", pull.reference.repository, wanted), credentials.user, credentials.password);
    registryLog(context, *registry, path.source, fmt::format("HEAD /v2/{}/manifests/{}", pull.reference.repository, wanted), answer.status);
    if (answer.status == 401) {
        const auto account = registry->accounts.find(credentials.user);
        const bool known = credentials.user.empty()
            || (account != registry->accounts.end() && account->second.password == credentials.password);
        endPull(context, pull, prefix(pull.reference)
            + (known ? "pull access denied, repository does not exist or may require authorization: server message: "
                       "insufficient_scope: authorization failed"
                     : fmt::format("failed to authorize: failed to fetch oauth token: unexpected status from GET request to "
                                   "https://{}/service/token?scope=repository%3A{}%3Apull&service={}: 401 Unauthorized",
                                   registry->name, pull.reference.repository, host)));
        return;
    }
    if (answer.status == 404) {
        endPull(context, pull, prefix(pull.reference) + pull.reference.text() + ": not found");
        return;
    }
    if (answer.status != 200) {
        endPull(context, pull, prefix(pull.reference)
            + fmt::format("unexpected status from HEAD request to {}: {} {}", manifestUrl(pull.reference), answer.status,
                          answer.status == 503 ? "Service Unavailable" : "Internal Server Error"));
        return;
    }

    pull.image = answer.image;
    pull.bytes = missingBytes(pull.host, *answer.image, &Layer::compressedBytes);
    ++pull.generation;
    if (pull.bytes == 0) {
        pull.phase = Pull::Phase::Unpacking;
        context.engine.after(kManifestWork + 4 * path.rtt,
                             runtimeEvent(RuntimeEvent::PullUnpacked, pull.id.value, pull.generation));
        return;
    }
    pull.phase = Pull::Phase::Downloading;
    pull.flow = context.network.startFlow(context.engine, path.target, machine.stack, static_cast<double>(pull.bytes),
                                          kStreamBytesPerSecond, pull.id.value, port);
}

void Runtimes::on(Context& context, const net::FlowEnded& ended)
{
    const auto it = m_pulls.find(PullId(static_cast<std::uint32_t>(ended.tag)));
    if (it == m_pulls.end() || it->second.phase != Pull::Phase::Downloading || it->second.flow != ended.id)
        return;
    Pull& pull = it->second;
    if (!ended.completed) {
        endPull(context, pull, fmt::format("failed to pull and unpack image \"{}\": failed to copy: httpReadSeeker: failed open: "
                                           "failed to do request: Get \"https://{}/v2/{}/blobs/{}\": read: connection timed out",
                                           pull.reference.text(), pull.reference.registry, pull.reference.repository,
                                           pull.image->layers.back().digest));
        return;
    }
    pull.phase = Pull::Phase::Unpacking;
    ++pull.generation;
    const auto onDisk = static_cast<double>(missingBytes(pull.host, *pull.image, &Layer::bytes));
    context.engine.after(kManifestWork + fromSeconds(onDisk / kUnpackBytesPerSecond),
                         runtimeEvent(RuntimeEvent::PullUnpacked, pull.id.value, pull.generation));
}

void Runtimes::unpacked(Context& context, Pull& pull)
{
    const host::Machine& machine = context.hosts.at(pull.host);
    const host::Mount& mount = machine.mountOf("/var/lib/containerd");
    const std::int64_t needed = missingBytes(pull.host, *pull.image, &Layer::bytes);
    if (machine.usedBytes(mount) + needed > mount.sizeBytes) {
        endPull(context, pull, fmt::format("failed to pull and unpack image \"{}\": failed to extract layer {}: write "
                                           "/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/{}/fs: "
                                           "no space left on device",
                                           pull.reference.text(), pull.image->layers.back().digest, 100 + pull.id.value));
        return;
    }
    storeImage(context, pull.host, pull.reference, pull.image);
    endPull(context, pull, {});
}

void Runtimes::endPull(Context& context, Pull& pull, std::string error)
{
    PullEnded ended;
    ended.id = pull.id;
    ended.host = pull.host;
    ended.reference = pull.reference.text();
    ended.error = std::move(error);
    ended.took = context.engine.now() - pull.started;
    if (ended.error.empty()) {
        ended.digest = pull.image->digest;
        ended.bytes = pull.image->bytes();
    }
    const std::string image = goQuoted(ended.reference);
    const bool pulled = ended.error.empty();
    if (!pulled)
        containerdLog(context, pull.host, "error",
                      fmt::format("msg={} error={}", goQuoted(fmt::format("PullImage {} failed", image)), goQuoted(ended.error)));
    containerdLog(context, pull.host, "info",
                  "msg=" + goQuoted(fmt::format("stop pulling image {}: active requests=0, bytes read={}", ended.reference,
                                              pulled ? pull.bytes : 0)));
    if (pulled)
        containerdLog(context, pull.host, "info",
                      "msg=" + goQuoted(fmt::format("PullImage {} returns image reference {}", image, goQuoted(pull.image->configDigest))));
    pull.phase = ended.error.empty() ? Pull::Phase::Done : Pull::Phase::Failed;
    pull.error = ended.error;
    pull.endedAt = context.engine.now();
    ++pull.generation;
    m_notices.emplace_back(std::move(ended));
}

void Runtimes::failPulls(Context& context, HostId host, const std::string& error)
{
    std::vector<PullId> ids;
    for (const auto& [id, pull] : m_pulls)
        if (pull.host == host && !pull.ended())
            ids.push_back(id);
    for (const PullId id : ids) {
        Pull& pull = m_pulls.at(id);
        if (pull.phase == Pull::Phase::Downloading)
            context.network.cancelFlow(context.engine, pull.flow);
        endPull(context, pull, error);
    }
}

std::int64_t Runtimes::missingBytes(HostId host, const Image& image, std::int64_t Layer::*size) const
{
    std::set<std::string> present;
    for (const auto& [reference, stored] : images(host))
        for (const Layer& layer : stored->layers)
            present.insert(layer.digest);
    std::int64_t bytes = 0;
    for (const Layer& layer : image.layers)
        if (present.count(layer.digest) == 0)
            bytes += layer.*size;
    return bytes;
}

void Runtimes::addImageBytes(host::Machine& machine, std::int64_t bytes)
{
    const host::Mount& found = machine.mountOf("/var/lib/containerd");
    for (host::Mount& mount : machine.mounts)
        if (mount.path == found.path)
            mount.dataUsedBytes = std::max<std::int64_t>(0, mount.dataUsedBytes + bytes);
}

void Runtimes::storeImage(Context& context, HostId host, const Reference& reference, std::shared_ptr<const Image> image)
{
    addImageBytes(context.hosts.at(host), missingBytes(host, *image, &Layer::bytes));
    m_images[host][reference.text()] = std::move(image);
}

} // namespace sim::container
