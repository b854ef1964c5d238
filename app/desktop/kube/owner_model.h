#pragma once

#include "core/session/kube_detail.h"

#include <QAbstractItemModel>

#include <memory>
#include <vector>

namespace app::desktop {

/// The tree of owners under their namespaces. A new state is merged into the old one, so that what is open and
/// selected stays so and only what has changed is drawn again.
class OwnerModel : public QAbstractItemModel {
    Q_OBJECT

public:
    enum Column { Object, State, Finalizers, ColumnCount };
    enum Role {
        KindRole = Qt::UserRole, ///< "Deployment"; empty: a namespace's heading
        NameSpaceRole,
        NameRole,
        HealthRole,              ///< sim::Health; invalid for headings
        DeletingRole,
    };

    explicit OwnerModel(QObject* parent = nullptr);
    ~OwnerModel() override;

    void setOwners(std::shared_ptr<const core::session::OwnersDetail> owners);
    void retranslate();
    /// Objects shown, containers and headings left out.
    int objects() const { return m_objects; }
    QModelIndex find(const QString& kind, const QString& nameSpace, const QString& name) const;

    QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
    QModelIndex parent(const QModelIndex& index) const override;
    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role = Qt::DisplayRole) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role = Qt::DisplayRole) const override;

private:
    struct Item;
    /// A wanted item with what is to stand below it.
    struct Wanted;

    Item* at(const QModelIndex& index) const;
    QModelIndex indexOf(const Item& item, int column = 0) const;
    void merge(Item& into, std::vector<Wanted>& wanted);
    static std::unique_ptr<Item> grown(Wanted& wanted, Item& parent);
    QString described(const core::session::OwnedObject& object) const;

    std::unique_ptr<Item> m_root;
    std::shared_ptr<const core::session::OwnersDetail> m_owners;
    int m_objects = 0;
};

} // namespace app::desktop
