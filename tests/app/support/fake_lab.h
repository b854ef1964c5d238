#pragma once

#include "app/desktop/lab_client.h"

#include <QStringList>

#include <map>

namespace app::desktop::testing {

/// A lab without a simulation: hands out scripted frames and remembers what was asked of it.
class FakeLab : public LabClient {
    Q_OBJECT

public:
    using LabClient::LabClient;

    /// What the next start() publishes.
    core::session::Frame next;
    /// "diagnose node-egress 0.8", "submit 1 kubectl get pods", ... in the order of the calls.
    QStringList calls;

    /// What request() and rehearse() answer.
    std::function<sim::kube::Response(const sim::kube::Request&)> answer;
    /// What a command prints, and its exit status; other lines are repeated.
    std::map<std::string, std::pair<std::string, int>> outputs;
    core::session::KubeInterest interest;
    /// What frames hold for the views that ask.
    std::shared_ptr<const core::session::KubeDetail> detail;
    core::session::HostInterest hostInterest;
    std::shared_ptr<const core::session::HostDetail> hostDetail;
    core::session::GpuInterest gpuInterest;
    std::shared_ptr<const core::session::GpuDetail> gpuDetail;
    core::session::StorageInterest storageInterest;
    std::shared_ptr<const core::session::StorageDetail> storageDetail;
    core::session::ServingInterest servingInterest;
    std::shared_ptr<const core::session::ServingDetail> servingDetail;
    /// What was told to grading: all reads, in the order of the calls.
    QStringList observed;

    void publish(core::session::Frame frame);
    const core::session::Frame& shown() const { return m_shown; }

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
    void show();
    void prompt(core::session::TerminalId id, std::string output, const std::string& host, int status = 0);

    core::session::Frame m_shown;
};

} // namespace app::desktop::testing
