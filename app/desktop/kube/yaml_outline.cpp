#include "app/desktop/kube/yaml_outline.h"

#include <QHash>
#include <QRegularExpression>

#include <algorithm>

namespace app::desktop {

namespace {

struct Level {
    int indent = 0;
    bool item = false; ///< an item of a list, at its dash
    QString path;
};

int leadingSpaces(QStringView line)
{
    int count = 0;
    while (count < line.size() && line[count] == QLatin1Char(' '))
        ++count;
    return count;
}

/// Reads a text line by line; knows the levels that are open.
class OutlineReader {
public:
    YamlOutline::Line read(const QString& line)
    {
        YamlOutline::Line out;
        out.indent = leadingSpaces(line);
        QStringView rest = QStringView(line).mid(out.indent);
        const bool blank = rest.isEmpty();
        if (m_blockIndent >= 0) {
            if (blank || out.indent > m_blockIndent) {
                out.path = top();
                return out;
            }
            m_blockIndent = -1;
        }
        if (blank || rest.startsWith(QLatin1Char('#')) || rest == QLatin1String("---")) {
            out.path = top();
            return out;
        }
        out.content = true;
        while (rest == QLatin1String("-") || rest.startsWith(QLatin1String("- "))) {
            beginItem(out.indent);
            const int dash = 1 + leadingSpaces(rest.mid(1));
            rest = rest.mid(dash);
            out.indent += rest.isEmpty() ? 2 : dash;
        }
        static const QRegularExpression kKey(QStringLiteral("^(\"[^\"]*\"|'[^']*'|[^\\s#:\\[\\]{}\"'][^:]*?)\\s*:(?:\\s+(.*))?$"));
        const QRegularExpressionMatch match = kKey.match(rest.toString());
        if (match.hasMatch()) {
            out.key = match.captured(1);
            if (out.key.startsWith(QLatin1Char('"')) || out.key.startsWith(QLatin1Char('\'')))
                out.key = out.key.mid(1, out.key.size() - 2);
            beginKey(out.indent, out.key);
            const QString value = match.captured(2);
            if (value.startsWith(QLatin1Char('|')) || value.startsWith(QLatin1Char('>')))
                m_blockIndent = out.indent;
        }
        out.path = top();
        return out;
    }

private:
    QString top() const { return m_levels.empty() ? QString() : m_levels.back().path; }

    void beginItem(int indent)
    {
        // A list may stand at its key's own column.
        while (!m_levels.empty() && (m_levels.back().indent > indent || (m_levels.back().indent == indent && m_levels.back().item)))
            m_levels.pop_back();
        const QString owner = top();
        m_levels.push_back({indent, true, owner + QStringLiteral("[%1]").arg(m_items[owner]++)});
    }

    void beginKey(int indent, const QString& key)
    {
        while (!m_levels.empty() && m_levels.back().indent >= indent)
            m_levels.pop_back();
        const QString owner = top();
        m_levels.push_back({indent, false, owner.isEmpty() ? key : owner + QLatin1Char('.') + key});
    }

    std::vector<Level> m_levels;
    QHash<QString, int> m_items;
    int m_blockIndent = -1; ///< column of the key whose block text goes on
};

QString withoutIndices(QString path)
{
    static const QRegularExpression kIndex(QStringLiteral("\\[\\d+\\]"));
    return path.remove(kIndex);
}

} // namespace

YamlOutline::YamlOutline(const QString& text)
{
    OutlineReader reader;
    for (const QString& line : text.split(QLatin1Char('\n')))
        m_lines.push_back(reader.read(line));
}

int YamlOutline::lineOf(const QString& path) const
{
    for (QString wanted = path; !wanted.isEmpty();) {
        for (std::size_t i = 0; i < m_lines.size(); ++i) {
            if (m_lines[i].content && (m_lines[i].path == wanted || m_lines[i].path.startsWith(wanted + QLatin1Char('.'))
                                       || m_lines[i].path.startsWith(wanted + QLatin1Char('['))))
                return static_cast<int>(i);
        }
        const qsizetype cut = std::max(wanted.lastIndexOf(QLatin1Char('.')), wanted.lastIndexOf(QLatin1Char('[')));
        wanted = cut < 0 ? QString() : wanted.left(cut);
    }
    return 0;
}

int YamlOutline::ownerLine(int line, int column) const
{
    for (int i = std::min(line, static_cast<int>(m_lines.size())) - 1; i >= 0; --i) {
        const Line& above = m_lines[static_cast<std::size_t>(i)];
        if (above.content && !above.key.isEmpty() && above.indent < column)
            return i;
    }
    return -1;
}

QStringList YamlOutline::ownersAt(int line, int column) const
{
    const int owner = ownerLine(line, column);
    if (owner < 0)
        return {};
    return withoutIndices(m_lines[static_cast<std::size_t>(owner)].path).split(QLatin1Char('.'), Qt::SkipEmptyParts);
}

QStringList YamlOutline::siblingsAt(int line, int column) const
{
    QStringList keys;
    const auto look = [&](int from, int step) {
        for (int i = from; i >= 0 && i < static_cast<int>(m_lines.size()); i += step) {
            const Line& one = m_lines[static_cast<std::size_t>(i)];
            if (!one.content)
                continue;
            if (one.indent < column)
                return;
            if (one.indent == column && !one.key.isEmpty())
                keys += one.key;
        }
    };
    look(line - 1, -1);
    look(line + 1, 1);
    return keys;
}

} // namespace app::desktop
