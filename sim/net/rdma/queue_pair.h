#pragma once

#include "sim/engine/fingerprint.h"
#include "sim/engine/time.h"

#include <cstdint>
#include <optional>

namespace sim::net::rdma {

/// Retransmission of a reliable connection. The defaults are NCCL's (NCCL_IB_TIMEOUT, NCCL_IB_RETRY_CNT).
struct QueuePair {
    std::uint8_t timeout = 20; ///< 4.096 us * 2^timeout until a missing ACK is noticed; 0 and above 31: never
    std::uint8_t retryCount = 7; ///< 0 .. 7
    bool operator==(const QueuePair&) const = default;
};
BOOST_DESCRIBE_STRUCT(QueuePair, (), (timeout, retryCount))

/// One wait for an ACK; nothing when the queue pair waits for ever.
std::optional<Duration> acknowledgeTimeout(const QueuePair& pair);

/// How long nothing may arrive before the queue pair gives up: one wait per retry, as NCCL's manual counts it
/// (7.5 s at timeout 18, 30 s at 20, 2 min at 22, each with 7 retries). Nothing: it never does.
std::optional<Duration> retryPatience(const QueuePair& pair);

/// Whether an outage of this length ended the queue pair. A shorter one only stalled it.
bool diesOf(const QueuePair& pair, Duration outage);

/// The completion that a dead queue pair reports: IBV_WC_RETRY_EXC_ERR with mlx5's syndrome of the transport
/// retry counter.
constexpr int kRetryExceededStatus = 12;
constexpr int kRetryExceededVendorError = 129;

} // namespace sim::net::rdma
