#pragma once

#include "core/shell/invocation.h"
#include "sim/world/world.h"

#include <optional>
#include <string>
#include <vector>

namespace core::shell::gpu {

/// A process of a CUDA program on the machine of the shell, for as long as this lives.
class GpuProcess {
public:
    GpuProcess(Invocation& inv, std::vector<std::string> command, std::string shownName, std::int64_t residentBytes);
    ~GpuProcess();
    GpuProcess(const GpuProcess&) = delete;
    GpuProcess& operator=(const GpuProcess&) = delete;

    /// Makes contexts on the devices. The error is empty, "busy" or "memory". `threadPercentage`: what it asks an MPS server for.
    std::string start(std::vector<sim::GpuId> gpus, const sim::gpu::Activity& activity, std::int64_t memoryBytes, double threadPercentage = 100);
    void load(const sim::gpu::Activity& activity, std::int64_t memoryBytes);
    void end();         ///< by itself
    bool alive() const; ///< nobody and no error has ended it
    /// As the world knows it; null: it holds no device.
    const sim::gpu::HostProgram* program() const;

private:
    Invocation& m_inv;
    sim::gpu::HostProgram m_program;
};

} // namespace core::shell::gpu
