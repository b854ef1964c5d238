#pragma once

#include "app/desktop/theme/look.h"

#include <QWidget>

#include <array>

class QAbstractButton;
class QButtonGroup;

namespace app::desktop {

enum class PageId { Learn, Lab, Incidents, Interview, Progress, Workshop };
inline constexpr std::array kPages{PageId::Learn,     PageId::Lab,      PageId::Incidents,
                                   PageId::Interview, PageId::Progress, PageId::Workshop};

/// The left rail: one button with icon and word per page, settings at the foot.
class Rail : public QWidget {
    Q_OBJECT

public:
    explicit Rail(Look& look, QWidget* parent = nullptr);

    void setCurrent(PageId page);
    static QString title(PageId page);
    static QString key(PageId page); ///< file and icon name: "learn"

signals:
    void pageChosen(app::desktop::PageId page);
    void settingsChosen();

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    void retranslate();
    void choose(int index);

    Look& m_look;
    QButtonGroup* m_group = nullptr;
    QAbstractButton* m_settings = nullptr;
};

} // namespace app::desktop
