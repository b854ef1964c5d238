#pragma once

#include "app/desktop/lab_client.h"
#include "app/desktop/theme/look.h"
#include "app/desktop/topology/selection.h"
#include "core/session/kube_detail.h"

#include <QWidget>

namespace app::desktop {

/// An object of the API as the views name it to each other.
struct ObjectName {
    QString kind;       ///< "Deployment"
    QString nameSpace;  ///< empty: cluster-scoped
    QString name;
    bool operator==(const ObjectName&) const = default;

    /// As observations and key presses name it: "deployment/shop/checkout".
    QString path() const;
};

/// A page of the cluster panel that looks into the control plane. It gets frames only while it is open, and frames
/// hold only what the open page asks for.
class KubeView : public QWidget {
    Q_OBJECT

public:
    using QWidget::QWidget;

    virtual void setFrame(const FramePtr& frame) = 0;
    /// What it wants to see while it is open.
    virtual void ask(core::session::KubeInterest& interest) const = 0;
    /// The control that takes the keys when the page opens.
    virtual QWidget* firstControl() = 0;

signals:
    void interestChanged();
    /// Something was chosen that the picture and the inspector can show.
    void selected(const app::desktop::Selection& selection);
    void yamlWanted(const app::desktop::ObjectName& object);
};

} // namespace app::desktop
