#pragma once

#include "core/endpoint/api_door.h"
#include "core/endpoint/kubeconfig.h"

#include <boost/asio/ssl/context.hpp>

#include <set>
#include <string>
#include <vector>

namespace core::endpoint {

/// What all connections of an endpoint share; they keep it alive when the endpoint itself is gone.
struct DoorState {
    LabSource lab; ///< null once the endpoint is closed
    ApiDoor door{{}};
    boost::asio::ssl::context tls{boost::asio::ssl::context::tls_server};
    std::string authority; ///< PEM
    std::vector<Credential> credentials;
    std::set<int> sockets; ///< file descriptors of the open connections
    bool open = true;

    session::Session* session() const { return lab ? lab() : nullptr; }
};

} // namespace core::endpoint
