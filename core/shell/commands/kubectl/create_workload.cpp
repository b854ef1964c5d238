#include "core/shell/commands/kubectl/create.h"

#include <fmt/core.h>

namespace core::shell::kubectl {

namespace {

/// A container is named after the last part of its image, without tag and digest.
std::string containerName(const std::string& image)
{
    const std::size_t slash = image.rfind('/');
    std::string name = image.substr(slash == std::string::npos ? 0 : slash + 1);
    name = name.substr(0, name.find_first_of(":@"));
    for (char& c : name)
        c = c == '_' || c == '.' ? '-' : c;
    return name;
}

int runCreateDeployment(Call& call)
{
    if (!requireFlag(call, "image"))
        return 1;
    const auto name = oneName(call);
    if (!name)
        return 1;
    const std::vector<std::string> images = call.flags.list("image");
    if (images.size() > 1 && !call.afterDash.empty())
        return call.fail("cannot specify multiple --image options and command");
    if (call.flags.number("replicas") < 0)
        return call.fail(fmt::format("the replicas must be greater or equal than 0: --replicas={}",
                                     call.flags.text("replicas")));
    const Json labels{{"app", *name}};
    Json containers = Json::array();
    for (const std::string& image : images) {
        Json container{{"image", image}, {"name", containerName(image)}, {"resources", Json::object()}};
        if (!call.afterDash.empty())
            container["command"] = call.afterDash;
        containers.push_back(std::move(container));
    }
    if (call.flags.number("port") >= 0)
        containers.front()["ports"] = Json::array({Json{{"containerPort", call.flags.number("port")}}});
    const ResourceKind& kind = *findResource("deployments");
    Json object = newObject(kind, *name, labels);
    object["spec"] = Json{{"replicas", call.flags.number("replicas")},
                          {"selector", {{"matchLabels", labels}}},
                          {"strategy", Json::object()},
                          {"template",
                           {{"metadata", {{"creationTimestamp", nullptr}, {"labels", labels}}},
                            {"spec", {{"containers", std::move(containers)}}}}}};
    object["status"] = Json::object();
    return createObject(call, kind, std::move(object), "failed to create deployment: ");
}

/// A Job as the CronJob would make it, now.
int createJobFrom(Call& call, const std::string& name)
{
    const std::string from = call.flags.text("from");
    const std::size_t slash = from.find('/');
    const ResourceKind* source = findResource(from.substr(0, slash));
    if (slash == std::string::npos || source == nullptr || source->kind != "CronJob")
        return call.fail(fmt::format("from must be an existing cronjob: {}", from));
    const sim::kube::Response found = call.client.get(*source, call.nameSpace(), from.substr(slash + 1));
    if (!succeeded(found))
        return call.refused(found);
    const ResourceKind& kind = *findResource("jobs");
    const Json& pattern = at(found.body, {"spec", "jobTemplate"});
    Json object = newObject(kind, name, at(pattern, {"metadata", "labels"}));
    object["metadata"]["annotations"] = at(pattern, {"metadata", "annotations"}).is_object() ? at(pattern, {"metadata", "annotations"}) : Json::object();
    object["metadata"]["annotations"]["cronjob.kubernetes.io/instantiate"] = "manual";
    object["metadata"]["ownerReferences"] = Json::array({{{"apiVersion", source->apiVersion()}, {"controller", true}, {"kind", source->kind},
                                                          {"name", from.substr(slash + 1)}, {"uid", textAt(found.body, {"metadata", "uid"})}}});
    object["spec"] = at(pattern, {"spec"});
    object["status"] = Json::object();
    return createObject(call, kind, std::move(object), "failed to create job: ");
}

int runCreateJob(Call& call)
{
    const auto name = oneName(call);
    if (!name)
        return 1;
    if (!call.flags.text("from").empty())
        return createJobFrom(call, *name);
    if (call.flags.text("image").empty())
        return call.fail("either --image or --from must be specified");
    Json container{{"image", call.flags.text("image")}, {"name", *name}, {"resources", Json::object()}};
    if (!call.afterDash.empty())
        container["command"] = call.afterDash;
    const ResourceKind& kind = *findResource("jobs");
    Json object = newObject(kind, *name);
    object["spec"]["template"] = Json{
        {"metadata", {{"creationTimestamp", nullptr}}},
        {"spec", {{"containers", Json::array({std::move(container)})}, {"restartPolicy", "Never"}}}};
    object["status"] = Json::object();
    return createObject(call, kind, std::move(object), "failed to create job: ");
}

int runCreateCronJob(Call& call)
{
    const auto name = oneName(call);
    if (!name)
        return 1;
    if (call.flags.text("image").empty())
        return call.fail("--image must be specified");
    if (call.flags.text("schedule").empty())
        return call.fail("--schedule must be specified");
    Json container{{"image", call.flags.text("image")}, {"name", *name}, {"resources", Json::object()}};
    if (!call.afterDash.empty())
        container["command"] = call.afterDash;
    const ResourceKind& kind = *findResource("cronjobs");
    Json object = newObject(kind, *name);
    const std::string restart = call.flags.text("restart");
    object["spec"] = Json{
        {"jobTemplate",
         {{"metadata", {{"creationTimestamp", nullptr}, {"name", *name}}},
          {"spec",
           {{"template",
             {{"metadata", {{"creationTimestamp", nullptr}}},
              {"spec", {{"containers", Json::array({std::move(container)})}, {"restartPolicy", restart.empty() ? "OnFailure" : restart}}}}}}}}},
        {"schedule", call.flags.text("schedule")}};
    object["status"] = Json::object();
    return createObject(call, kind, std::move(object), "failed to create cronjob: ");
}

} // namespace

Verb createCronJobVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"cronjob", {}, "Create a cron job with the specified name", "NAME --image=image --schedule='0/5 * * * ?' -- [COMMAND] [args...]"};
    verb.flags = generatorFlags({{0, "image", T::Text, "", "The image to run."},
                                 {0, "restart", T::Text, "", "OnFailure or Never; OnFailure without it."},
                                 {0, "schedule", T::Text, "", "When, in five fields: minute, hour, day, month, weekday."}});
    verb.run = runCreateCronJob;
    verb.examples = {"# Every five minutes", "kubectl create cronjob often --image=busybox --schedule='*/5 * * * *' -- date"};
    verb.aliases = {"cj"};
    return verb;
}

Verb createDeploymentVerb()
{
    using T = FlagSpec::Type;
    Verb verb{"deployment", {}, "Create a deployment with the specified name",
              "NAME --image=image -- [COMMAND] [args...]"};
    verb.flags = generatorFlags({{0, "image", T::List, "", "The image to run; several make several containers."},
                                 {0, "port", T::Number, "-1", "The port that the container listens on."},
                                 {'r', "replicas", T::Number, "1", "How many pods."}});
    verb.run = runCreateDeployment;
    verb.examples = {"# Three pods of an image", "kubectl create deployment web --image=nginx --replicas=3"};
    verb.aliases = {"deploy"};
    return verb;
}

Verb createJobVerb()
{
    Verb verb{"job", {}, "Create a job with the specified name", "NAME --image=image -- [COMMAND] [args...]"};
    verb.flags = generatorFlags({{0, "from", FlagSpec::Type::Text, "", "A CronJob to take the Job from, as cronjob/NAME."},
                                 {0, "image", FlagSpec::Type::Text, "", "The image to run."}});
    verb.run = runCreateJob;
    verb.examples = {"# Run a command once", "kubectl create job once --image=busybox -- date"};
    return verb;
}

} // namespace core::shell::kubectl
