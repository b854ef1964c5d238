#pragma once

#include "core/golden/recording.h"
#include "core/shell/command_table.h"
#include "core/shell/commands/world_system.h"
#include "core/shell/invocation.h"
#include "sim/world/world.h"

#include <chrono>

namespace core::golden {

/// The groups of the recordings' users; everybody who is known is authenticated as well.
std::vector<std::string> groupsOf(const std::string& user);

/// A control plane with fake nodes and one machine to run kubectl on, as the recordings had them.
/// How fast the control plane and the fake nodes' one process work: as in the recordings, unless told otherwise.
struct Pace {
    sim::kube::RateLimit controllers;
    std::chrono::milliseconds kubelets{10}; ///< a write: the pace of the many in cases 06, 25 and 44
};

class ControlPlaneLab final : public shell::Door {
public:
    /// Runs from some seconds before the case's second 0, so that the cluster is settled by then.
    static sim::Result<std::unique_ptr<ControlPlaneLab>> start(const Recording& recording, std::uint64_t seed,
                                                               const Pace& pace = {});

    const sim::World& world() const override { return m_world; }
    sim::CommandResult apply(const sim::Command& command) override { return m_world.apply(command); }

    /// Seconds since the case began.
    double secondsOf(sim::Instant at) const { return sim::toSeconds(at - m_start); }
    /// Lets virtual time pass; what is in the past already is no wait.
    void runUntil(double second) { runUntil(m_start + sim::fromSeconds(second)); }
    void runUntil(sim::Instant to);
    void runFor(sim::Duration duration) { m_world.runUntil(m_world.now() + duration); }

    shell::System& system() { return m_system; }
    const shell::CommandTable& commands() const { return m_commands; }
    /// The machine that kubectl runs on, as that user.
    shell::Place placeOf(const std::string& user) const;

private:
    ControlPlaneLab(sim::World world, sim::Instant start);
    sim::Result<sim::Done> prepare(const Recording& recording);
    sim::Result<sim::Done> makeFormerNode(const std::string& name);

    sim::World m_world;
    sim::Instant m_start;
    shell::WorldSystem m_system;
    shell::CommandTable m_commands;
};

} // namespace core::golden
