#include "cli-plugin/service/lock_flags.h"

#include "absl/status/statusor.h"
#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "cli-plugin/command/absolute_path.h"
#include "cli-plugin/command/file_reader.h"
#include "cli-plugin/command/file_writer.h"
#include "cli-plugin/text/json_member.h"
#include "cli-plugin/text/problem.h"

namespace orrery::cli {
namespace {

using registry::JsonValue;

constexpr size_t kMaxLockBytes = size_t{4} << 20;

}  // namespace

std::vector<Flag> LockFlags() {
  return {
      {.name = "lock",
       .value = "FILE",
       .help = "prefer what FILE locks, and write the answer's lock there",
       .kind = ValueKind::kFile},
      {.name = "locked",
       .help = "look for nothing: check that the lock holds, and answer it"},
      {.name = "accept-suboptimal",
       .help = "lock also an answer that is not known to be the best"}};
}

absl::Status AddLock(const Invocation& invocation,
                     const CommandContext& context, JsonValue* request) {
  if (!invocation.Has("lock")) {
    return invocation.Has("locked")
               ? UsageError("--locked wants the lock: --lock FILE")
               : absl::OkStatus();
  }
  const std::string path =
      AbsolutePath(invocation.Text("lock"), context.working_directory);
  const absl::StatusOr<std::string> text = ReadFileUpTo(path, kMaxLockBytes);
  if (text.ok()) {
    request->Set("lock", JsonValue::String(*text));
  } else if (!absl::IsNotFound(text.status()) || invocation.Has("locked")) {
    return UsageError(text.status().message());
  }
  request->Set(invocation.Has("locked") ? "locked" : "write_lock",
               JsonValue::Bool(true));
  if (invocation.Has("accept-suboptimal")) {
    request->Set("accept_suboptimal", JsonValue::Bool(true));
  }
  return absl::OkStatus();
}

absl::Status NameLock(const absl::Status& status,
                      const Invocation& invocation) {
  if (ReasonOf(status) != "LOCK_REFUSED") return status;
  absl::Status named(status.code(), absl::StrCat(invocation.Text("lock"), ": ",
                                                 status.message()));
  status.ForEachPayload(
      [&named](absl::string_view url, const absl::Cord& payload) {
        named.SetPayload(url, payload);
      });
  return named;
}

absl::Status ReadLock(const Invocation& invocation,
                      const CommandContext& context, JsonValue* request) {
  if (!invocation.Has("lock")) return absl::OkStatus();
  if (invocation.Has("for")) {
    return UsageError("--lock says what was asked for; it goes without --for");
  }
  const absl::StatusOr<std::string> text = ReadFileUpTo(
      AbsolutePath(invocation.Text("lock"), context.working_directory),
      kMaxLockBytes);
  if (!text.ok()) return UsageError(text.status().message());
  request->Set("lock", JsonValue::String(*text));
  return absl::OkStatus();
}

absl::Status WriteLock(const Invocation& invocation, const JsonValue& request,
                       absl::string_view lock, CommandContext& context) {
  if (!invocation.Has("lock") || invocation.Has("locked")) {
    return absl::OkStatus();
  }
  if (lock.empty()) {
    context.terminal->Warn(
        "the answer is not known to be the best, and is not locked; "
        "--accept-suboptimal locks it");
    return absl::OkStatus();
  }
  if (lock == MemberText(request, "lock")) return absl::OkStatus();
  return ReplaceFile(
      AbsolutePath(invocation.Text("lock"), context.working_directory), lock);
}

}  // namespace orrery::cli
