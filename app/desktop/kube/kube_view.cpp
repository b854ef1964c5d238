#include "app/desktop/kube/kube_view.h"

namespace app::desktop {

QString ObjectName::path() const
{
    return kind.toLower() + QLatin1Char('/') + (nameSpace.isEmpty() ? QString() : nameSpace + QLatin1Char('/')) + name;
}

} // namespace app::desktop
