#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/kube_detail.h"

#include <QWidget>

namespace app::desktop {

/// A packet's way from top to bottom: a station for each hop, with the addresses where a rule rewrites them, and how it
/// ended. The question to the name server comes before the connection.
class PathPicture : public QWidget {
    Q_OBJECT

public:
    explicit PathPicture(Look& look, QWidget* parent = nullptr);

    void setDetail(std::shared_ptr<const core::session::PathDetail> detail);
    void retranslate();
    /// The rows as they are drawn, in words.
    QStringList rows() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override { return {m_look.scaled(200), sizeHint().height()}; }

protected:
    void paintEvent(QPaintEvent* event) override;

private:
    struct Row {
        enum class Kind { Heading, Station, End };
        Kind kind = Kind::Station;
        QString title;
        QString note;       ///< what kind of station it is
        QString detail;
        QString addresses;  ///< only where they change
        sim::Health health = sim::Health::Ok;
        bool stops = false;
    };

    void addLeg(const core::session::PathLeg& leg, const QString& title);
    static QString kindWord(const std::string& kind);
    int heightOf(const Row& row) const;
    void paintRow(QPainter& painter, const QRectF& box, const Row& row, bool first, bool last) const;

    Look& m_look;
    std::shared_ptr<const core::session::PathDetail> m_detail;
    std::vector<Row> m_rows;
};

} // namespace app::desktop
