#ifndef SIGNING_LOG_CONSISTENCY_GUARD_H_
#define SIGNING_LOG_CONSISTENCY_GUARD_H_

#include <cstdint>
#include <span>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "signing/digest.h"
#include "signing/log/checkpoint.h"

namespace orrery::signing {

// Where a signer keeps its last signed state: a small text, replaced whole.
class SignerStore {
 public:
  virtual ~SignerStore() = default;

  // kNotFound if nothing was ever stored; kUnavailable or kResourceExhausted
  // where trying again may help.
  virtual absl::StatusOr<std::string> Read() = 0;
  // Durable when it returns, one transaction: kAborted, and nothing changed,
  // unless the stored text is `expected`. After another failure either may be
  // stored.
  virtual absl::Status Replace(absl::string_view expected,
                               absl::string_view desired) = 0;
};

// What a signer has signed last (spec: trust.md §11.7).
struct SignerState {
  Checkpoint checkpoint;
  uint64_t time = 0;  // of the last cosignature, Unix seconds; 0 for a log key

  bool operator==(const SignerState&) const = default;
};

// The refusal state.corrupt for anything but what FormatSignerState writes.
absl::StatusOr<SignerState> ParseSignerState(absl::string_view text);
std::string FormatSignerState(const SignerState& state);

// What a new log's owner stores together with a new key: nothing signed yet.
// There is no other first use: a signer whose state is gone signs nothing.
std::string InitialSignerState(absl::string_view origin);

// Answers for it that a key never signs a fork of what it has signed, nor
// anything older, whoever asks. As thread-safe as its store, which must outlive
// it; several guards may share one.
class ConsistencyGuard {
 public:
  explicit ConsistencyGuard(SignerStore& store) : store_(&store) {}

  // state.corrupt if there is none, or it cannot be read; the store's own
  // status where trying again may help.
  absl::StatusOr<SignerState> Last() const;

  // Makes `next` the last state, durably, if it goes on from the one before:
  // then, and only then, it may be signed. `proof` leads from Last() to `next`
  // and is empty if they are the same. Refusals: state.corrupt; log.origin for
  // another log; log.rollback for a smaller one; log.fork; log.time for an
  // older time; state.write.
  absl::Status Advance(const SignerState& next, std::span<const Digest> proof);

 private:
  SignerStore* store_;
};

}  // namespace orrery::signing

#endif  // SIGNING_LOG_CONSISTENCY_GUARD_H_
