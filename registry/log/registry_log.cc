#include "registry/log/registry_log.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <set>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

#include "registry/log/continuation.h"
#include "registry/log/source_record.h"
#include "registry/log/stored_log.h"
#include "registry/store/durable_file.h"
#include "signing/log/merkle.h"
#include "signing/log/note.h"
#include "signing/log/tile.h"
#include "signing/record/leaf.h"
#include "signing/refusal.h"
#include "signing/replay/catalog.h"
#include "signing/replay/leaf_subject.h"
#include "third_party/absl/status_macros.h"

namespace orrery::registry {
namespace {

using signing::Digest;
using signing::Record;
using signing::RecordKind;

// How often the age of the cosignature is looked at.
constexpr std::chrono::seconds kLookInterval(30);

// A log may have many; those of the whole Universe stay.
constexpr size_t kMostPackagesHeld = 1000;

Record RecordOf(signing::SourceRecord source) {
  Record record;
  record.kind = RecordKind::kSource;
  record.body = std::move(source);
  return record;
}

Record IndexOf(const signing::LogState& log, const CatalogName& catalog,
               absl::Time now) {
  Record record;
  record.kind = RecordKind::kIndex;
  record.logs = {log.origin};
  signing::IndexRecord body;
  body.size = log.size;
  body.unix_seconds = absl::ToUnixSeconds(now);
  if (!log.indexes.empty()) {
    body.unix_seconds =
        std::max(body.unix_seconds, log.indexes.back().unix_seconds);
  }
  body.catalog = catalog.digest;
  body.catalog_bytes = catalog.bytes;
  record.body = body;
  return record;
}

}  // namespace

RegistryLog::RegistryLog(Options options, LogKeys keys,
                         std::unique_ptr<LogStore> store)
    : options_(std::move(options)),
      keys_(std::move(keys)),
      store_(std::move(store)),
      published_(store_.get(), [this](int64_t size) { return StateAt(size); }),
      log_file_(LogStatePath(options_.data_dir)),
      timestamper_file_(TimestamperStatePath(options_.data_dir)),
      signer_(keys_.origin(), keys_.log.key(), log_file_),
      timestamper_(keys_.timestamper.name(), keys_.timestamper.key(),
                   keys_.log.vkey(), timestamper_file_),
      subtrees_(store_.get()) {}

absl::StatusOr<std::unique_ptr<RegistryLog>> RegistryLog::Open(
    Options options) {
  ORRERY_RETURN_IF_ERROR(
      CheckWitnessPlace(options.checkpoint_witness, options.data_dir));
  ORRERY_ASSIGN_OR_RETURN(
      std::unique_ptr<LogStore> store,
      LogStore::Open(
          absl::StrCat(options.data_dir, "/", kLogFile),
          {.durable = options.durable, .give_way = options.give_way}));
  ORRERY_ASSIGN_OR_RETURN(const int64_t size, store->Size());
  ORRERY_ASSIGN_OR_RETURN(
      LogKeys keys, OpenLogKeys(options.data_dir, {.origin = options.origin,
                                                   .host = options.host,
                                                   .may_create = size == 0}));
  std::unique_ptr<RegistryLog> log(
      new RegistryLog(std::move(options), std::move(keys), std::move(store)));
  ORRERY_RETURN_IF_ERROR(log->ReadWhole());
  ORRERY_RETURN_IF_ERROR(log->published_.Load());
  absl::Status writable =
      log->options_.read_only
          ? absl::FailedPreconditionError("the log is opened with --read-only")
          : CheckMayGoOn(
                *log->store_, {log->signer_.Last(), log->timestamper_.Last()},
                {log->options_.checkpoint_witness, log->keys_.log.vkey()});
  const MutexLock lock(&log->writable_mutex_);
  log->writable_ = std::move(writable);
  return log;
}

RegistryLog::~RegistryLog() { Stop(); }

absl::Status RegistryLog::writable() const {
  const MutexLock lock(&writable_mutex_);
  return writable_;
}

void RegistryLog::Start() {
  if (!writable().ok()) return;
  {
    // Before anybody asks: that nobody cosigned while this was off is no reason
    // to refuse anything.
    const MutexLock lock(&mutex_);
    Publish().IgnoreError();
  }
  keeper_ =
      std::jthread([this](const std::stop_token& stop) { KeepFresh(stop); });
}

void RegistryLog::Stop() {
  if (!keeper_.joinable()) return;
  keeper_.request_stop();
  {
    const MutexLock lock(&writable_mutex_);
    stopping_.notify_all();
  }
  keeper_.join();
}

void RegistryLog::KeepFresh(const std::stop_token& stop) {
  while (true) {
    {
      const MutexLock lock(&mutex_);
      if (options_.now() - cosigned_ >= options_.cosign_interval) {
        // A full disk is tried again; clients see that nothing is fresh.
        Publish().IgnoreError();
      }
    }
    const MutexLock lock(&writable_mutex_);
    if (stop.stop_requested() || !writable_.ok()) return;
    stopping_.wait_for(writable_mutex_, kLookInterval);
    if (stop.stop_requested()) return;
  }
}

absl::Status RegistryLog::ReadWhole() {
  ORRERY_ASSIGN_OR_RETURN(const std::optional<LogReading> stored,
                          store_->Reading());
  if (stored.has_value() && stored->rules == signing::kReplayRules) {
    is_sound_ = stored->is_sound;
    return absl::OkStatus();
  }
  ORRERY_ASSIGN_OR_RETURN(const int64_t size, store_->Size());
  ORRERY_ASSIGN_OR_RETURN(const signing::LogState log, StateAt(size));
  is_sound_ = log.void_leaves.empty();
  std::optional<CatalogUpdate> catalog;
  if (size > 0) {
    catalog.emplace();
    catalog->head = signing::PrintNamedCatalogHead(log);
    for (const auto& [name, package] : log.packages) {
      catalog->packages[name] = signing::PrintPackageLines(log, name, package);
    }
  }
  return store_->Reread({signing::kReplayRules, is_sound_}, catalog);
}

absl::StatusOr<signing::LogState> RegistryLog::StateAt(int64_t size) const {
  if (is_sound_) return ReadStoredLog(*store_, keys_.origin(), size);
  signing::Replay replay(keys_.origin());
  ORRERY_RETURN_IF_ERROR(
      store_->VisitLeaves(0, size, [&replay](int64_t, absl::string_view bytes) {
        // Void leaves count and say so in the catalog.
        replay.Append(bytes).IgnoreError();
        return absl::OkStatus();
      }));
  return std::move(replay).TakeState();
}

absl::StatusOr<const signing::LogState*> RegistryLog::State() {
  if (!replay_.has_value()) {
    ORRERY_ASSIGN_OR_RETURN(const int64_t size, store_->Size());
    ORRERY_ASSIGN_OR_RETURN(signing::LogState log, StateAt(size));
    replay_.emplace(std::move(log));
  }
  return &replay_->state();
}

absl::StatusOr<signing::TileCutter*> RegistryLog::Cutter() {
  if (!cutter_.has_value()) {
    ORRERY_ASSIGN_OR_RETURN(const int64_t size, store_->Size());
    ORRERY_ASSIGN_OR_RETURN(
        cutter_,
        signing::TileCutter::Resume(static_cast<uint64_t>(size), subtrees_));
  }
  return &*cutter_;
}

absl::Status RegistryLog::AppendLeaf(std::string bytes, LogBatch& batch) {
  const int64_t index = replay_->state().size;
  const absl::Status taken = replay_->Append(bytes);
  if (!taken.ok()) {
    return absl::InternalError(
        absl::StrCat("nothing was logged: a record ", taken.message()));
  }
  const Digest hash = signing::LeafHash(bytes);
  batch.nodes.push_back({0, index, hash});
  cutter_->Append(hash);
  for (const signing::Tile& full : cutter_->TakeFull()) {
    batch.nodes.push_back(
        {full.id.level + 1, static_cast<int64_t>(full.id.index),
         signing::TileSubtree(full.bytes, 0, signing::kTileHeight)});
  }
  batch.leaves.push_back(std::move(bytes));
  return absl::OkStatus();
}

absl::StatusOr<LogBatch> RegistryLog::MakeBatch(std::vector<NewLeaf> leaves) {
  LogBatch batch;
  if (leaves.empty()) return batch;
  ORRERY_ASSIGN_OR_RETURN(const signing::LogState* const log, State());
  ORRERY_RETURN_IF_ERROR(Cutter().status());
  batch.first = log->size;
  for (NewLeaf& coming : leaves) {
    options_.give_way();
    // A first import has a million of them: each goes when it is printed.
    NewLeaf leaf = std::move(coming);
    ORRERY_ASSIGN_OR_RETURN(std::string bytes,
                            PlaceLeaf(*log, std::move(leaf)));
    ORRERY_RETURN_IF_ERROR(AppendLeaf(std::move(bytes), batch));
  }
  ORRERY_RETURN_IF_ERROR(AddCatalog(batch));
  // Of what could not be read, wrong records were made.
  ORRERY_RETURN_IF_ERROR(log->packages.status());
  return batch;
}

absl::Status RegistryLog::AddCatalog(LogBatch& batch) {
  const signing::LogState& log = replay_->state();
  batch.catalog.head = signing::PrintCatalogHead(log);
  std::set<std::string, std::less<>> changed;
  bool is_source_changed = false;
  for (const std::string& leaf : batch.leaves) {
    const signing::LeafSubject subject = signing::SubjectOf(leaf);
    if (!subject.package.empty()) {
      if (!changed.contains(subject.package)) changed.emplace(subject.package);
    } else if (signing::FindSource(log, subject.source)->chain.size() > 1) {
      is_source_changed = true;
    }
  }
  if (is_source_changed) {
    // The states of its releases may be others.
    for (const auto& [name, package] : log.packages) changed.insert(name);
  }
  for (const std::string& name : changed) {
    options_.give_way();
    batch.catalog.packages[name] =
        signing::PrintPackageLines(log, name, *log.packages.Find(name));
  }
  ORRERY_ASSIGN_OR_RETURN(const CatalogName catalog,
                          store_->NameCatalog(batch.catalog));
  if (catalog.bytes > static_cast<int64_t>(signing::kMaxCatalogBytes)) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "nothing was logged: the catalog would have ", catalog.bytes,
        " bytes, more than ", signing::kMaxCatalogBytes));
  }
  batch.catalog_digest = catalog.digest;
  const Record index = IndexOf(log, catalog, options_.now());
  return AppendLeaf(signing::JoinLeaf(signing::PrintRecord(index), {}), batch);
}

