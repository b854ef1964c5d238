#pragma once

#include "core/session/frame.h"
#include "core/shell/shell.h"
#include "sim/engine/result.h"
#include "sim/kube/api/api_server.h"

#include <functional>
#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}
namespace core::content {
struct Library;
}

namespace core::session {

struct GpuInterest;
struct HostInterest;
struct KubeInterest;
struct ServingInterest;
struct StorageInterest;
class Session;

/// A terminal tab of the window.
using TerminalId = int;

/// What a terminal gets from the session thread.
struct TerminalUpdate {
    TerminalId id = 0;
    std::string output;     ///< VT bytes to show
    std::string prompt;     ///< to draw when idle
    std::string title;      ///< "ops@bastion", "worker-2"
    bool idle = true;       ///< a line may be typed
    int status = 0;         ///< exit status of the last line, when idle
    /// What may stand where a command is due; null: as before.
    std::shared_ptr<const shell::Shell::CommandNames> commands;
    bool wantsKeys = false; ///< raw keys go to a full-screen program
    bool reset = false;     ///< the world was rewound: running jobs are gone
};

/// Which lab to run.
struct StartRequest {
    std::string incident;   ///< empty: the healthy lab
    std::string cause;      ///< empty: chosen by the seed (blind)
    std::string variant;    ///< of the cause; empty: chosen by the seed
    std::string topology = "mini";
    std::uint64_t seed = 1;
    bool blind = true;
    bool studyMode = true;
    content::Language language = content::Language::English;
    bool operator==(const StartRequest&) const = default;
};

/// Runs one Session on a thread of its own. All calls return at once; results come through the two
/// callbacks, which are called on the session's thread.
class Runner {
public:
    using FrameCallback = std::function<void(std::shared_ptr<const Frame>)>;
    using TerminalCallback = std::function<void(TerminalUpdate)>;
    using CompletionCallback = std::function<void(shell::Shell::CompletionResult)>;
    using ResultCallback = std::function<void(sim::Result<std::string>)>;
    using ResponseCallback = std::function<void(sim::kube::Response)>;

    Runner(std::shared_ptr<const content::Library> library, FrameCallback onFrame, TerminalCallback onTerminal);
    ~Runner();

    void start(StartRequest request);
    /// Loads a replay file and plays it to its end.
    void openReplay(std::string path, ResultCallback done);
    void saveReplay(std::string path, ResultCallback done);

    void setPaused(bool paused);
    void setSpeed(double speed);            ///< 1..120
    void step(sim::Duration by);            ///< pauses, then runs that far
    void rewind(sim::Instant to);           ///< any instant of the current branch; pauses
    void branch();                          ///< forks at the present instant and goes on in the new branch
    void switchBranch(int id);

    void acknowledge();
    void takeHint();
    void diagnose(std::string cause, double confidence, std::string note);
    void close();                           ///< declares the incident closed; the grade appears in the frame
    /// A point the window itself showed (chart read-out, inspector pane), recorded as an observation.
    void observe(std::string what, std::string text, std::vector<std::string> reads);

    /// What Frame::kube holds from the next frame on.
    void look(KubeInterest interest);
    /// What Frame::host holds from the next frame on.
    void look(HostInterest interest);
    /// What Frame::gpu holds from the next frame on.
    void look(GpuInterest interest);
    /// What Frame::storage holds from the next frame on.
    void look(StorageInterest interest);
    void look(ServingInterest interest);
    /// A request to the API server from outside a shell: reads leave no trace, what writes is logged, graded and
    /// replayed. Code 0: no API server answers; the body's "message" says so in kubectl's words.
    void request(sim::kube::Request request, ResponseCallback done);
    /// What the request would be answered, asked of a copy of the world: nothing changes and nothing is logged.
    void rehearse(sim::kube::Request request, ResponseCallback done);

    void openTerminal(TerminalId id, std::string host = {}); ///< empty: the bastion
    void closeTerminal(TerminalId id);
    void submitLine(TerminalId id, std::string line);
    void sendKey(TerminalId id, std::string bytes);
    void interrupt(TerminalId id);
    void endOfInput(TerminalId id);
    void resizeTerminal(TerminalId id, int columns, int rows);
    void complete(TerminalId id, std::string line, std::size_t cursor, CompletionCallback done);

    /// For what works beside the clock on the session's thread (network endpoints): called there once, with the
    /// context that runs the thread and the way to the lab of the moment, which is null until one has started.
    using ThreadVisit = std::function<void(boost::asio::io_context&, std::function<Session*()>)>;
    void onThread(ThreadVisit visit);

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

} // namespace core::session
