#include "tests/app/support/fake_library.h"

#include "tests/app/support/fake_world.h"

namespace app::desktop::testing {

std::shared_ptr<const core::content::Library> sketchLibrary()
{
    auto library = std::make_shared<core::content::Library>();
    const core::session::IncidentView view = *sketchFrame().incident;
    core::content::Incident incident;
    incident.id = view.id;
    incident.area = "kubernetes";
    incident.phase = 1;
    incident.module = "cluster-operations";
    incident.topology = "mini";
    incident.title = view.title;
    incident.brief = view.brief;
    incident.lesson = view.lesson;
    for (const core::session::CauseChoice& choice : view.choices) {
        core::content::Cause cause;
        cause.id = choice.id;
        cause.means = choice.means;
        incident.causes.push_back(cause);
    }
    library->incidents.push_back(incident);
    incident.id = "node-not-ready";
    incident.title = {"A node is NotReady", "节点 NotReady"};
    incident.brief = {"One worker has left the cluster and its pods are being evicted.", "一个工作节点离开集群，其 Pod 正被驱逐。"};
    library->incidents.push_back(incident);
    const auto module = [&library](int phase, int number, const char* id, const char* en, const char* zh) {
        core::content::Module each;
        each.id = id;
        each.phase = phase;
        each.number = number;
        each.title = {en, zh};
        each.summary = {"What it is made of and how it fails.", "它的组成以及故障方式。"};
        library->modules.push_back(each);
    };
    module(1, 1, "linux-internals", "Linux internals", "Linux 内部机制");
    module(1, 2, "tcp-ip", "TCP/IP", "TCP/IP");
    module(1, 3, "container-runtime", "Container runtime", "容器运行时");
    module(1, 4, "cluster-operations", "Cluster operations", "集群运维");
    module(2, 9, "kubernetes-internals", "Kubernetes internals", "Kubernetes 内部机制");
    module(3, 12, "gpu-architecture", "GPU architecture", "GPU 架构");
    library->modules[3].lesson = view.lesson;
    library->modules[3].incidents = {"image-pull-backoff"};
    return library;
}

std::vector<AttemptRow> FakeProgress::attempts() const
{
    if (empty)
        return {};
    const auto row = [](const char* when, const char* cause, bool solved, double score, int hints) {
        return AttemptRow{QString::fromUtf8(when), QStringLiteral("Checkout is failing"), QString::fromUtf8(cause), solved,
                          score, hints, QStringLiteral("Study"), 9 + score / 20};
    };
    return {row("2026-03-02 14:20", "The node cannot reach the registry", true, 88, 0),
            row("2026-03-01 20:02", "The registry credentials are missing or wrong", true, 71, 2),
            row("2026-03-01 19:31", "The image name or tag does not exist in the registry", false, 42, 4)};
}

std::vector<SkillRow> FakeProgress::skills() const
{
    const auto row = [this](const char* title, std::optional<double> score) {
        return SkillRow{QString::fromUtf8(title), empty ? std::nullopt : score, score ? 3 : 0};
    };
    return {row("Cloud-native platform", 74), row("AI compute infrastructure", 31), row("Distributed scheduling", 12),
            row("Performance engineering", std::nullopt), row("Reliability engineering", 66)};
}

QStringList FakeProgress::exportFormats() const
{
    return {QStringLiteral("html"), QStringLiteral("md"), QStringLiteral("csv"), QStringLiteral("json")};
}

QString FakeProgress::exportReport(const QString&, const QString&)
{
    return {};
}

} // namespace app::desktop::testing
