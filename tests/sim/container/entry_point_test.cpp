#include "sim/container/entry_point.h"

#include <gtest/gtest.h>

namespace sim::container {

namespace {

programs::Program checkout()
{
    programs::Program program;
    program.name = "checkout";
    program.command = {"/app/checkout", "--listen=:8080", "--cache=64MiB"};
    program.port = 8080;
    return program;
}

EntryPoint runs(const std::vector<std::string>& words) { return entryPointOf(checkout(), words); }

} // namespace

TEST(EntryPoint, TheImagesOwnProgramServes)
{
    const EntryPoint own = runs(checkout().command);
    EXPECT_TRUE(own.program);
    EXPECT_EQ(own.port, 8080);
    EXPECT_EQ(own.extraBytes, 0);
    EXPECT_FALSE(own.endsAfter);
}

TEST(EntryPoint, ArgumentsMoveThePortAndAskForMemory)
{
    EXPECT_EQ(runs({"/app/checkout", "--listen=0.0.0.0:9090"}).port, 9090);
    EXPECT_EQ(runs({"/app/checkout", "--cache=2GiB"}).extraBytes, (2LL << 30) - (64LL << 20));
    EXPECT_EQ(runs({"/app/checkout", "--cache=32MiB"}).extraBytes, -(32LL << 20));
}

TEST(EntryPoint, AnUnknownFlagEndsAServiceWithTwo)
{
    const EntryPoint wrong = runs({"/app/checkout", "--listn=:8080"});
    EXPECT_EQ(wrong.exitCode, 2);
    ASSERT_FALSE(wrong.output.empty());
    EXPECT_EQ(wrong.output.front(), "flag provided but not defined: -listn");
    programs::Program daemon = checkout();
    daemon.kind = programs::Program::Kind::Daemon;
    EXPECT_TRUE(entryPointOf(daemon, {"/app/checkout", "--listn=:8080"}).program) << "daemons take what they are given";
}

TEST(EntryPoint, AShellWaitsWhileItsInputIsOpen)
{
    EXPECT_TRUE(runs({"sh"}).endsAfter);
    EXPECT_FALSE(entryPointOf(checkout(), {"sh"}, true).endsAfter);
    EXPECT_TRUE(entryPointOf(checkout(), {"sh", "-c", "exit 3"}, true).endsAfter) << "a script does not read it";
    EXPECT_TRUE(readsCommands({"/bin/bash", "-l"}));
    EXPECT_FALSE(readsCommands({"cat"}));
}

TEST(EntryPoint, WhatIsNotInTheImageCannotStart)
{
    EXPECT_NE(runs({"/app/chekout"}).startError.find("exec: \"/app/chekout\": stat /app/chekout: no such file or directory"), std::string::npos);
    EXPECT_NE(runs({"chekout"}).startError.find("exec: \"chekout\": executable file not found in $PATH"), std::string::npos);
    EXPECT_NE(runs({"checkout"}).startError.find("not found in $PATH"), std::string::npos) << "/app is not in the path";
}

TEST(EntryPoint, EnvMayThrowTheEnvironmentAway)
{
    EXPECT_TRUE(runs({"env", "-i", "/app/checkout"}).clearsEnvironment);
    EXPECT_FALSE(runs({"env", "LOG=1", "/app/checkout"}).clearsEnvironment);
    EXPECT_TRUE(runs({"env", "LOG=1", "/app/checkout"}).program);
    EXPECT_EQ(runs({"env", "-i", "/app/chekout"}).exitCode, 127);
}

TEST(EntryPoint, AShellEndsAsItsLastCommandDoes)
{
    EXPECT_EQ(runs({"sh", "-c", "exit 3"}).exitCode, 3);
    EXPECT_EQ(runs({"/bin/sh", "-c", "false; true"}).exitCode, 0);
    EXPECT_EQ(runs({"sh", "-c", "true && false"}).exitCode, 1);
    EXPECT_TRUE(runs({"sh", "-c", "echo hello && exec /app/checkout --listen=:8080"}).program);
    const EntryPoint unknown = runs({"sh", "-c", "migrate up"});
    EXPECT_EQ(unknown.exitCode, 127);
    ASSERT_EQ(unknown.output.size(), 1u);
    EXPECT_EQ(unknown.output.front(), "sh: 1: migrate: not found");
    EXPECT_EQ(runs({"sh", "-c", "sleep 2; exit 4"}).endsAfter, std::optional<Duration>(2s));
    EXPECT_FALSE(runs({"sleep", "infinity"}).endsAfter);
}

} // namespace sim::container
