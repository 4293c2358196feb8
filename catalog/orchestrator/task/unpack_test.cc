#include "catalog/orchestrator/task/unpack.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "archive.h"
#include "archive_entry.h"
#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

struct Entry {
  std::string path;
  std::string content = "";
  unsigned type = AE_IFREG;
  std::string link = "";
  bool hard_link = false;
  mode_t mode = 0644;
};

class UnpackTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = absl::StrCat(::testing::TempDir(), "/unpackXXXXXX");
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    directory_ = pattern;
    std::filesystem::create_directories(Sandbox());
  }
  void TearDown() override { std::filesystem::remove_all(directory_); }

  std::string Sandbox() const { return absl::StrCat(directory_, "/outer/box"); }
  std::string ArchivePath() const { return absl::StrCat(directory_, "/a"); }

  void WriteArchive(const std::vector<Entry>& entries, bool zip = false) {
    const std::unique_ptr<archive, decltype(&archive_write_free)> out(
        archive_write_new(), &archive_write_free);
    if (zip) {
      archive_write_set_format_zip(out.get());
    } else {
      archive_write_set_format_pax_restricted(out.get());
      archive_write_add_filter_gzip(out.get());
    }
    ASSERT_EQ(archive_write_open_filename(out.get(), ArchivePath().c_str()),
              ARCHIVE_OK);
    for (const Entry& e : entries) {
      const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> entry(
          archive_entry_new(), &archive_entry_free);
      archive_entry_set_pathname(entry.get(), e.path.c_str());
      archive_entry_set_filetype(entry.get(), e.type);
      archive_entry_set_perm(entry.get(), e.mode);
      archive_entry_set_size(entry.get(),
                             static_cast<la_int64_t>(e.content.size()));
      if (!e.link.empty() && e.hard_link) {
        archive_entry_set_hardlink(entry.get(), e.link.c_str());
      } else if (!e.link.empty()) {
        archive_entry_set_symlink(entry.get(), e.link.c_str());
      }
      ASSERT_EQ(archive_write_header(out.get(), entry.get()), ARCHIVE_OK)
          << archive_error_string(out.get());
      archive_write_data(out.get(), e.content.data(), e.content.size());
    }
    archive_write_close(out.get());
  }

  absl::StatusOr<std::vector<std::string>> Run(
      absl::string_view name = "a.tar.gz", UnpackOptions options = {}) {
    const int archive = open(ArchivePath().c_str(), O_RDONLY | O_CLOEXEC);
    const int box = open(Sandbox().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    auto made = Unpack(archive, name, box, options);
    close(archive);
    close(box);
    return made;
  }

  static std::string Read(const std::string& path) {
    std::ifstream file(path);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
  }
  // Everything outside the sandbox; it must stay as it was.
  std::vector<std::string> Outside() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(
             absl::StrCat(directory_, "/outer"))) {
      if (entry.path().filename() != "box") names.push_back(entry.path());
    }
    return names;
  }

  std::string directory_;
};

TEST_F(UnpackTest, MakesFilesFoldersAndLinks) {
  WriteArchive({{"app", "", AE_IFDIR, "", false, 0755},
                {"app/bin/run", "#!/bin/sh\n", AE_IFREG, "", false, 0755},
                {"app/latest", "", AE_IFLNK, "bin/run"},
                {"app/up", "", AE_IFLNK, "../top"},
                {"same", "", AE_IFREG, "app/bin/run", true}});
  EXPECT_THAT(Run(), IsOkAndHolds(UnorderedElementsAre(
                         "app/bin/run", "app/latest", "app/up", "same")));
  EXPECT_EQ(Read(Sandbox() + "/app/latest"), "#!/bin/sh\n");
  EXPECT_EQ(Read(Sandbox() + "/same"), "#!/bin/sh\n");
  EXPECT_EQ(access((Sandbox() + "/app/bin/run").c_str(), X_OK), 0);
}

TEST_F(UnpackTest, UnpacksZip) {
  WriteArchive({{"a/b.txt", "hello"}}, /*zip=*/true);
  ASSERT_THAT(Run("x.zip"), IsOk());
  EXPECT_EQ(Read(Sandbox() + "/a/b.txt"), "hello");
}

