#pragma once

#include "core/session/session.h"

namespace app::cli {

/// The lab's shell on this terminal, with readline's keys, until `:quit`, `:close` or Ctrl-D. Virtual time runs
/// on at `speed` virtual seconds per second. Lines that begin with a colon are for the lab; `:help` lists them.
void interactive(core::session::Session& session, core::content::Language language, double speed);

} // namespace app::cli
