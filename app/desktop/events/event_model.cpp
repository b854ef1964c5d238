#include "app/desktop/events/event_model.h"

#include "app/desktop/theme/wording.h"

#include <algorithm>
#include <span>

namespace app::desktop {

namespace {

bool same(const sim::EventView& a, const sim::EventView& b)
{
    return a.at == b.at && a.count == b.count && a.reason == b.reason && a.object == b.object
        && a.message == b.message;
}

} // namespace

void EventModel::setFrame(const FramePtr& frame)
{
    if (!frame->world)
        return;
    const std::vector<sim::EventView>& all = frame->world->events;
    const auto first = std::find_if(all.begin(), all.end(), [begin = storyStart(*frame)](const sim::EventView& event) {
        return event.at >= begin;
    });
    const std::span<const sim::EventView> events(first, all.end());
    if (std::equal(events.begin(), events.end(), m_events.begin(), m_events.end(), same))
        return;
    // The usual case appends; anything else (rewind, a count going up, the window sliding) is a reset.
    const bool appended = events.size() > m_events.size()
        && std::equal(m_events.begin(), m_events.end(), events.begin(), same);
    if (appended) {
        beginInsertRows({}, static_cast<int>(m_events.size()), static_cast<int>(events.size()) - 1);
        m_events.insert(m_events.end(), events.begin() + static_cast<std::ptrdiff_t>(m_events.size()), events.end());
        endInsertRows();
        return;
    }
    beginResetModel();
    m_events.assign(events.begin(), events.end());
    endResetModel();
}

void EventModel::retranslate()
{
    emit headerDataChanged(Qt::Horizontal, 0, kColumns - 1);
}

int EventModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : static_cast<int>(m_events.size());
}

int EventModel::columnCount(const QModelIndex& parent) const
{
    return parent.isValid() ? 0 : kColumns;
}

QVariant EventModel::data(const QModelIndex& index, int role) const
{
    if (!index.isValid())
        return {};
    const sim::EventView& event = m_events[static_cast<std::size_t>(index.row())];
    switch (role) {
    case Qt::DisplayRole:
        switch (index.column()) {
        case Time: return Wording::clock(event.at);
        case Level:
            // Of an alert and of what the learner did, the kind is the word and the name is the matter.
            if (event.source == "alert")
                return tr("alert");
            return event.source == "you" ? tr("you") : QString::fromStdString(event.reason);
        case Object: return QString::fromStdString(event.source == "event" ? event.object : event.reason);
        case Message: {
            const QString message = QString::fromStdString(event.message);
            return event.count > 1 ? tr("%1 (%2 times)").arg(message).arg(event.count) : message;
        }
        default: return {};
        }
    case Qt::ToolTipRole: return QString::fromStdString(event.message.empty() ? event.reason : event.message);
    case Qt::AccessibleTextRole:
        return QStringLiteral("%1 %2 %3 %4 %5")
            .arg(Wording::clock(event.at), Wording::health(event.level), QString::fromStdString(event.reason),
                 QString::fromStdString(event.object), QString::fromStdString(event.message));
    case HealthRole: return static_cast<int>(event.level);
    case ObjectRole: return QString::fromStdString(event.object);
    case SourceRole: return QString::fromStdString(event.source);
    default: return {};
    }
}

QVariant EventModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole)
        return {};
    switch (section) {
    case Time: return tr("Time");
    case Level: return tr("Level");
    case Object: return tr("Object");
    case Message: return tr("Message");
    default: return {};
    }
}

} // namespace app::desktop
