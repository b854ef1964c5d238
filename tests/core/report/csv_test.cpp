#include "core/report/report.h"

#include "tests/core/report/sample_report.h"

#include <gtest/gtest.h>

#include <map>

namespace core::report {

namespace {

/// A reader of RFC 4180 written from the RFC, so that the writer is not checked against itself.
std::vector<std::vector<std::string>> parsed(const std::string& text)
{
    std::vector<std::vector<std::string>> rows(1);
    std::string cell;
    bool inQuotes = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (inQuotes) {
            if (c != '"')
                cell += c;
            else if (i + 1 < text.size() && text[i + 1] == '"')
                cell += text[++i];
            else
                inQuotes = false;
        } else if (c == '"') {
            EXPECT_TRUE(cell.empty()) << "a quote in the middle of a bare cell";
            inQuotes = true;
        } else if (c == ',') {
            rows.back().push_back(std::move(cell));
            cell.clear();
        } else if (c == '\r') {
            EXPECT_EQ(text[i + 1], '\n');
            ++i;
            rows.back().push_back(std::move(cell));
            cell.clear();
            rows.emplace_back();
        } else {
            EXPECT_NE(c, '\n') << "a bare line end";
            cell += c;
        }
    }
    EXPECT_FALSE(inQuotes);
    EXPECT_TRUE(rows.back().empty()) << "the last line ends too";
    rows.pop_back();
    return rows;
}

std::vector<std::map<std::string, std::string>> table(const std::string& text)
{
    const auto rows = parsed(text);
    std::vector<std::map<std::string, std::string>> table;
    for (std::size_t i = 1; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].size(), rows[0].size());
        std::map<std::string, std::string> record;
        for (std::size_t column = 0; column < std::min(rows[0].size(), rows[i].size()); ++column)
            record[rows[0][column]] = rows[i][column];
        table.push_back(std::move(record));
    }
    return table;
}

} // namespace

TEST(Csv, EveryAttemptIsALine)
{
    const auto rows = table(toCsv(sampleReport(content::Language::Chinese)));
    ASSERT_EQ(rows.size(), 24U);
    EXPECT_EQ(rows[0].at("id"), "1");
    EXPECT_EQ(rows[0].at("title"), "结账服务失败");
    EXPECT_EQ(rows[0].at("solved"), "true");
    EXPECT_EQ(rows[0].at("detect_seconds"), "20");
    EXPECT_EQ(rows[0].at("verify_seconds"), "");
    EXPECT_EQ(rows[0].at("impact_points"), "11.25");
    EXPECT_EQ(rows[0].at("impact_out_of"), "25");
    EXPECT_EQ(rows[4].at("notes"), "Look at the node's route before blaming the registry.\n先看节点路由。");
}

TEST(Csv, QuotesAndFormulasAreHarmless)
{
    for (const auto& [note, cell] : std::map<std::string, std::string>{
             {"plain", "plain"},
             {"a, b", "a, b"},
             {"say \"hi\"", "say \"hi\""},
             {"two\r\nlines", "two\r\nlines"},
             {"=HYPERLINK(\"http://x\",\"y\")", "'=HYPERLINK(\"http://x\",\"y\")"},
             {"+1", "'+1"},
             {"-1", "'-1"},
             {"@SUM(A1)", "'@SUM(A1)"},
             {"\t=1+1", "'\t=1+1"},
             {"  =1+1", "'  =1+1"},
             {"＝1+1", "'＝1+1"},
             {"1=1", "1=1"},
             {"   ", "   "},
             {"", ""},
         }) {
        std::vector<progress::Attempt> attempts = sampleAttempts(1);
        attempts[0].notes = note;
        const auto rows = table(toCsv(makeReport(attempts, {})));
        ASSERT_EQ(rows.size(), 1U);
        EXPECT_EQ(rows[0].at("notes"), cell);
    }
}

TEST(Csv, UnknownClocksAndPartsGetTheirColumns)
{
    std::vector<progress::Attempt> attempts = sampleAttempts(2);
    attempts[1].clocksSeconds["=lunch"] = 1800;
    attempts[1].parts.push_back({"style", {"Style", "风格"}, 3, 5, {"", ""}});
    const auto rows = table(toCsv(makeReport(attempts, {})));
    EXPECT_EQ(rows[0].at("'=lunch_seconds"), "");
    EXPECT_EQ(rows[1].at("'=lunch_seconds"), "1800");
    EXPECT_EQ(rows[0].at("style_points"), "");
    EXPECT_EQ(rows[1].at("style_points"), "3");
}

TEST(Csv, NoAttemptsIsAHeadLine)
{
    EXPECT_EQ(parsed(toCsv(makeReport({}, {}))).size(), 1U);
}

} // namespace core::report
