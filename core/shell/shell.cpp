#include "core/shell/shell.h"

#include "core/shell/completion.h"
#include "core/shell/language/evaluator.h"
#include "sim/engine/assert.h"

#include <fmt/format.h>

namespace core::shell {

namespace {

/// An interactive shell in this terminal: the first one, or one behind ssh.
struct Level {
    Level(Runtime& runtime, const Place& place, Descriptors screen)
        : shell(runtime, Evaluator::freshState(runtime, place), 0), streams(std::move(screen))
    { }
    Evaluator shell;
    Descriptors streams; ///< the screen and the keyboard, unless exec redirected them
    std::string unfinished; ///< lines of a command that is not complete yet
    bool running = false;
    int job = 0;
    Fiber* opener = nullptr; ///< the command that waits for this shell to be left
    bool left = false;
};

} // namespace

struct Shell::Impl {
    Impl(System& system, Door& door, const CommandTable& commands, Settings settings)
        : fibers([&system] { return system.now(); }), terminal(fibers, [&system] { return system.now(); }),
          runtime{system, door, commands, fibers, terminal, [this](const Place& place) {
                      return openShell(place);
                  }}
    {
        terminal.interactive = settings.interactive;
        terminal.columns = settings.columns;
        terminal.rows = settings.rows;
        runtime.history = &history;
        fibers.beforeSleep = [this](int job) {
            terminal.flush(job);
        };
        screen.in = std::make_shared<TextInput>("");
        if (settings.interactive)
            screen.in = terminal.keyboardStream();
        screen.out[1] = terminal.screenStream();
        screen.out[2] = settings.separateErrors ? terminal.errorStream() : terminal.screenStream();
        levels.push_back(std::make_shared<Level>(runtime, settings.place, screen));
        if (settings.interactive)
            setComforts(levels.back()->shell);
    }

    /// What a distribution's .bashrc would bring.
    static void setComforts(Evaluator& shell)
    {
        shell.state.aliases = {{"ll", "ls -l"}, {"la", "ls -A"}};
        shell.state.interactive = true;
    }

    Level& top() { return *levels.back(); }
    const Level& top() const { return *levels.back(); }

    void start(const std::string& text, const std::string& shownLine)
    {
        const std::shared_ptr<Level> level = levels.back();
        level->running = true;
        level->job = terminal.startJob(shownLine).id;
        Fiber* fiber = fibers.spawn(level->job, [this, level, text] {
            Descriptors& streams = level->streams;
            bool exited = false;
            try {
                level->shell.beginLine();
                level->shell.runText(text, streams, exited);
                if (exited)
                    level->shell.state.lastStatus = level->shell.runExitTrap(level->shell.state.lastStatus, streams);
            } catch (const Interrupted& interrupted) {
                level->shell.state.lastStatus = interrupted.exitStatus;
            }
            streams.flush();
            terminal.currentJob().status = level->shell.state.lastStatus;
            terminal.endJob(level->job);
            level->running = false;
            if (exited)
                leave(*level);
        });
        fiber->scope = nullptr;
        fiber->detached = true;
        run();
    }

    void run()
    {
        fibers.run();
        if (!top().running)
            announceJobs();
    }

    void announceJobs()
    {
        std::vector<BackgroundJob>& jobs = *top().shell.jobs;
        for (BackgroundJob& job : jobs) {
            if (!job.status->has_value() || job.announced)
                continue;
            job.announced = true;
            const std::string state = **job.status == 0 ? "Done"
                : **job.status == 143                   ? "Terminated"
                                                        : fmt::format("Exit {}", **job.status);
            if (terminal.interactive)
                terminal.echo(fmt::format("[{}]+  {:<24}{}\n", job.number, state, job.commandLine));
        }
        top().shell.forgetAnnouncedJobs();
    }

    void leave(Level& level)
    {
        if (!level.opener)
            return; // the first shell is never left
        level.left = true;
        fibers.wake(level.opener);
    }

    int openShell(const Place& place)
    {
        constexpr std::size_t kMaxLevels = 20;
        if (levels.size() >= kMaxLevels) {
            terminal.write("bash: too many shells inside each other\n");
            return 1;
        }
        const auto level = std::make_shared<Level>(runtime, place, screen);
        level->opener = fibers.current();
        setComforts(level->shell);
        levels.push_back(level);
        terminal.flush(fibers.current()->job());
        struct Leave {
            Impl& impl;
            const std::shared_ptr<Level>& level;
            ~Leave()
            {
                // When the opener is killed, what runs behind it goes with it.
                if (level->running)
                    impl.fibers.interruptJob(level->job, 129);
                for (const BackgroundJob& job : *level->shell.jobs)
                    impl.fibers.interruptJob(job.job, 129);
                while (impl.levels.size() > 1 && impl.levels.back() != level)
                    impl.levels.pop_back();
                impl.levels.pop_back();
            }
        } leaveGuard{*this, level};
        while (!level->left)
            fibers.block();
        return level->shell.state.lastStatus;
    }

