#pragma once

#include "app/desktop/gpu/gpu_view.h"

class QButtonGroup;
class QComboBox;
class QLabel;
class QScrollArea;

namespace app::desktop {

class ElidedLabel;
class InsidePicture;
class TilePicture;

/// One GPU machine: its modules in large tiles, and how they hang together. With little room one of the two shows, with much both.
class NodeView : public GpuView {
    Q_OBJECT

public:
    enum class Part { Gpus, Inside };

    NodeView(Look& look, LabClient& client, QWidget* parent);

    void setDetail(const core::session::GpuDetail& detail, sim::Instant now) override;
    void ask(core::session::GpuInterest& interest) const override;
    QWidget* firstControl() override;
    void restart() override;
    void choose(const QString& machine);
    QString machine() const { return m_machine; }
    void openPart(Part part);
    TilePicture& tiles() { return *m_tiles; }
    InsidePicture& inside() { return *m_inside; }

protected:
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void retranslate();
    void arrange();
    bool shown(Part part) const;
    void fillMachines(const std::vector<std::string>& names);
    void showDetail();
    void showReadOut();
    QString facts() const;
    QScrollArea* scrolled(QWidget* picture);

    std::shared_ptr<const core::session::NodeDetail> m_detail;
    sim::Instant m_now{};
    QString m_machine; ///< empty: the first
    QStringList m_names;
    QLabel* m_machineLabel = nullptr;
    QComboBox* m_machines = nullptr;
    QButtonGroup* m_parts = nullptr;
    QLabel* m_facts = nullptr;
    QLabel* m_complaint = nullptr; ///< in nvidia-smi's words
    QLabel* m_silence = nullptr;   ///< why nothing answers
    QScrollArea* m_tileScroll = nullptr;
    QScrollArea* m_insideScroll = nullptr;
    TilePicture* m_tiles = nullptr;
    InsidePicture* m_inside = nullptr;
    ElidedLabel* m_readOut = nullptr;
    QWidget* m_spoke = nullptr; ///< the picture whose spot the read-out tells
};

} // namespace app::desktop
