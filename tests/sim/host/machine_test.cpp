#include "tests/sim/host/one_machine.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace sim;
using namespace sim::host;

TEST(Machine, LoadAverageFollowsWhatRuns)
{
    OneMachine lab;
    Process burner;
    burner.name = "burn";
    const Pid pid = lab.hosts.spawn(lab.engine, lab.id, burner);
    lab.hosts.setLoad(lab.engine, lab.id, pid, 4, 1 << 20);
    lab.run(60s);
    const LoadAverage load = lab.machine().loadAverage(lab.engine.now());
    EXPECT_NEAR(load.one, 4 * (1 - std::exp(-1.0)), 0.2);
    EXPECT_LT(load.fifteen, load.five);
    EXPECT_LT(load.five, load.one);
}

TEST(Machine, PidsAreUniqueAndNamesShort)
{
    OneMachine lab;
    Process p;
    p.name = "a-very-long-process-name";
    const Pid a = lab.hosts.spawn(lab.engine, lab.id, p);
    const Pid b = lab.hosts.spawn(lab.engine, lab.id, p);
    EXPECT_NE(a, b);
    EXPECT_EQ(lab.machine().processes.at(a).name, "a-very-long-pro");
}

TEST(Machine, TwinRunsAreEqual)
{
    OneMachine a, b;
    a.hosts.signal(a.engine, a.net, a.id, a.unit("kubelet.service").mainPid, 9);
    b.hosts.signal(b.engine, b.net, b.id, b.unit("kubelet.service").mainPid, 9);
    a.run(60s);
    b.run(30s);
    b.run(30s);
    EXPECT_EQ(fingerprintOf(a.hosts), fingerprintOf(b.hosts));
    EXPECT_EQ(fingerprintOf(a.net), fingerprintOf(b.net));
}
