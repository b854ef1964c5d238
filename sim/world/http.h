#pragma once

#include "sim/net/network.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace sim::serving::openai {
struct Generation;
}

namespace sim {

struct HttpQuestion {
    StackId from;
    std::string method = "GET";
    bool tls = false;
    std::string host;          ///< name or address
    std::int64_t port = 80;
    std::string path = "/";    ///< with query
    std::map<std::string, std::string> headers; ///< lower-case names
    std::string body;
    std::string proxy;         ///< "http://10.0.0.30:3128"; empty: none
};

struct NameAnswer {
    enum class Status : std::uint8_t { Found, NotFound, NoServer }; ///< NXDOMAIN; no DNS server gives an answer
    Status status = Status::NotFound;
    std::vector<net::Ipv4> addresses;
    std::string server;        ///< "10.0.0.2" or "/etc/hosts"
    std::string canonicalName;
    Duration took{};           ///< until the answer, or until the resolver gives up
};

struct HttpAnswer {
    enum class Failure : std::uint8_t { None, Name, Connect, Tls, Timeout };
    Failure failure = Failure::None;
    NameAnswer name;
    net::Ipv4 address;         ///< who was asked
    net::PathResult path;
    int status = 0;            ///< HTTP status, when answered
    std::string reason;        ///< "OK"
    std::map<std::string, std::string> headers; ///< as sent: "Content-Type"
    std::string body;
    Duration took{};           ///< until the answer; for a time-out, the time a client would wait is up to it
    std::string tlsError;      ///< "certificate has expired"
    /// The body is text that a language model has yet to generate: asked for by command::AskModel, choice by choice, of `model`, a server's
    /// or a router's container. Null: it is there.
    std::shared_ptr<const serving::openai::Generation> generation;
    ContainerId model;
    bool resetsCache = false;  ///< of `model`: what the request does, once it is sent as command::HttpCall
};

} // namespace sim
