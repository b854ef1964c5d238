#include "core/session/runner.h"
#include "tests/support/content.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

namespace {

using namespace core::session;

/// Waits, without sleeping, for what the runner's thread reports.
class Inbox {
public:
    void frame(std::shared_ptr<const Frame> frame)
    {
        const std::lock_guard lock(m_mutex);
        m_frame = std::move(frame);
        m_changed.notify_all();
    }
    void terminal(const TerminalUpdate& update)
    {
        const std::lock_guard lock(m_mutex);
        m_output += update.output;
        m_changed.notify_all();
    }
    template <class Condition>
    bool wait(Condition condition)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, std::chrono::seconds(120), [&] { return condition(m_frame.get(), m_output); });
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::shared_ptr<const Frame> m_frame;
    std::string m_output;
};

TEST(Runner, ServesAWindow)
{
    Inbox inbox;
    Runner runner(tests::library(), [&](auto frame) { inbox.frame(std::move(frame)); },
                  [&](const TerminalUpdate& update) { inbox.terminal(update); });
    StartRequest request;
    request.incident = "image-pull-backoff";
    request.cause = "wrong-tag";
    runner.start(request);
    ASSERT_TRUE(inbox.wait([](const Frame* frame, const std::string&) { return frame != nullptr && frame->incident; }));
    runner.openTerminal(1);
    runner.submitLine(1, "kubectl -n shop get deployments");
    EXPECT_TRUE(inbox.wait([](const Frame*, const std::string& output) { return output.find("checkout") != std::string::npos; }));
    runner.setPaused(true);
    EXPECT_TRUE(inbox.wait([](const Frame* frame, const std::string&) { return frame->paused; }));
    runner.acknowledge();
    EXPECT_TRUE(inbox.wait([](const Frame* frame, const std::string&) { return frame->incident->acknowledged; }));
}

TEST(Runner, ReportsABadStartInsteadOfDying)
{
    Inbox inbox;
    Runner runner(tests::library(), [&](auto frame) { inbox.frame(std::move(frame)); }, [](const TerminalUpdate&) {});
    StartRequest request;
    request.incident = "no-such-incident";
    runner.start(request);
    EXPECT_TRUE(inbox.wait([](const Frame* frame, const std::string&) {
        return frame != nullptr && frame->notice.find("no-such-incident") != std::string::npos;
    }));
}

TEST(Runner, EndsWhileAJobRuns)
{
    Inbox inbox;
    Runner runner(tests::library(), [&](auto frame) { inbox.frame(std::move(frame)); },
                  [&](const TerminalUpdate& update) { inbox.terminal(update); });
    runner.start({});
    runner.openTerminal(1);
    runner.submitLine(1, "echo begun; while true; do sleep 1; done | cat");
    EXPECT_TRUE(inbox.wait([](const Frame*, const std::string& output) { return output.find("begun") != std::string::npos; }));
}

} // namespace
