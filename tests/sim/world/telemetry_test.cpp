#include "sim/telemetry/telemetry.h"

#include <gtest/gtest.h>

namespace {

using namespace sim;
using telemetry::Alert;
using telemetry::Telemetry;

TEST(Telemetry, AnAlertIsPendingBeforeItFiresAndResolves)
{
    Telemetry telemetry;
    telemetry.addRule({.name = "Burn", .severity = "critical", .summary = "s", .objective = 0.999, .burn = 14.4, .window = 10s, .pendingFor = 5s});
    Instant now(1000s);
    const auto feed = [&](double success, int seconds) {
        for (int i = 0; i < seconds; ++i, now += 1s)
            telemetry.record(now, {.success = success});
    };
    feed(1.0, 20);
    EXPECT_EQ(telemetry.alerts()[0].state, Alert::State::Inactive);
    feed(0.9, 2); // the mean of ten seconds is 0.98: twenty times the budget
    EXPECT_EQ(telemetry.alerts()[0].state, Alert::State::Pending);
    feed(0.9, 6);
    EXPECT_EQ(telemetry.alerts()[0].state, Alert::State::Firing);
    feed(1.0, 12);
    EXPECT_EQ(telemetry.alerts()[0].state, Alert::State::Inactive);
    EXPECT_EQ(telemetry.history().size(), 3u);
}

TEST(Telemetry, MeansAreOverTheWindowOnly)
{
    Telemetry telemetry;
    for (int i = 0; i < 10; ++i)
        telemetry.record(Instant(Duration(1s) * i), {.success = i < 5 ? 0.0 : 1.0});
    EXPECT_DOUBLE_EQ(telemetry.mean("sli.success", 5s), 1.0);
    EXPECT_DOUBLE_EQ(telemetry.mean("sli.success", 10s), 0.5);
}

} // namespace
