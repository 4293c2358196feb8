#ifndef CATALOG_VERIFY_PLAN_DOCUMENT_H_
#define CATALOG_VERIFY_PLAN_DOCUMENT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/format/json_value.h"

namespace orrery::catalog {

// A step of a plan as the server has fixed it. Nobody believes it: it says what
// would be done, and every word that can be is checked.
struct ClaimedStep {
  // `apply`, `update` or `remove`.
  std::string action;
  std::string service;
  std::string package;
  std::string source;
  std::string version;
  std::string tree;
  int64_t release = 0;
  int64_t revision = 0;
  // The service runs this very content already. Not the plan's to say.
  bool keeps_content = false;
  // The user's options, an object.
  registry::JsonValue options = registry::JsonValue::Object();
  registry::JsonValue manifest;
  std::string package_json;
  // In force; empty for none.
  std::string relations;
  // SHA-256 in hex by URI.
  std::map<std::string, std::string> artifacts;
  // Features that are on, and nodes and facts that it uses.
  std::vector<std::string> features;
  std::vector<std::string> providers;

  bool runs_something() const { return action != "remove"; }
  // `kafka`, or `kafka@prod` when the service has another name.
  std::string node() const {
    return service == package ? package : package + "@" + service;
  }
};

// Reads the text that the id of a plan is the SHA-256 of, and compares it with
// the plan that is shown to people. plan.digest when it has another digest,
// cannot be read, or says something else.
absl::StatusOr<std::vector<ClaimedStep>> ReadPlanDocument(
    absl::string_view id, absl::string_view document,
    const registry::JsonValue& shown);

}  // namespace orrery::catalog

#endif  // CATALOG_VERIFY_PLAN_DOCUMENT_H_
