#pragma once

#include "app/desktop/kube/yaml_check.h"
#include "app/desktop/theme/look.h"

#include <QPlainTextEdit>
#include <QSet>

class QListWidget;
class QListWidgetItem;

namespace app::desktop {

class YamlHighlighter;

/// A text field for YAML: colours, line numbers, marks for problems and for lines that differ from the live object,
/// and completion from the schema.
class YamlEdit : public QPlainTextEdit {
    Q_OBJECT

public:
    YamlEdit(Look& look, QWidget* parent = nullptr);

    void setProblems(const std::vector<YamlProblem>& problems);
    /// Lines that the live object does not have, from 0.
    void setChangedLines(const QSet<int>& lines);
    /// Takes the text's place as one step that Ctrl+Z undoes.
    void replaceText(const QString& text);
    /// The same as it is now: cursor and view stay, and there is nothing to undo.
    void showText(const QString& text);
    void goToLine(int line);
    void complete();
    bool completing() const;
    void restyle();

    int gutterWidth() const;
    void paintGutter(QPaintEvent* event);

signals:
    void applyWanted();
    void nextProblemWanted(int direction);

protected:
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void focusOutEvent(QFocusEvent* event) override;
    bool event(QEvent* event) override;

private:
    void placeGutter(const QRect& rect, int dy);
    void showLine();
    bool keyForSuggestions(QKeyEvent* event);
    void accept(QListWidgetItem* item);
    void showSuggestions(bool asked);
    void indentLines(int direction);
    void newLine();
    QString wordBegun() const;

    Look& m_look;
    YamlHighlighter* m_highlighter = nullptr;
    QWidget* m_gutter = nullptr;
    QListWidget* m_suggestions = nullptr;
    std::vector<YamlProblem> m_problems;
    QSet<int> m_changed;
};

} // namespace app::desktop
