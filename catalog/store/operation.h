#ifndef CATALOG_STORE_OPERATION_H_
#define CATALOG_STORE_OPERATION_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

#include "catalog/orchestrator/orchestrator.h"
#include "catalog/store/plan.h"

namespace orrery::catalog {

enum class OperationKind : uint8_t { kInstall, kUninstall, kUpgrade };
enum class OperationState : uint8_t { kRunning, kSucceeded, kFailed };

// One execution of a plan.
struct Operation {
  // A UUID.
  std::string name;
  OperationKind kind = OperationKind::kInstall;
  OperationState state = OperationState::kRunning;
  std::string cluster;
  std::string service;
  Plan plan;
  // Names of operations that must have succeeded before it begins.
  std::vector<std::string> after;
  // What it waits for, in words; empty when nothing.
  std::vector<std::string> waiting_for;
  // Why it failed, with its reason; OK otherwise.
  absl::Status error;
  // Set while an installation that failed takes its remains away again, or an
  // upgrade that failed goes back.
  bool rolling_back = false;
  // Of an upgrade: the cluster has been told what the app is to be.
  bool submitted = false;
  // Of an uninstall that has ended.
  std::optional<RemovalReceipt> receipt;
  absl::Time create_time;
  std::optional<absl::Time> end_time;

  bool running() const { return state == OperationState::kRunning; }
};

// The stored form, and back; kDataLoss when `text` is none.
std::string WriteOperation(const Operation& operation);
absl::StatusOr<Operation> ReadOperation(absl::string_view text);

}  // namespace orrery::catalog

#endif  // CATALOG_STORE_OPERATION_H_
