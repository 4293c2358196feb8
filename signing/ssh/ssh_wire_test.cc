#include "signing/ssh/ssh_wire.h"

#include <string>

#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::signing {
namespace {

const auto kRefused = StatusIs(absl::StatusCode::kInvalidArgument);

TEST(SshWireTest, StringsAreReadBack) {
  std::string bytes;
  AppendSshString("ab", bytes);
  AppendSshString("", bytes);
  EXPECT_EQ(absl::BytesToHexString(bytes), "00000002616200000000");
  SshReader reader(bytes);
  EXPECT_THAT(reader.String(), IsOkAndHolds("ab"));
  EXPECT_THAT(reader.End(), kRefused);
  EXPECT_THAT(reader.String(), IsOkAndHolds(""));
  EXPECT_THAT(reader.End(), IsOk());
  EXPECT_THAT(reader.String(), kRefused);
}

TEST(SshWireTest, WhatEndsEarlyIsRefused) {
  for (const char* hex : {"", "00", "000000", "00000001", "0000000261",
                          "ffffffff61", "80000000"}) {
    const std::string bytes = absl::HexStringToBytes(hex);
    EXPECT_THAT(SshReader(bytes).String(), kRefused) << hex;
  }
  EXPECT_THAT(SshReader(absl::string_view("\1\2\3", 3)).Uint32(), kRefused);
}

TEST(SshWireTest, MpintsArePositiveAndMinimal) {
  struct Case {
    const char* hex;
    const char* magnitude;
  };
  // The first two: RFC 4251 §5.
  for (const Case& c : {Case{"0000000809a378f9b2e332a7", "09a378f9b2e332a7"},
                        Case{"000000020080", "80"}, Case{"0000000101", "01"},
                        Case{"00000003010001", "010001"}}) {
    const std::string bytes = absl::HexStringToBytes(c.hex);
    EXPECT_THAT(SshReader(bytes).PositiveMpint(),
                IsOkAndHolds(absl::HexStringToBytes(c.magnitude)))
        << c.hex;
  }
  for (const char* hex :
       {"00000000", "0000000100", "0000000180", "00000002edcc",
        "00000005ff21524111", "00000002007f", "00000003000080", "0000000201"}) {
    const std::string bytes = absl::HexStringToBytes(hex);
    EXPECT_THAT(SshReader(bytes).PositiveMpint(), kRefused) << hex;
  }
}

}  // namespace
}  // namespace orrery::signing
