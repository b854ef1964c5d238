#include "tests/app/support/fake_lab.h"

#include "tests/app/support/fake_world.h"

namespace app::desktop::testing {

namespace {

constexpr const char* kSession
    = "\x1b[32mops@bastion\x1b[0m:\x1b[34m~\x1b[0m$ kubectl -n shop get pods -o wide\r\n"
      "NAME                        READY   STATUS             RESTARTS   AGE    IP            NODE       NOMINATED NODE\r\n"
      "checkout-7c9f5d6b8-2xk4q    1/1     Running            0          41m    10.244.1.17   worker-1   <none>\r\n"
      "checkout-7c9f5d6b8-9dwlz    0/1     \x1b[31mImagePullBackOff\x1b[0m   0          4m2s   10.244.2.31   worker-2   <none>\r\n"
      "checkout-7c9f5d6b8-kq7vn    0/1     \x1b[31mErrImagePull\x1b[0m       0          4m2s   10.244.2.32   worker-2   <none>\r\n"
      "\x1b[32mops@bastion\x1b[0m:\x1b[34m~\x1b[0m$ ssh worker-2 -- curl -sS -m 3 https://registry.lab:5000/v2/\r\n"
      "\x1b[33mcurl: (28) Connection timed out after 3001 milliseconds\x1b[0m\r\n";

} // namespace

void FakeLab::publish(core::session::Frame frame)
{
    m_shown = std::move(frame);
    show();
}

void FakeLab::show()
{
    m_shown.kube = interest == core::session::KubeInterest() ? nullptr : detail;
    m_shown.host = hostInterest == core::session::HostInterest() ? nullptr : hostDetail;
    m_shown.gpu = gpuInterest == core::session::GpuInterest() ? nullptr : gpuDetail;
    m_shown.storage = storageInterest == core::session::StorageInterest() ? nullptr : storageDetail;
    m_shown.hasStorage = storageDetail && storageDetail->exists;
    m_shown.serving = servingInterest == core::session::ServingInterest() ? nullptr : servingDetail;
    m_shown.hasServing = servingDetail && servingDetail->exists;
    emit frameReady(std::make_shared<const core::session::Frame>(m_shown));
}

void FakeLab::prompt(core::session::TerminalId id, std::string output, const std::string& host, int status)
{
    core::session::TerminalUpdate update;
    update.id = id;
    update.output = std::move(output);
    update.status = status;
    update.prompt = "\x1b[32mops@" + host + "\x1b[0m:\x1b[34m~\x1b[0m$ ";
    update.title = host == "bastion" ? "ops@bastion" : host;
    emit terminalUpdated(update);
}

void FakeLab::start(core::session::StartRequest request)
{
    calls += QStringLiteral("start %1 %2").arg(QString::fromStdString(request.incident), QString::fromStdString(request.cause));
    core::session::Frame frame = next;
    if (request.incident.empty())
        frame.incident.reset();
    publish(std::move(frame));
}

void FakeLab::openReplay(std::string path, ResultCallback done)
{
    calls += QStringLiteral("openReplay %1").arg(QString::fromStdString(path));
    done(path);
}

void FakeLab::saveReplay(std::string path, ResultCallback done)
{
    calls += QStringLiteral("saveReplay %1").arg(QString::fromStdString(path));
    done(path);
}

void FakeLab::setPaused(bool paused)
{
    calls += QStringLiteral("paused %1").arg(paused);
    m_shown.paused = paused;
    show();
}

void FakeLab::setSpeed(double speed)
{
    calls += QStringLiteral("speed %1").arg(speed);
    m_shown.speed = speed;
    show();
}

void FakeLab::step(sim::Duration by)
{
    calls += QStringLiteral("step %1").arg(sim::toSeconds(by));
}

void FakeLab::rewind(sim::Instant to)
{
    calls += QStringLiteral("rewind %1").arg(sim::toSeconds(to - m_shown.world->start));
    auto world = std::make_shared<sim::Frame>(*m_shown.world);
    world->now = to;
    m_shown.world = world;
    m_shown.paused = true;
    show();
}

void FakeLab::branch()
{
    calls += QStringLiteral("branch");
}

void FakeLab::switchBranch(int id)
{
    calls += QStringLiteral("switchBranch %1").arg(id);
}

void FakeLab::acknowledge()
{
    calls += QStringLiteral("acknowledge");
    m_shown.incident->acknowledged = true;
    m_shown.incident->step = core::session::IncidentView::Step::Investigate;
    show();
}

void FakeLab::takeHint()
{
    calls += QStringLiteral("hint");
    m_shown.incident->hints.taken += 1;
    m_shown.incident->hints.texts.push_back({"Compare the nodes, not the pods.", "比较节点，而不是 Pod。"});
    m_shown.incident->hints.nextFactor = 0.9;
    show();
}

void FakeLab::diagnose(std::string cause, double confidence, std::string note)
{
    calls += QStringLiteral("diagnose %1 %2 %3").arg(QString::fromStdString(cause)).arg(confidence).arg(QString::fromStdString(note));
    m_shown.incident->diagnosesSubmitted += 1;
    m_shown.incident->step = core::session::IncidentView::Step::Close;
    show();
}

void FakeLab::closeIncident()
{
    calls += QStringLiteral("close");
    publish(gradedFrame());
}

void FakeLab::observe(std::string what, std::string, std::vector<std::string> named)
{
    calls += QStringLiteral("observe %1").arg(QString::fromStdString(what));
    for (const std::string& read : named)
        observed += QString::fromStdString(read);
}

void FakeLab::look(core::session::KubeInterest wanted)
{
    interest = std::move(wanted);
    if (m_shown.world)
        show();
}

void FakeLab::look(core::session::HostInterest wanted)
{
    hostInterest = std::move(wanted);
    if (m_shown.world)
        show();
}

void FakeLab::look(core::session::GpuInterest wanted)
{
    gpuInterest = std::move(wanted);
    if (m_shown.world)
        show();
}

void FakeLab::look(core::session::StorageInterest wanted)
{
    storageInterest = wanted;
    if (m_shown.world)
        show();
}

void FakeLab::look(core::session::ServingInterest wanted)
{
    servingInterest = std::move(wanted);
    if (m_shown.world)
        show();
}

void FakeLab::request(sim::kube::Request request, ResponseCallback done)
{
    const bool reads = request.verb == sim::kube::Verb::Get || request.verb == sim::kube::Verb::List;
    if (!reads)
        calls += QStringLiteral("request %1 %2/%3").arg(static_cast<int>(request.verb)).arg(
            QString::fromStdString(request.namespace_), QString::fromStdString(request.name));
    if (answer)
        done(answer(request));
}

void FakeLab::rehearse(sim::kube::Request request, ResponseCallback done)
{
    request.dryRun = true;
    if (answer)
        done(answer(request));
}

void FakeLab::openApi(std::string kubeconfigFile, ApiCallback done)
{
    calls += QStringLiteral("openApi");
    done(ApiAccess{"https://127.0.0.1:41234", std::move(kubeconfigFile)});
}

void FakeLab::closeApi()
{
    calls += QStringLiteral("closeApi");
}

void FakeLab::openTerminal(core::session::TerminalId id, std::string host)
{
    calls += QStringLiteral("openTerminal %1 %2").arg(id).arg(QString::fromStdString(host));
    prompt(id, host.empty() && m_shown.incident ? kSession : std::string(), host.empty() ? "bastion" : host);
}

void FakeLab::closeTerminal(core::session::TerminalId id)
{
    calls += QStringLiteral("closeTerminal %1").arg(id);
}

void FakeLab::submitLine(core::session::TerminalId id, std::string line)
{
    calls += QStringLiteral("submit %1 %2").arg(id).arg(QString::fromStdString(line));
    if (const auto known = outputs.find(line); known != outputs.end())
        return prompt(id, known->second.first, "bastion", known->second.second);
    prompt(id, line.empty() ? std::string() : "you said " + line + "\r\n", "bastion");
}

void FakeLab::sendKey(core::session::TerminalId id, std::string bytes)
{
    calls += QStringLiteral("key %1 %2").arg(id).arg(QString::fromStdString(bytes));
}

void FakeLab::interrupt(core::session::TerminalId id)
{
    calls += QStringLiteral("interrupt %1").arg(id);
}

void FakeLab::endOfInput(core::session::TerminalId id)
{
    calls += QStringLiteral("endOfInput %1").arg(id);
}

void FakeLab::resizeTerminal(core::session::TerminalId id, int columns, int rows)
{
    calls += QStringLiteral("resize %1 %2 %3").arg(id).arg(columns).arg(rows);
}

void FakeLab::complete(core::session::TerminalId, std::string line, std::size_t, CompletionCallback done)
{
    calls += QStringLiteral("complete %1").arg(QString::fromStdString(line));
    core::shell::Shell::CompletionResult result;
    result.start = line.rfind(' ') == std::string::npos ? 0 : line.rfind(' ') + 1;
    const std::string word = line.substr(result.start);
    for (const core::shell::Completion& each : {core::shell::Completion{"get", "display one or many resources"},
                                                core::shell::Completion{"describe", "show details of a resource"}}) {
        if (each.text.compare(0, word.size(), word) == 0)
            result.candidates.push_back(each);
    }
    done(result);
}

} // namespace app::desktop::testing
