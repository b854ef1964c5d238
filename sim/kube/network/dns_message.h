#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sim::kube {

/// Names are lower case and without the last dot; the empty name is the root.
enum class DnsType : std::uint8_t { A, Aaaa, Cname, Srv, Ptr, Txt, Ns, Soa, Hinfo };
enum class DnsCode : std::uint8_t { NoError, ServFail, NxDomain, Refused };

struct DnsQuestion {
    std::string name;
    DnsType type = DnsType::A;
    bool operator==(const DnsQuestion&) const = default;
};

struct DnsRecord {
    std::string name;
    std::int64_t ttl = 0;    ///< seconds
    DnsType type = DnsType::A;
    std::string data;        ///< as dig prints it: "10.96.0.10", "0 100 53 name.", "name."
    bool operator==(const DnsRecord&) const = default;
};

struct DnsReply {
    DnsCode code = DnsCode::NoError;
    bool authoritative = false;
    std::vector<DnsRecord> answers;
    std::vector<DnsRecord> additional;
    std::optional<DnsRecord> authority; ///< the SOA of a negative answer
    bool operator==(const DnsReply&) const = default;
};

/// "A", "AAAA", "SRV"; nothing for a type that is not modelled.
const char* dnsTypeName(DnsType type);
std::optional<DnsType> dnsTypeNamed(const std::string& name);
/// "NOERROR", "NXDOMAIN".
const char* dnsCodeName(DnsCode code);
/// Lower case, without the last dot.
std::string dnsName(std::string text);

} // namespace sim::kube
