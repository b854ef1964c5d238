#include "tests/app/cli/faultctl.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

namespace app::cli {

namespace {

constexpr const char* kIncident = "image-pull-backoff";

/// A look, a rollback and time to see whether it helped.
constexpr const char* kRollback = "kubectl -n shop get pods\n"
                                  "kubectl -n shop rollout undo deployment/checkout\n"
                                  "# advance 5m\n";

std::vector<std::string> play(std::vector<std::string> more)
{
    std::vector<std::string> arguments{"play", kIncident, "--seed", "7"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
}

std::set<std::string> keysOf(const nlohmann::json& object)
{
    std::set<std::string> names;
    for (const auto& [key, value] : object.items())
        names.insert(key);
    return names;
}

} // namespace

TEST(Play, JsonHasTheFieldsThatOthersRelyOn)
{
    const Faultctl faultctl;
    const Outcome outcome = faultctl.run(play({"--cause", "wrong-tag", "-c", kRollback, "--diagnosis", "wrong-tag", "--json"}));
    const nlohmann::json grade = outcome.json();
    ASSERT_TRUE(grade.is_object()) << outcome.out << outcome.err;
    EXPECT_EQ(outcome.err, "");
    // DESIGN.md names ten; what brings the run back and what was typed come on top.
    EXPECT_EQ(keysOf(grade), (std::set<std::string>{"incident", "cause", "solved", "diagnosis", "score", "parts", "clocks", "facts",
                                                  "actions", "fingerprint", "seed", "at", "commands"}));
    EXPECT_EQ(grade.at("incident"), kIncident);
    EXPECT_EQ(grade.at("cause"), "wrong-tag");
    EXPECT_EQ(grade.at("diagnosis"), "wrong-tag");
    EXPECT_TRUE(grade.at("solved").is_boolean());
    EXPECT_EQ(grade.at("seed"), 7);
    EXPECT_EQ(grade.at("fingerprint").get<std::string>().size(), 16U);
    EXPECT_EQ(keysOf(grade.at("parts")), (std::set<std::string>{"impact", "diagnosis", "evidence", "safety", "fix", "verification"}));
    double sum = 0;
    for (const auto& [id, part] : grade.at("parts").items()) {
        EXPECT_EQ(keysOf(part), (std::set<std::string>{"points", "outOf", "reason"})) << id;
        sum += part.at("points").get<double>();
    }
    EXPECT_NEAR(grade.at("score").get<double>(), sum, 1e-6);
    EXPECT_EQ(keysOf(grade.at("clocks")), (std::set<std::string>{"detect", "acknowledge", "first_evidence", "diagnose", "mitigate",
                                                               "resolve", "verify"}));
    for (const auto& [id, clock] : grade.at("clocks").items())
        EXPECT_TRUE(clock.is_number() || clock.is_null()) << id;
    EXPECT_TRUE(grade.at("facts").is_array());
    ASSERT_EQ(grade.at("actions").size(), 1U) << grade.at("actions");
    EXPECT_EQ(keysOf(grade.at("actions")[0]), (std::set<std::string>{"at", "did", "what", "factsKnown"}));
    EXPECT_TRUE(contains(grade.at("actions")[0].at("did").get<std::string>(), "rollout undo"));
    ASSERT_EQ(grade.at("commands").size(), 3U);
    EXPECT_EQ(keysOf(grade.at("commands")[0]), (std::set<std::string>{"at", "line", "output", "status", "seconds"}));
    EXPECT_TRUE(contains(grade.at("commands")[0].at("output").get<std::string>(), "checkout-")) << grade.at("commands")[0];
}

TEST(Play, StatusZeroMeansSolvedAndOneMeansNot)
{
    const Faultctl faultctl;
    const Outcome right = faultctl.run(play({"--cause", "wrong-tag", "-c", kRollback, "--diagnosis", "wrong-tag", "--json"}));
    EXPECT_EQ(right.status, 0) << right.out;
    EXPECT_TRUE(right.json().at("solved").get<bool>());
    const Outcome wrongAnswer = faultctl.run(play({"--cause", "wrong-tag", "-c", kRollback, "--diagnosis", "node-egress", "--json"}));
    EXPECT_EQ(wrongAnswer.status, 1);
    EXPECT_FALSE(wrongAnswer.json().at("solved").get<bool>());
    EXPECT_LT(wrongAnswer.json().at("score"), right.json().at("score"));
    const Outcome notMended = faultctl.run(play({"--cause", "wrong-tag", "-c", "true", "--diagnosis", "wrong-tag", "--json"}));
    EXPECT_EQ(notMended.status, 1);
    EXPECT_FALSE(notMended.json().at("solved").get<bool>());
    EXPECT_EQ(notMended.json().at("parts").at("impact").at("points"), 0);
    const Outcome noAnswer = faultctl.run(play({"--cause", "wrong-tag", "-c", kRollback, "--json"}));
    EXPECT_EQ(noAnswer.status, 1);
    EXPECT_EQ(noAnswer.json().at("diagnosis"), "");
}

TEST(Play, TheGradeIsPrintedInBothLanguages)
{
    const Faultctl faultctl;
    const Outcome en = faultctl.run(play({"--cause", "no-fault", "-c", "kubectl get nodes", "--diagnosis", "no-fault"}));
    for (const char* part : {"$ kubectl get nodes\n", "worker-1", "/100", "Diagnosis", "Cause: no-fault", "Your answer: no-fault", "seed 7  fingerprint "})
        EXPECT_TRUE(contains(en.out, part)) << part << "\n" << en.out;
    const Outcome zh = faultctl.run(play({"--cause", "no-fault", "-c", "kubectl get nodes", "--diagnosis", "no-fault", "--lang", "zh"}));
    for (const char* part : {"worker-1", "/100", "诊断", "你的答案： no-fault"})
        EXPECT_TRUE(contains(zh.out, part)) << part << "\n" << zh.out;
    EXPECT_EQ(zh.status, en.status) << "the language changes no grade";
}

TEST(Play, CommandsComeFromFlagFileOrInputAlike)
{
    const Faultctl faultctl;
    write(faultctl.path("script"), kRollback);
    const Outcome flag = faultctl.run(play({"--cause", "wrong-tag", "-c", kRollback, "--json"}));
    const Outcome file = faultctl.run(play({"--cause", "wrong-tag", "--script", faultctl.path("script"), "--json"}));
    const Outcome dash = faultctl.run(play({"--cause", "wrong-tag", "--script", "-", "--json"}), {.input = kRollback});
    const Outcome piped = faultctl.run(play({"--cause", "wrong-tag", "--json"}), {.input = kRollback});
    for (const Outcome* other : {&file, &dash, &piped})
        EXPECT_EQ(other->json(), flag.json()) << other->err;
    const Outcome missing = faultctl.run(play({"--script", faultctl.path("no-script")}));
    EXPECT_EQ(missing.status, 1);
    EXPECT_TRUE(contains(missing.err, faultctl.path("no-script") + ": cannot be read")) << missing.err;
}

TEST(Play, OneSeedIsOneRunAndBlindChoosesByIt)
{
    const Faultctl faultctl;
    const auto run = [&](const std::string& seed) {
        return faultctl.run({"play", kIncident, "--blind", "--seed", seed, "-c", "kubectl get pods -A", "--json"}).json();
    };
    EXPECT_EQ(run("11"), run("11"));
    std::set<std::string> causes;
    for (const char* seed : {"1", "2", "3", "4", "5", "6"})
        causes.insert(run(seed).at("cause").get<std::string>());
    EXPECT_GT(causes.size(), 1U);
}

TEST(Play, WithoutASeedItTellsTheOneItTook)
{
    const Faultctl faultctl;
    const nlohmann::json first = faultctl.run({"play", kIncident, "-c", "true", "--json"}).json();
    const std::string seed = first.at("seed").dump();
    const nlohmann::json again = faultctl.run({"play", kIncident, "--seed", seed, "-c", "true", "--json"}).json();
    EXPECT_EQ(again.at("fingerprint"), first.at("fingerprint"));
}

TEST(Play, TheLabsOwnWordsWorkInAScriptAsAtThePrompt)
{
    const Faultctl faultctl;
    const Outcome outcome = faultctl.run(play({"--cause", "wrong-tag", "--json", "-c",
                                               ":time\n# advance 5s\n:ack\n:causes\n:step 10s\n:hint\n:diagnose wrong-tag 80\n:nonsense\n"
                                               ": > /tmp/emptied\nls /tmp/emptied\n:close\necho never"}));
    const nlohmann::json grade = outcome.json();
    ASSERT_TRUE(grade.is_object()) << outcome.out << outcome.err;
    std::map<std::string, std::string> said;
    for (const auto& command : grade.at("commands")) {
        said[command.at("line").get<std::string>()] = command.at("output").get<std::string>();
        EXPECT_FALSE(contains(command.at("output").get<std::string>(), "command not found")) << command;
    }
    EXPECT_TRUE(contains(said[":ack"], "the incident is yours")) << said[":ack"];
    EXPECT_TRUE(contains(said[":causes"], "node-egress")) << said[":causes"];
    EXPECT_TRUE(contains(said[":nonsense"], ":help")) << said[":nonsense"];
    EXPECT_EQ(said["ls /tmp/emptied"], "/tmp/emptied\n") << "a colon and a blank are the shell's";
    EXPECT_EQ(said.count("echo never"), 0U) << ":close leaves, as at the prompt";
    EXPECT_EQ(grade.at("diagnosis"), "wrong-tag");
    EXPECT_GE(grade.at("clocks").at("acknowledge"), 5) << ":ack took the page, and not the start of the script";
    EXPECT_GE(grade.at("clocks").at("diagnose"), 10);
}

TEST(Play, WhatOneCommandChangedIsOneEntryOfTheDebrief)
{
    const Faultctl faultctl;
    const Outcome outcome = faultctl.run({"play", "disk-full", "--cause", "inodes-exhausted", "--seed", "42", "-c",
                                          "ssh db-1 sudo find /var/spool/pg-events -type f -delete\n# advance 3m"});
    EXPECT_LT(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 60) << outcome.out.substr(0, 5000);
    EXPECT_TRUE(contains(outcome.out, " objects (file/db-1/var/spool/pg-events/")) << outcome.out.substr(0, 5000);
}

TEST(Play, WhoDoesNothingIsNotPraised)
{
    const Faultctl faultctl;
    for (const char* incident : {"high-load", "oom-killer"}) {
        const Outcome outcome = faultctl.run({"play", incident, "--seed", "11", "-c", "true"});
        EXPECT_TRUE(contains(outcome.out, "Score 0/100")) << outcome.out;
        EXPECT_TRUE(contains(outcome.out, "You changed nothing.")) << outcome.out;
        for (const char* praise : {"guess that worked", "workaround", "Every change was needed"})
            EXPECT_FALSE(contains(outcome.out, praise)) << outcome.out;
    }
}

TEST(Play, RecoveryIsNeitherSeenBeforeTheRepairNorMissedRightAfterIt)
{
    const Faultctl faultctl;
    const Outcome outcome = faultctl.run({"play", "disk-full", "--cause", "journal-growth", "--seed", "44", "--json", "-c",
                                          "curl -s http://slo.lab/checkout\nssh db-1 sudo journalctl --vacuum-size=1G\nssh db-1 df -h /var\n"
                                          "# advance 3m\n# diagnose journal-growth"});
    const nlohmann::json grade = outcome.json();
    ASSERT_TRUE(grade.is_object()) << outcome.out << outcome.err;
    std::set<std::string> facts;
    for (const auto& fact : grade.at("facts"))
        facts.insert(fact.at("id").get<std::string>());
    EXPECT_EQ(facts.count("orders-served"), 0U) << "that was read before the repair: " << grade.at("facts");
    EXPECT_EQ(facts.count("room-again"), 1U) << grade.at("facts");
    EXPECT_EQ(grade.at("parts").at("verification").at("points"), 2.5) << grade.at("parts");
}

TEST(Play, ChangesThatTheDebriefAdvisesCostNothing)
{
    const Faultctl faultctl;
    const auto safety = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), "play");
        arguments.push_back("--json");
        const nlohmann::json grade = faultctl.run(arguments).json();
        return grade.is_object() ? grade.at("parts").at("safety").dump() : "no grade";
    };
    const std::string limited = safety({"disk-full", "--cause", "journal-growth", "--seed", "44", "-c",
                                        "ssh db-1 sudo mkdir -p /etc/systemd/journald.conf.d\n"
                                        "ssh db-1 'echo SystemMaxUse=1G | sudo tee /etc/systemd/journald.conf.d/limit.conf'\n"
                                        "ssh db-1 sudo systemctl restart systemd-journald\nssh db-1 sudo journalctl --vacuum-size=1G"});
    EXPECT_TRUE(contains(limited, "\"points\":15.0")) << limited;
    const std::string remounted = safety({"boot-failure", "--cause", "bad-fstab", "--seed", "44", "-c",
                                          "# advance 2m\nprintf '\\nmount -o remount,rw /\\ncp /etc/fstab /etc/fstab.bak\\n' | "
                                          "ipmitool -H db-1-bmc -U ops -P lab-ops sol activate"});
    EXPECT_TRUE(contains(remounted, "\"points\":15.0")) << remounted;
}

