#include "sim/kube/api/cron_schedule.h"
#include "sim/kube/api/time_text.h"

#include <gtest/gtest.h>

namespace sim::kube {
namespace {

struct CronRow {
    const char* schedule;
    const char* zone;
    const char* after;
    const char* next;
};

class NextTime : public testing::TestWithParam<CronRow> { };

TEST_P(NextTime, IsTheFirstAfter)
{
    const CronRow& row = GetParam();
    const ParsedSchedule parsed = CronSchedule::parse(row.schedule);
    ASSERT_EQ(parsed.error, "");
    const auto next = parsed.schedule.next(*parseRfc3339(row.after), *TimeZone::named(row.zone));
    ASSERT_TRUE(next);
    EXPECT_EQ(rfc3339(*next), row.next);
}

// 2026-11-24 is a Tuesday.
INSTANTIATE_TEST_SUITE_P(Schedules, NextTime, testing::Values(
    CronRow{"*/1 * * * *", "UTC", "2026-11-24T00:14:20Z", "2026-11-24T00:15:00Z"},
    CronRow{"*/1 * * * *", "UTC", "2026-11-24T00:15:00Z", "2026-11-24T00:16:00Z"},
    CronRow{"*/15 * * * *", "UTC", "2026-11-24T00:46:00Z", "2026-11-24T01:00:00Z"},
    CronRow{"5/20 * * * *", "UTC", "2026-11-24T00:26:00Z", "2026-11-24T00:45:00Z"},
    CronRow{"0 9-17/4 * * *", "UTC", "2026-11-24T13:00:00Z", "2026-11-24T17:00:00Z"},
    CronRow{"30 2 * * mon-fri", "UTC", "2026-11-27T03:00:00Z", "2026-11-30T02:30:00Z"},
    CronRow{"0 0 1,15 * *", "UTC", "2026-11-24T00:00:00Z", "2026-12-01T00:00:00Z"},
    CronRow{"0 0 13 * fri", "UTC", "2026-11-24T00:00:00Z", "2026-11-27T00:00:00Z"}, // either day field
    CronRow{"0 0 29 feb *", "UTC", "2026-11-24T00:00:00Z", "2028-02-29T00:00:00Z"},
    CronRow{"@hourly", "UTC", "2026-11-24T00:14:20Z", "2026-11-24T01:00:00Z"},
    CronRow{"@daily", "UTC", "2026-11-24T00:14:20Z", "2026-11-25T00:00:00Z"},
    CronRow{"@weekly", "UTC", "2026-11-24T00:14:20Z", "2026-11-29T00:00:00Z"},
    CronRow{"@yearly", "UTC", "2026-11-24T00:14:20Z", "2027-01-01T00:00:00Z"},
    CronRow{"@every 90s", "UTC", "2026-11-24T00:00:00Z", "2026-11-24T00:01:30Z"},
    CronRow{"0 2 * * *", "Asia/Shanghai", "2026-11-24T00:00:00Z", "2026-11-24T18:00:00Z"},
    CronRow{"0 2 * * *", "Asia/Kolkata", "2026-11-24T00:00:00Z", "2026-11-24T20:30:00Z"},
    CronRow{"0 8 * * *", "America/New_York", "2026-07-01T00:00:00Z", "2026-07-01T12:00:00Z"},
    CronRow{"0 8 * * *", "America/New_York", "2026-12-01T00:00:00Z", "2026-12-01T13:00:00Z"},
    CronRow{"0 0 * * *", "Europe/Berlin", "2026-03-28T23:30:00Z", "2026-03-29T22:00:00Z"}, // 23 hours long
    CronRow{"0 0 * * *", "Europe/Berlin", "2026-10-24T22:30:00Z", "2026-10-25T23:00:00Z"}, // 25 hours long
    CronRow{"0 0 * * mon", "Europe/Berlin", "2026-03-28T12:00:00Z", "2026-03-29T22:00:00Z"}));

TEST(CronSchedule, SaysWhatIsWrong)
{
    const auto error = [](const char* text) { return CronSchedule::parse(text).error; };
    EXPECT_EQ(error("61 * * * *"), "end of range (61) above maximum (59): 61");
    EXPECT_EQ(error("* * 0 * *"), "beginning of range (0) below minimum (1): 0");
    EXPECT_EQ(error("30-10 * * * *"), "beginning of range (30) beyond end of range (10): 30-10");
    EXPECT_EQ(error("*/0 * * * *"), "step of range should be a positive number: */0");
    EXPECT_EQ(error("* * * *"), "expected exactly 5 fields, found 4: [* * * *]");
    EXPECT_EQ(error("x * * * *"), "failed to parse int from x: strconv.Atoi: parsing \"x\": invalid syntax");
    EXPECT_EQ(error("1-2-3 * * * *"), "too many hyphens: 1-2-3");
    EXPECT_EQ(error("1/2/3 * * * *"), "too many slashes: 1/2/3");
    EXPECT_EQ(error("@sometimes"), "unrecognized descriptor: @sometimes");
    EXPECT_EQ(error(""), "empty spec string");
}

TEST(CronSchedule, NeverComesOnThirtyFirstOfFebruary)
{
    EXPECT_FALSE(CronSchedule::parse("0 0 31 2 *").schedule.next(*parseRfc3339("2026-11-24T00:00:00Z"), TimeZone::utc()));
}

} // namespace
} // namespace sim::kube
