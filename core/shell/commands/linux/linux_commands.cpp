#include "core/shell/commands/linux/linux_commands.h"

#include "core/shell/commands/linux/here.h"

namespace core::shell {

namespace {

/// On a machine that went down under the shell nothing runs any more: the connection breaks.
void guard(CommandTable& all, CommandTable& own)
{
    for (const std::string& name : own.names()) {
        CommandSpec spec = *own.find(name);
        const auto run = spec.run;
        spec.run = [run](Invocation& inv) {
            if (!node::alive(inv)) {
                if (inv.place().console)
                    return 255; // the shell went with the machine; what the console shows now is ipmitool's
                inv.err().write("client_loop: send disconnect: Broken pipe\n");
                return 255;
            }
            return run(inv);
        };
        all.add(std::move(spec));
    }
}

} // namespace

void addLinuxCommands(CommandTable& table)
{
    CommandTable own;
    node::addAccounts(own);
    node::addBoot(own);
    node::addCrontab(own);
    node::addFileMoves(own, table);
    node::addFilesystems(own);
    node::addLimits(own);
    node::addOpenFiles(own);
    node::addMpstat(own);
    node::addPidstat(own);
    node::addSessions(own);
    node::addSlabtop(own);
    node::addSystemdTools(own);
    node::addBridge(own);
    node::addTracepath(own);
    node::addTelnet(own);
    node::addTcpdump(own);
    node::addNft(own);
    node::addNetstat(own);
    node::addFirewallCmd(own);
    node::addEthtool(own);
    node::addConntrack(own);
    node::addCrictl(own);
    node::addCurl(own);
    node::addDf(own);
    node::addDiskWriters(own);
    node::addDmesg(own);
    node::addFree(own);
    node::addIdentity(own);
    node::addInstall(own);
    node::addIostat(own);
    node::addIp(own);
    node::addIptables(own);
    node::addJournalctl(own);
    node::addKill(own);
    node::addKubeadm(own);
    node::addLogger(own);
    node::addModes(own, table);
    node::addNameTools(own);
    node::addNc(own);
    node::addOpenssl(own);
    node::addPing(own);
    node::addPower(own);
    node::addPs(own);
    node::addSs(own);
    node::addSsh(own);
    node::addSudo(own);
    node::addSysctl(own);
    node::addSystemctl(own);
    node::addTop(own);
    node::addTraceroute(own);
    node::addVmstat(own);
    node::addWget(own);
    guard(table, own);
}

} // namespace core::shell