TEST(Play, ChineseIsWithoutEnglishNames)
{
    const Faultctl faultctl;
    const Outcome zh = faultctl.run(play({"--cause", "wrong-tag", "--lang", "zh", "-c", ":help\n:ack\nkubectl -n shop get pods\n:hint\n:hint\n"
                                          "kubectl -n shop rollout undo deployment/checkout\n# advance 5m\n:diagnose wrong-tag"}));
    for (const char* word : {"确认告警", "下一条提示，会扣分", "已确认：这个故障由你负责。", "诊断和证据两项将按", "发现=", "首个证据=", "  告警 ", "  变更 ", "  关闭 "})
        EXPECT_TRUE(contains(zh.out, word)) << word << "\n" << zh.out;
    for (const char* word : {"acknowledge", "detect", "first_evidence", "this list", "The next one", "  fact ", "  action ", "  closed "})
        EXPECT_FALSE(contains(zh.out, word)) << word << "\n" << zh.out;
}

TEST(Play, LetsTimePassWhereTheScriptSaysSo)
{
    const Faultctl faultctl;
    const Outcome outcome = faultctl.run({"shell", "--json", "-c", "date +%s\n# advance 90s\ndate +%s\n# a comment"});
    EXPECT_EQ(outcome.status, 0) << outcome.err;
    const nlohmann::json commands = outcome.json().at("commands");
    ASSERT_EQ(commands.size(), 4U);
    const long before = std::stol(commands[0].at("output").get<std::string>());
    const long after = std::stol(commands[2].at("output").get<std::string>());
    EXPECT_GE(after - before, 90);
    EXPECT_LT(after - before, 95);
}

