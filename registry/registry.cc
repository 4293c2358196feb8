#include "registry/registry.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

#include "registry/git/secret_file.h"
#include "registry/index/index_file.h"
#include "registry/log/log_store.h"
#include "registry/log/published_log.h"
#include "registry/source/source_check.h"
#include "registry/source/source_follower.h"
#include "registry/status/error_details.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

// The same for a source that is not there: callers are strangers.
absl::Status TakesNoNotifications(absl::string_view name) {
  return WithReason(absl::PermissionDeniedError(absl::StrCat(
                        "source \"", name, "\" takes no notifications")),
                    "NOTIFICATIONS_OFF", {{"source", std::string(name)}});
}

}  // namespace

absl::StatusOr<std::unique_ptr<Registry>> Registry::Open(
    Options options, StateStore* state_store) {
  std::error_code error;
  std::filesystem::create_directories(absl::StrCat(options.data_dir, "/clones"),
                                      error);
  if (error) {
    return absl::FailedPreconditionError(
        absl::StrCat("the directory ", options.data_dir,
                     "/clones cannot be made: ", error.message()));
  }
  auto read_traffic = std::make_unique<ReadTraffic>();
  const auto give_way = [traffic = read_traffic.get()] { traffic->GiveWay(); };
  absl::StatusOr<std::unique_ptr<RegistryLog>> log =
      RegistryLog::Open({.data_dir = options.data_dir,
                         .origin = options.log_origin,
                         .host = options.host,
                         .checkpoint_witness = options.checkpoint_witness,
                         .read_only = options.read_only,
                         .durable = options.durable,
                         .give_way = give_way,
                         .now = options.now});
  ORRERY_RETURN_IF_ERROR(log.status());
  std::string notice;
  absl::StatusOr<std::unique_ptr<SourceSet>> sources =
      absl::DataLossError("it was found damaged while it was in use");
  if (!IsIndexMarkedDamaged(options.data_dir)) {
    sources =
        SourceSet::Open(options, state_store, log->get(), give_way, notice);
  }
  if (absl::IsDataLoss(AsLogDamage(sources.status()))) {
    ORRERY_RETURN_IF_ERROR(SetIndexAside(options.data_dir));
    notice = absl::StrCat(
        "the stored index was damaged and is read from git again; what it was "
        "is in index.db.damaged (",
        sources.status().message(), ")");
    sources =
        SourceSet::Open(options, state_store, log->get(), give_way, notice);
  }
  ORRERY_RETURN_IF_ERROR(AsLogDamage(sources.status()));
  return std::unique_ptr<Registry>(
      new Registry(std::move(read_traffic), *std::move(log),
                   *std::move(sources), std::move(notice)));
}

Registry::Registry(std::unique_ptr<ReadTraffic> read_traffic,
                   std::unique_ptr<RegistryLog> log,
                   std::unique_ptr<SourceSet> sources, std::string notice)
    : notice_(std::move(notice)),
      read_traffic_(std::move(read_traffic)),
      log_(std::move(log)),
      sources_(std::move(sources)) {}

Registry::~Registry() { Stop(); }

void Registry::Start() {
  log_->Start();
  sources_->Start();
}

void Registry::Stop() {
  sources_->Stop();
  log_->Stop();
}

RegistryLog& Registry::log() { return *log_; }

absl::StatusOr<std::string> Registry::PublishedCatalogOf(
    absl::string_view package) const {
  return log_->published().CatalogOf(package);
}

absl::StatusOr<Yanks> Registry::PublishedYanks() const {
  ORRERY_ASSIGN_OR_RETURN(PublishedLog::Reading published,
                          log_->published().Read());
  return Yanks(std::move(published.state));
}

uint64_t Registry::EpochOf(absl::string_view package) const {
  read_traffic_->NoteRead();
  return sources_->published().EpochOf(package) +
         log_->published().EpochOf(package);
}

SnapshotPtr Registry::snapshot() const {
  return sources_->published().snapshot();
}

absl::StatusOr<SearchResult> Registry::Search(const SearchQuery& query) const {
  return sources_->published().Search(query);
}

absl::StatusOr<SearchResult> Registry::List(absl::string_view after,
                                            size_t limit) const {
  return sources_->published().List(after, limit);
}

