#include "core/session/runner.h"

#include "core/content/library.h"
#include "core/session/gpu_detail.h"
#include "core/session/host_detail.h"
#include "core/session/kube_detail.h"
#include "core/session/pacer.h"
#include "core/session/session.h"
#include "core/session/serving_detail.h"
#include "core/session/storage_detail.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <thread>

namespace core::session {

namespace {

// 60 frames a second at most.
constexpr std::chrono::milliseconds kFrameEvery{16};
// A large cluster's frame takes longer to build; the lab itself keeps at least this many times as long.
constexpr int kLabShare = 4;

} // namespace

struct Runner::Impl {
    std::shared_ptr<const content::Library> library;
    FrameCallback onFrame;
    TerminalCallback onTerminal;
    std::unique_ptr<Session> session; ///< before `io`: what waits there may still use it while it ends
    boost::asio::io_context io;
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work{io.get_executor()};
    boost::asio::steady_timer timer{io};
    Pacer pacer;
    std::chrono::steady_clock::time_point nextFrame{};
    bool changed = false;             ///< something happened that a paused window must still see
    std::map<TerminalId, TerminalId> terminals; ///< the window's id -> the session's
    std::map<TerminalId, TerminalUpdate> last;  ///< what the window knows of each
    std::string notice;
    KubeInterest interest;
    KubeDetailer detailer;
    HostInterest hostInterest;
    HostDetailer hostDetailer;
    GpuInterest gpuInterest;
    GpuDetailer gpuDetailer;
    StorageInterest storageInterest;
    StorageDetailer storageDetailer;
    ServingInterest servingInterest;
    ServingDetailer servingDetailer;
    std::thread thread;               ///< last: it must not outlive the rest

    /// Runs on the session's thread.
    template <class F>
    void post(F f)
    {
        boost::asio::post(io, [this, f = std::move(f)]() mutable {
            f();
            changed = true;
        });
    }
    template <class F>
    void withSession(F f)
    {
        post([this, f = std::move(f)]() mutable {
            if (session)
                f(*session);
        });
    }
    template <class F>
    void withTerminal(TerminalId id, F f)
    {
        withSession([this, id, f = std::move(f)](Session& s) mutable {
            const auto it = terminals.find(id);
            if (it == terminals.end() || !s.hasTerminal(it->second))
                return;
            f(s, it->second);
            publishTerminal(id);
        });
    }

