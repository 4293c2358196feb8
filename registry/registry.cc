#include "registry/registry.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <stop_token>
#include <system_error>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "registry/git/secret_file.h"
#include "registry/git/stray_git.h"
#include "registry/index/index_file.h"
#include "registry/index/index_store.h"
#include "registry/index/published_index.h"
#include "registry/index/source_rows.h"
#include "registry/log/log_store.h"
#include "registry/log/source_record.h"
#include "registry/log/trust_files.h"
#include "registry/repository_access.h"
#include "registry/source_check.h"
#include "registry/source_follower.h"
#include "registry/source_scheduler.h"
#include "registry/status/error_details.h"
#include "resolver/spelling.h"
#include "signing/policy/names.h"
#include "third_party/absl/mutex.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr char kKeyPrefix[] = "sources/";
constexpr absl::Duration kTendTime = absl::Hours(1);
// A remote that hangs holds one of them until its stall limit. Those that
// answered last time never wait for those that did not.
constexpr SourceScheduler::Threads kSyncThreads = {.all = 64, .doubtful = 48};

// The same for a source that is not there: callers are strangers.
absl::Status TakesNoNotifications(absl::string_view name) {
  return WithReason(absl::PermissionDeniedError(absl::StrCat(
                        "source \"", name, "\" takes no notifications")),
                    "NOTIFICATIONS_OFF", {{"source", std::string(name)}});
}

}  // namespace

class Registry::State {
 public:
  // `log` must outlive this.
  State(const Options& options, StateStore* state_store,
        std::unique_ptr<IndexStore> store, RegistryLog* log)
      : options_(options),
        state_store_(*state_store),
        log_(*log),
        store_(std::move(store)),
        access_({{.git_program = options.git_program,
                  .state_dir = options.data_dir,
                  .stall_limit = options.stall_limit,
                  .max_fetch_bytes = options.max_fetch_bytes},
                 options.allow_local_sources}),
        published_(store_),
        scheduler_(kSyncThreads,
                   [this](const std::string& name) { return Poll(name); }),
        tending_({.all = 1, .doubtful = 1},
                 [this](const std::string& name) { return Tend(name); }) {}

  // Errors as Registry::Open; kDataLoss when the index is damaged. Sources show
  // `notice` until they have synced.
  static absl::StatusOr<std::unique_ptr<State>> Open(const Options& options,
                                                     StateStore* state_store,
                                                     RegistryLog* log,
                                                     const std::string& notice);
  void Start();
  void Stop();

  PublishedIndex& published() { return published_; }

  absl::StatusOr<AddedSource> Add(Source source, const AddOptions& options);
  absl::Status Remove(const std::string& name);
  std::vector<SourceStatus> List();
  absl::StatusOr<std::vector<Source>> Unread();
  absl::StatusOr<std::shared_ptr<SourceFollower>> Find(absl::string_view name);
  void TendSoon(const std::string& name);
  // Runs a look at a source, and has those whose statements wait for others
  // looked at again when it changed what is served.
  absl::Status Look(const std::string& name,
                    const std::function<absl::Status()>& look);
  // Has all sources of the remote looked at soon: one listing does for them
  // all.
  void Hint(const std::string& remote);

 private:
  using Followers = std::map<std::string, std::shared_ptr<SourceFollower>>;

  absl::StatusOr<std::vector<StoredSource>> ReadStoredSources();
  absl::Status Load(const std::string& notice);
  // But for the named one.
  void RetryStatements(const std::string& name);
  // The same for all of them, when the names of this registry have changed.
  void RetryForNames();
  SourceScheduler::Turn Poll(const std::string& name);
  SourceScheduler::Turn Tend(const std::string& name);
  std::vector<std::shared_ptr<SourceFollower>> AllFollowers();
  std::vector<Source> Sources();
  std::shared_ptr<SourceFollower> NewFollower(Source source);
  // Whether what the source is an overlay of can be one's base.
  absl::Status CheckBase(const Source& source);
  absl::Status LogAdded(const Source& source);

  const Options options_;
  StateStore& state_store_;
  RegistryLog& log_;
  const std::shared_ptr<IndexStore> store_;
  RepositoryAccess access_;
  PublishedIndex published_;
  IndexingSlots indexing_{IndexingSlots::Limits()};
  std::stop_source stop_;
  // Held while a source comes or goes: its name stands for one source only in
  // state, schedule and index.
  Mutex change_mutex_ ABSL_ACQUIRED_BEFORE(mutex_);
  Mutex mutex_;
  Followers followers_ ABSL_GUARDED_BY(mutex_);
  // The file `names` as it was seen last.
  std::string names_ ABSL_GUARDED_BY(mutex_);
  SourceScheduler scheduler_;
  // Cares for clones after looks, so that no look waits for what others left.
  SourceScheduler tending_;
};

