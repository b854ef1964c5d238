#include "core/incident/hints.h"

#include "tests/core/incident/quiz.h"
#include "tests/core/incident/story.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

namespace core::incident {

namespace {

bool hintHas(const std::string& text, const std::string& part)
{
    return text.find(part) != std::string::npos;
}

Record having(std::vector<std::string> facts, const std::string& truth = "wrong-tag")
{
    Story story;
    story.truth = truth;
    for (std::string& fact : facts)
        story.steps.push_back(look(std::move(fact), 100));
    Record record = recordOf(story);
    record.variant = "deleted";
    return record;
}

const content::Placeholders& hintValues()
{
    static const content::Placeholders kValues{{"node", {"worker-2"}}};
    return kValues;
}

} // namespace

TEST(HintText, ClimbsFromAQuestionToTheExplanation)
{
    const Record record = having({});
    EXPECT_TRUE(hintHas(hintText(record, 0, hintValues()).en, "What changed"));
    EXPECT_EQ(hintText(record, 1, hintValues()).en, "Look here next: the registry.");
    EXPECT_TRUE(hintHas(hintText(record, 2, hintValues()).en, "signal tag-absent"));
    EXPECT_EQ(hintText(record, 3, hintValues()).en, "Read it with: `show tag-absent worker-2`");
    EXPECT_TRUE(hintHas(hintText(record, 4, hintValues()).en, "means wrong-tag"));
    EXPECT_EQ(hintText(record, 5, hintValues()).en, "explains wrong-tag");
}

TEST(HintText, SpeaksChineseOnEveryRung)
{
    const Record record = having({});
    for (int rung = 0; rung < kRungs; ++rung) {
        const content::Text text = hintText(record, rung, hintValues());
        EXPECT_FALSE(text.zh.empty()) << rung;
        EXPECT_NE(text.zh, text.en) << rung;
    }
    EXPECT_TRUE(hintHas(hintText(record, 1, hintValues()).zh, "镜像仓库"));
}

TEST(HintText, NeverRepeatsWhatIsKnown)
{
    EXPECT_EQ(hintText(having({"tag-absent"}), 3, hintValues()).en, "Read it with: `show name-listed worker-2`");
    EXPECT_EQ(hintText(having({"tag-absent", "name-listed"}), 3, hintValues()).en, "Read it with: `show still-failing worker-2`");
}

TEST(HintText, AFactWithoutALayerIsPointedToByItsSignal)
{
    EXPECT_EQ(hintText(having({"tag-absent"}), 1, hintValues()).en, "Look here next: signal name-listed.");
}

TEST(HintText, SaysSoWhenEnoughWasSeen)
{
    const content::Text text = hintText(having({"tag-absent", "name-listed", "still-failing"}), 2, hintValues());
    EXPECT_TRUE(hintHas(text.en, "only one cause still fits")) << text.en;
    EXPECT_TRUE(hintHas(text.zh, "足够")) << text.zh;
}

TEST(HintText, SaysHowManyCausesFitWhenNoFactIsLeft)
{
    Record record = having({"still-failing"});
    content::Incident incident = *quiz();
    for (content::Fact& fact : incident.facts)
        fact.command.clear();
    record.incident = std::make_shared<const content::Incident>(incident);
    EXPECT_TRUE(hintHas(hintText(record, 1, hintValues()).en, "3 causes still fit"));
}

TEST(HintText, AnAuthorsOwnGoesFirstAndIsFilled)
{
    Record record = having({});
    content::Incident incident = *quiz();
    incident.hints["wrong-tag"][1].text = {"Look at {node}.", "看看 {node}。"};
    record.incident = std::make_shared<const content::Incident>(incident);
    EXPECT_EQ(hintText(record, 1, hintValues()).en, "Look at worker-2.");
    EXPECT_EQ(hintText(record, 1, hintValues()).zh, "看看 worker-2。");
    EXPECT_EQ(hintText(record, 3, hintValues()).en, "Read it with: `show tag-absent worker-2`");
}

RC_GTEST_PROP(HintText, TheFirstThreeRungsGiveNoCauseAway, ())
{
    const Record record = recordOf(*anyStory());
    for (int rung = 0; rung < 4; ++rung)
        RC_ASSERT(!hintHas(hintText(record, rung, hintValues()).en, "means "));
}

TEST(RungFactor, IsTheAuthorsOrOne)
{
    Record record = having({});
    EXPECT_EQ(rungFactor(record, 0), 1);
    EXPECT_EQ(rungFactor(record, 3), 0.8);
    EXPECT_EQ(rungFactor(record, 5), 0.3);
    content::Incident incident = *quiz();
    incident.hints.clear();
    record.incident = std::make_shared<const content::Incident>(incident);
    EXPECT_EQ(rungFactor(record, 3), 1);
}

} // namespace core::incident
