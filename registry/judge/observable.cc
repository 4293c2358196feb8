#include "registry/judge/observable.h"

#include <algorithm>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

#include "registry/format/release_path.h"
#include "signing/digest.h"
#include "signing/record/record_parser.h"
#include "signing/record/statement_reader.h"
#include "signing/tree_hash.h"

namespace orrery::registry {
namespace {

// What an overlay has in place of a version that nobody knows.
constexpr char kNoVersion[] = "0";

// The longest record that may have to say what the release is.
signing::Record LongestRecord(const Release& release,
                              const std::vector<std::string>& requirements) {
  signing::ObservedRecord body;
  body.sighting.source = std::string(32, 's');
  body.sighting.state = std::string(64, '0');
  body.content = ContentOf(release, requirements);
  body.content.revision = signing::kMaxRevision;
  body.content.replaces = body.content.tree;
  if (release.version.empty()) body.content.version = std::string(64, 'v');
  signing::Record record;
  record.kind = signing::RecordKind::kObserved;
  record.logs = {std::string(128, 'o')};
  record.package = release.name;
  record.seq = signing::kMaxSeq;
  record.body = std::move(body);
  return record;
}

}  // namespace

signing::RevisionContent ContentOf(
    const Release& release, const std::vector<std::string>& requirements) {
  signing::RevisionContent content;
  content.release = release.release;
  content.revision = 1;
  content.version = release.version.empty() ? kNoVersion : release.version;
  std::vector<signing::TreeHash::File> files;
  for (const ReleaseContent& file : release.files) {
    content.files.push_back(
        {*file.digest, static_cast<int64_t>(file.size), file.name});
    files.push_back({file.name, *file.digest});
  }
  content.tree = signing::TreeHash::Of(release.name, release.release, files);
  content.requirements = requirements;
  return content;
}

std::optional<Finding> CheckObservable(
    const Release& release, const std::vector<std::string>& requirements) {
  const std::string statement =
      signing::PrintRecord(LongestRecord(release, requirements));
  const auto lines = std::count(statement.begin(), statement.end(), '\n');
  Finding finding;
  finding.severity = Severity::kError;
  finding.refuses = true;
  finding.path = PrintablePath(release.directory);
  if (statement.size() > signing::kMaxStatementBytes ||
      static_cast<size_t>(lines) > signing::kMaxStatementLines) {
    finding.rule = "content.size";
    finding.text = absl::StrCat(
        "the record of its files and requirements would have ",
        statement.size(), " bytes in ", lines, " lines; the limits are ",
        signing::kMaxStatementBytes, " and ", signing::kMaxStatementLines);
    return finding;
  }
  const absl::Status status = signing::ParseRecord(statement).status();
  if (status.ok()) return std::nullopt;
  finding.rule = "content.identity";
  finding.text =
      absl::StrCat("no record can say what it is: ", status.message());
  return finding;
}

}  // namespace orrery::registry
