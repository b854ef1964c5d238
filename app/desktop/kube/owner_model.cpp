#include "app/desktop/kube/owner_model.h"

#include "app/desktop/theme/wording.h"

#include <QHash>

#include <algorithm>

namespace app::desktop {

using core::session::OwnedObject;

namespace {

bool sameToSee(const OwnedObject& a, const OwnedObject& b)
{
    return a.state == b.state && a.health == b.health && a.finalizers == b.finalizers && a.deleting == b.deleting && a.ownerGone == b.ownerGone;
}

} // namespace

struct OwnerModel::Item {
    OwnedObject object; ///< a heading has only a nameSpace
    Item* parent = nullptr;
    int row = 0;
    std::vector<std::unique_ptr<Item>> children;
};

struct OwnerModel::Wanted {
    OwnedObject object;
    std::vector<Wanted> children;
};

OwnerModel::OwnerModel(QObject* parent)
    : QAbstractItemModel(parent)
    , m_root(std::make_unique<Item>())
{
}

OwnerModel::~OwnerModel() = default;

void OwnerModel::setOwners(std::shared_ptr<const core::session::OwnersDetail> owners)
{
    if (owners == m_owners)
        return;
    m_owners = std::move(owners);
    m_objects = 0;
    // Dependents follow their owners, so going backwards each is complete before its owner takes it.
    std::vector<Wanted> headings;
    const std::vector<OwnedObject> none;
    const std::vector<OwnedObject>& all = m_owners ? m_owners->objects : none;
    std::vector<std::vector<Wanted>> below(all.size());
    for (std::size_t i = all.size(); i-- > 0;) {
        std::reverse(below[i].begin(), below[i].end());
        Wanted wanted{all[i], std::move(below[i])};
        m_objects += all[i].kind != "Container";
        if (all[i].parent >= 0) {
            below[static_cast<std::size_t>(all[i].parent)].push_back(std::move(wanted));
            continue;
        }
        if (headings.empty() || headings.back().object.nameSpace != all[i].nameSpace) {
            OwnedObject heading;
            heading.nameSpace = all[i].nameSpace;
            heading.uid = "namespace " + all[i].nameSpace;
            headings.push_back({heading, {}});
        }
        headings.back().children.push_back(std::move(wanted));
    }
    std::reverse(headings.begin(), headings.end());
    for (Wanted& heading : headings)
        std::reverse(heading.children.begin(), heading.children.end());
    merge(*m_root, headings);
}

std::unique_ptr<OwnerModel::Item> OwnerModel::grown(Wanted& wanted, Item& parent)
{
    auto item = std::make_unique<Item>();
    item->object = std::move(wanted.object);
    item->parent = &parent;
    for (Wanted& child : wanted.children) {
        item->children.push_back(grown(child, *item));
        item->children.back()->row = static_cast<int>(item->children.size()) - 1;
    }
    return item;
}

void OwnerModel::merge(Item& into, std::vector<Wanted>& wanted)
{
    const QModelIndex here = indexOf(into);
    const auto renumber = [&into](std::size_t from) {
        for (std::size_t i = from; i < into.children.size(); ++i)
            into.children[i]->row = static_cast<int>(i);
    };
    QHash<QString, int> places;
    for (std::size_t i = 0; i < wanted.size(); ++i)
        places.insert(QString::fromStdString(wanted[i].object.uid), static_cast<int>(i));
    // What is gone leaves; so does what stands in another order than wanted, to come back in its place.
    int highest = -1;
    for (std::size_t i = 0; i < into.children.size();) {
        const int place = places.value(QString::fromStdString(into.children[i]->object.uid), -1);
        if (place > highest) {
            highest = place;
            ++i;
            continue;
        }
        beginRemoveRows(here, static_cast<int>(i), static_cast<int>(i));
        into.children.erase(into.children.begin() + static_cast<std::ptrdiff_t>(i));
        renumber(i);
        endRemoveRows();
    }
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (i < into.children.size() && into.children[i]->object.uid == wanted[i].object.uid) {
            Item& item = *into.children[i];
            const bool same = sameToSee(item.object, wanted[i].object);
            item.object = std::move(wanted[i].object);
            if (!same)
                emit dataChanged(indexOf(item), indexOf(item, ColumnCount - 1));
            merge(item, wanted[i].children);
            continue;
        }
        beginInsertRows(here, static_cast<int>(i), static_cast<int>(i));
        into.children.insert(into.children.begin() + static_cast<std::ptrdiff_t>(i), grown(wanted[i], into));
        renumber(i);
        endInsertRows();
    }
}