absl::Status RegistryLog::Append(std::vector<NewLeaf> leaves,
                                 const std::optional<ReadMark>& mark) {
  const MutexLock lock(&mutex_);
  return AppendLocked(std::move(leaves), mark);
}

absl::Status RegistryLog::LogSource(const signing::SourceRecord& source) {
  ORRERY_RETURN_IF_ERROR(writable());
  const MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(const signing::LogState* const log, State());
  const signing::SourceState* const known =
      signing::FindSource(*log, source.id);
  if (known != nullptr && SaySame(known->in_force(), source)) {
    return absl::OkStatus();
  }
  ORRERY_ASSIGN_OR_RETURN(std::string read, store_->ReadMarkOf(source.id));
  return AppendLocked({RecordOf(source)}, ReadMark{source.id, std::move(read)});
}

absl::Status RegistryLog::RetireOthers(const std::set<std::string>& ids) {
  ORRERY_RETURN_IF_ERROR(writable());
  ORRERY_ASSIGN_OR_RETURN(const std::vector<std::string> marked,
                          store_->MarkedSources());
  for (const std::string& id : marked) {
    if (!ids.contains(id)) ORRERY_RETURN_IF_ERROR(RetireSource(id));
  }
  return absl::OkStatus();
}

absl::Status RegistryLog::RetireSource(const std::string& id) {
  const MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(const signing::LogState* const log, State());
  const signing::SourceState* const known = signing::FindSource(*log, id);
  if (known == nullptr) return absl::OkStatus();
  if (known->in_force().admission == signing::Admission::kNone) {
    // It is out of force already, but may have been read.
    return AppendLocked({}, ReadMark{id, std::nullopt});
  }
  signing::SourceRecord retired = known->in_force();
  retired.admission = signing::Admission::kNone;
  if (auto* git = std::get_if<signing::GitOrigin>(&retired.origin)) {
    git->tip.clear();
  }
  return AppendLocked({RecordOf(std::move(retired))},
                      ReadMark{id, std::nullopt});
}

