#include "catalog/verify/bundle/export_selection.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"

#include "catalog/verify/bundle/dependencies.h"
#include "catalog/verify/bundle/release_assets.h"
#include "catalog/verify/bundle/release_needs.h"
#include "catalog/verify/release_files.h"
#include "resolver/requirement_text.h"
#include "signing/client/candidates.h"
#include "signing/refusal.h"
#include "signing/replay/log_state.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;
using signing::RevisionKey;

int64_t CountRecords(const signing::PackageState& package) {
  size_t records = package.maintainers.size();
  if (package.claim.has_value()) ++records;
  for (const auto& [source, chain] : package.observations) {
    records += chain.size();
  }
  return static_cast<int64_t>(records);
}

// Wrong at every mirror, or nowhere to be had: that is no verdict of the
// release.
bool IsHole(const absl::Status& status) {
  const std::optional<signing::Refusal> refusal = signing::RefusalOf(status);
  return !refusal.has_value() || refusal->code == RefusalCode::kContentDigest ||
         refusal->code == RefusalCode::kContentSize ||
         !signing::MayTryNextCandidate(status);
}

class Selector {
 public:
  Selector(const TrustSetup& setup, Verifier& verifier, const FileCache& cache,
           const ExportRequest& request, Verifier::OpenedRegistry opened)
      : setup_(setup),
        verifier_(verifier),
        cache_(cache),
        request_(request),
        opened_(opened) {}

  absl::StatusOr<ExportSelection> Run() {
    for (const ReleaseQuery& query : request_.packages) {
      ORRERY_RETURN_IF_ERROR(query.wanted.release.has_value()
                                 ? AddNamed(query)
                                 : AddAll(query.package, /*is_named=*/true));
    }
    if (request_.packages.empty()) {
      for (const auto& [name, package] : log().packages) {
        const auto route = setup_.policy.RouteOf(name);
        if (!route.ok() || route->registry != request_.registry) continue;
        ORRERY_RETURN_IF_ERROR(AddAll(name, /*is_named=*/false));
      }
    }
    ORRERY_RETURN_IF_ERROR(AddOverlays());
    Sort();
    FindUnmet();
    return std::move(selection_);
  }

 private:
  struct Selected {
    ExportedRelease exported;
    ReleaseNeeds needs;
  };

  const signing::LogState& log() const { return opened_.view.log.log; }

  absl::Status AddNamed(const ReleaseQuery& query) {
    ReleaseQuery named = query;
    named.use.is_named_by_revision = query.wanted.revision.has_value();
    ORRERY_ASSIGN_OR_RETURN(const VerifiedRelease release,
                            verifier_.Verify(named));
    return AddWithDependencies(release);
  }

  absl::Status AddWithDependencies(const VerifiedRelease& release) {
    Add(release);
    if (!request_.with_dependencies || request_.packages.empty() ||
        selected_.back().needs.requirements.empty()) {
      return absl::OkStatus();
    }
    ORRERY_ASSIGN_OR_RETURN(const std::vector<PackageRevision> required,
                            FindDependencies(verifier_, release));
    for (const PackageRevision& one : required) {
      if (one.package == release.package) continue;
      const auto found = verifier_.VerifyRevision(one.package, one.key, {});
      if (!found.ok()) return found.status();
      Add(*found);
    }
    return absl::OkStatus();
  }

  absl::Status AddAll(const std::string& name, bool is_named) {
    absl::Status first;
    const auto refuse = [&](absl::Status status) {
      if (first.ok()) first = status;
      selection_.left_out.push_back(std::move(status));
    };
    bool has_any = false;
    for (const RevisionKey& key : CandidatesOf(name)) {
      const auto release = verifier_.VerifyRevision(name, key, {});
      const absl::Status added =
          release.ok() ? AddWithDependencies(*release) : release.status();
      if (added.ok()) {
        has_any = true;
      } else if (IsHole(added)) {
        return added;
      } else {
        refuse(added);
      }
    }
    if (has_any || !is_named) return absl::OkStatus();
    // Why nothing of it may be used, also where there is nothing.
    return first.ok() ? verifier_.Verify({.package = name}).status() : first;
  }

  std::vector<RevisionKey> CandidatesOf(const std::string& name) const {
    const signing::PackageState* const package =
        signing::FindPackage(log(), name);
    const auto route = setup_.policy.RouteOf(name);
    if (package == nullptr || !route.ok()) return {};
    return signing::FindCandidates(log(), *package, route->source, {});
  }

