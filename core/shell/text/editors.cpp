#include "core/shell/text/commands.h"
#include "core/shell/text/full_screen.h"
#include "core/shell/text/input_files.h"
#include "core/shell/text/text_buffer.h"

#include <fmt/format.h>
#include <algorithm>

namespace core::shell {

namespace {

/// A file being edited on a terminal; the keys are the derived editor's.
class Editor {
public:
    Editor(Invocation& invocation, std::string path, const std::string& text, bool existed)
        : m_invocation(invocation), m_path(std::move(path)), m_buffer(text), m_existed(existed)
    { }
    virtual ~Editor() = default;

    int run()
    {
        const FullScreen screen(m_invocation.out());
        while (!m_done) {
            draw();
            const std::optional<std::string> key = m_invocation.readKey(std::nullopt);
            if (!key)
                return 1;
            handle(*key);
        }
        return 0;
    }

protected:
    virtual void draw() = 0;
    virtual void handle(const std::string& key) = 0;

    bool save(const std::string& path, std::string& reason)
    {
        const Errno error = m_invocation.system().writeFile(
            m_invocation.place(), m_invocation.absolutePath(path), m_buffer.text(), false);
        reason = std::string(describe(error));
        if (error == Errno::None)
            m_buffer.modified = false;
        return error == Errno::None;
    }
    static bool printable(const std::string& key)
    {
        return static_cast<unsigned char>(key[0]) >= 0x20 && key[0] != '\x7f' && key[0] != '\x1b';
    }
    /// Arrow keys and their kin, the same in every mode.
    bool moved(const std::string& key, bool pastEnd)
    {
        if (key == "\x1b[A" || key == "\x1bOA")
            m_buffer.up();
        else if (key == "\x1b[B" || key == "\x1bOB")
            m_buffer.down();
        else if (key == "\x1b[D" || key == "\x1bOD")
            m_buffer.left();
        else if (key == "\x1b[C" || key == "\x1bOC")
            m_buffer.right(pastEnd);
        else if (key == "\x1b[H" || key == "\x1bOH" || key == "\x1b[1~")
            m_buffer.column = 0;
        else if (key == "\x1b[F" || key == "\x1bOF" || key == "\x1b[4~")
            m_buffer.column = m_buffer.lines[m_buffer.row].size();
        else if (key == "\x1b[5~")
            m_buffer.up(static_cast<std::size_t>(m_invocation.out().rows()) / 2);
        else if (key == "\x1b[6~")
            m_buffer.down(static_cast<std::size_t>(m_invocation.out().rows()) / 2);
        else
            return false;
        m_buffer.clamp(pastEnd);
        return true;
    }

    Invocation& m_invocation;
    std::string m_path;
    TextBuffer m_buffer;
    bool m_existed;
    bool m_done = false;
    std::string m_message;
};

class Vi final : public Editor {
public:
    using Editor::Editor;

private:
    enum class Mode { Normal, Insert, Command };

    void draw() override
    {
        const int columns = m_invocation.out().columns();
        if (m_message.empty() && m_first)
            m_message = fmt::format(
                "\"{}\" {}", m_path,
                m_existed ? fmt::format("{}L, {}B", m_buffer.text().empty() ? 0 : m_buffer.lines.size(),
                                        m_buffer.text().size())
                          : "[New]");
        m_first = false;
        const std::string status = m_mode == Mode::Insert ? "-- INSERT --"
            : m_mode == Mode::Command                     ? m_command
                                                          : m_message;
        m_invocation.print(m_buffer.draw(columns, m_invocation.out().rows() - 1, {},
                                         fitCells(status, columns), m_mode != Mode::Command));
    }

    void handle(const std::string& key) override
    {
        if (m_mode == Mode::Command)
            handleCommand(key);
        else if (m_mode == Mode::Insert)
            handleInsert(key);
        else
            handleNormal(key);
    }

