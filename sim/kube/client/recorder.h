#pragma once

#include "sim/engine/text_hash.h"
#include "sim/kube/api/store.h"
#include "sim/kube/client/context.h"

#include <boost/unordered/unordered_flat_map.hpp>

#include <deque>
#include <optional>
#include <set>
#include <string>

namespace sim::kube {

/// Who reports an Event.
struct Reporter {
    std::string component;  ///< "kubelet", "deployment-controller"
    std::string host;       ///< node name; empty for controllers
    bool newApi = false;    ///< events.k8s.io recorder (the scheduler): eventTime instead of counts
    std::string instance;   ///< reportingInstance of the new API
    std::string action;     ///< "Binding"; new API
    bool operator==(const Reporter&) const = default;
};

/// client-go's event recorder with its correlator (tools/record/events_cache.go): identical events are
/// counted on one object, more than ten that differ only in their message within ten minutes are combined,
/// and one source may send 25 events about one object at once, then one in five minutes. Events live one
/// hour after their last write (kube-apiserver --event-ttl).
class Recorder {
public:
    /// `store` must be writable now: the caller has checked that the API answers; otherwise the event is
    /// lost, as it is after the real recorder's retries. `made`: when it was recorded, if that was earlier.
    void record(Context& context, Store& store, const Reporter& reporter, const ObjectReference& object,
                const std::string& type, const std::string& reason, const std::string& message,
                std::optional<Instant> made = std::nullopt);
    /// Whether the spam filter would let an event of that source about that object through.
    bool admits(const Reporter& reporter, const ObjectReference& object, Instant now) const;

    /// EventType::EventExpiry.
    void expire(Context& context, Store& store);

    bool operator==(const Recorder&) const = default;
    void addTo(Fingerprint& f) const;

private:
    struct Similar {                     ///< events that differ only in their message
        std::set<std::string> messages;
        Instant last{};
        bool operator==(const Similar&) const = default;
        void addTo(Fingerprint& f) const { sim::addTo(f, messages); sim::addTo(f, last); }
    };
    struct Known {                       ///< one Event object
        ObjectKey key;
        std::int64_t count = 0;
        Instant first{};
        Instant last{};
        bool operator==(const Known&) const = default;
        void addTo(Fingerprint& f) const { key.addTo(f); sim::addTo(f, count); sim::addTo(f, first); sim::addTo(f, last); }
    };
    struct Bucket {                      ///< spam filter
        double tokens = 0;
        Instant updated{};
        bool operator==(const Bucket&) const = default;
        void addTo(Fingerprint& f) const { sim::addTo(f, tokens); sim::addTo(f, updated); }
    };
    struct Written {
        Instant at{};
        std::string cacheKey;
        bool operator==(const Written&) const = default;
        void addTo(Fingerprint& f) const { sim::addTo(f, at); f.add(cacheKey); }
    };

    bool admit(const std::string& spamKey, Instant now);
    static double tokensIn(const Bucket& bucket, Instant now);
    void scheduleExpiry(Context& context);

    template <class T>
    using ByText = boost::unordered_flat_map<std::string, T, TextHash>;
    ByText<Similar> m_similar;
    ByText<Known> m_known;
    ByText<Bucket> m_buckets;
    std::deque<Written> m_written;       ///< in order of time
    std::int64_t m_lastNanos = 0;        ///< event names carry a time that no other event has
    bool m_expiryScheduled = false;
};

template <ApiObject T>
ObjectReference referenceTo(const T& object)
{
    const KindInfo& info = kindInfo(kindIdOf<T>);
    ObjectReference r;
    r.apiVersion = info.apiVersion();
    r.kind = std::string(info.kind);
    r.name = object.metadata.name;
    r.namespace_ = object.metadata.namespace_;
    r.resourceVersion = object.metadata.resourceVersion;
    r.uid = object.metadata.uid;
    return r;
}

} // namespace sim::kube
