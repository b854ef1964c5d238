#pragma once

#include "sim/net/network.h"

#include <string>

namespace core::session {

/// How a packet ended, as the pictures of its way say it: "delivered", "connection refused".
inline std::string verdictWord(sim::net::Verdict verdict)
{
    using sim::net::Verdict;
    switch (verdict) {
    case Verdict::Delivered: return "delivered";
    case Verdict::Refused: return "connection refused";
    case Verdict::TimedOut: return "timed out";
    case Verdict::NetworkUnreachable: return "network is unreachable";
    case Verdict::HostUnreachable: return "no route to host";
    case Verdict::Prohibited: return "prohibited";
    case Verdict::InvalidArgument: return "invalid argument";
    case Verdict::PermissionDenied: return "permission denied";
    case Verdict::NotPermitted: return "operation not permitted";
    case Verdict::MessageTooLong: return "message too long";
    }
    return {};
}

} // namespace core::session