    void handleInsert(const std::string& key)
    {
        if (key == "\x1b") {
            m_mode = Mode::Normal;
            if (m_buffer.column > 0)
                m_buffer.left();
            m_buffer.clamp(false);
        } else if (key == "\r" || key == "\n") {
            m_buffer.breakLine();
        } else if (key == "\x7f" || key == "\b") {
            m_buffer.eraseBefore();
        } else if (key == "\x1b[3~") {
            m_buffer.eraseAt();
        } else if (key == "\t") {
            m_buffer.insert("\t");
        } else if (!moved(key, true) && printable(key)) {
            m_buffer.insert(key);
        }
    }

    void remember()
    {
        constexpr std::size_t kMostUndo = 200;
        m_undo.push_back(m_buffer);
        if (m_undo.size() > kMostUndo)
            m_undo.erase(m_undo.begin());
    }

    void startInsert()
    {
        m_mode = Mode::Insert;
        m_message.clear();
    }

    void handleNormal(const std::string& key)
    {
        if (moved(key, false))
            return;
        const std::string command = m_pending + key;
        m_pending.clear();
        std::string& line = m_buffer.lines[m_buffer.row];
        if (command == "h" || command == "\x7f") {
            m_buffer.left();
        } else if (command == "l" || command == " ") {
            m_buffer.right(false);
        } else if (command == "j" || command == "\r") {
            m_buffer.down();
        } else if (command == "k") {
            m_buffer.up();
        } else if (command == "0" || command == "^") {
            m_buffer.column = 0;
        } else if (command == "$") {
            m_buffer.column = line.size();
        } else if (command == "w") {
            m_buffer.column = std::min(
                line.find_first_not_of(" \t", line.find_first_of(" \t", m_buffer.column)), line.size());
        } else if (command == "b") {
            std::size_t c = m_buffer.column;
            while (c > 0 && line[c - 1] == ' ')
                --c;
            while (c > 0 && line[c - 1] != ' ')
                --c;
            m_buffer.column = c;
        } else if (command == "G") {
            m_buffer.row = m_buffer.lines.size() - 1;
        } else if (command == "gg") {
            m_buffer.row = 0;
        } else if (command == "i" || command == "a" || command == "A" || command == "I" || command == "o"
                   || command == "O") {
            remember();
            insertBy(command[0]);
            startInsert();
            return;
        } else if (command == "x" || command == "\x1b[3~") {
            remember();
            m_buffer.eraseAt();
        } else if (command == "D") {
            remember();
            line.resize(m_buffer.column);
            m_buffer.modified = true;
        } else if (command == "dd") {
            remember();
            m_yanked = m_buffer.takeLine();
        } else if (command == "yy") {
            m_yanked = line;
        } else if (command == "p" && m_yanked) {
            remember();
            m_buffer.lines.insert(m_buffer.lines.begin() + static_cast<std::ptrdiff_t>(++m_buffer.row),
                                  *m_yanked);
            m_buffer.modified = true;
        } else if (command == "u") {
            if (m_undo.empty()) {
                m_message = "Already at oldest change";
            } else {
                m_buffer = m_undo.back();
                m_undo.pop_back();
            }
        } else if (command == "/" || command == ":") {
            m_mode = Mode::Command;
            m_command = command;
            return;
        } else if (command == "n") {
            find();
        } else if (command == "ZZ") {
            execute("wq");
        } else if (command == "d" || command == "g" || command == "y" || command == "Z") {
            m_pending = command;
            return;
        }
        m_buffer.clamp(false);
    }

    void insertBy(char how)
    {
        switch (how) {
        case 'a': m_buffer.right(true); break;
        case 'A': m_buffer.column = m_buffer.lines[m_buffer.row].size(); break;
        case 'I': m_buffer.column = 0; break;
        case 'o':
            m_buffer.column = m_buffer.lines[m_buffer.row].size();
            m_buffer.breakLine();
            break;
        case 'O':
            m_buffer.column = 0;
            m_buffer.breakLine();
            m_buffer.up();
            break;
        default: break;
        }
    }

    void handleCommand(const std::string& key)
    {
        if (key == "\x1b") {
            m_mode = Mode::Normal;
        } else if (key == "\r" || key == "\n") {
            m_mode = Mode::Normal;
            m_message.clear();
            if (m_command[0] == '/') {
                m_search = m_command.substr(1);
                find();
            } else {
                execute(m_command.substr(1));
            }
        } else if (key == "\x7f" || key == "\b") {
            m_command.pop_back();
            if (m_command.empty())
                m_mode = Mode::Normal;
        } else if (printable(key)) {
            m_command += key;
        }
    }

