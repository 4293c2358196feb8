#include "signing/log/consistency_guard.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

#include "signing/log/log_signer.h"
#include "signing/log/merkle.h"
#include "signing/log/timestamper.h"
#include "signing/refusal_matchers.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

constexpr char kOrigin[] = "registry.example/main";
constexpr uint64_t kNow = 1'795'347'600;

// Keeps the text in memory and dies when it is told to.
class FaultyStore final : public SignerStore {
 public:
  enum Fault { kNone, kReading, kBeforeWriting, kAfterWriting };

  absl::StatusOr<std::string> Read() override {
    if (fault == kReading) return absl::UnavailableError("too many open files");
    if (!text) return absl::NotFoundError("no state");
    return *text;
  }

  absl::Status Replace(absl::string_view expected,
                       absl::string_view desired) override {
    ++writes;
    if (fault == kBeforeWriting) return absl::UnavailableError("killed");
    if (text != expected) return absl::AbortedError("another state is stored");
    text = std::string(desired);
    if (fault == kAfterWriting) return absl::UnavailableError("killed");
    return absl::OkStatus();
  }

  std::optional<std::string> text = InitialSignerState(kOrigin);
  Fault fault = kNone;
  int writes = 0;
};

// The log whose leaves are "leaf 0", "leaf 1" …, or another from `forked_at`
// on.
class Log final : public HashReader {
 public:
  explicit Log(uint64_t forked_at = 1'000) : forked_at_(forked_at) {}

  absl::StatusOr<Digest> Subtree(int level, uint64_t index) override {
    MerkleFrontier frontier;
    for (uint64_t i = index << level; i < (index + 1) << level; ++i) {
      frontier.Append(
          LeafHash(absl::StrCat(i < forked_at_ ? "leaf " : "fork ", i)));
    }
    return frontier.Root();
  }

  Digest Root(uint64_t size) { return *TreeRoot(size, *this); }
  std::vector<Digest> Proof(uint64_t from, uint64_t to) {
    return *ProveConsistency(from, to, *this);
  }

 private:
  uint64_t forked_at_;
};

Ed25519PrivateKey Key(char seed) {
  return *Ed25519PrivateKey::FromSeed(std::string(32, seed));
}

class LogSignerTest : public ::testing::Test {
 protected:
  absl::StatusOr<Note> Sign(Log& log, uint64_t from, uint64_t to) {
    // Each time another process: all that lasts is the store.
    LogSigner signer(kOrigin, Key('l'), store_);
    return signer.Sign(to, log.Root(to), log.Proof(from, to));
  }

