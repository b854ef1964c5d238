#pragma once

#include "core/session/host_detail.h"

#include <memory>

namespace app::desktop::testing {

/// app-1 with five processes, one of them a zombie, a disk that is nearly full, sockets to a database, an OOM kill in
/// the log.
std::shared_ptr<const core::session::MachineDetail> sketchMachine();
/// Two slices, a throttled service, and a container whose limit killed twice.
std::shared_ptr<const core::session::GroupsDetail> sketchGroups();
/// An image of three layers, the middle one partly hidden, with one container.
std::shared_ptr<const core::session::ImagesDetail> sketchImages();
/// From app-1 over gw-1, whose forward chain drops the packet.
std::shared_ptr<const core::session::HooksDetail> sketchHooks();
/// A Go program: main.list takes three quarters of the time.
std::shared_ptr<const core::session::FlamesDetail> sketchFlames();
/// Firmware, loader, kernel, three units; one failed.
std::shared_ptr<const core::session::BootDetail> sketchBoot();
/// All of it, of app-1.
std::shared_ptr<const core::session::HostDetail> sketchHost();

} // namespace app::desktop::testing
