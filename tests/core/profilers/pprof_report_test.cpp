// Facts recorded from `go tool pprof` of Go 1.19 on a program with a lock, and from google/pprof's history between it and
// Go 1.22.
#include "core/shell/commands/profilers/pprof_report.h"

#include <gtest/gtest.h>

using core::shell::profilers::Report;
using sim::programs::Profile;

namespace {

Profile cpuOf(std::vector<std::pair<std::vector<const char*>, std::int64_t>> stacks)
{
    Profile profile;
    profile.types = {{"samples", "count"}, {"cpu", "nanoseconds"}};
    profile.defaultType = 1;
    profile.at = sim::Instant{std::chrono::seconds(1772442125)}; // 2026-03-02 09:02:05 UTC
    profile.duration = std::chrono::seconds(3);
    profile.file = "/opt/catalog-api/current/catalog-api";
    for (const auto& [frames, milliseconds] : stacks) {
        sim::programs::Sample sample;
        for (const char* frame : frames)
            sample.stack.push_back(sim::programs::frameOf(frame));
        sample.values = {milliseconds / 10, milliseconds * 1'000'000};
        profile.samples.push_back(std::move(sample));
    }
    return profile;
}

Report reportOf(const Profile& profile)
{
    Report report;
    report.profile = &profile;
    report.value = 1;
    return report;
}

} // namespace

TEST(PprofReports, theUnitIsTheSmallestFiguresAndTheHeadHasItToo)
{
    const Profile profile = cpuOf({{{"main.main@main.go:1", "main.record@main.go:9"}, 1200}, {{"main.main@main.go:1", "main.find@main.go:5"}, 320}});
    const std::string text = core::shell::profilers::topText(reportOf(profile), 0, false, true).text;
    EXPECT_NE(text.find("Time: Mar 2, 2026 at 9:02am (UTC)\nDuration: 3s, Total samples = 1520ms (50.67%)\n"), std::string::npos) << text;
    EXPECT_NE(text.find("    1200ms 78.95% 78.95%     1200ms 78.95%  main.record\n"), std::string::npos) << text;
}

TEST(PprofReports, equalFlatsAreSortedByNameNotByCum)
{
    const Profile profile = cpuOf({{{"net/http.(*conn).serve@s.go:1", "main.b@m.go:2", "main.a@m.go:3"}, 100}, {{"net/http.(*conn).serve@s.go:1", "main.z@m.go:9"}, 50}});
    const std::string text = core::shell::profilers::topText(reportOf(profile), 0, false, false).text;
    EXPECT_LT(text.find("main.b"), text.find("net/http.(*conn).serve")) << text;
}

TEST(PprofReports, aTreeJoinsCallersOfWhatIsCutOut)
{
    const Profile profile = cpuOf({{{"main.top@m.go:1", "main.between@m.go:2", "main.leaf@m.go:3"}, 500}, {{"main.top@m.go:1"}, 400}, {{"main.other@m.go:9"}, 300}});
    const std::string text = core::shell::profilers::treeText(reportOf(profile), 3, false, false).text;
    EXPECT_NE(text.find("Showing top 3 nodes out of 4\n"), std::string::npos) << text;
    EXPECT_NE(text.find("                                             500ms   100% |   main.top\n     500ms"), std::string::npos) << text;
    EXPECT_EQ(text.find("main.between"), std::string::npos) << text;
}

TEST(PprofReports, peekTrimsNothingAndSumsOnlyWhatItShows)
{
    const Profile profile = cpuOf({{{"main.a@m.go:1"}, 9000}, {{"main.b@m.go:2"}, 10}});
    const std::string text = core::shell::profilers::peekText(reportOf(profile), "main.b", false, false).text;
    EXPECT_EQ(text.find("Dropped"), std::string::npos) << text;
    EXPECT_NE(text.find("     0.01s  0.11%  0.11%      0.01s  0.11%                | main.b\n"), std::string::npos) << text;
    EXPECT_EQ(core::shell::profilers::peekText(reportOf(profile), "nosuch", false, false).error, "no matches found for regexp: nosuch\n");
}

TEST(PprofReports, aListBeginsAtTheFunctionAndEndsFiveLinesBelow)
{
    const Profile profile = cpuOf({{{"main.record@m.go:4"}, 1310}});
    Report report = reportOf(profile);
    report.sources["m.go"] = {1, {"package main", "", "func record() {", "\twork()", "}", "", "// 7", "// 8", "// 9", "// 10"}};
    const std::string text = core::shell::profilers::listText(report, "record").text;
    EXPECT_NE(text.find("     1.31s      1.31s (flat, cum)   100% of Total\n         .          .      3:func record() {\n"), std::string::npos) << text;
    EXPECT_NE(text.find("      9:// 9\n"), std::string::npos) << text;
    EXPECT_EQ(text.find("     10:"), std::string::npos) << text;
}

TEST(PprofReports, aDifferenceIsOfTheBaseOrOfAllThatIsLeft)
{
    const Profile before = cpuOf({{{"main.a@m.go:1"}, 1000}}), after = cpuOf({{{"main.a@m.go:1"}, 400}, {{"main.b@m.go:2"}, 200}});
    Report report = reportOf(after);
    report.baseline = &before;
    EXPECT_EQ(report.total(), 800'000'000);
    report.against = Report::Against::Base;
    EXPECT_EQ(report.total(), 1'000'000'000);
    const std::string same = [&] {
        Report nothing = reportOf(before);
        nothing.baseline = &before;
        return core::shell::profilers::topText(nothing, 0, false, false).text;
    }();
    EXPECT_EQ(same, "Showing nodes accounting for 0, 0% of 0 total\n      flat  flat%   sum%        cum   cum%\n");
}

TEST(PprofReports, aFocusKeepsTheWholeAsTheMeasure)
{
    const Profile profile = cpuOf({{{"main.a@m.go:1"}, 500}, {{"main.b@m.go:2"}, 500}});
    Report report = reportOf(profile);
    report.focus = "main.a";
    const std::string text = core::shell::profilers::topText(report, 0, false, false).text;
    EXPECT_EQ(text.rfind("Active filters:\n   focus=main.a\nShowing nodes accounting for 500ms, 50.00% of 1000ms total\n", 0), 0U) << text;
}
