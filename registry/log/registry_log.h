#ifndef REGISTRY_LOG_REGISTRY_LOG_H_
#define REGISTRY_LOG_REGISTRY_LOG_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

#include "registry/log/log_keys.h"
#include "registry/log/log_store.h"
#include "registry/log/new_leaf.h"
#include "registry/log/published_log.h"
#include "registry/log/signer_file.h"
#include "registry/log/subtree_reader.h"
#include "signing/digest.h"
#include "signing/log/consistency_guard.h"
#include "signing/log/log_signer.h"
#include "signing/log/tile_cutter.h"
#include "signing/log/timestamper.h"
#include "signing/record/record.h"
#include "signing/replay/replay.h"
#include "third_party/absl/mutex.h"

namespace orrery::registry {

// The append-only log of what this registry ever served (spec: trust.md §11).
// A batch of records is one transaction with the index leaf that closes it;
// then the new size is signed, cosigned and published. What a crash interrupts
// is done again, with the same bytes, by the next start. Thread-safe.
class RegistryLog {
 public:
  struct Options {
    // Holds `log.db` and `keys/`.
    std::string data_dir;
    // As LogKeyOptions.
    std::string origin = {};
    std::string host = "localhost";
    // A file outside of the data directory, empty for none, in which the
    // newest checkpoint is kept, so that a data directory from a backup does
    // not fork its own log.
    std::string checkpoint_witness = {};
    // Neither appends nor signs.
    bool read_only = false;
    // False gives up the fsync of `log.db`.
    bool durable = true;
    // Called between small steps of an append, which lets others go before it.
    std::function<void()> give_way = [] {};
    std::function<absl::Time()> now = absl::Now;
    // How old the cosignature in force may become.
    absl::Duration cosign_interval = absl::Minutes(10);
  };

  // Errors as LogStore::Open and OpenLogKeys; kInvalidArgument for a witness
  // file in the data directory.
  static absl::StatusOr<std::unique_ptr<RegistryLog>> Open(Options options);
  ~RegistryLog();

  // Publishes what a crash left unpublished and cosigns anew, before it
  // returns, and again from time to time.
  void Start();
  void Stop();

  const LogKeys& keys() const { return keys_; }
  // Why nothing can be appended; OK when it can. Never gets OK again.
  absl::Status writable() const;

  // Appends leaves in their order, and how far their source was read. Published
  // when this returns OK. kCancelled when their source is retired; kInternal,
  // and nothing is logged, when one may not be in the log.
  absl::Status Append(std::vector<NewLeaf> leaves,
                      const std::optional<ReadMark>& mark);
  // Puts a source into force, unless what is in force says the same.
  absl::Status LogSource(const signing::SourceRecord& source);
  // Ends a source: its releases count as withdrawn.
  absl::Status RetireSource(const std::string& id);
  // Retires those in force that are not among `ids`: removed by somebody whom
  // a crash kept from saying so here.
  absl::Status RetireOthers(const std::set<std::string>& ids);
  // What the log says, over all leaves. What `read` is given is valid while it
  // runs.
  absl::Status ReadState(
      const std::function<absl::Status(const signing::LogState&)>& read);
  absl::Status PutContents(const std::vector<PackedContent>& contents) {
    return store_->PutContents(contents);
  }
  absl::StatusOr<PackedContent> ReadPacked(const signing::Digest& digest) {
    return store_->ReadPacked(digest);
  }
  absl::StatusOr<bool> Has(const signing::Digest& digest) {
    return store_->Has(digest);
  }
  absl::StatusOr<std::string> ReadMarkOf(absl::string_view source) {
    return store_->ReadMarkOf(source);
  }
  // Sources that were read since they came.
  absl::StatusOr<std::vector<std::string>> ReadSources() {
    return store_->ReadSources();
  }
  // Of the leaf, published or not.
  absl::StatusOr<std::string> ReadLeafAt(int64_t index);

  // What others see of it.
  PublishedLog& published() { return published_; }
  // The bytes of a file that a leaf names.
  absl::StatusOr<std::string> ReadContent(const signing::Digest& digest) {
    return store_->Read(digest);
  }
  ContentReader& contents() { return *store_; }

 private:
  RegistryLog(Options options, LogKeys keys, std::unique_ptr<LogStore> store);

  // Reads the leaves as a whole, unless this was done by today's rules.
  absl::Status ReadWhole();

  absl::Status AppendLocked(std::vector<NewLeaf> leaves,
                            const std::optional<ReadMark>& mark)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<const signing::LogState*> State()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Over the first leaves.
  absl::StatusOr<signing::LogState> StateAt(int64_t size) const;
  absl::StatusOr<signing::TileCutter*> Cutter()
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status AppendLeaf(std::string bytes, LogBatch& batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<LogBatch> MakeBatch(std::vector<NewLeaf> leaves)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status AddCatalog(LogBatch& batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Signs, cosigns and shows the newest size. What a signer refuses is the end
  // of all appending: nobody could ever see what is logged after it.
  absl::Status Publish() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // That the log of this size goes on from what was signed last.
  absl::StatusOr<std::vector<signing::Digest>> ProveFrom(
      const absl::StatusOr<signing::SignerState>& last, uint64_t size)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status SignAndShow() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void KeepFresh(const std::stop_token& stop);

  const Options options_;
  const LogKeys keys_;
  const std::unique_ptr<LogStore> store_;
  PublishedLog published_;
  // No leaf is void, so that what the log says of one package follows from few
  // of them.
  bool is_sound_ = false;
  SignerFile log_file_;
  SignerFile timestamper_file_;
  signing::LogSigner signer_;
  signing::Timestamper timestamper_;

  // Held while the log grows.
  Mutex mutex_ ABSL_ACQUIRED_BEFORE(writable_mutex_);
  SubtreeReader subtrees_ ABSL_GUARDED_BY(mutex_);
  // Read from the store when somebody asks.
  std::optional<signing::Replay> replay_ ABSL_GUARDED_BY(mutex_);
  std::optional<signing::TileCutter> cutter_ ABSL_GUARDED_BY(mutex_);
  absl::Time cosigned_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  // Packages that leaves behind the checkpoint speak of; nothing when it may be
  // a run before that left them there.
  std::optional<std::set<std::string>> unpublished_ ABSL_GUARDED_BY(mutex_);

  mutable Mutex writable_mutex_;
  Condition stopping_;
  absl::Status writable_ ABSL_GUARDED_BY(writable_mutex_);
  std::jthread keeper_;
};

}  // namespace orrery::registry

#endif  // REGISTRY_LOG_REGISTRY_LOG_H_
