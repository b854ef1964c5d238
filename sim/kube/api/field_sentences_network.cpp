#include "sim/kube/api/field_sentences.h"

namespace sim::kube {

namespace {

const StructSentences kNetworkSentences[] = {
    {"ClientIPConfig", {{"timeoutSeconds", "How long a client is remembered; 10800 when left out."}}},
    {"Endpoint", {
        {"addresses", "Addresses that are one and the same backend."},
        {"conditions", "Whether it is ready, serving or on its way out."},
        {"hints", "The zones whose traffic should come here."},
        {"hostname", "Name below the headless Service."},
        {"nodeName", "The node it is on."},
        {"targetRef", "The pod behind it."},
        {"zone", "The zone it is in."}}},
    {"EndpointConditions", {
        {"ready", "Whether it should get traffic."},
        {"serving", "Whether it is ready, though it may be on its way out."},
        {"terminating", "Whether its pod is being deleted."}}},
    {"EndpointPort", {
        {"appProtocol", "What is spoken on it, for proxies that care."},
        {"name", "Name of the Service's port."},
        {"port", "The port of the backends."},
        {"protocol", "TCP, UDP or SCTP; TCP when left out."}}},
    {"EndpointSlice", {
        {"addressType", "IPv4, IPv6 or FQDN."},
        {"endpoints", "The backends, at most 100 by default."},
        {"ports", "The ports that all of them have."}}},
    {"Endpoints", {{"subsets", "Addresses that share their ports."}}},
    {"HTTPIngressPath", {
        {"backend", "Where requests of this path go."},
        {"path", "The path, beginning with /."},
        {"pathType", "Exact, Prefix by elements, or ImplementationSpecific."}}},
    {"HTTPIngressRuleValue", {{"paths", "Paths and where they lead; the longest match wins."}}},
    {"IPBlock", {
        {"cidr", "A range of addresses."},
        {"except", "Ranges inside it that are left out."}}},
    {"IngressBackend", {
        {"resource", "Another object of the namespace instead of a Service."},
        {"service", "A Service of the namespace and its port."}}},
    {"IngressLoadBalancerIngress", {
        {"hostname", "Name of the entry point, where it has one."},
        {"ip", "Address of the entry point, where it has one."},
        {"ports", "What its ports came to."}}},
    {"IngressLoadBalancerStatus", {{"ingress", "The entry points."}}},
    {"IngressRule", {
        {"host", "The host name asked for; any when left out."},
        {"http", "Paths below that host."}}},
    {"IngressServiceBackend", {{"name", "Name of the Service."}, {"port", "Its port."}}},
    {"IngressSpec", {
        {"defaultBackend", "Where requests go that no rule matches."},
        {"ingressClassName", "Which controller is in charge."},
        {"rules", "Hosts and paths and where they lead."},
        {"tls", "Hosts that are served with a certificate."}}},
    {"IngressStatus", {{"loadBalancer", "Where traffic comes in."}}},
    {"IngressTLS", {
        {"hosts", "Names that the certificate is for."},
        {"secretName", "Secret of type kubernetes.io/tls with certificate and key."}}},
    {"LoadBalancerIngress", {
        {"hostname", "Name of the load balancer, where it has one."},
        {"ip", "Address of the load balancer, where it has one."},
        {"ipMode", "VIP, or Proxy where traffic is sent to the node's own address."},
        {"ports", "What its ports came to."}}},
    {"LoadBalancerStatus", {{"ingress", "The load balancer's entry points."}}},
    {"NetworkPolicyEgressRule", {
        {"ports", "Ports that are allowed; all when left out."},
        {"to", "Where traffic may go; anywhere when left out."}}},
    {"NetworkPolicyIngressRule", {
        {"from", "Where traffic may come from; anywhere when left out."},
        {"ports", "Ports that are allowed; all when left out."}}},
    {"NetworkPolicyPeer", {
        {"ipBlock", "A range of addresses; goes with no selector."},
        {"namespaceSelector", "Pods of these namespaces; the policy's own when left out."},
        {"podSelector", "Pods with these labels; all of the namespaces when left out."}}},
    {"NetworkPolicyPort", {
        {"endPort", "End of a range that begins with port."},
        {"port", "Number, or name of a container's port; all when left out."},
        {"protocol", "TCP, UDP or SCTP; TCP when left out."}}},
    {"NetworkPolicySpec", {
        {"egress", "Traffic that may leave the pods; with none, nothing may."},
        {"ingress", "Traffic that may reach the pods; with none, nothing may."},
        {"podSelector", "The pods it is about; an empty one means all of the namespace."},
        {"policyTypes", "Ingress, Egress or both: the directions it is about."}}},
    {"ServiceBackendPort", {
        {"name", "Name of the port."},
        {"number", "Number of the port; goes with no name."}}},
    {"ServicePort", {
        {"appProtocol", "What is spoken on it, for proxies that care."},
        {"name", "A name that the Service's other ports do not have; needed when there are several."},
        {"nodePort", "The port on every node, for NodePort and LoadBalancer; chosen from 30000-32767 when left out."},
        {"port", "The port on the Service's address."},
        {"protocol", "TCP, UDP or SCTP; TCP when left out."},
        {"targetPort", "Port of the pods, by number or name."}}},
    {"ServiceSpec", {
        {"allocateLoadBalancerNodePorts", "Whether a LoadBalancer gets node ports as well; true when left out."},
        {"clusterIP", "The virtual address inside the cluster; None for a headless Service."},
        {"clusterIPs", "The virtual addresses, the first being clusterIP."},
        {"externalIPs", "Addresses that lead here when traffic for them reaches a node."},
        {"externalName", "The name that DNS answers with, for ExternalName."},
        {"externalTrafficPolicy", "Cluster sends outside traffic to any pod; Local only to pods on the node it reached, keeping the client's address."},
        {"healthCheckNodePort", "Where load balancers ask a node whether it has pods, with externalTrafficPolicy Local."},
        {"internalTrafficPolicy", "Cluster sends inside traffic to any pod; Local only to pods on the client's node."},
        {"ipFamilies", "IPv4, IPv6 or both, in order."},
        {"ipFamilyPolicy", "SingleStack, PreferDualStack or RequireDualStack."},
        {"loadBalancerClass", "Which load balancer is in charge."},
        {"loadBalancerIP", "Deprecated: the address wished for."},
        {"loadBalancerSourceRanges", "Clients that the load balancer lets in."},
        {"ports", "Ports of the Service and where they lead."},
        {"publishNotReadyAddresses", "Whether DNS and proxies know pods before they are ready."},
        {"selector", "Labels of the pods that get the traffic."},
        {"sessionAffinity", "ClientIP keeps a client on the same pod; None when left out."},
        {"sessionAffinityConfig", "How long a client is kept."},
        {"trafficDistribution", "PreferClose prefers pods in the client's zone."},
        {"type", "ClusterIP, NodePort, LoadBalancer or ExternalName."}}},
    {"ServiceStatus", {{"loadBalancer", "What the load balancer came to, for LoadBalancer."}}},
    {"SessionAffinityConfig", {{"clientIP", "Of sessionAffinity ClientIP."}}},
    {"TypedLocalObjectReference", {
        {"apiGroup", "Group of the object; the core group when left out."},
        {"kind", "Kind of the object."},
        {"name", "Name of the object."}}},
};

} // namespace

std::span<const StructSentences> networkSentences() { return kNetworkSentences; }

} // namespace sim::kube
