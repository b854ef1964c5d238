#pragma once

#include "sim/kube/api/core_v1.h"

namespace sim::kube {

// ---- discovery.k8s.io/v1 ---------------------------------------------------------------------------

struct EndpointConditions {
    std::optional<bool> ready;
    std::optional<bool> serving;
    std::optional<bool> terminating;
    bool operator==(const EndpointConditions&) const = default;
};
BOOST_DESCRIBE_STRUCT(EndpointConditions, (), (ready, serving, terminating))

struct SliceEndpoint {
    std::vector<std::string> addresses;
    EndpointConditions conditions;
    std::optional<std::string> hostname; ///< of a StatefulSet's pod behind its headless Service
    std::string nodeName;
    std::optional<ObjectReference> targetRef;
    std::string zone;
    bool operator==(const SliceEndpoint&) const = default;
};
BOOST_DESCRIBE_STRUCT(SliceEndpoint, (), (addresses, conditions, hostname, nodeName, targetRef, zone))

struct EndpointSlice {
    std::string addressType;
    std::vector<SliceEndpoint> endpoints;
    ObjectMeta metadata;
    std::vector<EndpointPort> ports;
    bool operator==(const EndpointSlice&) const = default;
};
BOOST_DESCRIBE_STRUCT(EndpointSlice, (), (addressType, endpoints, metadata, ports))

// ---- coordination.k8s.io/v1 ------------------------------------------------------------------------

struct LeaseSpec {
    std::optional<MicroTime> acquireTime;
    std::string holderIdentity;
    std::int64_t leaseDurationSeconds = 0;
    std::int64_t leaseTransitions = 0;
    std::optional<MicroTime> renewTime;
    bool operator==(const LeaseSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(LeaseSpec, (), (acquireTime, holderIdentity, leaseDurationSeconds, leaseTransitions, renewTime))

struct Lease {
    ObjectMeta metadata;
    LeaseSpec spec;
    bool operator==(const Lease&) const = default;
};
BOOST_DESCRIBE_STRUCT(Lease, (), (metadata, spec))

} // namespace sim::kube
