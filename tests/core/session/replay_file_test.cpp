#include "core/session/replay.h"
#include "sim/engine/random.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace {

using namespace core::session;

ReplayFile sample()
{
    ReplayFile file;
    file.start.incident = "image-pull-backoff";
    file.start.seed = 7;
    file.programVersion = "0.1.0";
    file.contentHash = 0x1234;
    Input line;
    line.at = sim::Instant(sim::Duration(5));
    line.terminal = 1;
    line.text = "kubectl get pods | grep \"x\"";
    file.inputs = {line};
    file.end = sim::Instant(sim::Duration(9));
    file.fingerprint = 0xabcdef;
    return file;
}

TEST(ReplayFile, ComesBackAsItWas)
{
    const auto parsed = ReplayFile::parse(sample().text(), "f");
    ASSERT_TRUE(parsed) << parsed.error().text();
    EXPECT_EQ(parsed->text(), sample().text());
}

TEST(ReplayFile, EveryTruncationIsNoticed)
{
    const std::string whole = sample().text();
    for (std::size_t length = 0; length + 1 < whole.size(); ++length) {
        const auto parsed = ReplayFile::parse(whole.substr(0, length), "f.replay");
        ASSERT_FALSE(parsed) << "at " << length;
        EXPECT_NE(parsed.error().text().find("f.replay"), std::string::npos);
    }
}

TEST(ReplayFile, SaysWhatIsWrongAndWhere)
{
    struct Case {
        std::string text;
        std::string says;
    };
    const std::string head = "{\"faultline-replay\":1,\"seed\":1}\n";
    const std::vector<Case> cases{
        {"", "empty"},
        {"hello\n", "f:1"},
        {"{}\n", "no Faultline replay"},
        {"{\"faultline-replay\":99,\"seed\":1}\n", "newer Faultline"},
        {head + "{\"at\":1,\"do\":\"dance\"}\n{\"end\":1}\n", "f:2"},
        {head + "{\"at\":5,\"do\":\"line\"}\n{\"at\":4,\"do\":\"line\"}\n{\"end\":9}\n", "back in time"},
        {head + "{\"end\":9,\"inputs\":3}\n", "missing"},
        {head + "[1,2\n", "f:2"},
        {head + "{\"at\":\"x\",\"do\":\"line\"}\n{\"end\":9}\n", "wrong type"},
    };
    for (const Case& one : cases) {
        const auto parsed = ReplayFile::parse(one.text, "f");
        ASSERT_FALSE(parsed) << one.text;
        EXPECT_NE(parsed.error().text().find(one.says), std::string::npos) << parsed.error().text();
    }
}

TEST(ReplayFile, NeverCrashesOnDamage)
{
    const std::string whole = sample().text();
    sim::RandomStream random(1, "damage");
    for (int i = 0; i < 3000; ++i) {
        std::string damaged = whole;
        for (int k = 0; k < 3; ++k)
            damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
        (void)ReplayFile::parse(damaged, "f");
    }
}

TEST(ReplayFile, AFailedWriteLeavesNothingBehind)
{
    const auto written = writeReplay(sample(), "/nonexistent-folder/x.replay");
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().text().find("/nonexistent-folder/x.replay"), std::string::npos);
    const auto full = writeReplay(sample(), "/dev/full/x");
    EXPECT_FALSE(full);
}

} // namespace