absl::Status RegistryLog::AppendLocked(std::vector<NewLeaf> leaves,
                                       const std::optional<ReadMark>& mark) {
  ORRERY_RETURN_IF_ERROR(writable());
  const bool grows = !leaves.empty();
  absl::StatusOr<LogBatch> batch = MakeBatch(std::move(leaves));
  absl::Status appended = batch.status();
  if (appended.ok()) {
    batch->mark = mark;
    appended = store_->Append(*batch);
  }
  if (!appended.ok()) {
    // What is in memory ran ahead; the store says what is so.
    replay_.reset();
    cutter_.reset();
    return appended;
  }
  if (unpublished_.has_value()) {
    for (const auto& [name, lines] : batch->catalog.packages) {
      unpublished_->insert(name);
    }
  }
  if (is_sound_ && replay_.has_value() &&
      replay_->state().packages.taken_in() > kMostPackagesHeld) {
    replay_.reset();
  }
  // What could not be published before is tried again.
  if (!grows && cosigned_ > absl::InfinitePast()) return absl::OkStatus();
  const absl::Status published = Publish();
  if (!published.ok()) cosigned_ = absl::InfinitePast();
  return published;
}

absl::Status RegistryLog::Publish() {
  const absl::Status published = SignAndShow();
  const std::optional<signing::Refusal> refusal = signing::RefusalOf(published);
  // Whether a state could be stored says nothing of the log.
  if (!refusal.has_value() ||
      refusal->code == signing::RefusalCode::kStateWrite) {
    return published;
  }
  const MutexLock lock(&writable_mutex_);
  writable_ = absl::FailedPreconditionError(
      absl::StrCat("a key of the log refuses to sign it: ", refusal->detail,
                   "; ", kHowToGoOn));
  return writable_;
}

