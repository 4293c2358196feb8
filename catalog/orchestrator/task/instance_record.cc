#include "catalog/orchestrator/task/instance_record.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "registry/store/durable_file.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::ReadWholeFile;

using registry::JsonValue;

absl::StatusOr<JsonValue> ParseRecord(absl::string_view text) {
  absl::StatusOr<registry::JsonDocument> document = registry::ParseJson(text);
  if (!document.ok() || !document->root.is_object()) {
    return absl::DataLossError(
        absl::StrCat("broken instance record: ", document.status().message()));
  }
  return std::move(document->root);
}

std::optional<int64_t> Integer(const JsonValue& root, absl::string_view name) {
  const JsonValue* const value = root.Find(name);
  return value == nullptr ? std::nullopt : value->AsInteger();
}

std::optional<int> SmallInteger(const JsonValue& root, absl::string_view name) {
  const std::optional<int64_t> value = Integer(root, name);
  if (!value.has_value()) return std::nullopt;
  return static_cast<int>(*value);
}

bool Flag(const JsonValue& root, absl::string_view name) {
  const JsonValue* const value = root.Find(name);
  return value != nullptr && value->bool_value();
}

absl::Time TimeOf(const JsonValue& root, absl::string_view name) {
  return absl::FromUnixMicros(Integer(root, name).value_or(0));
}

template <typename T>
std::optional<T> ReadRecord(const std::string& path,
                            absl::StatusOr<T> (*decode)(absl::string_view)) {
  const absl::StatusOr<std::string> text = ReadWholeFile(path);
  if (!text.ok()) return std::nullopt;
  absl::StatusOr<T> record = decode(*text);
  if (!record.ok()) return std::nullopt;
  return *std::move(record);
}

bool IsAlive(const std::optional<IdentityRecord>& record) {
  if (!record.has_value()) return false;
  const std::optional<ProcessHandle> handle =
      ProcessHandle::Open(record->identity);
  return handle.has_value() && !handle->Ended();
}

}  // namespace

std::string EncodeInstanceRecord(const InstanceRecord& record) {
  std::vector<JsonValue> ports;
  for (const int port : record.ports) {
    ports.push_back(JsonValue::Integer(port));
  }
  return registry::WriteJson(JsonValue::Object(
      {{"schema", JsonValue::Integer(1)},
       {"id", JsonValue::String(record.id)},
       {"task_id", JsonValue::String(record.task_id)},
       {"service", JsonValue::String(record.service)},
       {"app_id", JsonValue::String(record.app_id)},
       {"slot", JsonValue::Integer(record.slot)},
       {"generation", JsonValue::Integer(record.generation)},
       {"ports", JsonValue::Array(std::move(ports))},
       {"boot_id", JsonValue::String(record.boot_id)},
       {"launch_time_us",
        JsonValue::Integer(absl::ToUnixMicros(record.launch_time))},
       {"environment_sha256", JsonValue::String(record.environment_digest)},
       {"cgroup", JsonValue::String(record.cgroup)}}));
}

absl::StatusOr<InstanceRecord> DecodeInstanceRecord(absl::string_view text) {
  ORRERY_ASSIGN_OR_RETURN(const JsonValue root, ParseRecord(text));
  InstanceRecord record;
  record.id = std::string(root.FindString("id"));
  record.task_id = std::string(root.FindString("task_id"));
  record.service = std::string(root.FindString("service"));
  record.app_id = std::string(root.FindString("app_id"));
  record.boot_id = std::string(root.FindString("boot_id"));
  record.environment_digest =
      std::string(root.FindString("environment_sha256"));
  record.cgroup = std::string(root.FindString("cgroup"));
  record.slot = SmallInteger(root, "slot").value_or(-1);
  record.generation = Integer(root, "generation").value_or(1);
  record.launch_time = TimeOf(root, "launch_time_us");
  if (const JsonValue* const ports = root.Find("ports")) {
    for (const JsonValue& port : ports->items()) {
      record.ports.push_back(static_cast<int>(port.AsInteger().value_or(0)));
    }
  }
  if (Integer(root, "schema") != 1 || record.id.empty() ||
      record.service.empty() || record.slot < 0) {
    return absl::DataLossError("broken instance record: members are missing");
  }
  return record;
}

absl::StatusOr<IdentityRecord> DecodeIdentityRecord(absl::string_view text) {
  ORRERY_ASSIGN_OR_RETURN(const JsonValue root, ParseRecord(text));
  IdentityRecord record;
  record.identity.pid = SmallInteger(root, "pid").value_or(0);
  record.identity.start_time =
      static_cast<uint64_t>(Integer(root, "start_time").value_or(0));
  record.identity.boot_id = std::string(root.FindString("boot_id"));
  record.time = TimeOf(root, "time_us");
  if (record.identity.pid <= 0 || record.identity.boot_id.empty()) {
    return absl::DataLossError("broken process record");
  }
  return record;
}

absl::StatusOr<ExitRecord> DecodeExitRecord(absl::string_view text) {
  ORRERY_ASSIGN_OR_RETURN(const JsonValue root, ParseRecord(text));
  ExitRecord record;
  record.started = Flag(root, "started");
  record.code = SmallInteger(root, "code");
  record.signal = SmallInteger(root, "signal");
  record.out_of_memory = Flag(root, "out_of_memory");
  record.error = std::string(root.FindString("error"));
  record.time = TimeOf(root, "time_us");
  return record;
}

std::optional<IdentityRecord> ReadTaskIdentity(const std::string& directory) {
  return ReadRecord(absl::StrCat(directory, "/task.json"),
                    DecodeIdentityRecord);
}

bool ShimHoldsLock(const std::string& directory) {
  const std::string path = absl::StrCat(directory, "/lock");
  const int lock = open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (lock < 0) return false;
  const bool held = flock(lock, LOCK_EX | LOCK_NB) != 0;
  close(lock);
  return held;
}

InstanceInspection InspectInstance(const std::string& directory,
                                   const std::string& boot_id) {
  InstanceInspection found;
  const auto path = [&directory](absl::string_view name) {
    return absl::StrCat(directory, "/", name);
  };
  found.record = ReadRecord(path("instance.json"), DecodeInstanceRecord);
  if (found.record.has_value() && found.record->boot_id != boot_id) {
    found.condition = InstanceCondition::kOtherBoot;
    return found;
  }
  // The lock is read first: a shim that ends writes its exit before it lets the
  // lock go, so what is read afterwards is final when the lock was free.
  const bool held = ShimHoldsLock(directory);
  found.shim = ReadRecord(path("shim.json"), DecodeIdentityRecord);
  found.task = ReadRecord(path("task.json"), DecodeIdentityRecord);
  found.exit = ReadRecord(path("exit.json"), DecodeExitRecord);
  if (held) {
    found.condition = IsAlive(found.shim) ? InstanceCondition::kSupervised
                                          : InstanceCondition::kStarting;
  } else if (found.exit.has_value()) {
    found.condition = InstanceCondition::kExited;
  } else if (IsAlive(found.task)) {
    found.condition = InstanceCondition::kOrphaned;
  } else if (!found.shim.has_value()) {
    found.condition = InstanceCondition::kNeverStarted;
  } else {
    found.condition = InstanceCondition::kLost;
  }
  return found;
}

}  // namespace orrery::catalog
