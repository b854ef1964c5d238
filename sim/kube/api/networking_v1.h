#pragma once

#include "sim/kube/api/core_v1.h"

namespace sim::kube {

// ---- networking.k8s.io/v1: NetworkPolicy --------------------------------------------------------

struct IpBlock {
    Always<std::string> cidr;
    std::vector<std::string> except;
    bool operator==(const IpBlock&) const = default;
};
BOOST_DESCRIBE_STRUCT(IpBlock, (), (cidr, except))

struct NetworkPolicyPort {
    std::optional<std::int64_t> endPort;
    std::optional<IntOrString> port;
    std::optional<std::string> protocol;
    bool operator==(const NetworkPolicyPort&) const = default;
};
BOOST_DESCRIBE_STRUCT(NetworkPolicyPort, (), (endPort, port, protocol))

struct NetworkPolicyPeer {
    std::optional<IpBlock> ipBlock;
    std::optional<LabelSelector> namespaceSelector;
    std::optional<LabelSelector> podSelector;
    bool operator==(const NetworkPolicyPeer&) const = default;
};
BOOST_DESCRIBE_STRUCT(NetworkPolicyPeer, (), (ipBlock, namespaceSelector, podSelector))

struct NetworkPolicyEgressRule {
    std::vector<NetworkPolicyPort> ports;
    std::vector<NetworkPolicyPeer> to;
    bool operator==(const NetworkPolicyEgressRule&) const = default;
};
BOOST_DESCRIBE_STRUCT(NetworkPolicyEgressRule, (), (ports, to))

struct NetworkPolicyIngressRule {
    std::vector<NetworkPolicyPeer> from;
    std::vector<NetworkPolicyPort> ports;
    bool operator==(const NetworkPolicyIngressRule&) const = default;
};
BOOST_DESCRIBE_STRUCT(NetworkPolicyIngressRule, (), (from, ports))

struct NetworkPolicySpec {
    std::vector<NetworkPolicyEgressRule> egress;
    std::vector<NetworkPolicyIngressRule> ingress;
    LabelSelector podSelector;
    std::vector<std::string> policyTypes;
    bool operator==(const NetworkPolicySpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(NetworkPolicySpec, (), (egress, ingress, podSelector, policyTypes))

struct NetworkPolicy {
    ObjectMeta metadata;
    NetworkPolicySpec spec;
    bool operator==(const NetworkPolicy&) const = default;
};
BOOST_DESCRIBE_STRUCT(NetworkPolicy, (), (metadata, spec))

// ---- networking.k8s.io/v1: Ingress --------------------------------------------------------------

struct ServiceBackendPort {
    std::string name;
    std::int64_t number = 0;
    bool operator==(const ServiceBackendPort&) const = default;
};
BOOST_DESCRIBE_STRUCT(ServiceBackendPort, (), (name, number))

struct IngressServiceBackend {
    Always<std::string> name;
    ServiceBackendPort port;
    bool operator==(const IngressServiceBackend&) const = default;
};
BOOST_DESCRIBE_STRUCT(IngressServiceBackend, (), (name, port))

struct TypedLocalObjectReference {
    std::optional<std::string> apiGroup;
    Always<std::string> kind;
    Always<std::string> name;
    bool operator==(const TypedLocalObjectReference&) const = default;
};
BOOST_DESCRIBE_STRUCT(TypedLocalObjectReference, (), (apiGroup, kind, name))

struct IngressBackend {
    std::optional<TypedLocalObjectReference> resource;
    std::optional<IngressServiceBackend> service;
    bool operator==(const IngressBackend&) const = default;
};
BOOST_DESCRIBE_STRUCT(IngressBackend, (), (resource, service))

struct HttpIngressPath {
    IngressBackend backend;
    std::string path;
    std::optional<std::string> pathType; ///< Exact, Prefix, ImplementationSpecific
    bool operator==(const HttpIngressPath&) const = default;
};
BOOST_DESCRIBE_STRUCT(HttpIngressPath, (), (backend, path, pathType))

struct HttpIngressRuleValue {
    std::vector<HttpIngressPath> paths;
    bool operator==(const HttpIngressRuleValue&) const = default;
};
BOOST_DESCRIBE_STRUCT(HttpIngressRuleValue, (), (paths))

struct IngressRule {
    std::string host;
    std::optional<HttpIngressRuleValue> http;
    bool operator==(const IngressRule&) const = default;
};
BOOST_DESCRIBE_STRUCT(IngressRule, (), (host, http))

struct IngressTls {
    std::vector<std::string> hosts;
    std::string secretName;
    bool operator==(const IngressTls&) const = default;
};
BOOST_DESCRIBE_STRUCT(IngressTls, (), (hosts, secretName))

struct IngressSpec {
    std::optional<IngressBackend> defaultBackend;
    std::optional<std::string> ingressClassName;
    std::vector<IngressRule> rules;
    std::vector<IngressTls> tls;
    bool operator==(const IngressSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(IngressSpec, (), (defaultBackend, ingressClassName, rules, tls))

struct IngressStatus {
    LoadBalancerStatus loadBalancer;
    bool operator==(const IngressStatus&) const = default;
};
BOOST_DESCRIBE_STRUCT(IngressStatus, (), (loadBalancer))

struct Ingress {
    ObjectMeta metadata;
    IngressSpec spec;
    IngressStatus status;
    bool operator==(const Ingress&) const = default;
};
BOOST_DESCRIBE_STRUCT(Ingress, (), (metadata, spec, status))

struct IngressClassParameters {
    std::optional<std::string> apiGroup;
    Always<std::string> kind;
    Always<std::string> name;
    std::optional<std::string> namespace_;
    std::optional<std::string> scope;
    bool operator==(const IngressClassParameters&) const = default;
};
BOOST_DESCRIBE_STRUCT(IngressClassParameters, (), (apiGroup, kind, name, namespace_, scope))

struct IngressClassSpec {
    std::string controller;
    std::optional<IngressClassParameters> parameters;
    bool operator==(const IngressClassSpec&) const = default;
};
BOOST_DESCRIBE_STRUCT(IngressClassSpec, (), (controller, parameters))

struct IngressClass {
    ObjectMeta metadata;
    IngressClassSpec spec;
    bool operator==(const IngressClass&) const = default;
};
BOOST_DESCRIBE_STRUCT(IngressClass, (), (metadata, spec))

} // namespace sim::kube
