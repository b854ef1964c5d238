#include "core/shell/commands/kubectl/temporary_file.h"

namespace core::shell::kubectl {

std::uint64_t temporaryNumber(const Call& call, std::uint64_t salt)
{
    // splitmix64's finaliser, folded into the ten digits that Go's os.CreateTemp makes.
    constexpr std::uint64_t kTenDigits = 4'294'967'296;
    auto x = static_cast<std::uint64_t>(call.inv.now().time_since_epoch().count()) + salt * 0x9e3779b97f4a7c15ULL;
    x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27U)) * 0x94d049bb133111ebULL;
    return (x ^ (x >> 31U)) % kTenDigits;
}

} // namespace core::shell::kubectl
