#include "server/http/listen_address.h"

#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::server {
namespace {

TEST(ListenAddressTest, ReadsLiteralsWithAPort) {
  EXPECT_THAT(ParseListenAddress("127.0.0.1:7070"),
              IsOkAndHolds(ListenAddress{"127.0.0.1", 7070}));
  EXPECT_THAT(ParseListenAddress("[::1]:0"),
              IsOkAndHolds(ListenAddress{"::1", 0}));
  EXPECT_THAT(ParseListenAddress("localhost:65535"),
              IsOkAndHolds(ListenAddress{"127.0.0.1", 65535}));
}

TEST(ListenAddressTest, RefusesTheRest) {
  for (const char* text :
       {"", "7070", ":7070", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x",
        "127.0.0.1:65536", "127.0.0.1:-1", "::1:7070", "[::1]", "[::1:7070",
        "[127.0.0.1]:1", "example.com:7070", "127.0.0.1:70 70"}) {
    EXPECT_THAT(ParseListenAddress(text),
                StatusIs(absl::StatusCode::kInvalidArgument))
        << text;
  }
}

TEST(ListenAddressTest, FormatIsWhatParseReads) {
  for (const char* text : {"127.0.0.1:7070", "[::1]:0", "0.0.0.0:80"}) {
    EXPECT_EQ(FormatListenAddress(*ParseListenAddress(text)), text);
  }
}

TEST(ListenAddressTest, KnowsLoopback) {
  EXPECT_TRUE(IsLoopback({"127.0.0.2", 1}));
  EXPECT_TRUE(IsLoopback({"::1", 1}));
  EXPECT_FALSE(IsLoopback({"0.0.0.0", 1}));
  EXPECT_FALSE(IsLoopback({"::", 1}));
}

TEST(ListenAddressTest, KnowsTheUnspecified) {
  EXPECT_TRUE(IsUnspecified({"0.0.0.0", 1}));
  EXPECT_TRUE(IsUnspecified({"::", 1}));
  EXPECT_TRUE(IsUnspecified({"0:0::0", 1}));
  EXPECT_FALSE(IsUnspecified({"127.0.0.1", 1}));
  EXPECT_FALSE(IsUnspecified({"::1", 1}));
}

}  // namespace
}  // namespace orrery::server
