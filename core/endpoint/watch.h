#pragma once

#include "core/endpoint/api_request.h"
#include "core/endpoint/text_stream.h"
#include "sim/kube/api/selectors.h"

#include <deque>

namespace core::endpoint {

/// A watch: one JSON line an event, from the store's history of changes. Objects that leave the selection are
/// told as DELETED, those that enter it as ADDED. A place in the history that is gone gives ERROR 410 and ends.
class Watch final : public TextStream {
public:
    /// Or the answer that refuses it: a selector that cannot be read, an unknown resource, a bad resourceVersion.
    static std::variant<std::unique_ptr<TextStream>, HttpAnswer> open(const HttpRequest& http, ApiRequest asked, const sim::World& world);

    std::string contentType() const override { return "application/json"; }
    std::string take(const session::Session& lab) override { return take(lab.world()); }
    std::string take(const sim::World& world);
    bool ended() const override { return m_ended; }
    std::optional<std::chrono::seconds> limit() const override { return m_limit; }

private:
    explicit Watch(ApiRequest asked) : m_asked(std::move(asked)) { }

    bool selected(const sim::kube::Store& store, const sim::kube::ObjectKey& key, const std::shared_ptr<const void>& object) const;
    std::string initialEvents(const sim::World& world);
    std::string event(const sim::World& world, const sim::kube::WatchEvent& change);
    std::string objectLine(const sim::World& world, const std::string& type, const std::shared_ptr<const void>& object, std::uint64_t resourceVersion);
    std::string bookmark(std::uint64_t resourceVersion, bool initialEnd) const;
    std::string expired(std::uint64_t oldest);

    ApiRequest m_asked;
    sim::kube::KindId m_kind{};
    std::string m_keyPrefix; ///< of custom objects, which share a table: "widgets.example.com/"
    std::string m_kindName;
    std::string m_apiVersion;
    sim::kube::LabelSelector m_labels;
    std::vector<sim::kube::FieldRequirement> m_fields;
    std::uint64_t m_seen = 0;       ///< resourceVersion of the last change looked at
    bool m_initial = false;         ///< what exists is told first, as ADDED
    bool m_initialBookmark = false; ///< and its end is marked (sendInitialEvents)
    bool m_bookmarks = false;
    bool m_columnsSent = false;
    bool m_ended = false;
    std::optional<sim::Instant> m_lastBookmark;
    std::optional<std::chrono::seconds> m_limit;
};

} // namespace core::endpoint
