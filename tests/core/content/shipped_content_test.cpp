#include "core/content/library.h"
#include "core/content/pattern.h"

#include "tests/core/content/pack.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace core::content {

namespace {

const Library& shipped()
{
    static const Library kLibrary = load({FAULTLINE_CONTENT});
    return kLibrary;
}

void expectBothLanguages(const Text& text, const std::string& what)
{
    EXPECT_FALSE(text.en.empty()) << what;
    EXPECT_FALSE(text.zh.empty()) << what;
    EXPECT_NE(text.en, text.zh) << what << " was not translated";
}

} // namespace

TEST(ShippedContent, LoadsWithoutAProblem)
{
    EXPECT_EQ(problemsOf(shipped()), "");
    EXPECT_NE(shipped().incident("image-pull-backoff"), nullptr);
    EXPECT_FALSE(shipped().modules.empty());
    EXPECT_FALSE(shipped().glossary.empty());
    EXPECT_TRUE(shipped().topologies.contains("mini"));
}

TEST(ShippedContent, EveryIncidentHasItsTopologyAndModule)
{
    for (const Incident& incident : shipped().incidents) {
        EXPECT_TRUE(shipped().topologies.contains(incident.topology)) << incident.id;
        EXPECT_NE(shipped().module(incident.module), nullptr) << incident.id;
    }
}

TEST(ShippedContent, EveryIncidentSpeaksBothLanguages)
{
    for (const Incident& incident : shipped().incidents) {
        expectBothLanguages(incident.title, incident.id + " title");
        expectBothLanguages(incident.brief, incident.id + " brief");
        expectBothLanguages(incident.lesson, incident.id + " lesson");
        for (const Cause& cause : incident.causes) {
            expectBothLanguages(cause.means, incident.id + "/" + cause.id);
            expectBothLanguages(cause.explanation, incident.id + "/" + cause.id);
            expectBothLanguages(cause.prevention, incident.id + "/" + cause.id);
        }
        for (const Fact& fact : incident.facts)
            expectBothLanguages(fact.text, incident.id + "/" + fact.id);
    }
}

TEST(ShippedContent, EveryIncidentHasThreeCausesAndATwinWithoutAFault)
{
    for (const Incident& incident : shipped().incidents) {
        // Whatever it is called: nothing is broken, and nothing has to be changed.
        EXPECT_TRUE(std::any_of(incident.causes.begin(), incident.causes.end(),
                                [](const Cause& cause) { return cause.mechanism == "none" && cause.necessary.empty(); }))
            << incident.id;
        EXPECT_GE(incident.causes.size(), 4U) << incident.id;
    }
}

/// Otherwise nobody could ever be sure of one.
TEST(ShippedContent, EveryCauseCanBeRuledOutByWhatIsSeen)
{
    for (const Incident& incident : shipped().incidents) {
        std::set<std::string> excluded;
        for (const Fact& fact : incident.facts)
            excluded.insert(fact.refutes.begin(), fact.refutes.end());
        for (const Inference& inference : incident.inferences)
            excluded.insert(inference.refutes.begin(), inference.refutes.end());
        for (const Cause& cause : incident.causes)
            EXPECT_TRUE(excluded.count(cause.id) != 0) << incident.id << "/" << cause.id;
    }
}

TEST(ShippedContent, RecoveryCanBeSeenFromBothSidesForEveryCause)
{
    for (const Incident& incident : shipped().incidents) {
        for (const Cause& cause : incident.causes) {
            bool user = false;
            bool repaired = false;
            for (const Fact& fact : incident.facts) {
                user = user || fact.recovery == Fact::Recovery::UserFacing;
                const bool counts = fact.supports.empty()
                    || std::find(fact.supports.begin(), fact.supports.end(), cause.id) != fact.supports.end();
                repaired = repaired || (fact.recovery == Fact::Recovery::CauseSpecific && counts);
            }
            EXPECT_TRUE(user) << incident.id << "/" << cause.id;
            EXPECT_TRUE(repaired) << incident.id << "/" << cause.id;
        }
    }
}

TEST(ShippedContent, EveryCauseHasAReferenceRunThatNamesIt)
{
    for (const Incident& incident : shipped().incidents)
        for (const Cause& cause : incident.causes) {
            const auto variants = cause.variants.empty() ? std::vector<std::string>{""} : cause.variants;
            for (const std::string& variant : variants)
                EXPECT_TRUE(contains(cause.referenceFor(variant), "# diagnose " + cause.id))
                    << incident.id << "/" << cause.id << "/" << variant;
        }
}

TEST(ShippedContent, ModulesAreNumberedWithoutGapsOrDoubles)
{
    int expected = 1;
    for (const Module& module : shipped().modules)
        EXPECT_EQ(module.number, expected++) << module.id;
}

} // namespace core::content
