#pragma once

#include "app/desktop/serving/attention_steps.h"
#include "app/desktop/theme/look.h"

#include <QStringList>
#include <QWidget>

namespace app::desktop {

/// One step of AttentionSteps, without a cache and with one beside it: rows of Q, K and V for each token, the triangle of scores in the same
/// rows, and what both cost in a real model. Left and right go on and back, space plays.
class AttentionPicture : public QWidget {
    Q_OBJECT

public:
    explicit AttentionPicture(Look& look, QWidget* parent = nullptr);

    const AttentionSteps& steps() const { return m_steps; }
    int step() const { return m_step; }
    void goTo(int step);
    void setModel(const sim::serving::ModelShape& model);
    const sim::serving::ModelShape& model() const { return m_model; }
    void retranslate();
    QStringList words() const;
    /// What happens in the step, in one or two sentences.
    QString story() const;
    /// What the rows are, for who does not see them.
    QString sentence() const;
    /// Counters of one side.
    QStringList counters(bool cached) const;

    static void paintRow(QPainter& painter, AttentionSteps::Row row, const QRectF& box, const Tokens& tokens);
    static QString rowName(AttentionSteps::Row row);
    static QString operations(double count); ///< "8.0 G"

    QSize sizeHint() const override { return {m_look.scaled(560), heightForWidth(width())}; }
    QSize minimumSizeHint() const override { return {m_look.scaled(280), heightForWidth(width())}; }
    int heightForWidth(int width) const override;

signals:
    void stepped(int step);
    void playWanted();

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    bool stacked(int width) const;
    double rowHeight(int width) const;
    double sideHeight(int width) const;
    void paintSide(QPainter& painter, bool cached, const QRectF& box) const;
    void paintMatrix(QPainter& painter, bool cached, AttentionSteps::Matrix matrix, const QRectF& box) const;
    void paintScores(QPainter& painter, bool cached, const QRectF& box) const;

    Look& m_look;
    AttentionSteps m_steps{5, 4};
    sim::serving::ModelShape m_model;
    int m_step = 0;
};

} // namespace app::desktop
