#include "tests/app/support/fake_world.h"

#include <algorithm>
#include <cmath>

namespace app::desktop::testing {

namespace {

using namespace std::chrono_literals;
using core::content::Text;
using sim::Health;
using sim::MachineView;

// 2026-03-02 13:50:00 UTC, when the sketch's timeline begins.
constexpr sim::Instant kStart{std::chrono::seconds(1'772'459'400)};
constexpr sim::Instant kNow = kStart + 16min + 18s;
constexpr sim::Instant kFault = kStart + 12min;

MachineView machine(std::string name, MachineView::Role role, std::string address, double cores)
{
    MachineView view;
    view.name = std::move(name);
    view.role = role;
    view.address = std::move(address);
    view.status = role == MachineView::Role::Registry || role == MachineView::Role::Bastion ? "Up" : "Ready";
    view.cpuCores = cores;
    view.cpuUsed = cores * 0.31;
    view.memoryBytes = 32LL << 30;
    view.memoryUsedBytes = 11LL << 30;
    view.diskUsed = 0.42;
    return view;
}

void addGpus(MachineView& view, std::initializer_list<int> temperatures)
{
    int index = 0;
    for (const int temperature : temperatures) {
        sim::GpuView gpu;
        gpu.index = index++;
        gpu.model = "H100";
        gpu.temperatureC = temperature;
        gpu.powerW = 260 + (temperature - 55) * 14;
        gpu.powerLimitW = 700;
        gpu.utilisation = std::min(0.98, (temperature - 50) / 28.0);
        gpu.memoryTotalBytes = 80LL << 30;
        gpu.memoryUsedBytes = 61LL << 30;
        gpu.health = temperature >= 78 ? Health::Warn : Health::Ok;
        view.gpus.push_back(gpu);
    }
}

int addPod(sim::Frame& frame, std::size_t on, std::string nameSpace, std::string name, std::string status = "Running",
           Health health = Health::Ok)
{
    sim::PodView pod;
    pod.nameSpace = std::move(nameSpace);
    pod.name = std::move(name);
    pod.app = pod.name;
    pod.node = frame.machines[on].name;
    pod.status = std::move(status);
    pod.health = health;
    pod.containers = 1;
    pod.readyContainers = health == Health::Ok ? 1 : 0;
    pod.created = health == Health::Ok ? kStart - 41min : kFault + 11s;
    pod.ip = "10.244." + std::to_string(on) + "." + std::to_string(10 + frame.pods.size());
    frame.pods.push_back(pod);
    const int index = static_cast<int>(frame.pods.size()) - 1;
    frame.machines[on].pods.push_back(index);
    return index;
}

template <class Value>
sim::SeriesView series(std::string id, Value value)
{
    sim::SeriesView view;
    view.id = std::move(id);
    view.start = kStart;
    view.step = 2s;
    auto values = std::make_shared<std::vector<float>>();
    for (sim::Instant at = kStart; at <= kNow; at += view.step)
        values->push_back(static_cast<float>(value(at)));
    view.values = values;
    return view;
}

double wobble(sim::Instant at, double period)
{
    return std::sin(sim::toSeconds(at - kStart) * 6.28 / period) + 0.5 * std::sin(sim::toSeconds(at - kStart) * 6.28 / (period * 0.37));
}

/// 0 before the fault, 1 when it has fully taken hold.
double grip(sim::Instant at)
{
    return std::clamp(sim::toSeconds(at - kFault) / 70.0, 0.0, 1.0);
}

void addSeries(sim::Frame& frame)
{
    frame.series = {
        series("sli.success", [](auto at) { return std::min(1.0, 0.9995 - grip(at) * (0.081 + 0.004 * wobble(at, 40))); }),
        series("sli.p99", [](auto at) { return 0.42 + 0.04 * wobble(at, 55) + grip(at) * 1.45; }),
        series("pods.running", [](auto at) { return at < kFault + 11s ? 20 : 18; }),
        series("pods.waiting", [](auto at) { return at < kFault + 11s ? 0 : 2; }),
        series("gpu.temperature", [](auto at) { return 76 + 1.4 * wobble(at, 180); }),
        series("gpu.power", [](auto at) { return 6100 + 240 * wobble(at, 120); }),
        series("sli.rate", [](auto) { return 120; }),
    };
}

sim::EventView event(sim::Duration after, Health level, std::string source, std::string reason, std::string object,
                     std::string message)
{
    return {kStart + after, level, std::move(source), std::move(reason), std::move(object), std::move(message), 1};
}

void addEvents(sim::Frame& frame)
{
    const std::string pod = "pod/shop/checkout-7c9f5d6b8-9dwlz";
    frame.events = {
        event(11min, Health::Ok, "event", "ScalingReplicaSet", "deployment/shop/checkout", "Scaled up replica set checkout-7c9f5d6b8 to 6"),
        event(12min + 3s, Health::Ok, "event", "Scheduled", pod, "Successfully assigned shop/checkout-7c9f5d6b8-9dwlz to worker-2"),
        event(12min + 11s, Health::Critical, "event", "Failed", pod, "dial tcp 10.0.0.20:5000: i/o timeout"),
        event(12min + 11s, Health::Warn, "event", "BackOff", pod, "Back-off pulling image \"registry.lab:5000/shop/checkout:1.9.2\""),
        event(13min + 40s, Health::Critical, "alert", "CheckoutErrorBudgetBurn", "service/shop/checkout", "14.4× over 5 m"),
        event(15min + 2s, Health::Ok, "you", "kubectl describe pod", pod, "2 facts"),
    };
}

} // namespace

std::shared_ptr<const sim::Frame> sketchWorld()
{
    using Role = MachineView::Role;
    sim::Frame frame;
    frame.now = kNow;
    frame.start = kStart;
    frame.topology = "mini";
    frame.machines = {machine("cp-1", Role::ControlPlane, "10.0.0.11", 4),  machine("cp-2", Role::ControlPlane, "10.0.0.12", 4),
                      machine("cp-3", Role::ControlPlane, "10.0.0.13", 4),  machine("worker-1", Role::Worker, "10.0.0.21", 8),
                      machine("worker-2", Role::Worker, "10.0.0.22", 8),    machine("worker-3", Role::Worker, "10.0.0.23", 8),
                      machine("gpu-1", Role::Gpu, "10.0.0.31", 64),         machine("gpu-2", Role::Gpu, "10.0.0.32", 64),
                      machine("registry", Role::Registry, "10.0.0.20", 4),  machine("bastion", Role::Bastion, "10.0.0.5", 2)};
    frame.machines[0].etcdLeader = true;
    frame.machines[4].health = Health::Warn;
    addGpus(frame.machines[6], {61, 63, 60, 66, 64, 62, 65, 63});
    addGpus(frame.machines[7], {58, 59, 71, 78, 62, 60, 57, 61});
    for (std::size_t cp = 0; cp < 3; ++cp) {
        for (const char* name : {"etcd-cp-", "kube-apiserver-cp-", "kube-scheduler-cp-"})
            addPod(frame, cp, "kube-system", name + std::to_string(cp + 1));
    }
    for (const auto& [on, count] : {std::pair<std::size_t, int>{3, 7}, {4, 4}, {5, 6}, {6, 3}, {7, 2}}) {
        for (int i = 0; i < count; ++i)
            addPod(frame, on, i < 2 ? "shop" : "kube-system", (i < 2 ? "checkout-7c9f5d6b8-" : "pod-") + std::to_string(on) + "x" + std::to_string(i));
    }
    addPod(frame, 4, "shop", "checkout-7c9f5d6b8-9dwlz", "ImagePullBackOff", Health::Critical);
    addPod(frame, 4, "shop", "checkout-7c9f5d6b8-kq7vn", "ErrImagePull", Health::Critical);
    frame.switches = {{"leaf-1", false, 400e9}, {"leaf-2", false, 400e9}, {"spine-1", true, 400e9}};
    for (const MachineView& view : frame.machines) {
        const bool second = view.name == "registry" || view.name == "worker-2" || view.name == "gpu-2" || view.name == "bastion";
        frame.links.push_back({view.name, second ? "leaf-2" : "leaf-1", true, 400e9, view.gpus.empty() ? 0.004 : 0.55});
    }
    frame.links.push_back({"leaf-1", "spine-1", true, 400e9, 0.3});
    frame.links.push_back({"leaf-2", "spine-1", true, 400e9, 0.3});
    frame.successRatio = 0.918;
    frame.p99Seconds = 1.9;
    frame.alerts = {{"CheckoutErrorBudgetBurn", "critical", "Checkout burns its error budget", kStart + 13min + 40s, true}};
    addEvents(frame);
    addSeries(frame);
    return std::make_shared<const sim::Frame>(std::move(frame));
}

core::session::Frame sketchFrame()
{
    using Mark = core::session::Mark;
    core::session::Frame frame;
    frame.world = sketchWorld();
    frame.paused = false;
    frame.timelineEnd = kNow;
    frame.marks = {{kStart + 13min + 40s, Mark::Kind::Alert, "CheckoutErrorBudgetBurn"},
                   {kStart + 14min + 10s, Mark::Kind::You, "kubectl get pods"},
                   {kStart + 15min + 2s, Mark::Kind::You, "kubectl describe pod"},
                   {kStart + 15min + 50s, Mark::Kind::You, "curl registry"}};
    auto other = std::make_shared<std::vector<float>>(*frame.world->series.front().values);
    for (std::size_t i = 445; i < other->size(); ++i)
        (*other)[i] = static_cast<float>(std::min(1.0, 0.92 + 0.002 * static_cast<double>(i - 445)));
    frame.branches = {{1, "A", -1, kStart, kNow, frame.world->series.front().values, 2s, true},
                      {2, "B", 1, kStart + 14min + 50s, kNow, other, 2s, false}};

    core::session::IncidentView incident;
    incident.id = "image-pull-backoff";
    incident.title = {"Checkout is failing", "结账服务失败"};
    incident.brief = {"Customers cannot pay since 14:02. Find out why new pods of **shop/checkout** do not start, "
                      "restore service, and name the cause.",
                      "自 14:02 起用户无法付款。找出 **shop/checkout** 的新 Pod 无法启动的原因，恢复服务，并指出根因。"};
    incident.lesson = {"# How an image gets onto a node\n\nThe kubelet asks **containerd** over CRI for the image. "
                       "containerd resolves the registry's name, opens a connection *from the node*, and fetches the "
                       "manifest and then each layer.\n\n## Three ways to fail\n\n- the name or tag is wrong: `not found`\n"
                       "- the credentials are: `401 Unauthorized`\n- the road there is closed: `i/o timeout`\n\n"
                       "```\nctr -n k8s.io images pull registry.lab:5000/shop/checkout:1.9.2\n```\n",
                       "# 镜像如何到达节点\n\nkubelet 通过 CRI 请求 **containerd** 拉取镜像。\n"};
    incident.phase = 1;
    incident.moduleNumber = 4;
    incident.moduleTitle = {"Cluster operations", "集群运维"};
    incident.step = core::session::IncidentView::Step::Investigate;
    incident.alertFired = incident.acknowledged = true;
    incident.facts = {{"waiting", {"2 of 6 replicas wait in ImagePullBackOff", "6 个副本中有 2 个停在 ImagePullBackOff"}, kStart + 14min + 10s},
                      {"one-node", {"Both are on worker-2", "两个都在 worker-2 上"}, kStart + 15min + 2s},
                      {"tag-exists", {"The tag exists in the registry", "镜像标签在仓库中存在"}, kStart + 16min}};
    incident.ruledOut = {{"wrong tag", "标签错误"}, {"registry down", "仓库宕机"}};
    incident.causesLeft = 2;
    incident.choices = {{"wrong-tag", {"The image name or tag does not exist in the registry", "镜像名或标签在仓库中不存在"}},
                        {"bad-pull-secret", {"The registry credentials are missing or wrong", "私有仓库凭据缺失或错误"}},
                        {"node-egress", {"The node cannot reach the registry", "该节点无法访问仓库：网络或代理故障"}},
                        {"registry-down", {"The registry itself is down", "仓库本身宕机或返回 5xx"}},
                        {"no-fault", {"There is no fault", "没有故障"}}};
    incident.hints.nextFactor = 0.95;
    incident.costDollars = 412;
    frame.incident = std::move(incident);
    return frame;
}

core::session::Frame gradedFrame()
{
    core::session::Frame frame = sketchFrame();
    auto& incident = *frame.incident;
    incident.step = core::session::IncidentView::Step::Closed;
    frame.paused = true;
    frame.marks.insert(frame.marks.begin(), {kFault, core::session::Mark::Kind::Injection, "node-egress"});
    core::session::GradeView grade;
    grade.score = 88;
    grade.solved = true;
    grade.trueCause = grade.answeredCause = "node-egress";
    grade.trueCauseMeans = {"worker-2 cannot reach the registry", "worker-2 无法访问镜像仓库"};
    grade.parts = {{"impact", {"Impact", "影响"}, 18, 25, {"Checkout failed for 6 minutes; a quick drain would have saved 3.", "结账失败 6 分钟；及时驱逐可省 3 分钟。"}},
                   {"diagnosis", {"Diagnosis", "诊断"}, 25, 25, {"Right at the first answer, no hints taken.", "首次回答即正确，未使用提示。"}},
                   {"evidence", {"Evidence", "证据"}, 18, 20, {"3 of 4 deciding facts seen before acting.", "行动前看到 4 个关键事实中的 3 个。"}},
                   {"safety", {"Safety", "安全"}, 15, 15, {"Nothing else was touched.", "没有触碰其他对象。"}},
                   {"fix", {"Fix", "修复"}, 10, 10, {"The blackhole route is gone.", "黑洞路由已删除。"}},
                   {"verification", {"Verification", "验证"}, 2, 5, {"You closed before the success rate was back for a minute.", "成功率恢复不足一分钟即关闭。"}}};
    grade.clocksSeconds = {{"detect", 42}, {"first_evidence", 96}, {"mitigate", 310}, {"resolve", 402}, {"verify", std::nullopt}};
    const auto entry = [](sim::Duration after, std::string kind, Text text, std::string detail, int known) {
        return core::session::PostMortemEntry{kStart + after, std::move(kind), std::move(text), std::move(detail), known};
    };
    grade.timeline = {entry(12min, "impact", {"Impact begins: checkouts fail", "影响开始：结账失败"}, "", 0),
                      entry(13min + 40s, "alert", {"Alert fires", "告警触发"}, "CheckoutErrorBudgetBurn", 0),
                      entry(13min + 58s, "acknowledge", {"You acknowledge", "你已确认"}, "", 0),
                      entry(14min + 10s, "fact", {"2 of 6 replicas wait in ImagePullBackOff", "6 个副本中有 2 个停在 ImagePullBackOff"}, "kubectl -n shop get pods -o wide", 1),
                      entry(15min + 2s, "fact", {"Both are on worker-2", "两个都在 worker-2 上"}, "kubectl -n shop describe pod", 2),
                      entry(16min, "fact", {"The tag exists in the registry", "镜像标签在仓库中存在"}, "curl registry.lab:5000/v2/shop/checkout/tags/list", 3),
                      entry(17min + 10s, "action", {"You remove the blackhole route", "你删除黑洞路由"}, "ssh worker-2 -- sudo ip route del blackhole 10.0.0.20", 3),
                      entry(17min + 14s, "mitigated", {"Impact ends", "影响结束"}, "", 3),
                      entry(18min, "closed", {"Closed", "已关闭"}, "", 3)};
    grade.explanation = {"A **blackhole route** for 10.0.0.20 on worker-2 dropped every packet to the registry. Pods already "
                         "running were well; only new pulls on that node failed. `ip route get 10.0.0.20` on the node shows it.",
                         "worker-2 上针对 10.0.0.20 的 **blackhole 路由** 丢弃了所有发往仓库的数据包。在该节点执行 `ip route get 10.0.0.20` 即可看到。"};
    grade.prevention = {"Probe the registry from every node and alert on it; keep routes in configuration management.",
                        "从每个节点探测仓库并告警；用配置管理维护路由。"};
    incident.grade = std::move(grade);
    return frame;
}

std::shared_ptr<const sim::Frame> largeWorld(int nodes)
{
    sim::Frame frame;
    frame.now = kNow;
    frame.start = kStart;
    frame.topology = "large";
    for (int i = 0; i < 3; ++i)
        frame.machines.push_back(machine("cp-" + std::to_string(i + 1), MachineView::Role::ControlPlane, "10.0.0.1", 8));
    for (int i = 0; i < 12; ++i)
        frame.switches.push_back({(i < 4 ? "spine-" : "leaf-") + std::to_string(i < 4 ? i + 1 : i - 3), i < 4, 400e9});
    for (int i = 0; i < nodes; ++i) {
        frame.machines.push_back(machine("gpu-" + std::to_string(i + 1), MachineView::Role::Gpu, "10.0.1.1", 128));
        const int base = 52 + i * 7 % 23;
        addGpus(frame.machines.back(), {base, base + 3, base + 1, base + 9, base + 4, base + 2, base + 6, base + 5});
        addPod(frame, frame.machines.size() - 1, "ml", "train-" + std::to_string(i));
        frame.links.push_back({frame.machines.back().name, "leaf-" + std::to_string(i % 8 + 1), true, 400e9, 0.5});
    }
    frame.successRatio = 1;
    addSeries(frame);
    return std::make_shared<const sim::Frame>(std::move(frame));
}

} // namespace app::desktop::testing