std::shared_ptr<SourceFollower> Registry::State::NewFollower(Source source) {
  SourceFollower::Options options;
  options.poll_interval = options_.poll_interval;
  options.now = options_.now;
  options.observer = options_.observer;
  options.indexing = &indexing_;
  options.read_names =
      [this]() -> absl::StatusOr<std::optional<signing::Names>> {
    const absl::StatusOr<std::string> text =
        ReadTrustFile(options_.data_dir, "names");
    if (absl::IsNotFound(text.status())) return std::nullopt;
    ORRERY_RETURN_IF_ERROR(text.status());
    ORRERY_ASSIGN_OR_RETURN(signing::Names names, signing::Names::Parse(*text));
    return names;
  };
  options.on_index_damage = [this] { MarkIndexDamaged(options_.data_dir); };
  return std::make_shared<SourceFollower>(std::move(source), options, &access_,
                                          store_.get(), &published_, &log_,
                                          &state_store_);
}

absl::Status Registry::State::Load(const std::string& notice) {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<StateEntry> entries,
                          state_store_.List(kKeyPrefix));
  ORRERY_ASSIGN_OR_RETURN(const std::vector<StoredSource> stored,
                          ReadStoredSources());
  const MutexLock lock(&mutex_);
  for (const StateEntry& entry : entries) {
    absl::StatusOr<Source> source = DecodeSource(entry.value);
    // No damage of the index.
    if (!source.ok()) return absl::InternalError(source.status().message());
    std::shared_ptr<SourceFollower> follower = NewFollower(*std::move(source));
    if (!notice.empty()) follower->Announce(notice);
    followers_[follower->name()] = follower;
  }
  std::vector<std::string> strange;
  for (const StoredSource& source : stored) {
    const auto follower = followers_.find(source.name);
    if (follower != followers_.end() &&
        OriginOf(follower->second->source()) == source.origin) {
      ORRERY_RETURN_IF_ERROR(follower->second->Restore(source));
    } else {
      strange.push_back(source.name);
    }
  }
  ORRERY_RETURN_IF_ERROR(published_.LoadEnd());
  // What a full disk keeps from being tidied up is at the next start.
  for (const std::string& name : strange) {
    const absl::Status removed = published_.Remove(name);
    if (!removed.ok() && !absl::IsResourceExhausted(removed)) return removed;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StoredSource>> Registry::State::ReadStoredSources() {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, store_->Reader());
  return ReadSources(*reader);
}

std::vector<std::shared_ptr<SourceFollower>> Registry::State::AllFollowers() {
  const MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<SourceFollower>> followers;
  for (const auto& [name, follower] : followers_) followers.push_back(follower);
  return followers;
}

std::vector<Source> Registry::State::Sources() {
  const MutexLock lock(&mutex_);
  std::vector<Source> sources;
  for (const auto& [name, follower] : followers_) {
    sources.push_back(follower->source());
  }
  return sources;
}

void Registry::State::Start() {
  EndStrayGit(options_.data_dir);
  const std::vector<Source> sources = Sources();
  access_.KeepOnly(sources);
  std::set<std::string> names;
  for (const Source& source : sources) names.insert(source.name);
  // What cannot be logged now is at the next start.
  log_.RetireOthers(names).IgnoreError();
  {
    const MutexLock lock(&mutex_);
    for (const auto& [name, follower] : followers_) {
      scheduler_.Schedule(name,
                          {std::max(options_.now(), follower->next_attempt()),
                           follower->doubtful()});
    }
  }
  scheduler_.Start();
  tending_.Start();
}

void Registry::State::Stop() {
  stop_.request_stop();
  {
    const MutexLock lock(&mutex_);
    for (const auto& [name, follower] : followers_) follower->Cancel();
  }
  scheduler_.Stop();
  tending_.Stop();
  // Syncs that somebody waits for run in threads of theirs.
  for (const std::shared_ptr<SourceFollower>& follower : AllFollowers()) {
    follower->WaitUntilIdle();
  }
}

SourceScheduler::Turn Registry::State::Poll(const std::string& name) {
  const absl::StatusOr<std::shared_ptr<SourceFollower>> follower = Find(name);
  if (!follower.ok()) return {absl::InfiniteFuture()};
  RetryForNames();
  absl::Time next;
  Look(name, [&] {
    next = (*follower)->Poll();
    return absl::OkStatus();
  }).IgnoreError();
  TendSoon(name);
  return {next, (*follower)->doubtful()};
}

