#include "core/session/script.h"
#include "tests/support/lab.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

// A learner who breaks whatever is at hand, by the seed, in any incident and cause. Nothing may crash, hang or
// contradict itself, and the same deeds give the same world. FAULTLINE_SWARM=FIRST-LAST plays other seeds.
namespace {

using namespace std::chrono_literals;
using core::session::Session;

constexpr int kDeeds = 10;
constexpr const char* kStillThere = "echo alive; timeout 40 kubectl get pods -A -o wide | tail -2; timeout 40 kubectl get nodes | tail -1";

/// One destructive line after the other.
class Vandal {
public:
    Vandal(std::uint64_t seed, const Session& session) : m_random(seed, "vandal")
    {
        for (const auto& machine : session.world().hosts().all())
            if (machine.role != "bastion")
                m_machines.push_back(machine.name);
    }

    std::string line()
    {
        const std::string machine = pick(m_machines);
        const std::string folder = pick({"/etc", "/var/lib", "/usr", "/lib", "/var/lib/kubelet", "/var/lib/etcd",
                                         "/etc/kubernetes", "/var/lib/containerd", "/var/log", "/etc/hosts",
                                         "/var/lib/registry", "/tmp", "/run", "/proc", "/root"});
        const std::string unit = pick({"kubelet", "containerd", "registry", "dnsmasq", "ssh", "systemd-networkd",
                                       "systemd-journald", "dbus", "cron"});
        const auto on = [&](const std::string& command) { return "ssh " + machine + " " + command; };
        switch (m_random.below(22)) {
        case 0: return "kubectl delete " + pick(kinds()) + " --all -A --wait=false" + pick({"", " --force --grace-period=0"});
        case 1: return "kubectl delete namespace " + pick({"shop", "llm", "monitoring", "kube-system", "default"}) + " --wait=false";
        case 2: return "kubectl delete node " + machine + " --wait=false";
        case 3:
            return on("'for p in $(ps -eo pid= | awk \"NR%" + number(2, 7) + "==0\"); do kill -" + pick({"9", "15", "19", "11"})
                      + " $p; done'");
        case 4: return on("kill -9 " + number(1, 700));
        case 5:
            return on("'kill -9 $(pgrep " + pick({"kubelet", "containerd", "etcd", "kube-apiserver", "registry", "sshd", "checkout", "coredns"})
                      + ")'");
        case 6: return on("rm -rf " + folder);
        case 7: return on("rm -rf --no-preserve-root /");
        case 8: return on("fallocate -l " + number(100, 9000) + "G " + pick({"/var/fill", "/fill", "/tmp/fill", "/dev/shm/fill"}));
        case 9: return on("dd if=/dev/zero of=/var/lib/" + pick({"etcd", "kubelet", "containerd"}) + "/fill bs=1M count=9000000");
        case 10: return on(pick({"reboot", "poweroff", "halt", "systemctl reboot"}));
        case 11: return "ipmitool -H " + machine + "-bmc power " + pick({"off", "on", "cycle", "reset"});
        case 12: return on("'iptables -F; iptables -t nat -F; iptables -P " + pick({"INPUT", "OUTPUT", "FORWARD"}) + " DROP'");
        case 13: return on("ip link set " + pick({"eth0", "lo", "vxlan.calico"}) + " down");
        case 14:
            return on(pick({"ip route flush table main", "ip route del default", "ip addr flush dev eth0",
                            "ip route add blackhole 10.244.0.0/16"}));
        case 15: return on("systemctl " + pick({"stop", "mask", "disable", "restart", "kill"}) + " " + unit);
        case 16:
            return on("'for u in $(systemctl list-units --type=service --no-legend | cut -d\" \" -f3); do systemctl "
                      + pick({"stop", "mask"}) + " $u; done'");
        case 17: return on("chmod " + pick({"", "-R "}) + "000 " + folder);
        case 18:
            return on("'echo garbage > " + pick({"/etc/hosts", "/etc/resolv.conf", "/etc/kubernetes/manifests/etcd.yaml",
                                                 "/var/lib/kubelet/config.yaml", "/lib/systemd/system/kubelet.service",
                                                 "/etc/docker/registry/config.yml"})
                      + "; systemctl daemon-reload'");
        case 19: return on("'crictl rm -f $(crictl ps -q); crictl rmi --all'");
        case 20: return "kubectl scale deployment --all -n " + pick({"shop", "llm", "kube-system"}) + " --replicas=" + number(0, 40);
        default:
            return "kubectl exec -n shop deploy/" + pick({"checkout", "gateway", "postgres"}) + " -- "
                + pick({"kill -9 1", "rm -rf /etc /usr /var"});
        }
    }

