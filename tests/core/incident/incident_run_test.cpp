#include "core/incident/incident_run.h"

#include "core/incident/hints.h"
#include "tests/core/incident/quiz.h"
#include "tests/core/incident/table_world.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace core::incident {

namespace {

using ViewStep = session::IncidentView::Step;

shell::Shown shown(const std::string& text, double second, const std::string& commandLine = "look")
{
    shell::Shown shown;
    shown.at = at(second);
    shown.commandLine = commandLine;
    shown.text = text;
    shown.reads = {"pod/shop/checkout-1"};
    return shown;
}

sim::Command patch()
{
    sim::command::ApiCall call;
    call.request.verb = sim::kube::Verb::Patch;
    call.request.resource = "deployments.apps";
    return sim::Command{call};
}

sim::CommandResult changed(const std::string& object)
{
    sim::CommandResult result;
    result.changed = {object};
    return result;
}

/// A run over a table, second by second.
struct Lab {
    TableWorld world;
    IncidentRun run;
    double second = 0;

    explicit Lab(const std::string& truth = "wrong-tag", IncidentRun::Settings settings = {}) : run(quiz(), truth, settings)
    {
        world.time = at(0);
        world.allNodes = {"worker-1", "worker-2"};
        run.injected(at(0), {{"variant", "deleted"}, {"node", "worker-2"}});
    }
    /// Lets that many seconds pass with so many of a hundred requests served.
    void pass(int seconds, double served = 90)
    {
        world.level.successRatio = served / 100;
        for (int i = 0; i < seconds; ++i) {
            world.time = at(++second);
            run.tick(world);
        }
    }
    void see(const std::string& text, const std::string& commandLine = "look") { run.observe(shown(text, second, commandLine)); }
    void apply(const std::string& object, const std::string& commandLine = "change")
    {
        run.commandApplied(at(second), patch(), changed(object), commandLine);
    }
    void mend() { world.machinesUp = {"mended"}; }
    const Record& record() const { return run.record(); }
    std::vector<std::string> facts() const
    {
        std::vector<std::string> ids;
        for (const SeenFact& fact : record().facts)
            ids.push_back(fact.id);
        return ids;
    }
};

} // namespace

