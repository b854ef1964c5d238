#pragma once

#include "core/endpoint/certificates.h"
#include "core/endpoint/http_message.h"
#include "sim/engine/result.h"

#include <string>
#include <vector>

namespace core::endpoint {

/// Somebody who may connect: a client certificate and a bearer token for the same person.
struct Credential {
    Identity identity;
    Certificate certificate;
    std::string token;
};

/// A kubeconfig for kubectl: one cluster, one context per credential, the first one current.
std::string kubeconfigText(const std::string& url, const std::string& authority, const std::vector<Credential>& credentials);
/// Writes a file that only its owner can read.
sim::Result<sim::Done> writePrivateFile(const std::string& path, const std::string& text);

} // namespace core::endpoint
