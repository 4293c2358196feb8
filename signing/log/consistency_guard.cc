#include "signing/log/consistency_guard.h"

#include "absl/strings/str_cat.h"

#include "signing/encoding.h"
#include "signing/log/merkle.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr absl::string_view kFormat = "orrery/signer/v1";

absl::StatusOr<SignerState> ParseLines(absl::string_view text) {
  LineReader lines(text);
  SignerState state;
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view after_format,
                          lines.NextAfter(kFormat));
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view origin,
                          lines.NextAfter("origin "));
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view size,
                          lines.NextAfter("size "));
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view root,
                          lines.NextAfter("root sha256:"));
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view time,
                          lines.NextAfter("time "));
  if (!after_format.empty() || origin.empty() || !lines.AtEnd()) {
    return absl::InvalidArgumentError("its lines are others");
  }
  state.checkpoint.origin = std::string(origin);
  ORRERY_ASSIGN_OR_RETURN(state.checkpoint.size, ParseDecimal(size));
  ORRERY_ASSIGN_OR_RETURN(state.checkpoint.root, Digest::ParseHex(root));
  ORRERY_ASSIGN_OR_RETURN(state.time, ParseDecimal(time));
  return state;
}

}  // namespace

absl::StatusOr<SignerState> ParseSignerState(absl::string_view text) {
  absl::StatusOr<SignerState> state = ParseLines(text);
  if (state.ok()) return state;
  return Refuse(RefusalCode::kStateCorrupt,
                absl::StrCat("the signer's state cannot be read: ",
                             state.status().message()));
}

std::string FormatSignerState(const SignerState& state) {
  return absl::StrCat(kFormat, "\norigin ", state.checkpoint.origin, "\nsize ",
                      state.checkpoint.size,
                      "\nroot sha256:", state.checkpoint.root.Hex(), "\ntime ",
                      state.time, "\n");
}

std::string InitialSignerState(absl::string_view origin) {
  return FormatSignerState(
      {Checkpoint{std::string(origin), 0, MerkleFrontier().Root()}, 0});
}

absl::StatusOr<SignerState> ConsistencyGuard::Last() const {
  const absl::StatusOr<std::string> text = store_->Read();
  // What cannot be read now may be there all the same.
  if (absl::IsUnavailable(text.status()) ||
      absl::IsResourceExhausted(text.status())) {
    return text.status();
  }
  if (!text.ok()) {
    return Refuse(
        RefusalCode::kStateCorrupt,
        absl::StrCat("the signer's state is gone, so that nobody knows what it "
                     "has signed: ",
                     text.status().message()));
  }
  return ParseSignerState(*text);
}

absl::Status ConsistencyGuard::Advance(const SignerState& next,
                                       std::span<const Digest> proof) {
  ORRERY_ASSIGN_OR_RETURN(const SignerState last, Last());
  const Checkpoint& from = last.checkpoint;
  const Checkpoint& to = next.checkpoint;
  if (to.origin != from.origin) {
    return Refuse(
        RefusalCode::kLogOrigin,
        absl::StrCat("this key signs the log '", from.origin, "' alone"));
  }
  ORRERY_RETURN_IF_ERROR(
      CheckConsistency(proof, from.size, from.root, to.size, to.root));
  if (next.time < last.time) {
    return Refuse(RefusalCode::kLogTime,
                  absl::StrCat("the time ", next.time, " is before ", last.time,
                               ", which is signed already"));
  }
  if (next == last) return absl::OkStatus();
  absl::Status stored =
      store_->Replace(FormatSignerState(last), FormatSignerState(next));
  if (stored.ok()) return stored;
  return Refuse(RefusalCode::kStateWrite,
                absl::StrCat("the signer's state is not stored, so nothing is "
                             "signed: ",
                             stored.message()));
}

}  // namespace orrery::signing