    std::vector<std::string> history;
    Fibers fibers;
    Terminal terminal;
    Runtime runtime;
    Descriptors screen;
    std::vector<std::shared_ptr<Level>> levels;

    ~Impl()
    {
        // Everything unwinds while the rest of this object still lives.
        fibers.interruptAll(129);
        fibers.run();
    }
};

Shell::Shell(System& system, Door& door, const CommandTable& commands, Settings settings)
    : m_impl(std::make_unique<Impl>(system, door, commands, std::move(settings)))
{ }

Shell::~Shell() = default;

bool Shell::idle() const
{
    return !m_impl->top().running;
}

void Shell::submit(const std::string& line)
{
    FL_ASSERT(idle());
    Level& level = m_impl->top();
    if (m_impl->terminal.interactive && !line.empty() && line[0] != ' '
        && (m_impl->history.empty() || m_impl->history.back() != line))
        m_impl->history.push_back(line);
    const std::string text = level.unfinished + line;
    std::size_t backslashes = 0;
    while (backslashes < text.size() && text[text.size() - 1 - backslashes] == '\\')
        ++backslashes;
    const bool continued = backslashes % 2 == 1;
    if (continued || parseShell(text, level.shell.state.aliases).status == ParseResult::Status::Incomplete) {
        level.unfinished = text + "\n";
        return;
    }
    level.unfinished.clear();
    if (text.find_first_not_of(" \t\r\n") == std::string::npos)
        return;
    m_impl->start(text, text);
}

std::optional<sim::Instant> Shell::wakeAt() const
{
    return m_impl->fibers.wakeAt();
}

void Shell::resume()
{
    m_impl->run();
}

void Shell::interrupt()
{
    Level& level = m_impl->top();
    m_impl->terminal.echo("^C\n");
    if (!level.running) {
        level.unfinished.clear();
        level.shell.state.lastStatus = 130;
        return;
    }
    m_impl->fibers.interruptJob(level.job, 130);
    m_impl->run();
}

void Shell::endOfInput()
{
    Level& level = m_impl->top();
    if (level.running) {
        if (m_impl->terminal.wantsKeys())
            sendKey("\x04");
        return;
    }
    if (!level.unfinished.empty()) {
        // As bash does at end of file: what is there is run, and complains.
        const std::string text = std::exchange(level.unfinished, {});
        m_impl->start(text, text);
        return;
    }
    if (!level.opener)
        return;
    m_impl->terminal.echo("logout\n");
    m_impl->leave(level);
    m_impl->run();
}

bool Shell::wantsKeys() const
{
    return m_impl->terminal.wantsKeys();
}

void Shell::sendKey(const std::string& bytes)
{
    if (bytes == "\x03") {
        interrupt();
        return;
    }
    m_impl->terminal.sendKey(bytes);
    m_impl->run();
}

void Shell::resize(int columns, int rows)
{
    m_impl->terminal.columns = columns;
    m_impl->terminal.rows = rows;
}

std::string Shell::prompt() const
{
    const Level& level = m_impl->top();
    if (!level.unfinished.empty())
        return "> ";
    const ShellState& state = level.shell.state;
    std::string directory = state.workingDirectory;
    const std::string home = state.variable("HOME");
    if (directory == home)
        directory = "~";
    else if (home.size() > 1 && directory.compare(0, home.size() + 1, home + "/") == 0)
        directory = "~" + directory.substr(home.size());
    return fmt::format("\x1b[1;32m{}@{}\x1b[0m:\x1b[1;34m{}\x1b[0m{} ", state.place.user,
                       m_impl->runtime.system.hostName(state.place), directory,
                       state.place.user == "root" ? '#' : '$');
}

std::string Shell::takeOutput()
{
    return m_impl->terminal.takeOutput();
}

std::string Shell::takeErrors()
{
    return m_impl->terminal.takeErrors();
}

std::vector<Shown> Shell::takeShown()
{
    return m_impl->terminal.takeShown();
}

int Shell::lastStatus() const
{
    return m_impl->top().shell.state.lastStatus;
}

const Place& Shell::place() const
{
    return m_impl->top().shell.state.place;
}

const std::vector<std::string>& Shell::history() const
{
    return m_impl->history;
}

void Shell::setHistory(std::vector<std::string> lines)
{
    m_impl->history = std::move(lines);
}

Shell::CommandNames Shell::commandNames()
{
    return core::shell::commandNames(m_impl->top().shell);
}

Shell::CompletionResult Shell::complete(const std::string& line, std::size_t cursor)
{
    FL_ASSERT(idle());
    return completeLine(m_impl->top().shell, line, cursor);
}

} // namespace core::shell
