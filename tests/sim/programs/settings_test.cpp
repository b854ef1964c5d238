#include "sim/programs/settings.h"

#include <gtest/gtest.h>

namespace {

using namespace sim::programs;

Code java()
{
    Code code;
    code.language = Language::Java;
    return code;
}

sim::host::Machine machine()
{
    sim::host::Machine machine;
    machine.cpus = 8;
    machine.memoryBytes = 16LL << 30;
    return machine;
}

sim::host::Process process(std::vector<std::string> options)
{
    sim::host::Process process;
    process.command = {"/usr/bin/java"};
    process.command.insert(process.command.end(), options.begin(), options.end());
    process.command.insert(process.command.end(), {"-jar", "/opt/orders/current/orders.jar", "-Xmx1g"});
    process.cgroup = "/system.slice/orders.service";
    return process;
}

TEST(ProgramSettings, sizesAreReadAsTheRuntimesDo)
{
    EXPECT_EQ(sizeOf("512m"), 512LL << 20);
    EXPECT_EQ(sizeOf("2g"), 2LL << 30);
    EXPECT_EQ(sizeOf("400MiB"), 400LL << 20);
    EXPECT_EQ(sizeOf("1073741824"), 1LL << 30);
    EXPECT_EQ(sizeOf(""), 0);
}

TEST(ProgramSettings, aJvmTakesAQuarterOfWhatItThinksItHas)
{
    sim::host::Machine m = machine();
    EXPECT_EQ(settingsOf(java(), m, process({})).heapMaxBytes, 4LL << 30);
    m.cgroups["/system.slice/orders.service"].memoryMax = 1LL << 30;
    EXPECT_EQ(settingsOf(java(), m, process({})).heapMaxBytes, 256LL << 20);
    EXPECT_EQ(settingsOf(java(), m, process({"-XX:-UseContainerSupport"})).heapMaxBytes, 4LL << 30) << "it does not look at its control group";
    EXPECT_EQ(settingsOf(java(), m, process({"-XX:MaxRAMPercentage=75"})).heapMaxBytes, 768LL << 20);
    EXPECT_EQ(settingsOf(java(), m, process({"-Xmx300m"})).heapMaxBytes, 300LL << 20) << "what stands behind -jar is the program's";
}

TEST(ProgramSettings, aQuotaIsTheNumberOfProcessors)
{
    sim::host::Machine m = machine();
    m.cgroups["/system.slice"].cpuQuotaCores = 1.5;
    EXPECT_EQ(settingsOf(java(), m, process({})).processors, 2);
    EXPECT_EQ(settingsOf(java(), m, process({"-XX:ActiveProcessorCount=4"})).processors, 4);
    Code go;
    go.language = Language::Go;
    sim::host::Process started = process({});
    EXPECT_EQ(settingsOf(go, m, started).processors, 8) << "Go 1.22 knows nothing of quotas";
    started.environment = {{"GOMAXPROCS", "2"}, {"GOGC", "off"}, {"GOMEMLIMIT", "400MiB"}, {"GODEBUG", "gctrace=1"}};
    const Settings settings = settingsOf(go, m, started);
    EXPECT_EQ(settings.processors, 2);
    EXPECT_LT(settings.gcPercent, 0);
    EXPECT_EQ(settings.memoryLimitBytes, 400LL << 20);
    EXPECT_TRUE(settings.traces);
}

} // namespace
