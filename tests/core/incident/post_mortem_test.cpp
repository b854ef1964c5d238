#include "core/incident/post_mortem.h"

#include "core/incident/grading.h"
#include "tests/core/incident/quiz.h"
#include "tests/core/incident/story.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace core::incident {

namespace {

using content::Language;

std::string markdown(const Record& record, Language language = Language::English)
{
    return postMortemMarkdown(record, grade(record), language);
}

bool reportHas(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

std::vector<std::string> linesWith(const std::string& text, const std::string& start)
{
    std::vector<std::string> lines;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        const std::string line = text.substr(begin, end - begin);
        if (line.rfind(start, 0) == 0)
            lines.push_back(line.substr(start.size()));
        begin = end + 1;
    }
    return lines;
}

std::vector<std::string> kinds(const Record& record)
{
    std::vector<std::string> all;
    for (const auto& entry : timelineOf(record))
        all.push_back(entry.kind);
    return all;
}

} // namespace

TEST(Timeline, TellsAnAttemptInOrder)
{
    Story story = exemplary();
    story.steps.insert(story.steps.begin() + 1, hint(105));
    EXPECT_EQ(kinds(recordOf(story)),
              (std::vector<std::string>{"impact", "alert", "acknowledge", "fact", "hint", "fact", "fact", "action", "diagnosis",
                                        "mitigated", "resolved", "fact", "verified", "fact", "closed"}));
}

TEST(Timeline, EachEntrySaysWhatWasKnownThen)
{
    const auto entries = timelineOf(recordOf(exemplary()));
    for (const auto& entry : entries) {
        if (entry.kind == "alert") {
            EXPECT_EQ(entry.factsKnown, 0);
        }
        if (entry.kind == "action") {
            EXPECT_EQ(entry.factsKnown, 3);
            EXPECT_EQ(entry.detail, "kubectl set image");
        }
        if (entry.kind == "closed") {
            EXPECT_EQ(entry.factsKnown, 5);
        }
        if (entry.kind == "diagnosis") {
            EXPECT_EQ(entry.text.en, "means wrong-tag");
            EXPECT_EQ(entry.detail, "note");
        }
    }
}

TEST(Timeline, WhatDidNotHappenIsNotTold)
{
    Story story;
    story.truth = "no-fault";
    story.impactBegan.reset();
    const auto all = kinds(recordOf(story));
    for (const char* kind : {"impact", "fact", "action", "hint", "diagnosis", "verified", "resolved"})
        EXPECT_EQ(std::count(all.begin(), all.end(), kind), 0) << kind;
}

TEST(Timeline, KindsOfChangesAreTold)
{
    Story story;
    Action restart = needless();
    restart.effect = Effect::Restart;
    restart.commandLine.clear();
    restart.changed = {"unit/worker-1/kubelet.service", "process/worker-1/7"};
    story.steps = {change(rollback(), 1), change(restart, 2), change(loss(), 3), change(needless(), 4)};
    std::vector<std::string> told;
    for (const auto& entry : timelineOf(recordOf(story)))
        if (entry.kind == "action")
            told.push_back(entry.text.en + ": " + entry.detail);
    EXPECT_EQ(told, (std::vector<std::string>{"Mitigating change: kubectl rollout undo",
                                              "Restart: unit/worker-1/kubelet.service, process/worker-1/7",
                                              "Change that cannot be undone: kubectl delete", "Change: kubectl scale"}));
}

