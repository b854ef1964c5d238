#pragma once

#include "app/desktop/kube/decision_model.h"
#include "app/desktop/theme/look.h"

#include <QTableView>

namespace app::desktop {

/// The table of a decision: plugin names stand upright over narrow columns, scores have their share as a bar.
class DecisionTable : public QTableView {
    Q_OBJECT

public:
    DecisionTable(Look& look, DecisionModel& model, QWidget* parent = nullptr);

    /// Column widths, row heights and header heights follow the text size.
    void layOutColumns();

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    Look& m_look;
    DecisionModel& m_model;
};

} // namespace app::desktop
