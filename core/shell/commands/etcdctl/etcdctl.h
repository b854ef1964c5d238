#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// etcd's client: on the control-plane machines and in etcd's own containers.
void addEtcdctl(CommandTable& table);

} // namespace core::shell
