#pragma once

#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/tcp_stream.hpp>

namespace core::endpoint {

using TlsStream = boost::asio::ssl::stream<boost::beast::tcp_stream>;

} // namespace core::endpoint
