#include "app/desktop/guide/lesson_view.h"

#include <QFile>
#include <QImage>
#include <QPainter>
#include <QScrollBar>
#include <QSvgRenderer>
#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextTable>

#include <algorithm>

namespace app::desktop {

LessonView::LessonView(Look& look, QStringList contentFolders, QWidget* parent)
    : QTextBrowser(parent)
    , m_look(look)
    , m_folders(std::move(contentFolders))
{
    setOpenExternalLinks(true);
    setFrameShape(QFrame::NoFrame);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    document()->setDocumentMargin(0);
    document()->setIndentWidth(18);
    connect(&look, &Look::changed, this, &LessonView::showLesson);
}

void LessonView::setLesson(const QString& markdown)
{
    if (markdown == m_markdown)
        return;
    m_markdown = markdown;
    showLesson();
}

void LessonView::setColumnWidth(int pixels)
{
    m_columnWidth = pixels;
    placeColumn();
}

void LessonView::placeColumn()
{
    if (m_columnWidth == 0)
        return;
    // The text wraps at the column; the scroll bar stays at the card's edge.
    setLineWrapMode(QTextEdit::FixedPixelWidth);
    setLineWrapColumnOrWidth(std::min(m_look.scaled(m_columnWidth), viewport()->width()));
}

void LessonView::styleTables()
{
    const Tokens& tokens = m_look.tokens();
    for (QTextFrame* frame : document()->rootFrame()->childFrames()) {
        auto* table = qobject_cast<QTextTable*>(frame);
        if (table == nullptr)
            continue;
        QTextTableFormat format = table->format();
        format.setBorder(1);
        format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
        format.setBorderBrush(tokens.line);
        format.setBorderCollapse(true);
        format.setCellSpacing(0);
        format.setCellPadding(6);
        format.setTopMargin(6);
        format.setBottomMargin(14);
        table->setFormat(format);
        for (int column = 0; column < table->columns(); ++column) {
            QTextTableCell head = table->cellAt(0, column);
            QTextCharFormat shade = head.format();
            shade.setBackground(tokens.raised);
            head.setFormat(shade);
        }
    }
}

void LessonView::showLesson()
{
    const int position = m_markdown == m_shown ? verticalScrollBar()->value() : 0;
    m_shown = m_markdown;
    document()->setDefaultFont(m_look.font(FontRole::Body));
    setMarkdown(m_markdown);

    // Markdown has no measure of its own: give it the window's sizes, leading and colours.
    QTextCursor cursor(document());
    cursor.beginEditBlock();
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
        QTextBlockFormat format = block.blockFormat();
        const int level = format.headingLevel();
        // A fixed pitch keeps Latin and Chinese lines alike; a figure needs its own height.
        if (block.text().contains(QChar::ObjectReplacementCharacter))
            format.setLineHeight(100, QTextBlockFormat::ProportionalHeight);
        else
            format.setLineHeight(m_look.scaled(level == 1 ? 26 : 21), QTextBlockFormat::FixedHeight);
        cursor.setPosition(block.position());
        const bool cell = cursor.currentTable() != nullptr; // which has padding of its own
        format.setTopMargin(cell ? 0 : level > 0 ? 14 : 2);
        format.setBottomMargin(cell ? 0 : level > 0 ? 6 : 8);
        const bool code = format.hasProperty(QTextFormat::BlockCodeFence)
            || format.hasProperty(QTextFormat::BlockCodeLanguage);
        if (code) {
            format.setBackground(m_look.tokens().raised);
            format.setTopMargin(0);
            format.setBottomMargin(0);
            format.setLeftMargin(8);
        }
        cursor.setBlockFormat(format);
        cursor.setPosition(block.position() + block.length() - 1, QTextCursor::KeepAnchor);
        if (level > 0) {
            QTextCharFormat heading;
            heading.setFont(m_look.font(level == 1 ? FontRole::Title : FontRole::Section));
            cursor.setCharFormat(heading); // not merged: Markdown's own enlargement has to go
            continue;
        }
        for (auto part = block.begin(); !part.atEnd(); ++part) {
            if (!code && !part.fragment().charFormat().fontFixedPitch())
                continue;
            cursor.setPosition(part.fragment().position());
            cursor.setPosition(part.fragment().position() + part.fragment().length(), QTextCursor::KeepAnchor);
            QTextCharFormat mono;
            mono.setFont(m_look.font(FontRole::Terminal));
            if (!code)
                mono.setBackground(m_look.tokens().raised);
            cursor.mergeCharFormat(mono);
        }
    }
    cursor.endEditBlock();
    styleTables();
    verticalScrollBar()->setValue(position);
}

QVariant LessonView::loadResource(int type, const QUrl& name)
{
    if (type != QTextDocument::ImageResource)
        return QTextBrowser::loadResource(type, name);
    for (const QString& folder : m_folders) {
        QFile file(folder + QLatin1Char('/') + name.path());
        if (!file.open(QIODevice::ReadOnly))
            continue;
        // Figures draw their lines in currentColor, which here is the theme's text colour.
        QByteArray svg = file.readAll();
        svg.replace("currentColor", m_look.tokens().text.name().toLatin1());
        QSvgRenderer renderer(svg);
        QSizeF size = renderer.defaultSize();
        const double room = std::max(120, viewport()->width() - 8);
        if (size.width() > room)
            size *= room / size.width();
        const qreal ratio = devicePixelRatioF();
        QImage image((size * ratio).toSize(), QImage::Format_ARGB32_Premultiplied);
        image.fill(Qt::transparent);
        QPainter painter(&image);
        renderer.render(&painter);
        painter.end();
        image.setDevicePixelRatio(ratio);
        return image;
    }
    return QTextBrowser::loadResource(type, name);
}

void LessonView::resizeEvent(QResizeEvent* event)
{
    QTextBrowser::resizeEvent(event);
    placeColumn();
    // Figures follow the width.
    if (event->oldSize().width() != event->size().width() && m_markdown.contains(QLatin1String("![")))
        showLesson();
}

} // namespace app::desktop
