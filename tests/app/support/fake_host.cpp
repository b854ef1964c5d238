#include "tests/app/support/fake_host.h"

#include "tests/app/support/fake_world.h"

namespace app::desktop::testing {

namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kMebi = 1 << 20;
constexpr std::int64_t kGibi = 1 << 30;

core::session::ProcessDetail process(std::int64_t pid, std::int64_t parent, const char* name, double percent,
                                     std::int64_t resident, char state = 'S')
{
    core::session::ProcessDetail one;
    one.pid = pid;
    one.parent = parent;
    one.user = pid < 100 ? "root" : "orders";
    one.state = state;
    one.cpuPercent = percent;
    one.residentBytes = resident;
    one.name = name;
    one.command = state == 'Z' ? std::string("[") + name + "] <defunct>" : std::string("/opt/") + name;
    return one;
}

core::session::Reading reading(const char* what, std::vector<std::string> reads, const char* shape = "as it is")
{
    return {what, std::string("text of ") + what, std::move(reads), shape};
}

core::session::FilesystemDetail filesystem(const char* path, std::int64_t bytes, std::int64_t used, std::int64_t inodes,
                                           std::int64_t usedInodes)
{
    core::session::FilesystemDetail one;
    one.device = "/dev/nvme0n1p2";
    one.type = "ext4";
    one.path = path;
    one.bytes = bytes;
    one.usedBytes = used;
    one.freeBytes = bytes - used;
    one.inodes = inodes;
    one.usedInodes = usedInodes;
    one.physical = true;
    return one;
}

core::session::BootBar bootBar(const char* name, sim::Instant from, sim::Duration begin, sim::Duration length,
                               bool critical, std::vector<int> after = {})
{
    core::session::BootBar one;
    one.name = name;
    one.begin = from + begin;
    one.end = one.begin + length;
    one.phase = one.name.find('.') == std::string::npos;
    one.critical = critical;
    one.after = std::move(after);
    return one;
}

} // namespace

