#include "sim/kube/api/structural_schema.h"

#include "sim/kube/api/cel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <regex>

namespace sim::kube::structural {

namespace {

using nlohmann::json;

bool preserves(const json& schema)
{
    return schema.value("x-kubernetes-preserve-unknown-fields", false) || schema.value("x-kubernetes-embedded-resource", false);
}

std::string joined(const std::string& at, const std::string& key) { return at.empty() ? key : at + "." + key; }

std::string typeOf(const json& value)
{
    switch (value.type()) {
    case json::value_t::string: return "string";
    case json::value_t::boolean: return "boolean";
    case json::value_t::array: return "array";
    case json::value_t::object: return "object";
    case json::value_t::null: return "null";
    case json::value_t::number_float: return "number";
    default: return "integer";
    }
}

/// Numbers as Go prints them: 11, 0.5.
std::string numberText(const json& value)
{
    return value.is_number_float() && value.get<double>() == static_cast<double>(static_cast<std::int64_t>(value.get<double>()))
        ? std::to_string(static_cast<std::int64_t>(value.get<double>())) : value.dump();
}

const json& propertiesOf(const json& schema)
{
    static const json none = json::object();
    const auto properties = schema.find("properties");
    return properties == schema.end() ? none : *properties;
}

class Validator {
public:
    explicit Validator(FieldErrors& errors) : m_errors(errors) { }

    void check(const std::string& at, const json& value, const json& schema)
    {
        if (value.is_null() && schema.value("nullable", false))
            return;
        if (!checkType(at, value, schema))
            return;
        checkEnum(at, value, schema);
        if (value.is_number())
            checkNumber(at, value, schema);
        else if (value.is_string())
            checkText(at, value.get_ref<const std::string&>(), schema);
        else if (value.is_array())
            checkList(at, value, schema);
        else if (value.is_object())
            checkObject(at, value, schema);
    }

    /// Rules are looked at when the rest is in order.
    void checkRules(const std::string& at, const json& value, const json& schema)
    {
        for (const json& rule : schema.value("x-kubernetes-validations", json::array())) {
            const cel::Verdict verdict = cel::evaluate(rule.value("rule", ""), value);
            if (!verdict.parsed || (verdict.holds && verdict.error.empty()))
                continue;
            const std::string said = rule.value("message", "failed rule: " + rule.value("rule", ""));
            if (verdict.error.empty())
                m_errors.invalidDump(at, "\"" + typeOf(value) + "\"", said);
            else
                m_errors.invalidDump(at, "\"" + typeOf(value) + "\"", "rule evaluation error: " + verdict.error);
        }
        if (value.is_object())
            for (const auto& [key, property] : propertiesOf(schema).items())
                if (value.contains(key))
                    checkRules(joined(at, key), value.at(key), property);
        if (value.is_array() && schema.contains("items"))
            for (std::size_t i = 0; i < value.size(); ++i)
                checkRules(fmt::format("{}[{}]", at, i), value[i], schema.at("items"));
    }

private:
    FieldErrors& m_errors;

    void body(const std::string& at, std::string_view dump, const std::string& words)
    {
        m_errors.invalidDump(at, dump, fmt::format("{} in body {}", at, words));
    }

