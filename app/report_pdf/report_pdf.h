#pragma once

#include "core/report/report.h"
#include "sim/engine/result.h"

#include <string>

namespace app::report_pdf {

/// Draws the report as a PDF of one to three A4 pages and writes it to `path`, replacing a file there only
/// when all went well. Older attempts that do not fit are counted on the last page; the HTML report has them.
/// Fonts need a QGuiApplication: the caller's, or else one without a display for the length of the call.
/// A program with only a QCoreApplication cannot call it.
sim::Result<sim::Done> writePdf(const core::report::Report& report, const std::string& path);

} // namespace app::report_pdf
