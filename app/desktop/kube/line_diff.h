#pragma once

#include <QStringList>

#include <vector>

namespace app::desktop {

/// One line of a comparison of two texts.
struct DiffLine {
    enum class Kind { Same, Removed, Added };
    Kind kind = Kind::Same;
    QString text;
    int newLine = -1; ///< of Same and Added: its number in the new text, from 0
};

/// The shortest way from one text to the other, line by line (longest common subsequence).
std::vector<DiffLine> diffOf(const QStringList& before, const QStringList& after);

} // namespace app::desktop
