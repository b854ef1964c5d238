#include "app/desktop/theme/style_sheet.h"

#include "app/desktop/theme/look.h"

#include <QRegularExpression>

namespace app::desktop {

namespace {

// "@name" is replaced by a token or a size, "@px12" by as many pixels at the text's scale. Fields get their colour from the palette: a colour set here would
// make their placeholders half transparent, which nobody can read.
constexpr const char* kTemplate = R"(
* { outline: none; }
QMainWindow, QDialog { background: @window; }
QMainWindow::separator { background: @window; width: 8px; height: 8px; }
QMainWindow::separator:hover { background: @line; }
QToolTip { background: @raised; color: @text; border: 1px solid @line; padding: 4px 8px; }

QLabel[kind="display"] { font-size: @px40; font-weight: 600; }
QLabel[kind="title"] { font-size: @px16; font-weight: 600; }
QLabel[kind="section"] { font-weight: 600; }
QLabel[kind="muted"] { color: @muted; font-size: @px12; }
QLabel[kind="secondary"] { font-size: @px12; }
QLabel[kind="label"] { color: @muted; font-size: @px11; font-weight: 600; }
QLabel[kind="warn"] { color: @warn; font-size: @px12; }

QPushButton {
    background: @raised; color: @text; border: 1px solid @line; border-radius: 8px;
    padding: 0 12px; min-height: @inner; max-height: @inner; icon-size: @px16;
}
QPushButton:hover { border-color: @muted; }
QPushButton:pressed { background: @line; }
QPushButton:focus { border: 2px solid @accent; padding: 0 11px; min-height: @innerFocus; max-height: @innerFocus; }
QPushButton:disabled { color: @faint; }
QPushButton:checked { border-color: @accent; color: @accent; }
QPushButton[kind="primary"] { background: @accent; color: @onAccent; border-color: @accent; font-weight: 600; }
QPushButton[kind="primary"]:hover { background: @accentHover; border-color: @accentHover; }
QPushButton[kind="primary"]:focus { border-color: @text; }
QPushButton[kind="primary"]:disabled { background: @raised; color: @faint; border-color: @line; }
QPushButton[kind="quiet"] { background: transparent; border-color: transparent; color: @muted; padding: 0 8px; }
QPushButton[kind="quiet"]:hover { color: @text; background: @raised; }
QPushButton[kind="quiet"]:checked { color: @text; }
QPushButton[kind="quiet"]:focus { border: 2px solid @accent; padding: 0 7px; }

QToolButton { background: transparent; border: 2px solid transparent; border-radius: 6px; color: @muted; padding: 1px; }
QToolButton:hover { background: @raised; color: @text; }
QToolButton:pressed { background: @line; }
QToolButton:checked { color: @text; font-weight: 600; }
QToolButton[kind="tab"] { padding: 3px 6px; }
QToolButton[kind="tab"]:checked { color: @accent; }
QToolButton[kind="link"] { color: @accent; padding: 1px 0; font-weight: 400; }
QToolButton:focus { border-color: @accent; }
QToolButton::menu-indicator { image: none; }

QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QPlainTextEdit, QTextEdit {
    background: @field; border: 1px solid @line; border-radius: 8px; padding: 0 10px;
    selection-background-color: @accent; selection-color: @onAccent;
}
QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox { min-height: @inner; max-height: @inner; }
QPlainTextEdit, QTextEdit { padding: 6px 8px; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus, QTextEdit:focus { border-color: @accent; }
QComboBox::drop-down { border: none; width: @px22; }
QComboBox::down-arrow { image: url(:/icons/chevron-@shade.svg); margin-right: 8px; width: @px12; height: @px12; }
QComboBox QAbstractItemView { background: @raised; color: @text; border: 1px solid @line;
    selection-background-color: @selection; selection-color: @text; padding: 4px; }
QSpinBox::up-button, QSpinBox::down-button, QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0; border: none; }

QPlainTextEdit[kind="code"], QLabel[kind="code"] {
    font-family: "JetBrains Mono", "Noto Sans Mono CJK SC", "DejaVu Sans Mono", monospace; font-size: @px12;
    background: @terminal; border: 1px solid @line; border-radius: 6px; padding: 4px 6px;
}
QLabel[kind="code"] { padding: 8px 10px; }
QLabel[kind="code"]:focus { border-color: @accent; }
QLabel[kind="code"]:disabled { color: @muted; }

QTextBrowser { background: transparent; border: 2px solid transparent; padding: 0; }
QTextBrowser:focus { border-color: @accent; }

QAbstractItemView { background: transparent; alternate-background-color: @raised; border: none; color: @text;
    selection-background-color: @selection; selection-color: @text; }
QTableView { gridline-color: @line; }
QTableView, QListView#framed { border: 1px solid transparent; border-radius: 6px; }
QTableView:focus, QListView#framed:focus { border-color: @focus; }
QTableView::item { padding: 4px 8px; }
QTableCornerButton::section { background: transparent; border: none; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QHeaderView { background: transparent; }
QHeaderView::section { background: transparent; color: @muted; border: none; border-bottom: 1px solid @line;
    padding: 6px 8px; font-size: @px11; font-weight: 600; }
QTreeView::item, QListView::item { padding: 4px; border-radius: 6px; }
QTreeView::item:selected, QListView::item:selected { background: @selection; color: @text; }
QTreeView::branch { background: transparent; }

QScrollArea { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 2px; }
QScrollBar::handle { background: @line; border-radius: 3px; min-height: 28px; min-width: 28px; }
QScrollBar::handle:hover { background: @faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QMenu { background: @raised; color: @text; border: 1px solid @line; border-radius: 8px; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 6px; }
QMenu::item:selected { background: @selection; }
QMenu::item:disabled { color: @faint; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }

QRadioButton, QCheckBox { spacing: 10px; padding: 4px; border: 2px solid transparent; border-radius: 6px; }
QRadioButton:focus, QCheckBox:focus { border-color: @accent; }
QRadioButton::indicator, QCheckBox::indicator { width: @px14; height: @px14; border: 1px solid @faint; background: @field; }
QRadioButton::indicator { border-radius: @px8; }
QCheckBox::indicator { border-radius: 4px; }
QRadioButton::indicator:checked { border: @px4 solid @accent; background: @panel; width: @px8; height: @px8; }
QCheckBox::indicator:checked { border-color: @accent; background: @accent; image: url(:/icons/tick-@shade.svg); }

QSlider::groove:horizontal { height: 4px; background: @line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: @accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: @accent; }
QSlider::handle:horizontal:focus { border: 2px solid @text; width: 12px; height: 12px; margin: -6px 0; border-radius: 8px; }

QProgressBar { background: @line; border: none; border-radius: 3px; max-height: 6px; min-height: 6px; }
QProgressBar::chunk { background: @accent; border-radius: 3px; }
)";

} // namespace

QString styleSheet(const Look& look)
{
    const Tokens& tokens = look.tokens();
    const int inner = look.controlHeight() - 2;
    // Longer names first where one is the beginning of another.
    const QList<std::pair<QString, QString>> replacements{
        {QStringLiteral("@accentHover"), mixed(tokens.accent, tokens.text, 0.15).name()},
        {QStringLiteral("@focus"), mixed(tokens.panel, tokens.accent, 0.55).name()},
        {QStringLiteral("@selection"), mixed(tokens.panel, tokens.accent, 0.22).name()},
        {QStringLiteral("@field"), mixed(tokens.panel, tokens.window, 0.5).name()},
        {QStringLiteral("@innerFocus"), QStringLiteral("%1px").arg(inner - 2)},
        {QStringLiteral("@inner"), QStringLiteral("%1px").arg(inner)},
        {QStringLiteral("@shade"), tokens.dark ? QStringLiteral("dark") : QStringLiteral("light")},
        {QStringLiteral("@window"), tokens.window.name()},
        {QStringLiteral("@panel"), tokens.panel.name()},
        {QStringLiteral("@raised"), tokens.raised.name()},
        {QStringLiteral("@line"), tokens.line.name()},
        {QStringLiteral("@terminal"), tokens.terminal.name()},
        {QStringLiteral("@text"), tokens.text.name()},
        {QStringLiteral("@muted"), tokens.muted.name()},
        {QStringLiteral("@faint"), tokens.faint.name()},
        {QStringLiteral("@accent"), tokens.accent.name()},
        {QStringLiteral("@onAccent"), tokens.onAccent.name()},
        {QStringLiteral("@warn"), tokens.warn.name()},
    };
    QString sheet = QString::fromLatin1(kTemplate);
    for (const auto& [name, value] : replacements)
        sheet.replace(name, value);
    static const QRegularExpression kPixels(QStringLiteral("@px(\\d+)"));
    for (QRegularExpressionMatch size = kPixels.match(sheet); size.hasMatch(); size = kPixels.match(sheet, size.capturedStart()))
        sheet.replace(size.capturedStart(), size.capturedLength(), QStringLiteral("%1px").arg(look.scaled(size.captured(1).toInt())));
    return sheet;
}

QString headerTabsSheet(const Look& look)
{
    const Tokens& tokens = look.tokens();
    return QStringLiteral("QTabBar { background: transparent; border: none; qproperty-drawBase: 0; }"
                                         "QTabBar::tab { background: transparent; color: %1; border: none; padding: 0 7px;"
                                         " font-size: %5px; min-height: %4px; border-bottom: 2px solid transparent; }"
                                         "QTabBar::tab:selected { color: %2; border-bottom: 2px solid %3; }"
                                         "QTabBar::tab:hover { color: %2; }"
                                         "QTabBar::tab:focus { border-bottom: 2px solid %2; }"
                                         "QTabBar::tear { width: 0; border: none; }"
                                         "QTabBar::scroller { width: %6px; }")
                              .arg(tokens.muted.name(), tokens.text.name(), tokens.accent.name())
                              .arg(look.scaled(32))
                              .arg(look.scaled(12))
                              .arg(look.scaled(20));
}

} // namespace app::desktop
