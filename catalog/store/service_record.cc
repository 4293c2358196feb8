#include "catalog/store/service_record.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

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

JsonValue GenerationToJson(const EarlierGeneration& generation) {
  return JsonValue::Object({{"release", JsonValue::Integer(generation.release)},
                            {"version", StoredText(generation.version)},
                            {"tree", StoredText(generation.tree)},
                            {"source", StoredText(generation.source)},
                            {"options", StoredText(generation.options)},
                            {"features", StoredStrings(generation.features)}});
}

EarlierGeneration ReadGeneration(StoredObject& stored) {
  EarlierGeneration generation;
  generation.release = stored.Integer("release");
  generation.version = stored.String("version");
  if (stored.Has("tree")) generation.tree = stored.String("tree");
  generation.source = stored.String("source");
  generation.options = stored.String("options");
  generation.features = stored.Strings("features");
  return generation;
}

JsonValue FailureToJson(const FailedRelease& failed) {
  return JsonValue::Object({{"release", JsonValue::Integer(failed.release)},
                            {"tree", StoredText(failed.tree)},
                            {"source", StoredText(failed.source)},
                            {"time", StoredTime(failed.time)},
                            {"message", StoredText(failed.message)}});
}

FailedRelease ReadFailure(StoredObject& stored) {
  return {stored.Integer("release"), stored.String("tree"),
          stored.String("source"),
          stored.Time("time").value_or(absl::UnixEpoch()),
          stored.String("message")};
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

JsonValue BindingToJson(const ServiceBinding& binding) {
  return JsonValue::Object({{"option", StoredText(binding.option)},
                            {"provider", StoredText(binding.provider)},
                            {"output", StoredText(binding.output)}});
}

ServiceBinding ReadBinding(StoredObject& stored) {
  return {stored.String("option"), stored.String("provider"),
          stored.String("output")};
}

JsonValue ArtifactToJson(const ArtifactPin& artifact) {
  JsonValue json = JsonValue::Object({{"uri", StoredText(artifact.uri)},
                                      {"sha256", StoredText(artifact.sha256)}});
  if (artifact.size.has_value()) {
    json.Set("size", JsonValue::Integer(*artifact.size));
  }
  return json;
}

ArtifactPin ReadArtifact(StoredObject& stored) {
  ArtifactPin artifact;
  artifact.uri = stored.String("uri");
  artifact.sha256 = stored.String("sha256");
  if (stored.Has("size")) artifact.size = stored.Integer("size");
  return artifact;
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
       {"bindings", StoredList(record.bindings, BindingToJson)},
       {"added_for", StoredStrings(record.added_for)},
       {"manifest", StoredText(record.manifest)},
       {"artifacts", StoredList(record.artifacts, ArtifactToJson)},
       {"package_json", StoredText(record.package_json)},
       {"relations", StoredText(record.relations)},
       {"instances", JsonValue::Integer(record.instances)},
       {"earlier", StoredList(record.earlier, GenerationToJson)},
       {"failed", StoredList(record.failed, FailureToJson)},
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
  if (stored.Has("tree")) {
    record.revision = stored.Integer("revision");
    record.tree = stored.String("tree");
  }
  if (stored.Has("computed")) record.computed = stored.String("computed");
  if (stored.Has("secrets")) record.secrets = stored.Strings("secrets");
  if (stored.Has("features")) record.features = stored.Strings("features");
  if (stored.Has("bindings")) {
    record.bindings =
        stored.List("bindings", "binding of a service", ReadBinding);
  }
  if (stored.Has("added_for")) record.added_for = stored.Strings("added_for");
  record.manifest = stored.String("manifest");
  if (stored.Has("package_json")) {
    record.package_json = stored.String("package_json");
    record.relations = stored.String("relations");
  }
  if (stored.Has("artifacts")) {
    record.artifacts = stored.List("artifacts", "artifact", ReadArtifact);
  }
  if (stored.Has("earlier")) {
    record.earlier = stored.List("earlier", "earlier generation of a service",
                                 ReadGeneration);
  }
  if (stored.Has("failed")) {
    record.failed =
        stored.List("failed", "failed release of a service", ReadFailure);
  }
  record.instances = static_cast<int>(stored.Integer("instances"));
  record.established = stored.Integer("established") != 0;
  record.operation = stored.String("operation");
  record.create_time = stored.Time("create_time").value_or(absl::UnixEpoch());
  ORRERY_RETURN_IF_ERROR(stored.status());
  return record;
}

}  // namespace orrery::catalog
