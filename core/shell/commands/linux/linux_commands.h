#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// The commands of a Debian 12 machine that ask or change the world: ssh, systemctl, journalctl, crictl,
/// curl, ip, iptables, ps and their kin.
void addLinuxCommands(CommandTable& table);

namespace node {
// One file per command, or per small family; linux_commands.cpp calls them all.
void addAccounts(CommandTable& table); ///< useradd, usermod, passwd, groups, visudo and their kin
void addBoot(CommandTable& table);     ///< update-grub, systemd-analyze, lsmod, lscpu
void addBridge(CommandTable& table);
void addConntrack(CommandTable& table);
void addCrontab(CommandTable& table);
/// mv, cp, ln, rm, truncate, chattr on machines, through the world's own commands; in containers those of `plain`.
void addFileMoves(CommandTable& table, const CommandTable& plain);
void addFilesystems(CommandTable& table); ///< mount, umount, findmnt, blkid, swapon, swapoff, mkswap
void addLimits(CommandTable& table);      ///< prlimit, renice, nice, lsns, nsenter, stress-ng
void addOpenFiles(CommandTable& table);   ///< lsof, fuser
void addMpstat(CommandTable& table);
void addPidstat(CommandTable& table);
void addSessions(CommandTable& table);    ///< w, who, last
void addSlabtop(CommandTable& table);
void addSystemdTools(CommandTable& table); ///< systemd-cgls, systemd-cgtop, timedatectl, hostnamectl
void addCrictl(CommandTable& table);
void addCurl(CommandTable& table);
void addDf(CommandTable& table);          ///< df, du
void addDiskWriters(CommandTable& table); ///< dd, fallocate
void addDmesg(CommandTable& table);
void addFirewallCmd(CommandTable& table);
void addEthtool(CommandTable& table);      ///< ethtool, brctl
void addFree(CommandTable& table);
void addIdentity(CommandTable& table); ///< hostname, uname, id, whoami, uptime, nproc
void addIostat(CommandTable& table);   ///< iostat, iotop
void addIp(CommandTable& table);
void addIptables(CommandTable& table); ///< iptables, iptables-save, iptables-restore
void addJournalctl(CommandTable& table);
void addKill(CommandTable& table);      ///< kill, pkill, pgrep, killall
void addKubeadm(CommandTable& table);   ///< kubeconfig user
void addLogger(CommandTable& table);
void addInstall(CommandTable& table);
void addModes(CommandTable& table, const CommandTable& plain); ///< chmod, chown, chgrp, stat; mkdir -m over that of `plain`
void addNameTools(CommandTable& table); ///< nslookup, dig, host, getent
void addNc(CommandTable& table);
void addNft(CommandTable& table);
void addNetstat(CommandTable& table);      ///< netstat, route, arp, nstat
void addOpenssl(CommandTable& table); ///< x509
void addPing(CommandTable& table);
void addPower(CommandTable& table); ///< reboot, poweroff, shutdown
void addPs(CommandTable& table);
void addSs(CommandTable& table);
void addSsh(CommandTable& table);
void addSudo(CommandTable& table);
void addSysctl(CommandTable& table);
void addTracepath(CommandTable& table);    ///< tracepath, mtr
void addTelnet(CommandTable& table);
void addTcpdump(CommandTable& table);
void addSystemctl(CommandTable& table);
void addTop(CommandTable& table);
void addTraceroute(CommandTable& table);
void addVmstat(CommandTable& table);
void addWget(CommandTable& table);
} // namespace node

} // namespace core::shell
