#include "core/endpoint/pod_log.h"

#include "core/endpoint/pod_target.h"
#include "core/shell/commands/kubelet_answers.h"
#include "sim/kube/api/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace core::endpoint {

namespace {

using sim::container::Container;

struct LogOptions {
    bool follow = false;
    bool previous = false;
    bool timestamps = false;
    std::optional<std::int64_t> tailLines;
    std::optional<std::int64_t> sinceSeconds;
    std::optional<std::int64_t> limitBytes;
    std::optional<sim::Instant> since;
    std::string error;
};

std::optional<std::int64_t> whole(const HttpRequest& http, const std::string& name, std::int64_t least, std::string& error)
{
    const auto text = http.parameter(name);
    if (!text)
        return std::nullopt;
    std::int64_t value = 0;
    const auto read = std::from_chars(text->data(), text->data() + text->size(), value);
    if (read.ec != std::errc() || read.ptr != text->data() + text->size())
        error = fmt::format("strconv.ParseInt: parsing \"{}\": invalid syntax", *text);
    else if (value < least)
        error = fmt::format("PodLogOptions \"\" is invalid: {}: Invalid value: {}: must be greater than or equal to {}", name, value, least);
    return value;
}

LogOptions optionsOf(const HttpRequest& http)
{
    LogOptions options;
    options.follow = http.flag("follow");
    options.previous = http.flag("previous");
    options.timestamps = http.flag("timestamps");
    options.tailLines = whole(http, "tailLines", 0, options.error);
    options.sinceSeconds = whole(http, "sinceSeconds", 1, options.error);
    options.limitBytes = whole(http, "limitBytes", 1, options.error);
    if (const auto time = http.parameter("sinceTime")) {
        options.since = sim::kube::parseRfc3339(*time);
        if (!options.since)
            options.error = fmt::format("parsing time \"{}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse", *time);
    }
    return options;
}

/// "2026-11-24T01:02:54.123456789Z"
std::string rfc3339Nano(sim::Instant at)
{
    std::string text = sim::kube::rfc3339Micro(at);
    text.pop_back();
    const auto ns = at.time_since_epoch().count() % 1000;
    return text + fmt::format("{:03}Z", ns < 0 ? ns + 1000 : ns);
}

class PodLog final : public TextStream {
public:
    PodLog(sim::ContainerId id, LogOptions options) : m_id(id), m_options(std::move(options)) { }

    std::string contentType() const override { return "text/plain"; }
    std::string take(const session::Session& lab) override { return take(lab.world()); }
    bool ended() const override { return m_ended; }

    std::string take(const sim::World& world)
    {
        const Container* container = world.runtimes().find(m_id);
        if (container == nullptr) {
            m_ended = true;
            return {};
        }
        const auto& log = container->log;
        std::size_t first = m_begun ? after(log) : start(log, world.now());
        m_begun = true;
        std::string text;
        for (; first < log.size() && !m_ended; ++first) {
            if (m_options.timestamps)
                text += rfc3339Nano(log[first].first) + " ";
            text += log[first].second + "\n";
            if (m_options.limitBytes && text.size() + m_sent >= static_cast<std::size_t>(*m_options.limitBytes)) {
                text.resize(static_cast<std::size_t>(*m_options.limitBytes) - m_sent);
                m_ended = true;
            }
        }
        m_sent += text.size();
        if (!log.empty()) {
            m_last = log.back().first;
            m_lastCount = 0;
            for (std::size_t i = log.size(); i > 0 && log[i - 1].first == m_last; --i)
                ++m_lastCount;
        }
        m_ended = m_ended || !m_options.follow || container->state == Container::State::Exited;
        return text;
    }

private:
    using Log = std::vector<std::pair<sim::Instant, std::string>>;

    std::size_t start(const Log& log, sim::Instant now) const
    {
        std::optional<sim::Instant> from = m_options.since;
        if (m_options.sinceSeconds)
            from = now - std::chrono::seconds(*m_options.sinceSeconds);
        std::size_t first = 0;
        while (from && first < log.size() && log[first].first < *from)
            ++first;
        const auto left = static_cast<std::int64_t>(log.size() - first);
        if (m_options.tailLines && left > *m_options.tailLines)
            first += static_cast<std::size_t>(left - *m_options.tailLines);
        return first;
    }

    /// Old lines may have dropped off the front of the log, so the place is kept by time, not by index.
    std::size_t after(const Log& log) const
    {
        std::size_t first = log.size();
        while (first > 0 && log[first - 1].first > m_last)
            --first;
        std::size_t same = first;
        while (same > 0 && log[same - 1].first == m_last)
            --same;
        return std::min(same + m_lastCount, first);
    }

    sim::ContainerId m_id;
    LogOptions m_options;
    sim::Instant m_last{};
    std::size_t m_lastCount = 0; ///< lines told with that time
    std::size_t m_sent = 0;
    bool m_begun = false;
    bool m_ended = false;
};

} // namespace

std::variant<std::unique_ptr<TextStream>, HttpAnswer> openPodLog(const HttpRequest& http, const ResourcePath& path, const sim::World& world)
{
    LogOptions options = optionsOf(http);
    if (!options.error.empty())
        return statusAnswer(400, "BadRequest", options.error);
    const auto found = findPodTarget(world, http, path, http.parameter("container").value_or(""));
    if (const auto* problem = std::get_if<HttpAnswer>(&found))
        return *problem;
    const PodTarget& target = std::get<PodTarget>(found);
    if (target.pod->spec.nodeName.empty())
        return plainText(200, ""); // no kubelet yet: the server answers with an empty stream
    if (const std::string why = shell::logRefusal(*target.pod, target.container, options.previous); !why.empty())
        return statusAnswer(400, "BadRequest", why);
    const Container* container = world.containerOf(*target.pod, target.container, options.previous);
    if (container == nullptr && !options.previous)
        container = world.containerOf(*target.pod, target.container, true);
    if (container == nullptr)
        return plainText(200, "");
    auto log = std::make_unique<PodLog>(container->id, options);
    if (options.follow)
        return std::unique_ptr<TextStream>(std::move(log));
    HttpAnswer answer = plainText(200, log->take(world));
    answer.contentType = "text/plain";
    return answer;
}

} // namespace core::endpoint
