#include "app/desktop/gpu/gpu_look.h"

#include "sim/gpu/operating_point.h"

#include <QStringList>

#include <algorithm>
#include <cmath>

namespace app::desktop {

namespace {

using core::session::LinkState;
using core::session::Silence;

double meanRpm(const core::session::ChassisReading& chassis)
{
    double sum = 0;
    int turning = 0;
    for (const core::session::FanReading& fan : chassis.fans)
        if (fan.ok && fan.rpm) {
            sum += *fan.rpm;
            ++turning;
        }
    return turning > 0 ? sum / turning : 0;
}

} // namespace

QColor GpuLook::fill(const Tokens& tokens, double share)
{
    return mixed(heatColor(share), tokens.panel, tokens.dark ? 0.05 : 0.35);
}

QString GpuLook::marked(const Tokens& tokens, sim::Health health, const QString& words)
{
    return QStringLiteral("<span style=\"color:%1\">%2 %3</span>")
        .arg(readableOn(healthColor(tokens, health), tokens.panel).name(), health == sim::Health::Critical ? QStringLiteral("■") : QStringLiteral("▲"),
             words.toHtmlEscaped());
}

QColor GpuLook::inkOn(const QColor& fill)
{
    const QColor white(Qt::white);
    const QColor black(QStringLiteral("#0b0f14"));
    return contrastRatio(white, fill) > contrastRatio(black, fill) ? white : black;
}

double GpuLook::heatShare(double celsius)
{
    return std::clamp((celsius - kCoolC) / (kHotC - kCoolC), 0.0, 1.0);
}

QString GpuLook::shortState(const Figures& gpu)
{
    namespace reason = sim::gpu::reason;
    switch (gpu.state) {
    case Figures::State::Working: break;
    case Figures::State::Lost: return tr("lost");
    case Figures::State::Uninitialised: return tr("failed");
    case Figures::State::Absent: return tr("absent");
    case Figures::State::Silent: return {};
    }
    if ((gpu.reasons & reason::kHwPowerBrake) != 0)
        return tr("brake");
    if ((gpu.reasons & (reason::kHwThermal | reason::kSwThermal)) != 0)
        return tr("heat");
    return {};
}

QString GpuLook::longState(const Figures& gpu)
{
    namespace reason = sim::gpu::reason;
    const auto held = [&](std::uint64_t bit) { return (gpu.reasons & bit) != 0; };
    switch (gpu.state) {
    case Figures::State::Working: break;
    case Figures::State::Lost: return tr("fell off the bus");
    case Figures::State::Uninitialised: return tr("the driver could not start it");
    case Figures::State::Absent: return tr("not found on the bus");
    case Figures::State::Silent: return tr("no figures");
    }
    if (held(reason::kHwPowerBrake))
        return tr("halved: power brake");
    if (held(reason::kHwThermal))
        return tr("halved by heat");
    if (held(reason::kSwThermal))
        return tr("lowered against heat");
    if (held(reason::kSwPowerCap))
        return tr("held by the power limit");
    if (held(reason::kApplicationsClocks))
        return tr("held by a clock setting");
    return held(reason::kIdle) ? tr("idle") : tr("free to rise");
}

QString GpuLook::gpuName(const Figures& gpu)
{
    return gpu.number >= 0 ? tr("GPU %1").arg(gpu.number) : tr("slot %1").arg(gpu.slot);
}

QString GpuLook::sentence(const QString& machine, const Figures& gpu)
{
    QStringList all{tr("%1, %2").arg(machine, gpuName(gpu))};
    if (gpu.temperatureC)
        all += celsius(*gpu.temperatureC);
    if (gpu.state == Figures::State::Working) {
        all += tr("%1 of %2 W").arg(std::lround(gpu.powerW)).arg(std::lround(gpu.limitW));
        all += tr("%1 of %2 MHz, %3").arg(gpu.smMHz).arg(gpu.maxSmMHz).arg(longState(gpu));
        all += tr("busy %1").arg(percent(gpu.utilisation));
    } else {
        all += longState(gpu);
    }
    if (gpu.lastXid > 0)
        all += tr("last Xid %1").arg(gpu.lastXid);
    return all.join(QStringLiteral(" · "));
}

QString GpuLook::chassisSentence(const core::session::ChassisReading& chassis)
{
    QStringList all{tr("air in %1").arg(celsius(chassis.inletC))};
    if (chassis.exhaustC)
        all += tr("out %1").arg(celsius(*chassis.exhaustC));
    if (const int still = chassis.fansStill(); still > 0)
        all += tr("%1 of %n fan(s) too slow or still", nullptr, static_cast<int>(chassis.fans.size())).arg(still);
    else if (const double rpm = meanRpm(chassis); rpm > 0)
        all += tr("%n fan(s) at %1 rpm", nullptr, static_cast<int>(chassis.fans.size())).arg(std::lround(rpm / 100) * 100);
    if (const int out = chassis.suppliesOut(); out > 0)
        all += tr("%1 of %n supply(ies) failed", nullptr, static_cast<int>(chassis.supplies.size())).arg(out);
    all += kilowatts(chassis.inputW);
    return all.join(QStringLiteral(" · "));
}

QString GpuLook::silence(Silence silence)
{
    switch (silence) {
    case Silence::None: return {};
    case Silence::Off: return tr("off");
    case Silence::Network: return tr("does not answer");
    case Silence::Driver: return tr("driver does not answer");
    }
    return {};
}

sim::Health GpuLook::health(LinkState state, bool errors)
{
    switch (state) {
    case LinkState::Up: return errors ? sim::Health::Warn : sim::Health::Ok;
    case LinkState::Degraded:
    case LinkState::Inactive: return sim::Health::Warn;
    case LinkState::Disabled:
    case LinkState::Down: return sim::Health::Critical;
    }
    return sim::Health::Unknown;
}

QString GpuLook::linkState(LinkState state)
{
    switch (state) {
    case LinkState::Up: return tr("up");
    case LinkState::Degraded: return tr("degraded");
    case LinkState::Inactive: return tr("not active");
    case LinkState::Disabled: return tr("disabled");
    case LinkState::Down: return tr("down");
    }
    return {};
}

QString GpuLook::celsius(double value)
{
    return QStringLiteral("%1 °C").arg(std::lround(value));
}

QString GpuLook::kilowatts(double watts)
{
    return QStringLiteral("%1 kW").arg(watts / 1e3, 0, 'f', 1);
}

QString GpuLook::bitRate(double bitsPerSecond)
{
    return QStringLiteral("%1 Gb/s").arg(bitsPerSecond / 1e9, 0, 'f', bitsPerSecond < 10e9 ? 1 : 0);
}

QString GpuLook::percent(double share)
{
    return QStringLiteral("%1 %").arg(std::lround(share * 100));
}

} // namespace app::desktop
