#pragma once

#include "app/desktop/theme/look.h"
#include "core/content/library.h"
#include "core/session/runner.h"

#include <QWidget>

#include <memory>

class QButtonGroup;
class QComboBox;
class QLabel;
class QLineEdit;
class QListView;
class QModelIndex;
class QPushButton;
class QSpinBox;
class QSortFilterProxyModel;
class QStandardItemModel;
class QToolButton;

namespace app::desktop {

class Card;

/// The catalogue of incidents, and how to start the chosen one: blind or by cause, seed, study or exam.
class IncidentsPage : public QWidget {
    Q_OBJECT

public:
    IncidentsPage(Look& look, std::shared_ptr<const core::content::Library> library, QWidget* parent = nullptr);

    void choose(const QString& incident);
    /// The incident after this one in the catalogue, or the first.
    QString after(const QString& incident) const;

signals:
    void startChosen(const core::session::StartRequest& request);

private:
    void retranslate();
    void buildList(Card* card);
    void buildDetails(Card* card);
    void fill();
    void filter(const QString& text);
    void showCurrent();
    void rollSeed();
    void start();
    const core::content::Incident* current() const;

    Look& m_look;
    std::shared_ptr<const core::content::Library> m_library;
    QStandardItemModel* m_model = nullptr;
    QSortFilterProxyModel* m_proxy = nullptr;
    QListView* m_list = nullptr;
    QLineEdit* m_filter = nullptr;
    QLabel* m_title = nullptr;
    QLabel* m_meta = nullptr;
    QLabel* m_brief = nullptr;
    QLabel* m_modeLabel = nullptr;
    QLabel* m_causeLabel = nullptr;
    QLabel* m_seedLabel = nullptr;
    QLabel* m_modeWords = nullptr;
    QButtonGroup* m_mode = nullptr;
    QComboBox* m_cause = nullptr;
    QSpinBox* m_seed = nullptr;
    QToolButton* m_roll = nullptr;
    QPushButton* m_start = nullptr;
    QWidget* m_options = nullptr;
};

} // namespace app::desktop