absl::Status Registry::State::Look(const std::string& name,
                                   const std::function<absl::Status()>& look) {
  const uint64_t before = published_.generation();
  const absl::Status looked = look();
  if (published_.generation() != before) RetryStatements(name);
  return looked;
}

void Registry::State::RetryStatements(const std::string& name) {
  for (const std::shared_ptr<SourceFollower>& follower : AllFollowers()) {
    if (follower->name() == name) continue;
    const std::optional<absl::Time> due = follower->RetryStatements();
    if (!due.has_value()) continue;
    scheduler_.Schedule(follower->name(), {*due, follower->doubtful()});
  }
}

void Registry::State::RetryForNames() {
  const std::string names =
      ReadTrustFile(options_.data_dir, "names").value_or(std::string());
  {
    const MutexLock lock(&mutex_);
    if (names == names_) return;
    names_ = names;
  }
  RetryStatements("");
}

void Registry::State::TendSoon(const std::string& name) {
  tending_.Schedule(name, {options_.now()});
}

SourceScheduler::Turn Registry::State::Tend(const std::string& name) {
  const absl::StatusOr<std::shared_ptr<SourceFollower>> follower = Find(name);
  if (follower.ok()) {
    access_.Tend((*follower)->source(), {.deadline = absl::Now() + kTendTime,
                                         .stop = stop_.get_token()});
  }
  return {absl::InfiniteFuture()};
}

void Registry::State::Hint(const std::string& remote) {
  for (const std::shared_ptr<SourceFollower>& follower : AllFollowers()) {
    if (CanonicalRemote(follower->source()) != remote) continue;
    scheduler_.Schedule(follower->name(),
                        {follower->Hint(), follower->doubtful()});
  }
}

// An overlay adds files to releases, which only a source of its own kind has.
absl::Status Registry::State::CheckBase(const Source& source) {
  if (source.overlay_of.empty()) return absl::OkStatus();
  ORRERY_ASSIGN_OR_RETURN(const std::shared_ptr<SourceFollower> base,
                          Find(source.overlay_of));
  if (base->source().overlay_of.empty()) return absl::OkStatus();
  return WithReason(absl::FailedPreconditionError(absl::StrCat(
                        "source \"", source.overlay_of,
                        "\" is an overlay of \"", base->source().overlay_of,
                        "\" itself; name the source that has "
                        "the releases")),
                    "BASE_IS_OVERLAY", {{"source", source.overlay_of}});
}

// At once, so that nothing of a worse source is offered before it was read. Of
// one whose ref nobody knows yet, by its first look.
absl::Status Registry::State::LogAdded(const Source& source) {
  const bool is_resolved = absl::StartsWith(source.ref, "refs/");
  Source known = source;
  if (!is_resolved) known.ref = "refs/heads/unknown";
  ORRERY_ASSIGN_OR_RETURN(const signing::SourceRecord record,
                          SourceRecordOf(known));
  return is_resolved ? log_.LogSource(record) : absl::OkStatus();
}

absl::StatusOr<Registry::AddedSource> Registry::State::Add(
    Source source, const AddOptions& options) {
  ORRERY_RETURN_IF_ERROR(ValidateSourceName(source.name));
  ORRERY_RETURN_IF_ERROR(log_.writable());
  ORRERY_ASSIGN_OR_RETURN(const SourceUrl url, ParseSourceUrl(source.url));
  ORRERY_RETURN_IF_ERROR(access_.CheckAllowed(url));
  ORRERY_ASSIGN_OR_RETURN(source.subdir, NormaliseSubdir(source.subdir));
  if (!source.first_commit.empty() &&
      !ObjectId::ParseHex(source.first_commit).ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", source.first_commit,
                     "\" is no commit id: 40 digits 0-9 a-f are wanted"));
  }
  const absl::Status exists =
      WithReason(absl::AlreadyExistsError(absl::StrCat(
                     "there is a source \"", source.name,
                     "\" already; remove it first, or choose another name")),
                 "SOURCE_EXISTS", {{"source", source.name}});
  if (Find(source.name).ok()) return exists;

  ORRERY_RETURN_IF_ERROR(CheckBase(source));

  AddedSource added;
  if (options.skip_check) {
    if (source.ref.empty()) source.ref = "HEAD";
  } else {
    absl::StatusOr<std::vector<std::string>> warnings =
        CheckSource(access_, stop_.get_token(), source);
    if (!warnings.ok()) {
      // What was fetched for it.
      const MutexLock change_lock(&change_mutex_);
      access_.KeepOnly(Sources());
      return warnings.status();
    }
    added.warnings = *std::move(warnings);
  }
  const MutexLock change_lock(&change_mutex_);
  // Somebody may have added it meanwhile; the log forgets nothing.
  if (Find(source.name).ok()) return exists;
  ORRERY_RETURN_IF_ERROR(LogAdded(source));
  const absl::StatusOr<int64_t> revision = state_store_.Commit(
      {{absl::StrCat(kKeyPrefix, source.name), EncodeSource(source), 0}});
  if (absl::IsAborted(revision.status())) return exists;
  ORRERY_RETURN_IF_ERROR(revision.status());
  {
    const MutexLock lock(&mutex_);
    followers_[source.name] = NewFollower(source);
  }
  scheduler_.Schedule(source.name, {options_.now(), options.skip_check});
  added.source = std::move(source);
  return added;
}

