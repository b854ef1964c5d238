#include "sim/kube/api/schema.h"

#include "sim/kube/api/api_server.h"

#include <algorithm>
#include <iterator>
#include <memory>

namespace sim::kube {

namespace {

/// "Struct.field", or "*.field" in any struct.
struct MergeRule {
    std::string_view field;
    std::string_view mergeKey;
    std::string_view listKeys; ///< comma-separated
};

constexpr MergeRule kRules[] = {
    {"PodSpec.containers", "name", "name"},
    {"PodSpec.initContainers", "name", "name"},
    {"PodSpec.ephemeralContainers", "name", "name"},
    {"PodSpec.volumes", "name", "name"},
    {"PodSpec.imagePullSecrets", "name", "name"},
    {"PodSpec.hostAliases", "ip", "ip"},
    {"PodSpec.topologySpreadConstraints", "topologyKey", "topologyKey,whenUnsatisfiable"},
    {"PodSpec.schedulingGates", "name", "name"},
    {"Container.env", "name", "name"},
    {"Container.ports", "containerPort", "containerPort,protocol"},
    {"Container.volumeMounts", "mountPath", "mountPath"},
    {"EphemeralContainer.env", "name", "name"},
    {"EphemeralContainer.ports", "containerPort", "containerPort,protocol"},
    {"EphemeralContainer.volumeMounts", "mountPath", "mountPath"},
    {"ServiceSpec.ports", "port", "port,protocol"},
    {"ServiceAccount.secrets", "name", "name"},
    {"NodeStatus.addresses", "type", "type"},
    {"PodStatus.podIPs", "ip", "ip"},
    {"PodStatus.hostIPs", "ip", ""},
    {"*.conditions", "type", "type"},
    {"ObjectMeta.ownerReferences", "uid", "uid"},
    {"MutatingWebhookConfiguration.webhooks", "name", "name"},
    {"ValidatingWebhookConfiguration.webhooks", "name", "name"},
};

constexpr std::string_view kSets[] = {"ObjectMeta.finalizers", "NodeSpec.podCIDRs"};
constexpr std::string_view kRetainKeys[] = {"DeploymentSpec.strategy", "PodSpec.volumes"};
constexpr std::string_view kAtomicMaps[] = {"PodSpec.nodeSelector", "ServiceSpec.selector"};
constexpr std::string_view kAtomicStructs[] = {"LabelSelector", "SecretKeySelector", "ConfigMapKeySelector", "ObjectFieldSelector", "ResourceFieldSelector",
    "NodeSelector", "NodeSelectorTerm", "ObjectReference", "LocalObjectReference", "TypedLocalObjectReference", "RoleRef", "ScopeSelector",
    "TypedObjectReference", "Subject"};
constexpr std::string_view kAlways[] = {"PodSpec.containers", "*.selector", "*.template", "ServiceSpec.ports"};

bool names(std::string_view rule, std::string_view owner, std::string_view field)
{
    const std::size_t dot = rule.find('.');
    const std::string_view struct_ = rule.substr(0, dot);
    return rule.substr(dot + 1) == field && (struct_ == "*" || struct_ == owner);
}

template <class List>
bool contains(const List& rules, std::string_view owner, std::string_view field)
{
    for (const std::string_view rule : rules)
        if (names(rule, owner, field))
            return true;
    return false;
}

/// One description of each struct, shared by all the fields that hold it.
class Graph {
public:
    Graph()
    {
        for (std::size_t kind = 0; kind < kKindCount; ++kind) {
            const KindInfo& info = kindInfo(static_cast<KindId>(kind));
            if (kind != kindIdOf<CustomObject>)
                m_kinds[kind] = fill(std::string(info.kind), fieldsOf(info.id));
        }
    }
    const StructSchema* kind(KindId id) const { return m_kinds[id]; }

private:
    using Children = std::vector<FieldInfo> (*)();

