#include "core/session/script.h"
#include "tests/support/lab.h"

namespace {

using namespace std::chrono_literals;

constexpr const char* kSession = "kubectl -n shop get pods -o wide\n"
                                 "ssh worker-1 systemctl restart kubelet\n"
                                 "# advance 40s\n"
                                 "kubectl -n shop rollout undo deployment/checkout\n"
                                 "kubectl -n shop rollout status deployment/checkout --timeout=3m\n"
                                 "for n in 1 2 3; do sleep 7; kubectl get nodes | wc -l; done\n"
                                 "# advance 2m\n";

TEST(Determinism, TwoRunsOfOneSeedAreOneRun)
{
    const auto one = tests::lab("image-pull-backoff", "node-egress", 4);
    const auto two = tests::lab("image-pull-backoff", "node-egress", 4);
    for (auto* session : {one.get(), two.get()})
        core::session::runScript(*session, session->openTerminal(), kSession);
    EXPECT_EQ(one->fingerprint(), two->fingerprint());
    EXPECT_EQ(one->saveReplay().text(), two->saveReplay().text());
}

TEST(Determinism, SeedsDiffer)
{
    EXPECT_NE(tests::lab("image-pull-backoff", "node-egress", 4)->fingerprint(),
              tests::lab("image-pull-backoff", "node-egress", 5)->fingerprint());
}

TEST(Determinism, AnySplitOfTimeGivesOneFingerprint)
{
    std::optional<std::uint64_t> first;
    for (const auto chunk : {sim::Duration(90s), sim::Duration(1s), sim::Duration(16'666'667), sim::Duration(7s + 3ns)}) {
        const auto session = tests::lab("image-pull-backoff", "registry-down", 2);
        const auto terminal = session->openTerminal();
        session->submitLine(terminal, "while true; do kubectl -n shop get pods > /tmp/pods; sleep 3; done");
        const sim::Instant end = session->now() + 90s;
        while (session->now() < end)
            session->runUntil(std::min(end, session->now() + chunk));
        if (!first)
            first = session->fingerprint();
        EXPECT_EQ(*first, session->fingerprint()) << "chunks of " << chunk.count() << " ns";
    }
}

TEST(Determinism, ACopiedWorldGoesOnAlike)
{
    const auto session = tests::lab("image-pull-backoff", "wrong-tag", 3);
    sim::World copy = session->world();
    EXPECT_EQ(copy.fingerprint(), session->fingerprint());
    copy.runUntil(copy.now() + 5min);
    session->runFor(5min);
    EXPECT_EQ(copy.fingerprint(), session->world().fingerprint());
}

TEST(Determinism, AReplayFileBringsTheSessionBack)
{
    const auto session = tests::lab("image-pull-backoff", "bad-pull-secret", 6);
    core::session::runScript(*session, session->openTerminal(), kSession);
    const auto file = core::session::ReplayFile::parse(session->saveReplay().text(), "test");
    ASSERT_TRUE(file);
    EXPECT_LT(session->saveReplay().text().size(), 8192u);
    const auto again = core::session::Session::replay(tests::library(), *file);
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ((*again)->fingerprint(), session->fingerprint());
}

} // namespace
