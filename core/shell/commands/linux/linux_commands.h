#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// The commands of a Debian 12 machine that ask or change the world: ssh, systemctl, journalctl, crictl,
/// curl, ip, iptables, ps and their kin.
void addLinuxCommands(CommandTable& table);

namespace node {
// One file per command, or per small family; linux_commands.cpp calls them all.
void addBridge(CommandTable& table);
void addCrictl(CommandTable& table);
void addCurl(CommandTable& table);
void addDf(CommandTable& table);          ///< df, du, lsblk, mount
void addDiskWriters(CommandTable& table); ///< dd, fallocate, truncate
void addDmesg(CommandTable& table);
void addFree(CommandTable& table);     ///< free, vmstat
void addIdentity(CommandTable& table); ///< hostname, uname, id, whoami, uptime, nproc
void addIostat(CommandTable& table);   ///< iostat, iotop
void addIp(CommandTable& table);
void addIptables(CommandTable& table);
void addJournalctl(CommandTable& table);
void addKill(CommandTable& table);      ///< kill, pkill, pgrep, killall
void addKubeadm(CommandTable& table);   ///< kubeconfig user
void addModes(CommandTable& table);     ///< chmod, chown, chgrp, stat
void addNameTools(CommandTable& table); ///< nslookup, dig, host, getent
void addNc(CommandTable& table);
void addNvidiaSmi(CommandTable& table);
void addOpenssl(CommandTable& table); ///< x509
void addPing(CommandTable& table);
void addPower(CommandTable& table); ///< reboot, poweroff, shutdown
void addPs(CommandTable& table);
void addSs(CommandTable& table);
void addSsh(CommandTable& table);
void addSudo(CommandTable& table);
void addSysctl(CommandTable& table);
void addSystemctl(CommandTable& table);
void addTop(CommandTable& table);
void addTraceroute(CommandTable& table);
void addWget(CommandTable& table);
} // namespace node

} // namespace core::shell
