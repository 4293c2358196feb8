#include "catalog/orchestrator/local/app_record.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

constexpr size_t kKeptFormerPorts = 8;

JsonValue TimeOrNull(const std::optional<absl::Time>& time) {
  return time.has_value() ? JsonValue::Integer(absl::ToUnixMicros(*time))
                          : JsonValue();
}

std::vector<std::vector<int>> PortsFrom(const JsonValue& value) {
  std::vector<std::vector<int>> ports;
  for (const JsonValue& instance : value.items()) {
    std::vector<int>& numbers = ports.emplace_back();
    for (const JsonValue& port : instance.items()) {
      numbers.push_back(static_cast<int>(port.AsInteger().value_or(0)));
    }
  }
  return ports;
}

}  // namespace

std::string EncodeAppRecord(const AppRecord& record) {
  std::vector<JsonValue> artifacts;
  for (const ArtifactPin& pin : record.artifacts) {
    artifacts.push_back(JsonValue::Object(
        {{"uri", JsonValue::String(pin.uri)},
         {"sha256", JsonValue::String(pin.sha256)},
         {"size", pin.size.has_value() ? JsonValue::Integer(*pin.size)
                                       : JsonValue()}}));
  }
  std::vector<JsonValue> ports;
  for (const std::vector<int>& instance : record.ports) {
    std::vector<JsonValue> numbers;
    for (const int port : instance) numbers.push_back(JsonValue::Integer(port));
    ports.push_back(JsonValue::Array(std::move(numbers)));
  }
  std::vector<JsonValue> valid;
  for (const int64_t generation : record.valid) {
    valid.push_back(JsonValue::Integer(generation));
  }
  std::vector<JsonValue> moved;
  for (const auto& [port, former] : record.former_ports) {
    std::vector<JsonValue> numbers = {JsonValue::Integer(port)};
    for (const int other : former) numbers.push_back(JsonValue::Integer(other));
    moved.push_back(JsonValue::Array(std::move(numbers)));
  }
  return registry::WriteJson(JsonValue::Object(
      {{"schema", JsonValue::Integer(1)},
       {"service", JsonValue::String(record.service)},
       {"manifest", JsonValue::String(record.manifest)},
       {"artifacts", JsonValue::Array(std::move(artifacts))},
       {"generation", JsonValue::Integer(record.generation)},
       {"valid", JsonValue::Array(std::move(valid))},
       {"create_time_us",
        JsonValue::Integer(absl::ToUnixMicros(record.create_time))},
       {"change_time_us",
        JsonValue::Integer(absl::ToUnixMicros(record.change_time))},
       {"ports", JsonValue::Array(std::move(ports))},
       {"former_ports", JsonValue::Array(std::move(moved))},
       {"deployed_time_us", TimeOrNull(record.deployed_time)},
       {"removing", JsonValue::Bool(record.removing)},
       {"run_once", JsonValue::Bool(record.run_once)}}));
}

absl::StatusOr<AppRecord> DecodeAppRecord(absl::string_view text) {
  registry::JsonLimits limits;
  limits.max_bytes = size_t{64} << 20;
  const absl::StatusOr<registry::JsonDocument> document =
      registry::ParseJson(text, limits);
  if (!document.ok()) {
    return absl::DataLossError(
        absl::StrCat("no app record: ", document.status().message()));
  }
  const JsonValue& root = document->root;
  const JsonValue* const schema = root.Find("schema");
  if (schema == nullptr || schema->AsInteger() != 1) {
    return absl::DataLossError(
        "no app record of schema 1; was it written by a newer orreryd");
  }
  AppRecord record;
  record.service = std::string(root.FindString("service"));
  record.manifest = std::string(root.FindString("manifest"));
  if (record.service.empty() || record.manifest.empty()) {
    return absl::DataLossError("app record without service or manifest");
  }
  if (const JsonValue* const artifacts = root.Find("artifacts")) {
    for (const JsonValue& pin : artifacts->items()) {
      const JsonValue* const size = pin.Find("size");
      record.artifacts.push_back(
          {std::string(pin.FindString("uri")),
           std::string(pin.FindString("sha256")),
           size == nullptr ? std::nullopt : size->AsInteger()});
    }
  }
  const auto integer = [&root](absl::string_view name) {
    const JsonValue* const value = root.Find(name);
    return value == nullptr ? std::nullopt : value->AsInteger();
  };
  record.generation = integer("generation").value_or(1);
  record.valid = {record.generation};
  if (const JsonValue* const valid = root.Find("valid")) {
    for (const JsonValue& generation : valid->items()) {
      record.valid.insert(generation.AsInteger().value_or(0));
    }
  }
  const int64_t create_time = integer("create_time_us").value_or(0);
  record.create_time = absl::FromUnixMicros(create_time);
  record.change_time =
      absl::FromUnixMicros(integer("change_time_us").value_or(create_time));
  if (const auto time = integer("deployed_time_us"); time.has_value()) {
    record.deployed_time = absl::FromUnixMicros(*time);
  }
  if (const JsonValue* const ports = root.Find("ports")) {
    record.ports = PortsFrom(*ports);
  }
  if (const JsonValue* const moved = root.Find("former_ports")) {
    for (const std::vector<int>& numbers : PortsFrom(*moved)) {
      if (numbers.empty()) continue;
      record.former_ports[numbers.front()] = {numbers.begin() + 1,
                                              numbers.end()};
    }
  }
  const auto flag = [&root](absl::string_view name) {
    const JsonValue* const value = root.Find(name);
    return value != nullptr && value->bool_value();
  };
  record.removing = flag("removing");
  record.run_once = flag("run_once");
  return record;
}

void NoteMovedPort(int before, int now, AppRecord* record) {
  std::vector<int> former;
  if (auto node = record->former_ports.extract(before); !node.empty()) {
    former = std::move(node.mapped());
  }
  former.push_back(before);
  if (former.size() > kKeptFormerPorts) former.erase(former.begin());
  record->former_ports[now] = std::move(former);
}

std::set<int> PortsOf(const AppRecord& record) {
  std::set<int> all;
  for (const std::vector<int>& ports : record.ports) {
    all.insert(ports.begin(), ports.end());
  }
  return all;
}

std::string ServiceFileName(absl::string_view service) {
  std::string name;
  for (const char c : service) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || c == '-' || c == '_') {
      name += c;
    } else {
      name += absl::StrFormat("%%%02x", byte);
    }
  }
  return name;
}

std::string ServiceOfFileName(absl::string_view name) {
  std::string service;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] == '%' && i + 2 < name.size()) {
      service += absl::HexStringToBytes(name.substr(i + 1, 2));
      i += 2;
    } else {
      service += name[i];
    }
  }
  return service;
}

}  // namespace orrery::catalog
