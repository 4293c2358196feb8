#include "catalog/store/service_record.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

#include "catalog/store/stored_json.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

constexpr size_t kMaxStoredBytes = size_t{16} << 20;
// Generations that can be gone back to.
constexpr size_t kKeptGenerations = 3;
constexpr size_t kKeptFailures = 3;

EarlierGeneration GenerationOf(const ServiceRecord& record) {
  return {record.release, record.version, record.tree,
          record.source,  record.options, record.features};
}

// Records of earlier versions do not know the content.
bool IsSame(const EarlierGeneration& known, EarlierGeneration other) {
  if (known.tree.empty()) other.tree.clear();
  return known == other;
}

JsonValue StoredGenerations(const std::vector<EarlierGeneration>& earlier) {
  JsonValue list = JsonValue::Array();
  for (const EarlierGeneration& generation : earlier) {
    list.items().push_back(
        JsonValue::Object({{"release", JsonValue::Integer(generation.release)},
                           {"version", StoredText(generation.version)},
                           {"tree", StoredText(generation.tree)},
                           {"source", StoredText(generation.source)},
                           {"options", StoredText(generation.options)},
                           {"features", StoredStrings(generation.features)}}));
  }
  return list;
}

absl::StatusOr<std::vector<EarlierGeneration>> GenerationsFromJson(
    const JsonValue& json) {
  std::vector<EarlierGeneration> earlier;
  for (const JsonValue& item : json.items()) {
    StoredObject stored(item, "earlier generation of a service");
    EarlierGeneration& generation = earlier.emplace_back();
    generation.release = stored.Integer("release");
    generation.version = stored.String("version");
    if (stored.Optional("tree") != nullptr) {
      generation.tree = stored.String("tree");
    }
    generation.source = stored.String("source");
    generation.options = stored.String("options");
    generation.features = stored.Strings("features");
    ORRERY_RETURN_IF_ERROR(stored.status());
  }
  return earlier;
}

JsonValue StoredFailures(const std::vector<FailedRelease>& failed) {
  JsonValue list = JsonValue::Array();
  for (const FailedRelease& one : failed) {
    list.items().push_back(
        JsonValue::Object({{"release", JsonValue::Integer(one.release)},
                           {"tree", StoredText(one.tree)},
                           {"source", StoredText(one.source)},
                           {"time", StoredTime(one.time)},
                           {"message", StoredText(one.message)}}));
  }
  return list;
}

absl::StatusOr<std::vector<FailedRelease>> FailuresFromJson(
    const JsonValue& json) {
  std::vector<FailedRelease> failed;
  for (const JsonValue& item : json.items()) {
    StoredObject stored(item, "failed release of a service");
    failed.push_back({stored.Integer("release"), stored.String("tree"),
                      stored.String("source"),
                      stored.Time("time").value_or(absl::UnixEpoch()),
                      stored.String("message")});
    ORRERY_RETURN_IF_ERROR(stored.status());
  }
  return failed;
}

void Forget(int64_t release, absl::string_view tree, absl::string_view source,
            std::vector<FailedRelease>* failed) {
  std::erase_if(*failed, [&](const FailedRelease& one) {
    return one.release == release && one.tree == tree && one.source == source;
  });
}

bool IsServiceNamePart(absl::string_view part) {
  constexpr size_t kMaxLength = 63;
  const auto allowed = [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
  };
  return !part.empty() && part.size() <= kMaxLength && part.front() != '-' &&
         part.back() != '-' && std::all_of(part.begin(), part.end(), allowed);
}

}  // namespace

JsonValue StoredBindings(const std::vector<ServiceBinding>& bindings) {
  JsonValue list = JsonValue::Array();
  for (const ServiceBinding& binding : bindings) {
    list.items().push_back(
        JsonValue::Object({{"option", StoredText(binding.option)},
                           {"provider", StoredText(binding.provider)},
                           {"output", StoredText(binding.output)}}));
  }
  return list;
}

absl::StatusOr<std::vector<ServiceBinding>> BindingsFromJson(
    const JsonValue& json) {
  std::vector<ServiceBinding> bindings;
  for (const JsonValue& item : json.items()) {
    StoredObject binding(item, "binding of a service");
    bindings.push_back({binding.String("option"), binding.String("provider"),
                        binding.String("output")});
    ORRERY_RETURN_IF_ERROR(binding.status());
  }
  return bindings;
}

JsonValue StoredArtifacts(const std::vector<ArtifactPin>& artifacts) {
  JsonValue list = JsonValue::Array();
  for (const ArtifactPin& artifact : artifacts) {
    JsonValue item =
        JsonValue::Object({{"uri", StoredText(artifact.uri)},
                           {"sha256", StoredText(artifact.sha256)}});
    if (artifact.size.has_value()) {
      item.Set("size", JsonValue::Integer(*artifact.size));
    }
    list.items().push_back(std::move(item));
  }
  return list;
}

absl::StatusOr<std::vector<ArtifactPin>> ArtifactsFromJson(
    const JsonValue& json) {
  std::vector<ArtifactPin> artifacts;
  for (const JsonValue& item : json.items()) {
    StoredObject artifact(item, "artifact");
    ArtifactPin& pin = artifacts.emplace_back();
    pin.uri = artifact.String("uri");
    pin.sha256 = artifact.String("sha256");
    if (artifact.Optional("size") != nullptr) {
      pin.size = artifact.Integer("size");
    }
    ORRERY_RETURN_IF_ERROR(artifact.status());
  }
  return artifacts;
}