absl::Status Registry::State::Remove(const std::string& name) {
  const MutexLock change_lock(&change_mutex_);
  ORRERY_ASSIGN_OR_RETURN(const std::shared_ptr<SourceFollower> follower,
                          Find(name));
  ORRERY_RETURN_IF_ERROR(log_.writable());
  ORRERY_RETURN_IF_ERROR(
      state_store_.Commit({{absl::StrCat(kKeyPrefix, name), std::nullopt, {}}})
          .status());
  {
    const MutexLock lock(&mutex_);
    followers_.erase(name);
  }
  scheduler_.Remove(name);
  tending_.Remove(name);
  ORRERY_RETURN_IF_ERROR(follower->Retire());
  access_.KeepOnly(Sources());
  ORRERY_RETURN_IF_ERROR(log_.RetireSource(name));
  RetryStatements(name);
  return absl::OkStatus();
}

std::vector<SourceStatus> Registry::State::List() {
  std::vector<SourceStatus> statuses;
  {
    const MutexLock lock(&mutex_);
    for (const auto& [name, follower] : followers_) {
      statuses.push_back(follower->Status());
    }
  }
  std::sort(statuses.begin(), statuses.end(),
            [](const SourceStatus& a, const SourceStatus& b) {
              return std::tie(a.source.priority, a.source.name) <
                     std::tie(b.source.priority, b.source.name);
            });
  return statuses;
}

absl::StatusOr<std::vector<Source>> Registry::State::Unread() {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> read,
                          log_.ReadSources());
  std::vector<Source> unread = Sources();
  std::erase_if(unread, [&read](const Source& source) {
    return !source.overlay_of.empty() ||
           std::find(read.begin(), read.end(), source.name) != read.end();
  });
  return unread;
}

absl::StatusOr<std::shared_ptr<SourceFollower>> Registry::State::Find(
    absl::string_view name) {
  const MutexLock lock(&mutex_);
  const auto found = followers_.find(std::string(name));
  if (found != followers_.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [other, follower] : followers_) known.push_back(other);
  const std::vector<std::string> nearest = resolver::NearestWords(name, known);
  ErrorMetadata metadata = {{"source", std::string(name)}};
  std::string message = absl::StrCat("there is no source \"", name, "\"");
  Suggest(nearest, &message, &metadata);
  return WithReason(absl::NotFoundError(message), "SOURCE_NOT_FOUND", metadata);
}

absl::StatusOr<std::unique_ptr<Registry::State>> Registry::State::Open(
    const Options& options, StateStore* state_store, RegistryLog* log,
    const std::string& notice) {
  ORRERY_ASSIGN_OR_RETURN(std::unique_ptr<IndexStore> store,
                          IndexStore::Open(IndexPath(options.data_dir),
                                           {.durable = options.durable}));
  auto state =
      std::make_unique<State>(options, state_store, std::move(store), log);
  ORRERY_RETURN_IF_ERROR(state->Load(notice));
  return state;
}

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
  absl::StatusOr<std::unique_ptr<RegistryLog>> log =
      RegistryLog::Open({.data_dir = options.data_dir,
                         .origin = options.log_origin,
                         .host = options.host,
                         .checkpoint_witness = options.checkpoint_witness,
                         .read_only = options.read_only,
                         .durable = options.durable,
                         .now = options.now});
  ORRERY_RETURN_IF_ERROR(log.status());
  std::string notice;
  absl::StatusOr<std::unique_ptr<State>> state =
      absl::DataLossError("it was found damaged while it was in use");
  if (!IsIndexMarkedDamaged(options.data_dir)) {
    state = State::Open(options, state_store, log->get(), notice);
  }
  if (absl::IsDataLoss(AsLogDamage(state.status()))) {
    ORRERY_RETURN_IF_ERROR(SetIndexAside(options.data_dir));
    notice = absl::StrCat(
        "the stored index was damaged and is read from git again; what it was "
        "is in index.db.damaged (",
        state.status().message(), ")");
    state = State::Open(options, state_store, log->get(), notice);
  }
  ORRERY_RETURN_IF_ERROR(AsLogDamage(state.status()));
  return std::unique_ptr<Registry>(
      new Registry(*std::move(log), *std::move(state), std::move(notice)));
}

