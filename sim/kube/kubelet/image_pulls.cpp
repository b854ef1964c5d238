#include "sim/container/registry.h"
#include "sim/engine/base64.h"
#include "sim/kube/kubelet/kubelet.h"
#include "sim/kube/kubelet/reasons.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>

// Images: what is there, what must be pulled, and how long to leave a failing one alone
// (pkg/kubelet/images/image_manager.go, client-go util/flowcontrol/backoff.go).
namespace sim::kube {

namespace {

// pkg/kubelet/kubelet.go: imageBackOffPeriod 10 s, MaxImageBackOff 300 s; forgotten after twice the longest.
constexpr Duration kFirstBackOff = 10s;
constexpr Duration kLongestBackOff = 300s;
constexpr Duration kPullRetry = 10s; // kubelet's backOffPeriod, with half of it as jitter

/// The CRI status that containerd's error becomes.
std::string withCode(const std::string& error)
{
    const auto ends = [&](std::string_view tail) {
        return error.size() >= tail.size() && error.compare(error.size() - tail.size(), tail.size(), tail) == 0;
    };
    const char* code = ends(": not found") ? "NotFound" : ends("EOF") ? "Unavailable" : ends("i/o timeout") ? "DeadlineExceeded" : "Unknown";
    return fmt::format("rpc error: code = {} desc = {}", code, error);
}

/// Go's %q, as klog prints values.
std::string quoted(const std::string& text)
{
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string backOffKey(const PodWork& work, const std::string& image)
{
    return work.pod->metadata.uid + "_" + image;
}

} // namespace

bool Kubelet::ensureImage(KubeletContext& k, PodWork& work, ContainerRole role, std::uint32_t index)
{
    ContainerRecord& record = work.records(role)[index];
    const Container& spec = work.spec(role, index);
    const auto reference = container::Reference::parse(spec.image);
    if (!reference) {
        const std::string message = fmt::format("Failed to apply default image tag \"{0}\": couldn't parse image name \"{0}\": invalid "
                                                "reference format", spec.image);
        record.waiting = ContainerStateWaiting{message, reason::kInvalidImageName};
        event(k, work, kWarning, reason::kInvalidImage, message, spec.name, role);
        event(k, work, kWarning, reason::kFailed, "Error: InvalidImageName", spec.name, role);
        wake(k, work, kPullRetry);
        return false;
    }
    const bool present = k.context.runtimes.image(m_host, spec.image) != nullptr;
    // A pull that has just ended well counts for Always too.
    const bool fresh = record.pulling && present && std::none_of(m_pulls.queue.begin(), m_pulls.queue.end(), [&](const auto& w) {
        return w.serial == work.serial && w.role == role && w.index == index;
    });
    if (present && (spec.imagePullPolicy != "Always" || fresh)) {
        if (!record.pulling)
            event(k, work, kNormal, reason::kPulled, fmt::format("Container image \"{}\" already present on machine", spec.image), spec.name, role);
        record.pulling = false;
        return true;
    }
    if (spec.imagePullPolicy == "Never") {
        record.waiting = ContainerStateWaiting{fmt::format("Container image \"{}\" is not present with pull policy of Never", spec.image),
                                               reason::kErrImageNeverPull};
        event(k, work, kWarning, reason::kErrImageNeverPull, record.waiting->message, spec.name, role);
        event(k, work, kWarning, reason::kFailed, "Error: ErrImageNeverPull", spec.name, role);
        wake(k, work, kPullRetry);
        return false;
    }
    if (record.pulling)
        return false;
    const auto backoff = m_pulls.backoffs.find(backOffKey(work, spec.image));
    if (backoff != m_pulls.backoffs.end() && k.now() < backoff->second.since + backoff->second.delay) {
        record.waiting = ContainerStateWaiting{fmt::format("Back-off pulling image \"{}\": ErrImagePull: {}", spec.image, backoff->second.error),
                                               reason::kImagePullBackOff};
        event(k, work, kNormal, reason::kBackOff, fmt::format("Back-off pulling image \"{}\"", spec.image), spec.name, role);
        event(k, work, kWarning, reason::kFailed, "Error: ImagePullBackOff", spec.name, role);
        const Duration left = backoff->second.since + backoff->second.delay - k.now();
        wake(k, work, std::min(left, kPullRetry + k.context.engine.random("kubelet/retry").uniform(0ms, 5s)));
        return false;
    }
    record.pulling = true;
    if (!record.waiting)
        record.waiting = ContainerStateWaiting{{}, role == ContainerRole::Init || work.init.empty() ? reason::kCreating : reason::kInitializing};
    m_pulls.queue.push_back({work.serial, role, index, k.now()});
    nextPull(k);
    return false;
}

void Kubelet::nextPull(KubeletContext& k)
{
    while (!m_pulls.pull.valid() && !m_pulls.queue.empty()) {
        const ImagePulls::Wanted wanted = m_pulls.queue.front();
        PodWork* work = bySerial(wanted.serial);
        if (work == nullptr || work->terminating) {
            m_pulls.queue.erase(m_pulls.queue.begin());
            continue;
        }
        const Container& spec = work->spec(wanted.role, wanted.index);
        const auto reference = container::Reference::parse(spec.image);
        if (!reference) {
            m_pulls.queue.erase(m_pulls.queue.begin());
            continue;
        }
        event(k, *work, kNormal, reason::kPulling, fmt::format("Pulling image \"{}\"", spec.image), spec.name, wanted.role);
        std::string missing;
        const auto credentials = credentialsFor(k, *work, reference->registry, missing);
        if (!missing.empty())
            event(k, *work, kWarning, reason::kPullSecret,
                  fmt::format("Unable to retrieve some image pull secrets ({}); attempting to pull the image may not succeed.", missing));
        m_pulls.tried = 0;
        m_pulls.errors.clear();
        startPull(k, credentials, *reference);
    }
}

void Kubelet::startPull(KubeletContext& k, const std::vector<container::Credentials>& credentials, const container::Reference& reference)
{
    std::optional<container::Credentials> account;
    if (m_pulls.tried < credentials.size())
        account = credentials[m_pulls.tried];
    container::Context runtime = k.runtime();
    m_pulls.pull = k.context.runtimes.pull(runtime, m_host, reference, account);
}

std::vector<container::Credentials> Kubelet::credentialsFor(KubeletContext& k, const PodWork& work, const std::string& registry,
                                                            std::string& missing)
{
    std::vector<container::Credentials> found;
    if (k.client == nullptr)
        return found;
    for (const LocalObjectReference& name : work.pod->spec.imagePullSecrets) {
        const auto secret = k.client->store.get<Secret>({work.pod->metadata.namespace_, name.name});
        if (!secret || secret->data.count(".dockerconfigjson") == 0) {
            missing += (missing.empty() ? "" : ", ") + name.name;
            continue;
        }
        const auto config = nlohmann::json::parse(decodeBase64(secret->data.at(".dockerconfigjson")).value_or(""), nullptr, false);
        if (!config.is_object() || !config.contains("auths") || !config.at("auths").is_object())
            continue;
        for (const auto& [server, entry] : config.at("auths").items()) {
            std::string host = server;
            if (const auto scheme = host.find("://"); scheme != std::string::npos)
                host = host.substr(scheme + 3);
            host = host.substr(0, host.find('/'));
            if (host != registry || !entry.is_object())
                continue;
            container::Credentials credentials;
            const auto text = [&](const char* key) {
                return entry.contains(key) && entry.at(key).is_string() ? entry.at(key).get<std::string>() : std::string();
            };
            credentials.user = text("username");
            credentials.password = text("password");
            if (const std::string both = decodeBase64(text("auth")).value_or(""); !both.empty() && both.find(':') != std::string::npos) {
                credentials.user = both.substr(0, both.find(':'));
                credentials.password = both.substr(both.find(':') + 1);
            }
            if (std::none_of(found.begin(), found.end(), [&](const container::Credentials& other) { return other == credentials; }))
                found.push_back(credentials);
        }
    }
    return found;
}

void Kubelet::pullEnded(KubeletContext& k, const container::PullEnded& ended)
{
    if (ended.id != m_pulls.pull || m_pulls.queue.empty())
        return; // somebody's crictl pull
    const ImagePulls::Wanted wanted = m_pulls.queue.front();
    PodWork* work = bySerial(wanted.serial);
    if (!ended.error.empty() && work != nullptr) {
        if (const std::string error = withCode(ended.error); std::find(m_pulls.errors.begin(), m_pulls.errors.end(), error) == m_pulls.errors.end())
            m_pulls.errors.push_back(error);
        ++m_pulls.tried;
        const Container& spec = work->spec(wanted.role, wanted.index);
        const auto reference = container::Reference::parse(spec.image);
        std::string missing;
        const auto credentials = reference ? credentialsFor(k, *work, reference->registry, missing) : std::vector<container::Credentials>{};
        if (!work->terminating && k.context.runtimes.up(k.context.hosts, m_host) && m_pulls.tried < credentials.size()) {
            startPull(k, credentials, *reference); // kuberuntime_image.go: one account after the other
            return;
        }
    }
    m_pulls.queue.erase(m_pulls.queue.begin());
    m_pulls.pull = {};
    if (work != nullptr) {
        ContainerRecord& record = work->records(wanted.role)[wanted.index];
        const Container& spec = work->spec(wanted.role, wanted.index);
        const std::string key = backOffKey(*work, spec.image);
        if (ended.error.empty()) {
            m_pulls.backoffs.erase(key);
            event(k, *work, kNormal, reason::kPulled,
                  fmt::format("Successfully pulled image \"{}\" in {} ({} including waiting). Image size: {} bytes.", spec.image,
                              goDuration(ended.took), goDuration(k.now() - wanted.queued), ended.bytes), spec.name, wanted.role);
            wake(k, *work, 1ms);
        } else {
            record.pulling = false;
            // utilerrors.NewAggregate: several different ones stand in brackets.
            const std::string error = m_pulls.errors.size() > 1 ? fmt::format("[{}]", fmt::join(m_pulls.errors, ", ")) : withCode(ended.error);
            ImagePulls::BackOff& backoff = m_pulls.backoffs[key];
            const bool forgotten = backoff.delay == Duration{} || k.now() - backoff.since > 2 * kLongestBackOff;
            backoff.delay = forgotten ? kFirstBackOff : std::min(kLongestBackOff, backoff.delay * 2);
            backoff.since = k.now();
            backoff.error = error;
            record.waiting = ContainerStateWaiting{error, reason::kErrImagePull};
            event(k, *work, kWarning, reason::kFailed, fmt::format("Failed to pull image \"{}\": {}", spec.image, error), spec.name, wanted.role);
            event(k, *work, kWarning, reason::kFailed, "Error: ErrImagePull", spec.name, wanted.role);
            log(k, 'E', "log.go:32", fmt::format("\"PullImage from image service failed\" err={} image={}", quoted(error), quoted(spec.image)));
            log(k, 'E', "pod_workers.go:1301",
                fmt::format("\"Error syncing pod, skipping\" err={} pod=\"{}/{}\" podUID=\"{}\"",
                            quoted(fmt::format("failed to {} for {} with ErrImagePull: {}", quoted("StartContainer"), quoted(spec.name), quoted(error))),
                            work->pod->metadata.namespace_, work->pod->metadata.name, work->pod->metadata.uid));
            report(k, *work);
            wake(k, *work, kPullRetry + k.context.engine.random("kubelet/retry").uniform(0ms, 5s));
        }
    }
    nextPull(k);
}

} // namespace sim::kube