void NoteGeneration(const ServiceRecord& before, ServiceRecord* record) {
  const EarlierGeneration was = GenerationOf(before);
  const EarlierGeneration is = GenerationOf(*record);
  if (IsSame(was, is)) return;
  record->earlier = before.earlier;
  if (!record->earlier.empty() && IsSame(record->earlier.back(), is)) {
    record->earlier.pop_back();
    return;
  }
  record->earlier.push_back(was);
  if (record->earlier.size() > kKeptGenerations) {
    record->earlier.erase(record->earlier.begin());
  }
}

void NoteFailure(FailedRelease failed, ServiceRecord* record) {
  std::vector<FailedRelease>& known = record->failed;
  Forget(failed.release, failed.tree, failed.source, &known);
  known.push_back(std::move(failed));
  if (known.size() > kKeptFailures) known.erase(known.begin());
}

void ForgetFailure(ServiceRecord* record) {
  Forget(record->release, record->tree, record->source, &record->failed);
}

absl::Status CheckServiceName(absl::string_view name) {
  constexpr size_t kMaxLength = 127;
  const std::vector<absl::string_view> parts = absl::StrSplit(name, '/');
  if (name.size() <= kMaxLength &&
      std::all_of(parts.begin(), parts.end(), IsServiceNamePart)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "'", name.substr(0, kMaxLength + 1),
      "' is no service name: 1 to 63 characters of a-z, 0-9 and '-' are "
      "allowed, no '-' at either end; folders, as in 'folder/name', are "
      "the same; 127 in all"));
}

std::string WriteServiceRecord(const ServiceRecord& record) {
  return registry::WriteJson(JsonValue::Object(
      {{"name", StoredText(record.name)},
       {"cluster", StoredText(record.cluster)},
       {"package", StoredText(record.package)},
       {"release", JsonValue::Integer(record.release)},
       {"version", StoredText(record.version)},
       {"revision", JsonValue::Integer(record.revision)},
       {"tree", StoredText(record.tree)},
       {"source", StoredText(record.source)},
       {"source_url", StoredText(record.source_url)},
       {"options", StoredText(record.options)},
       {"features", StoredStrings(record.features)},
       {"computed", StoredText(record.computed)},
       {"secrets", StoredStrings(record.secrets)},
       {"bindings", StoredBindings(record.bindings)},
       {"added_for", StoredStrings(record.added_for)},
       {"manifest", StoredText(record.manifest)},
       {"artifacts", StoredArtifacts(record.artifacts)},
       {"package_json", StoredText(record.package_json)},
       {"relations", StoredText(record.relations)},
       {"instances", JsonValue::Integer(record.instances)},
       {"earlier", StoredGenerations(record.earlier)},
       {"failed", StoredFailures(record.failed)},
       {"established", JsonValue::Integer(record.established ? 1 : 0)},
       {"operation", StoredText(record.operation)},
       {"create_time", StoredTime(record.create_time)}}));
}

absl::StatusOr<ServiceRecord> ReadServiceRecord(absl::string_view text) {
  ORRERY_ASSIGN_OR_RETURN(
      const registry::JsonDocument document,
      registry::ParseJson(text, {.max_bytes = kMaxStoredBytes}));
  StoredObject stored(document.root, "service");
  ServiceRecord record;
  record.name = stored.String("name");
  record.cluster = stored.String("cluster");
  record.package = stored.String("package");
  record.release = stored.Integer("release");
  record.version = stored.String("version");
  record.source = stored.String("source");
  record.source_url = stored.String("source_url");
  record.options = stored.String("options");
  // Those of earlier versions have none of these.
  if (stored.Optional("tree") != nullptr) {
    record.revision = stored.Integer("revision");
    record.tree = stored.String("tree");
  }
  if (stored.Optional("computed") != nullptr) {
    record.computed = stored.String("computed");
  }
  if (stored.Optional("secrets") != nullptr) {
    record.secrets = stored.Strings("secrets");
  }
  if (stored.Optional("features") != nullptr) {
    record.features = stored.Strings("features");
  }
  if (const JsonValue* bindings = stored.Optional("bindings")) {
    ORRERY_ASSIGN_OR_RETURN(record.bindings, BindingsFromJson(*bindings));
  }
  if (stored.Optional("added_for") != nullptr) {
    record.added_for = stored.Strings("added_for");
  }
  record.manifest = stored.String("manifest");
  if (stored.Optional("package_json") != nullptr) {
    record.package_json = stored.String("package_json");
    record.relations = stored.String("relations");
  }
  if (const JsonValue* artifacts = stored.Optional("artifacts")) {
    ORRERY_ASSIGN_OR_RETURN(record.artifacts, ArtifactsFromJson(*artifacts));
  }
  if (const JsonValue* earlier = stored.Optional("earlier")) {
    ORRERY_ASSIGN_OR_RETURN(record.earlier, GenerationsFromJson(*earlier));
  }
  if (const JsonValue* failed = stored.Optional("failed")) {
    ORRERY_ASSIGN_OR_RETURN(record.failed, FailuresFromJson(*failed));
  }
  record.instances = static_cast<int>(stored.Integer("instances"));
  record.established = stored.Integer("established") != 0;
  record.operation = stored.String("operation");
  record.create_time = stored.Time("create_time").value_or(absl::UnixEpoch());
  ORRERY_RETURN_IF_ERROR(stored.status());
  return record;
}

}  // namespace orrery::catalog
