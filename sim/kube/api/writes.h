#pragma once

#include "sim/kube/api/selection.h"

#include <memory>

namespace sim::kube {

/// One request that writes objects of one kind: decoding, defaults, admission, validation, ownership of fields, the
/// store's write, and the answer.
class ObjectWriter {
public:
    ObjectWriter(Store& store, Engine& engine, const Request& request, Target target, WebhookCaller* webhooks);

    Response create();
    /// Of an object that is decoded already: the stored one, or why not.
    std::variant<std::shared_ptr<const void>, Response> createObject(std::shared_ptr<void> object);
    Response update();
    Response patch();
    Response remove();
    Response removeCollection();
    Response bind();
    Response evictPod();

private:
    using Object = std::shared_ptr<const void>;

    std::optional<Response> decodeBody(std::shared_ptr<void>& object, const nlohmann::json& body, bool fromPatch);
    std::optional<Response> mismatch(const nlohmann::json& body, const ObjectMeta& metadata) const;
    std::optional<Response> validateSchema(void* object) const;
    std::optional<Response> mutate(std::shared_ptr<void>& object, const char* operation, const void* old);
    std::optional<Response> askValidating(const void* object, const char* operation, const void* old);
    Response apply(const Object& old);
    Response replace(const Object& old, const nlohmann::json& body);
    Response scale(const Object& old, const nlohmann::json& body);
    Response finishUpdate(const Object& old, std::shared_ptr<void> object);
    void prepareMainUpdate(void* object, const void* old, const ObjectMeta& kept) const;
    void takeStatus(void* object, const void* from) const;
    Response removeOne(const Object& old);
    bool tracksOwners() const;
    void recordOwners(void* object, const nlohmann::json& before) const;
    Response answer(const void* object, int code);
    void nameNew(ObjectMeta& meta, RandomStream& random) const;
    Object stored(const std::string& name) const;

    Store& m_store;
    Engine& m_engine;
    const Request& m_request;
    Target m_target;
    WebhookCaller* m_webhooks;
    std::string m_space;
    std::vector<std::string> m_warnings;
    Duration m_took{};
    std::vector<ManagedFieldsEntry> m_owners; ///< of an apply
    bool m_ownersKnown = false;
};

} // namespace sim::kube
