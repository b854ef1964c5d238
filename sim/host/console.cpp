// What a machine's serial console takes where no shell of the lab runs: GRUB's menu and prompt, the initramfs' BusyBox,
// sulogin's question.
#include "sim/host/boot.h"
#include "sim/host/grub.h"
#include "sim/host/hosts.h"
#include "sim/host/mounts.h"
#include "sim/host/paths.h"
#include "sim/host/unit_file.h"

#include <fmt/format.h>

namespace sim::host {

namespace {

std::string joinedFrom(const std::vector<std::string>& words, std::size_t first)
{
    std::string text;
    for (std::size_t i = first; i < words.size(); ++i)
        text += (i > first ? " " : "") + words[i];
    return text;
}

std::string fileText(const Machine& machine, const std::string& path)
{
    const File* file = findFile(machine, path);
    return file == nullptr ? std::string() : file->content;
}

/// blkid in the initramfs: devices with a filesystem.
std::string devicesText(const Machine& machine)
{
    std::string text;
    for (const BlockDevice& device : machine.devices)
        if (!device.uuid.empty())
            text += fmt::format("{}: {}UUID=\"{}\" TYPE=\"{}\"\n", device.path, device.label.empty() ? "" : fmt::format("LABEL=\"{}\" ", device.label), device.uuid,
                                device.type);
    return text;
}

} // namespace

std::string Hosts::typeAtConsole(Engine& engine, net::Network& network, HostId host, const std::string& line)
{
    Machine& machine = at(host);
    Boot& boot = machine.boot;
    const std::vector<std::string> words = commandWords(line);
    const std::string verb = words.empty() ? "" : words[0];
    const auto restart = [&] {
        powerOff(engine, network, host);
        powerOn(engine, network, host);
        return std::string();
    };
    switch (boot.stage) {
    case BootStage::Firmware:
        if (!boot.steps.empty() || engine.now() - boot.firmware < kFirmware)
            return {};
        bootLoader(engine, host); // a key after "No boot device available"
        return {};
    case BootStage::Menu: {
        const GrubConfig config = grubConfigOf(machine);
        if (!boot.menuStays) {
            boot.menuStays = true;
            ++machine.generation; // any key stops the count-down
        }
        if (verb == "c") {
            boot.stage = BootStage::Prompt;
            return {};
        }
        if (verb == "e" || verb.empty()) {
            if (verb == "e" && !config.entries.empty())
                return fmt::format("linux {} {}\ninitrd {}\n", boot.entry.kernel, boot.entry.arguments, boot.entry.initrd);
            return grubMenuText(config, config.standard);
        }
        const auto index = static_cast<std::size_t>(std::atoll(verb.c_str()));
        if (verb.find_first_not_of("0123456789") != std::string::npos || index >= config.entries.size())
            return grubMenuText(config, config.standard);
        const BootEntry entry = config.entries[index];
        bootEntry(engine, host, entry);
        return fmt::format("  Booting `{}'\n\n", entry.title);
    }
    case BootStage::Prompt: {
        if (verb == "ls")
            return grubList(machine, words.size() > 1 ? words[1] : "");
        if (verb == "set" && words.size() == 1)
            return "?=0\ncmdpath=(hd0,gpt1)/EFI/debian\ngrub_cpu=x86_64\ngrub_platform=efi\nprefix=(hd0,gpt2)/boot/grub\nroot=hd0,gpt2\n";
        if (verb == "set" || verb == "insmod" || verb == "search" || verb == "echo")
            return verb == "echo" ? joinedFrom(words, 1) + "\n" : "";
        if (verb == "cat" && words.size() > 1) {
            const std::string path = grubPath(words[1]);
            return findFile(machine, path) == nullptr ? fmt::format("error: file `{}' not found.\n", path) : fileText(machine, path);
        }
        if (verb == "linux") {
            if (words.size() < 2)
                return "error: filename expected.\n";
            const std::string path = grubPath(words[1]);
            if (findFile(machine, path) == nullptr)
                return fmt::format("error: file `{}' not found.\n", path);
            boot.entry = {"", path, "", joinedFrom(words, 2)};
            boot.entry.title = "typed";
            return {};
        }
        if (verb == "initrd") {
            if (boot.entry.title != "typed")
                return "error: you need to load the kernel first.\n";
            const std::string path = words.size() > 1 ? grubPath(words[1]) : "";
            if (findFile(machine, path) == nullptr)
                return fmt::format("error: file `{}' not found.\n", path);
            boot.entry.initrd = path;
            return {};
        }
        if (verb == "boot") {
            if (boot.entry.title != "typed")
                return "error: you need to load the kernel first.\n";
            bootEntry(engine, host, BootEntry(boot.entry));
            return {};
        }
        if (verb == "normal" || verb == "configfile" || verb == "exit") {
            const GrubConfig config = grubConfigOf(machine);
            if (!config.found || config.broken || config.entries.empty())
                return {};
            boot.stage = BootStage::Menu;
            boot.entry = config.entries[config.standard];
            return grubMenuText(config, config.standard);
        }
        if (verb == "reboot")
            return restart();
        if (verb == "halt") {
            powerOff(engine, network, host);
            return {};
        }
        return verb.empty() ? "" : fmt::format("error: can't find command `{}'.\n", verb);
    }
    case BootStage::InitramfsShell:
        if (verb == "exit") {
            boot.stage = BootStage::Kernel;
            ++machine.generation;
            after(engine, host, HostEvent::BootRoot, 1s);
            return {};
        }
        if (verb == "reboot")
            return restart();
        if (verb == "poweroff") {
            powerOff(engine, network, host);
            return {};
        }
        if (verb == "blkid")
            return devicesText(machine);
        if (verb == "cat" && words.size() > 1 && words[1] == "/proc/cmdline")
            return fmt::format("BOOT_IMAGE={} {}\n", boot.entry.kernel, boot.entry.arguments);
        if (verb == "ls" && words.size() > 1 && words[1].compare(0, 4, "/dev") == 0) {
            std::string text;
            for (const BlockDevice& device : machine.devices)
                if (words[1].find("by-uuid") == std::string::npos)
                    text += device.path.substr(5) + "\n";
                else if (!device.uuid.empty())
                    text += device.uuid + "\n";
            return text;
        }
        return verb.empty() ? "" : fmt::format("sh: {}: not found\n", verb);
    case BootStage::Panic: return {};
    case BootStage::Emergency:
    case BootStage::Rescue:
        if (verb == "exit" || verb == "default") // Control-D
            isolate(engine, network, host, "default");
        return {};
    default: return {};
    }
}

} // namespace sim::host
