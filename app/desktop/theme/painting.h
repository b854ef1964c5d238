#pragma once

#include "app/desktop/theme/tokens.h"

#include <QFont>
#include <QRectF>
#include <QString>

class QPainter;

namespace app::desktop {

class Look;

/// ● ok, ▲ warn, ■ critical, ◇ unknown: the shape says it without colour.
void drawHealth(QPainter& painter, const QRectF& box, sim::Health health, const Tokens& tokens);
/// The same shape as rich text.
QString healthMark(const Tokens& tokens, sim::Health health);
/// Around a picture that has the keys.
void drawFocus(QPainter& painter, const QRectF& box, double radius, const Tokens& tokens);
void drawDiamond(QPainter& painter, const QRectF& box, const QColor& color);

/// Before a twig of a tree: points down where it is open, else to the right.
void drawChevron(QPainter& painter, const QPointF& center, double size, bool open, const QColor& color);

/// Width and drawing of text whose digits all take the same room, so that running numbers do not
/// tremble. (Qt 6.4 cannot ask a font for its tabular figures.)
double tabularWidth(const QFont& font, const QString& text);
void drawTabular(QPainter& painter, const QRectF& box, Qt::Alignment alignment, const QString& text);

/// What a chart's cursor reads, in a box at the top of the plot: beside the cursor at `x`, on the side that has room.
void drawReadOut(QPainter& painter, const Look& look, const QRectF& plot, double x, const QString& words);

} // namespace app::desktop
