#include "core/validation/system_name.h"

#include <gtest/gtest.h>

namespace core::validation {

namespace {

using namespace sim::training::collectives;

System named(std::string_view name, int nodes = 1, int gpus = 8)
{
    const auto system = systemNamed(name, nodes, gpus);
    EXPECT_TRUE(system) << name;
    return system ? *system : System{};
}

} // namespace

TEST(SystemName, OneMachineHasManyNames)
{
    const System h100 = standardSystem(NodeType::H100Sxm, 1, 8);
    for (const char* name : {"h100", "H100 SXM", "DGX H100", "HGX H100 8-GPU", "NVIDIA H100 80GB HBM3", "h100-sxm5"})
        EXPECT_EQ(named(name), h100) << name;
    EXPECT_EQ(named("DGX A100"), standardSystem(NodeType::A100Sxm, 1, 8));
    EXPECT_EQ(named("2\u00d7(8\u00d7H20), NVLS", 2), standardSystem(NodeType::H20, 2, 8));
    EXPECT_EQ(named("2x8 h20", 2), standardSystem(NodeType::H20, 2, 8));
    EXPECT_EQ(named("H800 8 GPU"), standardSystem(NodeType::H800, 1, 8));
    EXPECT_EQ(named("DGX B200"), standardSystem(NodeType::B200, 1, 8));
    EXPECT_EQ(named("GCP a3-ultragpu-8g"), standardSystem(NodeType::H200Sxm, 1, 8));
    EXPECT_EQ(named("a2-ultragpu-8g"), standardSystem(NodeType::A100Sxm, 1, 8));
    EXPECT_EQ(named("H100 SXM (NV18), PCIe Gen5"), h100);
}

TEST(SystemName, AzurePublishesRunsOfOneProcess)
{
    EXPECT_EQ(named("Azure ND H100 v5").gpusPerProcess, 8);
    EXPECT_EQ(named("azure nd a100 V4").gpusPerProcess, 8);
    EXPECT_EQ(named("Azure ND A100 v4", 2).gpusPerProcess, 1);
    EXPECT_EQ(named("H100").gpusPerProcess, 1);
}

TEST(SystemName, CardsAndPairsHaveTheirOwnLinks)
{
    EXPECT_EQ(named("H100 PCIe", 1, 2).nodes[0].fabric, GpuFabric::None);
    EXPECT_EQ(named("H100 PCIe NVLink pair", 1, 2).nodes[0].gpus[0].nvlinks, 6);
    EXPECT_EQ(named("A100 pair NV12", 1, 2).nodes[0].gpus[0].nvlinks, 12);
    EXPECT_EQ(named("H100 NVL", 1, 2).nodes[0].gpus[0].nvlinks, 12);
    EXPECT_EQ(named("A800 SXM").nodes[0].gpus[0].nvlinks, 8);
    EXPECT_EQ(named("A100 PCIe SYS", 1, 3).nodes[0].fabric, GpuFabric::None);
}

TEST(SystemName, PortsInTheNameReplaceTheStandard)
{
    const System hdr = named("A100 SXM4 40G, 3 nodes \u00d7 8, 4\u00d7HDR200/node", 3);
    ASSERT_EQ(hdr.nodes[0].nics.size(), 4u);
    EXPECT_EQ(hdr.nodes[0].nics[0].gigabytesPerSecond, 25);
    EXPECT_EQ(named("H100, 4 NICs", 2, 1).nodes[0].nics.size(), 4u);
    EXPECT_EQ(named("single NDR 400G NIC", 2, 1).nodes[0].nics.size(), 1u);
    EXPECT_EQ(named("single NDR 400G NIC", 2, 1).nodes[0].nics[0].gigabytesPerSecond, 50);
    EXPECT_EQ(named("AWS p5.48xlarge", 2).nodes[0].nics[0].kind, NetworkKind::Efa);
    EXPECT_EQ(named("H100 RoCE", 2).nodes[0].nics[0].kind, NetworkKind::Roce);
    EXPECT_TRUE(named("H100 over TCP", 2).nodes[0].nics.empty());
}

TEST(SystemName, AnUnknownOneIsToldWithTheKnown)
{
    const auto system = systemNamed("Cray-1", 1, 8);
    ASSERT_FALSE(system);
    EXPECT_NE(system.error().message.find("\"Cray-1\" names no known system"), std::string::npos);
    EXPECT_NE(system.error().message.find("H100"), std::string::npos);
    EXPECT_TRUE(systemNamed("GB200 NVL72", 1, 4));
    EXPECT_FALSE(systemNamed("GB200 NVL72", 18, 4));
}

} // namespace core::validation
