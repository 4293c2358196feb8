#include "registry/git/git_repository.h"

#include <sys/stat.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "registry/git/git_object.h"
#include "registry/status/refusal_details.h"
#include "tests/testing/git_fixture.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::registry {
namespace {

using ::testing::HasSubstr;
using tests::GitFixture;

constexpr uint64_t kNoLimit = uint64_t{1} << 40;

std::string Deflated(const std::string& bytes) {
  uLongf size = compressBound(bytes.size());
  std::string packed(size, '\0');
  compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
            reinterpret_cast<const Bytef*>(bytes.data()), bytes.size(), 9);
  packed.resize(size);
  return packed;
}

std::string BigEndian(uint64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i) {
    text.push_back(static_cast<char>(value >> (8 * i)));
  }
  return text;
}

void WriteFile(const std::string& path, const std::string& bytes) {
  std::filesystem::create_directories(
      std::filesystem::path(path).parent_path());
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}

class GitRepositoryTest : public ::testing::Test {
 protected:
  GitRepositoryTest()
      : git_(absl::StrCat(
            ::testing::TempDir(), "git_repository",
            ::testing::UnitTest::GetInstance()->current_test_info()->name())),
        repository_(*GitRepository::Open(git_.path())) {}

  // Puts a file where the object `id` belongs.
  std::string LooseFile(const std::string& file) {
    const std::string hex(40, 'a');
    WriteFile(absl::StrCat(git_.path(), "/objects/aa/", std::string(38, 'a')),
              file);
    return hex;
  }

  static ObjectId Id(const std::string& hex) {
    return *ObjectId::ParseHex(hex);
  }

  GitFixture git_;
  std::unique_ptr<GitRepository> repository_;
};

TEST_F(GitRepositoryTest, LooseObjectsAreReadOfAnySize) {
  for (const size_t size : {0, 1, 50, 64, 65, 16384, 5'000'000}) {
    const std::string bytes(size, 'x');
    const ObjectId id = Id(git_.WriteBlob(bytes));
    EXPECT_THAT(repository_->BlobSize(id), IsOkAndHolds(size));
    EXPECT_THAT(repository_->ReadBlob(id), IsOkAndHolds(bytes));
  }
}

