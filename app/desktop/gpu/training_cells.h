#pragma once

#include "app/desktop/host/row_model.h"

namespace app::desktop {

inline Cell wordCell(const QString& text, bool quiet = false)
{
    Cell cell;
    cell.text = text;
    cell.quiet = quiet;
    return cell;
}

/// Sorted by its value.
inline Cell numberCell(double value, const QString& text)
{
    Cell cell;
    cell.text = text;
    cell.value = value;
    return cell;
}

} // namespace app::desktop
