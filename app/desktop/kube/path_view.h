#pragma once

#include "app/desktop/kube/kube_view.h"

#include <QElapsedTimer>

class QComboBox;
class QLabel;
class QScrollArea;
class QStackedWidget;

namespace app::desktop {

class PathPicture;

/// The way of a packet between two ends of the cluster, as routes, rules and policies are now.
class PathView : public KubeView {
    Q_OBJECT

public:
    PathView(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame) override;
    void ask(core::session::KubeInterest& interest) const override;
    QWidget* firstControl() override;
    const PathPicture& picture() const { return *m_picture; }
    void choose(const QString& from, const QString& to);

private:
    void retranslate();
    void fillEnds();
    void endsChosen();
    void showDetail();
    void note();

    Look& m_look;
    LabClient& m_client;
    FramePtr m_frame;
    std::shared_ptr<const core::session::PathDetail> m_detail;
    QStringList m_sources;
    QElapsedTimer m_filled; ///< since the lists of ends were made
    QString m_noted;
    QLabel* m_fromLabel = nullptr;
    QComboBox* m_from = nullptr;
    QLabel* m_toLabel = nullptr;
    QComboBox* m_to = nullptr;
    QComboBox* m_protocol = nullptr;
    QLabel* m_resolved = nullptr;
    QStackedWidget* m_stack = nullptr;
    QScrollArea* m_scroll = nullptr;
    PathPicture* m_picture = nullptr;
    QLabel* m_nothing = nullptr;
};

} // namespace app::desktop
