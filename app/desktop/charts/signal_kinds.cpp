#include "app/desktop/charts/signal_kinds.h"

#include "app/desktop/theme/wording.h"
#include "app/desktop/topology/topology_layout.h"

#include <algorithm>

namespace app::desktop {

QString Signals::title(SignalKind kind)
{
    switch (kind) {
    case SignalKind::Success: return tr("Success");
    case SignalKind::P99: return tr("p99 latency");
    case SignalKind::Rate: return tr("Requests per second");
    case SignalKind::Progress: return tr("Training progress");
    case SignalKind::StepTime: return tr("Time of a step");
    case SignalKind::Tokens: return tr("Tokens per second");
    case SignalKind::Pods: return tr("Pods by state");
    case SignalKind::GpuTemperature: return tr("GPU temperature, hottest");
    case SignalKind::GpuPower: return tr("GPU power, all");
    }
    return {};
}

bool Signals::shownFor(SignalKind kind, const sim::Frame& frame)
{
    const bool gpus = std::any_of(frame.machines.begin(), frame.machines.end(), [](const sim::MachineView& m) { return !m.gpus.empty(); });
    switch (kind) {
    case SignalKind::Success:
    case SignalKind::P99: return !frame.trains;
    case SignalKind::Rate: return !frame.trains && !hasCluster(frame);
    case SignalKind::Progress:
    case SignalKind::StepTime:
    case SignalKind::Tokens: return frame.trains;
    case SignalKind::Pods: return hasCluster(frame);
    case SignalKind::GpuTemperature:
    case SignalKind::GpuPower: return gpus;
    }
    return true;
}

std::vector<std::string> Signals::seriesIds(SignalKind kind)
{
    switch (kind) {
    case SignalKind::Success:
    case SignalKind::Progress: return {"sli.success"};
    case SignalKind::P99:
    case SignalKind::StepTime: return {"sli.p99"};
    case SignalKind::Rate:
    case SignalKind::Tokens: return {"sli.rate"};
    case SignalKind::Pods: return {"pods.running", "pods.waiting"};
    case SignalKind::GpuTemperature: return {"gpu.temperature"};
    case SignalKind::GpuPower: return {"gpu.power"};
    }
    return {};
}

QString Signals::value(SignalKind kind, double value)
{
    switch (kind) {
    case SignalKind::Success:
    case SignalKind::Progress: return Wording::percent(value);
    case SignalKind::Tokens:
        return value < 10'000 ? QString::number(value, 'f', 0) : tr("%1 k").arg(value / 1000, 0, 'f', 0);
    case SignalKind::StepTime:
        return value <= 0 ? tr("no step ends") : tr("%1 s").arg(value, 0, 'f', 2);
    case SignalKind::P99:
        return value < 1 ? tr("%1 ms").arg(value * 1000, 0, 'f', 0) : tr("%1 s").arg(value, 0, 'f', 1);
    case SignalKind::Rate:
    case SignalKind::Pods: return QString::number(value, 'f', 0);
    case SignalKind::GpuTemperature: return tr("%1 °C").arg(value, 0, 'f', 0);
    case SignalKind::GpuPower:
        return value < 1000 ? tr("%1 W").arg(value, 0, 'f', 0) : tr("%1 kW").arg(value / 1000, 0, 'f', 1);
    }
    return {};
}

QColor Signals::color(SignalKind kind, const Tokens& tokens)
{
    switch (kind) {
    case SignalKind::Success:
    case SignalKind::Progress: return tokens.accent;
    case SignalKind::P99:
    case SignalKind::StepTime: return tokens.warn;
    case SignalKind::Rate:
    case SignalKind::Tokens: return tokens.info;
    case SignalKind::Pods: return tokens.ok;
    case SignalKind::GpuTemperature: return tokens.branch;
    case SignalKind::GpuPower: return tokens.info;
    }
    return {};
}

double Signals::smallestSpan(SignalKind kind)
{
    switch (kind) {
    case SignalKind::Success: return 0.04;
    case SignalKind::Progress: return 0.2;
    case SignalKind::StepTime: return 1;
    case SignalKind::Tokens: return 50'000;
    case SignalKind::P99: return 0.2;
    case SignalKind::Rate: return 100;
    case SignalKind::Pods: return 4;
    case SignalKind::GpuTemperature: return 12;
    case SignalKind::GpuPower: return 1500;
    }
    return 1;
}

const sim::SeriesView* findSeries(const sim::Frame& frame, const std::string& id)
{
    for (const sim::SeriesView& series : frame.series) {
        if (series.id == id && series.values && !series.values->empty())
            return &series;
    }
    return nullptr;
}

QColor markColor(core::session::Mark::Kind kind, const Tokens& tokens)
{
    using Kind = core::session::Mark::Kind;
    switch (kind) {
    case Kind::Alert: return tokens.warn;
    case Kind::You: return tokens.branch;
    case Kind::Hint: return tokens.info;
    case Kind::Diagnosis: return tokens.accent;
    case Kind::Rewind: return tokens.muted;
    case Kind::Branch: return tokens.branch;
    case Kind::Injection: return tokens.critical;
    }
    return tokens.muted;
}

} // namespace app::desktop