absl::StatusOr<std::vector<Digest>> RegistryLog::ProveFrom(
    const absl::StatusOr<signing::SignerState>& last, uint64_t size) {
  ORRERY_RETURN_IF_ERROR(last.status());
  // The guard says what is wrong with it.
  if (last->checkpoint.size > size) return std::vector<Digest>();
  return signing::ProveConsistency(last->checkpoint.size, size, subtrees_);
}

absl::Status RegistryLog::SignAndShow() {
  ORRERY_ASSIGN_OR_RETURN(signing::TileCutter* const cutter, Cutter());
  const uint64_t size = cutter->size();
  if (size == 0) return absl::OkStatus();
  const absl::StatusOr<signing::SignerState> signed_last = signer_.Last();
  ORRERY_ASSIGN_OR_RETURN(const std::vector<Digest> proof,
                          ProveFrom(signed_last, size));
  ORRERY_ASSIGN_OR_RETURN(signing::Note note,
                          signer_.Sign(size, cutter->Root(), proof));
  const absl::StatusOr<signing::SignerState> stamped = timestamper_.Last();
  std::vector<Digest> stamp_proof = proof;
  // Both have signed the same, unless a crash came between them.
  if (!stamped.ok() ||
      stamped->checkpoint.size != signed_last->checkpoint.size) {
    ORRERY_ASSIGN_OR_RETURN(stamp_proof, ProveFrom(stamped, size));
  }
  const absl::Time now = options_.now();
  // A clock that was set back stands still until it has caught up.
  const uint64_t time =
      std::max(stamped->time, static_cast<uint64_t>(absl::ToUnixSeconds(now)));
  ORRERY_ASSIGN_OR_RETURN(
      signing::NoteSignature cosignature,
      timestamper_.Cosign(signing::FormatNote(note), stamp_proof, time));
  note.signatures.push_back(std::move(cosignature));
  std::string bytes = signing::FormatNote(note);
  if (!options_.checkpoint_witness.empty()) {
    ORRERY_RETURN_IF_ERROR(WriteDurably(options_.checkpoint_witness, bytes));
  }
  ORRERY_RETURN_IF_ERROR(
      published_.Show(static_cast<int64_t>(size), std::move(bytes),
                      unpublished_.has_value() ? &*unpublished_ : nullptr));
  cosigned_ = now;
  unpublished_.emplace();
  return absl::OkStatus();
}

absl::Status RegistryLog::ReadState(
    const std::function<absl::Status(const signing::LogState&)>& read) {
  const MutexLock lock(&mutex_);
  ORRERY_ASSIGN_OR_RETURN(const signing::LogState* const log, State());
  ORRERY_RETURN_IF_ERROR(read(*log));
  return log->packages.status();
}

absl::StatusOr<std::string> RegistryLog::ReadLeafAt(int64_t index) {
  std::string leaf;
  ORRERY_RETURN_IF_ERROR(
      store_->VisitLeaves(index, 1, [&](int64_t, absl::string_view bytes) {
        leaf = std::string(bytes);
        return absl::OkStatus();
      }));
  if (!leaf.empty()) return leaf;
  return absl::NotFoundError(absl::StrCat("there is no leaf ", index));
}

}  // namespace orrery::registry
