#include "tests/app/cli/faultctl.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace app::cli {

namespace {

/// A played run with its file.
struct Played {
    Faultctl faultctl;
    std::string file = faultctl.path("run.replay");
    nlohmann::json grade;

    Played()
    {
        grade = faultctl
                    .run({"play", "image-pull-backoff", "--cause", "node-egress", "--seed", "3", "--json", "--replay-out", file,
                          "--diagnosis", "node-egress", "-c",
                          "kubectl -n shop get pods\nkubectl -n shop rollout restart deployment/checkout\n# advance 2m\nsleep 5 && date"})
                    .json();
    }
};

} // namespace

TEST(Replay, FingerprintIsThatOfThePlay)
{
    const Played played;
    ASSERT_TRUE(played.grade.contains("fingerprint"));
    const Outcome replay = played.faultctl.run({"replay", played.file, "--fingerprint"});
    EXPECT_EQ(replay.status, 0) << replay.err;
    EXPECT_EQ(replay.out, played.grade.at("fingerprint").get<std::string>() + "\n");
    EXPECT_EQ(replay.err, "");
    EXPECT_LT(std::filesystem::file_size(played.file), 8192U);
    EXPECT_FALSE(std::filesystem::exists(played.file + ".part"));
}

TEST(Replay, GivesTheSameGrade)
{
    const Played played;
    const nlohmann::json again = played.faultctl.run({"replay", played.file, "--json"}).json();
    ASSERT_TRUE(again.is_object());
    EXPECT_EQ(again.at("exact"), true);
    for (const char* field : {"incident", "cause", "solved", "diagnosis", "score", "parts", "clocks", "facts", "actions", "fingerprint"})
        EXPECT_EQ(again.at(field), played.grade.at(field)) << field;
    const Outcome text = played.faultctl.run({"replay", played.file});
    EXPECT_TRUE(contains(text.out, "/100")) << text.out;
    EXPECT_TRUE(contains(text.out, "fingerprint " + played.grade.at("fingerprint").get<std::string>())) << text.out;
}

TEST(Replay, StopsWhereItIsTold)
{
    const Played played;
    const Outcome early = played.faultctl.run({"replay", played.file, "--until", "8m", "--json"});
    EXPECT_EQ(early.status, 0) << early.err;
    EXPECT_NE(early.json().at("fingerprint"), played.grade.at("fingerprint"));
    const Outcome late = played.faultctl.run({"replay", played.file, "--until", "5h", "--fingerprint"});
    EXPECT_EQ(late.out, played.grade.at("fingerprint").get<std::string>() + "\n") << "the file ends before";
    const Outcome never = played.faultctl.run({"replay", played.file, "--until", "soon"});
    EXPECT_EQ(never.status, 2);
    EXPECT_TRUE(contains(never.err, "soon")) << never.err;
}

TEST(Replay, ATruncatedFileIsRefused)
{
    const Played played;
    const std::string whole = contentOf(played.file);
    ASSERT_GT(whole.size(), 200U);
    for (const std::size_t length : {std::size_t(0), std::size_t(50), whole.size() / 2, whole.rfind('\n', whole.size() - 2) + 1, whole.size() - 5}) {
        const std::string part = played.faultctl.path("part.replay");
        write(part, whole.substr(0, length));
        for (const bool json : {false, true}) {
            const Outcome outcome = played.faultctl.run(json ? std::vector<std::string>{"replay", part, "--json"}
                                                             : std::vector<std::string>{"replay", part});
            EXPECT_EQ(outcome.status, 1) << length;
            EXPECT_TRUE(contains(outcome.err, part)) << length << outcome.err;
            EXPECT_EQ(outcome.out, "") << length;
        }
    }
}

TEST(Replay, WhatIsNoReplayIsNamed)
{
    const Faultctl faultctl;
    write(faultctl.path("notes.txt"), "Remember the milk.\n");
    for (const std::string& path : {faultctl.path("notes.txt"), faultctl.path("no-such-file"), faultctl.path("")}) {
        const Outcome outcome = faultctl.run({"replay", path});
        EXPECT_EQ(outcome.status, 1) << path;
        EXPECT_TRUE(contains(outcome.err, path)) << outcome.err;
    }
    write(faultctl.path("newer.replay"), "{\"faultline-replay\":99,\"seed\":1}\n{\"end\":1}\n");
    EXPECT_TRUE(contains(faultctl.run({"replay", faultctl.path("newer.replay")}).err, "newer Faultline"));
}

TEST(Replay, ARunThatComesOutOtherwiseIsTold)
{
    const Played played;
    std::string text = contentOf(played.file);
    const std::string fingerprint = played.grade.at("fingerprint").get<std::string>();
    const std::size_t at = text.find(fingerprint);
    ASSERT_NE(at, std::string::npos);
    text[at] = text[at] == '0' ? '1' : '0';
    write(played.file, text);
    const Outcome outcome = played.faultctl.run({"replay", played.file, "--json"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_EQ(outcome.json().at("exact"), false);
    EXPECT_TRUE(contains(outcome.err, "another version or content")) << outcome.err;
}

TEST(Replay, OtherContentIsToldBeforehand)
{
    const Played played;
    std::string text = contentOf(played.file);
    const std::size_t at = text.find("\"content\":\"") + 11;
    text[at] = text[at] == '0' ? '1' : '0';
    write(played.file, text);
    const Outcome outcome = played.faultctl.run({"replay", played.file, "--fingerprint"});
    EXPECT_EQ(outcome.status, 0) << "it came out the same all the same";
    EXPECT_TRUE(contains(outcome.err, "other content")) << outcome.err;
}

} // namespace app::cli