TEST(Timeline, WhatOneLineChangedIsOneEntry)
{
    Story story;
    for (int file = 0; file < 40'000; ++file) {
        Action removed = needless("file/db-1/var/spool/" + std::to_string(file));
        removed.line = 3;
        removed.commandLine = "find -delete";
        removed.effect = file == 5 ? Effect::Irreversible : Effect::Reversible;
        story.steps.push_back(change(removed, 1));
    }
    for (const std::size_t line : {4U, 4U, 5U}) { // tee makes the file and writes it, and is run again
        Action written = needless("file/db-1/etc/limit.conf");
        written.line = line;
        written.commandLine = "tee";
        story.steps.push_back(change(written, 2));
    }
    Record record = recordOf(story);
    std::vector<std::string> told;
    for (const auto& entry : timelineOf(record))
        if (entry.kind == "action")
            told.push_back(entry.text.en + ": " + entry.detail);
    EXPECT_EQ(told, (std::vector<std::string>{"Change that cannot be undone: 40000 objects (file/db-1/var/spool/0, file/db-1/var/spool/1, "
                                              "file/db-1/var/spool/2, … +39997): find -delete",
                                              "Change: tee", "Change: tee"}));
    const std::string text = markdown(record);
    EXPECT_EQ(linesWith(text, "- 09:").size(), 3U) << "nor does the resolution tell each file";
    EXPECT_TRUE(reportHas(text, "40000 objects"));
}

TEST(Timeline, ARecoveryIsNotToldBeforeTheRepair)
{
    Story story;
    story.steps = {look("served", 100), look("rolled-out", 100), look("served", 700)};
    std::vector<std::string> told;
    for (const auto& entry : timelineOf(recordOf(story)))
        if (entry.kind == "fact")
            told.push_back(entry.text.en);
    EXPECT_EQ(told, std::vector<std::string>{"fact served"});
}

RC_GTEST_PROP(Timeline, NeverGoesBackAndSpeaksBothLanguages, ())
{
    const auto entries = timelineOf(recordOf(*anyStory()));
    for (std::size_t i = 0; i < entries.size(); ++i) {
        RC_ASSERT(!entries[i].text.en.empty() && !entries[i].text.zh.empty());
        if (i > 0) {
            RC_ASSERT(entries[i].at >= entries[i - 1].at);
            RC_ASSERT(entries[i].factsKnown >= entries[i - 1].factsKnown);
        }
    }
}

TEST(Times, FirstEvidenceIsTheFirstFactThatExcludes)
{
    Story story;
    story.steps = {look("half", 100), look("other-half", 120), look("tag-absent", 130)};
    EXPECT_EQ(timesOf(recordOf(story)).firstEvidence, at(120)) << "with the second half";
    Record record = recordOf(story);
    record.facts[1].evidence = false;
    EXPECT_EQ(timesOf(record).firstEvidence, at(130));
}

TEST(Times, TheRightDiagnosisIsTheFirstRightOne)
{
    Story story;
    story.steps = {answer("no-fault", 100), answer("wrong-tag", 200), answer("wrong-name", 300), answer("wrong-tag", 400)};
    EXPECT_EQ(timesOf(recordOf(story)).rightDiagnosis, at(200));
}

TEST(Times, VerifiedIsAfterRecovery)
{
    Story story;
    story.steps = {look("served", 100), look("rolled-out", 650), look("served", 800)};
    EXPECT_EQ(timesOf(recordOf(story)).verified, at(650)) << "served was seen before, which verifies nothing";
    story.steps = {look("rolled-out", 650)};
    EXPECT_EQ(timesOf(recordOf(story)).verified, at(650));
    story.recovered.reset();
    EXPECT_EQ(timesOf(recordOf(story)).verified, std::nullopt);
}

TEST(PostMortem, HasTheUsualHeadingsInTheirOrder)
{
    const Record record = recordOf(exemplary());
    EXPECT_EQ(linesWith(markdown(record), "# "), std::vector<std::string>{"Checkout is failing"});
    EXPECT_EQ(linesWith(markdown(record), "## "),
              (std::vector<std::string>{"Summary", "Impact", "Root causes and contributing conditions", "Trigger", "Resolution",
                                        "Detection", "Action items", "Lessons learned", "Timeline (UTC)", "Supporting information"}));
    EXPECT_EQ(linesWith(markdown(record), "### "),
              (std::vector<std::string>{"What went well", "What went wrong", "Where we got lucky"}));
}

