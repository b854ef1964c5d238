#pragma once

#include "app/desktop/kube/decision_model.h"
#include "app/desktop/kube/kube_view.h"

class QComboBox;
class QLabel;
class QStackedWidget;
class QToolButton;

namespace app::desktop {

class DecisionTable;

/// Why a pod is where it is, or nowhere: every plugin's verdict and points for each node.
class DecisionView : public KubeView {
    Q_OBJECT

public:
    DecisionView(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame) override;
    void ask(core::session::KubeInterest& interest) const override;
    QWidget* firstControl() override;
    /// "shop/checkout-..."; empty: always the latest decision.
    void choosePod(const QString& pod);
    const DecisionModel& model() const { return *m_model; }

private:
    void retranslate();
    void showDetail();
    void showPods();
    void showCell();
    void pick(int index);
    void openPod();
    QString verdict() const;
    QString whyNone() const;
    void note();

    Look& m_look;
    LabClient& m_client;
    FramePtr m_frame;
    std::shared_ptr<const core::session::DecisionsDetail> m_detail;
    QString m_pod;
    std::shared_ptr<const sim::kube::Decision> m_noted; ///< told to the grader already
    DecisionModel* m_model = nullptr;
    QLabel* m_label = nullptr;
    QComboBox* m_pods = nullptr;
    QToolButton* m_inspect = nullptr;
    QLabel* m_verdict = nullptr;
    QStackedWidget* m_stack = nullptr;
    DecisionTable* m_table = nullptr;
    QLabel* m_nothing = nullptr;
    QLabel* m_cell = nullptr;
};

} // namespace app::desktop
