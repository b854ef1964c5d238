#include "core/shell/commands/kubectl/change.h"
#include "core/shell/commands/kubectl/editor.h"
#include "core/shell/commands/kubectl/manifest_input.h"
#include "sim/engine/split.h"

#include "sim/kube/api/yaml.h"

#include <fmt/core.h>

#include <algorithm>

namespace core::shell::kubectl {

namespace {

using sim::kube::Response;

constexpr std::string_view kHeader =
    "# Please edit the object below. Lines beginning with a '#' will be ignored,\n"
    "# and an empty file will abort the edit. If an error occurs while saving this file will be\n"
    "# reopened with the relevant failures.\n"
    "#\n";

/// Why the file is opened again: a line, and points below it.
struct EditReason {
    std::string head;
    std::vector<std::string> points;
};

/// Each line of a text of several lines as a comment of its own.
std::string commented(const std::string& text)
{
    return join(sim::split(text, '\n'), "\n# ");
}

std::string headerText(const std::vector<EditReason>& reasons)
{
    std::string text(kHeader);
    for (const EditReason& reason : reasons) {
        text += fmt::format("# {}{}\n", commented(reason.head), reason.points.empty() ? "" : ":");
        for (const std::string& point : reason.points)
            text += fmt::format("# * {}\n", commented(point));
        text += "#\n";
    }
    return text;
}

std::string withoutComments(const std::string& text)
{
    std::vector<std::string> lines = sim::split(text, '\n');
    std::erase_if(lines, [](const std::string& line) { return line.compare(0, 1, "#") == 0; });
    return join(lines, "\n");
}

/// The objects of an edited file, or the reader's complaint.
struct Parsed {
    std::vector<Json> objects;
    std::string error;
};

Parsed parse(const std::string& text)
{
    Parsed parsed;
    auto documents = sim::kube::parseYaml(withoutComments(text));
    if (!documents) {
        parsed.error = "error parsing edited-file: error converting YAML to JSON: " + documents.error().message;
        return parsed;
    }
    for (Json& document : *documents) {
        Json& items = document.is_object() && document.contains("items") ? document["items"] : document;
        if (!items.is_array())
            items = Json::array({items});
        for (Json& item : items) {
            if (!item.is_object() || textAt(item, {"kind"}).empty())
                parsed.error = "unable to decode \"edited-file\": Object 'Kind' is missing in '" + compactJson(item) + "'";
            else
                parsed.objects.push_back(std::move(item));
        }
    }
    return parsed;
}

/// Comments and layout do not count as a change.
bool sameContent(const std::string& one, const std::string& other)
{
    const Parsed a = parse(one);
    const Parsed b = parse(other);
    return a.error.empty() && b.error.empty() ? a.objects == b.objects
                                              : withoutComments(one) == withoutComments(other);
}

class EditLoop {
public:
    EditLoop(Call& call, std::vector<Manifest> targets, std::string validation)
        : m_call(call), m_targets(std::move(targets)), m_validation(std::move(validation)), m_editor(call),
          m_json(call.flags.text("output") == "json")
    { }

    int run()
    {
        m_original = originalText();
        std::string text = m_original;
        bool failing = false;
        for (;;) {
            const std::string path = m_editor.write(headerText(m_reasons) + text, m_json ? ".json" : ".yaml");
            if (const std::string problem = m_editor.open(); !problem.empty())
                return giveUp(problem);
            std::string edited = m_editor.text();
            if (failing && sameContent(text, edited))
                return giveUp("Edit cancelled, no valid changes were saved.");
            if (sameContent(m_original, edited)) {
                m_editor.discard();
                m_call.err("Edit cancelled, no changes made.\n");
                return 0;
            }
            if (withoutComments(edited).find_first_not_of(" \t\r\n") == std::string::npos) {
                m_editor.discard();
                m_call.err("Edit cancelled, saved file was empty.\n");
                return 0;
            }
            m_reasons.clear();
            const Parsed parsed = parse(edited);
            if (!parsed.error.empty())
                m_reasons.push_back({"The edited file had a syntax error: " + parsed.error, {}});
            else if (const auto status = send(parsed.objects, path))
                return *status;
            failing = true;
            text = withoutComments(edited);
        }
    }

private:
    std::string originalText() const
    {
        std::vector<Json> objects;
        for (const Manifest& target : m_targets) {
            Json object = target.object;
            if (!m_call.flags.on("show-managed-fields") && object.contains("metadata"))
                object["metadata"].erase("managedFields");
            objects.push_back(std::move(object));
        }
        const Json all = objects.size() == 1 ? objects.front() : listOf(std::move(objects));
        return m_json ? prettyJson(all) + "\n" : sim::kube::toYaml(all);
    }

    int giveUp(const std::string& problem)
    {
        m_call.err(fmt::format("A copy of your changes has been stored to \"{}\"\n", m_editor.path()));
        return m_call.fail(problem);
    }

    const Manifest* targetOf(const Json& object) const
    {
        const auto it = std::find_if(m_targets.begin(), m_targets.end(), [&](const Manifest& target) {
            return textAt(object, {"kind"}) == target.kind->kind
                && textAt(object, {"apiVersion"}) == target.kind->apiVersion()
                && textAt(object, {"metadata", "name"}) == target.name;
        });
        return it == m_targets.end() ? nullptr : &*it;
    }

