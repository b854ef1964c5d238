#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/host_detail.h"

#include <QWidget>

#include <memory>
#include <vector>

namespace app::desktop {

/// A flame graph, root at the top: the width of a frame is its share. A click fills the width with a frame and what it
/// calls; arrows walk from frame to frame.
class FlamePicture : public QWidget {
    Q_OBJECT

public:
    /// A function as the table beside the picture lists it.
    struct Function {
        QString name;
        double own = 0;
        double total = 0;
    };

    explicit FlamePicture(Look& look, QWidget* parent = nullptr);

    /// Another record of the same program keeps what is zoomed and searched for.
    void setDetail(std::shared_ptr<const core::session::FlamesDetail> detail);
    void setSearch(const QString& words);
    void reset(); ///< the whole width again
    bool zoomed() const { return m_zoom.size() > 1; }
    void retranslate();
    double total() const;
    /// Share of the frames that the search finds, 0..1; those below one that was found count with it.
    double found() const;
    /// The frame under the cursor or the one that arrows have reached, in words.
    QString readOut() const;
    std::vector<Function> functions() const;
    QString valueText(double value) const;
    /// Zooms into the first frame of a function.
    bool zoomTo(const QString& function);

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {m_look.scaled(200), sizeHint().height()}; }

signals:
    void readOutChanged();
    void zoomChanged();

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void focusInEvent(QFocusEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;

private:
    /// What kind of code a frame is: it decides the colour only.
    enum class Kind { Program, Library, Runtime };
    struct Frame {
        QString name;
        double value = 0;
        double own = 0;
        Kind kind = Kind::Program;
        bool found = false;
        Frame* parent = nullptr;
        std::vector<std::unique_ptr<Frame>> children; ///< by name
    };
    struct Box {
        const Frame* frame = nullptr;
        QRectF place;
    };

    void grow();
    void mark(Frame& frame);
    double foundIn(const Frame& frame) const;
    static Kind kindOf(const QString& name);
    QColor colorOf(const Frame& frame) const;
    std::vector<Box> boxes() const;
    void lay(const Frame& frame, double left, double width, int depth, std::vector<Box>& out) const;
    int depthOf(const Frame& frame) const;
    const Frame* at(const QPointF& point) const;
    const Frame* zoomFrame() const;
    const Frame* follow(const QStringList& path) const;
    static QStringList pathOf(const Frame* frame);
    void zoomOn(const Frame* frame);
    void setCursorFrame(const Frame* frame);
    double rowHeight() const;

    Look& m_look;
    std::shared_ptr<const core::session::FlamesDetail> m_detail;
    std::unique_ptr<Frame> m_root;
    QStringList m_zoom{QString()}; ///< names from the root on
    QStringList m_cursor;          ///< the same; empty: nothing
    QString m_search;
};

} // namespace app::desktop
