#include "app/desktop/window/shortcuts_dialog.h"

#include <QTextBrowser>
#include <QVBoxLayout>

namespace app::desktop {

ShortcutsDialog::ShortcutsDialog(Look& look, const QList<QAction*>& actions, QWidget* parent)
    : QDialog(parent)
{
    setWindowTitle(tr("Keyboard shortcuts"));
    const QString muted = look.tokens().muted.name();
    QString html = QStringLiteral("<table width=\"100%\">");
    const auto row = [&](const QString& name, const QString& keys) {
        html += QStringLiteral("<tr><td style=\"padding:3px 24px 3px 0\">%1</td><td style=\"padding:3px 0; color:%2\">%3</td></tr>")
                    .arg(name.toHtmlEscaped(), muted, keys.toHtmlEscaped());
    };
    const auto heading = [&](const QString& text) {
        html += QStringLiteral("<tr><td colspan=2 style=\"padding:12px 0 4px 0\"><b>%1</b></td></tr>").arg(text);
    };
    heading(tr("Everywhere"));
    for (const QAction* action : actions) {
        if (action->shortcuts().isEmpty())
            continue;
        QStringList keys;
        for (const QKeySequence& sequence : action->shortcuts())
            keys += sequence.toString(QKeySequence::NativeText);
        row(action->text(), keys.join(QStringLiteral(", ")));
    }
    heading(tr("In the terminal"));
    row(tr("Complete the word"), QStringLiteral("Tab"));
    row(tr("Search the history"), QStringLiteral("Ctrl+R"));
    row(tr("Copy and paste"), QStringLiteral("Ctrl+Shift+C, Ctrl+Shift+V"));
    row(tr("Find"), QStringLiteral("Ctrl+Shift+F"));
    row(tr("Previous and next command"), QStringLiteral("Ctrl+Shift+PageUp, Ctrl+Shift+PageDown"));
    row(tr("Fold a command's output"), QStringLiteral("Ctrl+Shift+Z"));
    row(tr("Copy a command's output"), QStringLiteral("Ctrl+Shift+Y"));
    row(tr("What a name can do"), tr("Ctrl+click, or the menu"));
    row(tr("Text size"), QStringLiteral("Ctrl++, Ctrl+-, Ctrl+0"));
    row(tr("Scroll"), QStringLiteral("Shift+PageUp, Shift+PageDown"));
    row(tr("Leave the terminal"), QStringLiteral("F6"));
    heading(tr("In the picture of the cluster"));
    row(tr("Walk from thing to thing"), QStringLiteral("← → ↑ ↓"));
    row(tr("Inspect"), QStringLiteral("Enter"));
    row(tr("Zoom in, zoom out, fit"), QStringLiteral("+, -, F"));
    heading(tr("On charts and the timeline"));
    row(tr("Move the cursor"), QStringLiteral("← →, Shift+← →"));
    html += QStringLiteral("</table>");

    auto* text = new QTextBrowser(this);
    text->setAccessibleName(windowTitle());
    text->setHtml(html);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 16, 12, 12);
    column->addWidget(text);
    resize(look.scaled(560), look.scaled(640));
}

} // namespace app::desktop
