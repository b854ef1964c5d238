#pragma once

#include <QLabel>

namespace app::desktop {

/// A label of one line that gives way: where its text has no room it ends in "…" and the tool tip has it all.
class ElidedLabel : public QLabel {
    Q_OBJECT

public:
    using QLabel::QLabel;

    void setWords(const QString& words);
    const QString& words() const { return m_words; }

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    void resizeEvent(QResizeEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void elide();

    QString m_words;
};

} // namespace app::desktop
