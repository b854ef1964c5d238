#include "app/desktop/kube/yaml_check.h"

#include "sim/kube/api/yaml.h"

#include <QCoreApplication>
#include <QRegularExpression>

#include <algorithm>

namespace app::desktop {

using sim::kube::FieldInfo;
using sim::kube::KindInfo;

namespace {

/// The sentences of the check, translated.
struct YamlWords {
    Q_DECLARE_TR_FUNCTIONS(app::desktop::YamlCheck)
};

std::string textOf(const nlohmann::json& object, const char* key)
{
    const auto it = object.is_object() ? object.find(key) : object.end();
    return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

/// "spec.containers" + "image" etc.; indices in brackets.
std::string below(const std::string& path, const std::string& key)
{
    return path.empty() ? key : path + "." + key;
}

class SchemaCheck {
public:
    explicit SchemaCheck(const YamlOutline& outline) : m_outline(outline) { }

    void object(const nlohmann::json& value, const std::vector<FieldInfo>& fields, const std::string& path)
    {
        for (const auto& [key, inner] : value.items()) {
            const auto field = std::find_if(fields.begin(), fields.end(), [&](const FieldInfo& one) { return one.name == key; });
            const std::string here = below(path, key);
            if (field == fields.end())
                add(here, YamlWords::tr("There is no field “%1” here").arg(QString::fromStdString(key)));
            else
                typed(inner, *field, field->type, here);
        }
        for (const FieldInfo& field : fields)
            if (field.required && !value.contains(field.name))
                add(path, YamlWords::tr("“%1” is missing").arg(QString::fromStdString(field.name)));
    }
    std::vector<YamlProblem> take() { return std::move(m_problems); }

private:
    void add(const std::string& path, const QString& text)
    {
        const QString where = QString::fromStdString(path);
        m_problems.push_back({m_outline.lineOf(where), where, text});
    }

    void mismatch(const std::string& path, const std::string& type)
    {
        add(path, YamlWords::tr("Expected %1").arg(QString::fromStdString(type)));
    }

    void typed(const nlohmann::json& value, const FieldInfo& field, const std::string& type, const std::string& path)
    {
        if (value.is_null())
            return;
        if (type.rfind("[]", 0) == 0) {
            if (!value.is_array())
                return mismatch(path, type);
            for (std::size_t i = 0; i < value.size(); ++i)
                typed(value[i], field, type.substr(2), path + "[" + std::to_string(i) + "]");
            return;
        }
        if (type.rfind("map[string]", 0) == 0) {
            if (!value.is_object())
                return mismatch(path, type);
            for (const auto& [key, inner] : value.items())
                typed(inner, field, type.substr(11), below(path, key));
            return;
        }
        const bool fits = type == "string" ? value.is_string()
            : type == "integer"            ? value.is_number_integer()
            : type == "boolean"            ? value.is_boolean()
            : field.children != nullptr    ? value.is_object()
                                           : true;
        if (!fits)
            return mismatch(path, type);
        if (field.children != nullptr)
            return object(value, field.children(), path);
        if (!field.values.empty() && value.is_string()
            && std::find(field.values.begin(), field.values.end(), value.get<std::string>()) == field.values.end())
            add(path, YamlWords::tr("“%1” is none of the allowed values").arg(QString::fromStdString(value.get<std::string>())));
    }

    const YamlOutline& m_outline;
    std::vector<YamlProblem> m_problems;
};

const KindInfo* kindOf(const std::string& apiVersion, const std::string& kind)
{
    for (std::size_t id = 0; id < sim::kube::kKindCount; ++id) {
        const KindInfo& info = sim::kube::kindInfo(static_cast<sim::kube::KindId>(id));
        if (info.kind == kind && info.apiVersion() == apiVersion)
            return &info;
    }
    return nullptr;
}

/// The kind a half-written text seems to be of.
const KindInfo* kindInText(const QString& text)
{
    static const QRegularExpression kKind(QStringLiteral("^kind:\\s*(\\w+)"), QRegularExpression::MultilineOption);
    return sim::kube::findKind(kKind.match(text).captured(1).toStdString());
}

std::vector<FieldInfo> topFields(const KindInfo* kind)
{
    if (kind != nullptr) {
        std::vector<FieldInfo> fields = sim::kube::fieldsOf(kind->id);
        for (const char* name : {"kind", "apiVersion"})
            if (std::none_of(fields.begin(), fields.end(), [&](const FieldInfo& one) { return one.name == name; }))
                fields.push_back({name, "string", {}, true, nullptr, {}});
        return fields;
    }
    return {{"apiVersion", "string", {}, true, nullptr, {}}, {"kind", "string", {}, true, nullptr, {}}, {"metadata", "ObjectMeta", {}, false, nullptr, {}}};
}

/// The fields below `owners`; the field itself when nothing is below.
std::vector<FieldInfo> fieldsBelow(const KindInfo* kind, const QStringList& owners)
{
    std::vector<FieldInfo> fields = topFields(kind);
    for (const QString& owner : owners) {
        const auto field = std::find_if(fields.begin(), fields.end(), [&](const FieldInfo& one) { return one.name == owner.toStdString(); });
        if (field == fields.end() || field->children == nullptr)
            return {};
        fields = field->children();
    }
    return fields;
}

std::vector<YamlSuggestion> valuesOf(const KindInfo* kind, const QStringList& owners, const QString& key)
{
    std::vector<YamlSuggestion> out;
    if (owners.isEmpty() && key == QLatin1String("kind")) {
        for (std::size_t id = 0; id < sim::kube::kKindCount; ++id) {
            const KindInfo& info = sim::kube::kindInfo(static_cast<sim::kube::KindId>(id));
            if (!info.kind.empty())
                out.push_back({QString::fromStdString(std::string(info.kind)), QString::fromStdString(info.apiVersion()), false});
        }
        return out;
    }
    if (owners.isEmpty() && key == QLatin1String("apiVersion")) {
        if (kind != nullptr)
            out.push_back({QString::fromStdString(kind->apiVersion()), QString::fromStdString(std::string(kind->kind)), false});
        return out;
    }
    for (const FieldInfo& field : fieldsBelow(kind, owners)) {
        if (field.name != key.toStdString())
            continue;
        if (field.type == "boolean")
            out = {{QStringLiteral("true"), {}, false}, {QStringLiteral("false"), {}, false}};
        for (const std::string& value : field.values)
            out.push_back({QString::fromStdString(value), {}, false});
    }
    return out;
}

int lineFromReader(const std::string& message)
{
    static const QRegularExpression kLine(QStringLiteral("line (\\d+)"));
    const QRegularExpressionMatch match = kLine.match(QString::fromStdString(message));
    return match.hasMatch() ? std::max(0, match.captured(1).toInt() - 1) : 0;
}

} // namespace

YamlObject readObject(const QString& text)
{
    YamlObject object;
    const auto documents = sim::kube::parseYaml(text.toStdString());
    if (!documents || documents->size() != 1 || !documents->front().is_object())
        return object;
    object.json = documents->front();
    object.kind = kindOf(textOf(object.json, "apiVersion"), textOf(object.json, "kind"));
    const nlohmann::json meta = object.json.value("metadata", nlohmann::json::object());
    object.nameSpace = QString::fromStdString(textOf(meta, "namespace"));
    object.name = QString::fromStdString(textOf(meta, "name"));
    return object;
}

std::vector<YamlProblem> checkedBySchema(const QString& text)
{
    if (text.trimmed().isEmpty())
        return {};
    const YamlOutline outline(text);
    const auto documents = sim::kube::parseYaml(text.toStdString());
    if (!documents)
        return {{lineFromReader(documents.error().message), {}, QString::fromStdString(documents.error().message)}};
    if (documents->size() != 1)
        return {{0, {}, YamlWords::tr("One object at a time: there are several documents here")}};
    const YamlObject object = readObject(text);
    if (object.json.is_null())
        return {{0, {}, YamlWords::tr("An object is expected: keys and values")}};
    for (const char* name : {"apiVersion", "kind"})
        if (textOf(object.json, name).empty())
            return {{0, {}, YamlWords::tr("“%1” is missing").arg(QLatin1String(name))}};
    if (object.kind == nullptr) {
        // A custom kind is checked by the server alone; a built-in one under another group or version is wrong.
        const KindInfo* other = sim::kube::findKind(textOf(object.json, "kind"));
        if (other == nullptr || other->kind != textOf(object.json, "kind"))
            return {};
        return {{outline.lineOf(QStringLiteral("apiVersion")), QStringLiteral("apiVersion"),
                 YamlWords::tr("%1 is served as %2")
                     .arg(QString::fromStdString(std::string(other->kind)), QString::fromStdString(other->apiVersion()))}};
    }
    SchemaCheck check(outline);
    check.object(object.json, topFields(object.kind), {});
    return check.take();
}

std::vector<YamlProblem> refusedBecause(const sim::kube::Response& response, const QString& text)
{
    const YamlOutline outline(text);
    std::vector<YamlProblem> problems;
    const nlohmann::json details = response.body.value("details", nlohmann::json::object());
    for (const nlohmann::json& cause : details.value("causes", nlohmann::json::array())) {
        const QString path = QString::fromStdString(textOf(cause, "field"));
        problems.push_back({outline.lineOf(path), path, path + QStringLiteral(": ") + QString::fromStdString(textOf(cause, "message"))});
    }
    if (!problems.empty())
        return problems;
    // Strict decoding names the fields in quotes: unknown field "spec.templat".
    const QString message = QString::fromStdString(textOf(response.body, "message"));
    static const QRegularExpression kField(QStringLiteral("(unknown|duplicate) field \"([^\"]+)\""));
    for (auto match = kField.globalMatch(message); match.hasNext();) {
        const QRegularExpressionMatch one = match.next();
        problems.push_back({outline.lineOf(one.captured(2)), one.captured(2), one.captured(0)});
    }
    if (problems.empty())
        problems.push_back({0, {}, message});
    return problems;
}

std::vector<YamlSuggestion> suggestionsAt(const QString& text, int line, int column)
{
    const QStringList lines = text.split(QLatin1Char('\n'));
    if (line < 0 || line >= lines.size())
        return {};
    const QString before = lines[line].left(column);
    static const QRegularExpression kStart(QStringLiteral("^(\\s*(?:- +)*)([^\\s:#]*)$"));
    static const QRegularExpression kValue(QStringLiteral("^(\\s*(?:- +)*)([^\\s:#]+):\\s+(\\S*)$"));
    const YamlOutline outline(text);
    const KindInfo* kind = kindInText(text);
    std::vector<YamlSuggestion> all;
    QString begun;
    if (const auto value = kValue.match(before); value.hasMatch()) {
        all = valuesOf(kind, outline.ownersAt(line, static_cast<int>(value.capturedLength(1))), value.captured(2));
        begun = value.captured(3);
    } else if (const auto key = kStart.match(before); key.hasMatch()) {
        const int at = static_cast<int>(key.capturedLength(1));
        const bool newItem = key.captured(1).contains(QLatin1Char('-'));
        const QStringList there = newItem ? QStringList() : outline.siblingsAt(line, at);
        begun = key.captured(2);
        for (const FieldInfo& field : fieldsBelow(kind, outline.ownersAt(line, at))) {
            const QString name = QString::fromStdString(field.name);
            if (name == QLatin1String("status") || there.contains(name))
                continue;
            all.push_back({name, QString::fromStdString(field.type + (field.description.empty() ? "" : " · " + field.description)), true});
        }
    }
    std::erase_if(all, [&](const YamlSuggestion& one) { return !one.text.startsWith(begun, Qt::CaseInsensitive) || one.text == begun; });
    std::sort(all.begin(), all.end(), [](const YamlSuggestion& a, const YamlSuggestion& b) { return a.text < b.text; });
    return all;
}

} // namespace app::desktop
