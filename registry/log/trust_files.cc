#include "registry/log/trust_files.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"

#include "registry/store/durable_file.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

std::string PathOf(const std::string& data_dir, absl::string_view name) {
  return absl::StrCat(data_dir, "/trust/", name);
}

std::string PolicyText(absl::string_view url) {
  return absl::StrCat("policy 1\nregistry local ", url,
                      "\n  tlog-policy tlog-policy\n  names-file names\n"
                      "  witnesses timestamper\nnames local *\n"
                      "require * evidence observed\n");
}

std::string TlogPolicyText(const LogKeys& keys) {
  return absl::StrCat("log ", keys.log.vkey().Text(), "\nwitness timestamper ",
                      keys.timestamper.vkey().Text(), "\nquorum timestamper\n");
}

absl::Status WriteIfMissing(const std::string& path, absl::string_view text) {
  if (access(path.c_str(), F_OK) == 0) return absl::OkStatus();
  return WriteDurably(path, text);
}

}  // namespace

absl::Status WriteTrustFiles(const std::string& data_dir, const LogKeys& keys,
                             absl::string_view url) {
  ORRERY_RETURN_IF_ERROR(MakeDirectory(absl::StrCat(data_dir, "/trust"), 0700));
  ORRERY_RETURN_IF_ERROR(
      WriteIfMissing(PathOf(data_dir, "names"), "orrery/names/v1\n"));
  ORRERY_RETURN_IF_ERROR(
      WriteIfMissing(PathOf(data_dir, "tlog-policy"), TlogPolicyText(keys)));
  // Last: it names the others.
  return WriteIfMissing(PathOf(data_dir, "policy"), PolicyText(url));
}

absl::StatusOr<std::string> ReadTrustFile(const std::string& data_dir,
                                          absl::string_view name) {
  if (name != "policy" && name != "tlog-policy" && name != "names") {
    return absl::NotFoundError(
        absl::StrCat("there is no trust file \"", name,
                     "\"; there are policy, tlog-policy and names"));
  }
  return ReadWholeFile(PathOf(data_dir, name));
}

absl::StatusOr<std::optional<signing::Names>> ReadNames(
    const std::string& data_dir) {
  const absl::StatusOr<std::string> text = ReadTrustFile(data_dir, "names");
  if (absl::IsNotFound(text.status())) return std::nullopt;
  absl::Status status = text.status();
  if (status.ok()) {
    absl::StatusOr<signing::Names> names = signing::Names::Parse(*text);
    if (names.ok()) return *std::move(names);
    status = names.status();
  }
  return signing::Refuse(
      signing::RefusalCode::kTrustSyntax,
      absl::StrCat("this registry's names cannot be read: ", status.message()));
}

}  // namespace orrery::registry
