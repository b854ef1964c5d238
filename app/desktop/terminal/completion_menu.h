#pragma once

#include "app/desktop/theme/look.h"
#include "core/shell/command_table.h"

#include <QWidget>

#include <vector>

namespace app::desktop {

/// What Tab could mean, with a note for each, beside the cursor until the next key.
class CompletionMenu : public QWidget {
    Q_OBJECT

public:
    static constexpr std::size_t kMostRows = 8;

    CompletionMenu(Look& look, QWidget* parent);

    void show(const std::vector<core::shell::Completion>& candidates, const QPoint& below, int above);

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Look& m_look;
    std::vector<core::shell::Completion> m_candidates;
};

} // namespace app::desktop
