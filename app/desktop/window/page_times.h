#pragma once

#include <nlohmann/json_fwd.hpp>

namespace app::desktop {

class MainWindow;

/// How long the window works for a frame, page by page, over the lab of its settings: `{suite, rows: [{name, value,
/// unit, params}]}` as `faultctl bench --json` prints. `paint`: everything painted anew, as after a resize; `frame`: a
/// frame of a running lab taken in and what changed painted (the 95th of a hundred).
nlohmann::json measurePages(MainWindow& window);

} // namespace app::desktop
