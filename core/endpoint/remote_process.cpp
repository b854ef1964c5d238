#include "core/endpoint/remote_process.h"

#include "core/shell/commands/kubelet_answers.h"
#include "core/shell/commands/world_system.h"
#include "core/shell/line_editing/line_editor.h"
#include "sim/engine/assert.h"
#include "sim/engine/base64.h"

#include <fmt/format.h>

#include <algorithm>

namespace core::endpoint {

namespace {

using nlohmann::json;
using session::Session;
using sim::container::Container;
using shell::LineEditor;

constexpr char kCtrlC = 3;
constexpr char kCtrlD = 4;
// What a client may send ahead of the command that reads it.
constexpr std::size_t kMaxInput = 4u << 20;

/// Whole lines of text, which a here-document hands on as they are.
bool isLines(const std::string& typed)
{
    const std::string dumped = json(typed).dump(-1, ' ', false, json::error_handler_t::ignore);
    return typed.ends_with('\n') && std::none_of(typed.begin(), typed.end(), [](char c) { return c == '\0' || c == '\r'; })
        && json::parse(dumped, nullptr, false) == json(typed);
}

/// A pipe carries no carriage returns that the screen's lines end in.
std::string withoutLineReturns(std::string text)
{
    for (std::size_t at = 0; (at = text.find("\r\n", at)) != std::string::npos; ++at)
        text.erase(at, 1);
    return text;
}

/// The world to look at, for questions that change nothing.
class ReadingDoor final : public shell::Door {
public:
    explicit ReadingDoor(const sim::World& world) : m_world(world) { }
    const sim::World& world() const override { return m_world; }
    sim::CommandResult apply(const sim::Command&) override
    {
        FL_ASSERT(!"a look-up changes nothing");
        return {};
    }

private:
    const sim::World& m_world;
};

class Exec final : public RemoteProcess {
public:
    Exec(LabSource lab, RemoteSettings settings) : m_source(std::move(lab)), m_settings(std::move(settings)) { start(); }
    ~Exec() override
    {
        if (Session* lab = session())
            lab->closeTerminal(m_terminal);
    }

    void input(std::string_view bytes) override
    {
        if (m_status || !m_settings.in || m_typed.size() + bytes.size() > kMaxInput)
            return;
        m_typed += bytes;
        advance();
    }
    void endOfInput() override
    {
        m_inputEnded = true;
        advance();
    }
    void resize(int columns, int rows) override
    {
        Session* lab = session();
        if (lab == nullptr || columns <= 0 || rows <= 0)
            return;
        lab->terminal(m_terminal).resize(columns, rows);
        m_editor.resize(columns);
    }
    Output take() override
    {
        advance();
        return std::exchange(m_output, {});
    }
    std::optional<std::string> status() const override { return m_status; }

private:
    Session* session() const
    {
        Session* lab = m_source();
        return lab != nullptr && lab == m_lab && m_terminal != 0 && lab->hasTerminal(m_terminal) ? lab : nullptr;
    }

    void start()
    {
        m_lab = m_source();
        if (m_lab == nullptr)
            return end(internalErrorStatus("the lab is being started"));
        const sim::World& world = m_lab->world();
        const Container* container = world.containerOf(*m_settings.target.pod, m_settings.target.container);
        if (container == nullptr || container->state != Container::State::Running)
            return end(internalErrorStatus(fmt::format("unable to upgrade connection: container not found (\"{}\")", m_settings.target.container)));
        ReadingDoor door(world);
        shell::WorldSystem system(door);
        const shell::Place place{container->host, container->id, "root"};
        if (const std::string problem = shell::execProblem(system, place, *container, world.now(), m_settings.command[0]); !problem.empty())
            return end(internalErrorStatus(problem));
        m_terminal = m_lab->openTerminal(session::podPlace(m_settings.target.pod->metadata.namespace_, m_settings.target.pod->metadata.name,
                                                           m_settings.target.container, m_settings.tty, m_settings.attached));
        m_shell = shell::isPlainShell(m_settings.command) && m_settings.in;
        m_environment = shell::exportsOf(*container);
        if (m_shell && m_settings.tty) {
            if (!m_environment.empty())
                m_lab->submitLine(m_terminal, std::exchange(m_environment, {}));
            gather(*m_lab); // the prompt comes once the shell is idle
        } else if (!m_shell && (m_settings.tty || !m_settings.in)) {
            run({});
        }
    }

    /// Runs the command, with what was typed as its standard input.
    void run(const std::string& typed)
    {
        std::string line = m_environment;
        const std::string command = shell::lineOf(m_settings.command);
        if (typed.empty())
            line += command;
        else if (isLines(typed))
            line += command + "<<'END OF INPUT'\n" + typed + "END OF INPUT";
        else // an archive, or a last line without its end: a here-document would change it
            line += "base64 -d <<'END OF INPUT' | " + command + "\n" + sim::encodeBase64(typed) + "\nEND OF INPUT";
        m_running = true;
        m_lab->submitLine(m_terminal, line);
    }

    void advance()
    {
        if (m_status)
            return;
        Session* lab = session();
        if (lab == nullptr)
            return end(internalErrorStatus("the container's world is gone"));
        if (m_settings.tty)
            typeKeys(*lab);
        else
            typeLines(*lab);
        gather(*lab);
    }