std::shared_ptr<const core::session::MachineDetail> sketchMachine()
{
    auto detail = std::make_shared<core::session::MachineDetail>();
    detail->role = "server";
    detail->cpu = {8, 22, 0, 4, 31, 43, 6.4, 4.2, 2.1, 3, 4};
    detail->memory = {16 * kGibi, 12 * kGibi, 2 * kGibi, kGibi, kGibi, 900 * kMebi, 4 * kGibi, 2 * kGibi, 1};
    detail->ioPressure = {44, 30, 21, 12};
    detail->processes = {process(1, 0, "systemd", 0.1, 12 * kMebi), process(80, 1, "sshd", 0, 8 * kMebi),
                         process(900, 1, "orders", 180, 9 * kGibi), process(901, 900, "orders-worker", 12, kGibi, 'D'),
                         process(950, 900, "hook", 0, 0, 'Z')};
    core::session::ProcessDetail thread = process(2, 0, "kthreadd", 0, 0);
    thread.kernelThread = true;
    thread.command = "[kthreadd]";
    detail->processes.insert(detail->processes.begin() + 1, thread);
    detail->disk = {"nvme0n1", 0.93, 4.2, 12, 310, 2.0 * kMebi, 40.0 * kMebi, 3.1, 18, 31};
    detail->filesystems = {filesystem("/", 60 * kGibi, 58 * kGibi, 4'000'000, 90'000),
                           filesystem("/var", 40 * kGibi, 4 * kGibi, 40'960, 40'950)};
    detail->sockets = {{"LISTEN", "orders", "0.0.0.0:8080", "", 1, 129, 128, 0},
                       {"ESTAB", "orders", "10.1.0.21", "10.1.0.41:5432", 20, 0, 0, 0},
                       {"CLOSE-WAIT", "orders", "10.1.0.21", "203.0.113.10:443", 48, 48, 0, 0},
                       {"SYN-SENT", "orders", "10.1.0.21", "203.0.113.11:443", 3, 0, 3, 4}};
    const sim::Instant now = sketchWorld()->now;
    detail->kernelLog = {{now - 90s, 6, "eth0: Link is Up"},
                         {now - 30s, 3, "Out of memory: Killed process 870 (java)"}};
    detail->figuresRead = reading("machine", {"host/app-1", "file/app-1/proc/pressure/io"});
    detail->processesRead = reading("processes", {"host/app-1"});
    detail->disksRead = reading("disks", {"host/app-1"});
    detail->socketsRead = reading("sockets", {"host/app-1"});
    detail->kernelRead = reading("kernel log", {"journal/app-1"});
    return detail;
}

std::shared_ptr<const core::session::GroupsDetail> sketchGroups()
{
    auto detail = std::make_shared<core::session::GroupsDetail>();
    detail->groups = {{"/", "/", -1, 40, 2.4},
                      {"/system.slice", "system.slice", 0, 30, 2.1},
                      {"/system.slice/docker-4f.scope", "web", 1, 6, 0.4, 0, 100, 0, 0, 250 * kMebi, 256 * kMebi},
                      {"/system.slice/orders.service", "orders.service", 1, 20, 1.5, 1.5, 100, 0.62, 140, 9 * kGibi},
                      {"/user.slice", "user.slice", 0, 2, 0}};
    detail->groups[2].oomKills = 2;
    detail->namespaces = {{"net", 4026531840, true, 38, {"systemd", "orders.service"}},
                          {"net", 4026532600, false, 2, {"web"}},
                          {"pid", 4026531836, true, 40, {"systemd"}}};
    detail->groupsRead = reading("control groups",
                                 {"host/app-1", "file/app-1/sys/fs/cgroup/system.slice/orders.service/cpu.stat"});
    detail->namespacesRead = reading("namespaces", {"host/app-1"});
    return detail;
}

std::shared_ptr<const core::session::ImagesDetail> sketchImages()
{
    auto detail = std::make_shared<core::session::ImagesDetail>();
    detail->store = core::session::ImagesDetail::Store::Docker;
    detail->images = {{"docker.io/library/nginx:1.27", "4f2a91c0b7de", 190 * kMebi, 60 * kMebi, 1},
                      {"registry.lab:5000/shop/web:2", "77c1", 250 * kMebi, 120 * kMebi, 0}};
    detail->chosen = "docker.io/library/nginx:1.27";
    core::session::LayerDetail base, middle, top;
    base.digest = "aaaa00000000";
    base.createdBy = "FROM debian:12-slim";
    base.bytes = 130 * kMebi;
    base.images = 2;
    middle.digest = "bbbb00000000";
    middle.createdBy = "RUN apt-get update && apt-get install -y build-essential";
    middle.bytes = 50 * kMebi;
    middle.shadowedBytes = 40 * kMebi;
    middle.adds = {"/usr/bin/gcc"};
    top.digest = "cccc00000000";
    top.createdBy = "RUN apt-get purge -y build-essential";
    top.bytes = 10 * kMebi;
    top.hides = {"/usr/bin/gcc"};
    detail->layers = {base, middle, top};
    detail->users = {{"web", "running", 3 * kMebi, "0123456789abcdef"}};
    detail->bytes = 310 * kMebi;
    detail->wastedBytes = 40 * kMebi;
    detail->mountOptions = "relatime,lowerdir=/var/lib/docker/overlay2/l/AAA,upperdir=/var/lib/docker/overlay2/0123/"
                           "diff,workdir=/var/lib/docker/overlay2/0123/work";
    detail->read = reading("images",
                           {"image/app-1", "image/app-1/docker.io/library/nginx:1.27", "container/app-1/web"});
    return detail;
}

std::shared_ptr<const core::session::HooksDetail> sketchHooks()
{
    auto detail = std::make_shared<core::session::HooksDetail>();
    detail->sources = {"web"};
    detail->destinations = {"db-1:5432"};
    detail->asked = true;
    detail->resolved = "pay.example.net → 203.0.113.10";
    detail->verdict = "timed out";
    detail->stoppedBy = "gw-1 FORWARD rule 2";
    const std::string packet = "10.1.0.21 → 203.0.113.10:443";
    detail->places = {{"app-1",
                       {{"output", "routing", "default", "", "", "", packet},
                        {"output", "conntrack", "new", "", "", "", packet},
                        {"postrouting", "device", "eth0", "", "", "", packet}}},
                      {"gw-1",
                       {{"prerouting", "conntrack", "new", "", "", "", packet},
                        {"forward", "routing", "203.0.113.0/24", "", "", "", packet},
                        {"forward", "filter", "drop", "FORWARD rule 2",
                         "-A FORWARD -d 203.0.113.10/32 -p tcp -m tcp --dport 443 -j DROP", "", packet, false, true}}}};
    detail->read = reading("packet through the hooks", {"from/app-1", "firewall/app-1", "firewall/gw-1", "route/gw-1"});
    return detail;
}

std::shared_ptr<const core::session::FlamesDetail> sketchFlames()
{
    auto detail = std::make_shared<core::session::FlamesDetail>();
    detail->programs = {{812, "catalog-api", "1.4", "Go"}, {900, "orders", "2.0", "Java"}};
    detail->pid = 812;
    detail->unit = "samples";
    detail->seconds = 30;
    detail->stacks = {{{"net/http.(*conn).serve", "main.(*server).list", "encoding/json.Marshal"}, 600},
                      {{"net/http.(*conn).serve", "main.(*server).list"}, 150},
                      {{"net/http.(*conn).serve", "main.(*server).find"}, 150},
                      {{"runtime.gcBgMarkWorker", "runtime.gcDrain"}, 100}};
    detail->read = reading("profile of catalog-api", {"host/app-1"});
    return detail;
}

std::shared_ptr<const core::session::BootDetail> sketchBoot()
{
    auto detail = std::make_shared<core::session::BootDetail>();
    const sim::Instant from = sketchWorld()->now - 600s;
    detail->stage = "running";
    detail->target = "multi-user.target";
    detail->began = from;
    detail->finished = from + 39s;
    detail->firmwareSeconds = 15;
    detail->loaderSeconds = 5;
    detail->kernelSeconds = 5;
    detail->userspaceSeconds = 14;
    detail->bars = {bootBar("firmware", from, 0s, 15s, false),
                    bootBar("loader", from, 15s, 5s, false),
                    bootBar("kernel", from, 20s, 5s, false),
                    bootBar("var.mount", from, 25s, 200ms, true),
                    bootBar("local-fs.target", from, 26s, 0s, true, {3}),
                    bootBar("orders.service", from, 28s, 9s, true, {4}),
                    bootBar("backup.service", from, 29s, 1s, false, {4})};
    detail->bars.back().ok = false;
    detail->failed = {"backup.service"};
    detail->read = reading("boot", {"host/app-1", "unit/app-1/*"});
    return detail;
}

std::shared_ptr<const core::session::HostDetail> sketchHost()
{
    auto detail = std::make_shared<core::session::HostDetail>();
    detail->machines = {"app-1", "db-1"};
    detail->host = "app-1";
    detail->answers = true;
    detail->machine = sketchMachine();
    detail->groups = sketchGroups();
    detail->images = sketchImages();
    detail->hooks = sketchHooks();
    detail->flames = sketchFlames();
    detail->boot = sketchBoot();
    return detail;
}

} // namespace app::desktop::testing
