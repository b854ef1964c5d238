#pragma once

#include "app/desktop/gpu/gpu_view.h"

class QComboBox;
class QLabel;
class QScrollArea;
class QToolButton;

namespace app::desktop {

class ElidedLabel;
class FabricPicture;
class RestStack;

/// The compute network of the GPU machines, and the way between two of their ports.
class FabricView : public GpuView {
    Q_OBJECT

public:
    FabricView(Look& look, LabClient& client, QWidget* parent);
    ~FabricView() override;

    void setDetail(const core::session::GpuDetail& detail, sim::Instant now) override;
    void ask(core::session::GpuInterest& interest) const override;
    QWidget* firstControl() override;
    void restart() override;
    /// Ends as "gpu-1:3"; an empty one: no path.
    void choose(const QString& from, const QString& to);
    QString from() const;
    QString to() const;
    QString verdict() const { return m_shownVerdict; }
    FabricPicture& picture() { return *m_picture; }

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void retranslate();
    void fillEnds();
    void pick(int spot);
    void showDetail();
    void showReadOut();
    QString summary() const;
    QString pathText() const;

    std::shared_ptr<const core::session::FabricDetail> m_detail;
    sim::Instant m_now{};
    QStringList m_ends;
    QString m_shownVerdict;
    QLabel* m_summary = nullptr;
    QLabel* m_fromLabel = nullptr;
    QComboBox* m_from = nullptr;
    QLabel* m_toLabel = nullptr;
    QComboBox* m_to = nullptr;
    QToolButton* m_clear = nullptr;
    QLabel* m_verdict = nullptr;
    RestStack* m_stack = nullptr;
    FabricPicture* m_picture = nullptr;
    QScrollArea* m_scroll = nullptr;
    QLabel* m_nothing = nullptr;
    ElidedLabel* m_readOut = nullptr;
};

} // namespace app::desktop
