#pragma once

#include "core/endpoint/api_request.h"
#include "core/session/session.h"

namespace core::endpoint {

// What an answer showed counts for the incident as if the lab's own shell had printed it. Outside an incident
// nothing is recorded.

void observeRead(session::Session& lab, const HttpRequest& http, const ApiRequest& asked, const HttpAnswer& answer);
void observeLog(session::Session& lab, const HttpRequest& http, const ResourcePath& path, const HttpAnswer& answer);

} // namespace core::endpoint
