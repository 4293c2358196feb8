#include "catalog/api/proto_conversion.h"

#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "google/protobuf/timestamp.pb.h"

#include "registry/status/error_details.h"

namespace orrery::catalog {
namespace {

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  google::protobuf::Timestamp timestamp;
  const int64_t micros = absl::ToUnixMicros(time);
  timestamp.set_seconds(micros / 1000000);
  timestamp.set_nanos(static_cast<int32_t>(micros % 1000000) * 1000);
  return timestamp;
}

v1::PlanAction ToProto(PlanAction action) {
  switch (action) {
    case PlanAction::kApply:
      return v1::PLAN_ACTION_APPLY;
    case PlanAction::kRemove:
      return v1::PLAN_ACTION_REMOVE;
    case PlanAction::kUpdate:
      return v1::PLAN_ACTION_UPDATE;
  }
  return v1::PLAN_ACTION_UNSPECIFIED;
}

v1::OperationKind ToProto(OperationKind kind) {
  switch (kind) {
    case OperationKind::kInstall:
      return v1::OPERATION_KIND_INSTALL;
    case OperationKind::kUninstall:
      return v1::OPERATION_KIND_UNINSTALL;
    case OperationKind::kUpgrade:
      return v1::OPERATION_KIND_UPGRADE;
  }
  return v1::OPERATION_KIND_UNSPECIFIED;
}

v1::Resources ToProto(const Resources& resources) {
  v1::Resources message;
  message.set_cpus(resources.cpus);
  message.set_mem_mib(resources.mem);
  return message;
}

v1::PlanStep ToProto(const PlanStep& step) {
  v1::PlanStep message;
  message.set_action(ToProto(step.action));
  message.set_cluster(step.cluster);
  message.set_service(step.service);
  message.set_package(step.package);
  message.set_release(step.release);
  message.set_version(step.version);
  message.set_source(step.source);
  message.set_revision(step.revision);
  message.set_tree(step.tree);
  message.set_options(step.options);
  message.set_manifest(step.manifest);
  message.set_instances(step.instances);
  for (const ArtifactPin& artifact : step.artifacts) {
    v1::PinnedArtifact* out = message.add_artifacts();
    out->set_uri(artifact.uri);
    out->set_sha256(artifact.sha256);
  }
  for (const PlanOption& option : step.undeclared_options) {
    v1::PlanOption* out = message.add_undeclared_options();
    out->set_pointer(option.pointer);
    out->set_type(option.type);
    out->set_value(option.value);
  }
  message.set_computed(ComputedWithoutSecrets(step));
  for (const LateOption& late : step.late) {
    v1::LateOption* out = message.add_late();
    out->set_option(late.option);
    out->set_provider(late.provider);
    out->set_output(late.output);
  }
  for (const std::string& service : step.after) message.add_after(service);
  if (step.action == PlanAction::kUpdate) {
    v1::FromRelease* from = message.mutable_from();
    from->set_release(step.from_release);
    from->set_version(step.from_version);
    from->set_label_goes_down(LabelGoesDown(step));
  }
  message.set_reason(step.reason);
  for (const std::string& name : step.features) message.add_features(name);
  for (const std::string& node : step.added_for) message.add_added_for(node);
  for (const DefaultChange& change : step.default_changes) {
    v1::DefaultChange* out = message.add_default_changes();
    out->set_option(change.option);
    out->set_from(change.from);
    out->set_to(change.to);
  }
  for (const std::string& path : step.kept_volumes) {
    message.add_kept_volumes(path);
  }
  return message;
}

v1::Receipt ToProto(const RemovalReceipt& receipt) {
  v1::Receipt message;
  for (const RemovedItem& item : receipt.removed) {
    v1::ReceiptItem* out = message.add_removed();
    out->set_kind(item.kind);
    out->set_path(item.path);
  }
  for (const KeptItem& item : receipt.kept) {
    v1::KeptItem* out = message.add_kept();
    out->set_kind(item.kind);
    out->set_path(item.path);
    out->set_remove_command(item.remove_command);
  }
  return message;
}

v1::Task ToProto(const AppTask& task) {
  v1::Task message;
  message.set_id(task.id);
  message.set_state(task.state);
  message.set_health(task.health);
  if (task.pid.has_value()) message.set_pid(*task.pid);
  if (task.start_time.has_value()) {
    *message.mutable_start_time() = ToTimestamp(*task.start_time);
  }
  for (const int port : task.ports) message.add_ports(port);
  message.set_sandbox(task.sandbox);
  if (!task.reason.empty()) message.set_reason(task.reason);
  message.set_limits_enforced(task.limits_enforced);
  if (task.disk_bytes.has_value()) message.set_disk_bytes(*task.disk_bytes);
  return message;
}

v1::OperationState ToProto(OperationState state) {
  switch (state) {
    case OperationState::kRunning:
      return v1::OPERATION_STATE_RUNNING;
    case OperationState::kSucceeded:
      return v1::OPERATION_STATE_SUCCEEDED;
    case OperationState::kFailed:
      return v1::OPERATION_STATE_FAILED;
  }
  return v1::OPERATION_STATE_UNSPECIFIED;
}

v1::ServiceState ToProto(AppState state) {
  switch (state) {
    case AppState::kDeploying:
      return v1::SERVICE_STATE_DEPLOYING;
    case AppState::kRunning:
      return v1::SERVICE_STATE_RUNNING;
    case AppState::kFinished:
      return v1::SERVICE_STATE_FINISHED;
    case AppState::kUnhealthy:
      return v1::SERVICE_STATE_UNHEALTHY;
    case AppState::kFailed:
      return v1::SERVICE_STATE_FAILED;
    case AppState::kRemoving:
      return v1::SERVICE_STATE_REMOVING;
  }
  return v1::SERVICE_STATE_UNSPECIFIED;
}

}  // namespace

