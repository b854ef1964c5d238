#pragma once

#include "app/desktop/theme/look.h"

#include <QSyntaxHighlighter>

namespace app::desktop {

/// Colours of YAML: keys, texts, numbers and truth values, comments, block texts.
class YamlHighlighter : public QSyntaxHighlighter {
    Q_OBJECT

public:
    YamlHighlighter(Look& look, QTextDocument* document);

protected:
    void highlightBlock(const QString& text) override;

private:
    void paintValue(const QString& text, int from);

    Look& m_look;
};

} // namespace app::desktop
