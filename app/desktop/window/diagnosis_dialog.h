#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/frame.h"

#include <QDialog>

class QButtonGroup;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QSlider;

namespace app::desktop {

/// "Name the cause": one choice, how sure, and a note for the post-mortem.
class DiagnosisDialog : public QDialog {
    Q_OBJECT

public:
    DiagnosisDialog(Look& look, const core::session::IncidentView& incident, QWidget* parent = nullptr);

    std::string cause() const;
    double confidence() const; ///< 0..1
    std::string note() const;

private:
    void choose();
    void showConfidence(int value);

    std::vector<core::session::CauseChoice> m_choices;
    QButtonGroup* m_group = nullptr;
    QSlider* m_confidence = nullptr;
    QLabel* m_confidenceWord = nullptr;
    QPlainTextEdit* m_note = nullptr;
    QPushButton* m_submit = nullptr;
};

} // namespace app::desktop
