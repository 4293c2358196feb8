#include "catalog/planning/trust_gate.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "registry/log/published_log.h"
#include "registry/store/durable_file.h"
#include "signing/policy/client_policy_parser.h"
#include "signing/refusal.h"
#include "third_party/absl/status_macros.h"

namespace orrery::catalog {
namespace {

using signing::RefusalCode;

class NothingAdmitted : public ReleaseAdmission {
 public:
  explicit NothingAdmitted(absl::Status refusal)
      : refusal_(std::move(refusal)) {}

  absl::Status Admit(const registry::Release& /*release*/) const override {
    return refusal_;
  }
  absl::Status AdmitRunning(const RunningService& /*record*/) const override {
    return refusal_;
  }

 private:
  const absl::Status refusal_;
};

absl::StatusOr<std::string> ReadFile(const std::string& path, int64_t check,
                                     RefusalCode code) {
  absl::StatusOr<std::string> text = registry::ReadWholeFile(path);
  if (text.ok()) return text;
  return signing::At(
      {.file = path, .check = check},
      signing::Refuse(code, absl::StrCat(path, " cannot be read: ",
                                         text.status().message())));
}

}  // namespace

TrustGate::TrustGate(registry::RegistryLog* log, Options options)
    : log_(log), options_(std::move(options)) {}

// Of the registry whose log is ours.
absl::StatusOr<signing::RegistryTrust> TrustGate::OpenTrust(
    const signing::ClientPolicy& policy) const {
  const std::string folder = absl::StrCat(options_.data_dir, "/trust/");
  const auto path_of = [&folder](const std::string& file) {
    return absl::StartsWith(file, "/") ? file : absl::StrCat(folder, file);
  };
  const std::string& origin = log_->keys().origin();
  for (const signing::RegistryPolicy& registry : policy.registries()) {
    ORRERY_ASSIGN_OR_RETURN(const std::string tlog_policy,
                            ReadFile(path_of(registry.tlog_policy_file), 2,
                                     RefusalCode::kTrustSyntax));
    ORRERY_ASSIGN_OR_RETURN(
        const std::string names,
        ReadFile(path_of(registry.names_file), 2, RefusalCode::kTrustSyntax));
    ORRERY_ASSIGN_OR_RETURN(
        signing::RegistryTrust trust,
        signing::OpenRegistryTrust(registry, tlog_policy, names,
                                   options_.version));
    const bool is_ours = !trust.tlog_policy.log_keys().empty() &&
                         trust.tlog_policy.log_keys().front().name() == origin;
    if (is_ours) return trust;
  }
  return signing::At(
      {.file = absl::StrCat(folder, "policy"), .check = 4},
      signing::Refuse(
          RefusalCode::kLogOrigin,
          absl::StrCat("no registry of ", folder,
                       "policy has the log of this server, ", origin)));
}

absl::StatusOr<std::shared_ptr<const TrustView>> TrustGate::Open() const {
  const std::string path = absl::StrCat(options_.data_dir, "/trust/policy");
  ORRERY_ASSIGN_OR_RETURN(const std::string text,
                          ReadFile(path, 1, RefusalCode::kPolicySyntax));
  absl::StatusOr<signing::ClientPolicy> policy =
      signing::ParseClientPolicy(text);
  if (!policy.ok()) {
    return signing::At({.file = path, .check = 1}, policy.status());
  }
  ORRERY_ASSIGN_OR_RETURN(signing::RegistryTrust trust, OpenTrust(*policy));
  ORRERY_ASSIGN_OR_RETURN(const registry::PublishedLog::Reading published,
                          log_->published().Read());
  if (published.note == nullptr) {
    return signing::At({.check = 4, .registry = trust.registry.id},
                       signing::Refuse(RefusalCode::kLogUnavailable,
                                       "the log has no checkpoint yet"));
  }
  const absl::Time now = options_.now();
  ORRERY_ASSIGN_OR_RETURN(
      signing::FreshCheckpoint checkpoint,
      signing::CheckCheckpoint(trust, *published.note, now,
                               signing::Transport::kOnline));
  ORRERY_ASSIGN_OR_RETURN(std::vector<registry::Source> unread_sources,
                          options_.unread_sources());
  return std::make_shared<const TrustView>(
      log_, TrustView::Basis{
                {published.state, *std::move(policy), std::move(trust), now},
                std::move(checkpoint),
                std::move(unread_sources)});
}

ReleaseAdmissionPtr TrustGate::Admission() const {
  absl::StatusOr<std::shared_ptr<const TrustView>> view = Open();
  if (view.ok()) return *std::move(view);
  return std::make_shared<const NothingAdmitted>(view.status());
}

}  // namespace orrery::catalog
