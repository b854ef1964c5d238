#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/frame.h"

#include <QAbstractButton>

namespace app::desktop {

/// The next rung of the hint ladder, with its price, or the time until it unlocks.
class HintButton : public QAbstractButton {
    Q_OBJECT

public:
    static constexpr int kRungs = 6;

    explicit HintButton(Look& look, QWidget* parent = nullptr);

    void setHints(const core::session::HintView& hints, sim::Instant now);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    Look& m_look;
    QString m_price;
};

} // namespace app::desktop
