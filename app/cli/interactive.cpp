#include "app/cli/interactive.h"

#include "app/cli/grade_text.h"
#include "app/cli/lab_commands.h"
#include "app/cli/terminal_mode.h"
#include "core/content/pattern.h"
#include "core/session/pacer.h"
#include "core/session/script.h"
#include "core/shell/line_editing/line_editor.h"

#include <fmt/format.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

namespace app::cli {

namespace {

using core::session::Session;
using core::session::TerminalId;
using core::shell::LineEditor;

constexpr int kTickMilliseconds = 40;
constexpr char kCtrlC = 3;
constexpr char kCtrlD = 4;

/// A raw terminal does no newline translation.
std::string withCarriageReturns(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (c == '\n')
            out += '\r';
        out += c;
    }
    return out;
}

void print(std::string_view bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (written <= 0)
            return;
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
}

/// One learner at one terminal: bytes go to the line editor, to a full-screen program or to a running job,
/// and the lab's clock follows the wall's in between.
class Console {
public:
    Console(Session& session, core::content::Language language, double speed)
        : m_session(session), m_context{session, m_pacer, language}, m_editor(terminalSize().columns)
    {
        m_pacer.setSpeed(speed);
        m_pacer.setPaused(false);
        m_terminal = session.openTerminal();
        m_editor.complete = [this](const std::string& line, std::size_t cursor) { return complete(line, cursor); };
        m_editor.colours = true;
        m_editor.knowsCommand = [this](std::string_view name) { return name.front() == ':' || m_names.count(name) > 0; };
    }

    void run()
    {
        print(withCarriageReturns(banner()));
        resize();
        shell().takeOutput();
        startLine();
        while (!m_done) {
            readKeys();
            const sim::Duration due = m_pacer.due();
            if (due > sim::Duration::zero())
                m_session.runFor(due);
            showOutput();
            tellAlerts();
            resize();
        }
    }

private:
    core::shell::Shell& shell() { return m_session.terminal(m_terminal); }

    template <class... Arguments>
    std::string told(const char* en, const char* zh, const Arguments&... arguments) const
    {
        return fmt::format(fmt::runtime(say(m_context.language, en, zh)), arguments...);
    }

    /// Where one is, and what to do next.
    std::string banner() const
    {
        const auto frame = m_session.frame();
        const std::string clock = told("It is {} in the lab, and {:g} s pass there while one passes here (:speed, :pause).\n",
                                       "实验室时间 {}；这里过 1 秒，那里过 {:g} 秒（:speed 和 :pause 可以调整）。\n",
                                       clockText(m_session.now()), m_pacer.speed());
        if (!frame.incident)
            return told("The healthy lab: nothing is broken. Look around with {}ssh MACHINE and curl; :help lists the rest.\n",
                        "健康的实验室：没有任何故障。用 {}ssh 主机名、curl 四处看看；其余命令见 :help。\n",
                        hasCluster() ? say(m_context.language, "kubectl, ", "kubectl、") : "")
                + clock;
        return told("{} (seed {})\n", "{}（种子 {}）\n", frame.incident->title.in(m_context.language), m_session.request().seed)
            + told("1. :ack takes the page, :brief tells the task, `cat runbooks/*` what this team knows.\n",
                   "1. :ack 确认告警，:brief 查看任务，`cat runbooks/*` 查看团队的运维手册。\n")
            + told("2. Find the cause: {}then ssh MACHINE, curl, journalctl. :hint helps, at a price.\n",
                   "2. 定位原因：{}接着用 ssh 主机名、curl、journalctl 深入。:hint 给提示，但会扣分。\n", firstLooks())
            + told("3. Name it with :diagnose CAUSE (:causes lists them), repair it, see that users are served, and :close.\n",
                   "3. 用 :diagnose 指出根因（:causes 列出候选），修复它，确认用户恢复正常，然后 :close。\n")
            + clock + told(":help lists what the lab itself understands.\n", ":help 列出实验室自己的命令。\n");
    }

    bool hasCluster() const
    {
        const auto& machines = m_session.world().hosts().all();
        return std::any_of(machines.begin(), machines.end(), [](const auto& machine) { return machine.role == "control-plane"; });
    }

    /// The looks that anybody takes first where this incident plays; they give no cause away (`faultctl verify`).
    std::string firstLooks() const
    {
        constexpr std::size_t kMost = 2;
        std::string looks;
        const auto& commands = m_session.run()->incident().obviousCommands;
        for (std::size_t i = 0; i < std::min(kMost, commands.size()); ++i)
            looks += fmt::format("{}`{}`", i == 0 ? "" : say(m_context.language, " or ", " 或 "),
                                 core::content::fillText(commands[i], m_session.run()->placeholders()));
        return looks.empty() ? looks : told("{} is a start; ", "可以从 {} 入手，", looks);
    }