    bool checkType(const std::string& at, const json& value, const json& schema)
    {
        if (schema.value("x-kubernetes-int-or-string", false))
            return value.is_number_integer() || value.is_string();
        const std::string wanted = schema.value("type", "");
        const std::string is = typeOf(value);
        const bool whole = value.is_number_float() && value.get<double>() == std::floor(value.get<double>());
        if (wanted.empty() || wanted == is || (wanted == "number" && value.is_number()) || (wanted == "integer" && whole))
            return true;
        m_errors.add({"FieldValueTypeInvalid", at, fmt::format("Invalid value: \"{}\": {} in body must be of type {}: \"{}\"", is, at, wanted, is)});
        return false;
    }
    void checkEnum(const std::string& at, const json& value, const json& schema)
    {
        const json allowed = schema.value("enum", json());
        if (!allowed.is_array() || std::find(allowed.begin(), allowed.end(), value) != allowed.end())
            return;
        std::vector<std::string> list;
        for (const json& one : allowed)
            list.push_back(one.is_string() ? one.get<std::string>() : one.dump());
        m_errors.notSupported(at, value.is_string() ? value.get<std::string>() : value.dump(), list);
    }
    void checkNumber(const std::string& at, const json& value, const json& schema)
    {
        const double number = value.get<double>();
        if (schema.contains("maximum")) {
            const bool exclusive = schema.value("exclusiveMaximum", false);
            if (number > schema.at("maximum").get<double>() || (exclusive && number == schema.at("maximum").get<double>()))
                body(at, numberText(value), fmt::format("should be less than {}{}", exclusive ? "" : "or equal to ", numberText(schema.at("maximum"))));
        }
        if (schema.contains("minimum")) {
            const bool exclusive = schema.value("exclusiveMinimum", false);
            if (number < schema.at("minimum").get<double>() || (exclusive && number == schema.at("minimum").get<double>()))
                body(at, numberText(value),
                     fmt::format("should be greater than {}{}", exclusive ? "" : "or equal to ", numberText(schema.at("minimum"))));
        }
        if (schema.contains("multipleOf") && std::fmod(number, schema.at("multipleOf").get<double>()) != 0)
            body(at, numberText(value), "should be a multiple of " + numberText(schema.at("multipleOf")));
    }
    void checkText(const std::string& at, const std::string& value, const json& schema)
    {
        const auto size = static_cast<std::int64_t>(value.size());
        if (schema.contains("maxLength") && size > schema.at("maxLength").get<std::int64_t>())
            m_errors.add({"FieldValueTooLong", at, fmt::format("Too long: may not be more than {} bytes", schema.at("maxLength").get<std::int64_t>())});
        if (schema.contains("minLength") && size < schema.at("minLength").get<std::int64_t>())
            body(at, goQuoted(value), fmt::format("should be at least {} chars long", schema.at("minLength").get<std::int64_t>()));
        const std::string pattern = schema.value("pattern", "");
        if (pattern.empty() || matches(value, pattern))
            return;
        body(at, goQuoted(value), fmt::format("should match '{}'", pattern));
    }
    static bool matches(const std::string& value, const std::string& pattern)
    {
        try {
            return std::regex_search(value, std::regex(pattern));
        } catch (const std::regex_error&) {
            return true; // a pattern of another dialect keeps nothing out
        }
    }
    void checkList(const std::string& at, const json& value, const json& schema)
    {
        const auto size = static_cast<std::int64_t>(value.size());
        if (schema.contains("maxItems") && size > schema.at("maxItems").get<std::int64_t>())
            m_errors.add({"FieldValueTooMany", at, fmt::format("Too many: {}: must have at most {} items", size, schema.at("maxItems").get<std::int64_t>())});
        if (schema.contains("minItems") && size < schema.at("minItems").get<std::int64_t>())
            body(at, std::to_string(size), fmt::format("should have at least {} items", schema.at("minItems").get<std::int64_t>()));
        if (schema.contains("items") && schema.at("items").is_object())
            for (std::size_t i = 0; i < value.size(); ++i)
                check(fmt::format("{}[{}]", at, i), value[i], schema.at("items"));
    }
    void checkObject(const std::string& at, const json& value, const json& schema)
    {
        const json properties = schema.value("properties", json::object());
        for (const auto& [key, item] : value.items()) {
            if (properties.contains(key))
                check(joined(at, key), item, properties.at(key));
            else if (schema.contains("additionalProperties") && schema.at("additionalProperties").is_object())
                check(joined(at, key), item, schema.at("additionalProperties"));
        }
        for (const json& key : schema.value("required", json::array()))
            if (key.is_string() && !value.contains(key.get<std::string>()))
                m_errors.required(joined(at, key));
    }
};

/// Whether any rule stands somewhere in the schema.
bool hasRules(const json& schema)
{
    if (!schema.is_object())
        return false;
    if (schema.contains("x-kubernetes-validations"))
        return true;
    for (const auto& [key, property] : propertiesOf(schema).items())
        if (hasRules(property))
            return true;
    return hasRules(schema.value("items", json()));
}

} // namespace

void prune(json& value, const json& schema, const std::string& at, std::vector<std::string>& unknown)
{
    if (value.is_array()) {
        if (schema.contains("items") && schema.at("items").is_object())
            for (std::size_t i = 0; i < value.size(); ++i)
                prune(value[i], schema.at("items"), fmt::format("{}[{}]", at, i), unknown);
        return;
    }
    if (!value.is_object())
        return;
    const json properties = schema.value("properties", json::object());
    const json additional = schema.value("additionalProperties", json());
    for (auto it = value.begin(); it != value.end();) {
        if (properties.contains(it.key())) {
            prune(*it, properties.at(it.key()), joined(at, it.key()), unknown);
        } else if (additional.is_object()) {
            prune(*it, additional, joined(at, it.key()), unknown);
        } else if (!preserves(schema) && !(additional.is_boolean() && additional.get<bool>())) {
            unknown.push_back(fmt::format("unknown field \"{}\"", joined(at, it.key())));
            it = value.erase(it);
            continue;
        }
        ++it;
    }
}

void applyDefaults(json& value, const json& schema)
{
    if (value.is_array()) {
        if (schema.contains("items") && schema.at("items").is_object())
            for (json& item : value)
                applyDefaults(item, schema.at("items"));
        return;
    }
    if (!value.is_object())
        return;
    for (const auto& [key, property] : propertiesOf(schema).items()) {
        if (!property.is_object())
            continue;
        const bool missing = !value.contains(key) || (value.at(key).is_null() && !property.value("nullable", false));
        if (missing && property.contains("default"))
            value[key] = property.at("default");
        if (value.contains(key))
            applyDefaults(value[key], property);
    }
    const json additional = schema.value("additionalProperties", json());
    if (additional.is_object())
        for (json& item : value)
            applyDefaults(item, additional);
}

void validate(FieldErrors& errors, const json& value, const json& schema, FieldErrors others)
{
    FieldErrors found;
    Validator validator(found);
    validator.check({}, value, schema);
    found.append(std::move(others));
    // The kinds of errors after which a rule could not be evaluated (apiextensions-apiserver: hasBlockingErr).
    const bool blocked = std::any_of(found.all().begin(), found.all().end(), [](const FieldError& error) {
        return error.cause == "FieldValueNotSupported" || error.cause == "FieldValueRequired" || error.cause == "FieldValueTooLong"
            || error.cause == "FieldValueTooMany" || error.cause == "FieldValueTypeInvalid";
    });
    if (!blocked)
        validator.checkRules({}, value, schema);
    else if (hasRules(schema))
        found.invalidDump("<nil>", "\"null\"", "some validation rules were not checked because the object was invalid; correct the existing "
                                               "errors to complete validation");
    errors.append(std::move(found));
}

} // namespace sim::kube::structural