    void find()
    {
        for (std::size_t n = 0; !m_search.empty() && n <= m_buffer.lines.size(); ++n) {
            const std::size_t r = (m_buffer.row + n) % m_buffer.lines.size();
            const std::size_t from = n == 0 ? m_buffer.column + 1 : 0;
            const std::size_t at = m_buffer.lines[r].find(m_search, from);
            if (at != std::string::npos) {
                m_buffer.row = r;
                m_buffer.column = at;
                return;
            }
        }
        m_message = "E486: Pattern not found: " + m_search;
    }

    void execute(std::string command)
    {
        if (!command.empty() && command.find_first_not_of("0123456789") == std::string::npos) {
            constexpr std::size_t kMaxDigits = 9;
            if (command.size() <= kMaxDigits)
                m_buffer.row = std::max<std::size_t>(std::stoul(command), 1) - 1;
            m_buffer.clamp(false);
            return;
        }
        std::string path = m_path;
        if (const std::size_t space = command.find(' '); space != std::string::npos) {
            path = command.substr(space + 1);
            command.resize(space);
        }
        if (command == "q!" || command == "qa!") {
            m_done = true;
        } else if (command == "q" || command == "qa") {
            if (m_buffer.modified)
                m_message = "E37: No write since last change (add ! to override)";
            else
                m_done = true;
        } else if (command == "w" || command == "wq" || command == "x" || command == "w!"
                   || command == "wq!") {
            std::string reason;
            if (path.empty())
                m_message = "E32: No file name";
            else if (!save(path, reason))
                m_message = "\"" + path + "\" E212: Can't open file for writing: " + reason;
            else {
                m_message = fmt::format("\"{}\" {}L, {}B written", path, m_buffer.lines.size(),
                                        m_buffer.text().size());
                m_done = command[0] == 'x' || command.find('q') != std::string::npos;
            }
        } else if (!command.empty()) {
            m_message = "E492: Not an editor command: " + command;
        }
    }

    Mode m_mode = Mode::Normal;
    bool m_first = true;
    std::string m_pending;
    std::string m_command;
    std::string m_search;
    std::optional<std::string> m_yanked;
    std::vector<TextBuffer> m_undo;
};

class Nano final : public Editor {
public:
    using Editor::Editor;

private:
    void draw() override
    {
        const int columns = m_invocation.out().columns();
        std::string title = "  GNU nano 7.2";
        const std::string name = m_path.empty() ? "New Buffer" : m_path;
        const int middle = (columns - cellWidth(name)) / 2;
        title += std::string(static_cast<std::size_t>(std::max(middle - cellWidth(title), 1)), ' ') + name;
        const std::string state = m_buffer.modified ? "Modified " : "";
        title += std::string(
                     static_cast<std::size_t>(std::max(columns - cellWidth(title) - cellWidth(state), 0)),
                     ' ')
            + state;
        const std::string bar = m_asking == Asking::Name ? "File Name to Write: " + m_name
            : m_asking == Asking::Save                   ? "Save modified buffer?  (Y/N, ^C to cancel)"
                                                         : m_message;
        const std::string keys = "^X Exit  ^O Write Out  ^K Cut  ^U Paste";
        m_invocation.print(m_buffer.draw(
            columns, m_invocation.out().rows() - 3, "\x1b[7m" + fitCells(title, columns) + "\x1b[m\n",
            "\x1b[7m" + fitCells(bar, columns) + "\x1b[m\n\x1b[K" + fitCells(keys, columns),
            m_asking == Asking::Nothing));
    }

