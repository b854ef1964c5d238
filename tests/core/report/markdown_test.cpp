#include "core/report/report.h"

#include "tests/core/report/sample_report.h"

#include <gtest/gtest.h>

#include <sstream>

namespace core::report {

namespace {

/// How many cells a table line has; backslashes and code spans are looked through as GitHub does.
int cellsOf(const std::string& line)
{
    int bars = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\\')
            ++i;
        else if (line[i] == '|')
            ++bars;
    }
    return bars - 1;
}

} // namespace

TEST(Markdown, TablesKeepTheirColumnsWhateverIsWritten)
{
    std::vector<progress::Attempt> attempts = sampleAttempts(3);
    attempts[0].title.en = "a | b\n# no heading <script>alert(1)</script> `x` [l](http://e) ![i](u) &lt;";
    attempts[0].incident = "odd`id|here";
    attempts[0].parts[0].reason.en = "ends with a backslash \\";
    attempts[0].notes = "first\n\n# second\n- third | x";
    const std::string text = toMarkdown(makeReport(attempts, {}));
    std::istringstream lines(text);
    int columns = 0;
    int headings = 0;
    for (std::string line; std::getline(lines, line);) {
        headings += line.starts_with("# ") ? 1 : 0;
        if (!line.starts_with("|")) {
            columns = 0;
            continue;
        }
        if (columns == 0)
            columns = cellsOf(line);
        EXPECT_EQ(cellsOf(line), columns) << line;
        EXPECT_TRUE(line.ends_with("|")) << line;
    }
    EXPECT_EQ(headings, 1);
    EXPECT_EQ(text.find("<script>"), std::string::npos);
    EXPECT_EQ(text.find("[l]"), std::string::npos);
    EXPECT_NE(text.find("\\&lt;"), std::string::npos);
    EXPECT_NE(text.find("> Notes: first \\# second - third \\| x"), std::string::npos) << text;
}

TEST(Markdown, SpeaksTheLanguageAskedFor)
{
    const std::string english = toMarkdown(sampleReport(content::Language::English));
    const std::string chinese = toMarkdown(sampleReport(content::Language::Chinese));
    EXPECT_TRUE(english.starts_with("# Faultline: Incident practice report\n"));
    EXPECT_TRUE(chinese.starts_with("# Faultline: 故障演练报告\n"));
    EXPECT_NE(english.find("| Evidence | 9 / 20 |"), std::string::npos);
    EXPECT_NE(chinese.find("| 证据 | 9 / 20 |"), std::string::npos);
    EXPECT_NE(english.find("Verified after: not reached"), std::string::npos);
    EXPECT_LT(english.find("2026-11-24"), english.rfind("2026-11-01")) << "newest first";
    EXPECT_TRUE(english.ends_with("\n") && !english.ends_with("\n\n"));
}

TEST(Markdown, NoAttemptsSaysHowToGetSome)
{
    EXPECT_NE(toMarkdown(makeReport({}, {})).find("No attempts yet"), std::string::npos);
}

} // namespace core::report
