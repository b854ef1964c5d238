#include "tests/core/commands/command_lab.h"

#include <gtest/gtest.h>

#include <algorithm>

using core::shell::Errno;
using core::shell::Place;
using test::CommandLab;

namespace {

class Door final : public core::shell::Door {
public:
    explicit Door(sim::World& world) : m_world(world) { }
    const sim::World& world() const override { return m_world; }
    sim::CommandResult apply(const sim::Command& command) override { return m_world.apply(command); }

private:
    sim::World& m_world;
};

} // namespace

TEST(Places, FilesOfMachines)
{
    CommandLab lab;
    Door door(lab.world);
    core::shell::WorldSystem system(door);
    Place root{lab.world.machine("worker-1")->id, std::nullopt, "root"};
    Place ops{root.host, std::nullopt, "ops"};
    EXPECT_EQ(system.readFile(root, "/etc/hostname").text, "worker-1\n");
    EXPECT_EQ(system.readFile(ops, "/etc/kubernetes/kubelet.conf").error, Errno::AccessDenied);
    EXPECT_EQ(system.readFile(root, "/etc").error, Errno::IsDirectory);
    EXPECT_EQ(system.writeFile(ops, "/etc/x", "x", false), Errno::AccessDenied);
    EXPECT_EQ(system.writeFile(ops, "/home/ops/x", "x", false), Errno::None);
    EXPECT_EQ(system.stat(ops, "/home/ops/x")->owner, "ops");
    EXPECT_EQ(system.writeFile(root, "/etc/none/x", "x", false), Errno::NoEntry);
    EXPECT_EQ(system.makeDirectory(root, "/etc/none"), Errno::None);
    EXPECT_EQ(system.makeDirectory(root, "/etc/none"), Errno::Exists);
    EXPECT_EQ(system.writeFile(root, "/etc/none/x", "x", false), Errno::None);
    EXPECT_EQ(system.removeFile(root, "/etc/none"), Errno::NotEmpty);
    EXPECT_EQ(system.removeFile(root, "/etc/none/x"), Errno::None);
    EXPECT_EQ(system.removeFile(root, "/etc/none"), Errno::None);
    EXPECT_FALSE(system.list(root, "/etc/none"));
    EXPECT_TRUE(system.hasCommand(root, "crictl"));
    EXPECT_FALSE(system.hasCommand(root, "kubectl"));
    EXPECT_FALSE(system.hasCommand(root, "nvidia-smi"));
    EXPECT_TRUE(system.hasCommand({lab.world.machine("gpu-1")->id, std::nullopt, "root"}, "nvidia-smi"));
}

TEST(Places, FilesOfContainers)
{
    CommandLab lab;
    Door door(lab.world);
    core::shell::WorldSystem system(door);
    const sim::container::Container* found = nullptr;
    const sim::container::Container* pause = nullptr;
    for (const auto& [id, c] : lab.world.runtimes().containers()) {
        if (!c.sandbox && c.state == sim::container::Container::State::Running && c.podNamespace == "shop")
            found = &c;
        if (c.sandbox)
            pause = &c;
    }
    ASSERT_NE(found, nullptr);
    const Place place{found->host, found->id, "root"};
    EXPECT_EQ(system.hostName(place), found->podName);
    EXPECT_NE(system.readFile(place, "/etc/resolv.conf").text.find("nameserver"), std::string::npos);
    EXPECT_EQ(system.readFile(place, "/nope").error, Errno::NoEntry);
    EXPECT_EQ(system.writeFile(place, "/tmp/x", "hello", false), Errno::None);
    EXPECT_EQ(system.readFile(place, "/tmp/x").text, "hello");
    EXPECT_EQ(system.removeFile(place, "/tmp/x"), Errno::None);
    const auto root = system.list(place, "/");
    ASSERT_TRUE(root);
    EXPECT_TRUE(std::is_sorted(root->begin(), root->end(),
                               [](const auto& a, const auto& b) { return a.name < b.name; }));
    EXPECT_TRUE(system.hasCommand(place, "curl"));
    EXPECT_FALSE(system.hasCommand(place, "systemctl"));
    EXPECT_FALSE(system.hasCommand({pause->host, pause->id, "root"}, "sh"));
}

TEST(Places, DevicesOfAGpuNodeAndOfAContainerThatHoldsSome)
{
    CommandLab lab;
    Door door(lab.world);
    core::shell::WorldSystem system(door);
    const sim::gpu::Gpu* held = nullptr;
    for (const sim::gpu::Gpu& gpu : lab.world.gpus().all())
        if (gpu.owner.valid())
            held = &gpu;
    ASSERT_NE(held, nullptr);
    const std::string number = std::to_string(held->index);
    const Place root{held->host, std::nullopt, "root"};
    const std::string width = "/sys/bus/pci/devices/" + held->pciAddress() + "/current_link_width";
    EXPECT_EQ(system.readFile(root, width).text, "16\n");
    EXPECT_EQ(system.readFile(root, "/proc/driver/nvidia").error, Errno::IsDirectory);
    EXPECT_EQ(system.stat(root, "/dev/nvidia" + number)->type, core::shell::FileStat::Type::Device);
    EXPECT_EQ(system.readFile({lab.world.machine("worker-1")->id, std::nullopt, "root"}, width).error, Errno::NoEntry);
    EXPECT_FALSE(system.list({lab.world.machine("worker-1")->id, std::nullopt, "root"}, "/proc/driver/nvidia"));

    const Place inside{held->host, held->owner, "root"};
    EXPECT_TRUE(system.hasCommand(inside, "nvidia-smi"));
    EXPECT_EQ(system.stat(inside, "/dev/nvidia" + number)->type, core::shell::FileStat::Type::Device);
    EXPECT_FALSE(system.stat(inside, "/dev/nvidia7"));
    for (const auto& [id, container] : lab.world.runtimes().containers())
        if (!container.sandbox && container.podNamespace == "shop")
            EXPECT_FALSE(system.hasCommand({container.host, id, "root"}, "nvidia-smi"));
}
