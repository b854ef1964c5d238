#include "tests/sim/net_rdma/rdma_lab.h"

#include "sim/engine/random.h"

#include <gtest/gtest.h>

using namespace rdma_lab;
using namespace sim;

namespace {

void checkInvariants(const Fabric& f, const std::string& where)
{
    std::vector<double> load(f.cables().size() * 2);
    for (const auto& [id, t] : f.transfers()) {
        ASSERT_GE(t.bytesPerSecond, 0) << where;
        ASSERT_LE(t.bytesPerSecond, t.sentBytesPerSecond * (1 + 1e-9)) << where;
        ASSERT_GE(t.lossRatio, -1e-12) << where;
        ASSERT_LE(t.lossRatio, 1 + 1e-12) << where;
        if (t.request.offeredBytesPerSecond > 0) {
            ASSERT_LE(t.bytesPerSecond, t.request.offeredBytesPerSecond * (1 + 1e-9)) << where;
        }
        if (t.state == TransferState::Moving) {
            ASSERT_EQ(t.reach, Reach::Reachable) << where;
            for (const Channel channel : t.path)
                ASSERT_TRUE(f.cables()[channel / 2].trained) << where;
        }
        for (const Channel channel : t.path)
            load[channel] += t.bytesPerSecond;
    }
    for (std::size_t i = 0; i < f.cables().size(); ++i) {
        const Cable& c = f.cables()[i];
        const double capacity = f.capacityBytesPerSecond(c.a);
        for (const PortId end : {c.a, c.b})
            ASSERT_LE(f.sentBytesPerSecond(end), capacity * (1 + 1e-9) + 1e-6) << where << " cable " << i;
        ASSERT_LE(load[i * 2], capacity * (1 + 1e-9) + 1e-6) << where;
        // What one end sends the other receives.
        const auto near = [](std::uint64_t a, std::uint64_t b) {
            return a > b ? a - b <= 2 + a / 1'000'000'000'000 : b - a <= 2 + a / 1'000'000'000'000;
        };
        ASSERT_TRUE(near(f.counter(c.a, PortCounter::XmitData), f.counter(c.b, PortCounter::RcvData)))
            << where;
        ASSERT_TRUE(near(f.counter(c.b, PortCounter::XmitData), f.counter(c.a, PortCounter::RcvData)))
            << where;
        ASSERT_TRUE(near(f.counter(c.b, PortCounter::XmitPackets), f.counter(c.a, PortCounter::RcvPackets)))
            << where;
        ASSERT_EQ(f.port(c.a).physical == PhysicalState::LinkUp, c.trained) << where;
        ASSERT_EQ(f.port(c.b).physical == PhysicalState::LinkUp, c.trained) << where;
    }
}

Qos randomQos(RandomStream& random)
{
    return {random.below(2) == 0 ? Trust::Pcp : Trust::Dscp, static_cast<std::uint8_t>(random.below(2) << 3),
            static_cast<std::uint8_t>(random.below(2) << 3)};
}

CableCondition randomCondition(RandomStream& random, Instant now)
{
    CableCondition c;
    switch (random.below(5)) {
    case 0: c.broken = true; break;
    case 1: c.symbolErrorsPerSecond = random.uniform(0, 1e5); break;
    case 2:
        c.flap = {Duration{1 + static_cast<std::int64_t>(random.below(20'000'000'000))},
                  random.uniform(1s, 40s), now};
        break;
    case 3: c.lanes = 1 << random.below(2); break;
    default:
        c.fastest = LaneSpeed::Edr;
        c.recoveriesPerSecond = random.uniform(0, 3);
        c.recoveryTime = 100ms;
    }
    return c;
}

void swarm(std::uint64_t seed)
{
    RandomStream random(seed, "rdma swarm");
    const LinkLayer layer = random.below(2) == 0 ? LinkLayer::InfiniBand : LinkLayer::Ethernet;
    FabricSpec s = spec(layer, 4 + static_cast<int>(random.below(9)), 1 + static_cast<int>(random.below(3)),
                        4, 1 + static_cast<int>(random.below(3)));
    s.oversubscription = random.below(2) == 0 ? 1 : 2;
    if (layer == LinkLayer::InfiniBand && random.below(2) == 0)
        s.managers = {0, 1};
    Fabric f = Fabric::build(s);
    const auto anyDevice = [&] {
        return DeviceId{random.below(f.devices().size())};
    };
    const auto anyHost = [&] {
        return HostId{random.below(s.nodes.size())};
    };
    Instant now{};
    for (int step = 0; step < 60; ++step) {
        now += random.uniform(1ms, 20s);
        const std::string where = "seed " + std::to_string(seed) + " step " + std::to_string(step);
        switch (random.below(16)) {
        case 0:
        case 1:
        case 2:
        case 3: {
            TransferRequest r = between(0, 1);
            r.from = anyDevice();
            do {
                r.to = anyDevice();
            } while (r.to == r.from);
            r.offeredBytesPerSecond = random.below(2) == 0 ? 0 : random.uniform(1e6, 60e9);
            r.entropy = static_cast<std::uint32_t>(random.below(100));
            r.serviceLevel = static_cast<std::uint8_t>(random.below(2));
            r.trafficClass = random.below(4) == 0 ? 0 : kLossless;
            r.gpuMemory = random.below(2) == 0;
            f.start(now, r);
            break;
        }
        case 4:
            if (!f.transfers().empty())
                f.stop(now, f.transfers().begin()->first);
            break;
        case 5:
        case 6:
            f.setCondition(now, CableId{random.below(f.cables().size())}, randomCondition(random, now));
            break;
        case 7: f.setCondition(now, CableId{random.below(f.cables().size())}, {}); break;
        case 8: f.setQos(now, PortId{random.below(f.ports().size())}, randomQos(random)); break;
        case 9:
            f.setReceiver(now, anyDevice(), random.below(2) == 0 ? 0 : random.uniform(1e9, 60e9),
                          random.below(3) == 0);
            break;
        case 10: f.setPowered(now, anyHost(), random.below(2) == 0); break;
        case 11: {
            HostSettings settings;
            settings.nvidiaPeermem = random.below(2) == 0;
            settings.accessControl = random.below(2) == 0;
            f.setHost(now, anyHost(), settings);
            break;
        }
        case 14:
            f.setStalls(now, anyDevice(), {random.uniform(1s, 20s), random.uniform(1s, 20s), now});
            break;
        case 15: {
            const PortId port{random.below(f.ports().size())};
            f.setWatchdog(now, port, {random.below(2) == 0, PauseWatchdog::Action::Drop, 200, 400});
            if (f.port(port).owner.valid() && random.below(2) == 0)
                f.saveConfiguration(f.port(port).owner);
            break;
        }
        case 12: f.setDisabled(now, PortId{random.below(f.ports().size())}, random.below(2) == 0); break;
        default:
            if (layer == LinkLayer::InfiniBand)
                f.setManager(now, random.below(f.subnet().managers.size()), random.below(2) == 0, 14);
            else
                f.setSwitchUp(now, RdmaSwitchId{random.below(f.switches().size())}, random.below(2) == 0);
        }
        checkInvariants(f, where);
        if (testing::Test::HasFatalFailure())
            return;
        ASSERT_GT(f.nextDue(), f.now()) << where;
    }
    // All heals.
    for (std::size_t i = 0; i < f.cables().size(); ++i)
        f.setCondition(now, CableId{i}, {});
    for (std::size_t i = 0; i < f.switches().size(); ++i)
        f.setSwitchUp(now, RdmaSwitchId{i}, true);
    for (std::size_t i = 0; i < f.ports().size(); ++i) {
        f.setQos(now, PortId{i}, s.qos);
        f.setDisabled(now, PortId{i}, false);
    }
    for (std::size_t i = 0; i < f.devices().size(); ++i) {
        f.setStalls(now, DeviceId{i}, {});
        f.setReceiver(now, DeviceId{i}, 0, false);
    }
    for (const NodeSpec& node : s.nodes)
        f.setPowered(now, node.host, true);
    for (std::size_t i = 0; i < f.subnet().managers.size(); ++i)
        f.setManager(now, i, true, static_cast<std::uint8_t>(15 - i));
    now += 60s;
    f.advance(now);
    std::vector<TransferId> ids;
    for (const auto& [id, t] : f.transfers())
        ids.push_back(id);
    for (const TransferId id : ids)
        f.restart(now, id);
    for (std::size_t i = 0; i < f.devices().size(); ++i)
        ASSERT_EQ(f.port(DeviceId{i}).logical, LogicalState::Active) << "seed " << seed;
    for (const auto& [id, t] : f.transfers())
        ASSERT_EQ(t.state, TransferState::Moving)
            << "seed " << seed << " transfer " << id.value << " " << reachText(t.reach);
    checkInvariants(f, "healed, seed " + std::to_string(seed));
}

} // namespace

TEST(RdmaSwarm, NothingIsOverloadedOrLostAndAllHeals)
{
    for (std::uint64_t seed = 1; seed <= 150; ++seed) {
        swarm(seed);
        if (HasFatalFailure())
            return;
    }
}

TEST(RdmaSwarm, CopiesGoTheSameWay)
{
    Fabric f = Fabric::build(spec(LinkLayer::Ethernet, 8, 2, 4, 2));
    RandomStream random(7, "copies");
    Instant now{};
    for (int i = 0; i < 20; ++i) {
        now += random.uniform(1s, 9s);
        f.start(now,
                between(static_cast<std::uint32_t>(random.below(8)),
                        8 + static_cast<std::uint32_t>(random.below(8))));
    }
    Fabric copy = f;
    EXPECT_EQ(f, copy);
    for (Fabric* one : {&f, &copy}) {
        CableCondition c;
        c.flap = {5s, 3s, now};
        one->setCondition(now, cableOf(*one, 3), c);
        one->advance(now + 300s);
    }
    EXPECT_EQ(fingerprintOf(f), fingerprintOf(copy));
}
