#include "catalog/manifest/unknown_fields.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

#include "resolver/spelling.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

struct Place {
  // `()` stands for each item of an array.
  absl::string_view path;
  // Separated by spaces.
  absl::string_view fields;
};

// The objects of an app with names of their own; what is in others, as in `env`
// and `labels`, anybody may name.
constexpr absl::string_view kPortMapping =
    "containerPort hostPort labels name networkNames protocol servicePort";
constexpr Place kPlaces[] = {
    {"",
     "acceptedResourceRoles args backoffFactor backoffSeconds check cmd "
     "constraints container cpus dependencies disk env executor "
     "executorResources fetch gpus healthChecks id instances ipAddress "
     "killSelection labels maxLaunchDelaySeconds mem networks portDefinitions "
     "ports readinessChecks requirePorts residency resourceLimits role secrets "
     "taskKillGracePeriodSeconds tty unreachableStrategy upgradeStrategy uris "
     "user version versionInfo"},
    {"/check", "delaySeconds exec http intervalSeconds tcp timeoutSeconds"},
    {"/check/exec", "command"},
    {"/check/exec/command", "argv shell"},
    {"/check/http", "path port portIndex scheme"},
    {"/check/tcp", "port portIndex"},
    {"/container", "docker linuxInfo portMappings type volumes"},
    {"/container/docker",
     "credential forcePullImage image network parameters portMappings "
     "privileged pullConfig"},
    {"/container/docker/credential", "principal secret"},
    {"/container/docker/parameters()", "key value"},
    {"/container/docker/portMappings()", kPortMapping},
    {"/container/docker/pullConfig", "secret"},
    {"/container/linuxInfo", "ipcInfo seccomp"},
    {"/container/linuxInfo/ipcInfo", "mode shmSize"},
    {"/container/linuxInfo/seccomp", "profileName unconfined"},
    {"/container/portMappings()", kPortMapping},
    {"/container/volumes()",
     "containerPath external hostPath mode persistent secret"},
    {"/container/volumes()/persistent",
     "constraints maxSize profileName size type"},
    {"/container/volumes()/external", "name options provider shared size"},
    {"/executorResources", "cpus disk mem"},
    {"/fetch()", "cache destPath executable extract uri"},
    {"/healthChecks()",
     "command delaySeconds gracePeriodSeconds ignoreHttp1xx intervalSeconds "
     "ipProtocol maxConsecutiveFailures path port portIndex protocol "
     "timeoutSeconds"},
    {"/healthChecks()/command", "value"},
    {"/ipAddress", "discovery groups labels networkName"},
    {"/ipAddress/discovery", "ports"},
    {"/ipAddress/discovery/ports()", "labels name number protocol"},
    {"/networks()", "labels mode name"},
    {"/portDefinitions()", "labels name port protocol"},
    {"/readinessChecks()",
     "httpStatusCodesForReady intervalSeconds name path portName "
     "preserveLastResponse protocol timeoutSeconds"},
    {"/residency", "relaunchEscalationTimeoutSeconds taskLostBehavior"},
    {"/resourceLimits", "cpus mem"},
    {"/unreachableStrategy", "expungeAfterSeconds inactiveAfterSeconds"},
    {"/upgradeStrategy", "maximumOverCapacity minimumHealthCapacity"},
};

// A word that lacks its end, such as `interval`, is meant more often than one
// with a typing error.
std::string Nearest(absl::string_view name,
                    const std::vector<std::string>& known) {
  const auto longer = std::find_if(known.begin(), known.end(),
                                   [name](const std::string& field) {
                                     return absl::StartsWith(field, name);
                                   });
  if (longer != known.end()) return *longer;
  const std::vector<std::string> near = resolver::NearestWords(name, known, 1);
  return near.empty() ? "" : near.front();
}

void Visit(const JsonValue& value, const std::string& path,
           const std::string& pointer, std::vector<UnknownField>* unknown) {
  for (size_t i = 0; i < value.items().size(); ++i) {
    Visit(value.items()[i], absl::StrCat(path, "()"),
          absl::StrCat(pointer, "/", i), unknown);
  }
  const Place* const place =
      std::find_if(std::begin(kPlaces), std::end(kPlaces),
                   [&path](const Place& one) { return one.path == path; });
  if (place == std::end(kPlaces)) return;
  const std::vector<std::string> known = absl::StrSplit(place->fields, ' ');
  for (const auto& [name, member] : value.members()) {
    if (member.is_null()) continue;
    const std::string at = absl::StrCat(pointer, registry::PointerStep(name));
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      unknown->push_back({at, Nearest(name, known)});
    } else {
      Visit(member, absl::StrCat(path, "/", name), at, unknown);
    }
  }
}

}  // namespace

std::vector<UnknownField> UnknownMarathonFields(const JsonValue& app) {
  std::vector<UnknownField> unknown;
  Visit(app, "", "", &unknown);
  return unknown;
}

}  // namespace orrery::catalog
