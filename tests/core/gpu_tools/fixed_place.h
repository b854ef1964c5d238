#pragma once

#include "core/shell/commands/gpu/smi_state.h"
#include "sim/gpu/driver.h"
#include "sim/world/gpu_changes.h"

#include <set>
#include <string>

namespace core::shell::gpu {

/// nvidia-smi on a machine that a test sets up by hand; time stands still but for what the tool waits.
class FixedPlace : public SmiPlace {
public:
    FixedPlace(const char* model, int count)
        : engine(sim::Instant{}, 7)
    {
        gpus.addRow({.units = {{"crac-1"}}});
        sim::host::Machine machine;
        machine.name = "gpu-1";
        machine.files = sim::gpu::driverFiles(sim::gpu::kDriverVersion);
        const sim::HostId host = hosts.add(std::move(machine));
        constexpr const char* kBuses[]{"19", "3B", "4C", "5D", "9B", "BB", "CB", "DB"}; // HGX H100, by socket and switch
        for (int i = 0; i < count; ++i) {
            sim::gpu::Gpu gpu;
            gpu.host = host;
            gpu.index = i;
            gpu.board = sim::gpu::boardNamed(model) - sim::gpu::boards().data();
            gpu.slot.busId = std::string("00000000:") + kBuses[i] + ":00.0";
            gpu.card = sim::gpu::newCard(engine.random("build"));
            gpu.settings.powerLimitW = gpu.kind().defaultLimitW;
            gpu.now.smMHz = gpu.kind().idleSmMHz;
            gpu.now.powerW = gpu.kind().idleW;
            gpu.now.reasons = sim::gpu::reason::kIdle;
            gpus.add(std::move(gpu));
        }
        gpus.start(engine);
    }

    SmiState look() override
    {
        SmiState state;
        state.now = now;
        state.hostName = "gpu-1";
        state.status = sim::gpu::nvmlStatus(node().driver, hosts.at(sim::HostId(0U)));
        state.library = sim::gpu::libraryVersion(hosts.at(sim::HostId(0U)));
        state.node = &node();
        const std::size_t count = gpus.all().size();
        for (std::size_t i = 0; i < count; ++i) {
            const auto presence = gpu(i).presence;
            if (presence == sim::gpu::Gpu::Presence::Absent || presence == sim::gpu::Gpu::Presence::Uninitialised)
                continue;
            state.devices.push_back({static_cast<int>(state.devices.size()), &gpu(i), count > 1 && i >= count / 2 ? 1 : 0, static_cast<int>(i)});
        }
        state.nics = nics;
        state.cpus = cpus;
        state.numaNodes = count > 1 ? 2 : 1;
        state.root = root;
        state.virtualMachine = virtualMachine;
        return state;
    }
    sim::CommandResult change(const sim::command::GpuChange& change) override { return sim::changeGpu(engine, hosts, gpus, change); }
    void print(std::string_view text) override
    {
        out += text;
        both += text;
    }
    void complain(std::string_view text) override
    {
        err += text;
        both += text;
    }
    void wait(sim::Duration duration) override { now += duration; }
    bool redirect(const std::string& path) override
    {
        file = path;
        return true;
    }

    /// What a terminal would show of one command line.
    std::string run(const std::string& line)
    {
        out.clear();
        err.clear();
        both.clear();
        std::vector<std::string> words;
        for (std::size_t at = 0; at < line.size();) {
            const std::size_t space = std::min(line.find(' ', at), line.size());
            if (space > at)
                words.push_back(line.substr(at, space - at));
            at = space + 1;
        }
        status = nvidiaSmi(*this, words);
        return both;
    }

    sim::gpu::Gpu& gpu(std::size_t i) { return gpus.at(sim::GpuId(i)); }
    sim::gpu::Node& node() { return *gpus.nodeOf(sim::HostId(0U)); }

    sim::Engine engine;
    sim::host::Hosts hosts;
    sim::gpu::Gpus gpus;
    sim::Instant now{};
    std::vector<SmiNic> nics;
    std::int64_t cpus = 192;
    bool root = true;
    bool virtualMachine = false;
    std::string out, err, both, file;
    int status = 0;
};

} // namespace core::shell::gpu