void OwnerModel::retranslate()
{
    emit headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
}

OwnerModel::Item* OwnerModel::at(const QModelIndex& index) const
{
    return index.isValid() ? static_cast<Item*>(index.internalPointer()) : m_root.get();
}

QModelIndex OwnerModel::indexOf(const Item& item, int column) const
{
    return item.parent == nullptr ? QModelIndex() : createIndex(item.row, column, &item);
}

QModelIndex OwnerModel::find(const QString& kind, const QString& nameSpace, const QString& name) const
{
    std::vector<const Item*> left{m_root.get()};
    while (!left.empty()) {
        const Item* item = left.back();
        left.pop_back();
        if (item->object.kind == kind.toStdString() && item->object.nameSpace == nameSpace.toStdString()
            && item->object.name == name.toStdString() && item->parent != nullptr)
            return indexOf(*item);
        for (const auto& child : item->children)
            left.push_back(child.get());
    }
    return {};
}

QModelIndex OwnerModel::index(int row, int column, const QModelIndex& parent) const
{
    if (!hasIndex(row, column, parent))
        return {};
    return createIndex(row, column, at(parent)->children[static_cast<std::size_t>(row)].get());
}

QModelIndex OwnerModel::parent(const QModelIndex& index) const
{
    if (!index.isValid())
        return {};
    return indexOf(*at(index)->parent);
}

int OwnerModel::rowCount(const QModelIndex& parent) const
{
    return parent.column() > 0 ? 0 : static_cast<int>(at(parent)->children.size());
}

int OwnerModel::columnCount(const QModelIndex&) const
{
    return ColumnCount;
}

QString OwnerModel::described(const OwnedObject& object) const
{
    QStringList words{QString::fromStdString(object.kind + " " + object.name)};
    if (!object.state.empty())
        words += QString::fromStdString(object.state) + QStringLiteral(" (") + Wording::health(object.health) + QLatin1Char(')');
    if (object.deleting)
        words += tr("being deleted");
    if (object.ownerGone)
        words += tr("its owner is gone");
    return words.join(QStringLiteral(", "));
}

QVariant OwnerModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const OwnedObject& object = at(index)->object;
    const bool heading = object.kind.empty();
    switch (role) {
    case KindRole: return QString::fromStdString(object.kind);
    case NameSpaceRole: return QString::fromStdString(object.nameSpace);
    case NameRole: return QString::fromStdString(object.name);
    case HealthRole: return heading || object.state.empty() ? QVariant() : QVariant(static_cast<int>(object.health));
    case DeletingRole: return object.deleting;
    default: break;
    }
    if (role == Qt::AccessibleTextRole && index.column() == Object && !heading)
        return described(object);
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole && role != Qt::AccessibleTextRole)
        return {};
    switch (index.column()) {
    case Object:
        if (heading)
            return object.nameSpace.empty() ? tr("Cluster-scoped") : QString::fromStdString(object.nameSpace);
        return QString::fromStdString(object.kind + " " + object.name);
    case State: {
        QStringList words;
        if (!object.state.empty())
            words += QString::fromStdString(object.state);
        if (object.deleting && object.state != "Terminating")
            words += tr("being deleted");
        if (object.ownerGone)
            words += tr("owner gone");
        return words.join(QStringLiteral(" · "));
    }
    case Finalizers: {
        QStringList names;
        for (const std::string& finalizer : object.finalizers)
            names += QString::fromStdString(finalizer);
        return names.join(QStringLiteral(", "));
    }
    default: return {};
    }
}

QVariant OwnerModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Object: return tr("Object");
    case State: return tr("State");
    case Finalizers: return tr("Finalizers");
    default: return {};
    }
}

} // namespace app::desktop
