#include "sim/kube/client/event_posts.h"

namespace sim::kube {

namespace {

// client-go/tools/record/event.go: maxQueuedEvents
constexpr std::size_t kMostWaiting = 1000;
// From an event's request to what watches saw of it, in the golden recordings' quiet moments.
constexpr Duration kShortestPost = 4ms;
constexpr Duration kLongestPost = 12ms;

} // namespace

void EventPosts::add(Post post)
{
    if (m_waiting.size() < kMostWaiting)
        m_waiting.push_back(std::move(post));
}

void EventPosts::plan(Context& context, const Recorder& recorder, RequestRate& rate, const RateLimit& limit, RandomStream& random)
{
    if (m_next || m_waiting.empty())
        return;
    const Instant now = context.engine.now();
    // What the spam filter holds back costs no request.
    const bool sent = recorder.admits(m_waiting.front().reporter, m_waiting.front().object, now);
    m_next = sent ? rate.reserve(now, limit) + random.uniform(kShortestPost, kLongestPost) : now;
}

void EventPosts::write(Context& context, Store& store, Recorder& recorder)
{
    if (!m_next || *m_next > context.engine.now())
        return;
    m_next.reset();
    const Post post = std::move(m_waiting.front());
    m_waiting.pop_front();
    recorder.record(context, store, post.reporter, post.object, post.type, post.reason, post.message, post.made);
}

} // namespace sim::kube
