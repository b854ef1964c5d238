#include "tests/sim/gpu/gpu_lab.h"

#include <gtest/gtest.h>

namespace sim::gpu {

namespace {

double storedIn(const GpuLab& lab)
{
    double joules = 0;
    for (const Gpu& gpu : lab.gpus.all())
        joules += storedJoules(gpu.card.heat, lab.gpus.nodeOf(gpu.host)->cooling);
    return joules;
}

void disturb(GpuLab& lab, RandomStream& random)
{
    Gpu& gpu = lab.gpu(random.below(lab.gpus.all().size()));
    Node& node = *lab.gpus.nodeOf(gpu.host);
    switch (random.below(10)) {
    case 0: gpu.processes = {{.pid = 7, .name = "python3", .memoryBytes = 1LL << 33, .activity = {.kernel = random.unit(), .sm = random.unit(), .tensor = random.unit(), .dram = random.unit()}}}; break;
    case 1: gpu.processes.clear(); break;
    case 2: gpu.settings.powerLimitW = random.uniform(gpu.kind().minLimitW, gpu.kind().defaultLimitW); break;
    case 3: gpu.card.heat.pasteFactor = random.uniform(0.9, 3.0); break;
    case 4: node.chassis.filterFlow = random.uniform(0.3, 1.0); break;
    case 5: node.chassis.fans[random.below(node.chassis.fans.size())].failed = random.below(2) == 0; break;
    case 6: node.chassis.supplies[random.below(node.chassis.supplies.size())].failed = random.below(2) == 0; break;
    case 7: lab.gpus.rows()[0].units[random.below(2)].running = random.below(2) == 0; break;
    case 8: gpu.slot.contact = random.uniform(0.3, 1.0); break;
    default: lab.gpus.spoilMemory(lab.engine, lab.hosts, gpu.id); break;
    }
}

/// Whatever happens: heat goes somewhere, limits hold, and all of it heals.
TEST(GpuSwarm, EnergyIsConservedAndAllHeals)
{
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE(seed);
        GpuLab lab(3, seed % 4 == 0 ? "A100" : seed % 4 == 1 ? "B200" : seed % 4 == 2 ? "H200" : "H100", seed);
        RandomStream random(seed, "swarm");
        const double before = storedIn(lab);
        for (int step = 0; step < 60; ++step) {
            disturb(lab, random);
            lab.run(Duration(std::chrono::seconds(random.below(40))));
            for (const Gpu& gpu : lab.gpus.all()) {
                const Board& board = gpu.kind();
                ASSERT_LE(gpu.now.smMHz, board.maxSmMHz);
                ASSERT_GE(gpu.now.smMHz, 0);
                ASSERT_LT(gpu.temperatureC(), board.shutdownC + 15);
                const bool floor = gpu.now.smMHz == board.idleSmMHz; // it cannot run slower than that
                ASSERT_TRUE(floor || gpu.now.powerW <= gpu.settings.powerLimitW * 1.021) << gpu.now.powerW;
                ASSERT_LE(gpu.memoryUsedBytes(), gpu.memoryTotalBytes());
            }
            double taken = 0;
            double given = 0;
            for (const Node& node : lab.gpus.nodes()) {
                taken += node.takenJ;
                given += node.givenJ;
            }
            ASSERT_NEAR(taken, given + storedIn(lab) - before, 1e-6 * taken + 1);
            const Row& row = lab.gpus.rows()[0];
            ASSERT_NEAR(row.takenJ, given, 1e-6 * given + 1);
            ASSERT_NEAR(row.takenJ, row.removedJ + (row.supplyC - row.setpointC) * row.joulesPerKelvin, 1e-6 * given + 1);
        }
        for (Node* node : {&lab.node(0), &lab.node(1), &lab.node(2)}) {
            node->chassis = Chassis{.supplies = std::vector<PowerSupply>(6), .inletC = node->chassis.inletC};
            lab.gpus.onPower(lab.engine, lab.hosts, node->host, false);
            for (const GpuId id : node->gpus) {
                lab.gpus.at(id).slot.contact = 1;
                lab.gpus.at(id).card.heat.pasteFactor = 1;
            }
            lab.gpus.onPower(lab.engine, lab.hosts, node->host, true);
        }
        for (CoolingUnit& unit : lab.gpus.rows()[0].units)
            unit.running = true;
        lab.workAll(GpuLab::kTraining);
        lab.run(20min);
        for (const Gpu& gpu : lab.gpus.all()) {
            ASSERT_TRUE(gpu.working());
            ASSERT_LT(gpu.temperatureC(), gpu.kind().maxOperatingC) << gpu.kind().name;
            ASSERT_EQ(gpu.now.reasons & ~reason::kSwPowerCap, 0u);
        }
    }
}

TEST(GpuSwarm, EqualSeedsGiveEqualWorlds)
{
    const auto after = [](std::uint64_t seed, int pieces) {
        GpuLab lab(2, "H100", seed);
        lab.workAll(GpuLab::kTraining);
        for (int i = 0; i < pieces; ++i)
            lab.run(std::chrono::seconds(120) / pieces);
        Fingerprint f;
        lab.gpus.addTo(f);
        return f.value();
    };
    EXPECT_EQ(after(5, 1), after(5, 12));
    EXPECT_NE(after(5, 1), after(6, 1));
}

} // namespace

} // namespace sim::gpu
