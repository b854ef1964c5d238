#include "app/desktop/pages/empty_page.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QVBoxLayout>

namespace app::desktop {

EmptyPage::EmptyPage(Kind kind, Look& look, QWidget* parent)
    : QWidget(parent)
    , m_kind(kind)
    , m_look(look)
    , m_picture(new QLabel(this))
    , m_title(new QLabel(this))
    , m_words(new QLabel(this))
    , m_state(new QLabel(this))
{
    m_title->setProperty("kind", QStringLiteral("title"));
    m_state->setProperty("kind", QStringLiteral("muted"));
    auto* column = new QVBoxLayout;
    column->setSpacing(12);
    column->addStretch(2);
    for (QLabel* label : {m_picture, m_title, m_words, m_state}) {
        label->setAlignment(Qt::AlignHCenter);
        label->setWordWrap(true);
        column->addWidget(label);
    }
    column->addStretch(3);
    auto* row = new QHBoxLayout(this);
    row->addStretch(1);
    row->addLayout(column, 2);
    row->addStretch(1);
    setFocusPolicy(Qt::StrongFocus); // so that a screen reader finds the words
    connect(&look, &Look::changed, this, &EmptyPage::retranslate);
    retranslate();
}

void EmptyPage::retranslate()
{
    const bool interview = m_kind == Kind::Interview;
    m_picture->setPixmap(m_look.pixmap(interview ? QStringLiteral("interview") : QStringLiteral("workshop"),
                                       m_look.tokens().muted, m_look.scaled(48), devicePixelRatioF()));
    m_title->setText(interview ? tr("Interview practice") : tr("Workshop"));
    setAccessibleName(m_title->text());
    m_words->setText(interview
                         ? tr("Here you will meet questions and incidents against the clock, as an interviewer would put "
                              "them, and hear afterwards how a strong answer goes.")
                         : tr("Here an instructor will set one incident for a whole room over the local network, watch "
                              "how each group finds its way, and debrief together."));
    m_state->setText(tr("This part is not built yet. Incidents and the lab are ready to use."));
}

} // namespace app::desktop
