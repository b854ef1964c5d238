#include "tests/core/commands/command_lab.h"

#include "core/shell/commands/linux/linux_commands.h"

#include <gtest/gtest.h>

using test::CommandLab;

// Every command with odd words on broken machines: it may complain, it must not crash or hang.
TEST(Robustness, OddWordsOnBrokenMachines)
{
    core::shell::CommandTable table;
    core::shell::addLinuxCommands(table);
    const std::vector<std::string> words{"",         "-x",
                                         "--nope",   "-",
                                         "''",       "0",
                                         "-1",       "99999999999999999999",
                                         "a.b.c",    "/",
                                         "-n",       "/nope x y",
                                         "--help",   "status",
                                         "ps -a",    "-c 1 10.0.0.250",
                                         "-L -n -v", "route get 300.1.1.1",
                                         "'*'"};
    for (const std::string machine : {"worker-1", "gpu-1", "registry"}) {
        CommandLab lab(machine, "root");
        lab.run("systemctl stop containerd; rm -rf /etc/resolv.conf /etc/hosts /etc/containerd; ip link set "
                "eth0 down; iptables -P OUTPUT DROP");
        for (const std::string& name : table.names()) {
            if (name == "reboot" || name == "poweroff" || name == "halt" || name == "shutdown"
                || name == "top")
                continue;
            for (const std::string& word : words)
                lab.run(name + " " + word + " < /dev/null", std::chrono::seconds(2));
        }
        lab.run("kill -9 1; killall -9 systemd sshd kubelet; pkill -f .; reboot");
        for (const std::string& name : table.names())
            lab.run(name, std::chrono::seconds(1)); // on a machine that is off
    }
}