TEST(Run, TakesItsNamesFromTheContentAndTheInjector)
{
    IncidentRun run(quiz(), "node-egress", {});
    EXPECT_EQ(run.placeholders().at("node"), std::vector<std::string>{"worker-2"});
    run.injected(at(0), nlohmann::json::parse(R"({"node": "worker-3", "variant": "drop", "ports": ["1", "2"], "depth": 3,
                                                  "nothing": {}, "image": "registry.lab:5000/shop/checkout:1.8.4"})"));
    EXPECT_EQ(run.placeholders().at("node"), std::vector<std::string>{"worker-3"});
    EXPECT_EQ(run.placeholders().at("ports"), (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(run.placeholders().at("depth"), std::vector<std::string>{"3"});
    EXPECT_EQ(run.placeholders().at("image_tag"), std::vector<std::string>{"1.8.4"});
    EXPECT_EQ(run.placeholders().count("nothing"), 0U);
    EXPECT_EQ(run.record().variant, "drop");
    run.setPlaceholders({{"node", {"worker-1"}}, {"late", {"x"}}});
    EXPECT_EQ(run.placeholders().at("node"), std::vector<std::string>{"worker-1"});
    EXPECT_EQ(run.placeholders().at("late"), std::vector<std::string>{"x"});
}

TEST(Run, AFactIsLearntFromWhatWasShown)
{
    Lab lab;
    lab.pass(10);
    lab.see("nothing of note");
    EXPECT_TRUE(lab.facts().empty());
    lab.see("first line\n\x1b[31mtag-absent\x1b[0m\r\nlast line", "curl");
    lab.pass(5);
    lab.see("tag-absent", "curl again");
    ASSERT_EQ(lab.facts(), std::vector<std::string>{"tag-absent"});
    const SeenFact& fact = lab.record().facts.front();
    EXPECT_EQ(fact.at, at(10));
    EXPECT_EQ(fact.sequence, 2);
    EXPECT_EQ(fact.commandLine, "curl");
}

TEST(Run, WhatReadNothingOfTheWorldShowsNothing)
{
    Lab lab;
    shell::Shown echo = shown("tag-absent", 0, "echo tag-absent");
    echo.reads.clear();
    lab.run.observe(echo);
    EXPECT_TRUE(lab.facts().empty());
}

TEST(Run, WhoDecodesWhatASecretHeldReadsTheSecret)
{
    content::Incident incident = *quiz();
    incident.facts[0].matchers = {{"secret/shop/regcred", "wrong-robot", ""}};
    const std::string encoded = "eyJhdXRocyI6eyJyZWdpc3RyeS5sYWI6NTAwMCI6e319fQ==";
    shell::Shown decoded = shown("{\"username\":\"wrong-robot\"}", 2, "echo " + encoded + " | base64 -d");
    decoded.reads.clear();
    IncidentRun run(std::make_shared<const content::Incident>(incident), "wrong-tag", {});
    run.injected(at(0), {});
    run.observe(decoded);
    EXPECT_TRUE(run.record().facts.empty()) << "anybody can type that";
    shell::Shown secret = shown(".dockerconfigjson: " + encoded, 1, "kubectl get secret regcred -o yaml");
    secret.reads = {"secret/shop/regcred"};
    run.observe(secret);
    EXPECT_TRUE(run.record().facts.empty()) << "not readable yet";
    run.observe(decoded);
    EXPECT_EQ(run.record().facts.size(), 1U);
}

TEST(Run, ReadsAndUnlessLimitAFact)
{
    content::Incident incident = *quiz();
    incident.facts[0].matchers = {{"node/{node}", "absent", "not found"}};
    IncidentRun run(std::make_shared<const content::Incident>(incident), "wrong-tag", {});
    run.injected(at(0), {});
    run.observe(shown("absent", 1));
    EXPECT_TRUE(run.record().facts.empty()) << "it was read of a pod";
    shell::Shown ofNode = shown("absent: not found", 2);
    ofNode.reads = {"node/worker-2"};
    run.observe(ofNode);
    EXPECT_TRUE(run.record().facts.empty()) << "unless";
    ofNode.text = "absent";
    run.observe(ofNode);
    EXPECT_EQ(run.record().facts.size(), 1U);
}

TEST(Run, AFactOfAnotherVariantIsNone)
{
    Lab lab;
    IncidentRun typo(quiz(), "wrong-tag", {});
    typo.injected(at(0), {{"variant", "typo"}});
    typo.observe(shown("tag-absent", 1));
    EXPECT_TRUE(typo.record().facts.empty());
    lab.see("tag-absent");
    EXPECT_EQ(lab.facts().size(), 1U);
}

TEST(Run, ARecoveryIsSeenOnlyWhereThereIsOne)
{
    Lab lab;
    lab.pass(10);
    lab.see("served\nrolled-out");
    EXPECT_TRUE(lab.facts().empty()) << "users suffer, and the cause is there";
    lab.mend();
    lab.pass(5);
    lab.see("served\nrolled-out", "too early for users");
    EXPECT_EQ(lab.facts(), std::vector<std::string>{"rolled-out"});
    lab.pass(5, 100);
    lab.see("served", "at once");
    EXPECT_EQ(lab.facts(), (std::vector<std::string>{"rolled-out", "served"}));
    EXPECT_EQ(lab.run.view().facts.size(), 1U) << "it may flicker: users count as served after a minute";
    lab.pass(60, 100);
    EXPECT_EQ(lab.run.view().facts.size(), 2U);
    lab.pass(5, 90);
    EXPECT_EQ(lab.run.view().facts.size(), 1U) << "a relapse";
    lab.pass(70, 100);
    EXPECT_EQ(lab.run.view().facts.size(), 1U) << "what was seen before it tells nothing of now";
    lab.see("served", "once more");
    EXPECT_EQ(lab.run.view().facts.size(), 2U);
    EXPECT_EQ(lab.record().facts[1].at, at(lab.second));
    EXPECT_EQ(lab.record().facts[1].commandLine, "once more");
}

TEST(Run, WhereNobodyLostAnythingRecoveryIsTheRepair)
{
    Lab lab;
    lab.pass(10, 100);
    lab.see("served\nrolled-out");
    EXPECT_TRUE(lab.facts().empty()) << "users are served, but not again";
    lab.mend();
    lab.pass(1, 100);
    lab.see("served\nrolled-out");
    EXPECT_EQ(lab.facts().size(), 2U);

    Lab calm("no-fault");
    calm.world.level.successRatio = 1;
    calm.world.alert = true;
    calm.see("served\nrolled-out");
    EXPECT_TRUE(calm.facts().empty()) << "a false alarm looks no different while it is open";
    calm.pass(1, 100);
    calm.see("served\nrolled-out");
    EXPECT_EQ(calm.facts().size(), 2U);
}

TEST(Run, ALookRightAfterTheRepairIsOneAtTheMendedWorld)
{
    Lab lab;
    lab.pass(10);
    lab.mend();
    lab.world.time = at(10.2); // no tick has noticed
    lab.run.noticeRepair(lab.world);
    lab.run.observe(shown("rolled-out", 10.2));
    lab.pass(70, 100);
    EXPECT_EQ(lab.record().repaired, at(10.2));
    lab.run.close(lab.world);
    EXPECT_EQ(lab.run.grade().parts.back().points, 2.5);
}

TEST(Run, ChangesRememberTheirLine)
{
    Lab lab;
    lab.run.commandApplied(at(1), patch(), changed("deployment/shop/cart"), "kubectl apply", 7);
    EXPECT_EQ(lab.record().actions.front().line, 7U);
}

TEST(Run, WhatIsSeenOfTheMendedWorldProvesNothingAboutTheBrokenOne)
{
    Lab lab("node-egress");
    lab.pass(10);
    lab.mend();
    lab.pass(1);
    lab.see("tag-absent\nnode-cut-off");
    EXPECT_EQ(lab.record().known(), KnownFacts{"node-cut-off"}) << "tag-absent would rule the truth out";
    EXPECT_EQ(lab.record().facts.size(), 2U) << "though it was seen";
    lab.world.machinesUp.clear();
    lab.pass(1);
    lab.see("tag-absent");
    EXPECT_EQ(lab.record().known(), (KnownFacts{"node-cut-off", "tag-absent"})) << "broken again";
}

TEST(Run, LossIsAddedUpWhileUsersAreBelowTheTarget)
{
    Lab lab;
    lab.pass(10, 100);
    EXPECT_FALSE(lab.record().impactBegan);
    lab.pass(20, 90);
    EXPECT_EQ(lab.record().impactBegan, at(11));
    EXPECT_NEAR(lab.record().lostRequests, 20 * 10, 1e-6);
    EXPECT_NEAR(lab.record().lostAtPar, lab.record().lostRequests, 1e-9);
    EXPECT_NEAR(lab.record().lowestSuccess, 0.9, 1e-12);
    lab.pass(10, 99.5);
    EXPECT_NEAR(lab.record().lostRequests, 20 * 10, 1e-6) << "within the target nobody is hurt";
    lab.pass(1000, 90);
    EXPECT_NEAR(lab.record().lostRequests, 1020 * 10, 1e-6);
    EXPECT_NEAR(lab.record().lostAtPar, (900 - 10) * 10, 10 + 1e-6) << "the first 900 s, ten of them without loss";
}

TEST(Run, UsersCountAsServedAfterAMinuteWithoutARelapse)
{
    Lab lab;
    lab.pass(10, 90);
    lab.pass(60, 100);
    EXPECT_EQ(lab.record().recovering, at(11));
    EXPECT_FALSE(lab.record().recovered);
    lab.pass(1, 90);
    EXPECT_FALSE(lab.record().recovering) << "a relapse";
    lab.pass(61, 100);
    EXPECT_EQ(lab.record().recovered, at(72)) << "since then, though known a minute later";
    lab.pass(1, 90);
    EXPECT_FALSE(lab.record().recovered);
}

TEST(Run, TheRepairIsNotedAndTakenBack)
{
    Lab lab;
    lab.pass(5);
    EXPECT_FALSE(lab.record().repaired);
    lab.mend();
    lab.pass(5);
    EXPECT_EQ(lab.record().repaired, at(6));
    lab.world.machinesUp.clear();
    lab.pass(1);
    EXPECT_FALSE(lab.record().repaired);
}

TEST(Run, TheAlertIsNotedOnceAndSoIsTheAcknowledgement)
{
    Lab lab;
    lab.pass(5);
    lab.world.alert = true;
    lab.pass(5);
    lab.run.acknowledge(at(12));
    lab.run.acknowledge(at(99));
    EXPECT_EQ(lab.record().alerted, at(6));
    EXPECT_EQ(lab.record().acknowledged, at(12));
}

TEST(Run, NothingIsCountedBeforeTheFault)
{
    IncidentRun run(quiz(), "wrong-tag", {});
    TableWorld world;
    world.level.successRatio = 0.5;
    world.time = at(-100);
    run.tick(world);
    EXPECT_FALSE(run.record().impactBegan);
    EXPECT_EQ(run.record().lostRequests, 0);
}

TEST(Run, ActionsAreWrittenDownWithWhatWasKnown)
{
    Lab lab;
    lab.see("tag-absent\nname-listed");
    lab.pass(7);
    lab.apply("deployment/shop/checkout", "kubectl set image");
    ASSERT_EQ(lab.record().actions.size(), 1U);
    const Action& action = lab.record().actions.front();
    EXPECT_TRUE(action.necessary);
    EXPECT_EQ(action.at, at(7));
    EXPECT_EQ(action.sequence, 2);
    EXPECT_EQ(action.factsKnown, 2);
    EXPECT_EQ(action.commandLine, "kubectl set image");
}

TEST(Run, WhatChangedNothingIsNoAction)
{
    Lab lab;
    lab.run.commandApplied(at(1), patch(), sim::CommandResult{}, "kubectl patch");
    EXPECT_TRUE(lab.record().actions.empty());
}

TEST(Run, TwoChangesAtOnceAreAShotgun)
{
    Lab lab;
    lab.apply("deployment/shop/checkout");
    lab.apply("firewall/worker-2");
    EXPECT_FALSE(lab.record().actions[0].shotgun);
    EXPECT_TRUE(lab.record().actions[1].shotgun);
    lab.see("anything");
    lab.apply("deployment/shop/cart");
    EXPECT_FALSE(lab.record().actions[2].shotgun) << "looked before";
}

TEST(Run, WhatAChangePrintsAboutItselfIsNoLook)
{
    Lab lab;
    lab.apply("deployment/shop/checkout", "kubectl set image");
    lab.see("deployment.apps/checkout image updated", "kubectl set image");
    lab.apply("firewall/worker-2", "iptables -D");
    EXPECT_TRUE(lab.record().actions[1].shotgun);
}

TEST(Run, ADrainIsOneActWithItsCordon)
{
    content::Incident incident = *quiz();
    incident.mitigations = {{"node/{node}", "unschedulable"}};
    const auto drained = [&](const std::string& evictionLine) {
        IncidentRun run(std::make_shared<const content::Incident>(incident), "wrong-tag", {});
        run.injected(at(0), {});
        sim::CommandResult cordoned = changed("node/worker-2");
        cordoned.response.body = {{"unschedulable", true}};
        run.commandApplied(at(1), patch(), cordoned, "kubectl drain worker-2");
        sim::command::ApiCall evict;
        evict.request.verb = sim::kube::Verb::Create;
        evict.request.resource = "pods";
        evict.request.subresource = "eviction";
        run.commandApplied(at(2), sim::Command{evict}, changed("pod/shop/cart-1"), evictionLine);
        return run.record().actions.at(1);
    };
    EXPECT_TRUE(drained("kubectl drain worker-2").mitigation);
    EXPECT_TRUE(drained("kubectl drain worker-2").necessary);
    EXPECT_FALSE(drained("kubectl drain worker-2").shotgun);
    EXPECT_FALSE(drained("kubectl evict").mitigation) << "somebody else's eviction is not";
}

TEST(Run, WhatIsMadeAgainWasNotLost)
{
    Lab lab;
    sim::command::ApiCall remove;
    remove.request.verb = sim::kube::Verb::Delete;
    remove.request.resource = "deployments.apps";
    lab.run.commandApplied(at(1), sim::Command{remove}, changed("deployment/shop/checkout"), "kubectl delete");
    EXPECT_EQ(lab.record().actions[0].effect, Effect::Irreversible);
    lab.apply("deployment/shop/cart");
    EXPECT_EQ(lab.record().actions[0].effect, Effect::Irreversible) << "that is another one";
    lab.apply("deployment/shop/checkout", "kubectl apply");
    EXPECT_EQ(lab.record().actions[0].effect, Effect::Reversible);
}

TEST(Run, ClosingDecidesOverTheStateAndEndsIt)
{
    Lab lab;
    lab.pass(10);
    lab.mend();
    lab.pass(70, 100);
    lab.world.cordoned = {"worker-1"};
    lab.run.close(lab.world);
    EXPECT_TRUE(lab.run.closed());
    EXPECT_TRUE(lab.record().healedAtClose);
    EXPECT_TRUE(lab.record().healthyAtClose);
    EXPECT_FALSE(lab.record().intactAtClose) << "a node is cordoned";
    EXPECT_EQ(lab.record().closed, at(80));

    const double score = lab.run.grade().score;
    lab.pass(100, 10);
    lab.see("tag-absent");
    lab.apply("deployment/shop/cart");
    lab.run.diagnose(at(200), "wrong-tag", 1, "");
    lab.run.acknowledge(at(200));
    EXPECT_FALSE(lab.run.takeHint(at(200)));
    lab.world.cordoned.clear();
    lab.run.close(lab.world);
    EXPECT_EQ(lab.run.grade().score, score) << "what comes later changes nothing";
    EXPECT_EQ(lab.record().closed, at(80));
    EXPECT_TRUE(lab.facts().empty());
}

TEST(Run, StepsFollowTheWork)
{
    Lab lab;
    EXPECT_EQ(lab.run.view().step, ViewStep::Acknowledge);
    lab.pass(5);
    lab.run.acknowledge(at(5));
    EXPECT_EQ(lab.run.view().step, ViewStep::Investigate);
    lab.see("tag-absent");
    EXPECT_EQ(lab.run.view().step, ViewStep::Investigate);
    lab.run.diagnose(at(6), "wrong-tag", 1, "");
    EXPECT_EQ(lab.run.view().step, ViewStep::Mitigate);
    lab.see("served");
    lab.pass(62, 100);
    EXPECT_EQ(lab.run.view().step, ViewStep::Verify) << "what was seen before recovery verifies nothing";
    lab.see("served");
    EXPECT_EQ(lab.run.view().step, ViewStep::Close);
    lab.run.close(lab.world);
    EXPECT_EQ(lab.run.view().step, ViewStep::Closed);
}

TEST(Ladder, TheFirstRungIsFreeToTake)
{
    Lab lab;
    EXPECT_TRUE(lab.run.takeHint(at(0)));
    EXPECT_EQ(lab.run.view().hints.taken, 1);
    EXPECT_EQ(lab.run.view().hints.nextFactor, 0.95);
}

TEST(Ladder, ANextRungUnlocksAfterAWhile)
{
    Lab lab;
    ASSERT_TRUE(lab.run.takeHint(at(0)));
    EXPECT_EQ(lab.run.view().hints.unlocksAt, at(30));
    EXPECT_FALSE(lab.run.takeHint(at(29)));
    EXPECT_TRUE(lab.run.takeHint(at(30)));
    EXPECT_FALSE(lab.run.takeHint(at(31))) << "counted from the last one";
    EXPECT_TRUE(lab.run.takeHint(at(60)));
    lab.pass(91);
    EXPECT_EQ(lab.run.view().hints.unlocksAt, std::nullopt);
}

TEST(Ladder, ALookUnlocksTheNextRungAtOnce)
{
    Lab lab;
    ASSERT_TRUE(lab.run.takeHint(at(0)));
    lab.see("anything");
    EXPECT_EQ(lab.run.view().hints.unlocksAt, std::nullopt);
    EXPECT_TRUE(lab.run.takeHint(at(1)));
    EXPECT_FALSE(lab.run.takeHint(at(2))) << "each rung needs a look of its own";
}

TEST(Ladder, WhatReadNothingOrOnlyAnswersAChangeUnlocksNothing)
{
    Lab lab;
    ASSERT_TRUE(lab.run.takeHint(at(0)));
    shell::Shown echo = shown("hello", 1, "echo hello");
    echo.reads.clear();
    lab.run.observe(echo);
    EXPECT_FALSE(lab.run.takeHint(at(1)));
    lab.apply("deployment/shop/checkout", "kubectl set image");
    lab.see("image updated", "kubectl set image");
    EXPECT_FALSE(lab.run.takeHint(at(2)));
}

TEST(Ladder, HasSixRungsAndTheirPrices)
{
    Lab lab;
    for (int rung = 0; rung < kRungs; ++rung)
        EXPECT_TRUE(lab.run.takeHint(at(30.0 * rung))) << rung;
    EXPECT_FALSE(lab.run.takeHint(at(1000)));
    std::vector<double> factors;
    for (const TakenHint& hint : lab.record().hints)
        factors.push_back(hint.factor);
    EXPECT_EQ(factors, (std::vector<double>{1, 0.95, 0.9, 0.8, 0.6, 0.3}));
    EXPECT_EQ(lab.run.view().hints.texts.size(), 6U);
    EXPECT_EQ(lab.run.view().hints.nextFactor, 0.3);
}

TEST(View, ShowsWhatIsRuledOutInStudyModeOnly)
{
    Lab study;
    study.see("name-listed");
    ASSERT_EQ(study.run.view().ruledOut.size(), 1U);
    EXPECT_EQ(study.run.view().ruledOut[0].en, "means wrong-name");
    EXPECT_EQ(study.run.view().causesLeft, 3);
    Lab exam("wrong-tag", {false, true});
    exam.see("name-listed");
    EXPECT_TRUE(exam.run.view().ruledOut.empty());
    EXPECT_EQ(exam.run.view().causesLeft, 4);
    EXPECT_FALSE(exam.run.view().studyMode);
}

TEST(View, NeverRulesOutTheTruth)
{
    Lab lab("node-egress");
    lab.see("tag-absent");
    EXPECT_TRUE(lab.run.view().ruledOut.empty()) << "whatever a fact says of it";
    EXPECT_EQ(lab.run.view().causesLeft, 4);
}

TEST(View, CountsTheCost)
{
    Lab lab;
    lab.pass(100, 90);
    EXPECT_NEAR(lab.run.view().costDollars, lab.record().lostRequests * 0.5, 1e-9);
    EXPECT_GT(lab.run.view().costDollars, 0);
}

TEST(View, HoldsNoGradeWhileOpen)
{
    Lab lab;
    EXPECT_FALSE(lab.run.view().grade);
    lab.run.close(lab.world);
    ASSERT_TRUE(lab.run.view().grade);
    EXPECT_EQ(lab.run.view().grade->trueCause, "wrong-tag");
}

/// The same looks, answers and clicks show the same whichever the cause: nothing leaks.
TEST(View, TwoCausesLookAlikeFromOutside)
{
    Lab one("wrong-tag");
    Lab two("wrong-name");
    for (Lab* lab : {&one, &two}) {
        lab->pass(30);
        lab->run.acknowledge(at(20));
        lab->see("still-failing");
        lab->run.diagnose(at(30), "node-egress", 1, "");
        ASSERT_TRUE(lab->run.takeHint(at(30)));
    }
    const auto a = one.run.view();
    const auto b = two.run.view();
    EXPECT_EQ(a.causesLeft, b.causesLeft);
    EXPECT_EQ(a.costDollars, b.costDollars);
    EXPECT_EQ(a.step, b.step);
    EXPECT_EQ(a.facts.size(), b.facts.size());
    EXPECT_EQ(a.hints.texts[0].en, b.hints.texts[0].en);
    ASSERT_EQ(a.choices.size(), b.choices.size());
    for (std::size_t i = 0; i < a.choices.size(); ++i)
        EXPECT_EQ(a.choices[i].id, b.choices[i].id);
    ASSERT_EQ(a.ruledOut.size(), b.ruledOut.size());
    EXPECT_EQ(a.ruledOut[0].en, b.ruledOut[0].en);
}

namespace {

/// What a learner does, for runs that are compared.
struct Deed {
    int kind = 0; ///< 0..5 see, 6 change, 7 answer, 8 let time pass
    std::string word;
};

std::vector<Deed> anyDeeds()
{
    const std::vector<std::string> facts{"name-listed", "still-failing", "tag-absent", "half", "other-half", "served", "rolled-out", "noise"};
    std::vector<Deed> deeds;
    const int count = *rc::gen::inRange(0, 12);
    for (int i = 0; i < count; ++i) {
        const int kind = *rc::gen::inRange(0, 9);
        deeds.push_back({kind,
                         kind < 6      ? *rc::gen::elementOf(facts)
                             : kind == 6 ? *rc::gen::element<std::string>("deployment/shop/checkout", "firewall/worker-2", "deployment/shop/cart")
                                         : *rc::gen::element<std::string>("wrong-tag", "wrong-name", "no-fault")});
    }
    return deeds;
}

double scoreOf(const std::vector<Deed>& deeds, const std::string& channel = "look")
{
    Lab lab;
    lab.pass(20);
    lab.run.acknowledge(at(20));
    for (const Deed& deed : deeds) {
        if (deed.kind < 6)
            lab.see(deed.word, channel);
        else if (deed.kind == 6)
            lab.apply(deed.word);
        else if (deed.kind == 7)
            lab.run.diagnose(at(lab.second), deed.word, 1, "");
        else
            lab.pass(15);
        if (deed.kind == 6 && deed.word == "deployment/shop/checkout")
            lab.mend();
    }
    lab.pass(100, 100);
    lab.run.close(lab.world);
    return lab.run.grade().score;
}

} // namespace

RC_GTEST_PROP(Run, AHarmlessLookNeverLowersTheScore, ())
{
    const auto deeds = anyDeeds();
    auto more = deeds;
    const auto place = *rc::gen::inRange<std::size_t>(0, deeds.size() + 1);
    const std::string what = *rc::gen::element<std::string>("name-listed", "still-failing", "tag-absent", "half", "served", "noise");
    more.insert(more.begin() + static_cast<std::ptrdiff_t>(place), Deed{0, what});
    RC_ASSERT(scoreOf(more) >= scoreOf(deeds) - 1e-9);
}

RC_GTEST_PROP(Run, AChartTellsAsMuchAsTheShell, ())
{
    const auto deeds = anyDeeds();
    RC_ASSERT(scoreOf(deeds, "") == scoreOf(deeds, "kubectl get pods"));
}

RC_GTEST_PROP(Run, ACopyGoesOnAlike, ())
{
    const auto deeds = anyDeeds();
    Lab lab;
    lab.pass(10);
    for (const Deed& deed : deeds)
        lab.see(deed.word);
    Lab copy = lab;
    for (Lab* one : {&lab, &copy}) {
        one->see("name-listed");
        one->pass(70, 100);
        one->run.close(one->world);
    }
    RC_ASSERT(lab.run.grade().score == copy.run.grade().score);
}

} // namespace core::incident
