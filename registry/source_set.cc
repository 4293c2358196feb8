#include "registry/source_set.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

#include "registry/git/stray_git.h"
#include "registry/index/index_file.h"
#include "registry/index/source_rows.h"
#include "registry/log/source_record.h"
#include "registry/log/trust_files.h"
#include "registry/source/source_check.h"
#include "registry/status/error_details.h"
#include "resolver/spelling.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

constexpr char kKeyPrefix[] = "sources/";
constexpr absl::Duration kTendTime = absl::Hours(1);
// A remote that hangs holds one of them until its stall limit. Those that
// answered last time never wait for those that did not.
constexpr SourceScheduler::Threads kSyncThreads = {.all = 64, .doubtful = 48};

}  // namespace

SourceSet::SourceSet(const RegistryOptions& options, StateStore* state_store,
                     std::unique_ptr<IndexStore> store, RegistryLog* log,
                     std::function<void()> give_way)
    : options_(options),
      give_way_(std::move(give_way)),
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

absl::StatusOr<std::unique_ptr<SourceSet>> SourceSet::Open(
    const RegistryOptions& options, StateStore* state_store, RegistryLog* log,
    const std::function<void()>& give_way, const std::string& notice) {
  ORRERY_ASSIGN_OR_RETURN(
      std::unique_ptr<IndexStore> store,
      IndexStore::Open(IndexPath(options.data_dir),
                       {.durable = options.durable, .give_way = give_way}));
  std::unique_ptr<SourceSet> set(
      new SourceSet(options, state_store, std::move(store), log, give_way));
  ORRERY_RETURN_IF_ERROR(set->Load(notice));
  return set;
}

std::shared_ptr<SourceFollower> SourceSet::NewFollower(Source source) {
  SourceFollower::Options options;
  options.poll_interval = options_.poll_interval;
  options.now = options_.now;
  options.observer = options_.observer;
  options.indexing = &indexing_;
  options.read_names = [this] { return ReadNames(options_.data_dir); };
  options.give_way = give_way_;
  options.on_index_damage = [this] { MarkIndexDamaged(options_.data_dir); };
  return std::make_shared<SourceFollower>(std::move(source), options, &access_,
                                          store_.get(), &published_, &log_,
                                          &state_store_);
}

absl::Status SourceSet::Load(const std::string& notice) {
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

absl::StatusOr<std::vector<StoredSource>> SourceSet::ReadStoredSources() {
  ORRERY_ASSIGN_OR_RETURN(const ReaderPool::Lease reader, store_->Reader());
  return ReadSources(*reader);
}

std::vector<std::shared_ptr<SourceFollower>> SourceSet::AllFollowers() {
  const MutexLock lock(&mutex_);
  std::vector<std::shared_ptr<SourceFollower>> followers;
  for (const auto& [name, follower] : followers_) followers.push_back(follower);
  return followers;
}

std::vector<Source> SourceSet::Sources() {
  const MutexLock lock(&mutex_);
  std::vector<Source> sources;
  for (const auto& [name, follower] : followers_) {
    sources.push_back(follower->source());
  }
  return sources;
}

void SourceSet::Start() {
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

void SourceSet::Stop() {
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

SourceScheduler::Turn SourceSet::Poll(const std::string& name) {
  const absl::StatusOr<std::shared_ptr<SourceFollower>> follower = Find(name);
  if (!follower.ok()) return {absl::InfiniteFuture()};
  absl::Time next;
  Look(name, [&] {
    next = (*follower)->Poll();
    return absl::OkStatus();
  }).IgnoreError();
  TendSoon(name);
  return {next, (*follower)->doubtful()};
}

absl::Status SourceSet::Look(const std::string& name,
                             const std::function<absl::Status()>& look) {
  LookAtNames();
  const uint64_t before = published_.generation();
  const absl::Status looked = look();
  if (published_.generation() != before) {
    NoteChange(SourceFollower::Change::kOtherSources, name);
  }
  return looked;
}

void SourceSet::NoteChange(SourceFollower::Change change,
                           const std::string& name) {
  for (const std::shared_ptr<SourceFollower>& follower : AllFollowers()) {
    if (follower->name() == name) continue;
    const std::optional<absl::Time> due = follower->NoteChange(change);
    if (!due.has_value()) continue;
    scheduler_.Schedule(follower->name(), {*due, follower->doubtful()});
  }
}

void SourceSet::LookAtNames() {
  const std::string names =
      ReadTrustFile(options_.data_dir, "names").value_or(std::string());
  {
    const MutexLock lock(&mutex_);
    if (names == names_) return;
    names_ = names;
  }
  NoteChange(SourceFollower::Change::kNames, "");
}

void SourceSet::TendSoon(const std::string& name) {
  tending_.Schedule(name, {options_.now()});
}

SourceScheduler::Turn SourceSet::Tend(const std::string& name) {
  const absl::StatusOr<std::shared_ptr<SourceFollower>> follower = Find(name);
  if (follower.ok()) {
    access_.Tend((*follower)->source(), {.deadline = absl::Now() + kTendTime,
                                         .stop = stop_.get_token()});
  }
  return {absl::InfiniteFuture()};
}

void SourceSet::Hint(const std::string& remote) {
  for (const std::shared_ptr<SourceFollower>& follower : AllFollowers()) {
    if (CanonicalRemote(follower->source()) != remote) continue;
    scheduler_.Schedule(follower->name(),
                        {follower->Hint(), follower->doubtful()});
  }
}

// An overlay adds files to releases, which only a source of its own kind has.
absl::Status SourceSet::CheckBase(const Source& source) {
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
absl::Status SourceSet::LogAdded(const Source& source) {
  const bool is_resolved = absl::StartsWith(source.ref, "refs/");
  Source known = source;
  if (!is_resolved) known.ref = "refs/heads/unknown";
  ORRERY_ASSIGN_OR_RETURN(const signing::SourceRecord record,
                          SourceRecordOf(known));
  return is_resolved ? log_.LogSource(record) : absl::OkStatus();
}

absl::StatusOr<AddedSource> SourceSet::Add(Source source,
                                           const AddSourceOptions& options) {
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

absl::Status SourceSet::Remove(const std::string& name) {
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
  NoteChange(SourceFollower::Change::kOtherSources, name);
  return absl::OkStatus();
}

std::vector<SourceStatus> SourceSet::List() {
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

absl::StatusOr<std::vector<Source>> SourceSet::Unread() {
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> read,
                          log_.ReadSources());
  std::vector<Source> unread = Sources();
  std::erase_if(unread, [&read](const Source& source) {
    return !source.overlay_of.empty() ||
           std::find(read.begin(), read.end(), source.name) != read.end();
  });
  return unread;
}

absl::StatusOr<std::shared_ptr<SourceFollower>> SourceSet::Find(
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

}  // namespace orrery::registry
