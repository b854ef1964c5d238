#pragma once

#include "app/desktop/gpu/gpu_view.h"

class QButtonGroup;
class QLabel;
class QScrollArea;
class QToolButton;

namespace app::desktop {

class ElidedLabel;
class RackPicture;

/// All GPUs at once: who is hot, slowed or gone, and what air they get.
class RackView : public GpuView {
    Q_OBJECT

public:
    RackView(Look& look, LabClient& client, QWidget* parent);

    void setDetail(const core::session::GpuDetail& detail, sim::Instant now) override;
    void ask(core::session::GpuInterest& interest) const override;
    QWidget* firstControl() override;
    void restart() override;
    RackPicture& picture() { return *m_picture; }
    QScrollArea& scroll() { return *m_scroll; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void retranslate();
    void showDetail();
    void showReadOut();
    void fillRoom();
    void noteReadable();
    QString summary() const;

    std::shared_ptr<const core::session::RacksDetail> m_detail;
    sim::Instant m_now{};
    QLabel* m_summary = nullptr;
    QButtonGroup* m_quantities = nullptr;
    QList<QToolButton*> m_zoom;
    RackPicture* m_picture = nullptr;
    QScrollArea* m_scroll = nullptr;
    ElidedLabel* m_readOut = nullptr;
};

} // namespace app::desktop
