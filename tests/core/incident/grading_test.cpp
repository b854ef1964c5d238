#include "core/incident/grading.h"

#include "tests/core/incident/quiz.h"
#include "tests/core/incident/story.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace core::incident {

namespace {

const session::ScorePart& part(const session::GradeView& grade, const std::string& id)
{
    static const session::ScorePart kNone{"none", {}, -1, -1, {}};
    const auto it = std::find_if(grade.parts.begin(), grade.parts.end(), [&](const auto& one) { return one.id == id; });
    EXPECT_NE(it, grade.parts.end()) << id;
    return it == grade.parts.end() ? kNone : *it;
}

double points(const Story& story, const std::string& id)
{
    return part(grade(recordOf(story)), id).points;
}

double score(const Story& story)
{
    return grade(recordOf(story)).score;
}

bool contains(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

const std::vector<Step>& allEvidence()
{
    static const std::vector<Step> kSteps{look("tag-absent", 100), look("name-listed", 101), look("still-failing", 102)};
    return kSteps;
}

/// All evidence, then these.
Story informed(const std::vector<Step>& steps)
{
    Story story;
    story.steps = allEvidence();
    story.steps.insert(story.steps.end(), steps.begin(), steps.end());
    return story;
}

} // namespace

TEST(Grade, AnExemplaryAttemptGetsEverything)
{
    const auto view = grade(recordOf(exemplary()));
    EXPECT_EQ(view.score, 100);
    EXPECT_TRUE(view.solved);
    EXPECT_EQ(view.trueCause, "wrong-tag");
    EXPECT_EQ(view.answeredCause, "wrong-tag");
    EXPECT_EQ(view.explanation.en, "explains wrong-tag");
    std::vector<std::string> ids;
    for (const auto& one : view.parts) {
        ids.push_back(one.id);
        EXPECT_EQ(one.points, one.outOf) << one.id;
        EXPECT_FALSE(one.reason.en.empty()) << one.id;
        EXPECT_FALSE(one.reason.zh.empty()) << one.id;
    }
    EXPECT_EQ(ids, (std::vector<std::string>{"impact", "diagnosis", "evidence", "safety", "fix", "verification"}));
}

TEST(Grade, WhoDoesNothingGetsNextToNothing)
{
    Story story;
    story.recovered.reset();
    story.healed = story.healthy = false;
    const auto view = grade(recordOf(story));
    EXPECT_FALSE(view.solved);
    EXPECT_EQ(part(view, "impact").points, 0);
    EXPECT_EQ(part(view, "diagnosis").points, 0);
    EXPECT_EQ(part(view, "evidence").points, 0);
    EXPECT_EQ(part(view, "verification").points, 0);
    EXPECT_EQ(view.score, 0);
}

TEST(Grade, WhoDoesNothingIsNotPraisedForWhatNobodyBrokeYet)
{
    for (const std::string truth : {"wrong-tag", "no-fault"}) {
        Story story;
        story.truth = truth;
        story.impactBegan.reset();
        story.recovered.reset();
        story.lostRequests = story.lostAtPar = 0;
        story.healed = truth == "no-fault";
        story.intact = false;
        const auto view = grade(recordOf(story));
        EXPECT_EQ(view.score, 0) << truth;
        for (const auto& one : view.parts)
            for (const char* praise : {"a guess that worked", "workaround", "was needed", "could be undone", "looked at what"}) {
                EXPECT_FALSE(contains(one.reason.en, praise)) << truth << ": " << one.reason.en;
            }
    }
}

TEST(Grade, ChangesThatMissTheFaultEarnNoMoreThanNone)
{
    Story story;
    story.impactBegan.reset();
    story.recovered.reset();
    story.healed = false;
    story.steps = {change(needless(), 100)};
    EXPECT_EQ(score(story), 0);
    EXPECT_TRUE(contains(part(grade(recordOf(story)), "safety").reason.en, "None of your changes went for the fault."));
    story.steps = {change(rollback(), 100)};
    EXPECT_EQ(points(story, "safety"), 15) << "a mitigation is something";
    EXPECT_EQ(points(story, "fix"), 5);
}

TEST(Grade, WhoSaysThatNothingIsBrokenAndLeavesItAloneHasDoneTheRightThing)
{
    Story story;
    story.truth = "no-fault";
    story.steps = {answer("no-fault", 100)};
    const auto view = grade(recordOf(story));
    EXPECT_EQ(part(view, "safety").points, 15);
    EXPECT_TRUE(contains(part(view, "safety").reason.en, "nothing had to be changed")) << part(view, "safety").reason.en;
    EXPECT_EQ(part(view, "fix").points, 10);
    EXPECT_FALSE(contains(part(view, "impact").reason.en, "repair")) << part(view, "impact").reason.en;
}

TEST(Grade, SolvedTakesTheRightAnswerAndARepairedHealthyWorld)
{
    for (int missing = 0; missing < 3; ++missing) {
        Story story = exemplary();
        if (missing == 0)
            story.healed = false;
        if (missing == 1)
            story.healthy = false;
        if (missing == 2)
            story.steps.push_back(answer("node-egress", 900)); // the last word counts
        EXPECT_FALSE(grade(recordOf(story)).solved) << missing;
    }
}

TEST(Impact, WhatAnybodyLosesCostsNothingAndTheRestByTheAllowance)
{
    Story story = exemplary();
    story.lostAtPar = 900; // one a second
    story.lostRequests = 900;
    EXPECT_EQ(points(story, "impact"), 25);
    story.lostRequests = 900 + 1350; // half the allowance
    EXPECT_DOUBLE_EQ(points(story, "impact"), 12.5);
    story.lostRequests = 900 + 2700;
    EXPECT_EQ(points(story, "impact"), 0);
    story.lostRequests = 100'000;
    EXPECT_EQ(points(story, "impact"), 0);
}

TEST(Impact, IsNothingWhileUsersStillSuffer)
{
    Story story = exemplary();
    story.recovered.reset();
    EXPECT_EQ(points(story, "impact"), 0);
    story.impactBegan.reset();
    EXPECT_EQ(points(story, "impact"), 25) << "nobody ever suffered, and it was repaired";
}

TEST(Impact, AFalseAlarmIsNotChargedForWhatNobodyCouldSave)
{
    Story story;
    story.truth = "no-fault";
    story.steps = {look("half", 100), answer("no-fault", 200)};
    story.recovered.reset();
    story.lostRequests = 9000;
    Record record = recordOf(story);
    record.incident = [] {
        content::Incident incident = *quiz();
        incident.facts[4].refutes = {"wrong-tag", "wrong-name", "node-egress"};
        return std::make_shared<const content::Incident>(incident);
    }();
    EXPECT_EQ(part(grade(record), "impact").points, 25);
    record.actions.push_back(needless());
    EXPECT_EQ(part(grade(record), "impact").points, 0) << "but whoever meddles answers for it";
    record.recovered = record.recovering = at(600);
    EXPECT_EQ(part(grade(record), "impact").points, 0);
    EXPECT_EQ(part(grade(record, 9000.0), "impact").points, 25) << "it would have been as much without";
}

TEST(Impact, SaysWhatTheLearnersChangesCost)
{
    Story story = exemplary();
    story.lostRequests = 1500;
    EXPECT_TRUE(contains(part(grade(recordOf(story), 700.0), "impact").reason.en, "Without your changes it would have been 700."));
    EXPECT_FALSE(contains(part(grade(recordOf(story), 1500.0), "impact").reason.en, "Without your changes"));
}

TEST(Diagnosis, RightNearAndFarAnswersDiffer)
{
    EXPECT_EQ(points(informed({answer("wrong-tag", 200)}), "diagnosis"), 25);
    EXPECT_EQ(points(informed({answer("wrong-name", 200)}), "diagnosis"), 15) << "the same mechanism";
    EXPECT_EQ(points(informed({answer("node-egress", 200)}), "diagnosis"), 5) << "there is a fault at least";
    EXPECT_EQ(points(informed({answer("no-fault", 200)}), "diagnosis"), 0);
    EXPECT_EQ(points(informed({answer("the-moon", 200)}), "diagnosis"), 0);
    EXPECT_EQ(points(informed({}), "diagnosis"), 0);
}

TEST(Diagnosis, TheSecondAnswerCountsHalfAndTheThirdAQuarter)
{
    const Step again = look("served", 210);
    EXPECT_EQ(points(informed({answer("no-fault", 200), again, answer("wrong-tag", 220)}), "diagnosis"), 12.5);
    EXPECT_EQ(points(informed({answer("no-fault", 200), again, answer("node-egress", 220), again, answer("wrong-tag", 240)}), "diagnosis"),
              6.25);
    EXPECT_EQ(points(informed({answer("no-fault", 200), again, answer("node-egress", 220), again, answer("wrong-name", 240), again,
                               answer("wrong-tag", 260)}), "diagnosis"), 3.75)
        << "the fourth counts nothing; the near miss before it a quarter of 15";
}

TEST(Diagnosis, AnotherAnswerWithoutALookInBetweenCountsNothing)
{
    EXPECT_EQ(points(informed({answer("no-fault", 200), answer("wrong-tag", 220)}), "diagnosis"), 0);
    EXPECT_EQ(points(informed({answer("no-fault", 200), look("tag-absent", 210), answer("wrong-tag", 220)}), "diagnosis"), 12.5)
        << "a second look at the same will do";
    EXPECT_EQ(points(informed({answer("no-fault", 200), answer("wrong-tag", 220), look("served", 230)}), "diagnosis"), 0)
        << "it has to come before the answer";
}

TEST(Diagnosis, SayingTheSameAgainIsNoNewAnswer)
{
    EXPECT_EQ(points(informed({answer("wrong-tag", 200), answer("wrong-tag", 220)}), "diagnosis"), 25);
    EXPECT_EQ(points(informed({answer("no-fault", 200), answer("no-fault", 205), look("served", 210), answer("wrong-tag", 220)}),
                     "diagnosis"), 12.5);
}

TEST(Diagnosis, AnAnswerIsWorthWhatItsEvidenceExcluded)
{
    Story story;
    story.steps = {answer("wrong-tag", 100)};
    EXPECT_DOUBLE_EQ(points(story, "diagnosis"), 25.0 / 4) << "a guess among four";
    story.steps = {look("tag-absent", 90), answer("wrong-tag", 100)};
    EXPECT_DOUBLE_EQ(points(story, "diagnosis"), 25 * (0.25 + 0.75 / 3));
    story.steps.push_back(look("name-listed", 110));
    EXPECT_DOUBLE_EQ(points(story, "diagnosis"), 25 * (0.25 + 0.75 / 3)) << "what comes later does not count";
}

TEST(Diagnosis, NoFaultIsALegalAnswer)
{
    Story story;
    story.truth = "no-fault";
    story.steps = {answer("no-fault", 100)};
    EXPECT_DOUBLE_EQ(points(story, "diagnosis"), 25.0 / 4);
    story.steps = {answer("wrong-tag", 100)};
    EXPECT_EQ(points(story, "diagnosis"), 0) << "an invented fault is not near the truth";
}

TEST(Evidence, CountsUntilTheFirstRepair)
{
    Story story;
    story.steps = {look("tag-absent", 100), change(repair(), 150), look("name-listed", 160), look("still-failing", 170),
                   answer("wrong-tag", 200)};
    EXPECT_DOUBLE_EQ(points(story, "evidence"), 20.0 / 3);
}

TEST(Evidence, CountsUntilTheAnswerWhereOnlyAMitigationWasMade)
{
    Story story;
    story.steps = {change(rollback(), 50), look("tag-absent", 100), look("name-listed", 110), look("still-failing", 120),
                   answer("wrong-tag", 200)};
    EXPECT_EQ(points(story, "evidence"), 20) << "to roll back first is good practice";
    EXPECT_EQ(points(story, "impact"), 25);
}

TEST(Evidence, EndingPodsOrMountingAFilesystemIsNoRepairYet)
{
    for (const char* object : {"pod/shop/checkout-1", "mount/db-1/"}) {
        Action before = repair();
        before.changed = {object};
        Story story;
        story.steps = {change(before, 50), look("tag-absent", 100), look("name-listed", 110), look("still-failing", 120),
                       change(repair(), 200)};
        EXPECT_EQ(points(story, "evidence"), 20) << object;
    }
}

TEST(LuckyFix, HealsAndIsFlaggedAsAGuess)
{
    Story story;
    story.steps = {change(repair(), 100), answer("wrong-tag", 200), look("served", 700), look("rolled-out", 710)};
    const auto view = grade(recordOf(story));
    EXPECT_TRUE(view.solved);
    EXPECT_DOUBLE_EQ(part(view, "impact").points, 10) << "40 %";
    EXPECT_TRUE(contains(part(view, "impact").reason.en, "a guess that worked")) << part(view, "impact").reason.en;
    EXPECT_TRUE(contains(part(view, "impact").reason.zh, "猜中")) << part(view, "impact").reason.zh;
    EXPECT_EQ(part(view, "evidence").points, 0);
    EXPECT_EQ(part(view, "fix").points, 10);
    EXPECT_LT(view.score, 50);
    EXPECT_GT(view.score, 0);
    EXPECT_FALSE(contains(part(grade(recordOf(exemplary())), "impact").reason.en, "guess"));
}

TEST(Safety, EachKindOfCarelessnessHasItsPrice)
{
    const auto safety = [](std::vector<Action> actions) {
        Story story = exemplary();
        for (Action& action : actions)
            story.steps.push_back(change(std::move(action), 800));
        return points(story, "safety");
    };
    Action shotgun = repair();
    shotgun.shotgun = true;
    Action lossOfNeed = loss();
    lossOfNeed.necessary = true;
    Action powerOff = needless();
    powerOff.effect = Effect::Irreversible;
    Action needed = powerOff;
    needed.necessary = true;
    Action both = needless();
    both.shotgun = true;
    EXPECT_EQ(safety({}), 15);
    EXPECT_EQ(safety({needless()}), 12);
    EXPECT_EQ(safety({shotgun}), 10);
    EXPECT_EQ(safety({both}), 7);
    EXPECT_EQ(safety({loss()}), 7);
    EXPECT_EQ(safety({lossOfNeed}), 7) << "deleting is never needed";
    EXPECT_EQ(safety({powerOff}), 7);
    EXPECT_EQ(safety({needed}), 15);
    EXPECT_EQ(safety({repair(), rollback()}), 15);
    EXPECT_EQ(safety({needless(), needless("deployment/shop/gateway")}), 9);
    EXPECT_EQ(safety({loss(), loss("deployment/shop/gateway"), needless()}), 0) << "and no less";
}

TEST(Safety, TellsTheNumberOfObjectsTouched)
{
    Story story = exemplary();
    for (const char* object : {"deployment/shop/cart", "deployment/shop/gateway", "deployment/shop/cart"})
        story.steps.push_back(change(needless(object), 800));
    EXPECT_TRUE(contains(part(grade(recordOf(story)), "safety").reason.en, "touched without need: 2."));
}

TEST(Fix, HasThreeParts)
{
    for (const bool healed : {false, true})
        for (const bool healthy : {false, true})
            for (const bool intact : {false, true}) {
                Story story = exemplary();
                story.healed = healed;
                story.healthy = healthy;
                story.intact = intact;
                EXPECT_EQ(points(story, "fix"), (healed ? 5 : 0) + (healthy ? 3 : 0) + (intact ? 2 : 0));
            }
}

TEST(Verification, TakesALookAtBothSidesAfterRecovery)
{
    const auto verification = [](std::vector<Step> steps) { return points(informed(steps), "verification"); };
    EXPECT_EQ(verification({}), 0);
    EXPECT_EQ(verification({look("served", 700)}), 2.5);
    EXPECT_EQ(verification({look("rolled-out", 700)}), 2.5);
    EXPECT_EQ(verification({look("served", 700), look("rolled-out", 701)}), 5);
    EXPECT_EQ(verification({look("served", 599), look("rolled-out", 599)}), 0) << "before it was well";
    EXPECT_EQ(verification({look("served", 600), look("rolled-out", 600)}), 5) << "at the moment itself";
    EXPECT_EQ(verification({look("served", 300), look("served", 700)}), 2.5) << "seen again";
    EXPECT_EQ(verification({look("node-pulls", 700)}), 0) << "that part was never broken";
}

TEST(Verification, WaitsForRecovery)
{
    Story story = informed({look("served", 700), look("rolled-out", 701)});
    story.recovered.reset();
    EXPECT_EQ(points(story, "verification"), 0);
    story.impactBegan.reset();
    EXPECT_EQ(points(story, "verification"), 5) << "where nothing ever hurt, since the repair";
    story.repaired = 701;
    EXPECT_EQ(points(story, "verification"), 2.5) << "what was seen before it proves nothing";
}

TEST(Hints, TheHighestRungTakenIsPaid)
{
    Story story = exemplary();
    const double factors[] = {1.0, 0.95, 0.9, 0.8, 0.6, 0.3};
    for (const double factor : factors) {
        story.steps.insert(story.steps.begin(), hint(95));
        EXPECT_DOUBLE_EQ(points(story, "diagnosis"), 25 * factor);
        EXPECT_DOUBLE_EQ(points(story, "evidence"), 20 * factor);
        EXPECT_DOUBLE_EQ(score(story), 55 + 45 * factor);
    }
    EXPECT_TRUE(contains(part(grade(recordOf(story)), "evidence").reason.en, "× 0.30"));
}

TEST(Clocks, AreTakenInVirtualTime)
{
    const auto clocks = grade(recordOf(exemplary())).clocksSeconds;
    EXPECT_EQ(clocks.at("detect"), 60);
    EXPECT_EQ(clocks.at("acknowledge"), 30);
    EXPECT_EQ(clocks.at("first_evidence"), 10);
    EXPECT_EQ(clocks.at("diagnose"), 210);
    EXPECT_EQ(clocks.at("mitigate"), 600);
    EXPECT_EQ(clocks.at("resolve"), 600);
    EXPECT_EQ(clocks.at("verify"), 3000 - 700);
}

TEST(Clocks, WhatNeverHappenedHasNone)
{
    Story story;
    story.recovered.reset();
    story.healed = false;
    const auto clocks = grade(recordOf(story)).clocksSeconds;
    for (const char* name : {"first_evidence", "diagnose", "mitigate", "resolve", "verify"})
        EXPECT_EQ(clocks.at(name), std::nullopt) << name;
    story = exemplary();
    story.truth = "no-fault";
    EXPECT_EQ(grade(recordOf(story)).clocksSeconds.at("resolve"), std::nullopt) << "there was nothing to repair";
}

} // namespace core::incident
