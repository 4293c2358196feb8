#include "catalog/verify/bundle/ustar.h"

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

std::string Header() { return FormatUstarHeader({"log/checkpoint", 327}); }

// With the sum that fits what is in it.
std::string Changed(size_t offset, const std::string& bytes) {
  std::string block = Header();
  block.replace(offset, bytes.size(), bytes);
  uint32_t sum = 0;
  block.replace(148, 8, "        ");
  for (const char byte : block) sum += static_cast<unsigned char>(byte);
  char digits[8];
  (void)snprintf(digits, sizeof digits, "%06o", sum);
  block.replace(148, 7, std::string(digits, 7));
  return block;
}

TEST(UstarTest, ReadsWhatItWrites) {
  const auto member = ParseUstarHeader(Header());
  ASSERT_THAT(member, IsOk());
  ASSERT_TRUE(member->has_value());
  EXPECT_EQ((*member)->path, "log/checkpoint");
  EXPECT_EQ((*member)->bytes, 327);
  const std::string path(kMaxUstarPath, 'x');
  const auto longest =
      ParseUstarHeader(FormatUstarHeader({path, kMaxUstarBytes}));
  ASSERT_THAT(longest, IsOk());
  EXPECT_EQ((*longest)->path, path);
  EXPECT_EQ((*longest)->bytes, kMaxUstarBytes);
}

TEST(UstarTest, WritesTheFieldsOfTheStandard) {
  const std::string block = Header();
  EXPECT_EQ(block.size(), kUstarBlock);
  EXPECT_EQ(block.substr(100, 7), "0000644");
  EXPECT_EQ(block.substr(124, 11), "00000000507");
  EXPECT_EQ(block.substr(136, 11), "00000000000");
  EXPECT_EQ(block[156], '0');
  EXPECT_EQ(block.substr(257, 8), std::string("ustar\00000", 8));
  EXPECT_EQ(UstarPadding(327), 185u);
  EXPECT_EQ(UstarPadding(512), 0u);
  EXPECT_EQ(UstarPadding(0), 0u);
}

TEST(UstarTest, BlockOfZerosIsAnEnd) {
  const auto end = ParseUstarHeader(std::string(kUstarBlock, '\0'));
  ASSERT_THAT(end, IsOk());
  EXPECT_FALSE(end->has_value());
}

TEST(UstarTest, OwnerModeAndTimeMayBeAny) {
  EXPECT_THAT(ParseUstarHeader(Changed(100, "0000755")), IsOk());
  EXPECT_THAT(ParseUstarHeader(Changed(108, "0001750")), IsOk());
  EXPECT_THAT(ParseUstarHeader(Changed(136, "14722451400")), IsOk());
  EXPECT_THAT(ParseUstarHeader(Changed(265, "root")), IsOk());
}

TEST(UstarTest, RefusesAllButRegularFiles) {
  // Links, devices, folder, pipe, contiguous, of GNU and POSIX extensions.
  for (const char type : std::string("1234567ABDKLMNSVXgx\0", 20)) {
    EXPECT_THAT(ParseUstarHeader(Changed(156, std::string(1, type))),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << static_cast<int>(type);
  }
  EXPECT_THAT(ParseUstarHeader(Changed(157, "x")),
              StatusIs(absl::StatusCode::kInvalidArgument));
}

TEST(UstarTest, RefusesHeadersThatTwoReadersMayReadTwoWays) {
  std::string wrong_sum = Header();
  wrong_sum[0] = 'L';
  for (const std::string& block :
       {wrong_sum, Changed(257, "ustar  "), Changed(257, std::string(8, '\0')),
        Changed(345, "prefix"), Changed(20, "x"),
        Changed(124, std::string(12, '\0')), Changed(124, "00000000x07"),
        Changed(124, "000000005077"), Changed(124, "\x80"),
        Changed(124, "-0000000507")}) {
    EXPECT_THAT(ParseUstarHeader(block),
                StatusIs(absl::StatusCode::kInvalidArgument));
  }
}

}  // namespace
}  // namespace orrery::catalog
