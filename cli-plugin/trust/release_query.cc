#include "cli-plugin/trust/release_query.h"

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "cli-plugin/text/problem.h"

#include "signing/encoding.h"
#include "signing/field.h"
#include "signing/record/record.h"
#include "third_party/absl/status_macros.h"

namespace orrery::cli {
namespace {

constexpr char kArgument[] = "PACKAGE";

absl::StatusOr<catalog::ReleaseQuery> ReadReleaseQuery(
    const std::string& text) {
  const auto unreadable = [&] {
    return UsageError(absl::StrCat("cannot read \"", text,
                                   "\"; write NAME, NAME@release=57 or "
                                   "NAME@release=57#2"));
  };
  const size_t at = text.find('@');
  catalog::ReleaseQuery query;
  query.package = text.substr(0, at);
  // Also of scoped names, which no source can publish yet.
  const absl::Status name = signing::CheckPackageName(query.package);
  if (!name.ok()) return UsageError(name.message());
  if (at == std::string::npos) return query;
  absl::string_view rest = absl::string_view(text).substr(at);
  if (!absl::ConsumePrefix(&rest, "@release=")) return unreadable();
  const size_t hash = rest.find('#');
  const auto release = signing::ParseDecimal(rest.substr(0, hash));
  if (!release.ok()) return unreadable();
  query.wanted.release = static_cast<int64_t>(*release);
  if (hash == absl::string_view::npos) return query;
  const auto revision =
      signing::ParseDecimal(rest.substr(hash + 1), signing::kMaxRevision);
  if (!revision.ok() || *revision == 0) return unreadable();
  query.wanted.revision = static_cast<int64_t>(*revision);
  return query;
}

}  // namespace

Argument ReleaseQueryArgument() {
  return {.name = kArgument,
          .help = "package, or NAME@release=N, or NAME@release=N#REVISION",
          .kind = ValueKind::kPackage,
          .required = false,
          .repeatable = true};
}

absl::StatusOr<std::vector<catalog::ReleaseQuery>> ReadReleaseQueries(
    const Invocation& invocation) {
  std::vector<catalog::ReleaseQuery> queries;
  for (const std::string& word : invocation.Words(kArgument)) {
    ORRERY_ASSIGN_OR_RETURN(catalog::ReleaseQuery query,
                            ReadReleaseQuery(word));
    queries.push_back(std::move(query));
  }
  return queries;
}

}  // namespace orrery::cli
