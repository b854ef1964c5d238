#pragma once

#include <QString>
#include <QStringList>

#include <vector>

namespace app::desktop {

/// Where what stands in a YAML text that may be half written: the field's path of each line, as the API server
/// names it. Block style; what stands in flow style ("{...}", "[...]") belongs to its line.
class YamlOutline {
public:
    struct Line {
        QString path;         ///< "spec.containers[0].image"; of a line without a key: its owner's
        QString key;          ///< empty: a scalar, a comment, a line of a block text
        int indent = 0;       ///< column of the key, behind any dashes
        bool content = false; ///< false: empty, a comment, or part of a block text
    };

    explicit YamlOutline(const QString& text);

    const std::vector<Line>& lines() const { return m_lines; }
    /// The line of a path or, when it is not there, of what is nearest above it; 0 when nothing is.
    int lineOf(const QString& path) const;
    /// The keys that lead to where a key at that column would stand, indices left out; and what is there already.
    QStringList ownersAt(int line, int column) const;
    QStringList siblingsAt(int line, int column) const;

private:
    /// The line that owns a key at `column` of `line`; -1: the document.
    int ownerLine(int line, int column) const;

    std::vector<Line> m_lines;
};

} // namespace app::desktop