    void schedule()
    {
        timer.expires_after(kFrameEvery);
        timer.async_wait([this](const boost::system::error_code& error) {
            if (error)
                return;
            tick();
            schedule();
        });
    }
    void tick()
    {
        if (!session)
            return;
        const sim::Duration due = pacer.due();
        if (due > sim::Duration::zero())
            session->runFor(due);
        for (const auto& [id, inner] : terminals)
            publishTerminal(id);
        changed |= due > sim::Duration::zero();
        const auto begun = std::chrono::steady_clock::now();
        if (changed && begun >= nextFrame) {
            publishFrame();
            const auto ended = std::chrono::steady_clock::now();
            nextFrame = ended + kLabShare * (ended - begun);
            changed = false;
        }
    }
    void publishFrame()
    {
        auto frame = std::make_shared<Frame>(session->frame());
        frame->paused = pacer.paused();
        frame->speed = pacer.speed();
        frame->kube = detailer.look(session->world(), interest, pacer.paused());
        frame->host = hostDetailer.look(session->world(), hostInterest, pacer.paused());
        frame->gpu = gpuDetailer.look(session->world(), gpuInterest, pacer.paused());
        frame->storage = storageDetailer.look(session->world(), storageInterest, pacer.paused());
        frame->serving = servingDetailer.look(session->world(), servingInterest, pacer.paused());
        if (pacer.paused())
            frame->fingerprint = session->fingerprint();
        frame->notice = std::exchange(notice, {});
        onFrame(std::move(frame));
    }
    void publishTerminal(TerminalId id, bool reset = false)
    {
        const TerminalId inner = terminals.at(id);
        if (!session->hasTerminal(inner))
            return;
        shell::Shell& shell = session->terminal(inner);
        TerminalUpdate update;
        update.id = id;
        update.output = shell.takeOutput();
        update.idle = shell.idle();
        update.prompt = update.idle ? shell.prompt() : std::string{};
        update.wantsKeys = shell.wantsKeys();
        const auto& place = shell.place();
        update.title = place.user + "@" + session->world().hosts().at(place.host).name;
        update.reset = reset;
        TerminalUpdate& known = last[id];
        if (update.output.empty() && !reset && update.idle == known.idle && update.prompt == known.prompt
            && update.wantsKeys == known.wantsKeys && update.title == known.title)
            return;
        if (update.idle && (!known.idle || update.title != known.title)) {
            update.status = shell.lastStatus();
            update.commands = std::make_shared<const shell::Shell::CommandNames>(shell.commandNames());
        }
        known = update;
        known.output.clear();
        known.commands.reset();
        onTerminal(std::move(update));
    }
    void resetTerminals()
    {
        for (const auto& [id, inner] : terminals)
            publishTerminal(id, true);
    }
    void adopt(std::unique_ptr<Session> fresh)
    {
        session = std::move(fresh);
        detailer.forget();
        hostDetailer.forget();
        gpuDetailer.forget();
        storageDetailer.forget();
        servingDetailer.forget();
        terminals.clear();
        last.clear();
        pacer.setPaused(true);
    }
};

Runner::Runner(std::shared_ptr<const content::Library> library, FrameCallback onFrame, TerminalCallback onTerminal)
    : m_impl(std::make_unique<Impl>())
{
    m_impl->library = std::move(library);
    m_impl->onFrame = std::move(onFrame);
    m_impl->onTerminal = std::move(onTerminal);
    m_impl->schedule();
    m_impl->thread = std::thread([impl = m_impl.get()] { impl->io.run(); });
}

Runner::~Runner()
{
    m_impl->io.stop();
    m_impl->thread.join();
}

void Runner::start(StartRequest request)
{
    m_impl->post([this, request = std::move(request)] {
        auto started = Session::start(m_impl->library, request);
        if (!started) {
            m_impl->notice = started.error().text();
            if (m_impl->session)
                m_impl->publishFrame();
            else {
                auto empty = std::make_shared<Frame>();
                empty->notice = std::exchange(m_impl->notice, {});
                m_impl->onFrame(std::move(empty));
            }
            return;
        }
        m_impl->adopt(std::move(*started));
        m_impl->pacer.setSpeed(1);
        m_impl->pacer.setPaused(false);
    });
}

void Runner::openReplay(std::string path, ResultCallback done)
{
    m_impl->post([this, path = std::move(path), done = std::move(done)] {
        auto file = readReplay(path);
        if (!file)
            return done(file.error());
        auto replayed = Session::replay(m_impl->library, *file);
        if (!replayed)
            return done(replayed.error());
        const bool exact = (*replayed)->fingerprint() == file->fingerprint;
        m_impl->adopt(std::move(*replayed));
        done(std::string(exact ? "exact" : "differs"));
    });
}

void Runner::saveReplay(std::string path, ResultCallback done)
{
    m_impl->withSession([path = std::move(path), done = std::move(done)](Session& s) {
        const auto written = writeReplay(s.saveReplay(), path);
        done(written ? sim::Result<std::string>(path) : sim::Result<std::string>(written.error()));
    });
}

void Runner::onThread(ThreadVisit visit)
{
    m_impl->post([impl = m_impl.get(), visit = std::move(visit)] { visit(impl->io, [impl] { return impl->session.get(); }); });
}

void Runner::setPaused(bool paused) { m_impl->post([this, paused] { m_impl->pacer.setPaused(paused); }); }
void Runner::setSpeed(double speed) { m_impl->post([this, speed] { m_impl->pacer.setSpeed(speed); }); }

void Runner::step(sim::Duration by)
{
    m_impl->withSession([this, by](Session& s) {
        m_impl->pacer.setPaused(true);
        s.runFor(by);
    });
}

void Runner::rewind(sim::Instant to)
{
    m_impl->withSession([this, to](Session& s) {
        m_impl->pacer.setPaused(true);
        s.rewind(to);
    });
}

void Runner::branch()
{
    m_impl->withSession([this](Session& s) {
        s.branch();
        m_impl->resetTerminals();
    });
}

void Runner::switchBranch(int id)
{
    m_impl->withSession([this, id](Session& s) {
        m_impl->pacer.setPaused(true);
        s.switchBranch(id);
        m_impl->resetTerminals();
    });
}

void Runner::acknowledge() { m_impl->withSession([](Session& s) { s.acknowledge(); }); }
void Runner::takeHint() { m_impl->withSession([](Session& s) { s.takeHint(); }); }

void Runner::diagnose(std::string cause, double confidence, std::string note)
{
    m_impl->withSession([=](Session& s) { s.diagnose(cause, confidence, note); });
}

void Runner::close() { m_impl->withSession([](Session& s) { s.close(); }); }

void Runner::observe(std::string what, std::string text, std::vector<std::string> reads)
{
    m_impl->withSession([=](Session& s) { s.observe(what, text, reads); });
}

void Runner::look(KubeInterest interest)
{
    m_impl->post([this, interest = std::move(interest)] { m_impl->interest = interest; });
}

void Runner::look(HostInterest interest)
{
    m_impl->post([this, interest = std::move(interest)] { m_impl->hostInterest = interest; });
}

void Runner::look(GpuInterest interest)
{
    m_impl->post([this, interest = std::move(interest)] { m_impl->gpuInterest = interest; });
}

void Runner::look(StorageInterest interest)
{
    m_impl->post([this, interest] { m_impl->storageInterest = interest; });
}

void Runner::look(ServingInterest interest)
{
    m_impl->post([this, interest = std::move(interest)] { m_impl->servingInterest = interest; });
}

void Runner::request(sim::kube::Request request, ResponseCallback done)
{
    m_impl->withSession([request = std::move(request), done = std::move(done)](Session& s) {
        if (request.verb == sim::kube::Verb::Get || request.verb == sim::kube::Verb::List)
            done(s.world().apiRead(request));
        else
            done(s.apply(sim::Command{sim::command::ApiCall{request}}).response);
    });
}

void Runner::rehearse(sim::kube::Request request, ResponseCallback done)
{
    m_impl->withSession([request = std::move(request), done = std::move(done)](Session& s) mutable {
        request.dryRun = true;
        sim::World copy = s.world();
        done(copy.apply(sim::Command{sim::command::ApiCall{std::move(request)}}).response);
    });
}

void Runner::openTerminal(TerminalId id, std::string host)
{
    m_impl->withSession([this, id, host = std::move(host)](Session& s) {
        m_impl->terminals[id] = s.openTerminal(host);
        m_impl->publishTerminal(id, true);
    });
}

void Runner::closeTerminal(TerminalId id)
{
    m_impl->withSession([this, id](Session& s) {
        const auto it = m_impl->terminals.find(id);
        if (it == m_impl->terminals.end())
            return;
        s.closeTerminal(it->second);
        m_impl->last.erase(id);
        m_impl->terminals.erase(it);
    });
}

void Runner::submitLine(TerminalId id, std::string line)
{
    m_impl->withTerminal(id, [this, id, line = std::move(line)](Session& s, TerminalId inner) {
        if (!s.terminal(inner).idle())
            return;
        m_impl->last[id].idle = false; // also a line that says nothing and ends at once is told to the window
        s.submitLine(inner, line);
    });
}

void Runner::sendKey(TerminalId id, std::string bytes)
{
    m_impl->withTerminal(id, [bytes = std::move(bytes)](Session& s, TerminalId inner) { s.sendKey(inner, bytes); });
}

void Runner::interrupt(TerminalId id)
{
    m_impl->withTerminal(id, [](Session& s, TerminalId inner) { s.interrupt(inner); });
}

void Runner::endOfInput(TerminalId id)
{
    m_impl->withTerminal(id, [](Session& s, TerminalId inner) { s.endOfInput(inner); });
}

void Runner::resizeTerminal(TerminalId id, int columns, int rows)
{
    m_impl->withTerminal(id, [=](Session& s, TerminalId inner) { s.terminal(inner).resize(columns, rows); });
}

void Runner::complete(TerminalId id, std::string line, std::size_t cursor, CompletionCallback done)
{
    m_impl->withTerminal(id, [line = std::move(line), cursor, done = std::move(done)](Session& s, TerminalId inner) {
        shell::Shell& shell = s.terminal(inner);
        done(shell.idle() ? shell.complete(line, cursor) : shell::Shell::CompletionResult{});
    });
}

} // namespace core::session