v1::Plan ToProto(const Plan& plan) {
  v1::Plan message;
  message.set_id(plan.id);
  for (const PlanStep& step : plan.steps) *message.add_steps() = ToProto(step);
  for (const std::string& warning : plan.warnings) {
    message.add_warnings(warning);
  }
  for (const AnswerNote& note : plan.notes) {
    v1::PlanNote* out = message.add_notes();
    out->set_code(note.code);
    out->set_text(note.text);
  }
  for (const HeldNode& held : plan.held) {
    v1::HeldService* out = message.add_held();
    out->set_node(held.node);
    out->set_version(held.version);
    out->set_newest(held.newest);
    out->set_reason(held.reason);
  }
  message.mutable_catalog()->insert(plan.catalog.begin(), plan.catalog.end());
  message.set_evidence(plan.evidence);
  if (plan.room.has_value()) {
    *message.mutable_room()->mutable_needed() = ToProto(plan.room->needed);
    *message.mutable_room()->mutable_free() = ToProto(plan.room->free);
  }
  return message;
}

v1::Operation ToProto(const Operation& operation) {
  v1::Operation message;
  message.set_name(operation.name);
  message.set_kind(ToProto(operation.kind));
  message.set_state(ToProto(operation.state));
  message.set_cluster(operation.cluster);
  message.set_service(operation.service);
  *message.mutable_plan() = ToProto(operation.plan);
  for (const std::string& what : operation.waiting_for) {
    message.add_waiting_for(what);
  }
  if (!operation.error.ok()) {
    v1::OperationError* error = message.mutable_error();
    error->set_code(absl::StatusCodeToString(operation.error.code()));
    error->set_reason(registry::ReasonOf(operation.error).reason);
    error->set_message(std::string(operation.error.message()));
  }
  if (operation.receipt.has_value()) {
    *message.mutable_receipt() = ToProto(*operation.receipt);
  }
  *message.mutable_create_time() = ToTimestamp(operation.create_time);
  if (operation.end_time.has_value()) {
    *message.mutable_end_time() = ToTimestamp(*operation.end_time);
  }
  return message;
}

v1::Service ToProto(const ServiceView& view) {
  const ServiceRecord& record = view.record;
  v1::Service message;
  message.set_name(record.name);
  message.set_package(record.package);
  message.set_release(record.release);
  message.set_version(record.version);
  message.set_cluster(record.cluster);
  message.set_state(ToProto(view.status.state));
  message.set_instances(view.status.instances);
  for (const AppEndpoint& endpoint : view.status.endpoints) {
    v1::Endpoint* out = message.add_endpoints();
    out->set_name(endpoint.name);
    out->set_host(endpoint.host);
    out->set_port(endpoint.port);
  }
  for (const std::string& what : view.status.waiting_for) {
    message.add_waiting_for(what);
  }
  if (!view.status.failure.empty()) {
    message.add_waiting_for(view.status.failure);
  }
  for (const AppTask& task : view.status.tasks) {
    *message.add_tasks() = ToProto(task);
  }
  message.set_source(record.source);
  message.set_revision(record.revision);
  message.set_tree(record.tree);
  message.set_options(record.options);
  *message.mutable_create_time() = ToTimestamp(record.create_time);
  if (!record.operation.empty()) message.set_operation(record.operation);
  for (const std::string& node : record.added_for) message.add_added_for(node);
  for (const ServiceOutput& output : view.outputs) {
    v1::ServiceOutput* out = message.add_outputs();
    out->set_name(output.name);
    out->set_value(output.value);
  }
  for (const AnswerNote& note : view.notes) {
    v1::ServiceNote* out = message.add_notes();
    out->set_code(note.code);
    out->set_text(note.text);
  }
  return message;
}

}  // namespace orrery::catalog
