#include "core/incident/grading.h"

#include "tests/core/incident/quiz.h"
#include "tests/core/incident/story.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

// What a learner may expect of any grade, whatever was done: over random attempts.
namespace core::incident {

namespace {

/// Points by part, and the sum under "score".
std::map<std::string, double> pointsOf(const Record& record)
{
    const auto view = grade(record);
    std::map<std::string, double> points{{"score", view.score}};
    for (const auto& part : view.parts)
        points[part.id] = part.points;
    return points;
}

std::map<std::string, double> pointsOf(const Story& story)
{
    return pointsOf(recordOf(story));
}

std::vector<std::string> causeIds()
{
    std::vector<std::string> ids;
    for (const auto& cause : quiz()->causes)
        ids.push_back(cause.id);
    return ids;
}

/// Looks do not refute the truth in a world that is what it is.
std::vector<std::string> factsThatCanBeSeen(const std::string& truth)
{
    std::vector<std::string> ids;
    for (const auto& fact : quiz()->facts)
        if (std::find(fact.refutes.begin(), fact.refutes.end(), truth) == fact.refutes.end())
            ids.push_back(fact.id);
    return ids;
}

std::size_t anyPlace(const Story& story)
{
    return *rc::gen::inRange<std::size_t>(0, story.steps.size() + 1);
}

double secondAt(const Story& story, std::size_t place)
{
    return place == 0 ? 100 : story.steps[place - 1].second;
}

} // namespace

RC_GTEST_PROP(Fairness, PartsSumToTheScoreAndStayWithinTheirBounds, ())
{
    const Record record = recordOf(*anyStory());
    const auto withoutActions = *rc::gen::element<std::optional<double>>(std::nullopt, 0.0, 500.0, 1e6);
    const auto view = grade(record, withoutActions);
    double sum = 0;
    double outOf = 0;
    for (const auto& part : view.parts) {
        RC_ASSERT(part.points >= 0);
        RC_ASSERT(part.points <= part.outOf);
        RC_ASSERT(!part.reason.en.empty() && !part.reason.zh.empty());
        sum += part.points;
        outOf += part.outOf;
    }
    RC_ASSERT(sum == view.score);
    RC_ASSERT(outOf == 100);
    RC_ASSERT(view.score >= 0 && view.score <= 100);
}

RC_GTEST_PROP(Fairness, AHarmlessObservationNeverLowersTheScore, ())
{
    const Story story = *anyStory();
    Story better = story;
    const std::size_t place = anyPlace(story);
    const std::string fact = *rc::gen::elementOf(factsThatCanBeSeen(story.truth));
    better.steps.insert(better.steps.begin() + static_cast<std::ptrdiff_t>(place), look(fact, secondAt(story, place)));
    const auto before = pointsOf(story);
    const auto after = pointsOf(better);
    for (const auto& [part, points] : before) {
        RC_LOG() << part << ": " << points << " -> " << after.at(part) << " by " << fact << " at " << place << "\n" << story;
        RC_ASSERT(after.at(part) >= points - 1e-9);
    }
}

RC_GTEST_PROP(Fairness, TheOrderOfObservationsIsAllOne, ())
{
    Story story = *anyStory();
    for (std::size_t i = 1; i < story.steps.size(); ++i) // looks in a row come at one instant
        if (story.steps[i].kind == Step::Kind::Look && story.steps[i - 1].kind == Step::Kind::Look)
            story.steps[i].second = story.steps[i - 1].second;
    Story other = story;
    for (int swaps = *rc::gen::inRange(0, 30); swaps > 0 && other.steps.size() > 1; --swaps) {
        const std::size_t i = *rc::gen::inRange<std::size_t>(1, other.steps.size());
        if (other.steps[i].kind == Step::Kind::Look && other.steps[i - 1].kind == Step::Kind::Look)
            std::swap(other.steps[i], other.steps[i - 1]);
    }
    RC_ASSERT(pointsOf(other) == pointsOf(story));
}

RC_GTEST_PROP(Fairness, OnlyVirtualDurationsCountNotTheDate, ())
{
    const Story story = *anyStory();
    Record record = recordOf(story);
    const auto shift = std::chrono::hours(*rc::gen::inRange(-10'000, 10'000));
    for (auto* instant : {&record.impactBegan, &record.alerted, &record.acknowledged, &record.recovering, &record.recovered,
                          &record.repaired, &record.healthy, &record.closed})
        if (*instant)
            **instant += shift;
    record.injected += shift;
    for (SeenFact& fact : record.facts) {
        fact.at += shift;
    }
    for (Action& action : record.actions)
        action.at += shift;
    for (Diagnosis& diagnosis : record.diagnoses)
        diagnosis.at += shift;
    for (TakenHint& hint : record.hints)
        hint.at += shift;
    RC_ASSERT(pointsOf(record) == pointsOf(story));
}

RC_GTEST_PROP(Fairness, TheDoorByWhichAFactCameIsAllOne, ())
{
    const Story story = *anyStory();
    Record record = recordOf(story);
    for (SeenFact& fact : record.facts)
        fact.commandLine = *rc::gen::element<std::string>("", "kubectl get pods", "chart: success");
    RC_ASSERT(pointsOf(record) == pointsOf(story));
}

RC_GTEST_PROP(Fairness, ConfidenceAndNotesCostNothing, ())
{
    const Story story = *anyStory();
    Record record = recordOf(story);
    for (Diagnosis& diagnosis : record.diagnoses) {
        diagnosis.confidence = *rc::gen::element(0.0, 0.5, 1.0);
        diagnosis.note = "我认为是这个";
    }
    RC_ASSERT(pointsOf(record) == pointsOf(story));
}

RC_GTEST_PROP(Fairness, HintsMultiplyDiagnosisAndEvidenceOnly, ())
{
    Story story = *anyStory();
    std::erase_if(story.steps, [](const Step& step) { return step.kind == Step::Kind::Hint; });
    Story helped = story;
    const int rungs = *rc::gen::inRange(1, 7);
    for (int i = 0; i < rungs; ++i) {
        const std::size_t place = anyPlace(helped);
        helped.steps.insert(helped.steps.begin() + static_cast<std::ptrdiff_t>(place), hint(secondAt(helped, place)));
    }
    const double factor = std::vector<double>{1.0, 0.95, 0.9, 0.8, 0.6, 0.3}[static_cast<std::size_t>(rungs - 1)];
    const auto without = pointsOf(story);
    const auto with = pointsOf(helped);
    for (const char* part : {"impact", "safety", "fix", "verification"})
        RC_ASSERT(with.at(part) == without.at(part));
    for (const char* part : {"diagnosis", "evidence"})
        RC_ASSERT(std::abs(with.at(part) - factor * without.at(part)) < 1e-9);
}

TEST(Fairness, AUniformGuessIsExpectedToGetNoMoreThanItsShare)
{
    const double share = 25.0 / static_cast<double>(causeIds().size());
    for (const std::string& truth : causeIds()) {
        double sum = 0;
        for (const std::string& guess : causeIds()) {
            Story story;
            story.truth = truth;
            story.steps = {answer(guess, 100)};
            sum += pointsOf(story).at("diagnosis");
        }
        EXPECT_LE(sum / static_cast<double>(causeIds().size()), share) << truth;
    }
}

RC_GTEST_PROP(Fairness, NamingEveryCauseInTurnIsWorthNoMoreThanTheFirst, ())
{
    Story story;
    story.truth = *rc::gen::elementOf(causeIds());
    const int looks = *rc::gen::inRange(0, 5);
    for (int i = 0; i < looks; ++i)
        story.steps.push_back(look(*rc::gen::elementOf(factsThatCanBeSeen(story.truth)), 100));
    auto order = *rc::gen::container<std::vector<int>>(causeIds().size(), rc::gen::inRange(0, 1000));
    std::vector<std::string> causes = causeIds();
    for (std::size_t i = 0; i < causes.size(); ++i)
        std::swap(causes[i], causes[static_cast<std::size_t>(order[i]) % causes.size()]);
    Story first = story;
    first.steps.push_back(answer(causes.front(), 200));
    for (const std::string& cause : causes)
        story.steps.push_back(answer(cause, 200));
    RC_ASSERT(pointsOf(story).at("diagnosis") == pointsOf(first).at("diagnosis"));
}

RC_GTEST_PROP(Fairness, ALaterRightAnswerIsNeverWorthMoreThanHalf, ())
{
    Story story = *anyStory();
    std::erase_if(story.steps, [](const Step& step) { return step.kind == Step::Kind::Answer; });
    const std::string wrong = *rc::gen::suchThat(rc::gen::elementOf(causeIds()), [&](const std::string& id) { return id != story.truth; });
    Story late = story;
    story.steps.push_back(answer(story.truth, 2900));
    late.steps.insert(late.steps.begin(), answer(wrong, 100));
    Story onlyWrong = late;
    late.steps.push_back(answer(late.truth, 2900));
    const double alone = pointsOf(onlyWrong).at("diagnosis");
    RC_ASSERT(pointsOf(late).at("diagnosis") <= std::max(alone, pointsOf(story).at("diagnosis") / 2) + 1e-9);
}

RC_GTEST_PROP(Fairness, AnyWayToTheSameStateGetsTheSameForTheFix, ())
{
    Story story = *anyStory();
    story.healed = true; // where the fault is left as it is, nobody brought the state about
    if (story.truth == "no-fault")
        story.truth = "wrong-tag";
    Story bare = story;
    bare.steps.clear();
    RC_ASSERT(pointsOf(story).at("fix") == pointsOf(bare).at("fix"));
}

RC_GTEST_PROP(Fairness, ANeedlessChangeNeverRaisesAnyPart, ())
{
    const Story story = *anyStory();
    Story worse = story;
    const std::size_t place = anyPlace(story);
    const Action action = *rc::gen::element(needless(), loss());
    worse.steps.insert(worse.steps.begin() + static_cast<std::ptrdiff_t>(place), change(action, secondAt(story, place)));
    const auto before = pointsOf(story);
    const auto after = pointsOf(worse);
    for (const auto& [part, points] : before)
        RC_ASSERT(after.at(part) <= points + 1e-9);
    RC_ASSERT(after.at("safety") == std::max(0.0, before.at("safety") - (action.deletes ? 8 : 3)) || before.at("safety") == 0);
}

RC_GTEST_PROP(Fairness, MoreLossNeverRaisesTheScore, ())
{
    const Story story = *anyStory();
    Story worse = story;
    worse.lostRequests += *rc::gen::inRange(0, 10'000);
    RC_ASSERT(pointsOf(worse).at("score") <= pointsOf(story).at("score"));
}

TEST(Fairness, RestartingEverythingIsNoWayToPass)
{
    for (const std::string truth : {"wrong-tag", "wrong-name", "node-egress"}) {
        Story story;
        story.truth = truth;
        for (const char* object : {"deployment/shop/cart", "deployment/shop/gateway", "unit/worker-1/kubelet.service", "power/registry"}) {
            Action restart = needless(object);
            restart.effect = Effect::Restart;
            story.steps.push_back(change(restart, 100));
        }
        story.steps.push_back(answer(truth, 200));
        story.steps.push_back(look("served", 700));
        story.steps.push_back(look("rolled-out", 700));
        EXPECT_LT(pointsOf(story).at("score"), 50) << truth << ", though all came right and the guess was lucky";
    }
}

RC_GTEST_PROP(Fairness, TheSameRecordGivesTheSameBits, ())
{
    const Record record = recordOf(*anyStory());
    const Record copy = record;
    const auto one = grade(record);
    const auto two = grade(copy);
    RC_ASSERT(one.score == two.score);
    for (std::size_t i = 0; i < one.parts.size(); ++i)
        RC_ASSERT(one.parts[i].reason.en == two.parts[i].reason.en && one.parts[i].reason.zh == two.parts[i].reason.zh);
}

} // namespace core::incident
