#pragma once

#include "app/desktop/theme/look.h"

#include <QStringList>
#include <QTextBrowser>

namespace app::desktop {

/// Shows a lesson: Markdown in the window's type, with SVG figures from the content folders.
class LessonView : public QTextBrowser {
    Q_OBJECT

public:
    LessonView(Look& look, QStringList contentFolders, QWidget* parent = nullptr);

    void setLesson(const QString& markdown);

protected:
    QVariant loadResource(int type, const QUrl& name) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void showLesson();

    Look& m_look;
    QStringList m_folders;
    QString m_markdown;
    QString m_shown;
};

} // namespace app::desktop
