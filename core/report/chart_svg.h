#pragma once

#include "core/report/report.h"

#include <string>

namespace core::report {

/// Text for HTML and SVG, in elements and in quoted attributes. Characters that XML forbids become U+FFFD.
std::string escapedHtml(std::string_view text);

/// Inline SVG without scripts; colours come from the page's style sheet by class name.
std::string radarSvg(const Report& report);
std::string scoreSvg(const Report& report);

} // namespace core::report
