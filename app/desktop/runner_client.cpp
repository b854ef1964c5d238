#include "app/desktop/runner_client.h"

#include <QMetaObject>

#include <utility>

namespace app::desktop {

RunnerClient::RunnerClient(std::shared_ptr<const core::content::Library> library, QObject* parent)
    : LabClient(parent)
    , m_runner(std::make_unique<core::session::Runner>(
          std::move(library), [this](FramePtr frame) { takeFrame(std::move(frame)); },
          [this](core::session::TerminalUpdate update) {
              QMetaObject::invokeMethod(
                  this, [this, update = std::move(update)] { emit terminalUpdated(update); }, Qt::QueuedConnection);
          }))
    , m_endpoint(*m_runner)
{
}

RunnerClient::~RunnerClient() = default;

void RunnerClient::takeFrame(FramePtr frame)
{
    const std::lock_guard lock(m_mutex);
    const bool underWay = m_newest != nullptr;
    m_newest = std::move(frame);
    if (!underWay)
        QMetaObject::invokeMethod(this, &RunnerClient::handOver, Qt::QueuedConnection);
}

void RunnerClient::handOver()
{
    FramePtr frame;
    {
        const std::lock_guard lock(m_mutex);
        frame = std::exchange(m_newest, nullptr);
    }
    if (frame)
        emit frameReady(frame);
}

LabClient::ResultCallback RunnerClient::marshalled(ResultCallback done)
{
    return [this, done = std::move(done)](sim::Result<std::string> result) {
        QMetaObject::invokeMethod(this, [done, result = std::move(result)] { done(result); }, Qt::QueuedConnection);
    };
}

void RunnerClient::start(core::session::StartRequest request)
{
    m_runner->start(std::move(request));
}

void RunnerClient::openReplay(std::string path, ResultCallback done)
{
    m_runner->openReplay(std::move(path), marshalled(std::move(done)));
}

void RunnerClient::saveReplay(std::string path, ResultCallback done)
{
    m_runner->saveReplay(std::move(path), marshalled(std::move(done)));
}

void RunnerClient::setPaused(bool paused)
{
    m_runner->setPaused(paused);
}

void RunnerClient::setSpeed(double speed)
{
    m_runner->setSpeed(speed);
}

void RunnerClient::step(sim::Duration by)
{
    m_runner->step(by);
}

void RunnerClient::rewind(sim::Instant to)
{
    m_runner->rewind(to);
}

void RunnerClient::branch()
{
    m_runner->branch();
}

void RunnerClient::switchBranch(int id)
{
    m_runner->switchBranch(id);
}

void RunnerClient::acknowledge()
{
    m_runner->acknowledge();
}

void RunnerClient::takeHint()
{
    m_runner->takeHint();
}

void RunnerClient::diagnose(std::string cause, double confidence, std::string note)
{
    m_runner->diagnose(std::move(cause), confidence, std::move(note));
}

void RunnerClient::closeIncident()
{
    m_runner->close();
}

void RunnerClient::observe(std::string what, std::string text, std::vector<std::string> reads)
{
    m_runner->observe(std::move(what), std::move(text), std::move(reads));
}

LabClient::ResponseCallback RunnerClient::marshalled(ResponseCallback done)
{
    return [this, done = std::move(done)](sim::kube::Response response) {
        QMetaObject::invokeMethod(this, [done, response = std::move(response)] { done(response); }, Qt::QueuedConnection);
    };
}

void RunnerClient::look(core::session::KubeInterest interest)
{
    m_runner->look(std::move(interest));
}

void RunnerClient::look(core::session::HostInterest interest)
{
    m_runner->look(std::move(interest));
}

void RunnerClient::look(core::session::GpuInterest interest)
{
    m_runner->look(std::move(interest));
}

void RunnerClient::look(core::session::StorageInterest interest)
{
    m_runner->look(interest);
}

void RunnerClient::look(core::session::ServingInterest interest)
{
    m_runner->look(std::move(interest));
}

void RunnerClient::request(sim::kube::Request request, ResponseCallback done)
{
    m_runner->request(std::move(request), marshalled(std::move(done)));
}

void RunnerClient::rehearse(sim::kube::Request request, ResponseCallback done)
{
    m_runner->rehearse(std::move(request), marshalled(std::move(done)));
}

void RunnerClient::openApi(std::string kubeconfigFile, ApiCallback done)
{
    m_endpoint.open({}, std::move(kubeconfigFile),
                    [this, done = std::move(done)](sim::Result<core::endpoint::RunnerEndpoint::Opened> opened) {
                        sim::Result<ApiAccess> access = opened ? sim::Result<ApiAccess>(ApiAccess{opened->url, opened->kubeconfig})
                                                               : sim::Result<ApiAccess>(opened.error());
                        QMetaObject::invokeMethod(this, [done, access = std::move(access)] { done(access); }, Qt::QueuedConnection);
                    });
}

void RunnerClient::closeApi()
{
    m_endpoint.close();
}

void RunnerClient::openTerminal(core::session::TerminalId id, std::string host)
{
    m_runner->openTerminal(id, std::move(host));
}

void RunnerClient::closeTerminal(core::session::TerminalId id)
{
    m_runner->closeTerminal(id);
}

void RunnerClient::submitLine(core::session::TerminalId id, std::string line)
{
    m_runner->submitLine(id, std::move(line));
}

void RunnerClient::sendKey(core::session::TerminalId id, std::string bytes)
{
    m_runner->sendKey(id, std::move(bytes));
}

void RunnerClient::interrupt(core::session::TerminalId id)
{
    m_runner->interrupt(id);
}

void RunnerClient::endOfInput(core::session::TerminalId id)
{
    m_runner->endOfInput(id);
}

void RunnerClient::resizeTerminal(core::session::TerminalId id, int columns, int rows)
{
    m_runner->resizeTerminal(id, columns, rows);
}

void RunnerClient::complete(core::session::TerminalId id, std::string line, std::size_t cursor,
                            CompletionCallback done)
{
    m_runner->complete(id, std::move(line), cursor,
                       [this, done = std::move(done)](core::shell::Shell::CompletionResult result) {
                           QMetaObject::invokeMethod(
                               this, [done, result = std::move(result)] { done(result); }, Qt::QueuedConnection);
                       });
}

} // namespace app::desktop
