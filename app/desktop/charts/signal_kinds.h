#pragma once

#include "app/desktop/theme/tokens.h"
#include "core/session/frame.h"

#include <QCoreApplication>
#include <QString>

#include <array>

namespace app::desktop {

/// What the signals panel shows, in its order.
enum class SignalKind { Success, P99, Rate, Progress, StepTime, Tokens, Pods, GpuTemperature, GpuPower };
inline constexpr std::array kSignals{SignalKind::Success, SignalKind::P99, SignalKind::Rate,
                                     SignalKind::Progress, SignalKind::StepTime, SignalKind::Tokens,
                                     SignalKind::Pods, SignalKind::GpuTemperature, SignalKind::GpuPower};

class Signals {
    Q_DECLARE_TR_FUNCTIONS(app::desktop::Signals)

public:
    static QString title(SignalKind kind);
    /// Whether there is anything behind it: plain servers have neither pods nor GPUs, and show the users' rate instead;
    /// where models are trained nobody calls, and the jobs' progress counts.
    static bool shownFor(SignalKind kind, const sim::Frame& frame);
    /// Series ids of a kind: the first is the line, a second is drawn beside it.
    static std::vector<std::string> seriesIds(SignalKind kind);
    static QString value(SignalKind kind, double value);
    static QColor color(SignalKind kind, const Tokens& tokens);
    /// Smallest span of the vertical axis, so that noise does not look like an incident.
    static double smallestSpan(SignalKind kind);
};

const sim::SeriesView* findSeries(const sim::Frame& frame, const std::string& id);
/// Colour of a mark on charts and timeline.
QColor markColor(core::session::Mark::Kind kind, const Tokens& tokens);

} // namespace app::desktop
