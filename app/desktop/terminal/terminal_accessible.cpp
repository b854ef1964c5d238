#include "app/desktop/terminal/terminal_accessible.h"

#include "app/desktop/terminal/terminal_view.h"

#include <QAccessible>
#include <QAccessibleWidget>

#include <algorithm>

namespace app::desktop {

namespace {

class TerminalAccessible : public QAccessibleWidget, public QAccessibleTextInterface {
public:
    explicit TerminalAccessible(TerminalView* view)
        : QAccessibleWidget(view, QAccessible::Terminal)
        , m_view(view)
    {
    }

    void* interface_cast(QAccessible::InterfaceType type) override
    {
        return type == QAccessible::TextInterface ? static_cast<QAccessibleTextInterface*>(this)
                                                  : QAccessibleWidget::interface_cast(type);
    }
    QAccessible::State state() const override
    {
        QAccessible::State state = QAccessibleWidget::state();
        state.multiLine = true;
        state.selectableText = true;
        return state;
    }
    QString text(QAccessible::Text kind) const override
    {
        return kind == QAccessible::Value ? m_view->readableText() : QAccessibleWidget::text(kind);
    }

    QString text(int start, int end) const override { return m_view->readableText().mid(start, end - start); }
    int characterCount() const override { return static_cast<int>(m_view->readableText().size()); }
    int cursorPosition() const override { return m_view->readableCaret(); }
    void setCursorPosition(int) override { }
    int selectionCount() const override { return 0; }
    void selection(int, int* start, int* end) const override { *start = *end = 0; }
    void addSelection(int, int) override { }
    void removeSelection(int) override { }
    void setSelection(int, int, int) override { }
    void scrollToSubstring(int, int) override { }
    QRect characterRect(int) const override
    {
        const QRect caret = m_view->cursorRectangle();
        return {m_view->viewport()->mapToGlobal(caret.topLeft()), caret.size()};
    }
    int offsetAtPoint(const QPoint&) const override { return m_view->readableCaret(); }
    QString attributes(int offset, int* start, int* end) const override
    {
        *start = offset;
        *end = characterCount();
        return {};
    }

private:
    TerminalView* m_view;
};

QAccessibleInterface* makeInterface(const QString&, QObject* object)
{
    auto* view = qobject_cast<TerminalView*>(object);
    return view ? new TerminalAccessible(view) : nullptr;
}

} // namespace

void installTerminalAccessibility()
{
    static const bool installed = [] {
        QAccessible::installFactory(makeInterface);
        return true;
    }();
    Q_UNUSED(installed)
}

} // namespace app::desktop
