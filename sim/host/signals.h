#pragma once

#include "sim/host/machine.h"

namespace sim::host {

// Linux' numbers on x86-64.
constexpr int kSigHup = 1;
constexpr int kSigInt = 2;
constexpr int kSigQuit = 3;
constexpr int kSigAbrt = 6;
constexpr int kSigKill = 9;
constexpr int kSigUsr1 = 10;
constexpr int kSigSegv = 11;
constexpr int kSigUsr2 = 12;
constexpr int kSigPipe = 13;
constexpr int kSigTerm = 15;
constexpr int kSigChld = 17;
constexpr int kSigCont = 18;
constexpr int kSigStop = 19;
constexpr int kSigTstp = 20;
constexpr int kSigWinch = 28;

/// "KILL" for 9; the number as text for one without a name.
std::string signalName(int signal);
/// systemd's word for an exit status ("FAILURE" for 1, "EXEC" for 203, "n/a").
std::string exitStatusName(std::int64_t code);

/// What the argument of a unit's pending events must be for them to count.
std::uint64_t unitEventArgument(const Unit& unit);

} // namespace sim::host
