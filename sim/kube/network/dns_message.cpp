#include "sim/kube/network/dns_message.h"
#include "sim/engine/letters.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace sim::kube {

namespace {

constexpr std::array<const char*, 9> kTypeNames{"A", "AAAA", "CNAME", "SRV", "PTR", "TXT", "NS", "SOA", "HINFO"};

} // namespace

const char* dnsTypeName(DnsType type) { return kTypeNames[static_cast<std::size_t>(type)]; }

std::optional<DnsType> dnsTypeNamed(const std::string& name)
{
    for (std::size_t i = 0; i < kTypeNames.size(); ++i)
        if (name == kTypeNames[i])
            return static_cast<DnsType>(i);
    return std::nullopt;
}

const char* dnsCodeName(DnsCode code)
{
    switch (code) {
    case DnsCode::NoError: return "NOERROR";
    case DnsCode::ServFail: return "SERVFAIL";
    case DnsCode::NxDomain: return "NXDOMAIN";
    case DnsCode::Refused: return "REFUSED";
    }
    return "";
}

std::string dnsName(std::string text)
{
    text = sim::lowered(text);
    while (!text.empty() && text.back() == '.')
        text.pop_back();
    return text;
}

} // namespace sim::kube