    const StructSchema* of(const std::string& name, Children children)
    {
        const auto known = m_known.find(children);
        if (known != m_known.end())
            return known->second;
        auto& slot = *m_all.emplace_back(std::make_unique<StructSchema>());
        m_known.emplace(children, &slot); // before its fields: a struct may hold itself
        fillInto(slot, name, children());
        return &slot;
    }
    const StructSchema* fill(std::string name, const std::vector<FieldInfo>& fields)
    {
        auto& slot = *m_all.emplace_back(std::make_unique<StructSchema>());
        fillInto(slot, std::move(name), fields);
        return &slot;
    }
    void fillInto(StructSchema& schema, std::string name, const std::vector<FieldInfo>& fields)
    {
        schema.name = std::move(name);
        for (const FieldInfo& info : fields)
            schema.fields.emplace(info.name, field(schema.name, info));
    }
    FieldSchema field(const std::string& owner, const FieldInfo& info)
    {
        FieldSchema field;
        constexpr std::string_view kMap = "map[string]";
        std::string_view type = info.type;
        const bool list = type.starts_with("[]");
        const bool map = type.starts_with(kMap);
        type.remove_prefix(list ? 2 : map ? kMap.size() : 0);
        field.type = type;
        if (info.children != nullptr)
            field.element = of(field.type, info.children);
        field.shape = list ? FieldSchema::Shape::List : map ? FieldSchema::Shape::Map
            : info.children != nullptr ? FieldSchema::Shape::Struct : FieldSchema::Shape::Scalar;
        if (list)
            for (const MergeRule& rule : kRules)
                if (names(rule.field, owner, info.name) && owner != "JobStatus") { // whose conditions are owned as a whole (golden case 12)
                    field.mergeKey = rule.mergeKey;
                    std::string_view keys = rule.listKeys;
                    while (!keys.empty()) {
                        const std::size_t comma = keys.find(',');
                        field.listKeys.emplace_back(keys.substr(0, comma));
                        keys.remove_prefix(comma == std::string_view::npos ? keys.size() : comma + 1);
                    }
                }
        field.set = list && contains(kSets, owner, info.name);
        field.mergeValues = field.set;
        field.retainKeys = contains(kRetainKeys, owner, info.name);
        field.always = contains(kAlways, owner, info.name);
        field.atomic = (map && contains(kAtomicMaps, owner, info.name))
            || (field.shape == FieldSchema::Shape::Struct && std::find(std::begin(kAtomicStructs), std::end(kAtomicStructs), type)
                                                                 != std::end(kAtomicStructs));
        return field;
    }

    std::vector<std::unique_ptr<StructSchema>> m_all;
    std::map<Children, const StructSchema*> m_known;
    const StructSchema* m_kinds[kKindCount] = {};
};

} // namespace

const FieldSchema* StructSchema::find(std::string_view field) const
{
    const auto it = fields.find(field);
    return it == fields.end() ? nullptr : &it->second;
}

const StructSchema* schemaOf(KindId kind)
{
    static const Graph graph;
    FL_ASSERT(kind < kKindCount);
    return graph.kind(kind);
}

const FieldSchema* listNamed(std::string_view field)
{
    static const std::map<std::string, FieldSchema, std::less<>> lists = [] {
        std::map<std::string, FieldSchema, std::less<>> all;
        for (const MergeRule& rule : kRules) {
            FieldSchema list;
            list.shape = FieldSchema::Shape::List;
            list.mergeKey = rule.mergeKey;
            list.retainKeys = rule.field == "PodSpec.volumes";
            all.emplace(rule.field.substr(rule.field.find('.') + 1), std::move(list)); // the first of a name: containers' ports
        }
        FieldSchema finalizers;
        finalizers.shape = FieldSchema::Shape::List;
        finalizers.mergeValues = true;
        all.emplace("finalizers", std::move(finalizers));
        return all;
    }();
    const auto it = lists.find(field);
    return it == lists.end() ? nullptr : &it->second;
}

} // namespace sim::kube
