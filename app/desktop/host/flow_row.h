#pragma once

#include <QLayout>
#include <QList>

namespace app::desktop {

/// Controls beside each other that go on in a next line where the text is large or the panel narrow. What may expand
/// shares the rest of its line.
class FlowRow : public QLayout {
    Q_OBJECT

public:
    explicit FlowRow(QWidget* parent = nullptr);
    ~FlowRow() override;

    void addItem(QLayoutItem* item) override;
    int count() const override { return static_cast<int>(m_items.size()); }
    QLayoutItem* itemAt(int index) const override { return m_items.value(index); }
    QLayoutItem* takeAt(int index) override;
    Qt::Orientations expandingDirections() const override { return Qt::Horizontal; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override { return arrange(QRect(0, 0, width, 0), false); }
    QSize sizeHint() const override;
    QSize minimumSize() const override;
    void setGeometry(const QRect& rect) override;

private:
    /// Lays the lines out, or only measures them: the height they take.
    int arrange(const QRect& rect, bool place) const;

    /// What an item needs at least in its line: one that grows may begin small.
    static int widthOf(const QLayoutItem& item);

    QList<QLayoutItem*> m_items;
};

} // namespace app::desktop
