#pragma once

#include "sim/engine/result.h"

#include <SQLiteCpp/Exception.h>

#include <string>

namespace core::progress {

// What a person is told when the progress file fails them: what happened, that nothing was lost or moved,
// and what to do.

sim::Error notWritable(const std::string& path);
sim::Error damaged(const std::string& path, const std::string& detail = {});
sim::Error describe(const SQLite::Exception& failure, const std::string& path);

} // namespace core::progress
