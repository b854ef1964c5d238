#pragma once

#include "app/desktop/host/row_model.h"
#include "app/desktop/host/told_readings.h"
#include "app/desktop/lab_client.h"
#include "app/desktop/serving/serving_chart.h"
#include "app/desktop/theme/look.h"

#include <QWidget>

#include <array>

class QBoxLayout;
class QButtonGroup;
class QComboBox;
class QGridLayout;
class QLabel;
class QScrollArea;
class QToolButton;

namespace app::desktop {

class AttentionPanel;
class BatchPicture;
class CachePicture;
class ElidedLabel;
class PartStack;
class RouterPicture;
class RowTree;
class SwatchRow;
class WhatIfPanel;

/// LLM serving: the fifth side of the cluster panel. One replica from the inside (its cache, its steps, its signals), what leads to all of
/// them, and two parts that need no server: what one could be like, and how a cache works. The pictures have tables as twins.
class ServingView : public QWidget {
    Q_OBJECT

public:
    enum class Part { Cache, Batch, Signals, Router, WhatIf, Explainer };
    static constexpr int kPartCount = 6;
    static constexpr int kTables = 4; ///< the first parts have one each

    ServingView(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame);
    /// Another lab: nothing that was chosen counts.
    void restart();
    /// Takes the keys.
    void open();
    void openPart(Part part);
    Part part() const;
    void showTable(bool table);
    void showTwin(bool twin);
    void chooseReplica(const QString& name);
    CachePicture& cache() { return *m_cache; }
    CachePicture& twin() { return *m_twin; }
    BatchPicture& batch() { return *m_batch; }
    RouterPicture& router() { return *m_router; }
    WhatIfPanel& whatIf() { return *m_whatIf; }
    AttentionPanel& explainer() { return *m_explainer; }
    ServingChart& chart(ServingCurve curve) { return *m_charts[static_cast<std::size_t>(curve)]; }
    RowModel& table(Part part) { return m_models[static_cast<std::size_t>(part)]; }
    QString summary() const { return m_summaryShown; }
    QString readOut() const;

signals:
    /// Somebody opens the page: whatever stands before it gives way.
    void frontWanted();
    /// A line to be put into a terminal on the bastion.
    void commandWanted(const QString& line);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct MapBox {
        QWidget* box = nullptr;
        QLabel* caption = nullptr;
        QScrollArea* scroll = nullptr;
    };

    const core::session::ServingInside* inside() const { return m_detail && m_detail->inside ? &*m_detail->inside : nullptr; }
    MapBox mapBox(CachePicture* picture);
    QWidget* buildCache();
    QWidget* buildSignals();
    void retranslate();
    void arrange();
    void askAgain();
    void showPart();
    void showDetail();
    void showReplicas();
    void showCache();
    void showSignals();
    void giveServer();
    QString summaryWords() const;
    QString captionWords(const core::session::CacheMap& map, bool twin) const;
    void moveCursor(std::optional<int> sample);
    void readCache(const CachePicture* picture);
    void fillTable();
    std::vector<Row> ownerRows() const;
    std::vector<Row> stepRows() const;
    std::vector<Row> sampleRows() const;
    std::vector<Row> replicaRows() const;
    void note(const QString& slot, const core::session::Reading& reading);

    Look& m_look;
    LabClient& m_client;
    ToldReadings m_told;
    core::session::ServingInterest m_asked;
    std::shared_ptr<const core::session::ServingDetail> m_detail;
    sim::Instant m_now{};
    QString m_replica;        ///< chosen; empty: the first
    QString m_summaryShown;
    QLabel* m_replicaLabel = nullptr;
    QComboBox* m_replicas = nullptr;
    QLabel* m_summary = nullptr;
    QWidget* m_partRow = nullptr;
    QButtonGroup* m_parts = nullptr;
    QToolButton* m_tableButton = nullptr;
    PartStack* m_matter = nullptr; ///< the parts, their tables, why there is nothing
    QLabel* m_nothing = nullptr;
    QWidget* m_cacheTools = nullptr;
    QToolButton* m_twinButton = nullptr;
    QToolButton* m_zoomOut = nullptr;
    QToolButton* m_zoomIn = nullptr;
    CachePicture* m_cache = nullptr;
    CachePicture* m_twin = nullptr;
    MapBox m_cacheBox, m_twinBox;
    QBoxLayout* m_maps = nullptr; ///< both of them
    SwatchRow* m_cacheLegend = nullptr;
    BatchPicture* m_batch = nullptr;
    SwatchRow* m_batchLegend = nullptr;
    QGridLayout* m_chartGrid = nullptr;
    int m_columns = 0; ///< of charts; 0: not laid out yet
    std::array<ServingChart*, kServingCurves.size()> m_charts{};
    RouterPicture* m_router = nullptr;
    QScrollArea* m_routerScroll = nullptr;
    WhatIfPanel* m_whatIf = nullptr;
    AttentionPanel* m_explainer = nullptr;
    std::array<RowModel, kTables> m_models;
    std::array<RowTree*, kTables> m_tables{};
    ElidedLabel* m_readOut = nullptr;
};

} // namespace app::desktop
