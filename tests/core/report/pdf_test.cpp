#include "app/report_pdf/report_pdf.h"

#include "tests/core/report/sample_report.h"

#include <QCoreApplication>
#include <QTemporaryDir>

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace core::report {

namespace {

std::string bytesOf(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

int pagesOf(const std::string& pdf)
{
    int pages = 0;
    for (std::size_t at = pdf.find("/Type /Page\n"); at != std::string::npos;
         at = pdf.find("/Type /Page\n", at + 1))
        ++pages;
    return pages;
}

} // namespace

TEST(Pdf, IsOneToThreePagesWithFonts)
{
    const QTemporaryDir folder;
    for (const content::Language language : {content::Language::English, content::Language::Chinese}) {
        for (const auto& [count, pages] :
             {std::pair(0, 1), std::pair(1, 1), std::pair(24, 2), std::pair(300, 3)}) {
            const std::string path = folder.filePath("report.pdf").toStdString();
            const auto written = app::report_pdf::writePdf(sampleReport(language, count), path);
            ASSERT_TRUE(written) << written.error().text();
            const std::string pdf = bytesOf(path);
            EXPECT_TRUE(pdf.starts_with("%PDF-1."));
            EXPECT_EQ(pagesOf(pdf), pages) << count;
            EXPECT_NE(pdf.find("/FontFile"), std::string::npos);
            EXPECT_EQ(QCoreApplication::instance(), nullptr) << "its own application is gone again";
        }
    }
}

TEST(Pdf, AFileThatCannotBeWrittenIsNamedAndTheOldOneStays)
{
    const auto written = app::report_pdf::writePdf(sampleReport(content::Language::English),
                                                   "/nonexistent/report.pdf");
    ASSERT_FALSE(written);
    EXPECT_NE(written.error().text().find("/nonexistent/report.pdf"), std::string::npos);
}

} // namespace core::report
