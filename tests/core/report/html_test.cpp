#include "core/report/chart_svg.h"
#include "core/report/report.h"

#include "tests/core/report/sample_report.h"

#include <gtest/gtest.h>

#include <set>

namespace core::report {

namespace {

/// Checks that tags nest and close, as a strict reader would ask; gives the first fault or nothing.
std::string nestingFault(const std::string& html)
{
    static const std::set<std::string> kAlone = {"meta", "br", "!DOCTYPE"};
    std::vector<std::string> open;
    for (std::size_t at = html.find('<'); at != std::string::npos; at = html.find('<', at + 1)) {
        const std::size_t end = html.find('>', at);
        if (end == std::string::npos)
            return "a tag that does not end";
        const std::string tag = html.substr(at + 1, end - at - 1);
        const bool closing = tag.starts_with('/');
        const std::string name = tag.substr(closing ? 1 : 0,
                                            tag.find_first_of(" /\n", 1) - (closing ? 1 : 0));
        if (kAlone.contains(name) || tag.ends_with('/'))
            continue;
        if (!closing) {
            open.push_back(name);
        } else {
            if (open.empty() || open.back() != name)
                return "</" + name + "> closes " + (open.empty() ? "nothing" : open.back());
            open.pop_back();
        }
    }
    return open.empty() ? std::string() : open.back() + " is left open";
}

} // namespace

TEST(Html, NestsInBothLanguagesAndForAnyNumberOfAttempts)
{
    for (const content::Language language : {content::Language::English, content::Language::Chinese}) {
        for (const int count : {0, 1, 24, 200})
            EXPECT_EQ(nestingFault(toHtml(sampleReport(language, count))), "") << count;
    }
}

TEST(Html, LoadsAndRunsNothing)
{
    const std::string html = toHtml(sampleReport(content::Language::English));
    for (const char* bad :
         {"<script", "<link", "<img", "src=", "url(", "@import", "http://", "https://", "<iframe"})
        EXPECT_EQ(html.find(bad), std::string::npos) << bad;
    EXPECT_NE(html.find("default-src 'none'"), std::string::npos);
}

TEST(Html, EscapesWhatPeopleWrote)
{
    std::vector<progress::Attempt> attempts = sampleAttempts(1);
    attempts[0].notes = "</p><script>alert('x')</script>";
    attempts[0].title.en = "\" onload=\"x";
    attempts[0].incident = "<b>";
    attempts[0].parts[0].reason.en = "a & b";
    const std::string html = toHtml(makeReport(attempts, {content::Language::English, "<q>", "<u>", "<s>"}));
    EXPECT_EQ(nestingFault(html), "");
    EXPECT_EQ(html.find("<script"), std::string::npos);
    EXPECT_NE(html.find("&lt;/p&gt;&lt;script&gt;alert(&#39;x&#39;)"), std::string::npos);
    EXPECT_NE(html.find("&quot; onload=&quot;x"), std::string::npos);
    EXPECT_NE(html.find("a &amp; b"), std::string::npos);
    for (const char* tag : {"<q>", "<u>", "<s>", "><b>"})
        EXPECT_EQ(html.find(tag), std::string::npos) << tag;
    EXPECT_EQ(escapedHtml("a\x01"
                          "b"),
              "a\uFFFD"
              "b");
}

TEST(Html, ChartsCarryTheirFiguresAndAName)
{
    const Report report = sampleReport(content::Language::English);
    const std::string scores = scoreSvg(report);
    EXPECT_NE(scores.find("role=\"img\" aria-label=\"Scores over time\""), std::string::npos);
    EXPECT_NE(scores.find("<title>2026-11-24 13:15 · cluster-dns · 96.6</title>"), std::string::npos);
    std::size_t circles = 0;
    for (std::size_t at = scores.find("<circle"); at != std::string::npos;
         at = scores.find("<circle", at + 1))
        ++circles;
    EXPECT_EQ(circles, 18U + 1U) << "one an attempt that was solved, and one in the legend";
    EXPECT_NE(radarSvg(report).find(">Distributed<"), std::string::npos);
}

} // namespace core::report