TEST(Play, AttemptsAreKeptOnlyWhenAskedFor)
{
    const Faultctl faultctl;
    faultctl.run(play({"--cause", "no-fault", "-c", "true"}));
    EXPECT_FALSE(std::filesystem::exists(faultctl.path("data"))) << "a script leaves the learner's record alone";
    faultctl.run(play({"--cause", "no-fault", "-c", "true", "--diagnosis", "no-fault", "--record"}));
    const nlohmann::json report = faultctl.run({"report", "--json"}).json();
    ASSERT_EQ(report.at("attempts").size(), 1U) << report.dump(1);
    EXPECT_EQ(report.at("attempts")[0].at("incident"), kIncident);
    EXPECT_EQ(report.at("attempts")[0].at("seed"), 7);
}

TEST(Play, ARecordThatCannotBeKeptIsToldAfterTheGrade)
{
    const Faultctl faultctl;
    const Outcome outcome = faultctl.run(play({"--cause", "no-fault", "-c", "true", "--record", "--json"}), {.dataHome = "/proc/nowhere"});
    EXPECT_EQ(outcome.status, 1);
    EXPECT_TRUE(contains(outcome.err, "/proc/nowhere/faultline")) << outcome.err;
    EXPECT_TRUE(outcome.json().contains("score")) << "the grade is not lost";
}

