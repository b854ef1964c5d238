#include "core/session/host_detail.h"
#include "sim/world/world.h"
#include "tests/support/content.h"
#include "tests/support/lab.h"

#include <algorithm>
#include <cmath>

namespace {

using namespace std::chrono_literals;
using core::session::FlameKind;
using core::session::HostInterest;

/// A healthy lab over one of the topologies, with a terminal.
struct HostLab {
    std::unique_ptr<core::session::Session> session;
    core::session::TerminalId terminal = 0;

    explicit HostLab(const std::string& topology)
    {
        core::session::StartRequest request;
        request.topology = topology;
        auto started = core::session::Session::start(tests::library(), request);
        EXPECT_TRUE(started) << (started ? "" : started.error().text());
        session = std::move(*started);
        terminal = session->openTerminal();
    }
    const sim::World& world() const { return session->world(); }
    const sim::host::Machine& machine(const std::string& name) const { return *world().machine(name); }
    std::string run(const std::string& line) { return session->runLine(terminal, line).output; }
};

bool contains(const std::vector<std::string>& all, const std::string& one)
{
    return std::count(all.begin(), all.end(), one) > 0;
}

TEST(HostDetail, AMachineIsToldAsItsToolsTellIt)
{
    HostLab lab("hosts");
    const auto detail = core::session::machineOf(lab.world(), lab.machine("app-1"));
    EXPECT_EQ(detail.processes.size(), lab.machine("app-1").processes.size());
    const auto& m = detail.memory;
    EXPECT_EQ(m.used + m.cache + m.slab + m.free, m.total);
    EXPECT_NEAR(detail.cpu.user + detail.cpu.nice + detail.cpu.system + detail.cpu.wait + detail.cpu.idle, 100, 0.01);
    EXPECT_TRUE(std::any_of(detail.sockets.begin(), detail.sockets.end(),
                            [](const auto& s) { return s.state == "LISTEN" && s.local == "0.0.0.0:8080"; }));
    EXPECT_TRUE(contains(detail.processesRead.reads, "host/app-1"));
    EXPECT_TRUE(contains(detail.kernelRead.reads, "journal/app-1"));
    // Line for line what the shell prints of the root filesystem.
    const std::string df = lab.run("ssh app-1 df -h /");
    const std::string line = df.substr(df.find("/dev/"), df.find('\n', df.find("/dev/")) - df.find("/dev/"));
    EXPECT_NE(detail.disksRead.text.find(line.substr(line.rfind('%') - 2, 3)), std::string::npos)
        << line << "\n"
        << detail.disksRead.text;
}

TEST(HostDetail, OnlyWhatIsAskedForIsBuilt)
{
    HostLab lab("hosts");
    core::session::HostDetailer detailer;
    EXPECT_EQ(detailer.look(lab.world(), {}, true), nullptr);
    HostInterest interest;
    interest.machine = true;
    auto detail = detailer.look(lab.world(), interest, true);
    ASSERT_NE(detail, nullptr);
    EXPECT_FALSE(detail->machine); // nobody has chosen one
    EXPECT_TRUE(contains(detail->machines, "db-1"));
    EXPECT_FALSE(contains(detail->machines, "pay")) << "nobody logs in to somebody else's machine";
    interest.host = "db-1";
    detail = detailer.look(lab.world(), interest, true);
    EXPECT_TRUE(detail->machine && !detail->boot && !detail->groups);
    lab.session->runFor(100ms);
    EXPECT_EQ(detailer.look(lab.world(), interest, false), detail) << "figures that tremble cannot be read";
    interest.host = "pay";
    EXPECT_FALSE(detailer.look(lab.world(), interest, true)->machine);
}

TEST(HostDetail, AMachineThatIsOffHasOnlyItsBoot)
{
    HostLab lab("hosts");
    lab.run("ssh app-2 sudo poweroff");
    lab.session->runFor(60s);
    HostInterest interest;
    interest.host = "app-2";
    interest.machine = interest.boot = true;
    const auto detail = core::session::HostDetailer().look(lab.world(), interest, true);
    EXPECT_FALSE(detail->answers);
    EXPECT_FALSE(detail->machine);
    ASSERT_TRUE(detail->boot);
    EXPECT_EQ(detail->boot->stage, "off");
}

TEST(HostDetail, ABootHasItsPhasesAndItsChain)
{
    HostLab lab("hosts");
    const auto boot = core::session::bootOf(lab.world(), lab.machine("db-1"));
    EXPECT_EQ(boot.stage, "running");
    const auto bar = [&](const std::string& name) {
        return std::find_if(boot.bars.begin(), boot.bars.end(), [&](const auto& b) { return b.name == name; });
    };
    ASSERT_NE(bar("firmware"), boot.bars.end());
    EXPECT_TRUE(bar("firmware")->phase);
    ASSERT_NE(bar("postgresql.service"), boot.bars.end());
    EXPECT_TRUE(std::any_of(boot.bars.begin(), boot.bars.end(), [](const auto& b) { return b.critical; }));
    EXPECT_NEAR(boot.firmwareSeconds + boot.loaderSeconds + boot.kernelSeconds + boot.userspaceSeconds,
                sim::toSeconds(boot.finished - boot.began), 0.01);
    EXPECT_TRUE(contains(boot.read.reads, "unit/db-1/*"));
    const std::string chain = lab.run("ssh db-1 systemd-analyze critical-chain");
    for (const auto& one : boot.bars) {
        if (one.critical)
            EXPECT_NE(chain.find(one.name), std::string::npos) << one.name;
    }
}

TEST(HostDetail, AFailedUnitIsNamed)
{
    HostLab lab("hosts");
    lab.run("ssh lb-1 sudo chmod -x /usr/sbin/nginx");
    lab.run("ssh lb-1 sudo systemctl restart nginx");
    lab.session->runFor(60s);
    const auto boot = core::session::bootOf(lab.world(), lab.machine("lb-1"));
    EXPECT_TRUE(contains(boot.failed, "nginx.service"));
    EXPECT_NE(boot.read.text.find("Active: failed"), std::string::npos);
}

TEST(HostDetail, AProfileIsWhatTheMachineGrants)
{
    HostLab lab("programs");
    HostInterest interest;
    const auto cpu = core::session::flamesOf(lab.world(), lab.machine("code-1"), interest);
    ASSERT_FALSE(cpu.programs.empty());
    for (const auto& program : cpu.programs) {
        interest.pid = program.pid;
        const auto flames = core::session::flamesOf(lab.world(), lab.machine("code-1"), interest);
        double samples = 0;
        for (const auto& stack : flames.stacks)
            samples += stack.value;
        const double granted = lab.machine("code-1").processes.at(program.pid).cpuGranted;
        EXPECT_NEAR(samples, granted * 30 * 99, std::max(3.0, granted * 30 * 99 * 0.02)) << program.name;
        EXPECT_TRUE(contains(flames.read.reads, "host/code-1"));
    }
    interest.flame = FlameKind::Allocations;
    EXPECT_FALSE(core::session::flamesOf(lab.world(), lab.machine("code-1"), interest).stacks.empty());
    interest.flame = FlameKind::Waiting;
    EXPECT_FALSE(core::session::flamesOf(lab.world(), lab.machine("code-1"), interest).stacks.empty());
    EXPECT_TRUE(core::session::flamesOf(lab.world(), lab.machine("bastion"), interest).programs.empty());
}

TEST(HostDetail, TheRuleThatDropsIsNamed)
{
    HostLab lab("hosts");
    HostInterest interest;
    interest.to = "203.0.113.10";
    interest.port = 443;
    auto hooks = core::session::hooksOf(lab.world(), lab.machine("app-1"), interest);
    EXPECT_TRUE(hooks.delivered) << hooks.verdict << hooks.stoppedBy;
    ASSERT_GE(hooks.places.size(), 2u);
    EXPECT_EQ(hooks.places.front().name, "app-1");
    EXPECT_TRUE(hooks.places.back().closed) << "the provider's kernel is not ours to look into";
    lab.run("ssh gw-1 sudo iptables -A FORWARD -d 203.0.113.10 -p tcp --dport 443 -j DROP");
    hooks = core::session::hooksOf(lab.world(), lab.machine("app-1"), interest);
    EXPECT_FALSE(hooks.delivered);
    const auto& last = hooks.places.back().steps.back();
    EXPECT_TRUE(last.stopped);
    EXPECT_EQ(last.hook, "forward");
    EXPECT_NE(last.ruleText.find("-d 203.0.113.10/32 -p tcp -m tcp --dport 443 -j DROP"), std::string::npos)
        << last.ruleText;
    EXPECT_TRUE(contains(hooks.read.reads, "firewall/gw-1"));
    // What happens on the provider's side shows as no answer only.
    EXPECT_FALSE(contains(hooks.read.reads, "firewall/pay"));
}

TEST(HostDetail, LayersAddUp)
{
    HostLab lab("docker");
    const auto images = core::session::imagesOf(lab.world(), lab.machine("docker-1"), {});
    EXPECT_EQ(images.store, core::session::ImagesDetail::Store::Docker);
    ASSERT_FALSE(images.chosen.empty());
    std::int64_t sum = 0;
    for (const auto& layer : images.layers)
        sum += layer.bytes;
    const auto head = std::find_if(images.images.begin(), images.images.end(),
                                   [&](const auto& i) { return i.reference == images.chosen; });
    EXPECT_EQ(sum, head->bytes);
    EXPECT_GE(head->bytes, head->ownBytes);
    EXPECT_TRUE(contains(images.read.reads, "image/docker-1"));
    EXPECT_EQ(core::session::imagesOf(lab.world(), lab.machine("bastion"), {}).store,
              core::session::ImagesDetail::Store::None);
}

TEST(HostDetail, GroupsTellContainersByName)
{
    HostLab lab("docker");
    const auto groups = core::session::groupsOf(lab.world(), lab.machine("docker-1"));
    const auto scope = std::find_if(groups.groups.begin(), groups.groups.end(),
                                    [](const auto& g) { return g.path.find("/docker-") != std::string::npos; });
    ASSERT_NE(scope, groups.groups.end());
    EXPECT_EQ(scope->label.find("docker-"), std::string::npos) << scope->label;
    EXPECT_EQ(groups.groups[static_cast<std::size_t>(scope->parent)].path, "/system.slice");
    ASSERT_FALSE(groups.namespaces.empty());
    EXPECT_TRUE(groups.namespaces.front().initial);
    EXPECT_TRUE(contains(groups.namespaces.front().sharedBy, "docker.service"));
}

} // namespace
