#pragma once

#include "app/desktop/host/host_view.h"

class QButtonGroup;
class QLabel;
class QPlainTextEdit;
class QScrollArea;
class QStackedWidget;

namespace app::desktop {

class BootPicture;
class ElidedLabel;

/// What the machine's last start took, and where one that is under way stands.
class BootView : public HostView {
    Q_OBJECT

public:
    BootView(Look& look, LabClient& client, QWidget* parent);

    void setDetail(const core::session::HostDetail& detail, sim::Instant now) override;
    void ask(core::session::HostInterest& interest) const override;
    QWidget* firstControl() override;
    bool showsSilent() const override { return true; }
    void restart() override;
    BootPicture& picture() { return *m_picture; }
    void showUserspaceOnly(bool only);

private:
    void retranslate();
    void showDetail();
    void showReadOut();
    QString stateText() const;
    QString spansText() const;

    std::shared_ptr<const core::session::BootDetail> m_detail;
    sim::Instant m_now{};
    QLabel* m_state = nullptr;
    QLabel* m_spans = nullptr;
    QButtonGroup* m_range = nullptr;
    QStackedWidget* m_stack = nullptr;
    QScrollArea* m_scroll = nullptr;
    BootPicture* m_picture = nullptr;
    QLabel* m_nothing = nullptr;
    ElidedLabel* m_readOut = nullptr;
    QLabel* m_consoleTitle = nullptr;
    QPlainTextEdit* m_console = nullptr;
};

} // namespace app::desktop