TEST(Play, WritesReportsOfTheAttempt)
{
    const Faultctl faultctl;
    faultctl.run(play({"--cause", "no-fault", "-c", "true", "--report", faultctl.path("reports/mine")}));
    for (const char* name : {"report.html", "report.md", "report.json", "report.csv"})
        EXPECT_TRUE(contains(contentOf(faultctl.path("reports/mine/") + name), kIncident)) << name;
    write(faultctl.path("a-file"), "x");
    const Outcome blocked = faultctl.run(play({"--cause", "no-fault", "-c", "true", "--report", faultctl.path("a-file")}));
    EXPECT_EQ(blocked.status, 1);
    EXPECT_TRUE(contains(blocked.err, faultctl.path("a-file"))) << blocked.err;
}

TEST(Play, OddCommandsAreNoTrap)
{
    const Faultctl faultctl;
    for (const char* commands : {"", "\n\n", "'open quote", "for i in 1 2; do", "cat <<EOF\nno end", "\xff\xfe", "# advance never",
                                 "# diagnose", "# rewind 10h", "exit", "yes | head -3"}) {
        const Outcome outcome = faultctl.run(play({"--cause", "no-fault", "-c", commands, "--json"}));
        EXPECT_LE(outcome.status, 1) << commands << outcome.err;
        EXPECT_TRUE(outcome.json().contains("score")) << commands << outcome.err;
    }
}