    /// Without a terminal: a shell gets its lines as they come, other programs all of their input at once.
    void typeLines(Session& lab)
    {
        if (m_shell) {
            while (lab.terminal(m_terminal).idle() && !m_leaving) {
                const std::size_t end = m_typed.find('\n');
                if (end == std::string::npos && (!m_inputEnded || m_typed.empty()))
                    break;
                const std::string line = m_typed.substr(0, end);
                m_typed.erase(0, end == std::string::npos ? end : end + 1);
                submit(lab, line);
            }
            m_leaving = m_leaving || (m_inputEnded && m_typed.empty());
        } else if (!m_running && m_inputEnded) {
            run(std::exchange(m_typed, {}));
        }
    }

    void submit(Session& lab, const std::string& line)
    {
        lab.submitLine(m_terminal, std::exchange(m_environment, {}) + line);
        // The first shell of a terminal is never left by itself: the process has to end.
        std::string word = line.substr(std::min(line.find_first_not_of(" \t"), line.size()));
        word = word.substr(0, word.find_first_of(" \t;"));
        m_leaving = word == "exit" || word == "logout";
    }

    /// With a terminal: bytes go to the line editor, to a full-screen program or to a running job.
    void typeKeys(Session& lab)
    {
        while (!m_typed.empty() && !m_leaving) {
            if (m_editing) {
                const LineEditor::Result result = m_editor.feed(std::exchange(m_typed, {}));
                m_typed = m_editor.takePendingInput();
                m_output.out += m_editor.output();
                act(lab, result);
                continue;
            }
            const std::string bytes = std::exchange(m_typed, {});
            if (lab.terminal(m_terminal).wantsKeys())
                lab.sendKey(m_terminal, bytes);
            else if (bytes.find(kCtrlC) != std::string::npos)
                lab.interrupt(m_terminal);
            else if (bytes.find(kCtrlD) != std::string::npos)
                lab.endOfInput(m_terminal);
            else
                m_ahead += bytes; // typed while a command runs: for the next line
        }
    }

    void act(Session& lab, LineEditor::Result result)
    {
        switch (result) {
        case LineEditor::Result::None: return;
        case LineEditor::Result::Interrupt:
            lab.interrupt(m_terminal);
            lab.terminal(m_terminal).takeOutput();
            startLine();
            return;
        case LineEditor::Result::EndOfFile:
            m_output.out += "exit\r\n";
            m_leaving = true;
            m_editing = false;
            return;
        case LineEditor::Result::Submitted: break;
        }
        m_editing = false;
        const std::string line = m_editor.line();
        m_editor.addToHistory(line);
        submit(lab, line);
    }

    void startLine()
    {
        m_editing = true;
        m_editor.start(m_lab->terminal(m_terminal).prompt());
        m_output.out += m_editor.output();
    }

    void gather(Session& lab)
    {
        shell::Shell& shell = lab.terminal(m_terminal);
        std::string out = shell.takeOutput();
        std::string err = shell.takeErrors();
        if (!m_settings.tty) {
            out = withoutLineReturns(std::move(out));
            err = withoutLineReturns(std::move(err));
        }
        m_output.out += out;
        m_output.err += err;
        if (!shell.idle() || m_status)
            return;
        if (m_running || m_leaving) {
            end(m_settings.attached ? successStatus() : exitStatus(shell.lastStatus())); // who attached is not told how it ended
        } else if (m_settings.tty && m_shell && !m_editing) {
            startLine();
            m_typed = std::exchange(m_ahead, {}) + m_typed;
        }
    }

    void end(std::string status) { m_status = std::move(status); }

    LabSource m_source;
    RemoteSettings m_settings;
    Session* m_lab = nullptr;
    session::TerminalId m_terminal = 0;
    std::string m_environment;
    std::string m_typed; ///< bytes nobody has read yet
    std::string m_ahead;
    bool m_inputEnded = false;
    bool m_shell = false;   ///< the command is a shell that reads its lines from us
    bool m_running = false; ///< any other command was started
    bool m_editing = false;
    bool m_leaving = false; ///< the shell ends once it is idle
    LineEditor m_editor;
    Output m_output;
    std::optional<std::string> m_status;
};

} // namespace

std::string successStatus() { return R"({"metadata":{},"status":"Success"})"; }

std::string exitStatus(int code)
{
    if (code == 0)
        return successStatus();
    return json{{"metadata", json::object()}, {"status", "Failure"},
                {"message", fmt::format("command terminated with non-zero exit code: exit status {}", code)}, {"reason", "NonZeroExitCode"},
                {"details", {{"causes", json::array({{{"reason", "ExitCode"}, {"message", std::to_string(code)}}})}}}}
        .dump();
}

std::string internalErrorStatus(const std::string& message)
{
    return json{{"metadata", json::object()}, {"status", "Failure"}, {"message", "Internal error occurred: " + message}, {"reason", "InternalError"},
                {"details", {{"causes", json::array({{{"message", message}}})}}}, {"code", 500}}
        .dump();
}

std::unique_ptr<RemoteProcess> startExec(LabSource lab, RemoteSettings settings)
{
    return std::make_unique<Exec>(std::move(lab), std::move(settings));
}

} // namespace core::endpoint
