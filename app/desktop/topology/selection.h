#pragma once

#include <QString>

namespace app::desktop {

/// What is selected in the picture, in the tree beside it and in the event log alike.
struct Selection {
    enum class Kind { None, Machine, Pod, Gpu, Switch };

    Kind kind = Kind::None;
    QString name;  ///< machine or switch; pod as "namespace/name"
    int gpu = -1;  ///< index on the machine `name`

    bool operator==(const Selection&) const = default;

    static Selection machine(const QString& name) { return {Kind::Machine, name, -1}; }
    static Selection pod(const QString& name) { return {Kind::Pod, name, -1}; }
    static Selection gpuOf(const QString& machine, int index) { return {Kind::Gpu, machine, index}; }
    static Selection networkSwitch(const QString& name) { return {Kind::Switch, name, -1}; }
};

} // namespace app::desktop
