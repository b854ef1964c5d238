#pragma once

#include "core/session/storage_detail.h"

#include <memory>

namespace app::desktop::testing {

/// Two machines with two OSDs each: osd.1 is down, osd.3 slow and nearly full, and copies are being made.
std::shared_ptr<const core::session::StorageDetail> sketchStorage();
/// The same without a quorum.
std::shared_ptr<const core::session::StorageDetail> sketchSilentStorage();

} // namespace app::desktop::testing
