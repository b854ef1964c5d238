#include "core/session/script.h"
#include "tests/support/lab.h"

namespace {

using namespace std::chrono_literals;

TEST(Rewind, AnyInstantComesBackExactly)
{
    const auto session = tests::lab("image-pull-backoff", "wrong-tag", 2);
    const auto terminal = session->openTerminal();
    std::vector<std::pair<sim::Instant, std::uint64_t>> seen;
    const auto note = [&] { seen.emplace_back(session->now(), session->fingerprint()); };
    note();
    session->runLine(terminal, "kubectl -n shop set image deployment/checkout checkout=registry.lab:5000/shop/checkout:1.8.2");
    note();
    session->runFor(37s + 5ms);
    note();
    session->runLine(terminal, "kubectl -n shop scale deployment/gateway --replicas=4");
    session->runFor(61s);
    note();
    for (const std::size_t i : {2u, 0u, 3u, 1u, 2u}) {
        session->rewind(seen[i].first);
        EXPECT_EQ(session->now(), seen[i].first);
        EXPECT_EQ(session->fingerprint(), seen[i].second) << "instant " << i;
    }
}

TEST(Rewind, GoingOnFromThePastKeepsTheOldFutureAsABranch)
{
    const auto session = tests::lab("image-pull-backoff", "wrong-tag", 2);
    const auto terminal = session->openTerminal();
    const sim::Instant fork = session->now();
    session->runFor(3min);
    const std::uint64_t unhelped = session->fingerprint();
    session->rewind(fork);
    session->runLine(terminal, "kubectl -n shop rollout undo deployment/checkout");
    session->runUntil(fork + 3min);
    const auto frame = session->frame();
    ASSERT_EQ(frame.branches.size(), 2u);
    EXPECT_FALSE(frame.branches[0].current);
    EXPECT_TRUE(frame.branches[1].current);
    // The branch that rolled back serves people better.
    EXPECT_GT(frame.branches[1].success->back(), frame.branches[0].success->back() + 0.01f);

    session->switchBranch(0);
    EXPECT_EQ(session->fingerprint(), unhelped);
}

TEST(Rewind, ABranchedSessionReplaysFromItsFile)
{
    const auto session = tests::lab("image-pull-backoff", "registry-down", 9);
    const auto terminal = session->openTerminal();
    session->submitLine(terminal, "sleep 300; kubectl -n shop delete deployment cart");
    session->runFor(30s);
    session->rewind(session->now() - 10s);
    session->runLine(terminal, "kubectl -n shop scale deployment/cart --replicas=3");
    session->runFor(400s);
    const auto again = core::session::Session::replay(tests::library(), session->saveReplay());
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ((*again)->fingerprint(), session->fingerprint());
    EXPECT_TRUE(session->world().cluster().store().get<sim::kube::Deployment>({"shop", "cart"}));
}

} // namespace