    /// Sends each changed object. The exit status when the edit is over; nothing when the file is to be
    /// opened again with the reasons gathered.
    std::optional<int> send(const std::vector<Json>& objects, const std::string& path)
    {
        bool notFound = false;
        bool retry = false;
        for (const Json& object : objects) {
            const Manifest* target = targetOf(object);
            if (!target)
                return giveUp("At least one of apiVersion, kind and name was changed");
            if (textAt(object, {"metadata", "namespace"}) != textAt(target->object, {"metadata", "namespace"}))
                return giveUp(fmt::format("the namespace from the provided object \"{}\" does not match the namespace "
                                          "\"{}\". You must pass '--namespace={}' to perform this operation.",
                                          textAt(object, {"metadata", "namespace"}), target->nameSpace,
                                          textAt(object, {"metadata", "namespace"})));
            const Response response = sendOne(*target, object);
            if (succeeded(response))
                continue;
            m_call.err(told(*target, response) + "\n");
            notFound = notFound || reasonOf(response) == "NotFound";
            retry = retry || (reasonOf(response) != "NotFound" && reasonOf(response) != "Invalid");
        }
        if (retry) {
            m_call.err(fmt::format("You can run `kubectl replace -f {}` to try this update again.\n", path));
            return 1;
        }
        if (notFound) {
            m_call.err(fmt::format("The edits you made on deleted resources have been saved to \"{}\"\n", path));
            return 1;
        }
        if (!m_reasons.empty())
            return std::nullopt;
        m_editor.discard();
        return 0;
    }

    Response sendOne(const Manifest& target, Json object)
    {
        Json before = target.object;
        if (!m_call.flags.on("show-managed-fields") && before.contains("metadata"))
            before["metadata"].erase("managedFields");
        if (m_call.flags.on("save-config"))
            object = withLastApplied(std::move(object));
        const Json patch = mergePatch(before, object);
        if (patch.empty()) {
            m_call.out(fmt::format("{}/{} skipped\n", target.kind->typeName(), target.name));
            return {};
        }
        auto request =
            m_call.client.request(sim::kube::Verb::Patch, *target.kind, target.nameSpace, target.name);
        request.body = patch;
        request.patchType = sim::kube::PatchType::Merge;
        request.fieldManager = m_call.flags.given("field-manager") ? m_call.flags.text("field-manager") : "kubectl-edit";
        request.fieldValidation = m_validation;
        const Response response = m_call.client.write(std::move(request));
        if (succeeded(response))
            m_call.out(fmt::format("{}/{} edited\n", target.kind->typeName(), target.name));
        return response;
    }

    /// The line for standard error; a refusal for being invalid becomes a reason to open the file again.
    std::string told(const Manifest& target, const Response& response)
    {
        const std::string object = fmt::format("{} \"{}\"", target.kind->groupResource(), target.name);
        if (reasonOf(response) == "NotFound")
            return fmt::format("error: {} could not be found on the server", object);
        if (reasonOf(response) != "Invalid")
            return fmt::format("error: {} could not be patched: {}", object, messageOf(response));
        EditReason reason{object + " was not valid", {}};
        const Json& causes = at(response.body, {"details", "causes"});
        for (const Json& cause : causes.is_array() ? causes : Json::array())
            reason.points.push_back(textAt(cause, {"field"}) + ": " + textAt(cause, {"message"}));
        m_reasons.push_back(std::move(reason));
        return fmt::format("error: {} is invalid", object);
    }

    Call& m_call;
    std::vector<Manifest> m_targets;
    std::string m_validation;
    Editor m_editor;
    bool m_json;
    std::string m_original;
    std::vector<EditReason> m_reasons;
};

int runEdit(Call& call)
{
    const std::string format = call.flags.text("output");
    if (format != "yaml" && format != "json")
        return call.fail("The flag 'output' must be one of yaml|json");
    const auto validation = fieldValidation(call);
    if (!validation)
        return 1;
    bool failed = false;
    GatherOptions options;
    options.listAll = true;
    std::vector<Manifest> targets = gather(call, call.words, failed, options);
    if (targets.empty() || failed) {
        if (!failed)
            call.err("edit cancelled, no objects found\n");
        return 1;
    }
    for (const Manifest& target : targets)
        call.saw(*target.kind, target.nameSpace, target.name);
    return EditLoop(call, std::move(targets), *validation).run();
}

} // namespace

Verb editVerb()
{
    Verb verb{"edit", kIntermediate, "Edit a resource on the server", "(TYPE/NAME ... | -f FILENAME)"};
    verb.flags = {kFieldManager, kFilename, kKustomize, kRecursive, kSaveConfig, kSelector, kShowManaged, kValidate,
                  {'o', "output", FlagSpec::Type::Text, "yaml", "yaml or json."}};
    verb.run = runEdit;
    verb.operand = Operand::Resource;
    verb.examples = {"# In vi", "kubectl edit deploy/web", "# In another editor", "KUBE_EDITOR=nano kubectl edit svc/web"};
    return verb;
}

} // namespace core::shell::kubectl
