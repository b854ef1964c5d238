#pragma once

#include "core/shell/commands/gpu/smi_state.h"
#include "core/shell/invocation.h"

namespace core::shell::gpu {

/// What NVML shows on a machine, or in that container on it.
SmiState smiStateOf(const sim::World& world, const sim::host::Machine& machine, sim::ContainerId container = {});

/// The machine or the container that a shell is at.
class ShellPlace final : public SmiPlace {
public:
    explicit ShellPlace(Invocation& invocation) : m_invocation(invocation) { }

    SmiState look() override;
    sim::CommandResult change(const sim::command::GpuChange& change) override;
    void print(std::string_view text) override;
    void complain(std::string_view text) override;
    void wait(sim::Duration duration) override;
    bool redirect(const std::string& path) override;

private:
    Invocation& m_invocation;
    std::string m_file; ///< empty: standard output
};

} // namespace core::shell::gpu
