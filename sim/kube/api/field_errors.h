#pragma once

#include "sim/kube/api/meta.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sim::kube {

/// One thing wrong with one field, as apimachinery's field.Error words it.
struct FieldError {
    std::string cause;   ///< "FieldValueRequired"
    std::string field;   ///< "spec.containers[0].image"
    std::string message; ///< "Required value: must specify a handler type"
    std::string text() const { return field + ": " + message; }
};

/// Collects what is wrong with an object, in the order of the server's own checks.
class FieldErrors {
public:
    void required(std::string field, std::string_view why = {});
    void forbidden(std::string field, std::string_view why);
    void invalid(std::string field, const std::string& value, std::string_view why);
    void invalid(std::string field, std::int64_t value, std::string_view why);
    /// `dump`: the value as Go's %#v prints it.
    void invalidDump(std::string field, std::string_view dump, std::string_view why);
    void notSupported(std::string field, const std::string& value, const std::vector<std::string>& allowed);
    void duplicate(std::string field, const std::string& value);
    void notFound(std::string field, const std::string& value);
    void tooLong(std::string field, std::int64_t most);
    void notNegative(const std::string& field, std::int64_t value);
    /// Unless it is one of the allowed ones; an empty value is missing.
    void oneOf(const std::string& field, const std::string& value, const std::vector<std::string>& allowed);
    /// One error for each message.
    void each(const std::string& field, const std::string& value, const std::vector<std::string>& messages);
    void append(FieldErrors more);
    void add(FieldError error) { m_errors.push_back(std::move(error)); }

    bool empty() const { return m_errors.empty(); }
    const std::vector<FieldError>& all() const { return m_errors; }

private:
    std::vector<FieldError> m_errors;
};

/// Go's %q of a text.
std::string goQuoted(std::string_view text);
/// Go's %#v of values that the server puts into messages: `map[string]string{"app":"b"}`.
std::string goDump(const StringMap& map);
std::string goDump(const std::vector<std::string>& list);
std::string goDump(const LabelSelector& selector);
std::string goDump(const Quantity& quantity);
std::string goDump(const IntOrString& value);

} // namespace sim::kube
