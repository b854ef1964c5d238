#include "app/desktop/window/diagnosis_dialog.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRadioButton>
#include <QSlider>
#include <QVBoxLayout>

namespace app::desktop {

DiagnosisDialog::DiagnosisDialog(Look& look, const core::session::IncidentView& incident, QWidget* parent)
    : QDialog(parent)
    , m_choices(incident.choices)
    , m_group(new QButtonGroup(this))
    , m_confidence(new QSlider(Qt::Horizontal, this))
    , m_confidenceWord(new QLabel(this))
    , m_note(new QPlainTextEdit(this))
    , m_submit(new QPushButton(tr("Submit"), this))
{
    setWindowTitle(tr("Name the cause"));
    setMinimumWidth(look.scaled(560));
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 18);
    column->setSpacing(Look::kGap);
    auto* title = new QLabel(tr("What is the cause?"), this);
    title->setProperty("kind", QStringLiteral("title"));
    column->addWidget(title);
    auto* words = new QLabel(incident.diagnosesSubmitted == 0
                                 ? tr("The first answer counts most. Choose the cause itself, not its symptom.")
                                 : tr("You have answered before; a better answer still counts, for less."),
                             this);
    words->setProperty("kind", QStringLiteral("muted"));
    words->setWordWrap(true);
    column->addWidget(words);
    column->addSpacing(4);
    for (std::size_t i = 0; i < m_choices.size(); ++i) {
        auto* choice = new QRadioButton(look.text(m_choices[i].means), this);
        choice->setAccessibleName(choice->text());
        m_group->addButton(choice, static_cast<int>(i));
        column->addWidget(choice);
        if (i == 0)
            choice->setFocus();
    }
    column->addSpacing(8);
    auto* row = new QHBoxLayout;
    auto* sure = new QLabel(tr("How sure are you?"), this);
    m_confidence->setRange(0, 100);
    m_confidence->setSingleStep(5);
    m_confidence->setPageStep(20);
    m_confidence->setValue(70);
    m_confidence->setAccessibleName(sure->text());
    m_confidenceWord->setProperty("kind", QStringLiteral("section"));
    m_confidenceWord->setFixedWidth(look.scaled(52));
    m_confidenceWord->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    row->addWidget(sure);
    row->addWidget(m_confidence, 1);
    row->addWidget(m_confidenceWord);
    column->addLayout(row);
    m_note->setPlaceholderText(tr("Why? Your future self will read it in the debrief. (optional)"));
    m_note->setAccessibleName(tr("Note"));
    m_note->setTabChangesFocus(true);
    m_note->setFixedHeight(look.scaled(72));
    column->addWidget(m_note);
    column->addSpacing(4);
    auto* buttons = new QHBoxLayout;
    auto* cancel = new QPushButton(tr("Keep looking"), this);
    m_submit->setProperty("kind", QStringLiteral("primary"));
    m_submit->setDefault(true);
    m_submit->setEnabled(false);
    cancel->setAutoDefault(false);
    buttons->addStretch(1);
    buttons->addWidget(cancel);
    buttons->addWidget(m_submit);
    column->addLayout(buttons);
    connect(m_group, &QButtonGroup::idToggled, this, &DiagnosisDialog::choose); // arrow keys toggle without a click
    connect(m_confidence, &QSlider::valueChanged, this, &DiagnosisDialog::showConfidence);
    connect(cancel, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_submit, &QPushButton::clicked, this, &QDialog::accept);
    showConfidence(m_confidence->value());
}

void DiagnosisDialog::choose()
{
    m_submit->setEnabled(m_group->checkedId() >= 0);
}

void DiagnosisDialog::showConfidence(int value)
{
    m_confidenceWord->setText(tr("%1 %").arg(value));
}

std::string DiagnosisDialog::cause() const
{
    return m_group->checkedId() < 0 ? std::string() : m_choices[static_cast<std::size_t>(m_group->checkedId())].id;
}

double DiagnosisDialog::confidence() const
{
    return m_confidence->value() / 100.0;
}

std::string DiagnosisDialog::note() const
{
    return m_note->toPlainText().toStdString();
}

} // namespace app::desktop