    void handle(const std::string& key) override
    {
        if (m_asking == Asking::Save) {
            if (key == "y" || key == "Y")
                askName(true);
            else if (key == "n" || key == "N")
                m_done = true;
            else
                m_asking = Asking::Nothing;
            return;
        }
        if (m_asking == Asking::Name) {
            handleName(key);
            return;
        }
        m_message.clear();
        if (key == "\x18") {
            if (m_buffer.modified)
                m_asking = Asking::Save;
            else
                m_done = true;
        } else if (key == "\x0f") {
            askName(false);
        } else if (key == "\x0b") {
            m_cut = m_buffer.takeLine();
            m_buffer.clamp(true);
        } else if (key == "\x15") {
            m_buffer.lines.insert(m_buffer.lines.begin() + static_cast<std::ptrdiff_t>(m_buffer.row++),
                                  m_cut);
            m_buffer.modified = true;
        } else if (key == "\r" || key == "\n") {
            m_buffer.breakLine();
        } else if (key == "\x7f" || key == "\b") {
            m_buffer.eraseBefore();
        } else if (key == "\x1b[3~" || key == "\x04") {
            m_buffer.eraseAt();
        } else if (key == "\x01") {
            m_buffer.column = 0;
        } else if (key == "\x05") {
            m_buffer.column = m_buffer.lines[m_buffer.row].size();
        } else if (key == "\t") {
            m_buffer.insert("\t");
        } else if (!moved(key, true) && printable(key)) {
            m_buffer.insert(key);
        }
    }

    void askName(bool leave)
    {
        m_asking = Asking::Name;
        m_leaving = leave;
        m_name = m_path;
    }

    void handleName(const std::string& key)
    {
        if (key == "\x1b" || key == "\x03") {
            m_asking = Asking::Nothing;
            m_message = "[ Cancelled ]";
        } else if (key == "\x7f" || key == "\b") {
            if (!m_name.empty())
                m_name.pop_back();
        } else if (key == "\r" || key == "\n") {
            m_asking = Asking::Nothing;
            std::string reason;
            if (m_name.empty() || !save(m_name, reason)) {
                m_message = "[ Error writing " + m_name + ": " + reason + " ]";
                return;
            }
            m_path = m_name;
            m_message = fmt::format("[ Wrote {} line{} ]", m_buffer.lines.size(),
                                    m_buffer.lines.size() == 1 ? "" : "s");
            m_done = m_leaving;
        } else if (printable(key)) {
            m_name += key;
        }
    }

    enum class Asking { Nothing, Save, Name };
    Asking m_asking = Asking::Nothing;
    bool m_leaving = false;
    std::string m_name;
    std::string m_cut;
};

/// What the editors say before they give up.
std::string noTerminal(Invocation& invocation)
{
    if (invocation.name == "nano")
        return invocation.in().isTerminal() ? "Error opening terminal: unknown.\n" : "Standard input is not a terminal\n";
    return std::string(invocation.out().isTerminal() ? "" : "Vim: Warning: Output is not to a terminal\n")
        + (invocation.in().isTerminal() ? "" : "Vim: Warning: Input is not from a terminal\n");
}

template <class E>
int edit(Invocation& invocation)
{
    if (!invocation.out().isTerminal() || !invocation.in().isTerminal()) {
        invocation.err().write(noTerminal(invocation));
        return 1;
    }
    const std::string path = invocation.operands.empty() ? std::string() : invocation.operands[0];
    ReadFile file;
    if (!path.empty()) {
        file = invocation.system().readFile(invocation.place(), invocation.absolutePath(path));
        if (file.error != Errno::None && file.error != Errno::NoEntry)
            return invocation.fail(1, path + ": " + std::string(describe(file.error)));
        noteFile(invocation, path);
    }
    return E(invocation, path, file.text, file.error == Errno::None && !path.empty()).run();
}

} // namespace

void addEditors(CommandTable& table)
{
    CommandSpec spec;
    spec.summary = "Vi IMproved, a programmer's text editor";
    spec.run = edit<Vi>;
    for (const char* name : {"vi", "vim"}) {
        spec.name = name;
        spec.usage = std::string(name) + " [file]";
        table.add(spec);
    }
    spec.name = "nano";
    spec.summary = "Nano's ANOther editor, an enhanced free Pico clone";
    spec.usage = "nano [file]";
    spec.run = edit<Nano>;
    table.add(std::move(spec));
}

} // namespace core::shell
