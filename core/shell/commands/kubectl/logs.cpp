#include "core/shell/commands/kubectl/age.h"
#include "core/shell/commands/kubectl/pods.h"
#include "core/shell/commands/kubectl/typed.h"
#include "core/shell/commands/kubelet_answers.h"
#include "sim/kube/api/time_text.h"
#include "sim/world/world.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using namespace sim::kube;

Response badRequest(std::string message)
{
    Response response;
    response.code = 400;
    response.body = Json{{"kind", "Status"}, {"reason", "BadRequest"}, {"message", std::move(message)}};
    return response;
}

/// One container's log and how far it has been printed.
struct Stream {
    Pod pod;
    std::string container;
    sim::ContainerId id;
    sim::Instant last{};       ///< time of the last line printed
    std::size_t lastCount = 0; ///< lines printed with that time
    bool ended = false;
};

class LogPrinter {
public:
    explicit LogPrinter(Call& call) : m_call(call) { }

    int run()
    {
        if (!gatherStreams())
            return 1;
        m_prefix = m_call.flags.on("prefix");
        for (Stream& stream : m_streams) {
            if (!start(stream))
                m_failed = true;
        }
        while (m_call.flags.on("follow") && anyOpen()) {
            m_call.inv.sleep(kPollInterval);
            for (Stream& stream : m_streams) {
                if (!stream.ended)
                    follow(stream);
            }
        }
        return m_failed ? 1 : 0;
    }

private:
    bool anyOpen() const
    {
        return std::any_of(m_streams.begin(), m_streams.end(), [](const Stream& s) { return !s.ended; });
    }

    bool gatherStreams()
    {
        std::vector<Pod> pods;
        const std::string selector = m_call.flags.text("selector");
        if (!selector.empty()) {
            const auto items = m_call.client.list(resourceOf<Pod>(), m_call.nameSpace(), {selector, {}});
            if (const auto* response = std::get_if<Response>(&items)) {
                m_call.refused(*response);
                return false;
            }
            for (const Json& item : std::get<std::vector<Json>>(items))
                pods.push_back(decoded<Pod>(item));
            if (pods.empty())
                m_call.err("No resources found in " + m_call.nameSpace() + " namespace.\n");
            const auto limit = static_cast<std::size_t>(m_call.flags.number("max-log-requests"));
            if (m_call.flags.on("follow") && pods.size() > limit) {
                m_call.fail(fmt::format("you are attempting to follow {} log streams, but maximum allowed concurrency is "
                                        "{}, use --max-log-requests to increase the limit",
                                        pods.size(), limit));
                return false;
            }
        } else {
            const auto pod = podFor(m_call, m_call.words[0], true);
            if (!pod)
                return false;
            pods.push_back(*pod);
        }
        for (Pod& pod : pods)
            addStreams(pod);
        return !m_failed;
    }

    void addStreams(const Pod& pod)
    {
        if (m_call.flags.on("all-containers")) {
            for (const sim::kube::Container& container : pod.spec.initContainers)
                m_streams.push_back({pod, container.name, {}, {}, 0, false});
            for (const sim::kube::Container& container : pod.spec.containers)
                m_streams.push_back({pod, container.name, {}, {}, 0, false});
            for (const EphemeralContainer& container : pod.spec.ephemeralContainers)
                m_streams.push_back({pod, container.name, {}, {}, 0, false});
            return;
        }
        std::string asked = m_call.flags.text("container");
        if (asked.empty() && m_call.words.size() > 1)
            asked = m_call.words[1];
        const auto container = containerFor(m_call, pod, asked);
        if (container)
            m_streams.push_back({pod, *container, {}, {}, 0, false});
        else
            m_failed = true;
    }

    const sim::container::Container* find(const Stream& stream) const
    {
        const sim::World& world = m_call.inv.door().world();
        const bool previous = m_call.flags.on("previous");
        const auto* container = world.containerOf(stream.pod, stream.container, previous);
        return container || previous ? container : world.containerOf(stream.pod, stream.container, true);
    }

