#pragma once

#include "app/desktop/kube/kube_view.h"
#include "app/desktop/kube/yaml_check.h"

#include <QTimer>

class QComboBox;
class QLabel;
class QPlainTextEdit;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace app::desktop {

class YamlEdit;

/// Any object of the API as YAML: read, changed with help from the schema, compared with the live object, checked by
/// the API server without effect, and applied through the same door as a command.
class YamlView : public KubeView {
    Q_OBJECT

public:
    YamlView(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame) override;
    void ask(core::session::KubeInterest& interest) const override;
    QWidget* firstControl() override;
    void open(const ObjectName& object);
    /// Another lab: what was open is not there.
    void reset();
    YamlEdit& editor() { return *m_edit; }
    const std::vector<YamlProblem>& problems() const { return m_problems; }
    void apply();

private:
    void retranslate();
    void fillKinds();
    void listObjects();
    void chooseKind();
    void chooseObject();
    void takeLive(const sim::kube::Response& response, bool quietly);
    void takeChecked(const sim::kube::Response& response, const QString& text);
    void takeApplied(const sim::kube::Response& response, bool created);
    void refreshLive();
    void edited();
    void check();
    void compare();
    void showProblems();
    void showState();
    void goToProblem(int direction);
    void toggleDiff();
    void undoApplied();
    bool modified() const;
    sim::kube::Request requestFor(const YamlObject& object, bool& creates) const;

    Look& m_look;
    LabClient& m_client;
    FramePtr m_frame;
    ObjectName m_object;             ///< that is open; an empty kind: none
    QString m_live;                  ///< its YAML as last read; empty: there is none
    QString m_liveVersion;           ///< its resourceVersion
    std::vector<YamlProblem> m_problems;
    bool m_overtaken = false;        ///< somebody else changed it while the learner did
    bool m_serverChecked = false;    ///< the server has seen the text as it stands
    QString m_said;                  ///< outcome of the last apply
    sim::Health m_saidHealth = sim::Health::Ok;
    std::optional<sim::Instant> m_appliedAt;
    QComboBox* m_kinds = nullptr;
    QComboBox* m_objects = nullptr;
    QToolButton* m_diffButton = nullptr;
    QToolButton* m_reload = nullptr;
    QPushButton* m_undo = nullptr;
    QPushButton* m_apply = nullptr;
    QStackedWidget* m_stack = nullptr;
    YamlEdit* m_edit = nullptr;
    QPlainTextEdit* m_diff = nullptr;
    QLabel* m_state = nullptr;
    QTimer m_checkSoon;
    QTimer m_refresh;
};

} // namespace app::desktop
