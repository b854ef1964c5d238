#pragma once

#include "sim/gpu/gpus.h"

namespace sim::gpu {

/// Machines of eight GPUs in one row, and nothing else.
struct GpuLab {
    explicit GpuLab(int machines = 1, const char* model = "H100", std::uint64_t seed = 1)
        : engine(Instant{}, seed)
    {
        gpus.addRow({.units = {{"crac-1"}, {"crac-2"}}});
        for (int m = 0; m < machines; ++m) {
            host::Machine machine;
            machine.name = "gpu-" + std::to_string(m + 1);
            machine.files = driverFiles(kDriverVersion);
            const HostId host = hosts.add(std::move(machine));
            for (int i = 0; i < 8; ++i) {
                Gpu gpu;
                gpu.host = host;
                gpu.index = i;
                gpu.board = boardNamed(model) - boards().data();
                gpu.slot.busId = "00000000:" + std::to_string(10 + i) + ":00.0";
                gpu.card = newCard(engine.random("build"));
                gpus.add(std::move(gpu));
            }
        }
        gpus.start(engine);
    }

    void run(Duration time)
    {
        const Instant end = engine.now() + time;
        while (const auto event = engine.next(end))
            gpus.handle(engine, hosts, *event);
        engine.advanceTo(end);
    }
    void work(GpuId id, const Activity& activity, std::int64_t memoryBytes = 60LL << 30)
    {
        gpus.at(id).processes = {{.pid = 4242, .name = "python3", .memoryBytes = memoryBytes, .activity = activity}};
    }
    void workAll(const Activity& activity)
    {
        for (std::size_t i = 0; i < gpus.all().size(); ++i)
            work(GpuId(i), activity);
    }
    Gpu& gpu(std::size_t i) { return gpus.at(GpuId(i)); }
    Node& node(std::size_t i = 0) { return *gpus.nodeOf(HostId(i)); }
    bool logged(std::string_view text, std::size_t machine = 0) const
    {
        for (const host::JournalEntry& entry : hosts.at(HostId(machine)).journal)
            if (entry.message.find(text) != std::string::npos)
                return true;
        return false;
    }

    Engine engine;
    host::Hosts hosts;
    Gpus gpus;
    /// A large matrix product, as the captured H200 ran it.
    static constexpr Activity kProduct{.kernel = 1, .sm = 1, .tensor = 0.755, .dram = 0.25};
    /// What large language models make of a GPU in training.
    static constexpr Activity kTraining{.kernel = 1, .sm = 0.7, .tensor = 0.42, .dram = 0.35};
};

} // namespace sim::gpu
