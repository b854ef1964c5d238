#pragma once

#include "app/desktop/host/host_view.h"

class QComboBox;
class QLabel;
class QScrollArea;
class QSpinBox;
class QStackedWidget;

namespace app::desktop {

class HookPicture;

/// A packet's walk through the hooks of the kernels between the chosen machine and where it is to go.
class HookView : public HostView {
    Q_OBJECT

public:
    HookView(Look& look, LabClient& client, QWidget* parent);
    ~HookView() override;

    void setDetail(const core::session::HostDetail& detail, sim::Instant now) override;
    void ask(core::session::HostInterest& interest) const override;
    QWidget* firstControl() override;
    void restart() override;
    /// `from`: a container of the machine; empty: the machine itself.
    void choose(const QString& from, const QString& to, const QString& protocol, int port);
    HookPicture& picture() { return *m_picture; }
    QString verdict() const;

private:
    void retranslate();
    void endsChosen();
    void fillEnds();
    void showDetail();

    std::shared_ptr<const core::session::HooksDetail> m_detail;
    sim::Instant m_now{};
    QString m_machine;
    QStringList m_ends;
    QLabel* m_fromLabel = nullptr;
    QComboBox* m_from = nullptr;
    QLabel* m_toLabel = nullptr;
    QComboBox* m_to = nullptr;
    QComboBox* m_protocol = nullptr;
    QSpinBox* m_port = nullptr;
    QLabel* m_verdict = nullptr;
    QStackedWidget* m_stack = nullptr;
    QScrollArea* m_scroll = nullptr;
    HookPicture* m_picture = nullptr;
    QLabel* m_nothing = nullptr;
};

} // namespace app::desktop
