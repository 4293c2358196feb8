#include "catalog/orchestrator/local/local_ports.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

#include "third_party/absl/status_matchers.h"

namespace orrery::catalog {
namespace {

using ::testing::HasSubstr;

// A listener on a port the kernel chose.
class Stranger {
 public:
  explicit Stranger(int family, int type = SOCK_STREAM)
      : descriptor_(socket(family, type | SOCK_CLOEXEC, 0)) {
    sockaddr_storage address = {};
    socklen_t length = sizeof(address);
    address.ss_family = static_cast<sa_family_t>(family);
    if (family == AF_INET6) {
      reinterpret_cast<sockaddr_in6*>(&address)->sin6_addr = in6addr_loopback;
      length = sizeof(sockaddr_in6);
    } else {
      reinterpret_cast<sockaddr_in*>(&address)->sin_addr.s_addr =
          htonl(INADDR_LOOPBACK);
      length = sizeof(sockaddr_in);
    }
    ok_ =
        bind(descriptor_, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
        (type != SOCK_STREAM || listen(descriptor_, 1) == 0);
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &length);
    // The port is at the same place in both forms.
    port_ = ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
  }
  ~Stranger() { close(descriptor_); }

  bool ok() const { return ok_; }
  int port() const { return port_; }

 private:
  const int descriptor_;
  bool ok_ = false;
  int port_ = 0;
};

TEST(ProbePortTest, FindsAListenerOnLoopbackOnly) {
  const Stranger stranger(AF_INET);
  ASSERT_TRUE(stranger.ok());
  EXPECT_EQ(ProbePort(stranger.port(), "tcp"), PortProbe::kTaken);
  EXPECT_EQ(ProbePort(stranger.port(), "udp,tcp"), PortProbe::kTaken);
}

TEST(ProbePortTest, FindsAListenerOnIpv6LoopbackOnly) {
  const Stranger stranger(AF_INET6);
  if (!stranger.ok()) GTEST_SKIP() << "this host has no IPv6";
  EXPECT_EQ(ProbePort(stranger.port(), "tcp"), PortProbe::kTaken);
}

TEST(ProbePortTest, FindsADatagramSocket) {
  const Stranger stranger(AF_INET, SOCK_DGRAM);
  ASSERT_TRUE(stranger.ok());
  EXPECT_EQ(ProbePort(stranger.port(), "udp"), PortProbe::kTaken);
}

TEST(ProbePortTest, PortIsFreeAgainAfterItsListener) {
  int port = 0;
  {
    const Stranger stranger(AF_INET);
    port = stranger.port();
  }
  EXPECT_EQ(ProbePort(port, "tcp"), PortProbe::kFree);
}

TEST(DescribeStrangerTest, NamesPidAndProgram) {
  const Stranger stranger(AF_INET);
  EXPECT_THAT(DescribeStranger(stranger.port()),
              HasSubstr(absl::StrCat("by pid ", getpid(), " (")));
}

TEST(PortLedgerTest, DynamicPortsNeverCollideAndAreGivenInTurn) {
  PortLedger ledger(40100, 40160);
  const auto first = ledger.BookDynamic("a", "tcp");
  const auto second = ledger.BookDynamic("b", "tcp");
  ASSERT_THAT(first, IsOk());
  ASSERT_THAT(second, IsOk());
  EXPECT_LT(*first, *second);
  ledger.Release(*first);
  const auto third = ledger.BookDynamic("c", "tcp");
  ASSERT_THAT(third, IsOk());
  EXPECT_GT(*third, *second);
}

TEST(PortLedgerTest, FixedPortBelongsToTheFirst) {
  PortLedger ledger(40200, 40210);
  EXPECT_TRUE(ledger.Book(8080, "a"));
  EXPECT_FALSE(ledger.Book(8080, "b"));
  EXPECT_TRUE(ledger.Book(8080, "a"));
  ASSERT_NE(ledger.Owner(8080), nullptr);
  EXPECT_EQ(*ledger.Owner(8080), "a");
  ledger.ReleaseAll("a");
  EXPECT_EQ(ledger.Owner(8080), nullptr);
}

TEST(PortLedgerTest, FixedPortInsideTheRangeIsNotHandedOut) {
  PortLedger ledger(40300, 40301);
  ledger.Book(40300, "a");
  ledger.Book(40301, "a");
  EXPECT_THAT(
      ledger.BookDynamic("b", "tcp"),
      StatusIs(absl::StatusCode::kResourceExhausted, HasSubstr("40300-40301")));
}

TEST(ParseListenersTest, ReadsListeningSocketsOfThePortOnly) {
  const char* const table =
      "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
      "retrnsmt   uid  timeout inode\n"
      "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 "
      "00000000  1000        0 4711 1 0 100 0 0 10 0\n"
      "   1: 0100007F:1F90 0100007F:9C40 01 00000000:00000000 00:00000000 "
      "00000000     0        0 4712 1 0 100 0 0 10 0\n"
      "   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 "
      "00000000     0        0 4713 1 0 100 0 0 10 0\n"
      "garbage\n";
  const std::vector<ListeningSocket> sockets = ParseListeners(table, 8080);
  ASSERT_EQ(sockets.size(), 1u);
  EXPECT_EQ(sockets[0].inode, 4711u);
  EXPECT_EQ(sockets[0].user, 1000u);
}

}  // namespace
}  // namespace orrery::catalog
