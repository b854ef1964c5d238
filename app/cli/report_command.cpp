#include "app/cli/commands.h"
#include "app/cli/main_command.h"
#include "core/progress/data_folder.h"
#include "core/progress/store.h"
#include "core/report/report.h"
#ifdef FAULTLINE_WITH_PDF
#include "app/report_pdf/report_pdf.h"
#endif

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <fstream>

namespace app::cli {

namespace {

struct ReportOptions {
    std::string format = "md";
    std::string output;
    std::string language = "en";
    std::string dataFolder;
    std::string learner;
};

int report(const ReportOptions& options)
{
    const std::string folder = options.dataFolder.empty() ? core::progress::defaultDataFolder() : options.dataFolder;
    auto store = core::progress::Store::open(folder);
    if (!store)
        return fail(store.error().text());
    auto attempts = store->list();
    if (!attempts)
        return fail(attempts.error().text());
    core::report::ReportOptions wanted;
    wanted.language = options.language == "zh" ? core::content::Language::Chinese : core::content::Language::English;
    wanted.generatedAt = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}",
                                     fmt::gmtime(std::chrono::system_clock::to_time_t(std::chrono::system_clock::now())));
    wanted.programVersion = FAULTLINE_VERSION;
    wanted.learner = options.learner;
    const auto made = core::report::makeReport(std::move(*attempts), wanted);
    if (options.format == "pdf") {
#ifdef FAULTLINE_WITH_PDF
        if (options.output.empty()) {
            fail("a PDF needs -o FILE");
            return kUsage;
        }
        const auto written = app::report_pdf::writePdf(made, options.output);
        return written ? kRan : fail(written.error().text());
#else
        return fail("this faultctl was built without Qt and cannot draw a PDF; use --format html");
#endif
    }
    const std::string text = options.format == "json" ? core::report::toJson(made)
        : options.format == "html"                    ? core::report::toHtml(made)
        : options.format == "csv"                     ? core::report::toCsv(made)
                                                      : core::report::toMarkdown(made);
    if (options.output.empty()) {
        fmt::print("{}", text);
        return kRan;
    }
    std::ofstream out(options.output, std::ios::binary | std::ios::trunc);
    out << text;
    out.close();
    return out ? kRan : fail(options.output + ": could not be written; check free space and permissions");
}

} // namespace

void addReportCommand(CLI::App& root, Environment& environment, int& status)
{
    auto options = std::make_shared<ReportOptions>();
    auto* command = root.add_subcommand("report", "Report of all attempts, with a skills chart");
    command->add_option("--format", options->format, "json, html, md, pdf or csv")->check(CLI::IsMember({"json", "html", "md", "pdf", "csv"}));
    command->add_option("-o,--output", options->output, "File to write; standard output without it");
    command->add_option("--lang", options->language, "en or zh")->check(CLI::IsMember({"en", "zh"}));
    command->add_option("--data", options->dataFolder, "Data folder instead of the user's own");
    command->add_option("--learner", options->learner, "Name on the report");
    command->callback([&environment, &status, options] {
        if (environment.json)
            options->format = "json";
        status = report(*options);
    });
}

} // namespace app::cli
