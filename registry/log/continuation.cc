#include "registry/log/continuation.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"

#include "registry/log/subtree_reader.h"
#include "registry/store/durable_file.h"
#include "signing/digest.h"
#include "signing/log/checkpoint.h"
#include "signing/log/merkle.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

absl::Status CheckHolds(LogStore& store, const signing::Checkpoint& seen,
                        absl::string_view who) {
  ORRERY_ASSIGN_OR_RETURN(const int64_t size, store.Size());
  if (static_cast<int64_t>(seen.size) > size) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the log has ", size, " leaves, but ", who, " has seen ", seen.size,
        ": it was restored from an older backup, and to go on would fork it; ",
        kHowToGoOn));
  }
  if (seen.size == 0) return absl::OkStatus();
  SubtreeReader subtrees(&store);
  ORRERY_ASSIGN_OR_RETURN(const signing::Digest root,
                          signing::TreeRoot(seen.size, subtrees));
  if (root == seen.root) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the log's first ", seen.size, " leaves are not those that ", who,
      " has seen: it is damaged or another one; ", kHowToGoOn));
}

absl::Status CheckSigner(LogStore& store,
                         const absl::StatusOr<signing::SignerState>& last,
                         absl::string_view who) {
  if (last.ok()) return CheckHolds(store, last->checkpoint, who);
  return absl::FailedPreconditionError(absl::StrCat(
      who, " cannot go on: ", last.status().message(), "; ", kHowToGoOn));
}

}  // namespace

absl::Status CheckMayGoOn(LogStore& store, const SignedStates& states,
                          const CheckpointWitness& witness) {
  ORRERY_RETURN_IF_ERROR(CheckSigner(store, states.log, "its own key"));
  ORRERY_RETURN_IF_ERROR(
      CheckSigner(store, states.timestamper, "its timestamper"));
  if (witness.file.empty()) return absl::OkStatus();
  const absl::StatusOr<std::string> note = ReadWholeFile(witness.file);
  if (absl::IsNotFound(note.status())) return absl::OkStatus();
  ORRERY_RETURN_IF_ERROR(note.status());
  const std::vector<signing::Vkey> log_keys = {witness.log_key};
  const auto seen = signing::OpenCheckpoint(*note, log_keys, {});
  if (seen.ok()) return CheckHolds(store, seen->checkpoint, witness.file);
  return absl::FailedPreconditionError(absl::StrCat(
      "the witness ", witness.file, " is of no use: ", seen.status().message(),
      "; nothing is logged until it is restored, or removed if it was never "
      "this log's"));
}

absl::Status CheckWitnessPlace(const std::string& file,
                               const std::string& data_dir) {
  if (file.empty()) return absl::OkStatus();
  std::error_code error;
  const auto witness = std::filesystem::weakly_canonical(file, error);
  const auto directory = std::filesystem::weakly_canonical(data_dir, error);
  const auto parts = std::mismatch(directory.begin(), directory.end(),
                                   witness.begin(), witness.end());
  if (parts.first != directory.end()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--checkpoint-witness ", file, " lies in the data directory ", data_dir,
      ", so that a backup brings both back; name a file elsewhere"));
}

}  // namespace orrery::registry