  void Add(const VerifiedRelease& release) {
    Selected added;
    added.exported.release = release;
    added.exported.release.files.clear();
    added.exported.release.overlays.clear();
    added.exported.records =
        CountRecords(*signing::FindPackage(log(), release.package));
    const auto add_files = [&](const std::vector<VerifiedFile>& files) {
      for (const VerifiedFile& file : files) {
        ++added.exported.files;
        added.exported.bytes += static_cast<int64_t>(file.bytes.size());
      }
    };
    add_files(release.files);
    for (const VerifiedOverlay& overlay : release.overlays) {
      add_files(overlay.files);
    }
    for (const signing::ContentFile& file : release.content.files) {
      selection_.blobs[file.digest] = file.bytes;
    }
    ReleaseAssets assets = FindAssets(release);
    if (request_.with_assets) {
      selection_.artifacts.insert(assets.artifacts.begin(),
                                  assets.artifacts.end());
    }
    added.exported.artifacts = std::move(assets.artifacts);
    added.exported.elsewhere = std::move(assets.elsewhere);
    added.needs = ReadNeeds(release);
    selected_.push_back(std::move(added));
  }

  // All that add something now to any release of the packages: the policy of
  // the other side may use what that of this one does not.
  absl::Status AddOverlays() {
    std::set<std::string> packages;
    for (const Selected& one : selected_) {
      packages.insert(one.exported.release.package);
    }
    for (const std::string& name : packages) {
      const signing::PackageState& package = *signing::FindPackage(log(), name);
      for (const auto& [place, release] : package.releases) {
        const auto revision = static_cast<int64_t>(release.revisions.size());
        if (signing::FindSource(log(), place.first)->is_base() ||
            signing::StateOf(log(), package, place.first, place.second,
                             revision) != signing::RevisionState::kCurrent) {
          continue;
        }
        ORRERY_RETURN_IF_ERROR(
            AddOverlay(name, release.revisions.back().first_leaf()));
      }
    }
    return absl::OkStatus();
  }

  absl::Status AddOverlay(const std::string& package, int64_t leaf) {
    ORRERY_ASSIGN_OR_RETURN(const SignedContent record,
                            ReadSignedContent(leaf, opened_.view.log.leaves));
    const auto files =
        FetchReleaseFiles(package, record.content, opened_.places, cache_);
    if (!files.ok()) {
      return signing::At({.check = 15,
                          .registry = request_.registry,
                          .package = package,
                          .release = record.content.release},
                         files.status());
    }
    for (const signing::ContentFile& file : record.content.files) {
      selection_.blobs[file.digest] = file.bytes;
    }
    if (!request_.with_assets) return absl::OkStatus();
    for (const VerifiedFile& file : *files) {
      AddArtifacts(file.bytes, &selection_.artifacts);
    }
    return absl::OkStatus();
  }

  // Each once, whoever named it.
  void Sort() {
    const auto place = [](const Selected& one) {
      const VerifiedRelease& release = one.exported.release;
      return std::tie(release.package, release.revision.key.source,
                      release.revision.key.release,
                      release.revision.key.revision);
    };
    std::sort(selected_.begin(), selected_.end(),
              [&](const Selected& a, const Selected& b) {
                return place(a) < place(b);
              });
    selected_.erase(std::unique(selected_.begin(), selected_.end(),
                                [&](const Selected& a, const Selected& b) {
                                  return place(a) == place(b);
                                }),
                    selected_.end());
  }

  void FindUnmet() {
    std::vector<NeedingRelease> all;
    for (const Selected& one : selected_) {
      const VerifiedRelease& release = one.exported.release;
      all.push_back({release.package, release.revision.key.release,
                     release.revision.version, one.needs});
    }
    for (Selected& one : selected_) {
      for (const auto& requirement : one.needs.requirements) {
        if (IsMet(requirement, all)) continue;
        one.exported.unmet.push_back(resolver::RequirementText(requirement));
      }
      selection_.releases.push_back(std::move(one.exported));
    }
  }

  const TrustSetup& setup_;
  Verifier& verifier_;
  const FileCache& cache_;
  const ExportRequest& request_;
  const Verifier::OpenedRegistry opened_;
  std::vector<Selected> selected_;
  ExportSelection selection_;
};

}  // namespace

absl::StatusOr<ExportSelection> SelectExport(const TrustSetup& setup,
                                             Verifier& verifier,
                                             const FileCache& cache,
                                             const ExportRequest& request) {
  ORRERY_ASSIGN_OR_RETURN(const Verifier::OpenedRegistry opened,
                          verifier.Open(request.registry));
  return Selector(setup, verifier, cache, request, opened).Run();
}

}  // namespace orrery::catalog
