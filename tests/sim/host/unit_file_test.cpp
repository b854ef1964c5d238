#include "sim/host/unit_file.h"

#include "tests/sim/host/one_machine.h"

#include <gtest/gtest.h>

using namespace sim;
using namespace sim::host;

TEST(UnitFile, Spans)
{
    EXPECT_EQ(parseSpan("100ms"), 100ms);
    EXPECT_EQ(parseSpan("1min 30s"), 90s);
    EXPECT_EQ(parseSpan("10"), 10s);
    EXPECT_FALSE(parseSpan("soon"));
    EXPECT_EQ(commandWords("a \"b c\" 'd'"), (std::vector<std::string>{"a", "b c", "d"}));
}

TEST(UnitFile, ReloadTakesDropInsAndNewUnits)
{
    OneMachine lab;
    EXPECT_FALSE(lab.hosts.needsDaemonReload(lab.id, "kubelet.service"));
    lab.run(1s);
    lab.hosts.makeDirectory(lab.engine, lab.id, "/etc/systemd/system/kubelet.service.d", true);
    lab.hosts.writeFile(lab.engine, lab.id, "/etc/systemd/system/kubelet.service.d/20-slow.conf",
                        "[Service]\nRestartSec=1min\n", false);
    lab.hosts.writeFile(lab.engine, lab.id, "/etc/systemd/system/hello.service",
                        "[Unit]\nDescription=Hello\n[Service]\nExecStart=/usr/bin/"
                        "hello\n[Install]\nWantedBy=multi-user.target\n",
                        false);
    EXPECT_TRUE(lab.hosts.needsDaemonReload(lab.id, "kubelet.service"));
    EXPECT_EQ(lab.machine().units.count("hello.service"), 0u);
    lab.hosts.daemonReload(lab.engine, lab.id);
    EXPECT_FALSE(lab.hosts.needsDaemonReload(lab.id, "kubelet.service"));
    EXPECT_EQ(lab.unit("kubelet.service").restartDelay, 60s);
    EXPECT_EQ(lab.unit("kubelet.service").command.front(), "/usr/bin/kubelet");
    EXPECT_EQ(lab.unit("kubelet.service").startLimitInterval, 0s);
    EXPECT_EQ(lab.unit("hello.service").description, "Hello");
    EXPECT_EQ(lab.hosts.enableUnit(lab.engine, lab.id, "hello.service", true),
              "Created symlink /etc/systemd/system/multi-user.target.wants/hello.service → "
              "/etc/systemd/system/hello.service.\n");
    lab.hosts.startUnit(lab.engine, lab.net, lab.id, "hello.service");
    lab.run(1s);
    EXPECT_EQ(lab.unit("hello.service").state, Unit::State::Failed); // no /usr/bin/hello
}

TEST(UnitFile, EveryStandardUnitParses)
{
    for (const StandardUnit& unit : standardUnits()) {
        Machine machine;
        installUnit(machine, unit, Instant{});
        EXPECT_FALSE(machine.units.at(unit.name).command.empty()) << unit.name;
        EXPECT_FALSE(machine.units.at(unit.name).description.empty()) << unit.name;
    }
}
