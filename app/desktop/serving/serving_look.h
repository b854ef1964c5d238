#pragma once

#include "app/desktop/theme/tokens.h"
#include "core/session/serving_detail.h"

#include <QCoreApplication>
#include <QString>

class QPainter;
class QRectF;

namespace app::desktop {

/// How requests, replicas and rates are coloured and put into words, alike on all parts of the page about serving.
class ServingLook {
    Q_DECLARE_TR_FUNCTIONS(app::desktop::ServingLook)

public:
    using RequestId = sim::serving::RequestId;

    /// Seven hues that every kind of colour vision tells apart (Okabe and Ito), each with three patterns: a request keeps its own.
    static QColor hue(const Tokens& tokens, RequestId id);
    /// Its tokens: the hue, and where there is room the pattern.
    static void fill(QPainter& painter, const QRectF& box, RequestId id, const Tokens& tokens);
    /// Reserved for it, nothing written.
    static QColor reserved(const Tokens& tokens, RequestId id);
    static QColor free(const Tokens& tokens);
    static QColor cachedFree(const Tokens& tokens);
    /// A corner that says: others hold it as well.
    static void drawShared(QPainter& painter, const QRectF& box, const Tokens& tokens);

    static QColor prefill(const Tokens& tokens);
    static QColor decode(const Tokens& tokens);

    static QString count(double value);                ///< "41,408"
    static QString seconds(double value);              ///< "1.25 s", "38 ms"
    static QString perSecond(double value);            ///< "3.2/s"
    static QString tokensPerSecond(double value);      ///< "1,830 tok/s"
    static QString percent(double share);              ///< "38 %", "1.3 %"
    static QString policy(sim::serving::RoutePolicy policy);
    static QString policyMeaning(sim::serving::RoutePolicy policy);
    static QString precision(sim::serving::Precision precision); ///< "BF16"
    static sim::Health health(const core::session::ServingReplica& replica);
    static QString state(const core::session::ServingReplica& replica);
    static QString replicaSentence(const core::session::ServingReplica& replica);
};

} // namespace app::desktop