TEST_F(UnpackTest, PlainGzipIsOneFile) {
  ASSERT_EQ(
      std::system(
          absl::StrCat("printf hello | gzip -n > ", ArchivePath()).c_str()),
      0);
  EXPECT_THAT(Run("data.txt.gz"),
              IsOkAndHolds(::testing::ElementsAre("data.txt")));
  EXPECT_EQ(Read(Sandbox() + "/data.txt"), "hello");
}

struct RefusedCase {
  const char* name;
  std::vector<Entry> entries;
  const char* reason;
};

TEST_F(UnpackTest, RefusesWhatCouldLeaveTheSandbox) {
  const std::vector<RefusedCase> cases = {
      {"absolute", {{"/etc/evil", "x"}}, "absolute"},
      {"parent", {{"../evil", "x"}}, "'..'"},
      {"parent inside", {{"a/../../evil", "x"}}, "'..'"},
      {"absolute link", {{"l", "", AE_IFLNK, "/etc"}}, "links out"},
      {"link up", {{"l", "", AE_IFLNK, "../evil"}}, "links out"},
      {"link up from a folder",
       {{"a/l", "", AE_IFLNK, "../../evil"}},
       "links out"},
      {"link that walks up from a link",
       {{"a/x", "", AE_IFLNK, ".."}, {"y", "", AE_IFLNK, "a/x/.."}},
       "links out"},
      {"file below a link",
       {{"l", "", AE_IFLNK, "."}, {"l/evil", "x"}},
       "below a link"},
      {"hard link out", {{"h", "", AE_IFREG, "/etc/passwd", true}}, "absolute"},
      {"hard link up", {{"h", "", AE_IFREG, "../evil", true}}, "'..'"},
      {"hard link to a link",
       {{"l", "", AE_IFLNK, "x"}, {"h", "", AE_IFREG, "l", true}},
       "no file of the archive"},
      {"pipe", {{"p", "", AE_IFIFO}}, "device, socket or pipe"},
      {"set-uid",
       {{"s", "x", AE_IFREG, "", false, 04755}},
       "set-uid or set-gid"},
      {"set-gid",
       {{"s", "x", AE_IFREG, "", false, 02755}},
       "set-uid or set-gid"}};
  for (const RefusedCase& c : cases) {
    std::filesystem::remove_all(Sandbox());
    std::filesystem::create_directories(Sandbox());
    WriteArchive(c.entries);
    EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kInvalidArgument,
                                HasSubstr(c.reason)))
        << c.name;
    EXPECT_THAT(Outside(), IsEmpty()) << c.name;
  }
}

TEST_F(UnpackTest, LinkThatWasThereIsReplacedAndNotWrittenThrough) {
  const std::string outside = absl::StrCat(directory_, "/victim");
  std::ofstream(outside) << "old";
  std::filesystem::create_symlink(outside, Sandbox() + "/f");
  WriteArchive({{"f", "new"}});
  ASSERT_THAT(Run(), IsOk());
  EXPECT_EQ(Read(outside), "old");
  EXPECT_EQ(Read(Sandbox() + "/f"), "new");
}

TEST_F(UnpackTest, StopsAtTheLimitOfEntries) {
  WriteArchive({{"a", "x"}, {"b", "x"}, {"c", "x"}});
  UnpackOptions options;
  options.max_entries = 2;
  EXPECT_THAT(Run("a.tar.gz", options),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("more than 2 entries")));
}

TEST_F(UnpackTest, StopsABombAtTheLimitOfBytes) {
  WriteArchive({{"bomb", std::string(10 << 20, '\0')}});
  ASSERT_LT(std::filesystem::file_size(ArchivePath()), 100000u);
  UnpackOptions options;
  options.max_bytes = 1 << 20;
  EXPECT_THAT(Run("a.tar.gz", options),
              StatusIs(absl::StatusCode::kInvalidArgument,
                       HasSubstr("more than 1048576 bytes")));
  EXPECT_LE(std::filesystem::file_size(Sandbox() + "/bomb"), 1u << 20);
}

TEST_F(UnpackTest, RefusesABrokenArchive) {
  std::ofstream(ArchivePath()) << "this is no archive";
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kInvalidArgument,
                              HasSubstr("broken archive")));
  WriteArchive({{"a", std::string(100000, 'x')}});
  std::filesystem::resize_file(ArchivePath(), 60);
  EXPECT_THAT(Run(), StatusIs(absl::StatusCode::kInvalidArgument,
                              HasSubstr("broken archive")));
}

}  // namespace
}  // namespace orrery::catalog
