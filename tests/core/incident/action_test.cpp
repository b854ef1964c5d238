#include "core/incident/action.h"

#include "tests/core/incident/quiz.h"

#include <gtest/gtest.h>

namespace core::incident {

namespace {

using namespace sim::command;
using sim::kube::Verb;

sim::CommandResult changed(std::vector<std::string> objects, nlohmann::json answer = {})
{
    sim::CommandResult result;
    result.changed = std::move(objects);
    result.response.body = std::move(answer);
    return result;
}

template <class Body>
Effect effect(Body body)
{
    return effectOf(sim::Command{std::move(body)}, changed({"something"}));
}

ApiCall call(Verb verb, const std::string& resource, nlohmann::json body = {})
{
    ApiCall call;
    call.request.verb = verb;
    call.request.resource = resource;
    call.request.body = std::move(body);
    return call;
}

template <class File>
Effect effectOnFile(const std::string& path)
{
    File file;
    file.path = path;
    return effect(file);
}

const content::Placeholders& values()
{
    static const content::Placeholders kValues{{"node", {"worker-2"}}, {"old_image", {"shop/checkout:1.8.3"}}};
    return kValues;
}

Action classified(const sim::Command& command, const sim::CommandResult& result, const std::string& truth)
{
    return classify(command, result, *quiz(), truth, values());
}

} // namespace

TEST(Effect, WhatChangedNothingIsNoChange)
{
    EXPECT_EQ(effectOf(sim::Command{call(Verb::Delete, "deployments.apps")}, changed({})), Effect::None);
    EXPECT_EQ(effectOf(sim::Command{Power{}}, changed({})), Effect::None);
}

TEST(Effect, OfApiRequests)
{
    EXPECT_EQ(effect(call(Verb::Patch, "deployments.apps")), Effect::Reversible);
    EXPECT_EQ(effect(call(Verb::Create, "secrets")), Effect::Reversible);
    EXPECT_EQ(effect(call(Verb::Delete, "deployments.apps")), Effect::Irreversible);
    EXPECT_EQ(effect(call(Verb::DeleteCollection, "persistentvolumeclaims")), Effect::Irreversible);
    for (const char* again : {"pods", "replicasets.apps", "events", "endpointslices.discovery.k8s.io"})
        EXPECT_EQ(effect(call(Verb::Delete, again)), Effect::Restart) << again << " are made again at once";
    ApiCall eviction = call(Verb::Create, "pods");
    eviction.request.subresource = "eviction";
    EXPECT_EQ(effect(eviction), Effect::Restart);
}

TEST(Effect, ARolloutRestartIsTold)
{
    const nlohmann::json body{
        {"spec", {{"template", {{"metadata", {{"annotations", {{"kubectl.kubernetes.io/restartedAt", "2026-03-02"}}}}}}}}}};
    EXPECT_EQ(effect(call(Verb::Patch, "deployments.apps", body)), Effect::Restart);
}

TEST(Effect, ADryRunIsNoChange)
{
    ApiCall dry = call(Verb::Delete, "deployments.apps");
    dry.request.dryRun = true;
    EXPECT_EQ(effect(dry), Effect::None);
}

TEST(Effect, OfUnits)
{
    const auto unit = [](UnitAction::Verb verb) {
        UnitAction action;
        action.verb = verb;
        return effect(action);
    };
    EXPECT_EQ(unit(UnitAction::Verb::Restart), Effect::Restart);
    EXPECT_EQ(unit(UnitAction::Verb::Stop), Effect::Reversible);
    EXPECT_EQ(unit(UnitAction::Verb::Start), Effect::Reversible);
    EXPECT_EQ(unit(UnitAction::Verb::Enable), Effect::Reversible);
    EXPECT_EQ(unit(UnitAction::Verb::DaemonReload), Effect::None);
    EXPECT_EQ(unit(UnitAction::Verb::ResetFailed), Effect::None);
}

TEST(Effect, OfFilesGoesByTheirPlace)
{
    for (const char* scratch : {"/tmp/x", "/home/ops/notes", "/root/x", "/var/tmp/x"}) {
        EXPECT_EQ(effectOnFile<WriteFile>(scratch), Effect::None) << scratch;
        EXPECT_EQ(effectOnFile<RemoveFile>(scratch), Effect::None) << scratch;
        EXPECT_EQ(effectOnFile<MakeDirectory>(scratch), Effect::None) << scratch;
        EXPECT_EQ(effectOnFile<ChangeMode>(scratch), Effect::None) << scratch;
    }
    EXPECT_EQ(effectOnFile<WriteFile>("/etc/hosts"), Effect::Reversible);
    EXPECT_EQ(effectOnFile<ChangeMode>("/etc/hosts"), Effect::Reversible);
    EXPECT_EQ(effectOnFile<MakeDirectory>("/srv/new"), Effect::Reversible);
    EXPECT_EQ(effectOnFile<RemoveFile>("/usr/bin/top"), Effect::Reversible) << "packages bring it back";
    for (const char* data : {"/", "/var", "/etc", "/var/lib/etcd", "/srv/images", "/etc/kubernetes/pki"})
        EXPECT_EQ(effectOnFile<RemoveFile>(data), Effect::Irreversible) << data;
}

TEST(Effect, OfMachinesAndProcesses)
{
    const auto power = [](Power::Verb verb) { return effect(Power{sim::HostId(0U), verb}); };
    EXPECT_EQ(power(Power::Verb::Off), Effect::Irreversible);
    EXPECT_EQ(power(Power::Verb::Reboot), Effect::Restart);
    EXPECT_EQ(power(Power::Verb::On), Effect::Reversible);
    EXPECT_EQ(effect(Signal{}), Effect::Restart);
    EXPECT_EQ(effect(ContainerAction{}), Effect::Restart);
    EXPECT_EQ(effect(SpawnProcess{}), Effect::None);
    EXPECT_EQ(effect(PullImage{}), Effect::None);
    EXPECT_EQ(effect(RemoveImage{}), Effect::Reversible);
}

TEST(Effect, OfTheNetwork)
{
    EXPECT_EQ(effect(RouteChange{}), Effect::Reversible);
    EXPECT_EQ(effect(InterfaceChange{}), Effect::Reversible);
    EXPECT_EQ(effect(FirewallChange{}), Effect::Reversible);
    HttpCall http;
    http.method = "DELETE";
    EXPECT_EQ(effect(http), Effect::Irreversible);
    http.method = "PUT";
    EXPECT_EQ(effect(http), Effect::Reversible);
}

TEST(Classify, ARepairWithinTheTrueCausesClosureIsNecessary)
{
    const sim::Command patch{call(Verb::Patch, "deployments.apps")};
    const Action action = classified(patch, changed({"deployment/shop/checkout"}), "wrong-tag");
    EXPECT_TRUE(action.necessary);
    EXPECT_FALSE(action.mitigation);
    EXPECT_FALSE(action.deletes);
    EXPECT_EQ(action.targets, (std::vector<std::string>{"wrong-tag", "wrong-name"}));
    EXPECT_EQ(action.changed, std::vector<std::string>{"deployment/shop/checkout"});
    EXPECT_FALSE(classified(patch, changed({"deployment/shop/checkout"}), "node-egress").necessary);
}

TEST(Classify, AChangeThatReachesBeyondIsNotNecessary)
{
    const Action action = classified(sim::Command{call(Verb::Patch, "deployments.apps")},
                                     changed({"deployment/shop/checkout", "deployment/shop/cart"}), "wrong-tag");
    EXPECT_FALSE(action.necessary);
    EXPECT_EQ(action.targets, (std::vector<std::string>{"wrong-tag", "wrong-name"}));
}

TEST(Classify, TheClosureIsFilledWithTheRunsNames)
{
    const sim::Command rule{FirewallChange{}};
    EXPECT_TRUE(classified(rule, changed({"firewall/worker-2"}), "node-egress").necessary);
    EXPECT_FALSE(classified(rule, changed({"firewall/worker-1"}), "node-egress").necessary);
    EXPECT_TRUE(classified(rule, changed({"firewall/worker-1"}), "node-egress").targets.empty());
}

TEST(Classify, FlushingAFirewallIsNeverNecessary)
{
    FirewallChange flush;
    flush.verb = FirewallChange::Verb::Flush;
    EXPECT_FALSE(classified(sim::Command{flush}, changed({"firewall/worker-2"}), "node-egress").necessary);
}

TEST(Classify, ARollbackIsAMitigationWhicheverTheCause)
{
    const auto answer = changed({"deployment/shop/checkout"}, {{"image", "registry.lab/shop/checkout:1.8.3"}});
    const sim::Command patch{call(Verb::Patch, "deployments.apps")};
    for (const char* truth : {"wrong-tag", "wrong-name", "node-egress"}) {
        const Action action = classified(patch, answer, truth);
        EXPECT_TRUE(action.mitigation) << truth;
        EXPECT_TRUE(action.necessary) << truth;
    }
    EXPECT_FALSE(classified(patch, answer, "no-fault").necessary) << "there is nothing to mitigate";
    EXPECT_FALSE(classified(patch, changed({"deployment/shop/checkout"}, {{"image", "shop/checkout:1.8.5"}}), "wrong-tag").mitigation);
    EXPECT_FALSE(classified(patch, changed({"deployment/shop/checkout", "x"}, answer.response.body), "wrong-tag").mitigation);
}

TEST(Classify, DeletingIsNoMitigation)
{
    const Action action = classified(sim::Command{call(Verb::Delete, "deployments.apps")},
                                     changed({"deployment/shop/checkout"}, {{"image", "shop/checkout:1.8.3"}}), "wrong-tag");
    EXPECT_FALSE(action.mitigation);
    EXPECT_TRUE(action.deletes);
    EXPECT_EQ(action.effect, Effect::Irreversible);
}

TEST(Classify, AnAnswerWithStrangeBytesIsNoTrap)
{
    const Action action = classified(sim::Command{call(Verb::Patch, "deployments.apps", {{"x", "\xff"}})},
                                     changed({"deployment/shop/checkout"}, {{"image", "\xff\xfe"}}), "wrong-tag");
    EXPECT_TRUE(action.necessary);
}

TEST(Shotgun, IsASecondChangeElsewhereWithoutALook)
{
    Action first;
    first.changed = {"deployment/shop/checkout"};
    first.targets = {"wrong-tag"};
    Action second;
    second.changed = {"firewall/worker-2"};
    second.targets = {"node-egress"};
    EXPECT_TRUE(isShotgun(first, second, false));
    EXPECT_FALSE(isShotgun(first, second, true)) << "looked in between";
    second.targets.clear();
    EXPECT_TRUE(isShotgun(first, second, false)) << "no cause's repair at all";
    second.targets = {"wrong-name", "wrong-tag"};
    EXPECT_FALSE(isShotgun(first, second, false)) << "the same idea";
    second.targets = {"node-egress"};
    second.mitigation = true;
    EXPECT_FALSE(isShotgun(first, second, false)) << "to stop the pain is always allowed";
    EXPECT_FALSE(isShotgun(second, first, false));
    second.mitigation = false;
    second.changed = first.changed;
    EXPECT_FALSE(isShotgun(first, second, false)) << "once more the same object";
}

} // namespace core::incident
