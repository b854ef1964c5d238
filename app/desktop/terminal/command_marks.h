#pragma once

#include <QString>

#include <optional>
#include <utility>
#include <vector>

namespace app::desktop {

/// The commands of a terminal and where their output stands, to jump between them, fold them and copy from them.
/// Lines are counted from the first there ever was (TerminalScreen::dropped); rows are what is left of them when
/// folded output is not shown.
class CommandMarks {
public:
    struct Mark {
        int prompt = 0;                ///< line of the prompt
        int output = 0;                ///< first line of output
        std::optional<int> end;        ///< line behind the output; nothing while the command runs
        int status = 0;                ///< exit status, once it has ended
        QString command;
        bool folded = false;

        bool foldable() const { return end && *end > output; }
        int hidden() const { return folded && foldable() ? *end - output : 0; }
    };

    void start(int prompt, int output, const QString& command);
    /// Another line of a command that takes several (an open quote, a loop) was typed.
    void goOn(int output, const QString& line);
    /// The prompt is back at `line`.
    void finish(int line, int status);
    /// The screen was cleared, or its lines are used anew: what stood at `line` or below is gone.
    void forgetFrom(int line);
    /// Lines before `line` are no longer kept.
    void forgetBefore(int line);
    void clear() { m_marks.clear(); }

    const std::vector<Mark>& all() const { return m_marks; }
    /// The command to which a line belongs, or nothing.
    std::optional<std::size_t> at(int line) const;
    /// The first command whose prompt is beyond `line` in a direction (-1, +1).
    std::optional<std::size_t> next(int line, int direction) const;
    void setFolded(std::size_t mark, bool folded);
    void foldAll(bool folded);

    /// Hidden lines before `line`.
    int hiddenBefore(int line) const;
    bool isHidden(int line) const;
    int hidden() const;
    /// The line of the `row`-th shown line at or after `first`, the first line there is.
    int lineAt(int row, int first) const;

private:
    std::vector<Mark> m_marks; ///< by line
};

} // namespace app::desktop
