#include "server/http/body_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "gtest/gtest.h"

namespace orrery::server {
namespace {

std::string Read(const FileSlice& slice) {
  std::string bytes(slice.length, '\0');
  const ssize_t got = pread(slice.descriptor, bytes.data(), bytes.size(),
                            static_cast<off_t>(slice.offset));
  return bytes.substr(0, got < 0 ? 0 : static_cast<size_t>(got));
}

int64_t BytesInMemory(const FileSlice& slice) {
  struct stat status {};
  fstat(slice.descriptor, &status);
  return status.st_blocks * 512;
}

class BodyFileInTest : public ::testing::TestWithParam<std::string> {};

TEST_P(BodyFileInTest, EachBodyHasItsBytes) {
  BodyFile file(GetParam());
  const auto first = file.Store(std::string(5000, 'a'));
  const auto second = file.Store("second");
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_EQ(Read(*first), std::string(5000, 'a'));
  EXPECT_EQ(Read(*second), "second");
}

INSTANTIATE_TEST_SUITE_P(Places, BodyFileInTest,
                         ::testing::Values("", ::testing::TempDir(),
                                           ::testing::TempDir() + "/missing"));

TEST(BodyFileTest, TheDirectoryShowsNoFile) {
  const std::string directory = ::testing::TempDir() + "/bodies";
  std::filesystem::create_directory(directory);
  BodyFile file(directory);
  const auto slice = file.Store("bytes");
  EXPECT_TRUE(std::filesystem::is_empty(directory));
  EXPECT_EQ(Read(*slice), "bytes");
}

TEST(BodyFileTest, RoomIsGivenBackWithTheSlice) {
  BodyFile file("");
  const auto kept = file.Store("kept");
  auto dropped = file.Store(std::string(100000, 'x'));
  EXPECT_EQ(BytesInMemory(*kept), 4096 + 102400);
  auto copy = dropped;
  dropped.reset();
  EXPECT_EQ(BytesInMemory(*kept), 4096 + 102400);
  copy.reset();
  EXPECT_EQ(BytesInMemory(*kept), 4096);
  EXPECT_EQ(Read(*kept), "kept");
}

TEST(BodyFileTest, SlicesOutliveTheFile) {
  auto file = std::make_unique<BodyFile>(::testing::TempDir());
  const auto slice = file->Store("bytes");
  file.reset();
  EXPECT_EQ(Read(*slice), "bytes");
}

}  // namespace
}  // namespace orrery::server
