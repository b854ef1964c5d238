#include "app/desktop/pages/lab_gate.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace app::desktop {

LabGate::LabGate(Look& look, QWidget* parent)
    : QWidget(parent)
    , m_look(look)
    , m_title(new QLabel(this))
    , m_words(new QLabel(this))
    , m_back(new QPushButton(this))
    , m_healthy(new QPushButton(this))
{
    m_title->setProperty("kind", QStringLiteral("title"));
    m_title->setAlignment(Qt::AlignHCenter);
    m_words->setAlignment(Qt::AlignHCenter);
    m_words->setWordWrap(true);
    m_back->setProperty("kind", QStringLiteral("primary"));
    auto* buttons = new QHBoxLayout;
    buttons->addStretch(1);
    buttons->addWidget(m_back);
    buttons->addWidget(m_healthy);
    buttons->addStretch(1);
    auto* column = new QVBoxLayout(this);
    column->setSpacing(14);
    column->addStretch(2);
    column->addWidget(m_title);
    column->addWidget(m_words);
    column->addLayout(buttons);
    column->addStretch(3);
    connect(m_back, &QPushButton::clicked, this, &LabGate::backChosen);
    connect(m_healthy, &QPushButton::clicked, this, &LabGate::healthyChosen);
    setFocusProxy(m_back);
    connect(&look, &Look::changed, this, &LabGate::retranslate);
    retranslate();
}

void LabGate::retranslate()
{
    m_title->setText(tr("An incident is running"));
    m_words->setText(tr("The lab has one data centre at a time. Leaving the incident ends it without a grade."));
    m_back->setText(tr("Back to the incident"));
    m_healthy->setText(tr("Leave it and open the healthy lab"));
    for (QPushButton* button : {m_back, m_healthy})
        button->setAccessibleName(button->text());
}

} // namespace app::desktop
