#pragma once

#include "app/desktop/theme/look.h"
#include "core/content/library.h"

#include <QWidget>

#include <memory>

class QLabel;
class QListWidget;
class QVBoxLayout;

namespace app::desktop {

class LessonView;

/// The curriculum by phase, and the lesson of the chosen module with the incidents that practise it.
class LearnPage : public QWidget {
    Q_OBJECT

public:
    LearnPage(Look& look, std::shared_ptr<const core::content::Library> library, const QStringList& contentFolders,
              QWidget* parent = nullptr);

signals:
    void incidentChosen(const QString& incident);

private:
    void retranslate();
    void showModule();
    const core::content::Module* current() const;

    Look& m_look;
    std::shared_ptr<const core::content::Library> m_library;
    QListWidget* m_list = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_summary = nullptr;
    LessonView* m_lesson = nullptr;
    QVBoxLayout* m_practice = nullptr;
};

} // namespace app::desktop