    bool start(Stream& stream)
    {
        const std::string& ns = stream.pod.metadata.namespace_;
        m_call.inv.noteRead("log/" + ns + "/" + stream.pod.metadata.name + "/" + stream.container);
        if (stream.pod.spec.nodeName.empty()) {
            stream.ended = true; // no kubelet yet: the server answers with an empty stream
            return true;
        }
        if (const std::string problem = kubeletProblem(m_call, stream.pod); !problem.empty()) {
            m_call.err(fmt::format("Error from server: Get \"https://{}:10250/containerLogs/{}/{}/{}\": {}\n",
                                   stream.pod.status.hostIP, ns, stream.pod.metadata.name, stream.container, problem));
            stream.ended = true;
            return false;
        }
        if (const std::string why = logRefusal(stream.pod, stream.container, m_call.flags.on("previous")); !why.empty()) {
            m_call.refused(badRequest(why));
            stream.ended = true;
            return false;
        }
        const sim::container::Container* container = find(stream);
        if (!container) {
            stream.ended = true;
            return true;
        }
        stream.id = container->id;
        std::size_t first = 0;
        if (const auto from = since(); from.count() > 0) {
            const sim::Instant start = m_call.inv.now() - from;
            while (first < container->log.size() && container->log[first].first < start)
                ++first;
        }
        if (m_call.flags.given("since-time")) {
            if (const auto start = parseRfc3339(m_call.flags.text("since-time"))) {
                while (first < container->log.size() && container->log[first].first < *start)
                    ++first;
            }
        }
        std::int64_t tail = m_call.flags.number("tail");
        if (tail < 0 && m_call.flags.given("selector") && !m_call.flags.given("tail"))
            tail = 10; // with a selector the real default, so that many pods do not flood the terminal
        const auto left = static_cast<std::int64_t>(container->log.size() - first);
        if (tail >= 0 && left > tail)
            first += static_cast<std::size_t>(left - tail);
        print(stream, *container, first);
        stream.ended = container->state == sim::container::Container::State::Exited;
        return true;
    }

    sim::Duration since() const { return m_call.flags.duration("since"); }

    void print(Stream& stream, const sim::container::Container& container, std::size_t first)
    {
        std::string text;
        for (std::size_t i = first; i < container.log.size(); ++i) {
            const auto& [at, line] = container.log[i];
            if (m_prefix)
                text += fmt::format("[pod/{}/{}] ", stream.pod.metadata.name, stream.container);
            if (m_call.flags.on("timestamps"))
                text += rfc3339Nano(at) + " ";
            text += line;
            text += '\n';
        }
        if (!container.log.empty()) {
            stream.last = container.log.back().first;
            stream.lastCount = 0;
            for (std::size_t i = container.log.size(); i > 0 && container.log[i - 1].first == stream.last; --i)
                ++stream.lastCount;
        }
        if (!text.empty())
            m_call.out(text);
    }

    /// Old lines may have dropped off the front of the log, so the place is kept by time, not by index.
    void follow(Stream& stream)
    {
        const sim::container::Container* container = m_call.inv.door().world().runtimes().find(stream.id);
        if (!container) {
            stream.ended = true;
            return;
        }
        std::size_t first = container->log.size();
        while (first > 0 && container->log[first - 1].first > stream.last)
            --first;
        std::size_t same = first;
        while (same > 0 && container->log[same - 1].first == stream.last)
            --same;
        first = std::min(same + stream.lastCount, first);
        if (first < container->log.size())
            print(stream, *container, first);
        stream.ended = container->state == sim::container::Container::State::Exited;
    }

    Call& m_call;
    std::vector<Stream> m_streams;
    bool m_prefix = false;
    bool m_failed = false;
};

int runLogs(Call& call)
{
    if (call.words.empty() && !call.flags.given("selector")) {
        return call.failUsage("expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required "
                              "argument for the logs command");
    }
    if (!call.words.empty() && call.flags.given("selector"))
        return call.fail("only a selector (-l) or a POD name is allowed");
    if (call.words.size() > 2)
        return call.failUsage("expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a required "
                              "argument for the logs command");
    if (call.flags.given("tail") && call.flags.number("tail") < -1)
        return call.fail("--tail must be greater than or equal to -1");
    if (call.flags.given("since") && call.flags.given("since-time"))
        return call.fail("at most one of `sinceTime` or `sinceSeconds` may be specified");
    return LogPrinter(call).run();
}

} // namespace

Verb logsVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"logs", kTroubleshooting, "Print the logs for a container in a pod",
              "[-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]"};
    verb.flags = {{0, "all-containers", T::Bool, "false", "All containers of the pod."}, kContainer,
                  {'f', "follow", T::Bool, "false", "Go on with new lines until the container ends."},
                  {0, "ignore-errors", T::Bool, "false", "Go on when a stream breaks."},
                  {0, "max-log-requests", T::Number, "5", "How many logs to follow at once with a selector."},
                  {0, "prefix", T::Bool, "false", "Put pod and container before each line."},
                  {'p', "previous", T::Bool, "false", "The container's instance before this one."}, kSelector,
                  {0, "since", T::Duration, "0s", "Only lines younger than this (5s, 2m, 3h)."},
                  {0, "since-time", T::Text, "", "Only lines after this date (RFC 3339)."},
                  {0, "tail", T::Number, "-1", "How many of the last lines; -1: all (10 with a selector)."},
                  {0, "timestamps", T::Bool, "false", "Put the time before each line."}};
    verb.run = runLogs;
    verb.operand = Operand::PodOrWorkload;
    verb.examples = {"# The log of a pod with one container", "kubectl logs web-0", "# The instance that crashed before",
                     "kubectl logs -p web-0", "# Follow the last 20 lines", "kubectl logs -f --tail=20 deploy/web",
                     "# All pods with a label", "kubectl logs -l app=web --all-containers"};
    return verb;
}

} // namespace core::shell::kubectl
