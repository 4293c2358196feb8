#include "signing/client/client_state.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

#include "signing/encoding.h"
#include "signing/log/note.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::signing {
namespace {

constexpr absl::string_view kFormat = "orrery/state/v1";

// The header as it is written; nothing is compared with the note yet.
absl::StatusOr<ClientState> ParseHeader(absl::string_view bytes) {
  LineReader lines(bytes);
  ClientState state;
  ORRERY_RETURN_IF_ERROR(lines.NextAfter(kFormat).status());
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view origin,
                          lines.NextAfter("origin "));
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view size,
                          lines.NextAfter("size "));
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view root,
                          lines.NextAfter("root sha256:"));
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view time,
                          lines.NextAfter("quorum-time "));
  ORRERY_ASSIGN_OR_RETURN(const absl::string_view tlog_policy,
                          lines.NextAfter("tlog-policy sha256:"));
  state.checkpoint.origin = std::string(origin);
  ORRERY_ASSIGN_OR_RETURN(state.checkpoint.size, ParseDecimal(size));
  ORRERY_ASSIGN_OR_RETURN(state.checkpoint.root, Digest::ParseHex(root));
  ORRERY_ASSIGN_OR_RETURN(state.quorum_time, ParseDecimal(time));
  ORRERY_ASSIGN_OR_RETURN(state.tlog_policy, Digest::ParseHex(tlog_policy));
  const size_t split = bytes.find("\n\n");
  if (split == absl::string_view::npos) {
    return absl::InvalidArgumentError("the note is missing");
  }
  state.note = std::string(bytes.substr(split + 2));
  return state;
}

absl::Status CheckNote(const ClientState& state,
                       std::span<const Vkey> log_keys) {
  ORRERY_ASSIGN_OR_RETURN(const Note note, ParseNote(state.note));
  ORRERY_ASSIGN_OR_RETURN(const Checkpoint checkpoint,
                          ParseCheckpoint(note.text));
  if (checkpoint != state.checkpoint) {
    return absl::InvalidArgumentError("its header is not that of its note");
  }
  const std::string& origin = checkpoint.origin;
  if (std::none_of(log_keys.begin(), log_keys.end(),
                   [&](const Vkey& vkey) { return vkey.name() == origin; })) {
    // A tlog-policy names one.
    const std::string expected =
        log_keys.empty() ? "none" : log_keys.front().name();
    return absl::InvalidArgumentError(absl::StrCat(
        "its log '", origin, "' is not that of the tlog-policy, '", expected,
        "': say --state DIR to keep what was seen of each apart"));
  }
  return HasLogSignature(note, origin, log_keys).status();
}

}  // namespace

std::string FormatClientState(const ClientState& state) {
  return absl::StrCat(kFormat, "\norigin ", state.checkpoint.origin, "\nsize ",
                      state.checkpoint.size,
                      "\nroot sha256:", state.checkpoint.root.Hex(),
                      "\nquorum-time ", state.quorum_time,
                      "\ntlog-policy sha256:", state.tlog_policy.Hex(),
                      "\nnote sha256:", Digest::Of(state.note).Hex(), " ",
                      state.note.size(), "\n\n", state.note);
}

absl::StatusOr<ClientState> ParseClientState(absl::string_view bytes,
                                             std::span<const Vkey> log_keys) {
  const auto corrupt = [](absl::string_view why) {
    return Refuse(
        RefusalCode::kStateCorrupt,
        absl::StrCat("the stored checkpoint cannot be believed: ", why));
  };
  absl::StatusOr<ClientState> state = ParseHeader(bytes);
  if (!state.ok()) return corrupt(state.status().message());
  // Holds the note's length and digest to the bytes, and the rest to its one
  // form.
  if (FormatClientState(*state) != bytes) {
    return corrupt("digest or length of the note are others");
  }
  const absl::Status note = CheckNote(*state, log_keys);
  if (!note.ok()) return corrupt(note.message());
  return state;
}

}  // namespace orrery::signing
