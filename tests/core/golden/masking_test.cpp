#include "core/golden/masking.h"

#include <gtest/gtest.h>

namespace {

using core::golden::Masking;
using Lines = std::vector<std::string>;

sim::kube::FakeNode node(const std::string& name, const std::string& cpu = "4")
{
    sim::kube::FakeNode one;
    one.name = name;
    one.capacity["cpu"] = sim::kube::Quantity{cpu};
    return one;
}

/// Second 100 of a case in namespace c01.
core::golden::Recording recording(std::vector<sim::kube::FakeNode> nodes = {})
{
    core::golden::Recording one;
    one.nodes = std::move(nodes);
    one.objects["c01"] = nlohmann::json::object();
    return one;
}
constexpr double kAt = 100;

TEST(Masking, CoversWhatTwoRunsDifferIn)
{
    const Masking masking(recording());
    EXPECT_EQ(masking.masked("web-5785dbdd9c-fsl4w"), "web-<hash>-<x>");
    EXPECT_EQ(masking.masked("web-9bb5578d8"), "web-<hash>");
    EXPECT_EQ(masking.masked("web.18ead2b9c5070b35"), "web.<event>");
    EXPECT_EQ(masking.masked("uid: 706c31dc-fe19-4c6c-b9ec-55c574f1b9fc"), "uid: <uid>");
    EXPECT_EQ(masking.masked("resourceVersion: \"442\""), "resourceVersion: \"<rv>\"");
    EXPECT_EQ(masking.masked("app=web,pod-template-hash=5785dbdd9c"), "app=web,pod-template-hash=<hash>");
    EXPECT_EQ(masking.masked("2026-11-24T00:11:36Z"), "<time>");
    EXPECT_EQ(masking.masked("at Tue, 24 Nov 2026 00:11:36 +0000"), "at <date>");
    EXPECT_EQ(masking.masked("4 (1s ago)"), "4 (<age> ago)");
    EXPECT_EQ(masking.masked("/tmp/LIVE-123/apps.v1"), "/tmp/LIVE-<n>/apps.v1");
    EXPECT_EQ(masking.masked("    generateName: web-5785dbdd9c-"), "    generateName: web-<hash>-");
    EXPECT_EQ(masking.masked("controller-revision-hash: \"5785423\""), "controller-revision-hash: <hash>");
    EXPECT_EQ(masking.masked("80:31089/TCP"), "80:<port>/TCP");
    EXPECT_EQ(masking.masked("80/TCP"), "80/TCP");
}

TEST(Masking, LeavesTheRestAlone)
{
    const Masking masking(recording());
    for (const char* text : {"deployment.apps/web created", "kube-node-lease", "0/3 nodes are available: 3 Insufficient cpu.", "nginx:1.27",
                             "Mon, 01 Jan 0001 00:00:00 +0000", "db-0", "for 300s"})
        EXPECT_EQ(masking.masked(text), text);
}

TEST(Masking, AlikeNodesShareAName)
{
    const Masking masking(recording({node("node-1"), node("node-2"), node("node-10", "8")}));
    EXPECT_EQ(masking.masked("assigned c01/web to node-2"), "assigned c01/web to node-1");
    EXPECT_EQ(masking.masked("node-10, node-2."), "node-10, node-1.");
}

TEST(Masking, TablesLoseAgesAndChanceOrder)
{
    const Masking masking(recording());
    EXPECT_EQ(masking.lines("NAME                   READY   STATUS        AGE\n"
                            "web-5785dbdd9c-zzzzz   1/1     Running       3s\n"
                            "web-5785dbdd9c-bbbbb   0/1     Pending       12s\n"
                            "a                      1/1     Running       1s\n", kAt),
              (Lines{"NAME  READY  STATUS  AGE", "web-<hash>-<x>  0/1  Pending  <age>", "web-<hash>-<x>  1/1  Running  <age>",
                     "a  1/1  Running  <age>"}));
}

TEST(Masking, EventsKeepTheirCounts)
{
    const Masking masking(recording());
    EXPECT_EQ(masking.lines("Events:\n"
                            "  Type    Reason   Age               From  Message\n"
                            "  ----    ------   ----              ----  -------\n"
                            "  Normal  B        4s (x2 over 6s)   x     two\n"
                            "  Normal  A        1s                x     one\n", kAt),
              (Lines{"Events:", "  Type  Reason  Age  From  Message", "  ----  ------  ----  ----  -------", "  Normal  A  <age>  x  one",
                     "  Normal  B  <age> (x2 over <age>)  x  two"}));
}

TEST(Masking, WhatEarlierCasesLeftIsNoPartOfThisOne)
{
    const Masking masking(recording());
    EXPECT_EQ(masking.lines("NAME   STATUS   AGE\nc01    Active   3s\nc54    Active   9m\n", kAt), (Lines{"NAME  STATUS  AGE", "c01  Active  <age>"}));
    EXPECT_EQ(masking.lines("LAST SEEN   TYPE     REASON\n3m2s        Normal   Old\n99s         Normal   New\n", kAt),
              (Lines{"LAST SEEN  TYPE  REASON", "<age>  Normal  New"}));
}

TEST(Masking, AlikeItemsOfAListAreInOneOrder)
{
    const Masking masking(recording());
    const std::string a = "- kind: ReplicaSet\n  metadata:\n    name: web-9bb5578d8\n  spec:\n    x: 2\n";
    const std::string b = "- kind: ReplicaSet\n  metadata:\n    name: web-5785dbdd9c\n  spec:\n    x: 1\n";
    const std::string other = "- kind: ReplicaSet\n  metadata:\n    name: a\n";
    EXPECT_EQ(masking.lines("items:\n" + a + b + "kind: List\n", kAt), masking.lines("items:\n" + b + a + "kind: List\n", kAt));
    EXPECT_NE(masking.lines("items:\n" + a + other, kAt), masking.lines("items:\n" + other + a, kAt));
}

TEST(Masking, DrainTellsItsPodsInAnyOrder)
{
    const Masking masking(recording());
    EXPECT_EQ(masking.lines("evicting pod a/b\nevicting pod a/a\nerror: due to error: [cannot x: 1, cannot a: 2], go\n", kAt),
              masking.lines("evicting pod a/a\nevicting pod a/b\nerror: due to error: [cannot a: 2, cannot x: 1], go\n", kAt));
}

} // namespace