TEST(Play, RewindingToBeforeTheIncidentGoesOnFromItsBeginning)
{
    const Faultctl faultctl;
    const std::string file = faultctl.path("run.replay");
    for (const char* line : {"kubectl -n shop get pods", "# advance 1m", "# hint"}) {
        const std::string commands = std::string("# advance 2m\n# rewind 10h\n") + line;
        const nlohmann::json grade
            = faultctl.run(play({"--cause", "wrong-tag", "-c", commands, "--json", "--replay-out", file})).json();
        ASSERT_TRUE(grade.contains("score")) << line << ": the incident is lost";
        const Outcome replay = faultctl.run({"replay", file, "--fingerprint"});
        EXPECT_EQ(replay.out, grade.at("fingerprint").get<std::string>() + "\n") << line << replay.err;
    }
}

TEST(Shell, IsTheHealthyLab)
{
    const Faultctl faultctl;
    const Outcome outcome = faultctl.run({"shell", "-c", "kubectl get nodes\nfalse"});
    EXPECT_EQ(outcome.status, 0);
    EXPECT_TRUE(contains(outcome.out, "$ kubectl get nodes\nNAME ")) << outcome.out;
    EXPECT_FALSE(contains(outcome.out, "NotReady"));
    EXPECT_FALSE(contains(outcome.out, "/100")) << "there is nothing to grade";
    EXPECT_EQ(faultctl.run({"shell", "--topology", "mini", "-c", "kubectl get nodes\nfalse"}).out, outcome.out);
}

} // namespace app::cli
