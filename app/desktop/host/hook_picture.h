#pragma once

#include "app/desktop/theme/look.h"
#include "core/session/host_detail.h"

#include <QWidget>

namespace app::desktop {

/// The hooks of every kernel that a packet meets, one drawing below the other: prerouting, the routing decision, input
/// or forward, output, postrouting. The way that the packet took is drawn over them, with what each table decided.
class HookPicture : public QWidget {
    Q_OBJECT

public:
    explicit HookPicture(Look& look, QWidget* parent = nullptr);

    void setDetail(std::shared_ptr<const core::session::HooksDetail> detail);
    void retranslate();
    /// What is drawn, in words, a line for each step.
    QStringList rows() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;
    int heightForWidth(int width) const override;

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;

private:
    enum Station { Prerouting, Routing, Forward, Postrouting, Input, Process, Output, StationCount };
    using Place = core::session::HookPlace;
    using Step = core::session::HookDetail;

    static int stationOf(const Step& step);
    static bool isLower(int station); ///< of the row beside the programs
    static QString stationName(int station);
    std::vector<int> wayOf(const Place& place) const;
    std::vector<const Step*> stepsAt(const Place& place, int station) const;
    double boxHeight(const Place& place, int station) const;
    double rowTop(const Place& place, bool lower) const;
    QRectF box(const Place& place, int station, double top, double width) const;
    double placeHeight(const Place& place) const;
    double chainHeight(const Place& place, bool lower) const;
    void paintPlace(QPainter& painter, const Place& place, double top) const;
    void paintStation(QPainter& painter, const Place& place, int station, const QRectF& box, bool visited) const;
    void paintWay(QPainter& painter, const Place& place, double top) const;
    void paintRules(QPainter& painter, const Place& place, double top) const;
    std::vector<const Step*> toldSteps(const Place& place) const;
    QString ruleWords(const Step& step) const;

    Look& m_look;
    std::shared_ptr<const core::session::HooksDetail> m_detail;
};

} // namespace app::desktop
