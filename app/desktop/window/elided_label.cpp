#include "app/desktop/window/elided_label.h"

#include <QEvent>
#include <QFontMetrics>

namespace app::desktop {

void ElidedLabel::setWords(const QString& words)
{
    if (words == m_words)
        return;
    m_words = words;
    setAccessibleName(words);
    updateGeometry();
    elide();
}

QSize ElidedLabel::sizeHint() const
{
    ensurePolished();
    return {QFontMetrics(font()).horizontalAdvance(m_words) + 1, QFontMetrics(font()).height()};
}

QSize ElidedLabel::minimumSizeHint() const
{
    return {0, sizeHint().height()};
}

void ElidedLabel::resizeEvent(QResizeEvent* event)
{
    QLabel::resizeEvent(event);
    elide();
}

void ElidedLabel::changeEvent(QEvent* event)
{
    QLabel::changeEvent(event);
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        updateGeometry();
        elide();
    }
}

void ElidedLabel::elide()
{
    const QString shown = QFontMetrics(font()).elidedText(m_words, Qt::ElideRight, width());
    if (shown != text())
        setText(shown);
    setToolTip(shown == m_words ? QString() : m_words);
}

} // namespace app::desktop
