#include "app/desktop/kube/yaml_highlighter.h"

#include <QRegularExpression>

namespace app::desktop {

namespace {

constexpr int kNoBlockText = -1; ///< else the block state is the column of the key that owns the text

} // namespace

YamlHighlighter::YamlHighlighter(Look& look, QTextDocument* document)
    : QSyntaxHighlighter(document)
    , m_look(look)
{
}

void YamlHighlighter::highlightBlock(const QString& text)
{
    static const QRegularExpression kKey(QStringLiteral("^(\\s*(?:- +)*)(\"[^\"]*\"|'[^']*'|[^\\s#:\\[\\]{}\"'][^:]*?)(\\s*:)(?=\\s|$)"));
    static const QRegularExpression kBlockText(QStringLiteral("^\\s*[|>][+-]?\\d*\\s*$"));
    const Tokens& tokens = m_look.tokens();
    int owner = previousBlockState();
    int indent = 0;
    while (indent < text.size() && text[indent] == QLatin1Char(' '))
        ++indent;
    if (owner >= 0 && (indent > owner || text.trimmed().isEmpty())) {
        setFormat(0, static_cast<int>(text.size()), readableOn(tokens.ok, tokens.terminal));
        setCurrentBlockState(owner);
        return;
    }
    setCurrentBlockState(kNoBlockText);
    if (text.trimmed().startsWith(QLatin1Char('#'))) {
        setFormat(0, static_cast<int>(text.size()), tokens.muted);
        return;
    }
    const QRegularExpressionMatch key = kKey.match(text);
    if (!key.hasMatch()) {
        paintValue(text, indent);
        return;
    }
    const auto at = static_cast<int>(key.capturedStart(2));
    setFormat(0, at, tokens.muted);
    setFormat(at, static_cast<int>(key.capturedLength(2)), readableOn(tokens.accent, tokens.terminal));
    setFormat(static_cast<int>(key.capturedStart(3)), static_cast<int>(key.capturedLength(3)), tokens.muted);
    const auto end = static_cast<int>(key.capturedEnd());
    if (kBlockText.match(text.mid(end)).hasMatch()) {
        setCurrentBlockState(at);
        setFormat(end, static_cast<int>(text.size()) - end, tokens.muted);
        return;
    }
    paintValue(text, end);
}

void YamlHighlighter::paintValue(const QString& text, int from)
{
    static const QRegularExpression kBare(QStringLiteral("^\\s*(?:- +)*(-?\\d+(?:\\.\\d+)?|true|false|null|~)\\s*$"));
    static const QRegularExpression kComment(QStringLiteral("\\s#.*$"));
    const Tokens& tokens = m_look.tokens();
    const QString value = text.mid(from);
    if (value.trimmed().isEmpty())
        return;
    const bool bare = kBare.match(value).hasMatch();
    setFormat(from, static_cast<int>(value.size()), readableOn(bare ? tokens.branch : tokens.text, tokens.terminal));
    if (value.trimmed().startsWith(QLatin1Char('"')) || value.trimmed().startsWith(QLatin1Char('\'')))
        setFormat(from, static_cast<int>(value.size()), readableOn(tokens.ok, tokens.terminal));
    else if (const auto comment = kComment.match(value); comment.hasMatch())
        setFormat(from + static_cast<int>(comment.capturedStart()), static_cast<int>(comment.capturedLength()), tokens.muted);
}

} // namespace app::desktop
