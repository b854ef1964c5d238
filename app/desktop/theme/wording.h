#pragma once

#include "sim/engine/time.h"
#include "sim/world/frame.h"

#include <QCoreApplication>
#include <QString>

namespace app::desktop {

/// How values are written, in the language of the window.
class Wording {
    Q_DECLARE_TR_FUNCTIONS(app::desktop::Wording)

public:
    static QString clock(sim::Instant at);        ///< "14:06:18"
    static QString minutes(sim::Instant at);      ///< "14:06"
    static QString elapsed(sim::Duration duration); ///< "+04:07", "+1:04:07"
    static QString duration(double seconds);      ///< "4 min 7 s"
    static QString percent(double ratio);         ///< "91.8 %"
    static QString money(double dollars);         ///< "$ 412"
    static QString bitRate(double bitsPerSecond); ///< "400G"
    static QString bytes(double bytes);           ///< "1.5 GiB"
    static QString health(sim::Health health);    ///< "OK", "Warning", "Critical", "Unknown"
    /// Of a fact in a row of facts: lines break neither at its blanks nor between its Chinese characters.
    static QString keptTogether(const QString& words);
    static QString role(sim::MachineView::Role role);
    static QString trainingPhase(const std::string& phase); ///< sim::TrainingJobView::phase in words
    static QString gpuModel(const QString& full); ///< "NVIDIA H100 80GB HBM3" → "H100"
    /// "pod/shop/checkout-7c9f5d6b8-9dwlz" → "pod/checkout-…9dwlz" where room is short.
    static QString shortObject(const QString& object);
};

} // namespace app::desktop
