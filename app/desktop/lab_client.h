#pragma once

#include "core/session/frame.h"
#include "core/session/gpu_detail.h"
#include "core/session/host_detail.h"
#include "core/session/kube_detail.h"
#include "core/session/runner.h"
#include "core/session/serving_detail.h"
#include "core/session/storage_detail.h"

#include <QObject>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace app::desktop {

using FramePtr = std::shared_ptr<const core::session::Frame>;

/// Where charts, timeline and event log begin: shortly before the lab was ready. Its own start, when pods come
/// up and first requests fail, would only look like an incident.
inline sim::Instant storyStart(const core::session::Frame& frame)
{
    constexpr sim::Duration kRunUp = std::chrono::minutes(3);
    return std::max(frame.world->start, frame.opened - kRunUp);
}

/// The lab's API as it can be reached from outside the window.
struct ApiAccess {
    std::string url;        ///< "https://127.0.0.1:41234"
    std::string kubeconfig; ///< the file
};

/// What the window may do to a lab. The methods are core::session::Runner's; results come as signals in
/// the window's own thread. Two implementations: RunnerClient, and a scripted FakeLab in tests/app.
class LabClient : public QObject {
    Q_OBJECT

public:
    using ResultCallback = std::function<void(sim::Result<std::string>)>;
    using CompletionCallback = std::function<void(core::shell::Shell::CompletionResult)>;
    using ResponseCallback = std::function<void(sim::kube::Response)>;
    using ApiCallback = std::function<void(sim::Result<ApiAccess>)>;

    using QObject::QObject;

    virtual void start(core::session::StartRequest request) = 0;
    virtual void openReplay(std::string path, ResultCallback done) = 0;
    virtual void saveReplay(std::string path, ResultCallback done) = 0;

    virtual void setPaused(bool paused) = 0;
    virtual void setSpeed(double speed) = 0;
    virtual void step(sim::Duration by) = 0;
    virtual void rewind(sim::Instant to) = 0;
    virtual void branch() = 0;
    virtual void switchBranch(int id) = 0;

    virtual void acknowledge() = 0;
    virtual void takeHint() = 0;
    virtual void diagnose(std::string cause, double confidence, std::string note) = 0;
    virtual void closeIncident() = 0;
    virtual void observe(std::string what, std::string text, std::vector<std::string> reads) = 0;

    virtual void look(core::session::KubeInterest interest) = 0;
    virtual void look(core::session::HostInterest interest) = 0;
    virtual void look(core::session::GpuInterest interest) = 0;
    virtual void look(core::session::StorageInterest interest) = 0;
    virtual void look(core::session::ServingInterest interest) = 0;
    virtual void request(sim::kube::Request request, ResponseCallback done) = 0;
    virtual void rehearse(sim::kube::Request request, ResponseCallback done) = 0;
    /// Opens the API on a loopback port and writes a kubeconfig for it; or closes it.
    virtual void openApi(std::string kubeconfigFile, ApiCallback done) = 0;
    virtual void closeApi() = 0;

    virtual void openTerminal(core::session::TerminalId id, std::string host) = 0;
    virtual void closeTerminal(core::session::TerminalId id) = 0;
    virtual void submitLine(core::session::TerminalId id, std::string line) = 0;
    virtual void sendKey(core::session::TerminalId id, std::string bytes) = 0;
    virtual void interrupt(core::session::TerminalId id) = 0;
    virtual void endOfInput(core::session::TerminalId id) = 0;
    virtual void resizeTerminal(core::session::TerminalId id, int columns, int rows) = 0;
    virtual void complete(core::session::TerminalId id, std::string line, std::size_t cursor,
                          CompletionCallback done) = 0;

signals:
    void frameReady(const app::desktop::FramePtr& frame);
    void terminalUpdated(const core::session::TerminalUpdate& update);
};

} // namespace app::desktop
