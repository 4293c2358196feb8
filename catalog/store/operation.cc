#include "catalog/store/operation.h"

#include <utility>

#include "catalog/store/stored_json.h"
#include "registry/format/json_parse.h"
#include "registry/format/json_value.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using registry::JsonValue;

// A plan carries manifests, which carry whole package definitions.
constexpr size_t kMaxStoredBytes = size_t{64} << 20;

const std::vector<std::string>& KindWords() {
  static const auto* const kWords =
      new std::vector<std::string>{"install", "uninstall", "upgrade"};
  return *kWords;
}

const std::vector<std::string>& StateWords() {
  static const auto* const kWords =
      new std::vector<std::string>{"running", "succeeded", "failed"};
  return *kWords;
}

JsonValue ErrorToJson(const absl::Status& error) {
  if (error.ok()) return JsonValue();
  return JsonValue::Object(
      {{"code", JsonValue::Integer(error.raw_code())},
       {"message", StoredText(error.message())},
       {"reason", StoredText(registry::ReasonOf(error).reason)}});
}

absl::StatusOr<absl::Status> ErrorFromJson(const JsonValue* json) {
  if (json == nullptr) return absl::OkStatus();
  StoredObject stored(*json, "error of an operation");
  const auto code = static_cast<absl::StatusCode>(stored.Integer("code"));
  absl::Status error(code, stored.String("message"));
  const std::string reason = stored.String("reason");
  ORRERY_RETURN_IF_ERROR(stored.status());
  if (!reason.empty()) error = registry::WithReason(error, reason);
  return error;
}

JsonValue RemovedToJson(const RemovedItem& item) {
  return JsonValue::Object(
      {{"kind", StoredText(item.kind)}, {"path", StoredText(item.path)}});
}

RemovedItem ReadRemoved(StoredObject& stored) {
  return {stored.String("kind"), stored.String("path")};
}

JsonValue KeptToJson(const KeptItem& item) {
  return JsonValue::Object(
      {{"kind", StoredText(item.kind)},
       {"path", StoredText(item.path)},
       {"remove_command", StoredText(item.remove_command)}});
}

KeptItem ReadKept(StoredObject& stored) {
  return {stored.String("kind"), stored.String("path"),
          stored.String("remove_command")};
}

JsonValue ReceiptToJson(const std::optional<RemovalReceipt>& receipt) {
  if (!receipt.has_value()) return JsonValue();
  return JsonValue::Object(
      {{"removed", StoredList(receipt->removed, RemovedToJson)},
       {"kept", StoredList(receipt->kept, KeptToJson)}});
}

absl::StatusOr<std::optional<RemovalReceipt>> ReceiptFromJson(
    const JsonValue* json) {
  if (json == nullptr) return std::nullopt;
  StoredObject stored(*json, "receipt");
  RemovalReceipt receipt;
  receipt.removed = stored.List("removed", "receipt item", ReadRemoved);
  receipt.kept = stored.List("kept", "receipt item", ReadKept);
  ORRERY_RETURN_IF_ERROR(stored.status());
  return receipt;
}

}  // namespace

std::string WriteOperation(const Operation& operation) {
  const size_t kind = static_cast<size_t>(operation.kind);
  const size_t state = static_cast<size_t>(operation.state);
  return registry::WriteJson(JsonValue::Object(
      {{"name", StoredText(operation.name)},
       {"kind", StoredText(KindWords()[kind])},
       {"state", StoredText(StateWords()[state])},
       {"cluster", StoredText(operation.cluster)},
       {"service", StoredText(operation.service)},
       {"plan", PlanToJson(operation.plan)},
       {"after", StoredStrings(operation.after)},
       {"waiting_for", StoredStrings(operation.waiting_for)},
       {"error", ErrorToJson(operation.error)},
       {"rolling_back", JsonValue::Integer(operation.rolling_back ? 1 : 0)},
       {"submitted", JsonValue::Integer(operation.submitted ? 1 : 0)},
       {"receipt", ReceiptToJson(operation.receipt)},
       {"create_time", StoredTime(operation.create_time)},
       {"end_time", StoredTime(operation.end_time)}}));
}

absl::StatusOr<Operation> ReadOperation(absl::string_view text) {
  ORRERY_ASSIGN_OR_RETURN(
      const registry::JsonDocument document,
      registry::ParseJson(text, {.max_bytes = kMaxStoredBytes}));
  StoredObject stored(document.root, "operation");
  Operation operation;
  operation.name = stored.String("name");
  operation.kind = static_cast<OperationKind>(stored.Word("kind", KindWords()));
  operation.state =
      static_cast<OperationState>(stored.Word("state", StateWords()));
  operation.cluster = stored.String("cluster");
  operation.service = stored.String("service");
  if (stored.Has("after")) {
    operation.after = stored.Strings("after");
  }
  operation.waiting_for = stored.Strings("waiting_for");
  operation.rolling_back = stored.Integer("rolling_back") != 0;
  if (stored.Has("submitted")) {
    operation.submitted = stored.Integer("submitted") != 0;
  }
  operation.create_time =
      stored.Time("create_time").value_or(absl::UnixEpoch());
  operation.end_time = stored.Time("end_time");
  ORRERY_ASSIGN_OR_RETURN(operation.error,
                          ErrorFromJson(stored.Optional("error")));
  ORRERY_ASSIGN_OR_RETURN(operation.receipt,
                          ReceiptFromJson(stored.Optional("receipt")));
  const JsonValue none;
  const JsonValue* plan = stored.Optional("plan");
  ORRERY_ASSIGN_OR_RETURN(operation.plan,
                          PlanFromJson(plan == nullptr ? none : *plan));
  ORRERY_RETURN_IF_ERROR(stored.status());
  return operation;
}

}  // namespace orrery::catalog
