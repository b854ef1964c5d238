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

    /// The text is no wider than this many pixels at font scale 1, however wide the view.
    void setColumnWidth(int pixels);
    void setLesson(const QString& markdown);

protected:
    QVariant loadResource(int type, const QUrl& name) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    void showLesson();
    void styleTables();
    void placeColumn();

    Look& m_look;
    QStringList m_folders;
    QString m_markdown;
    QString m_shown;
    int m_columnWidth = 0; ///< 0: as wide as the view
};

} // namespace app::desktop