    void startLine()
    {
        m_editing = true;
        m_names = shell().commandNames();
        m_editor.start(shell().prompt());
        print(m_editor.output());
    }

    void readKeys()
    {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (::poll(&input, 1, kTickMilliseconds) <= 0)
            return;
        char buffer[4096];
        const ssize_t count = ::read(STDIN_FILENO, buffer, sizeof buffer);
        if (count <= 0) {
            m_done = true;
            return;
        }
        take(std::string(buffer, static_cast<std::size_t>(count)));
    }

    void take(std::string bytes)
    {
        while (!bytes.empty() && !m_done) {
            if (m_editing) {
                const LineEditor::Result result = m_editor.feed(bytes);
                bytes = m_editor.takePendingInput();
                print(m_editor.output());
                act(result);
                continue;
            }
            if (shell().wantsKeys())
                m_session.sendKey(m_terminal, bytes);
            else if (bytes.find(kCtrlC) != std::string::npos)
                m_session.interrupt(m_terminal);
            else if (bytes.find(kCtrlD) != std::string::npos)
                m_session.endOfInput(m_terminal);
            else
                m_ahead += bytes; // typed while a command runs: for the next line
            return;
        }
    }

    void act(LineEditor::Result result)
    {
        switch (result) {
        case LineEditor::Result::None:
            return;
        case LineEditor::Result::Submitted:
            submit(m_editor.line());
            return;
        case LineEditor::Result::Interrupt:
            m_session.interrupt(m_terminal);
            startLine();
            return;
        case LineEditor::Result::EndOfFile:
            endOfFile();
            return;
        }
    }

    void submit(const std::string& line)
    {
        m_editing = false;
        m_editor.addToHistory(line);
        if (line == ":" || core::session::isLabLine(line)) {
            const LabAnswer answer = runLabCommand(m_context, line);
            print(withCarriageReturns(answer.text));
            m_done = answer.leave;
            if (answer.rewound && !m_session.hasTerminal(m_terminal))
                m_terminal = m_session.openTerminal();
            if (!m_done)
                startLine();
            return;
        }
        m_session.submitLine(m_terminal, line);
        showOutput();
    }

    /// Ctrl-D leaves an ssh session; at the first shell it leaves the lab.
    void endOfFile()
    {
        const core::shell::Place before = shell().place();
        m_session.endOfInput(m_terminal);
        if (shell().place() == before && shell().idle()) {
            m_done = true;
            return;
        }
        m_editing = false;
        showOutput();
    }

    void showOutput()
    {
        const std::string output = shell().takeOutput();
        if (!output.empty() && m_editing) {
            print("\r\x1b[K");
            print(output);
            m_editor.redraw();
            print(m_editor.output());
        } else {
            print(output);
        }
        if (!m_editing && shell().idle()) {
            startLine();
            take(std::exchange(m_ahead, {}));
        }
    }

    void tellAlerts()
    {
        const auto frame = m_session.frame();
        if (m_alertTold || !frame.incident || !frame.incident->alertFired || frame.incident->acknowledged)
            return;
        m_alertTold = true;
        print("\r\x1b[K");
        print(withCarriageReturns(told("\x1b[1;31m[{}] ALERT\x1b[0m: {} (:ack takes it, :brief tells more)\n",
                                       "\x1b[1;31m[{}] 告警\x1b[0m：{}（:ack 确认，:brief 查看详情）\n", clockText(m_session.now()),
                                       frame.incident->title.in(m_context.language))));
        if (m_editing) {
            m_editor.redraw();
            print(m_editor.output());
        }
    }

    void resize()
    {
        const TerminalSize size = terminalSize();
        if (size.columns == m_size.columns && size.rows == m_size.rows)
            return;
        m_size = size;
        m_editor.resize(size.columns);
        shell().resize(size.columns, size.rows);
    }

    LineEditor::Completions complete(const std::string& line, std::size_t cursor)
    {
        LineEditor::Completions found;
        if (!line.empty() && line[0] == ':') {
            for (const LabCommand& command : labCommands()) {
                const std::string name = std::string(":") + command.name;
                if (name.compare(0, cursor, line, 0, cursor) == 0)
                    found.candidates.push_back({name, command.summary.in(m_context.language)});
            }
            return found;
        }
        auto result = shell().complete(line, cursor);
        found.start = result.start;
        found.candidates = std::move(result.candidates);
        return found;
    }

    Session& m_session;
    core::session::Pacer m_pacer;
    LabContext m_context;
    core::shell::Shell::CommandNames m_names; ///< what may stand where a command is due
    LineEditor m_editor;
    TerminalSize m_size{0, 0};
    TerminalId m_terminal{};
    std::string m_ahead;
    bool m_editing = false;
    bool m_alertTold = false;
    bool m_done = false;
};

} // namespace

void interactive(Session& session, core::content::Language language, double speed)
{
    const RawTerminal raw;
    Console(session, language, speed).run();
}

} // namespace app::cli
