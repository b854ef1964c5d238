#pragma once

#include "app/desktop/kube/kube_view.h"

class QLabel;
class QLineEdit;
class QSortFilterProxyModel;
class QStackedWidget;
class QToolButton;
class QTreeView;

namespace app::desktop {

class OwnerModel;

/// Who owns whom: Deployment, ReplicaSets, pods, containers; with states and finalizers.
class OwnerView : public KubeView {
    Q_OBJECT

public:
    OwnerView(Look& look, LabClient& client, QWidget* parent = nullptr);

    void setFrame(const FramePtr& frame) override;
    void ask(core::session::KubeInterest& interest) const override;
    QWidget* firstControl() override;
    /// Opens the way to the object and makes it current.
    void reveal(const ObjectName& object);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void retranslate();
    void filter(const QString& text);
    void showEmpty();
    void openFirst();
    void choose(const QModelIndex& index);
    void openYaml();
    void updateButtons();
    ObjectName current() const;
    void note(const QModelIndex& index);

    Look& m_look;
    LabClient& m_client;
    OwnerModel* m_model = nullptr;
    QSortFilterProxyModel* m_proxy = nullptr;
    QLineEdit* m_filter = nullptr;
    QToolButton* m_expand = nullptr;
    QToolButton* m_collapse = nullptr;
    QToolButton* m_yaml = nullptr;
    QStackedWidget* m_stack = nullptr;
    QTreeView* m_tree = nullptr;
    QLabel* m_empty = nullptr;
    ObjectName m_wanted; ///< to be revealed once it is there
    bool m_filled = false;
};

} // namespace app::desktop
