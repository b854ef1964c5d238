#pragma once

#include "app/desktop/theme/tokens.h"
#include "core/session/gpu_detail.h"

#include <QCoreApplication>
#include <QString>

namespace app::desktop {

/// How GPUs, chassis and ports are coloured and put into words, alike on all pages about them.
class GpuLook {
    Q_DECLARE_TR_FUNCTIONS(app::desktop::GpuLook)

public:
    using Figures = core::session::GpuFigures;

    /// Fill of a tile on the ramp; `share` 0 (cool, little) to 1.
    static QColor fill(const Tokens& tokens, double share);
    /// In rich text, with the shape and the colour of its health, which is not Ok.
    static QString marked(const Tokens& tokens, sim::Health health, const QString& words);
    static QColor inkOn(const QColor& fill);
    /// Where a temperature stands on the ramp, from the cold aisle's to the one at which hardware slows down.
    static double heatShare(double celsius);
    static constexpr double kCoolC = 30;
    static constexpr double kHotC = 90;

    /// One word for what holds the clock, or that the GPU is gone; empty: nothing does.
    static QString shortState(const Figures& gpu);
    /// The same in a few words.
    static QString longState(const Figures& gpu);
    static QString gpuName(const Figures& gpu); ///< "GPU 3"; "slot 3" where the driver has given it no number
    /// All figures in a sentence.
    static QString sentence(const QString& machine, const Figures& gpu);
    static QString chassisSentence(const core::session::ChassisReading& chassis);
    /// Why there are no figures.
    static QString silence(core::session::Silence silence);

    static sim::Health health(core::session::LinkState state, bool errors);
    static QString linkState(core::session::LinkState state);
    static QString celsius(double value); ///< "71 °C"
    static QString kilowatts(double watts);
    static QString bitRate(double bitsPerSecond); ///< "312.5 Gb/s"
    static QString percent(double share);         ///< "38 %"
};

} // namespace app::desktop
