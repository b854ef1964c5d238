#pragma once

#include "app/desktop/kube/yaml_outline.h"
#include "sim/kube/api/api_server.h"

#include <QString>

#include <vector>

namespace app::desktop {

/// Something wrong with a line of YAML.
struct YamlProblem {
    int line = 0;      ///< from 0
    QString path;
    QString text;
    bool operator==(const YamlProblem&) const = default;
};

/// A word that may stand at the cursor.
struct YamlSuggestion {
    QString text;
    QString note;      ///< type and meaning
    bool isKey = true;
};

/// What a text describes, when it can be read.
struct YamlObject {
    nlohmann::json json;                             ///< null: it cannot
    const sim::kube::KindInfo* kind = nullptr;       ///< null: no built-in kind
    QString nameSpace;
    QString name;
};

YamlObject readObject(const QString& text);
/// What reader and schema object to, before any server is asked.
std::vector<YamlProblem> checkedBySchema(const QString& text);
/// Where the causes of an API server's refusal stand in the text.
std::vector<YamlProblem> refusedBecause(const sim::kube::Response& response, const QString& text);
/// What may stand at that place: keys that are not there yet, or an enumeration's values.
std::vector<YamlSuggestion> suggestionsAt(const QString& text, int line, int column);

} // namespace app::desktop
