#include "app/desktop/theme/markdown.h"

#include "app/desktop/theme/look.h"

#include <QTextBlock>
#include <QTextCursor>
#include <QTextDocument>
#include <QTextList>

namespace app::desktop {

QString richText(const Look& look, const QString& markdown)
{
    QTextDocument document;
    document.setDefaultFont(look.font(FontRole::Body));
    document.setMarkdown(markdown);
    QTextCursor cursor(&document);
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        QTextBlockFormat format = block.blockFormat();
        format.setLineHeight(look.scaled(21), QTextBlockFormat::FixedHeight);
        format.setTopMargin(0);
        format.setBottomMargin(block.next().isValid() ? 6 : 0);
        cursor.setPosition(block.position());
        if (QTextList* list = block.textList()) {
            QTextListFormat bullets = list->format();
            bullets.setIndent(0);
            list->setFormat(bullets);
            format.setLeftMargin(look.scaled(16));
        }
        cursor.setBlockFormat(format);
        for (auto part = block.begin(); !part.atEnd(); ++part) {
            if (!part.fragment().charFormat().fontFixedPitch())
                continue;
            QTextCharFormat mono;
            mono.setFontFamilies(look.font(FontRole::Terminal).families());
            mono.setForeground(look.tokens().accent);
            cursor.setPosition(part.fragment().position());
            cursor.setPosition(part.fragment().position() + part.fragment().length(), QTextCursor::KeepAnchor);
            cursor.mergeCharFormat(mono);
        }
    }
    return document.toHtml();
}

} // namespace app::desktop
