#pragma once

#include "app/desktop/kube/kube_view.h"
#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"
#include "app/desktop/topology/selection.h"

#include <QWidget>

class QLabel;
class QPushButton;
class QTextBrowser;
class QToolButton;
class QUrl;

namespace app::desktop {

/// Details of what is selected, laid over the right column until closed.
class Inspector : public QWidget {
    Q_OBJECT

public:
    Inspector(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);
    void inspect(const Selection& selection);

signals:
    void selected(const app::desktop::Selection& selection);
    void terminalWanted(const QString& host);
    /// Why the pod is where it is, or nowhere.
    void decisionWanted(const QString& pod);
    /// The way of a packet from this pod.
    void pathWanted(const QString& pod);
    void ownersWanted(const app::desktop::ObjectName& object);
    void yamlWanted(const app::desktop::ObjectName& object);
    /// To look into a machine: its processes, disks, sockets.
    void machineWanted(const QString& host);
    void closed();

protected:
    void paintEvent(QPaintEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    void retranslate();
    void showDetails();
    void follow(const QUrl& link);
    void openTerminal();
    void dismiss();
    QString machineHtml(const sim::MachineView& machine) const;
    QString podLinks(const sim::PodView& pod) const;
    QString podHtml(const sim::PodView& pod) const;
    QString trainingHtml(const sim::PodView& pod) const;
    static QString clockText(const sim::GpuView& gpu);
    QString gpuHtml(const sim::MachineView& machine, const sim::GpuView& gpu) const;
    QString switchHtml(const sim::SwitchView& view) const;
    QString eventsHtml(const QString& object) const;
    QString row(const QString& name, const QString& value) const;
    QString heading(const QString& text) const;
    QString state(sim::Health health, const QString& word) const;
    const sim::MachineView* machine(const QString& name) const;

    Look& m_look;
    LabClient& m_client;
    FramePtr m_frame;
    Selection m_selection;
    QLabel* m_title = nullptr;
    QToolButton* m_close = nullptr;
    QTextBrowser* m_body = nullptr;
    QPushButton* m_terminal = nullptr;
    QString m_host;
    QString m_html;
};

} // namespace app::desktop
