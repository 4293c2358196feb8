#ifndef REGISTRY_SOURCE_STATEMENT_INTAKE_H_
#define REGISTRY_SOURCE_STATEMENT_INTAKE_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

#include "registry/git/git_repository.h"
#include "registry/judge/package_tree.h"
#include "registry/judge/release_judge.h"
#include "registry/judge/signed_release.h"
#include "registry/judge/statement_verdict.h"
#include "registry/judge/trust_tree.h"
#include "registry/log/source_observer.h"
#include "registry/source/keyset_admission.h"
#include "registry/source/sync.h"
#include "registry/status/statement_report.h"
#include "signing/digest.h"
#include "signing/record/record.h"
#include "signing/replay/log_state.h"
#include "signing/replay/statement_judge.h"

namespace orrery::registry {

// Whether any of it may be otherwise when other sources, or the names of this
// registry, have changed.
bool DependOnOthers(const std::vector<StatementReport>& reports);

// Takes the maintainers' statements of a source's commits in (spec: trust.md
// §15.4, step 4 a): what is whole is logged, of what is not it is told why. One
// use; not thread-safe.
class StatementIntake {
 public:
  struct Place {
    const GitRepository* repository = nullptr;
    std::string subdir;
    JudgedSource source;
    TreeLimits limits;
    Interruption interrupted;
  };
  // `earlier` is what the last look told. What is pointed to must outlive this.
  StatementIntake(Place place, KeysetAdmission admission,
                  const std::vector<StatementReport>& earlier,
                  SourceObserver* observer);

  // Takes in what is new at a commit, and says which releases were logged.
  // `touched`: packages whose release directories are not those of the commit
  // before.
  absl::StatusOr<std::vector<SignedRelease>> Take(
      const TrustStep& step, const std::set<std::string>& touched);

  // Tells where links are in the place of the folder of all statements.
  absl::Status CheckFolder(const ObjectId& root);

  // Of statements that the last commit has, by package and seq; the first
  // 1000.
  std::vector<StatementReport> Reports() const;

 private:
  // One package at a commit.
  struct Subject {
    std::string package;
    ObjectId root;
    std::map<int64_t, StatementBlobs> statements;
    // Those of the commit before.
    std::map<int64_t, StatementBlobs> before;
    signing::LogState log;
  };

  absl::Status TakePackage(const TrustStep& step, const std::string& package,
                           std::vector<SignedRelease>& released);
  absl::Status Contradiction(const signing::PackageState& package,
                             const signing::ChainEntry& logged) const;
  // Tells of logged statements that are others now.
  absl::Status CompareLogged(const Subject& subject,
                             const std::vector<StatementReport>& earlier);
  // Whether there is a next one after it.
  absl::StatusOr<bool> TakeNext(Subject& subject,
                                std::vector<SignedRelease>& released);
  // Tells of the statements behind the one at which the package stops.
  absl::Status ReportWaiting(const Subject& subject);
  absl::StatusOr<signing::PublishedStatement> Read(
      const Subject& subject, int64_t seq, const StatementBlobs& blobs) const;
  // As JudgeFirstKeyset, once there is a release.
  absl::StatusOr<StatementVerdict> JudgeKeyset(
      const Subject& subject, const signing::Digest& statement) const;
  void Report(const Subject& subject, int64_t seq, const absl::Status& status,
              bool is_pending, absl::string_view statement,
              std::string release_directory = "");
  // Of a folder of statements; of all without a package.
  void ReportLink(const std::string& package, const std::string& path);
  std::string FilePath(absl::string_view package, absl::string_view name) const;
  // What it records; empty for what records no release.
  std::string ReleaseDirectory(const Subject& subject,
                               const signing::Record& record) const;
  // Of its releases.
  std::string Folder(absl::string_view package) const;

  const Place place_;
  const KeysetAdmission admission_;
  SourceObserver& observer_;
  std::map<std::string, std::vector<StatementReport>> reports_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_SOURCE_STATEMENT_INTAKE_H_