  FaultyStore store_;
  Log log_;
};

TEST_F(LogSignerTest, SignsALogThatGrows) {
  for (uint64_t size = 1; size < 20; size += 3) {
    const uint64_t last = size == 1 ? 0 : size - 3;
    const auto note = Sign(log_, last, size);
    ASSERT_THAT(note, IsOk());
    const Vkey vkey = LogSigner(kOrigin, Key('l'), store_).vkey();
    const auto opened =
        OpenCheckpoint(FormatNote(*note), std::span(&vkey, 1), {});
    ASSERT_THAT(opened, IsOk());
    EXPECT_EQ(opened->checkpoint, (Checkpoint{kOrigin, size, log_.Root(size)}));
  }
}

TEST_F(LogSignerTest, SignsTheSameAgainWithTheSameBytesAndNoWrite) {
  const auto first = Sign(log_, 0, 8);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(store_.writes, 1);
  EXPECT_THAT(Sign(log_, 8, 8), IsOkAndHolds(*first));
  EXPECT_EQ(store_.writes, 1);
}

TEST_F(LogSignerTest, NeverSignsAForkOrWhatIsOlder) {
  ASSERT_THAT(Sign(log_, 0, 8), IsOk());
  const std::string state = *store_.text;
  Log fork(5);
  EXPECT_THAT(Sign(fork, 8, 8), Refused(RefusalCode::kLogFork));
  EXPECT_THAT(Sign(fork, 8, 11), Refused(RefusalCode::kLogFork));
  EXPECT_THAT(Sign(fork, 0, 11), Refused(RefusalCode::kLogFork));
  EXPECT_THAT(Sign(log_, 5, 7), Refused(RefusalCode::kLogRollback));
  EXPECT_THAT(Sign(log_, 7, 11), Refused(RefusalCode::kLogFork));
  EXPECT_EQ(store_.text, state);
  EXPECT_THAT(Sign(log_, 8, 11), IsOk());
}

TEST_F(LogSignerTest, WithoutItsStateItSignsNothing) {
  store_.text.reset();
  EXPECT_THAT(Sign(log_, 0, 1), Refused(RefusalCode::kStateCorrupt));
  store_.text = "";
  EXPECT_THAT(Sign(log_, 0, 1), Refused(RefusalCode::kStateCorrupt));
  store_.text = InitialSignerState("other.example/x");
  EXPECT_THAT(Sign(log_, 0, 1), Refused(RefusalCode::kLogOrigin));
  EXPECT_EQ(store_.writes, 0);
}

// A refusal is for good, so that nothing that passes may look like one.
TEST_F(LogSignerTest, AStateThatCannotBeReadNowIsNotCorrupt) {
  store_.fault = FaultyStore::kReading;
  EXPECT_THAT(Sign(log_, 0, 1), StatusIs(absl::StatusCode::kUnavailable));
  store_.fault = FaultyStore::kNone;
  EXPECT_THAT(Sign(log_, 0, 1), IsOk());
}

TEST_F(LogSignerTest, AnEmptyLogHasNoCheckpoint) {
  EXPECT_THAT(Sign(log_, 0, 0), StatusIs(absl::StatusCode::kInvalidArgument));
}

// Killed at its one write, before or after it took effect.
TEST_F(LogSignerTest, AfterAKillTheSameIsSignedAndNoFork) {
  for (const auto fault :
       {FaultyStore::kBeforeWriting, FaultyStore::kAfterWriting}) {
    store_ = FaultyStore();
    ASSERT_THAT(Sign(log_, 0, 3), IsOk());
    store_.fault = fault;
    EXPECT_THAT(Sign(log_, 3, 8), Refused(RefusalCode::kStateWrite));
    store_.fault = FaultyStore::kNone;
    const auto last = LogSigner(kOrigin, Key('l'), store_).Last();
    ASSERT_THAT(last, IsOk());
    const bool is_written = fault == FaultyStore::kAfterWriting;
    EXPECT_EQ(last->checkpoint.size, is_written ? 8 : 3);
    Log fork(5);
    if (is_written) {
      EXPECT_THAT(Sign(fork, 8, 8), Refused(RefusalCode::kLogFork));
    }
    EXPECT_THAT(Sign(log_, last->checkpoint.size, 8), IsOk());
  }
}

// Two replicas read the same state; the second to write must not win.
TEST_F(LogSignerTest, OfTwoThatSignAtOnceOneIsRefused) {
  class Racing final : public SignerStore {
   public:
    explicit Racing(FaultyStore& store) : store_(store) {}
    absl::StatusOr<std::string> Read() override {
      const auto text = store_.Read();
      Log other(3);
      LogSigner signer(kOrigin, Key('l'), store_);
      EXPECT_THAT(signer.Sign(5, other.Root(5), other.Proof(0, 5)), IsOk());
      return text;
    }
    absl::Status Replace(absl::string_view expected,
                         absl::string_view desired) override {
      return store_.Replace(expected, desired);
    }

   private:
    FaultyStore& store_;
  };
  Racing racing(store_);
  LogSigner signer(kOrigin, Key('l'), racing);
  EXPECT_THAT(signer.Sign(8, log_.Root(8), log_.Proof(0, 8)),
              Refused(RefusalCode::kStateWrite));
}

class TimestamperTest : public LogSignerTest {
 protected:
  absl::StatusOr<NoteSignature> Cosign(Log& log, uint64_t from, uint64_t to,
                                       uint64_t now) {
    FaultyStore log_store;
    LogSigner signer(kOrigin, Key('l'), log_store);
    const Note note = *signer.Sign(to, log.Root(to), log.Proof(0, to));
    Timestamper timestamper("registry.example/timestamper", Key('t'),
                            signer.vkey(), store_);
    return timestamper.Cosign(FormatNote(note), log.Proof(from, to), now);
  }
};

TEST_F(TimestamperTest, CosignsAgainThoughNothingGrew) {
  EXPECT_THAT(Cosign(log_, 0, 8, kNow), IsOk());
  EXPECT_THAT(Cosign(log_, 8, 8, kNow), IsOk());
  EXPECT_THAT(Cosign(log_, 8, 8, kNow + 600), IsOk());
  EXPECT_THAT(Cosign(log_, 8, 11, kNow + 601), IsOk());
}

TEST_F(TimestamperTest, GoesBackNeitherInSizeNorInTime) {
  ASSERT_THAT(Cosign(log_, 0, 8, kNow), IsOk());
  EXPECT_THAT(Cosign(log_, 8, 11, kNow - 1), Refused(RefusalCode::kLogTime));
  EXPECT_THAT(Cosign(log_, 5, 7, kNow + 1), Refused(RefusalCode::kLogRollback));
  Log fork(5);
  EXPECT_THAT(Cosign(fork, 8, 8, kNow + 1), Refused(RefusalCode::kLogFork));
}

TEST_F(TimestamperTest, CosignsOnlyWhatTheLogHasSigned) {
  FaultyStore log_store;
  LogSigner stranger(kOrigin, Key('x'), log_store);
  const Note note = *stranger.Sign(1, log_.Root(1), {});
  Timestamper timestamper(
      "registry.example/timestamper", Key('t'),
      Vkey::Of(kOrigin, Vkey::kEd25519, Key('l').public_key()), store_);
  EXPECT_THAT(timestamper.Cosign(FormatNote(note), {}, kNow),
              Refused(RefusalCode::kLogSignature));
  EXPECT_EQ(store_.text, InitialSignerState(kOrigin));
}

TEST(SignerStateTest, IsReadBackAndNoOtherTextIs) {
  const SignerState state{{kOrigin, 8, Digest::Of("x")}, kNow};
  const std::string text = FormatSignerState(state);
  EXPECT_THAT(ParseSignerState(text), IsOkAndHolds(state));
  EXPECT_EQ(ParseSignerState(InitialSignerState(kOrigin))->checkpoint.root,
            Digest::Of(""));
  const auto refused = Refused(RefusalCode::kStateCorrupt);
  for (size_t size = 0; size < text.size(); ++size) {
    EXPECT_THAT(ParseSignerState(text.substr(0, size)), refused) << size;
  }
  for (const auto& [from, to] :
       std::vector<std::pair<const char*, const char*>>{
           {"v1", "v2"},
           {"v1", "v1 "},
           {"size 8", "size 08"},
           {"size 8", "size -8"},
           {"root sha256:", "root "},
           {"origin ", "origin"},
           {"origin registry.example/main", "origin "},
           {"\n", "\r\n"},
           {"\n", "\n\n"}}) {
    EXPECT_THAT(ParseSignerState(absl::StrReplaceAll(text, {{from, to}})),
                refused)
        << to;
  }
  EXPECT_THAT(ParseSignerState(text + "more\n"), refused);
}

}  // namespace
}  // namespace orrery::signing