// libgit2 1.5 writes past its buffer for the first of these.
TEST_F(GitRepositoryTest, LooseFileThatLiesAboutItsSizeIsDataLoss) {
  for (const char* size : {"1", "200", "999999", "100001"}) {
    const ObjectId id = Id(LooseFile(Deflated(absl::StrCat(
        "blob ", size, std::string(1, '\0'), std::string(100'000, 'x')))));
    EXPECT_THAT(repository_->ReadBlob(id),
                StatusIs(absl::StatusCode::kDataLoss))
        << size;
  }
}

TEST_F(GitRepositoryTest, DamagedLooseFilesAreDataLoss) {
  const std::string good =
      Deflated(absl::StrCat("blob 1000", std::string(1, '\0'),
                            std::string(500, 'x'), std::string(500, 'y')));
  std::string flipped = good;
  flipped[flipped.size() / 2] ^= 0x10;
  for (const std::string& file :
       {std::string(), std::string("x"), good.substr(0, 1),
        good.substr(0, good.size() / 2), good.substr(0, good.size() - 1),
        flipped, std::string(5000, '\0'), Deflated("blob 1000"),
        Deflated(absl::StrCat("blub 3", std::string(1, '\0'), "abc")),
        Deflated(absl::StrCat("blob -3", std::string(1, '\0'), "abc")),
        Deflated(absl::StrCat("blob ", std::string(1, '\0'), "abc")),
        Deflated(std::string(1000, 'b')),
        Deflated(absl::StrCat("blob 99999999999999999999999",
                              std::string(1, '\0')))}) {
    EXPECT_THAT(repository_->ReadBlob(Id(LooseFile(file))),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_F(GitRepositoryTest, PipeInThePlaceOfAnObjectHoldsNobody) {
  const std::string hex = LooseFile("");
  const std::string path =
      absl::StrCat(git_.path(), "/objects/aa/", hex.substr(2));
  std::filesystem::remove(path);
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_THAT(repository_->ReadBlob(Id(hex)),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(GitRepositoryTest, PipesInThePlacesOfFilesHoldNobody) {
  git_.Commit("main", {{"a", {"x"}}});
  for (const char* name :
       {"refs/heads/main", "packed-refs", "config", "HEAD"}) {
    const std::string path = absl::StrCat(git_.path(), "/", name);
    std::filesystem::remove(path);
    ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
    const auto repository = GitRepository::Open(git_.path());
    EXPECT_FALSE(repository.ok() &&
                 (*repository)->ResolveRef("refs/heads/main").ok())
        << name;
  }
}

TEST_F(GitRepositoryTest, RefsThatNameRefsLeadSomewhereOrEnd) {
  const std::string commit = git_.Commit("main", {{"a", {"x"}}});
  const auto write = [this](const char* name, const char* target) {
    WriteFile(absl::StrCat(git_.path(), "/refs/heads/", name),
              absl::StrCat("ref: refs/heads/", target, "\n"));
  };
  write("one", "main");
  write("two", "one");
  write("self", "self");
  write("lost", "nowhere");
  EXPECT_THAT(repository_->ResolveRef("refs/heads/two"),
              IsOkAndHolds(Id(commit)));
  EXPECT_THAT(repository_->ResolveRef("refs/heads/self"),
              StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(repository_->ResolveRef("refs/heads/lost"),
              StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(GitRepositoryTest, SizeIsKnownBeforeABombIsInflated) {
  // 30 KB that would be 30 MB.
  const ObjectId id = Id(LooseFile(Deflated(absl::StrCat(
      "tree 30000000", std::string(1, '\0'), std::string(30'000'000, '\0')))));
  EXPECT_THAT(repository_->ReadTree(id, 1'000'000),
              StatusIs(absl::StatusCode::kResourceExhausted,
                       HasSubstr("30000000 bytes, more than 1000000")));
  EXPECT_THAT(repository_->FindInTree(id, "repo", 1'000'000),
              StatusIs(absl::StatusCode::kResourceExhausted));
}

TEST_F(GitRepositoryTest, ObjectOfAnotherTypeIsDataLoss) {
  const ObjectId blob = Id(git_.WriteBlob("x"));
  const ObjectId tree = Id(git_.WriteFiles({{"a", {"x"}}}));
  const ObjectId commit = Id(git_.WriteCommit(tree.Hex(), {}));
  for (const ObjectId& id : {blob, commit}) {
    EXPECT_THAT(repository_->ReadTree(id, kNoLimit),
                StatusIs(absl::StatusCode::kDataLoss));
  }
  for (const ObjectId& id : {tree, commit}) {
    EXPECT_THAT(repository_->BlobSize(id),
                StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(repository_->ReadBlob(id),
                StatusIs(absl::StatusCode::kDataLoss));
  }
  for (const ObjectId& id : {blob, tree}) {
    EXPECT_THAT(repository_->ReadCommit(id),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_F(GitRepositoryTest, TagsLeadToTheirCommitAndChainsEnd) {
  const std::string commit = git_.Commit("main", {{"a", {"x"}}});
  std::string target = commit;
  for (int i = 0; i < 20; ++i) {
    target = git_.WriteTag(target, i == 0 ? "commit" : "tag");
    git_.SetRef(absl::StrCat("refs/tags/t", i), target);
  }
  EXPECT_THAT(repository_->ResolveRef("refs/tags/t0"),
              IsOkAndHolds(Id(commit)));
  EXPECT_THAT(repository_->ResolveRef("refs/tags/t3"),
              IsOkAndHolds(Id(commit)));
  EXPECT_THAT(repository_->ResolveRef("refs/tags/t19"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("tag of tags")));
  git_.SetRef("refs/tags/blob", git_.WriteTag(git_.WriteBlob("x"), "blob"));
  EXPECT_THAT(repository_->ResolveRef("refs/tags/blob"),
              StatusIs(absl::StatusCode::kDataLoss, HasSubstr("no commit")));
}

TEST_F(GitRepositoryTest, BorrowedObjectsAreRead) {
  GitFixture lender(git_.path() + ".lender");
  const ObjectId id = Id(lender.WriteBlob("lent"));
  EXPECT_THAT(repository_->ReadBlob(id), StatusIs(absl::StatusCode::kDataLoss));
  // Each borrows from the other, and from one that is gone.
  WriteFile(git_.path() + "/objects/info/alternates",
            absl::StrCat("# none\n\n/nowhere/objects\n", lender.path(),
                         "/objects\n"));
  WriteFile(lender.path() + "/objects/info/alternates",
            git_.path() + "/objects\n");
  repository_ = *GitRepository::Open(git_.path());
  EXPECT_THAT(repository_->ReadBlob(id), IsOkAndHolds("lent"));
}

// A pack that git did not make, with an index that fits it.
class HandMadePack {
 public:
  // An object as it stands in a pack; `delta_base` is the offset of the object
  // that it is made from.
  uint64_t Add(const std::string& hex, int type, uint64_t stated_size,
               const std::string& bytes, uint64_t delta_base = 0) {
    const uint64_t offset = BeginObject(hex, type, stated_size);
    if (delta_base != 0) {
      pack_.push_back(static_cast<char>(offset - delta_base));
    }
    pack_ += Deflated(bytes);
    return offset;
  }
  // The same, with `deflated` as it is.
  void AddDeflated(const std::string& hex, int type, uint64_t stated_size,
                   const std::string& deflated) {
    BeginObject(hex, type, stated_size);
    pack_ += deflated;
  }

  // One that is made from the object of another name.
  void AddNamedDelta(const std::string& hex, const std::string& base,
                     const std::string& delta) {
    BeginObject(hex, kNamedDelta, delta.size());
    pack_ += RawId(base) + Deflated(delta);
  }
  void WriteInto(const std::string& repository) {
    pack_.replace(8, 4, BigEndian(offsets_.size(), 4));
    const std::string checksum(20, '\1');
    std::string index = "\377tOc" + BigEndian(2, 4);
    for (int first = 0; first < 256; ++first) {
      uint64_t count = 0;
      for (const auto& [id, offset] : offsets_) {
        if (static_cast<unsigned char>(id[0]) <= first) ++count;
      }
      index += BigEndian(count, 4);
    }
    for (const auto& [id, offset] : offsets_) index += id;
    index += std::string(4 * offsets_.size(), '\0');
    for (const auto& [id, offset] : offsets_) index += BigEndian(offset, 4);
    index += checksum + checksum;
    const std::string base =
        absl::StrCat(repository, "/objects/pack/pack-", std::string(40, 'b'));
    WriteFile(base + ".pack", pack_ + checksum);
    WriteFile(base + ".idx", index);
  }

 private:
  static constexpr int kNamedDelta = 7;

  static std::string RawId(const std::string& hex) {
    const ObjectId id = *ObjectId::ParseHex(hex);
    return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
  }

  uint64_t BeginObject(const std::string& hex, int type, uint64_t stated_size) {
    const uint64_t offset = pack_.size();
    offsets_[RawId(hex)] = offset;
    uint64_t rest = stated_size >> 4;
    auto first = static_cast<unsigned char>((type << 4) | (stated_size & 15));
    while (rest != 0) {
      pack_.push_back(static_cast<char>(first | 0x80));
      first = rest & 0x7f;
      rest >>= 7;
    }
    pack_.push_back(static_cast<char>(first));
    return offset;
  }

  std::string pack_ = "PACK" + BigEndian(2, 4) + BigEndian(0, 4);
  std::map<std::string, uint64_t> offsets_;
};

constexpr int kBlobInPack = 3;
constexpr int kOffsetDelta = 6;

TEST_F(GitRepositoryTest, SmallObjectMadeFromAHugeOneIsNotPutTogether) {
  const std::string base(40, 'c');
  const std::string made(40, 'd');
  HandMadePack pack;
  constexpr uint64_t kGibibyte = uint64_t{1} << 30;
  const uint64_t offset =
      pack.Add(base, kBlobInPack, kGibibyte, std::string(1000, '\0'));
  // From 1 GiB makes 4 bytes by copying the first 4.
  const std::string delta("\x80\x80\x80\x80\x04\x04\x90\x04", 8);
  pack.Add(made, kOffsetDelta, delta.size(), delta, offset);
  pack.WriteInto(git_.path());
  repository_ = *GitRepository::Open(git_.path());
  EXPECT_THAT(repository_->BlobSize(Id(made)), IsOkAndHolds(4));
  EXPECT_THAT(
      repository_->ReadBlob(Id(made)),
      StatusIs(absl::StatusCode::kDataLoss, HasSubstr("too much memory")));
}

// libgit2 1.5 follows it for ever.
TEST_F(GitRepositoryTest, ObjectThatIsMadeFromItselfIsDataLoss) {
  const std::string first(40, 'c');
  const std::string second(40, 'd');
  const std::string third(40, 'e');
  // From four bytes makes the same four.
  const std::string delta("\x04\x04\x90\x04", 4);
  HandMadePack pack;
  pack.AddNamedDelta(first, second, delta);
  pack.AddNamedDelta(second, first, delta);
  pack.AddNamedDelta(third, third, delta);
  pack.WriteInto(git_.path());
  repository_ = *GitRepository::Open(git_.path());
  for (const std::string& id : {first, second, third}) {
    EXPECT_THAT(repository_->BlobSize(Id(id)),
                StatusIs(absl::StatusCode::kDataLoss));
    EXPECT_THAT(repository_->ReadBlob(Id(id)),
                StatusIs(absl::StatusCode::kDataLoss));
  }
}

TEST_F(GitRepositoryTest, ObjectWithOtherBytesThanItsIdIsRefused) {
  const std::string hex(40, 'c');
  HandMadePack pack;
  pack.Add(hex, kBlobInPack, 5, "hello");
  pack.WriteInto(git_.path());
  repository_ = *GitRepository::Open(git_.path());
  const absl::Status status = repository_->ReadBlob(Id(hex)).status();
  EXPECT_THAT(status, StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_EQ(RefusedBy(status), "git.object");
}

TEST_F(GitRepositoryTest, PackedObjectThatWastesBytesIsRead) {
  const std::string id = "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0";
  // Empty blocks before the one of "hello".
  const std::string deflated = Deflated("hello");
  std::string wasteful = deflated.substr(0, 2);
  for (int i = 0; i < 100; ++i) wasteful += std::string("\0\0\0\xff\xff", 5);
  wasteful += deflated.substr(2);
  HandMadePack pack;
  pack.AddDeflated(id, kBlobInPack, 5, wasteful);
  pack.WriteInto(git_.path());
  repository_ = *GitRepository::Open(git_.path());
  EXPECT_THAT(repository_->ReadBlob(Id(id)), IsOkAndHolds("hello"));
}

TEST_F(GitRepositoryTest, PackedObjectThatLiesAboutItsSizeIsDataLoss) {
  const std::string less(40, 'c');
  const std::string more(40, 'd');
  HandMadePack pack;
  pack.Add(less, kBlobInPack, 6, "hello");
  pack.Add(more, kBlobInPack, 4, "hello");
  pack.WriteInto(git_.path());
  repository_ = *GitRepository::Open(git_.path());
  for (const std::string& id : {less, more}) {
    EXPECT_THAT(repository_->ReadBlob(Id(id)),
                StatusIs(absl::StatusCode::kDataLoss, HasSubstr("it states")));
  }
}

TEST_F(GitRepositoryTest, PackedObjectsAreReadAndCutPacksAreDataLoss) {
  // Of a blob with these bytes.
  const std::string hex = "b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0";
  HandMadePack pack;
  pack.Add(hex, kBlobInPack, 5, "hello");
  pack.WriteInto(git_.path());
  repository_ = *GitRepository::Open(git_.path());
  EXPECT_THAT(repository_->ReadBlob(Id(hex)), IsOkAndHolds("hello"));
  const std::string file =
      absl::StrCat(git_.path(), "/objects/pack/pack-", std::string(40, 'b'));
  const uintmax_t size = std::filesystem::file_size(file + ".pack");
  for (const uintmax_t left : {size - 21, uintmax_t{13}, uintmax_t{0}}) {
    repository_ = nullptr;
    std::filesystem::resize_file(file + ".pack", left);
    repository_ = *GitRepository::Open(git_.path());
    EXPECT_THAT(repository_->ReadBlob(Id(hex)),
                StatusIs(absl::StatusCode::kDataLoss))
        << left;
  }
}

}  // namespace
}  // namespace orrery::registry
