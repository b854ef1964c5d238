#include "core/incident/evidence.h"

#include "tests/core/incident/quiz.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace core::incident {

namespace {

using Causes = std::set<std::string>;

std::vector<std::string> factIds()
{
    std::vector<std::string> ids;
    for (const content::Fact& fact : quiz()->facts)
        ids.push_back(fact.id);
    return ids;
}

KnownFacts anyFacts()
{
    const auto picked = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(factIds()));
    return {picked.begin(), picked.end()};
}

std::string next(const content::Incident& incident, const std::string& truth, const std::string& variant, const KnownFacts& known)
{
    const content::Fact* fact = nextFact(incident, truth, variant, known);
    return fact == nullptr ? "nothing" : fact->id;
}

} // namespace

TEST(Evidence, AFactRulesOutWhatItRefutes)
{
    EXPECT_EQ(excludedCauses(*quiz(), {}), Causes{});
    EXPECT_EQ(excludedCauses(*quiz(), {"tag-absent"}), Causes{"node-egress"});
    EXPECT_EQ(excludedCauses(*quiz(), {"node-cut-off", "still-failing"}), (Causes{"wrong-tag", "wrong-name", "no-fault"}));
    EXPECT_EQ(excludedCauses(*quiz(), {"served", "nobody-knows-this"}), Causes{});
}

TEST(Evidence, SomeFactsTellOnlyTogether)
{
    EXPECT_EQ(excludedCauses(*quiz(), {"half"}), Causes{});
    EXPECT_EQ(excludedCauses(*quiz(), {"other-half"}), Causes{});
    EXPECT_EQ(excludedCauses(*quiz(), {"half", "other-half"}), Causes{"wrong-name"});
}

TEST(Evidence, AnyFactOfAListWillDoForAnInference)
{
    content::Incident incident = *quiz();
    incident.inferences = {{{{"half", "served"}, {"other-half", "rolled-out"}}, {"no-fault"}}};
    for (const KnownFacts& known : {KnownFacts{"half", "rolled-out"}, KnownFacts{"served", "other-half"}})
        EXPECT_EQ(excludedCauses(incident, known), Causes{"no-fault"});
    EXPECT_EQ(excludedCauses(incident, {"half", "served"}), Causes{});
}

TEST(Evidence, CausesThatFitKeepTheIncidentsOrder)
{
    EXPECT_EQ(consistentCauses(*quiz(), {"name-listed"}), (std::vector<std::string>{"wrong-tag", "node-egress", "no-fault"}));
    EXPECT_EQ(consistentCauses(*quiz(), {"tag-absent", "name-listed", "still-failing"}), std::vector<std::string>{"wrong-tag"});
}

TEST(Evidence, ExclusionIsTheShareOfRivals)
{
    EXPECT_EQ(exclusion(*quiz(), "wrong-tag", {}), 0);
    EXPECT_DOUBLE_EQ(exclusion(*quiz(), "wrong-tag", {"tag-absent"}), 1.0 / 3);
    EXPECT_EQ(exclusion(*quiz(), "wrong-tag", {"tag-absent", "name-listed", "still-failing"}), 1);
    EXPECT_EQ(exclusion(*quiz(), "node-egress", {"tag-absent"}), 0) << "the truth is no rival of itself";
    content::Incident alone = *quiz();
    alone.causes.resize(1);
    EXPECT_EQ(exclusion(alone, "wrong-tag", {}), 1);
}

RC_GTEST_PROP(Evidence, MoreKnowledgeNeverExcludesLess, ())
{
    const KnownFacts some = anyFacts();
    KnownFacts more = anyFacts();
    more.insert(some.begin(), some.end());
    const auto before = excludedCauses(*quiz(), some);
    const auto after = excludedCauses(*quiz(), more);
    RC_ASSERT(std::includes(after.begin(), after.end(), before.begin(), before.end()));
    for (const auto& cause : quiz()->causes) {
        const double share = exclusion(*quiz(), cause.id, more);
        RC_ASSERT(share >= exclusion(*quiz(), cause.id, some));
        RC_ASSERT(share >= 0 && share <= 1);
    }
}

RC_GTEST_PROP(Evidence, HowAnIncidentIsWrittenDownIsAllOne, ())
{
    content::Incident other = *quiz();
    std::reverse(other.facts.begin(), other.facts.end());
    other.inferences.push_back(other.inferences.front());
    const KnownFacts known = anyFacts();
    RC_ASSERT(excludedCauses(other, known) == excludedCauses(*quiz(), known));
}

TEST(NextFact, IsTheOneThatLeavesFewestCauses)
{
    EXPECT_EQ(next(*quiz(), "node-egress", "", {}), "node-cut-off") << "it rules out two, still-failing one";
    EXPECT_EQ(next(*quiz(), "node-egress", "", {"node-cut-off"}), "still-failing");
    EXPECT_EQ(next(*quiz(), "node-egress", "", {"node-cut-off", "still-failing"}), "nothing");
}

TEST(NextFact, GoesByTheIncidentsOrderWhereTwoTellAsMuch)
{
    EXPECT_EQ(next(*quiz(), "wrong-tag", "deleted", {}), "tag-absent");
    EXPECT_EQ(next(*quiz(), "wrong-tag", "deleted", {"tag-absent"}), "name-listed");
}

TEST(NextFact, IsTrueOfTheVariant)
{
    EXPECT_EQ(next(*quiz(), "wrong-tag", "typo", {}), "name-listed") << "the tag is absent only when it was deleted";
}

TEST(NextFact, IsTheFirstOfAPairWhereOneAloneTellsNothing)
{
    content::Incident incident = *quiz();
    incident.facts[1].command.clear(); // name-listed: nobody can be shown how to see it
    EXPECT_EQ(next(incident, "wrong-tag", "deleted", {"tag-absent", "still-failing"}), "half");
    EXPECT_EQ(next(incident, "wrong-tag", "deleted", {"tag-absent", "still-failing", "half"}), "other-half");
}

RC_GTEST_PROP(NextFact, IsUnseenTrueAndTellsSomething, ())
{
    const KnownFacts known = anyFacts();
    const auto& cause = *rc::gen::elementOf(quiz()->causes);
    const content::Fact* fact = nextFact(*quiz(), cause.id, "deleted", known);
    if (fact == nullptr)
        return;
    RC_ASSERT(known.count(fact->id) == 0U);
    RC_ASSERT(std::count(fact->supports.begin(), fact->supports.end(), cause.id) == 1);
    RC_ASSERT(fact->recovery == content::Fact::Recovery::No);
    RC_ASSERT(exclusion(*quiz(), cause.id, known) < 1);
}

} // namespace core::incident
