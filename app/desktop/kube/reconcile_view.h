#pragma once

#include "app/desktop/kube/kube_view.h"

class QListWidget;
class QScrollArea;
class QLabel;

namespace app::desktop {

class LoopPicture;

/// kube-controller-manager at work: its controllers with what waits in their queues, and one of them in full.
class ReconcileView : public KubeView {
    Q_OBJECT

public:
    explicit ReconcileView(Look& look, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame) override;
    void ask(core::session::KubeInterest& interest) const override;
    QWidget* firstControl() override;
    /// By its id: "replicaset".
    void chooseNamed(const QString& controller);
    const LoopPicture& picture() const { return *m_picture; }

protected:
    void resizeEvent(QResizeEvent* event) override;

private:
    void retranslate();
    void fitList();
    void showRows();
    void chooseController(int row);
    void chooseKey(const QString& key);

    Look& m_look;
    std::shared_ptr<const core::session::ControllersDetail> m_detail;
    QString m_controller = QStringLiteral("deployment");
    QString m_key;
    QListWidget* m_list = nullptr;
    QScrollArea* m_scroll = nullptr;
    LoopPicture* m_picture = nullptr;
    QLabel* m_state = nullptr;
};

} // namespace app::desktop