Registry::Registry(std::unique_ptr<RegistryLog> log,
                   std::unique_ptr<State> state, std::string notice)
    : notice_(std::move(notice)),
      log_(std::move(log)),
      state_(std::move(state)) {}

Registry::~Registry() { Stop(); }

void Registry::Start() {
  log_->Start();
  state_->Start();
}

void Registry::Stop() {
  state_->Stop();
  log_->Stop();
}

RegistryLog& Registry::log() { return *log_; }

absl::StatusOr<std::shared_ptr<const std::string>> Registry::PublishedCatalog()
    const {
  return log_->PublishedCatalog();
}

absl::StatusOr<Yanks> Registry::PublishedYanks() const {
  ORRERY_ASSIGN_OR_RETURN(RegistryLog::Published published,
                          log_->ReadPublished());
  return Yanks(std::move(published.state));
}

uint64_t Registry::generation() const {
  return state_->published().generation() +
         static_cast<uint64_t>(log_->published_size());
}

SnapshotPtr Registry::snapshot() const {
  return state_->published().snapshot();
}

absl::StatusOr<SearchResult> Registry::Search(const SearchQuery& query) const {
  return state_->published().Search(query);
}

absl::StatusOr<SearchResult> Registry::List(absl::string_view after,
                                            size_t limit) const {
  return state_->published().List(after, limit);
}

absl::StatusOr<Registry::AddedSource> Registry::AddSource(
    const Source& source, const AddOptions& options) {
  return state_->Add(source, options);
}

absl::Status Registry::RemoveSource(absl::string_view name) {
  return state_->Remove(std::string(name));
}

absl::StatusOr<std::vector<Source>> Registry::UnreadSources() const {
  return state_->Unread();
}

std::vector<SourceStatus> Registry::ListSources() const {
  return state_->List();
}

absl::StatusOr<SourceStatus> Registry::GetSource(absl::string_view name) const {
  ORRERY_ASSIGN_OR_RETURN(const std::shared_ptr<SourceFollower> follower,
                          state_->Find(name));
  return follower->Status();
}

absl::StatusOr<SourceStatus> Registry::SyncSource(absl::string_view name,
                                                  bool accept_removals,
                                                  absl::Time deadline) {
  ORRERY_ASSIGN_OR_RETURN(const std::shared_ptr<SourceFollower> follower,
                          state_->Find(name));
  const absl::Status synced = state_->Look(follower->name(), [&] {
    return follower->Sync(
        {.accept_removals = accept_removals, .deadline = deadline});
  });
  state_->TendSoon(std::string(name));
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
                          state_->Find(name));
  ORRERY_RETURN_IF_ERROR(follower->AcceptTip(commit->Hex()));
  return SyncSource(name, /*accept_removals=*/false, deadline);
}

absl::StatusOr<SourceStatus> Registry::AdmitKeyset(absl::string_view name,
                                                   absl::string_view package,
                                                   absl::Time deadline) {
  ORRERY_ASSIGN_OR_RETURN(const std::shared_ptr<SourceFollower> follower,
                          state_->Find(name));
  ORRERY_RETURN_IF_ERROR(follower->AdmitKeyset(std::string(package)));
  return SyncSource(name, /*accept_removals=*/false, deadline);
}

absl::StatusOr<WebhookDelivery> Registry::BeginNotification(
    absl::string_view name, WebhookFields fields) const {
  const absl::StatusOr<std::shared_ptr<SourceFollower>> follower =
      state_->Find(name);
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
      state_->Find(name);
  if (!follower.ok()) return TakesNoNotifications(name);
  // Before the hint: what begins afterwards sees it.
  const int64_t look = (*follower)->NextLook();
  state_->Hint(CanonicalRemote((*follower)->source()));
  return look;
}

absl::StatusOr<bool> Registry::HasEnded(absl::string_view name,
                                        int64_t look) const {
  ORRERY_ASSIGN_OR_RETURN(const std::shared_ptr<SourceFollower> follower,
                          state_->Find(name));
  return follower->HasEnded(look);
}

}  // namespace orrery::registry
