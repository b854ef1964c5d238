#pragma once

#include "app/desktop/terminal/command_marks.h"
#include "app/desktop/terminal/terminal_palette.h"
#include "app/desktop/terminal/terminal_screen.h"
#include "app/desktop/theme/look.h"

#include <QAbstractScrollArea>
#include <QFont>

#include <functional>

class QMenu;

namespace app::desktop {

/// Draws a TerminalScreen and turns keys, paste and input methods into bytes. Lines wider than the
/// window scroll sideways instead of breaking, so that tables stay tables. Output of a command can be
/// folded away: a row on the screen is a line that is not folded.
class TerminalView : public QAbstractScrollArea {
    Q_OBJECT

public:
    static constexpr int kTerminalInset = 12; ///< pixels left of the first column; holds the marks

    struct Point {
        int line = 0; ///< counted from the first line there ever was (TerminalScreen::dropped)
        int column = 0;
        auto operator<=>(const Point&) const = default;
    };

    explicit TerminalView(Look& look, QWidget* parent = nullptr);

    void write(std::string_view bytes);
    const TerminalScreen& screen() const { return m_screen; }
    void clear();
    int visibleColumns() const;
    int visibleRows() const;

    /// The line being typed and the cursor in it, for input methods.
    void setSurrounding(const QString& text, int cursor);
    QRect cursorRectangle() const;
    /// What an input method is composing, drawn at the cursor.
    const QString& preedit() const { return m_preedit; }

    /// For screen readers: the last lines as one text, and where the cursor is in it.
    QString readableText() const;
    int readableCaret() const;

    QVariant inputMethodQuery(Qt::InputMethodQuery query) const override;

    /// A command was submitted from the prompt at `promptLine` (as currentLine() gave it), or its last
    /// line goes on.
    void commandStarted(int promptLine, const QString& command);
    void commandContinued(const QString& line);
    void commandEnded(int status);
    int currentLine() const { return m_screen.dropped() + m_screen.cursorLine(); }
    const CommandMarks& marks() const { return m_marks; }
    /// The command a key or the menu acts on: the one jumped to, else the last that printed something.
    std::optional<std::size_t> chosenMark() const;
    QString outputOf(std::size_t mark) const;

    /// Names of machines, pods and the like are links: is a word one, and what can be done with it?
    std::function<bool(const QString& word)> isName;
    std::function<void(QMenu& menu, const QString& word)> addNameActions;

    bool hasSelection() const { return m_anchor != m_head; }
    QString selectedText() const;
    /// Selects the next match; false when there is none.
    bool find(const QString& text, bool backwards);
    void clearFound();

public slots:
    void copy();
    void paste();
    void selectAll();
    void zoomIn();
    void zoomOut();
    void resetZoom();
    void jumpBack() { jump(-1); }
    void jumpOn() { jump(1); }
    void toggleFold();
    void copyOutput();

signals:
    void typed(const QByteArray& bytes);
    void pasted(const QString& text);
    void resized(int columns, int rows);
    void findWanted();

protected:
    bool event(QEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void inputMethodEvent(QInputMethodEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyReleaseEvent(QKeyEvent* event) override;
    bool focusNextPrevChild(bool next) override;

private:
    void retranslate();
    void setZoom(double zoom);
    void fitScreen();
    void updateScrollBars();
    void followCursor();
    int rowOf(int index) const;
    int indexAt(int row) const;
    int hiddenRows() const;
    void jump(int direction);
    void fold(std::size_t mark, bool folded);
    bool toggleFoldAt(QPointF position);
    void tellPrinted();
    void addMarkActions(QMenu& menu, std::size_t mark);
    QString wordAt(QPointF position, Point* from = nullptr) const;
    void showLink(QPointF position, Qt::KeyboardModifiers modifiers);
    Point pointAt(QPointF position) const;
    void paintLine(QPainter& painter, int index, double y) const;
    void paintMark(QPainter& painter, int index, double y) const;
    void paintRun(QPainter& painter, const TerminalLine& line, int from, int to, double y) const;
    void paintCursor(QPainter& painter) const;
    std::pair<int, int> selectedColumns(int index) const;

    Look& m_look;
    TerminalScreen m_screen;
    TerminalPalette m_palette;
    QFont m_font;
    QFont m_boldFont;
    double m_cellWidth = 8;
    double m_cellHeight = 16;
    double m_ascent = 12;
    double m_zoom = 1;
    Point m_anchor;
    Point m_head;
    CommandMarks m_marks;
    std::optional<int> m_jumped; ///< prompt line of the command jumped to
    std::optional<int> m_hovered; ///< line under the pointer
    Point m_linkFrom;            ///< the name under the pointer while Ctrl is held
    Point m_linkTo;
    int m_told = 0;              ///< lines before this one were told to screen readers
    QString m_found;
    QString m_surrounding;
    int m_surroundingCursor = 0;
    QString m_preedit;
    qint64 m_lastDoubleClick = 0;
};

} // namespace app::desktop