absl::StatusOr<AddedSource> Registry::AddSource(
    const Source& source, const AddSourceOptions& options) {
  return sources_->Add(source, options);
}

absl::Status Registry::RemoveSource(absl::string_view name) {
  return sources_->Remove(std::string(name));
}

absl::StatusOr<std::vector<Source>> Registry::UnreadSources() const {
  return sources_->Unread();
}

std::vector<SourceStatus> Registry::ListSources() const {
  return sources_->List();
}

absl::StatusOr<SourceStatus> Registry::GetSource(absl::string_view name) const {
  ORRERY_ASSIGN_OR_RETURN(const std::shared_ptr<SourceFollower> follower,
                          sources_->Find(name));
  return follower->Status();
}

absl::StatusOr<SourceStatus> Registry::SyncSource(absl::string_view name,
                                                  bool accept_removals,
                                                  absl::Time deadline) {
  ORRERY_ASSIGN_OR_RETURN(const std::shared_ptr<SourceFollower> follower,
                          sources_->Find(name));
  const absl::Status synced = sources_->Look(follower->name(), [&] {
    return follower->Sync(
        {.accept_removals = accept_removals, .deadline = deadline});
  });
  sources_->TendSoon(std::string(name));
  ORRERY_RETURN_IF_ERROR(synced);
  return follower->Status();
}

absl::StatusOr<SourceStatus> Registry::AcceptTip(absl::string_view name,
                                                 absl::string_view tip,
                                                 absl::Time deadline) {
  const absl::StatusOr<ObjectId> commit = ObjectId::ParseHex(tip);
  if (!commit.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", tip, "\" is no commit id of 40 digits"));
  }
  ORRERY_ASSIGN_OR_RETURN(const std::shared_ptr<SourceFollower> follower,
                          sources_->Find(name));
  ORRERY_RETURN_IF_ERROR(follower->AcceptTip(commit->Hex()));
  return SyncSource(name, /*accept_removals=*/false, deadline);
}

absl::StatusOr<SourceStatus> Registry::AdmitKeyset(absl::string_view name,
                                                   absl::string_view package,
                                                   absl::Time deadline) {
  ORRERY_ASSIGN_OR_RETURN(const std::shared_ptr<SourceFollower> follower,
                          sources_->Find(name));
  ORRERY_RETURN_IF_ERROR(follower->AdmitKeyset(std::string(package)));
  return SyncSource(name, /*accept_removals=*/false, deadline);
}

absl::StatusOr<WebhookDelivery> Registry::BeginNotification(
    absl::string_view name, WebhookFields fields) const {
  const absl::StatusOr<std::shared_ptr<SourceFollower>> follower =
      sources_->Find(name);
  if (!follower.ok()) return TakesNoNotifications(name);
  const Source source = (*follower)->source();
  if (source.files.webhook_secret.empty()) return TakesNoNotifications(name);
  const absl::StatusOr<std::string> secret =
      ReadSecretFile(source.files.webhook_secret, kWebhookSecretFile);
  if (!secret.ok()) {
    return absl::UnavailableError(absl::StrCat(
        "the webhook secret of source \"", name, "\" cannot be read"));
  }
  return WebhookDelivery::Begin(std::move(fields), *secret);
}

absl::StatusOr<int64_t> Registry::EndNotification(absl::string_view name,
                                                  WebhookDelivery delivery) {
  ORRERY_RETURN_IF_ERROR(delivery.Verify());
  const absl::StatusOr<std::shared_ptr<SourceFollower>> follower =
      sources_->Find(name);
  if (!follower.ok()) return TakesNoNotifications(name);
  // Before the hint: what begins afterwards sees it.
  const int64_t look = (*follower)->NextLook();
  sources_->Hint(CanonicalRemote((*follower)->source()));
  return look;
}

absl::StatusOr<bool> Registry::HasEnded(absl::string_view name,
                                        int64_t look) const {
  ORRERY_ASSIGN_OR_RETURN(const std::shared_ptr<SourceFollower> follower,
                          sources_->Find(name));
  return follower->HasEnded(look);
}

}  // namespace orrery::registry
