#ifndef CATALOG_SERVICE_RECORD_H_
#define CATALOG_SERVICE_RECORD_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/orchestrator/orchestrator.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {

// What a service uses: an option that an output of another one fills, another
// one that fills none, or a fact of the cluster that meets a requirement in the
// place of a service.
struct ServiceBinding {
  // JSON pointer.
  std::string option;
  // Node text of the service: `kafka`, `kafka@prod`; or a fact: `@kind`.
  std::string provider;
  std::string output;

  bool operator==(const ServiceBinding&) const = default;
};

// What a service once ran as, and can run as again.
struct EarlierGeneration {
  int64_t release = 0;
  // Label of the release.
  std::string version;
  // Name of the release's source.
  std::string source;
  // As of ServiceRecord.
  std::string options = "{}";
  std::vector<std::string> features;

  bool operator==(const EarlierGeneration&) const = default;
};

// What is kept of an installed service. It holds the definition it was made
// from, so that what runs can be served when the release is gone from its
// source.
struct ServiceRecord {
  std::string name;
  std::string cluster;
  std::string package;
  int64_t release = 0;
  // Label of the release.
  std::string version;
  // Of the release's content in the log; 0 and empty in records of versions
  // that kept no log.
  int64_t revision = 0;
  std::string tree;
  // Name and URL of the release's source.
  std::string source;
  std::string source_url;
  // The user's options without defaults, one JSON object as text.
  std::string options = "{}";
  // Features that are on, sorted.
  std::vector<std::string> features;
  // Options that relations set, under the user's; one JSON object as text.
  std::string computed = "{}";
  // What it uses of others; one that fills no option has none.
  std::vector<ServiceBinding> bindings;
  // Node texts of those that it came with because they need it, sorted; empty
  // when somebody asked for it.
  std::vector<std::string> added_for;
  // The Marathon app as JSON text, package definition included.
  std::string manifest;
  std::vector<ArtifactPin> artifacts;
  // The release's package.json and the relations that were in force, by which
  // it is judged when it is in no source any more; empty when there are none.
  std::string package_json;
  std::string relations;
  int instances = 0;
  // What it was before, as far as that ran as wanted; the latest last.
  std::vector<EarlierGeneration> earlier;
  // Whether it once ran as wanted.
  bool established = false;
  // Name of the operation that is under way; empty when none is.
  std::string operation;
  absl::Time create_time;
};

// Whether one of them points to `provider`, a node text.
bool Uses(const std::vector<ServiceBinding>& bindings,
          absl::string_view provider);

// Bindings in stored form, and back; kDataLoss when `json` is none.
registry::JsonValue StoredBindings(const std::vector<ServiceBinding>& bindings);
absl::StatusOr<std::vector<ServiceBinding>> BindingsFromJson(
    const registry::JsonValue& json);
// The same of artifacts.
registry::JsonValue StoredArtifacts(const std::vector<ArtifactPin>& artifacts);
absl::StatusOr<std::vector<ArtifactPin>> ArtifactsFromJson(
    const registry::JsonValue& json);

// Notes that `record` has taken the place of `before`, which ran: what it was
// can be gone back to. Going back to the latest of those takes it from the
// list, and being told other things by others is no new generation.
void NoteGeneration(const ServiceRecord& before, ServiceRecord* record);

// Accepts names that every target can carry: 1 to 63 characters of
// `[a-z0-9-]`, no dash at either end, and such names of folders before it, as
// in `folder/name`; 127 characters in all. kInvalidArgument otherwise.
absl::Status CheckServiceName(absl::string_view name);

// The stored form, and back; kDataLoss when `text` is none.
std::string WriteServiceRecord(const ServiceRecord& record);
absl::StatusOr<ServiceRecord> ReadServiceRecord(absl::string_view text);

}  // namespace orrery::catalog

#endif  // CATALOG_SERVICE_RECORD_H_