    sim::Duration pause() { return std::chrono::seconds(m_random.below(150)); }

private:
    static std::vector<std::string> kinds()
    {
        return {"pods", "deployments", "replicasets", "daemonsets", "services", "secrets", "configmaps", "serviceaccounts", "endpoints",
                "endpointslices", "events", "leases", "nodes", "namespaces"};
    }
    std::string pick(const std::vector<std::string>& from) { return from[m_random.below(from.size())]; }
    std::string number(std::uint64_t low, std::uint64_t high) { return std::to_string(low + m_random.below(high - low + 1)); }

    sim::RandomStream m_random;
    std::vector<std::string> m_machines;
};

/// What must be true of a world whatever was done to it.
void expectConsistent(const sim::World& world)
{
    for (const auto& machine : world.hosts().all()) {
        for (const auto& mount : machine.mounts)
            EXPECT_TRUE(mount.sizeBytes == 0 || machine.usedBytes(mount) <= mount.sizeBytes) << machine.name << ":" << mount.path;
        const bool off = machine.power == sim::host::Machine::Power::Off;
        EXPECT_TRUE(!off || machine.processes.empty()) << machine.name << " is off";
        for (const auto& listener : world.network().stack(machine.stack).listeners)
            EXPECT_TRUE(listener.pid == 0 || machine.processes.count(listener.pid) > 0) << machine.name << " " << listener.program;
    }
    for (const auto& [id, container] : world.runtimes().containers()) {
        const bool runs = container.state == sim::container::Container::State::Running;
        EXPECT_TRUE(!runs || world.hosts().at(container.host).processes.count(container.pid) == 1) << container.podName << "/" << container.name;
    }
}

std::pair<std::uint64_t, std::uint64_t> seeds()
{
    std::uint64_t first = 1;
    std::uint64_t last = 6;
    if (const char* asked = std::getenv("FAULTLINE_SWARM")) {
        char* rest = nullptr;
        first = last = std::strtoull(asked, &rest, 10);
        if (*rest == '-')
            last = std::strtoull(rest + 1, nullptr, 10);
    }
    return {first, last + 1};
}

class Vandalism : public testing::TestWithParam<std::uint64_t> { };

TEST_P(Vandalism, NeverCrashesOrHangsTheLab)
{
    const std::uint64_t seed = GetParam();
    sim::RandomStream choice(seed, "vandal/incident");
    const auto& incidents = tests::library()->incidents;
    const auto& incident = incidents[choice.below(incidents.size())];
    const std::string cause = incident.causes[choice.below(incident.causes.size())].id;
    const auto session = tests::lab(incident.id, cause, seed);
    ASSERT_NE(session, nullptr);
    const auto terminal = session->openTerminal();
    Vandal vandal(seed, *session);
    std::string script;
    const auto replay = [&] {
        return fmt::format("FAULTLINE_SWARM={0} core_session_tests, or:\nfaultctl play {1} --cause {2} --seed {0} --script - <<'END'\n{3}END\n",
                           seed, incident.id, cause, script);
    };
    for (int i = 0; i < kDeeds; ++i) {
        const std::string line = vandal.line();
        const auto pause = vandal.pause();
        script += fmt::format("{}\n# advance {}s\n{}\n", line, std::chrono::duration_cast<std::chrono::seconds>(pause).count(), kStillThere);
        std::fputs(("[ deed     ] " + line + "\n").c_str(), stderr); // the last one before a crash
        session->runLine(terminal, line, 10min);
        session->runFor(pause);
        (void)session->frame();
        const auto answer = session->runLine(terminal, kStillThere, 10min);
        ASSERT_FALSE(answer.timedOut) << replay();
        ASSERT_EQ(answer.output.substr(0, 5), "alive") << replay();
        expectConsistent(session->world());
        ASSERT_FALSE(HasFailure()) << replay();
    }
    session->runFor(10min);
    session->close();
    EXPECT_TRUE(session->frame().incident->grade.has_value()) << replay();

    const auto file = session->saveReplay();
    const auto twin = Session::replay(tests::library(), file);
    ASSERT_TRUE(twin) << twin.error().text() << "\n" << replay();
    EXPECT_EQ((*twin)->fingerprint(), session->fingerprint()) << replay();
}

INSTANTIATE_TEST_SUITE_P(Seeds, Vandalism, testing::Range<std::uint64_t>(seeds().first, seeds().second));

} // namespace
