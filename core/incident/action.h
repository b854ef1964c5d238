#pragma once

#include "core/content/library.h"
#include "core/content/pattern.h"
#include "sim/world/command.h"

#include <string>
#include <string_view>
#include <vector>

namespace core::incident {

/// What a command did, told from its effect and not from its name.
enum class Effect : std::uint8_t {
    None,         ///< changed nothing, or nothing that anybody runs on (files in /tmp, a pulled image)
    Reversible,   ///< can be set back as it was
    Restart,      ///< something running was ended or started anew
    Irreversible, ///< data or an object is gone, or a machine was switched off
};

/// A change the learner made.
struct Action {
    sim::Instant at{};
    int sequence = 0;                    ///< place among observations, actions and diagnoses
    std::string commandLine;
    std::size_t line = 0;                ///< changes with the same number came from one line of the learner's; 0: from none
    Effect effect = Effect::None;
    std::vector<std::string> changed;    ///< CommandResult::changed
    std::vector<std::string> targets;    ///< causes whose repair may touch what was changed
    bool necessary = false;              ///< within the true cause's closure, or a mitigation of a real fault
    bool mitigation = false;             ///< takes the pain away without a diagnosis
    bool shotgun = false;                ///< a second change elsewhere without a look in between
    bool deletes = false;                ///< removed API objects (made good by creating them again)
    int factsKnown = 0;
};

/// How the effect of a command is classed. Independent of any incident.
Effect effectOf(const sim::Command& command, const sim::CommandResult& result);

/// The action of a command on an incident whose cause is `truth`. `values` as they were before it.
Action classify(const sim::Command& command, const sim::CommandResult& result, const content::Incident& incident,
                const std::string& truth, const content::Placeholders& values);

/// Asks a pod to leave its node, as `kubectl drain` does after the cordon.
bool isEviction(const sim::Command& command);

/// A second change with a different hypothesis, nothing looked at in between.
bool isShotgun(const Action& before, const Action& now, bool lookedInBetween);

} // namespace core::incident
