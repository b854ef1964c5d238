#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/kube_detail.h"

#include <QWidget>

#include <algorithm>

namespace app::desktop {

/// The members of the Raft group side by side, or one below the other: who leads, who reaches whom, how fast each one's disk is and how full
/// its database.
class EtcdPicture : public QWidget {
    Q_OBJECT

public:
    explicit EtcdPicture(Look& look, QWidget* parent = nullptr);

    void setDetail(std::shared_ptr<const core::session::EtcdDetail> detail);
    void retranslate();
    QString chosen() const;
    /// A member in a sentence, as drawn.
    QString sentence(const core::session::EtcdMemberDetail& member) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    int heightForWidth(int width) const override;

signals:
    void memberChosen(const QString& name);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    std::size_t members() const { return m_detail ? std::max<std::size_t>(1, m_detail->members.size()) : 1; }
    /// Too little room for the cards side by side: one below the other.
    bool stacked(int width) const;
    QRectF card(std::size_t index) const;
    void paintLinks(QPainter& painter) const;
    void paintMember(QPainter& painter, std::size_t index) const;
    void paintFill(QPainter& painter, const QRectF& row, const core::session::EtcdMemberDetail& member) const;
    static sim::Health healthOfMember(const core::session::EtcdMemberDetail& member);
    static QString stateOfMember(const core::session::EtcdMemberDetail& member);

    Look& m_look;
    std::shared_ptr<const core::session::EtcdDetail> m_detail;
};

} // namespace app::desktop
