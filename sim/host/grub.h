#pragma once

#include "sim/host/machine.h"

#include <string>
#include <vector>

namespace sim::host {

/// What GRUB reads of /boot/grub/grub.cfg.
struct GrubConfig {
    std::vector<BootEntry> entries; ///< submenus flattened: "Advanced options for Debian GNU/Linux>Debian GNU/Linux, with ..."
    std::size_t standard = 0;       ///< index of the default
    Duration timeout = 5s;
    bool found = false;             ///< false: no file, GRUB shows its prompt
    bool broken = false;            ///< braces or quotes do not match
};
GrubConfig grubConfigOf(const Machine& machine);

/// The text that grub-mkconfig makes of /etc/default/grub and the kernels in /boot.
std::string grubConfigText(const Machine& machine);
/// Versions of the kernels in /boot, newest first.
std::vector<std::string> kernelsOf(const Machine& machine);
/// NAME=value of /etc/default/grub, quotes removed; `fallback` when it is not set.
std::string grubSetting(const Machine& machine, const std::string& name, const std::string& fallback);

/// "root" of "root=UUID=... ro quiet"; empty when it is not there. A word without "=" answers with itself.
std::string bootArgument(const std::string& arguments, const std::string& name);

/// The menu as GRUB draws it on a terminal without cursor keys; `chosen` is marked.
std::string grubMenuText(const GrubConfig& config, std::size_t chosen);
/// ls at GRUB's prompt: devices, or a folder by "(hd0,gpt2)/boot/" or "/boot/".
std::string grubList(const Machine& machine, const std::string& path);
/// The path without "(hd0,gpt2)".
std::string grubPath(const std::string& path);

} // namespace sim::host
