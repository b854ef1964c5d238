#pragma once

#include "sim/engine/time.h"

#include <string>

namespace sim::storage::ceph {

/// "2026-03-02T09:31:05.123456+0000", as maps and logs carry it.
std::string timeText(Instant at);
/// "2026-03-02T09:31:05.123+0000", as a daemon's own log begins its lines.
std::string logTimeText(Instant at);
/// "3h", "17m", "2w": what "ceph -s" writes behind "since" and "age" (utimespan_str).
std::string spanText(Duration span);

} // namespace sim::storage::ceph
