#pragma once

#include "core/shell/command_table.h"

namespace core::shell {

/// ceph, rados and rbd of release 18.2.4, on machines that have /etc/ceph/ceph.conf.
void addCephTools(CommandTable& table);

} // namespace core::shell