TEST(PostMortem, SaysTheSameInChinese)
{
    const Record record = recordOf(exemplary());
    const std::string zh = markdown(record, Language::Chinese);
    EXPECT_EQ(linesWith(zh, "# "), std::vector<std::string>{"结账失败"});
    EXPECT_EQ(linesWith(zh, "## "), (std::vector<std::string>{"概要", "影响", "根本原因与促成条件", "触发因素", "处置", "发现", "改进项",
                                                              "经验教训", "时间线（UTC）", "附件"}));
    EXPECT_EQ(linesWith(zh, "### ").size(), 3U);
    EXPECT_EQ(linesWith(zh, "| ").size(), linesWith(markdown(record), "| ").size()) << "every row is there";
    for (const char* english : {"Users", "requests", "Change", "The ", " is "})
        EXPECT_FALSE(reportHas(zh, english)) << english;
}

TEST(PostMortem, IsFilledFromTheRecord)
{
    const std::string text = markdown(recordOf(exemplary()));
    for (const char* part : {"- Date: 2026-03-02", "closed, service healthy", "means wrong-tag. explains wrong-tag",
                             "Service shop/checkout: 1000 requests lost, success down to 90.0 %, about $500.",
                             "- 09:03:20 `kubectl set image`", "| impact to alert | 1:00 |", "| impact to mitigation | 10:00 |",
                             "| acknowledgement to first evidence | 0:10 |", "prevents wrong-tag", "Score: 100 / 100",
                             "| 09:01:40 | fact tag-absent | `show tag-absent` | 1 |"})
        EXPECT_TRUE(reportHas(text, part)) << part << "\nin\n" << text;
}

TEST(PostMortem, IsBlamelessAndLeavesTheTeamItsLines)
{
    for (const Language language : {Language::English, Language::Chinese}) {
        const std::string text = markdown(recordOf(exemplary()), language);
        for (const char* word : {"fault of", "should have", "could have", "guilty", "blame ", "责怪", "本应该"})
            EXPECT_FALSE(reportHas(text, word)) << word;
    }
    const std::string text = markdown(recordOf(exemplary()));
    EXPECT_TRUE(reportHas(text, "_What started it"));
    EXPECT_TRUE(reportHas(text, "_Which other conditions"));
}

TEST(PostMortem, WithoutAnyActionItSaysSo)
{
    Story story;
    story.healthy = false;
    story.recovered.reset();
    EXPECT_TRUE(reportHas(markdown(recordOf(story)), "Nothing had to be changed."));
    EXPECT_TRUE(reportHas(markdown(recordOf(story)), "service not healthy"));
    EXPECT_TRUE(reportHas(markdown(recordOf(story)), "| impact to mitigation | – |"));
}

TEST(PostMortem, NoTextCanBreakTheTables)
{
    Story story = exemplary();
    story.steps[3].change.commandLine = "kubectl get pods | grep x || true\nsecond line | more";
    story.steps.insert(story.steps.begin(), hint(95));
    Record record = recordOf(story);
    record.hints[0].text = {"Read it with: `a | b`\n\nAnd then | that.\n", "用这条命令：`a | b`\n然后"};
    content::Incident incident = *quiz();
    incident.causes[0].prevention = {"One thing.\n\n- and | another\n", "一件事。\n- 另一件"};
    record.incident = std::make_shared<const content::Incident>(incident);
    const std::string text = markdown(record);
    EXPECT_TRUE(reportHas(text, "| Change | `kubectl get pods \\| grep x \\|\\| true` | 3 |")) << text;
    EXPECT_TRUE(reportHas(text, "| Read it with: `a \\| b`  And then \\| that. |")) << text;
    EXPECT_TRUE(reportHas(text, "| One thing.  - and \\| another | | | |")) << text;
    EXPECT_FALSE(reportHas(text, "second line")) << text;
    const auto rows = linesWith(text, "| 09:");
    EXPECT_EQ(rows.size(), timelineOf(record).size());
    for (const std::string& row : rows) {
        int columns = 0;
        for (std::size_t i = 0; i < row.size(); ++i)
            columns += row[i] == '|' && (i == 0 || row[i - 1] != '\\') ? 1 : 0;
        EXPECT_EQ(columns, 4) << row;
    }
}

} // namespace core::incident
