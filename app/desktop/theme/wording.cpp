#include "app/desktop/theme/wording.h"

#include <QLocale>
#include <QStringList>

#include <array>
#include <cmath>

namespace app::desktop {

namespace {

QString two(std::int64_t value)
{
    return QStringLiteral("%1").arg(value, 2, 10, QLatin1Char('0'));
}

} // namespace

QString Wording::clock(sim::Instant at)
{
    return minutes(at) + QLatin1Char(':') + two(sim::unixSeconds(at) % 60);
}

QString Wording::minutes(sim::Instant at)
{
    const std::int64_t seconds = sim::unixSeconds(at);
    return two(seconds / 3600 % 24) + QLatin1Char(':') + two(seconds / 60 % 60);
}

QString Wording::elapsed(sim::Duration duration)
{
    const auto seconds = static_cast<std::int64_t>(sim::toSeconds(duration));
    const std::int64_t magnitude = std::abs(seconds);
    QString text = seconds < 0 ? QStringLiteral("−") : QStringLiteral("+");
    if (magnitude >= 3600)
        text += QString::number(magnitude / 3600) + QLatin1Char(':');
    return text + two(magnitude / 60 % 60) + QLatin1Char(':') + two(magnitude % 60);
}

QString Wording::duration(double seconds)
{
    const auto whole = static_cast<std::int64_t>(std::llround(seconds));
    if (whole < 60)
        return tr("%1 s").arg(whole);
    if (whole < 3600)
        return tr("%1 min %2 s").arg(whole / 60).arg(whole % 60);
    return tr("%1 h %2 min").arg(whole / 3600).arg(whole / 60 % 60);
}

QString Wording::percent(double ratio)
{
    return tr("%1 %").arg(ratio * 100, 0, 'f', ratio >= 0.99995 ? 0 : 1);
}

QString Wording::money(double dollars)
{
    return QStringLiteral("$ %1").arg(QLocale(QLocale::English).toString(dollars, 'f', 0));
}

QString Wording::bitRate(double bitsPerSecond)
{
    return QStringLiteral("%1G").arg(bitsPerSecond / 1e9, 0, 'f', 0);
}

QString Wording::bytes(double bytes)
{
    static constexpr std::array<const char*, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < kUnits.size()) {
        bytes /= 1024;
        ++unit;
    }
    return QStringLiteral("%1 %2").arg(bytes, 0, 'f', bytes < 10 && unit > 0 ? 1 : 0).arg(
        QLatin1String(kUnits[unit]));
}

QString Wording::health(sim::Health health)
{
    switch (health) {
    case sim::Health::Ok: return tr("OK");
    case sim::Health::Warn: return tr("Warning");
    case sim::Health::Critical: return tr("Critical");
    case sim::Health::Unknown: return tr("Unknown");
    }
    return {};
}

QString Wording::keptTogether(const QString& words)
{
    constexpr QChar kWordJoiner(0x2060);
    QString kept;
    for (const QChar character : words) {
        if (!kept.isEmpty() && (character.unicode() > 0xff || kept.back().unicode() > 0xff))
            kept += kWordJoiner;
        kept += character == QLatin1Char(' ') ? QChar(QChar::Nbsp) : character;
    }
    return kept;
}

QString Wording::role(sim::MachineView::Role role)
{
    switch (role) {
    case sim::MachineView::Role::ControlPlane: return tr("Control plane");
    case sim::MachineView::Role::Worker: return tr("Worker");
    case sim::MachineView::Role::Gpu: return tr("GPU node");
    case sim::MachineView::Role::Registry: return tr("Registry");
    case sim::MachineView::Role::Infra: return tr("Infrastructure");
    case sim::MachineView::Role::Bastion: return tr("Bastion");
    case sim::MachineView::Role::Server: return tr("Server");
    case sim::MachineView::Role::Router: return tr("Router");
    case sim::MachineView::Role::Outside: return tr("Outside");
    }
    return {};
}

QString Wording::trainingPhase(const std::string& phase)
{
    if (phase == "rendezvous")
        return tr("workers look for each other");
    if (phase == "bootstrap")
        return tr("NCCL connects");
    if (phase == "loading")
        return tr("loads its checkpoint");
    if (phase == "training")
        return tr("makes steps");
    if (phase == "stalled")
        return tr("a step does not end");
    return tr("its processes do not run");
}

QString Wording::gpuModel(const QString& full)
{
    const QString maker = QStringLiteral("NVIDIA ");
    const QString model = full.startsWith(maker) ? full.mid(maker.size()) : full;
    return model.section(QLatin1Char(' '), 0, 0).section(QLatin1Char('-'), 0, 0);
}

QString Wording::shortObject(const QString& object)
{
    const QStringList parts = object.split(QLatin1Char('/'));
    QString name = parts.last();
    const auto dashes = name.split(QLatin1Char('-'));
    if (name.size() > 20 && dashes.size() >= 3)
        name = dashes.first() + QStringLiteral("-…") + dashes.last();
    return parts.size() > 1 ? parts.first() + QLatin1Char('/') + name : name;
}

} // namespace app::desktop
