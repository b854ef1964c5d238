#include "core/session/script.h"
#include "tests/support/lab.h"

#include <fmt/format.h>

namespace {

using namespace std::chrono_literals;

/// A learner who breaks whatever is at hand, by the seed. Nothing may crash or hang the lab.
std::string vandal(sim::RandomStream& random, const sim::World& world)
{
    const auto pick = [&](const std::vector<std::string>& from) { return from[random.below(from.size())]; };
    std::vector<std::string> machines;
    for (const auto& machine : world.hosts().all())
        if (machine.role != "bastion")
            machines.push_back(machine.name);
    const std::string machine = pick(machines);
    switch (random.below(12)) {
    case 0: return "kubectl delete pod --all -n " + pick({"shop", "llm", "kube-system", "monitoring"}) + " --wait=false";
    case 1: return "kubectl delete deployment --all -n " + pick({"shop", "llm"}) + " --wait=false";
    case 2: return "kubectl delete " + pick({"svc", "secret", "configmap", "rs", "endpointslices", "sa", "ds", "events"}) + " --all -A --wait=false";
    case 3: return "kubectl delete namespace " + pick({"shop", "llm", "monitoring"}) + " --wait=false";
    case 4: return "kubectl delete node " + machine + " --wait=false";
    case 5: return "ssh " + machine + " reboot";
    case 6: return "ssh " + machine + " 'kill -9 $(pgrep " + pick({"kubelet", "containerd", "etcd", "kube-apiserver", "registry", "sshd", "checkout"}) + ")'";
    case 7: return "ssh " + machine + " fallocate -l 2000G /var/fill; ssh " + machine + " dd if=/dev/zero of=/var/fill2 bs=1M count=400000";
    case 8: return "ssh " + machine + " iptables -P INPUT DROP";
    case 9: return "ssh " + machine + " ip link set eth0 down";
    case 10: return "ssh " + machine + " rm -rf /etc /var/lib";
    default: return "ssh " + machine + " systemctl stop " + pick({"kubelet", "containerd", "registry", "dnsmasq", "ssh"});
    }
}

class Vandalism : public testing::TestWithParam<std::uint64_t> { };

TEST_P(Vandalism, NeverCrashesOrHangsTheLab)
{
    const std::uint64_t seed = GetParam();
    const std::vector<std::string> causes{"wrong-tag", "bad-pull-secret", "node-egress", "registry-down", "no-fault"};
    const auto session = tests::lab("image-pull-backoff", causes[seed % causes.size()], seed);
    const auto terminal = session->openTerminal();
    sim::RandomStream random(seed, "vandal");
    for (int i = 0; i < 14; ++i) {
        const std::string line = vandal(random, session->world());
        SCOPED_TRACE(fmt::format("faultctl play image-pull-backoff --seed {}: {}", seed, line));
        session->runLine(terminal, line, 2min);
        session->runFor(sim::Duration(static_cast<std::int64_t>(random.below(90)) * 1'000'000'000));
        (void)session->frame();
        (void)session->runLine(terminal, "kubectl get pods -A -o wide; kubectl get nodes; kubectl describe pod -A | tail -3", 2min);
    }
    session->runFor(10min);
    session->close();
    EXPECT_TRUE(session->frame().incident->grade.has_value());
}

INSTANTIATE_TEST_SUITE_P(Seeds, Vandalism, testing::Range<std::uint64_t>(1, 13));

} // namespace
