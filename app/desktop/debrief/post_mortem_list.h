#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/frame.h"

#include <QWidget>

namespace app::desktop {

/// The incident minute by minute: what happened on the left of the line, how much was known on the right.
class PostMortemList : public QWidget {
    Q_OBJECT

public:
    PostMortemList(Look& look, std::vector<core::session::PostMortemEntry> entries, QWidget* parent = nullptr);

    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    QColor color(const std::string& kind) const;

    Look& m_look;
    std::vector<core::session::PostMortemEntry> m_entries;
};

} // namespace app::desktop
