#pragma once

#include "app/desktop/lab_client.h"
#include "core/content/library.h"
#include "core/endpoint/runner_endpoint.h"

#include <memory>
#include <mutex>

namespace app::desktop {

/// The lab of a core::session::Runner. Its callbacks come on the session's thread and are handed to the
/// window's as queued calls; of frames that the window has not taken yet only the newest is kept.
class RunnerClient : public LabClient {
    Q_OBJECT

public:
    explicit RunnerClient(std::shared_ptr<const core::content::Library> library, QObject* parent = nullptr);
    ~RunnerClient() override;

    void start(core::session::StartRequest request) override;
    void openReplay(std::string path, ResultCallback done) override;
    void saveReplay(std::string path, ResultCallback done) override;
    void setPaused(bool paused) override;
    void setSpeed(double speed) override;
    void step(sim::Duration by) override;
    void rewind(sim::Instant to) override;
    void branch() override;
    void switchBranch(int id) override;
    void acknowledge() override;
    void takeHint() override;
    void diagnose(std::string cause, double confidence, std::string note) override;
    void closeIncident() override;
    void observe(std::string what, std::string text, std::vector<std::string> reads) override;
    void look(core::session::KubeInterest interest) override;
    void look(core::session::HostInterest interest) override;
    void look(core::session::GpuInterest interest) override;
    void look(core::session::StorageInterest interest) override;
    void look(core::session::ServingInterest interest) override;
    void request(sim::kube::Request request, ResponseCallback done) override;
    void rehearse(sim::kube::Request request, ResponseCallback done) override;
    void openApi(std::string kubeconfigFile, ApiCallback done) override;
    void closeApi() override;
    void openTerminal(core::session::TerminalId id, std::string host) override;
    void closeTerminal(core::session::TerminalId id) override;
    void submitLine(core::session::TerminalId id, std::string line) override;
    void sendKey(core::session::TerminalId id, std::string bytes) override;
    void interrupt(core::session::TerminalId id) override;
    void endOfInput(core::session::TerminalId id) override;
    void resizeTerminal(core::session::TerminalId id, int columns, int rows) override;
    void complete(core::session::TerminalId id, std::string line, std::size_t cursor, CompletionCallback done) override;

private:
    void takeFrame(FramePtr frame);
    void handOver();
    ResultCallback marshalled(ResultCallback done);
    ResponseCallback marshalled(ResponseCallback done);

    std::mutex m_mutex;
    FramePtr m_newest; ///< guarded by m_mutex; set: a handOver() is on its way
    std::unique_ptr<core::session::Runner> m_runner; ///< its thread ends before what is above goes
    core::endpoint::RunnerEndpoint m_endpoint;
};

} // namespace app::desktop
