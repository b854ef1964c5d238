#include "tests/sim/host/one_machine.h"

#include "sim/host/paths.h"

#include <gtest/gtest.h>

using namespace sim;
using namespace sim::host;

TEST(Files, WriteReadRemove)
{
    OneMachine lab;
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/tmp/a", "one\n", false), FileError::None);
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/tmp/a", "two\n", true), FileError::None);
    EXPECT_EQ(lab.hosts.read(lab.id, "/tmp/a", lab.engine.now())->content, "one\ntwo\n");
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/none/a", "x", false), FileError::NoEntry);
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/tmp/a/b", "x", false), FileError::NotDirectory);
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/tmp", "x", false), FileError::IsDirectory);
    EXPECT_EQ(lab.hosts.makeDirectory(lab.engine, lab.id, "/tmp/x/y", false), FileError::NoEntry);
    EXPECT_EQ(lab.hosts.makeDirectory(lab.engine, lab.id, "/tmp/x/y", true), FileError::None);
    EXPECT_EQ(lab.hosts.remove(lab.engine, lab.id, "/tmp/x"), FileError::NotEmpty);
    EXPECT_EQ(lab.hosts.remove(lab.engine, lab.id, "/tmp/x", true), FileError::None);
    EXPECT_EQ(lab.hosts.remove(lab.engine, lab.id, "/tmp/x"), FileError::NoEntry);
    EXPECT_EQ(lab.hosts.changeMode(lab.id, "/tmp/a", 0600, "ops:ops"), FileError::None);
    EXPECT_EQ(lab.hosts.read(lab.id, "/tmp/a", lab.engine.now())->owner, "ops");
}

TEST(Files, FollowsLinks)
{
    OneMachine lab;
    EXPECT_EQ(resolvePath(lab.machine(), "/bin/../bin/kubelet"), "/usr/bin/kubelet");
    EXPECT_TRUE(lab.hosts.read(lab.id, "/bin/kubelet", lab.engine.now()));
    EXPECT_EQ(lab.hosts.inspect(lab.id, "/bin", lab.engine.now())->type, File::Type::Symlink);
    lab.machine().files["/tmp/loop"] = std::make_shared<File>(
        File{File::Type::Symlink, 0777, "root", "root", "loop", 0, {}});
    EXPECT_FALSE(lab.hosts.read(lab.id, "/tmp/loop/x", lab.engine.now()));
    const auto names = lab.hosts.list(lab.id, "/etc/kubernetes", lab.engine.now());
    ASSERT_TRUE(names);
    EXPECT_EQ(*names, (std::vector<std::string>{"kubelet.conf", "manifests", "pki"}));
}

TEST(Files, FullDisksRefuse)
{
    OneMachine lab;
    const Mount& root = lab.machine().mountOf("/var/log/x");
    EXPECT_EQ(root.path, "/");
    const std::int64_t left = root.sizeBytes - lab.machine().usedBytes(root);
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/var/log/big", "", false, 0644, left + 1),
              FileError::NoSpace);
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/var/log/big", "", false, 0644, left - 8192),
              FileError::None);
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/var/log/more", std::string(20000, 'x'), false),
              FileError::NoSpace);
    EXPECT_EQ(lab.hosts.remove(lab.engine, lab.id, "/var/log/big"), FileError::None);
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/var/log/more", std::string(20000, 'x'), false),
              FileError::None);
    for (Mount& mount : lab.machine().mounts)
        if (mount.path == "/")
            mount.baseUsedInodes = mount.inodes;
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/var/log/inode", "", false), FileError::NoSpace);
}

TEST(Files, ProcIsMadeUpFromState)
{
    OneMachine lab;
    const auto text = [&](const char* path) {
        const auto file = lab.hosts.read(lab.id, path, lab.engine.now());
        return file ? file->content : std::string("none");
    };
    EXPECT_NE(text("/proc/meminfo").find("MemTotal:       33554432 kB"), std::string::npos)
        << text("/proc/meminfo");
    EXPECT_EQ(text("/proc/1/comm"), "systemd\n");
    EXPECT_EQ(text("/proc/sys/net/ipv4/ip_forward"), "1\n");
    EXPECT_NE(text("/proc/mounts").find("/dev/nvme0n1p2 / ext4 rw"), std::string::npos);
    EXPECT_EQ(text("/proc/nonsense"), "none");
    EXPECT_TRUE(lab.hosts.list(lab.id, "/proc", lab.engine.now()));
    EXPECT_EQ(lab.hosts.writeFile(lab.engine, lab.id, "/proc/sys/net/ipv4/ip_forward", "0\n", false),
              FileError::None);
    lab.hosts.applySysctls(lab.engine, lab.net, lab.id);
    EXPECT_FALSE(lab.net.stack(lab.machine().stack).forwarding);
    EXPECT_FALSE(lab.hosts.setSysctl(lab.engine, lab.net, lab.id, "net.nope", "1"));
}
