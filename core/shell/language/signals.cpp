#include "core/shell/language/signals.h"

#include <array>
#include <charconv>
#include <string_view>

namespace core::shell {

namespace {

/// Of Linux on x86-64 and arm64; the real-time signals have no use here.
constexpr std::array<std::string_view, 32> kSignalNames
    = {"EXIT", "HUP",  "INT",    "QUIT", "ILL",  "TRAP", "ABRT", "BUS",  "FPE",  "KILL", "USR1",
       "SEGV", "USR2", "PIPE",   "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN",
       "TTOU", "URG",  "XCPU",   "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR",  "SYS"};

} // namespace

std::optional<int> signalNumber(const std::string& text)
{
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size())
        return number >= 0 && number < static_cast<int>(kSignalNames.size()) ? std::optional(number) : std::nullopt;
    const std::string name = text.compare(0, 3, "SIG") == 0 ? text.substr(3) : text;
    for (std::size_t i = 0; i < kSignalNames.size(); ++i)
        if (kSignalNames[i] == name)
            return static_cast<int>(i);
    return {};
}

std::string signalName(int number)
{
    return number >= 0 && number < static_cast<int>(kSignalNames.size())
        ? std::string(kSignalNames[static_cast<std::size_t>(number)])
        : std::string();
}

bool ignoredByDefault(int number)
{
    const std::string name = signalName(number);
    return name == "CHLD" || name == "CONT" || name == "URG" || name == "WINCH";
}

} // namespace core::shell
