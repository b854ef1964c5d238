#pragma once

#include "sim/kube/client/recorder.h"
#include "sim/kube/client/request_rate.h"

#include <deque>
#include <optional>
#include <string>

namespace sim::kube {

/// The events that one component has recorded and not yet sent. client-go sends them one after another beside the
/// component's own work, through the same rate limit (tools/record/event.go): a busy controller's events come late.
class EventPosts {
public:
    struct Post {
        Reporter reporter;
        ObjectReference object;
        std::string type;
        std::string reason;
        std::string message;
        Instant made{};
        bool operator==(const Post&) const = default;
        void addTo(Fingerprint& f) const { sim::addTo(f, made); f.add(message); }
    };

    void add(Post post);
    /// Asks for the next one's request.
    void plan(Context& context, const Recorder& recorder, RequestRate& rate, const RateLimit& limit, RandomStream& random);
    /// When the next one is written.
    const std::optional<Instant>& next() const { return m_next; }
    /// Writes the next one if it is time.
    void write(Context& context, Store& store, Recorder& recorder);

    bool operator==(const EventPosts&) const = default;
    void addTo(Fingerprint& f) const { sim::addTo(f, m_waiting); sim::addTo(f, m_next); }

private:
    std::deque<Post> m_waiting;
    std::optional<Instant> m_next;
};

} // namespace sim::kube
