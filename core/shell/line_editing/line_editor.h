#pragma once

#include "core/shell/command_table.h"
#include "core/shell/line_editing/highlight.h"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace core::shell {

/// Edits one command line from the bytes a keyboard sends, as readline with emacs keys does. Pure: no I/O,
/// no Qt. The owner feeds bytes, writes output() to the terminal and acts on the result. The window's
/// terminal and faultctl on a tty use the same class.
class LineEditor {
public:
    enum class Result {
        None,      ///< go on
        Submitted, ///< line() is complete; the cursor is on a new screen line
        Interrupt, ///< Ctrl-C; "^C" was printed and the line dropped
        EndOfFile, ///< Ctrl-D on an empty line
    };
    struct Completions {
        std::size_t start = 0; ///< byte offset of the word being completed
        std::vector<Completion> candidates;
    };
    /// Asked at Tab with the text so far (earlier continuation lines excluded) and the cursor in it.
    std::function<Completions(const std::string& line, std::size_t cursor)> complete;

    explicit LineEditor(int columns = 80) : m_columns(columns) { }

    /// Starts a new line behind a prompt, which may hold VT colours. Output: the prompt.
    void start(const std::string& prompt);
    /// Takes bytes, in any cut. Stops behind the byte that yields a result other than None; what was not
    /// taken stays in pendingInput(), for the next line (a pasted text of many lines).
    Result feed(std::string_view bytes);
    std::string takePendingInput() { return std::exchange(m_input, {}); }
    /// The whole line at Submitted.
    const std::string& line() const { return m_line; }
    std::size_t cursor() const { return m_cursor; }
    /// Bytes for the terminal since the last call.
    std::string output() { return std::exchange(m_output, {}); }
    /// Something was printed or the size changed: prints prompt and line again.
    void redraw();
    void resize(int columns);
    /// A hint in grey behind the cursor, from history, else what offer() brought; Right or End takes it.
    std::string suggestion() const;
    bool suggestionsEnabled = true;
    /// What completion found to go on with `line` (the only candidate, or what all have in common). Shown while the
    /// line is still that one and history has nothing.
    void offer(std::string line, std::string rest);
    bool colours = false;        ///< colours the parts of the line (highlight.h)
    KnowsCommand knowsCommand;   ///< empty: every command is taken for known
    bool listsCandidates = true; ///< a second Tab prints them; off where the owner shows them itself

    void setHistory(std::vector<std::string> lines);
    const std::vector<std::string>& history() const { return m_history; }
    /// Adds a submitted line, unless it repeats the last or starts with a blank.
    void addToHistory(const std::string& line);

private:
    struct Undo {
        std::string line;
        std::size_t cursor = 0;
    };
    enum class LastAction { Other, Insert, Kill, Yank, Tab, HistoryMove, LastArgument };

    Result key(const std::string& key);
    Result control(char c);
    void escape(const std::string& key);
    bool searchKey(const std::string& key);
    void startSearch(bool backwards);
    void continueSearch(bool next);
    void endSearch(bool keep);
    void insert(std::string_view text);
    void erase(std::size_t from, std::size_t to, bool kill, bool prepend);
    void remember();
    void undo();
    void historyMove(int direction);
    void tab();
    void listCandidates(const std::vector<Completion>& candidates);
    void yankPop();
    void lastArgument();
    void transpose();
    void changeWordCase(char how);
    void move(std::size_t to);
    std::size_t previous(std::size_t at) const;
    std::size_t next(std::size_t at) const;
    std::size_t wordLeft(std::size_t at, bool blanksOnly) const;
    std::size_t wordRight(std::size_t at) const;
    void refresh();
    void leaveLine();
    std::string takeKey();

    int m_columns;
    std::string m_prompt;
    std::string m_line;
    std::size_t m_cursor = 0;
    std::string m_input;
    std::string m_output;
    int m_cursorRow = 0; ///< screen row of the cursor below the prompt's first
    bool m_pasting = false;

    std::vector<std::string> m_history;
    std::size_t m_historyIndex = 0; ///< m_history.size(): the line being typed
    std::string m_typed;            ///< the prefix that Up and Down look for
    std::pair<std::string, std::string> m_offer; ///< line and rest
    std::vector<std::string> m_killRing;
    std::size_t m_yankIndex = 0;
    std::pair<std::size_t, std::size_t> m_yanked;
    std::size_t m_argumentIndex = 0;
    std::pair<std::size_t, std::size_t> m_argument;
    std::vector<Undo> m_undo;
    LastAction m_last = LastAction::Other;
    LastAction m_action = LastAction::Other;

    bool m_searching = false;
    bool m_searchBackwards = true;
    bool m_searchFailed = false;
    std::string m_query;
    std::size_t m_searchIndex = 0;
    Undo m_beforeSearch;
};

} // namespace core::shell
