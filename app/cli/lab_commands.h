#pragma once

#include "core/session/pacer.h"
#include "core/session/session.h"

#include <string>
#include <vector>

namespace app::cli {

/// What a line that begins with a colon may touch.
struct LabContext {
    core::session::Session& session;
    core::session::Pacer& pacer;
    core::content::Language language;
};

struct LabAnswer {
    std::string text;    ///< to print; lines end with "\n"
    bool leave = false;  ///< the console is done
    bool rewound = false; ///< terminals were opened afresh
};

/// Names with what they do, in the order of `:help`.
struct LabCommand {
    const char* name;
    core::content::Text arguments;
    core::content::Text summary;
};
const std::vector<LabCommand>& labCommands();

/// Runs ":hint", ":diagnose wrong-tag 80" and so on. An unknown one says so and names the nearest.
LabAnswer runLabCommand(LabContext& context, const std::string& line);

} // namespace app::cli
