#pragma once

#include "app/desktop/terminal/terminal_palette.h"
#include "app/desktop/terminal/terminal_screen.h"
#include "app/desktop/theme/look.h"

#include <QAbstractScrollArea>
#include <QFont>


namespace app::desktop {

/// Draws a TerminalScreen and turns keys, paste and input methods into bytes. Lines wider than the
/// window scroll sideways instead of breaking, so that tables stay tables.
class TerminalView : public QAbstractScrollArea {
    Q_OBJECT

public:
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

    QVariant inputMethodQuery(Qt::InputMethodQuery query) const override;
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

signals:
    void typed(const QByteArray& bytes);
    void pasted(const QString& text);
    void resized(int columns, int rows);
    void findWanted();

protected:
    bool event(QEvent* event) override;
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
    bool focusNextPrevChild(bool next) override;

private:
    void retranslate();
    void setZoom(double zoom);
    void fitScreen();
    void updateScrollBars();
    void followCursor();
    Point pointAt(QPointF position) const;
    void paintLine(QPainter& painter, int index, double y) const;
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
    QString m_found;
    QString m_surrounding;
    int m_surroundingCursor = 0;
    QString m_preedit;
    qint64 m_lastDoubleClick = 0;
};

} // namespace app::desktop
